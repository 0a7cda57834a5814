"""The Slack edge as the rest of the bot knows it: it starts, it is ready or says why not, and it stops."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from datetime import datetime
from functools import partial

import aiohttp
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.announcements.copies import Delivery
from bot.desk.desk import Desk
from bot.errors import PostponedError, RefusedError
from bot.messages import Message
from bot.platforms.calls import Pause
from bot.platforms.proxies import open_session
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.courier import SlackCourier
from bot.platforms.slack.exchange import SlackExchange
from bot.platforms.slack.identity import Account, advice, trouble
from bot.platforms.slack.incoming import Body
from bot.platforms.slack.listeners import dispatch, listen
from bot.platforms.slack.route import PATH, SlackRoute
from bot.platforms.slack.senders import Slack
from bot.platforms.slack.socket_mode import SocketMode
from bot.platforms.work import Work, happened
from bot.settings import SLACK_API, SlackSettings
from bot.wording import replies

log = logging.getLogger(__name__)

SECONDS_TO_START = 3.0
SECONDS_TO_STOP = 7.0
CONNECTIONS = 500
# Slack's packages log what people write; this keeps them quiet at every level, and the edge logs what happens.
SILENT = logging.Logger("slack.silent", logging.CRITICAL + 1)


class SlackEdge:
    """Listens to Slack for as long as it runs; a Slack that is down is waited for."""

    def __init__(
        self,
        settings: SlackSettings,
        desk: Desk,
        clock: Callable[[], datetime],
        *,
        tls: ssl.SSLContext | bool = True,
        pause: Pause = asyncio.sleep,
        patience: float = 30.0,
    ) -> None:
        self._settings, self._desk, self._clock = settings, desk, clock
        self._tls, self._pause, self._patience = tls, pause, patience
        self._background = Work()
        self._app: AsyncApp | None = None
        self._socket: SocketMode | None = None

    def add_routes(self, application: web.Application) -> None:
        """Opens the door for Slack's requests; in Socket Mode there is none."""
        if not self._settings.socket_mode:
            application.router.add_post(PATH, SlackRoute(self._settings.signing_secret, self._dispatch).take)

    def start(self) -> None:
        """Begins to listen, and asks Slack whose token this is."""
        self._session = open_session(aiohttp.TCPConnector(ssl=self._tls, limit=CONNECTIONS), self._patience)
        client = self._client(self._settings.bot_token)
        patient, prompt = (Calls(self._session, self._settings.api_url, self._pause, tries) for tries in (5, 1))
        self._account = Account(client, prompt, self._pause)
        slack = Slack(client, patient, prompt, self._pause, partial(replies.unconfirmed, self._desk.phrases()))
        self._exchange = SlackExchange(slack, self._desk, self._clock, self._myself, self._refused)
        self._app = self._bolt()
        self._background.begin(self._account.confirm())
        if self._settings.socket_mode:
            self._socket = SocketMode(
                self._settings.app_token, client, prompt, self._session, self._dispatch, self._pause
            )
            self._background.begin(self._socket.run())

    async def lines(self) -> tuple[str, ...]:
        """What the operator should know, once Slack has answered or has let a little time pass."""
        asked = (self._account.asked, self._socket.tried) if self._socket else (self._account.asked,)
        if not await happened(SECONDS_TO_START, *asked):
            log.warning("slack.start_slow")
        return tuple(self._lines())

    @property
    def state(self) -> str:
        """`ok` while people on Slack are answered, else why they are not."""
        if self._app is None:
            return "Slack is not started."
        if self._account.problem or not self._socket or not self._socket.problem:
            return self._account.problem or "ok"
        return trouble("SLACK_APP_TOKEN", self._socket.problem)

    def courier(self, say: Callable[[Delivery], Message]) -> SlackCourier:
        """What brings announcements to Slack, in the words that `say` gives, while the edge is started."""

        async def token_for(workspace: str) -> str:
            await happened(SECONDS_TO_START, self._account.asked)
            known = self._account.identity.team_id
            if not known:
                raise PostponedError("not_ready", SECONDS_TO_START)
            if workspace != known:
                raise RefusedError("unknown_workspace")
            return self._settings.bot_token

        calls = Calls(self._session, self._settings.api_url, self._pause, tries=1)
        return SlackCourier(
            self._client(None), calls, token_for, say, self._patience, lambda: self._account.identity.user_id
        )

    async def stop(self) -> None:
        """Stops listening, finishes what was begun, and closes every connection."""
        if self._app is None:
            return
        self._app = None
        await self._background.finish(0)
        if self._socket:
            await self._socket.close()
        unfinished = await self._exchange.work.finish(SECONDS_TO_STOP)
        await self._session.close()
        log.info("slack.stopped unfinished=%d", unfinished)

    def _lines(self) -> list[str]:
        mode = "Socket Mode" if self._settings.socket_mode else f"HTTP at POST {PATH}"
        identity = self._account.identity
        where = f" in {identity.team} as @{identity.name}" if identity.name else ""
        lines = [f"Slack: on{where}, over {mode}."]
        if self.state != "ok":
            lines.append(f"Slack: not ready yet, and tried again until it is. {self.state}")
        if identity.missing:
            lines.append(f"Slack: {advice(identity.missing)}")
        if self._settings.api_url != SLACK_API:
            lines.append(f"Slack: SLACK_API_URL sends everything, the token too, to {self._settings.api_url}")
        return lines

    def _client(self, token: str | None) -> AsyncWebClient:
        url = self._settings.api_url
        client = AsyncWebClient(token, url, session=self._session, logger=SILENT, retry_handlers=[])
        client.proxy = None  # it reads HTTPS_PROXY but not NO_PROXY; the session heeds both
        return client

    def _bolt(self) -> AsyncApp:
        """Bolt, with `authorize` so that it neither asks Slack during a request nor turns to OAuth by itself."""

        async def authorize(team_id: str | None) -> AuthorizeResult:
            known, token = self._account.identity, self._settings.bot_token
            user, bot = known.user_id or None, known.bot_id or None
            return AuthorizeResult(enterprise_id=None, team_id=team_id, bot_user_id=user, bot_id=bot, bot_token=token)

        app = AsyncApp(
            name="slack_bolt.optout",
            logger=SILENT,
            client=self._client(None),
            authorize=authorize,
            request_verification_enabled=False,  # by the door, before anything is read
            process_before_response=True,
            attaching_conversation_kwargs_enabled=False,
        )
        listen(app, self._exchange)
        return app

    async def _dispatch(self, body: Body) -> BoltResponse:
        return await dispatch(self._app, body) if self._app else BoltResponse(status=503, body="")

    def _myself(self, body: Body) -> str:
        """The bot's user id, from the event itself as long as Slack has not been heard from otherwise."""
        authorizations = body.get("authorizations") or ()
        return self._account.identity.user_id or next((str(one.get("user_id", "")) for one in authorizations), "")

    def _refused(self, error: str) -> None:
        if self._account.refused(error):
            self._background.begin(self._account.confirm())
