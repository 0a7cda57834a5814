"""Lets in nobody but a browser on this machine that is looking at the preview itself."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable
from typing import Literal

from aiohttp import ClientPayloadError, web
from aiohttp.http_exceptions import HttpProcessingError

from bot.platforms.preview.rendering import render

HOSTS = ("localhost", "127.0.0.1", "[::1]")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Reason = Literal["host", "origin", "form", "gone", "size"]
STATUS: dict[Reason, int] = {"host": 403, "origin": 403, "form": 400, "gone": 400, "size": 413}


class Refusal(Exception):  # noqa: N818 - it is an answer, not an error
    """A request that is not served; the page says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def guarded(handler: Handler) -> Handler:
    """The handler behind the checks, with its refusals as pages and the safety headers on everything."""

    async def guarded_handler(request: web.Request) -> web.StreamResponse:
        try:
            check(request)
            response = await handler(request)
        except Refusal as refusal:
            response = refused(refusal.reason)
        except web.HTTPRequestEntityTooLarge:
            response = refused("size")
        except (HttpProcessingError, ClientPayloadError, web.RequestPayloadError, zlib.error):
            response = refused("form")
        response.headers.update(HEADERS)
        return response

    return guarded_handler


def check(request: web.Request) -> None:
    """Refuses other names for this machine (DNS rebinding) and forms that other sites send."""
    port = request.transport.get_extra_info("sockname")[1] if request.transport else 0
    hosts = {f"{host}:{port}" for host in HOSTS} | ({*HOSTS} if port == 80 else set())
    host = request.headers.get("Host", "").lower()
    if host not in hosts:
        raise Refusal("host")
    if request.method != "POST":
        return
    site, origin = (request.headers.get(name, "") for name in ("Sec-Fetch-Site", "Origin"))
    # Under `no-referrer` browsers send `Origin: null` with a form, and Sec-Fetch-Site tells where it comes from.
    own = ("", "null", f"http://{host}") if site == "same-origin" else ("", f"http://{host}")
    if site not in ("", "same-origin") or origin not in own:
        raise Refusal("origin")


def refused(reason: Reason) -> web.Response:
    """The page that says why something was refused."""
    page = render("refused.html", reason=reason)
    return web.Response(
        text=page, status=STATUS[reason], content_type="text/html", headers={"Cache-Control": "no-store"}
    )
