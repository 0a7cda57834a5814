"""The Teams edge as the rest of the bot knows it: it starts, it is ready or says why not, and it stops."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from time import monotonic

import aiohttp
from aiohttp import web
from botbuilder.core import TurnContext

from bot.announcements.copies import Delivery
from bot.announcements.pacing import backoff
from bot.desk.desk import Desk
from bot.messages import Message
from bot.platforms.calls import Pause
from bot.platforms.proxies import open_session
from bot.platforms.teams.adapter import Adapter
from bot.platforms.teams.connector import Connector
from bot.platforms.teams.courier import TeamsCourier
from bot.platforms.teams.credentials import CredentialsFactory, TokenError, Tokens
from bot.platforms.teams.exchange import TeamsExchange
from bot.platforms.teams.hosts import PUBLIC, Services
from bot.platforms.teams.incoming import Body
from bot.platforms.teams.keys import Keys, KeysError
from bot.platforms.teams.listeners import Listeners
from bot.platforms.teams.route import PATH, TeamsRoute
from bot.platforms.work import Work, happened
from bot.settings import TeamsSettings
from bot.storage.ledger import Ledger

log = logging.getLogger(__name__)

SECONDS_TO_START = 3.0
SECONDS_TO_STOP = 7.0
CONNECTIONS = 500
# Microsoft's load balancers let go of silent connections; one of theirs that is gone would swallow the next message.
SECONDS_KEPT = 15.0


class TeamsEdge:
    """Listens to Teams for as long as it runs; a Microsoft that is down is waited for."""

    def __init__(
        self,
        settings: TeamsSettings,
        desk: Desk,
        ledger: Ledger,
        clock: Callable[[], datetime],
        *,
        tls: ssl.SSLContext | bool = True,
        pause: Pause = asyncio.sleep,
        patience: float = 30.0,
        services: Services = PUBLIC,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._settings, self._desk, self._ledger, self._clock = settings, desk, ledger, clock
        self._tls, self._pause, self._patience, self._now = tls, pause, patience, now
        self._services = services if settings.auth else replace(services, loopback=True)
        self._background = Work()
        self._tried: tuple[asyncio.Event, ...] = ()
        self._listeners: Listeners | None = None
        self._route: TeamsRoute | None = None

    def add_routes(self, application: web.Application) -> None:
        """Opens the door for Teams' requests."""
        application.router.add_post(PATH, self._take)

    def start(self) -> None:
        """Begins to listen; who comes before the keys and the token waits for them."""
        connections = aiohttp.TCPConnector(ssl=self._tls, limit=CONNECTIONS, keepalive_timeout=SECONDS_KEPT)
        self._session = open_session(connections, self._patience)
        self._keys = Keys(self._session, self._services.keys, now=self._now)
        self._keys.install()
        self._tokens = Tokens(self._settings, self._services, self._session)
        connector = Connector(self._session, self._services, self._tokens, self._pause)
        self._exchange = TeamsExchange(connector, self._desk, self._ledger, self._clock, self._pause)
        self._listeners = Listeners(self._exchange)
        adapter = Adapter(CredentialsFactory(self._settings, self._tokens))
        self._route = TeamsRoute(adapter, self._services, self._listen, auth=self._settings.auth)
        if self._settings.auth:
            self._tried = (self._begin(self._know_keys), self._begin(self._have_token))

    async def lines(self) -> tuple[str, ...]:
        """What the operator should know, once Microsoft has answered or has let a little time pass."""
        if not await happened(SECONDS_TO_START, *self._tried):
            log.warning("teams.start_slow")
        return tuple(self._lines())

    @property
    def state(self) -> str:
        """`ok` while people in Teams are answered, else why they are not."""
        if self._route is None:
            return "Teams is not started."
        if not self._settings.auth:
            return "ok"
        if self._tokens.problem:
            return trouble(self._tokens.problem)
        return f"Requests from Teams cannot be checked: {self._keys.problem}." if self._keys.problem else "ok"

    def courier(self, say: Callable[[Delivery], Message]) -> TeamsCourier:
        """What brings announcements to Teams, in the words that `say` gives, while the edge is started."""
        connector = Connector(self._session, self._services, self._tokens, self._pause, tries=1)
        return TeamsCourier(connector, f"28:{self._settings.app_id}", self._ledger.service_of, say, self._patience)

    async def stop(self) -> None:
        """Stops listening, finishes what was begun, and closes every connection."""
        if self._route is None:
            return
        self._route.close()
        self._route = None
        await self._background.finish(0)
        unfinished = await self._exchange.work.finish(SECONDS_TO_STOP)
        await self._tokens.close()
        await self._keys.close()
        await self._session.close()
        log.info("teams.stopped unfinished=%d", unfinished)

    async def _take(self, request: web.Request) -> web.Response:
        return await self._route.take(request) if self._route else web.Response(status=503)

    async def _listen(self, body: Body, context: TurnContext) -> None:
        if self._listeners:
            await self._listeners.turn(body, context)

    async def _know_keys(self) -> bool:
        try:
            await self._keys.fetch()
        except KeysError:
            return False
        return True

    async def _have_token(self) -> bool:
        try:
            await self._tokens.get()
        except TokenError:
            return False
        return True

    def _begin(self, step: Callable[[], Awaitable[bool]]) -> asyncio.Event:
        """Begins a step, which goes on until it succeeds; the event is set once it was tried."""
        tried = asyncio.Event()
        self._background.begin(self._until(step, tried))
        return tried

    async def _until(self, step: Callable[[], Awaitable[bool]], tried: asyncio.Event) -> None:
        attempt = 0
        while not await step():
            tried.set()
            await self._pause(backoff(attempt))
            attempt += 1
        tried.set()

    def _lines(self) -> list[str]:
        if not self._settings.auth:
            return [
                f"Teams: on at POST {PATH} WITHOUT authentication (OPTOUT_TEAMS_AUTH=off), for this machine alone. "
                "Never use this for real people."
            ]
        lines = [f"Teams: on as {self._settings.app_id} ({self._settings.app_type}), over HTTP at POST {PATH}."]
        if self.state != "ok":
            lines.append(f"Teams: not ready yet, and tried again until it is. {self.state}")
        return lines


def trouble(error: str) -> str:
    """What is wrong when Microsoft gives no token."""
    if error in ("invalid_client", "unauthorized_client", "invalid_request", "invalid_grant"):
        return (
            f"Microsoft refuses the bot's registration ({error}). Compare MICROSOFT_APP_ID, MICROSOFT_APP_PASSWORD, "
            "MICROSOFT_APP_TYPE and MICROSOFT_APP_TENANT_ID with the app registration and restart."
        )
    if error == "managed_identity_refused":
        return (
            "This machine's managed identity is not the bot's (managed_identity_refused). Assign the identity that "
            "MICROSOFT_APP_ID names to this machine and restart."
        )
    return f"Microsoft gives no token ({error})."
