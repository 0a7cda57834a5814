"""The HTTP server under the platforms' doors, the pages and the preview: where it listens, and what it never reads."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

from bot.errors import SettingsError

log = logging.getLogger(__name__)

HANGING_UP = 1.5
"""Seconds that open requests have left once the edges have stopped, which take up to 7: ten in all are promised."""

LINGERING = 2.0
"""Seconds for which a body that nobody wants is still taken in and thrown away, so that its sender reads the answer."""


def application() -> web.Application:
    """An application that refuses packed bodies on every path, also where there is nothing."""
    return web.Application(middlewares=[_refuse_packed])


def runner(application: web.Application) -> web.AppRunner:
    """What serves an application, and never unpacks a body: a megabyte of one can be a gigabyte."""
    return web.AppRunner(
        application,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=HANGING_UP,
        auto_decompress=False,
        lingering_time=LINGERING,
    )


async def listen(runner: web.AppRunner, host: str, *ports: int) -> int:
    """Listens on the first of the ports that is free, and gives the one it got."""
    await runner.setup()
    for port in ports:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            last = error
            continue
        return int(runner.addresses[0][1])
    await runner.cleanup()
    raise SettingsError(
        [
            f"HOST {host} and PORT {ports[0]} cannot be listened on ({last.strerror}). "
            "Choose another PORT, or end what uses it."
        ]
    )


@web.middleware
async def _refuse_packed(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answers 415 as https://www.rfc-editor.org/rfc/rfc9110#section-15.5.16 asks for, before anything is read."""
    codings = request.headers.getall(hdrs.CONTENT_ENCODING, ())
    if not request.body_exists or all(coding.lower() == "identity" for coding in codings):
        return await handler(request)
    log.warning("server.request_refused status=415")
    return web.json_response({"error": "the body is packed"}, status=415, headers={hdrs.ACCEPT_ENCODING: "identity"})
