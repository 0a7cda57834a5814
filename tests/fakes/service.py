"""What the fakes of Slack and of Teams have in common: a server on this machine that remembers and fails on request."""

import asyncio
import io
import json
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeVar

import aiohttp
from aiohttp import web

T = TypeVar("T")
Fault = Literal["limited", "error", "refuse", "drop_headers", "drop_before", "drop_after", "slow"]


@dataclass(frozen=True)
class Reply:
    """What the bot answered to a request, and after how many seconds of work, however busy the machine is."""

    status: int
    body: str
    headers: dict[str, str]
    seconds: float

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


class FakeService:
    """Runs between `async with`; `bot_url` is where the bot listens, and `origin` where the bot finds the service."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.bot_url = ""
        self.calls: list[tuple[str, Any]] = []
        self.released = asyncio.Event()
        self._faults: list[tuple[str, Fault, str]] = []
        self._changed = asyncio.Condition()
        self._numbers = iter(range(1, 1_000_000))

    async def __aenter__(self) -> Self:
        app = web.Application()
        self.routes(app)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        self._port = 0
        await self.come_back()
        self.origin = f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"
        self._http = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.released.set()
        await self._http.close()
        await self._runner.cleanup()

    def routes(self, app: web.Application) -> None:
        """Adds what the service answers."""
        raise NotImplementedError

    def refusal(self, code: str) -> web.Response:
        """What it says to a call that it refuses."""
        raise NotImplementedError

    async def go_away(self) -> None:
        """Stops answering: every line is cut and no new one accepted."""
        await self._site.stop()
        for connection in list(self._runner.server.connections):
            connection.force_close()

    async def come_back(self) -> None:
        """Answers again, at the same address."""
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port, ssl_context=self._tls)
        await self._site.start()
        self._port = self._runner.addresses[0][1]

    def called(self, name: str) -> list[Any]:
        """What came with every call of this name that reached the service, the failed ones too."""
        return [what for called, what in self.calls if called == name]

    def fail(self, name: str, *faults: Fault, detail: str = "") -> None:
        """Lets the next calls of this name go wrong, one after the other.

        `limited` answers 429 (detail: Retry-After), `error` 503 (or another status, which points back here), `refuse`
        an error with a code, `drop_headers` breaks the line before the body is read, `drop_before` and `drop_after`
        before or after the call is done, and `slow` answers once `released` is set.
        """
        self._faults += [(name, fault, detail) for fault in faults]

    async def until(self, condition: Callable[[], T], seconds: float = 60.0) -> T:
        """Waits until something that was said or called makes the condition true, and gives its value."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(condition)
        return condition()

    async def _send(self, body: str | bytes, headers: dict[str, str]) -> Reply:
        data, began = body.encode() if isinstance(body, str) else body, time.process_time()
        async with self._http.post(self.bot_url, data=io.BytesIO(data), headers=headers) as response:
            text = await response.text()
            return Reply(response.status, text, dict(response.headers), time.process_time() - began)

    async def _answer(
        self,
        name: str,
        request: web.Request,
        read: Callable[[web.Request], Awaitable[Any]],
        run: Callable[[Any], web.Response],
    ) -> web.Response:
        """Remembers a call, and answers it unless it shall fail."""
        fault, detail = self._fault(name)
        if fault == "drop_headers":
            return _dropped(request)
        what = await read(request)
        self.calls.append((name, what))
        try:
            match fault:
                case "limited":
                    limited = self.refusal("ratelimited")
                    limited.set_status(429)
                    limited.headers["Retry-After"] = detail
                    return limited
                case "error":
                    back = {"Location": str(request.url)}
                    return web.Response(
                        status=int(detail or 503), text="<html>", content_type="text/html", headers=back
                    )
                case "refuse":
                    return self.refusal(detail)
                case "drop_before":
                    return _dropped(request)
                case "slow":
                    await self._tell()
                    await self.released.wait()
            response = run(what)
            return _dropped(request) if fault == "drop_after" else response
        finally:
            await self._tell()

    def _fault(self, name: str) -> tuple[str, str]:
        for planned in self._faults:
            if planned[0] == name:
                self._faults.remove(planned)
                return planned[1], planned[2]
        return "", ""

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def _dropped(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()
