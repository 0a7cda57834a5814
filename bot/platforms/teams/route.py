"""The door for Teams' requests: what is not from Teams or cannot be read goes no further, and nothing is a 500."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from botbuilder.core import InvokeResponse, TurnContext

from bot.errors import origin
from bot.platforms.teams.adapter import Adapter, RunTurn, UnauthorizedError
from bot.platforms.teams.hosts import Services
from bot.platforms.teams.incoming import Body
from bot.platforms.teams.keys import CHANNEL, KeysError

log = logging.getLogger(__name__)

PATH = "/api/messages"
LARGEST = 1024 * 1024
SECONDS_TO_READ = 10.0

Listen = Callable[[Body, TurnContext], Awaitable[None]]


class TeamsRoute:
    """Takes a request, lets botbuilder check it, and answers with what the turn left."""

    def __init__(self, adapter: Adapter, services: Services, listen: Listen, *, auth: bool) -> None:
        self._adapter, self._services, self._listen, self._auth = adapter, services, listen, auth
        self._closed = False

    async def take(self, request: web.Request) -> web.Response:
        """401 for who is not Teams, 503 where nobody can tell, 400 for what is no activity, else the turn's answer."""
        header = request.headers.get("Authorization", "")
        if self._auth and not header.startswith("Bearer "):
            return _refusal(401, "there is no bearer token")
        try:
            body = await self._read(request)
            run = await self._admit(body, header)
        except TimeoutError:
            return _refusal(408, "the request took too long")
        except ValueError as error:
            return _refusal(400, str(error))
        except UnauthorizedError as error:
            return _refusal(401, str(error))
        except KeysError as error:
            return _refusal(503, str(error))
        if self._closed:
            return _refusal(503, "the bot is stopping")
        return await self._run(run, body)

    def close(self) -> None:
        """Lets nothing in any more, not even what is on its way."""
        self._closed = True

    async def _read(self, request: web.Request) -> Body:
        """The activity in a request; raises ValueError where there is none."""
        try:
            read = await asyncio.wait_for(request.clone(client_max_size=LARGEST).read(), SECONDS_TO_READ)
            body = json.loads(read)
        except (web.RequestPayloadError, ConnectionError, ValueError, RecursionError):
            raise ValueError("the body cannot be read") from None
        if not isinstance(body, dict) or not isinstance(body.get("type"), str) or not body["type"]:
            raise ValueError("the body is no activity")
        return body

    async def _admit(self, body: Body, header: str) -> Callable[[RunTurn], Awaitable[InvokeResponse | None]]:
        """The way to run the turn; a token says for which service address it holds, so that one has to be there."""
        if self._auth and body.get("channelId") != CHANNEL:
            raise UnauthorizedError("the channel is not Teams")
        if not self._services.trusts(body.get("serviceUrl")):
            raise UnauthorizedError("the service address is not Microsoft's")
        return await self._adapter.admit(body, header if self._auth else "")

    async def _run(self, run: Callable[[RunTurn], Awaitable[InvokeResponse | None]], body: Body) -> web.Response:
        async def turn(context: TurnContext) -> None:
            await self._listen(body, context)

        try:
            response = await run(turn)
        except Exception as error:  # the outer door: Teams would show a person an error for any 500
            log.error(
                "teams.event_failed type=%s error=%s at=%s", body["type"][:40], type(error).__name__, origin(error)
            )
            return web.Response(status=400)
        if response is None:
            return web.Response(status=202)
        return _answer(response.status, response.body)


def _answer(status: int, body: Any) -> web.Response:
    return web.Response(status=int(status)) if body is None else web.json_response(body, status=int(status))


def _refusal(status: int, reason: str) -> web.Response:
    log.warning("teams.request_refused status=%d reason=%r", status, reason)
    return web.json_response({"error": reason}, status=status)
