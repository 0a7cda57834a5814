"""The way out: through the proxy that the environment names for a host, which is asked for once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from multidict import CIMultiDictProxy

from bot.platforms import proxies
from bot.platforms.proxies import open_session

BEHIND = "http://platform.invalid/api"


@asynccontextmanager
async def machine() -> AsyncIterator[tuple[str, list[CIMultiDictProxy[str]]]]:
    """A server that takes anything, as a proxy does: its host and port, and the headers of what it was sent."""
    sent: list[CIMultiDictProxy[str]] = []

    async def take(request: web.Request) -> web.Response:
        sent.append(request.headers)
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"127.0.0.1:{runner.addresses[0][1]}", sent
    await runner.cleanup()


@pytest.fixture
async def session():
    """A session to the outside."""
    async with open_session(aiohttp.TCPConnector(), 5) as session:
        yield session


async def test_the_environment_is_asked_for_a_proxy_once_for_each_host(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
):
    """What the environment says is not looked up again at every call: it cannot change while the bot runs."""
    looked_up, look_up = list[str](), proxies.get_env_proxy_for_url
    monkeypatch.setattr(proxies, "get_env_proxy_for_url", lambda url: looked_up.append(str(url)) or look_up(url))
    async with machine() as (proxy, sent):
        monkeypatch.setenv("HTTP_PROXY", f"http://{proxy}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        for url in (BEHIND, BEHIND, f"{BEHIND}/other", f"http://{proxy}/"):
            await session.post(url)
        monkeypatch.delenv("HTTP_PROXY")
        await session.post(BEHIND)
        assert [headers["Host"] for headers in sent] == [*["platform.invalid"] * 3, proxy, "platform.invalid"]
    assert looked_up == ["http://platform.invalid", f"http://{proxy}"]


async def test_the_password_of_a_proxy_is_told_to_the_proxy(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
):
    """It stands in the proxy's address, and goes to nobody else."""
    async with machine() as (proxy, sent):
        monkeypatch.setenv("HTTP_PROXY", f"http://acme:s%40cret@{proxy}")
        await session.post(BEHIND)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        await session.post(f"http://{proxy}/")
    assert [headers.get("Proxy-Authorization") for headers in sent] == [
        aiohttp.encode_basic_auth("acme", "s@cret"),
        None,
    ]
    assert all("Authorization" not in headers for headers in sent)


async def test_a_password_that_is_kept_for_other_programs_is_not_used(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """A `.netrc` may name a platform's host; beside the bot's own token it would be refused, or be given away."""
    (tmp_path / "netrc").write_text("default login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    async with machine() as (host, sent):
        await session.post(f"http://{host}/", headers={"Authorization": "Bearer own"})
        await session.post(f"http://{host}/")
    assert [headers.get("Authorization") for headers in sent] == ["Bearer own", None]


async def test_no_cookie_is_kept(session: aiohttp.ClientSession):
    """Slack sends some with its answers, and the bot has no use for them."""
    session.cookie_jar.update_cookies({"b": "1"})
    async with machine() as (host, sent):
        await session.post(f"http://{host}/")
    assert "Cookie" not in sent[0]
