"""Socket Mode: the bot calls Slack, so that no address of its own has to be public.

The client that comes with Slack's package is not used: it takes its proxy from the environment but no exceptions to
it, keeps knocking at an address that Slack has withdrawn, and writes what people say into the log.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.announcements.pacing import backoff
from bot.errors import RefusedError, UnconfirmedError
from bot.platforms.calls import Pause
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.incoming import Body
from bot.platforms.work import Work

log = logging.getLogger(__name__)

HEARTBEAT = 10.0


class SocketMode:
    """Keeps a connection to Slack open and answers what comes through it; `problem` says why there is none."""

    def __init__(
        self,
        app_token: str,
        client: AsyncWebClient,
        calls: Calls,
        session: aiohttp.ClientSession,
        dispatch: Callable[[Body], Awaitable[BoltResponse]],
        pause: Pause,
    ) -> None:
        self._app_token, self._client, self._session = app_token, client, session
        self._calls, self._dispatch, self._pause = calls, dispatch, pause
        self._work = Work()
        self._open: set[aiohttp.ClientWebSocketResponse] = set()
        self._greeted = self._closing = False
        self.problem = "it is not connected yet"
        self.tried = asyncio.Event()

    async def run(self) -> None:
        """Connects, and connects again whenever Slack asks for it or the line breaks."""
        attempt = 0
        while True:
            self._greeted = False
            try:
                socket = await self._connect()
            except Exception as error:  # whatever it is, Slack is called again
                known = isinstance(error, RefusedError | UnconfirmedError)  # others may name the address and its ticket
                self._failed(str(error) if known else type(error).__name__)
            else:
                leaving = asyncio.Event()
                self._work.begin(self._listen(socket, leaving))
                await leaving.wait()
            attempt = 0 if self._greeted else attempt + 1
            if attempt:
                await self._pause(backoff(attempt))

    async def close(self) -> None:
        """Hangs up; what was not acknowledged Slack sends to the next process."""
        self._closing = True
        for socket in tuple(self._open):
            await socket.close()
        await self._work.finish(1.0)

    async def _connect(self) -> aiohttp.ClientWebSocketResponse:
        """A new connection; the address for it can be used once."""
        answer = await self._calls.once(self._client.apps_connections_open, app_token=self._app_token)
        url = str(answer["url"])
        # aiohttp looks up HTTPS_PROXY for https addresses only, though it takes them for sockets just as well.
        return await self._session.ws_connect(f"http{url.removeprefix('ws')}", heartbeat=HEARTBEAT)

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse, leaving: asyncio.Event) -> None:
        self._open.add(socket)
        try:
            async for frame in socket:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    self._received(json.loads(frame.data), socket, leaving)
        except ValueError:
            log.warning("slack.socket_failed error=unreadable")
        finally:
            await socket.close()
            self._open.discard(socket)
            if not self._open and not self._closing:
                self._failed("the connection broke")
            leaving.set()

    def _received(self, message: Any, socket: aiohttp.ClientWebSocketResponse, leaving: asyncio.Event) -> None:
        match message:
            case {"type": "hello"}:
                self._greeted, self.problem = True, ""
                self.tried.set()
                log.info("slack.socket_opened")
            case {"type": "disconnect"}:  # Slack closes this connection itself, some seconds after the warning
                log.info("slack.socket_replaced")
                leaving.set()
            case {"envelope_id": str(envelope), "payload": dict(payload)}:
                self._work.begin(self._acknowledge(envelope, payload, socket))

    async def _acknowledge(self, envelope: str, payload: Any, socket: aiohttp.ClientWebSocketResponse) -> None:
        response = await self._dispatch(payload)
        if response.status == 503:  # the bot is stopping
            return
        try:
            await socket.send_str(json.dumps({"envelope_id": envelope, **_shown(response)}))
        except (aiohttp.ClientError, ConnectionError):
            log.warning("slack.socket_failed error=closed_before_acknowledged")

    def _failed(self, problem: str) -> None:
        self.problem = problem
        self.tried.set()
        log.warning("slack.socket_failed error=%s", problem)


def _shown(response: BoltResponse) -> Body:
    """What a submitted window is to show at once, as the payload that goes with the acknowledgement."""
    return {"payload": json.loads(response.body)} if response.status == 200 and response.body else {}
