"""The Teams edge starts whatever Microsoft does, says what is wrong, and is ready as soon as it can be."""

import logging
import ssl
from pathlib import Path

import pytest
import trustme

from bot.app import trusted
from bot.settings import Settings, TeamsSettings
from tests.fakes.connector import PASSWORD, FakeConnector
from tests.fakes.teams_bot import eventually, running
from tests.fakes.teams_deliveries import APP, TENANT, THREAD, sample


async def test_the_operator_is_told_that_the_bot_is_on():
    """A start says which registration this is, and how Teams reaches it."""
    async with running() as bot:
        assert bot.edge.state == "ok"
    assert bot.lines == (f"Teams: on as {APP} (SingleTenant), over HTTP at POST /api/messages.",)
    assert bot.edge.state == "Teams is not started."


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        (TeamsSettings(APP, password="wrong", tenant=TENANT), "invalid_client"),
        (TeamsSettings(APP, password=PASSWORD, tenant="another"), "unauthorized_client"),
    ],
)
async def test_a_refused_registration_is_reported(settings: TeamsSettings, error: str):
    """The process goes on, and the reason is there to read."""
    async with running(settings=settings) as bot:
        assert bot.lines[1] == (
            "Teams: not ready yet, and tried again until it is. Microsoft refuses the bot's registration "
            f"({error}). Compare MICROSOFT_APP_ID, MICROSOFT_APP_PASSWORD, MICROSOFT_APP_TYPE and "
            "MICROSOFT_APP_TENANT_ID with the app registration and restart."
        )


async def test_a_microsoft_that_is_down_is_waited_for():
    """The bot starts without it and works once it is back."""

    class Away(FakeConnector):
        async def __aenter__(self) -> FakeConnector:
            await super().__aenter__()
            await self.go_away()
            return self

    async with running(teams=Away()) as bot:
        assert "no token" in bot.edge.state
        await bot.teams.come_back()
        await eventually(lambda: bot.edge.state == "ok")
        await bot.teams.write("hello")
        await bot.teams.until(bot.teams.said)


async def test_the_log_holds_no_words_and_no_secrets(caplog):
    """At every level: neither what people ask nor tokens nor names; ids and what happened instead."""
    caplog.set_level(logging.DEBUG)
    async with running() as bot:
        await bot.teams.write("zebra in a message")
        await bot.teams.write("zebra in a mention", THREAD)
        body = sample("search")
        body["value"]["parameters"][0]["value"] = "zebra in a search"
        await bot.teams.deliver(body)
        await bot.teams.post('{"type": "zebra"}', {"Authorization": "Bearer zebra"})
        await bot.teams.until(lambda: bot.teams.said() and bot.teams.said(THREAD))
        await bot.finish()
    assert f"teams.posted tenant={TENANT} place=a:anna user=29:anna" in caplog.text
    secrets = (PASSWORD, bot.teams.token(), *bot.teams.tokens, "Anna Berg")
    assert [word for word in ("zebra", *secrets) if word in caplog.text] == []


async def test_calls_go_through_the_proxy_of_the_environment(monkeypatch):
    """Addresses that only the proxy knows are reached through it, and exceptions are respected."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    async with running() as bot:
        await bot.teams.write("hello")
        await bot.teams.until(bot.teams.said)
    monkeypatch.delenv("NO_PROXY")
    async with running() as bot:
        assert "no token" in bot.edge.state


async def test_a_stop_before_the_start_is_harmless():
    """The application may end before it began."""
    async with running() as bot:
        await bot.edge.stop()
        await bot.edge.stop()


async def test_a_company_authority_is_trusted_where_the_settings_name_it(tmp_path: Path):
    """Behind a proxy that opens TLS the bot works once it is told of the proxy's certificates, and not before."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    async with running(teams=FakeConnector(context), tls=trusted(Settings(ca_bundle=tmp_path / "ca.pem"))) as bot:
        assert bot.edge.state == "ok"
        await bot.teams.write("hello")
        await bot.teams.until(bot.teams.said)
    async with running(teams=FakeConnector(context), tls=trusted(Settings())) as bot:
        assert "no token" in bot.edge.state
