"""The way out to a platform: a session that asks the environment for the proxy of a host once, and not at each call."""

from __future__ import annotations

import asyncio

import aiohttp
from aiohttp.helpers import get_env_proxy_for_url
from yarl import URL


def open_session(connector: aiohttp.BaseConnector, patience: float) -> aiohttp.ClientSession:
    """A session through HTTPS_PROXY and HTTP_PROXY with the exceptions of NO_PROXY; it keeps no cookies.

    aiohttp's own `trust_env` looks all of them up again at every call, and a `.netrc` besides, each in a thread.
    """
    proxies: dict[URL, URL | None] = {}

    async def through_proxy(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        host = request.url.origin()
        if host not in proxies:
            proxies[host] = await asyncio.to_thread(_proxy, host)
        request.proxy = proxies[host]
        return await handler(request)

    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=patience, sock_connect=10),
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=(through_proxy,),
    )


def _proxy(host: URL) -> URL | None:
    """The proxy for a host, with the name and the password that its address holds; None for the direct way."""
    try:
        proxy, known = get_env_proxy_for_url(host)
    except LookupError:
        return None
    return proxy.with_user(known.login).with_password(known.password) if known else proxy
