"""The Slack edge starts whatever Slack does, says what is wrong, and is ready as soon as it can be."""

import logging
import ssl
from pathlib import Path

import pytest
import trustme

from bot.app import trusted
from bot.errors import SettingsError
from bot.settings import Settings
from tests.fakes.block_kit import shown
from tests.fakes.scripted_bot import eventually
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_bot import running
from tests.fakes.slack_deliveries import sample

both = pytest.mark.parametrize("socket_mode", [pytest.param(False, id="http"), pytest.param(True, id="socket")])


@both
async def test_the_operator_is_told_where_the_bot_is_on(socket_mode: bool):
    """A start says which workspace and bot this is, how Slack reaches it, and where the token goes."""
    async with running(socket_mode=socket_mode) as bot:
        assert bot.edge.state == "ok"
    way = "Socket Mode" if socket_mode else "HTTP at POST /slack/events"
    assert bot.lines == (
        f"Slack: on in Acme as @optout, over {way}.",
        f"Slack: SLACK_API_URL sends everything, the token too, to {bot.slack.api_url}",
    )
    assert bot.edge.state == "Slack is not started."


async def test_missing_scopes_are_named_with_what_to_do():
    """A token from before a scope was added works in part; the operator learns which part does not."""
    slack = FakeSlack()
    slack.scopes -= {"im:history", "assistant:write"}
    async with running(slack=slack) as bot:
        assert bot.edge.state == "ok"
    assert bot.lines[1] == (
        "Slack: The token lacks assistant:write, im:history. Add this under OAuth & Permissions of your Slack app "
        "(manifest.json lists everything), reinstall the app to the workspace and restart."
    )


@both
async def test_a_refused_token_is_reported_and_tried_again(socket_mode: bool):
    """A revoked token does not end the process; the reason is there to read until the token works."""
    slack = FakeSlack()
    slack.fail("auth.test", *["refuse"] * 3, detail="token_revoked")
    async with running(slack=slack, socket_mode=socket_mode) as bot:
        await eventually(lambda: bot.edge.state == "ok")
    assert bot.lines[1] == (
        "Slack: not ready yet, and tried again until it is. Slack refuses SLACK_BOT_TOKEN (token_revoked). "
        "Copy the token from your Slack app's settings again and restart."
    )


async def test_a_slack_that_is_down_is_waited_for():
    """The bot starts without Slack and works once Slack is back."""

    class Away(FakeSlack):
        async def __aenter__(self) -> FakeSlack:
            await super().__aenter__()
            await self.go_away()
            return self

    async with running(slack=Away()) as bot:
        assert "Slack cannot be reached" in bot.edge.state
        await bot.slack.come_back()
        await eventually(lambda: bot.edge.state == "ok")
        await bot.slack.write("hello")
        await bot.slack.until(lambda: bot.slack.said("D1"))


async def test_a_token_that_is_revoked_later_is_noticed():
    """The first refused call makes the bot unready, until Slack accepts the token again."""
    async with running() as bot:
        bot.slack.token = "another"
        await bot.slack.write("hello")
        await eventually(lambda: "invalid_auth" in bot.edge.state)
        bot.slack.token = "xoxb-1-fake"
        await eventually(lambda: bot.edge.state == "ok")


async def test_slack_is_asked_who_the_bot_is_only_once():
    """Bolt would ask within the first request, and be late with its answer."""
    async with running() as bot:
        for text in ("one", "two", "three"):
            await bot.slack.write(text)
        await bot.slack.command("four")
        await bot.slack.until(lambda: len(bot.slack.said("D1")) == 3)
    assert len(bot.slack.called("auth.test")) == 1


async def test_the_bot_knows_its_name_from_the_event_before_slack_said_it():
    """A mention is understood while auth.test still fails."""
    slack = FakeSlack()
    slack.fail("auth.test", *["error"] * 1000)
    async with running(slack=slack) as bot:
        await bot.slack.mention("how do I opt out?")
        await bot.slack.until(lambda: bot.slack.said("C1"))
        await bot.slack.event(sample("own_message"))
    assert [question.text for question in bot.desk.asked] == ["how do I opt out?"]


@both
async def test_variables_of_other_ways_to_install_change_nothing(monkeypatch, socket_mode: bool):
    """With SLACK_CLIENT_ID and its secret in the environment Bolt alone would forget the token."""
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.setenv(name, "of another app")
    async with running(socket_mode=socket_mode) as bot:
        await bot.slack.write("hello")
        (answer,) = await bot.slack.until(lambda: bot.slack.said("D1"))
        await bot.slack.command("hello")
        await bot.slack.until(lambda: bot.slack.whispered("C1"))
    assert shown(answer["blocks"]) == "Answer to: hello"


@both
async def test_the_log_holds_no_words_and_no_secrets(caplog, socket_mode: bool):
    """At every level: neither what people ask, nor tokens, nor signed bodies; ids and what happened instead."""
    caplog.set_level(logging.DEBUG)
    async with running(socket_mode=socket_mode) as bot:
        await bot.slack.write("zebra in a message")
        await bot.slack.mention("zebra in a mention")
        await bot.slack.command("zebra in a command")
        if not socket_mode:
            await bot.slack.post('{"text": "zebra"}', {"X-Slack-Signature": "v0=zebra"}, sign=False)
        await bot.slack.until(lambda: bot.slack.whispered("C1") and bot.slack.said("C1") and bot.slack.said("D1"))
        await bot.finish()
    secrets = (bot.slack.token, bot.slack.app_token, bot.slack.secret)
    assert "slack.posted tenant=T1 place=D1 user=U1" in caplog.text
    assert [word for word in ("zebra", *secrets) if word in caplog.text] == []


@both
async def test_calls_go_through_the_proxy_of_the_environment(monkeypatch, socket_mode: bool):
    """An address that only the proxy knows is reached through it."""

    class BehindProxy(FakeSlack):
        api_url = "http://slack.invalid/api/"

        async def __aenter__(self) -> FakeSlack:
            await super().__aenter__()
            monkeypatch.setenv("HTTP_PROXY", self.origin)
            return self

        def _apps_connections_open(self) -> dict[str, str]:
            return {"url": "ws://slack.invalid/socket"}

    async with running(slack=BehindProxy(), socket_mode=socket_mode) as bot:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        await bot.slack.write("hello")
        await bot.slack.until(lambda: bot.slack.said("D1"))


@both
async def test_exceptions_to_the_proxy_are_respected(monkeypatch, socket_mode: bool):
    """NO_PROXY wins, which Slack's own client does not know."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    async with running(socket_mode=socket_mode) as bot:
        await bot.slack.write("hello")
        await bot.slack.until(lambda: bot.slack.said("D1"))


async def test_a_socket_is_replaced_when_slack_asks_for_it(caplog):
    """Slack renews connections every few hours; the old one is listened to until Slack closes it."""
    async with running(socket_mode=True) as bot:
        (old,) = bot.slack.sockets
        await bot.slack.disconnect()
        await bot.slack.until(lambda: len(bot.slack.sockets) == 2)
        await bot.slack.write("on the new one")
        bot.slack.sockets.reverse()
        await bot.slack.write("on the old one")
        await bot.slack.until(lambda: len(bot.slack.said("D1")) == 2)
        await old.close()
        await bot.slack.until(lambda: len(bot.slack.sockets) == 1)
        assert bot.edge.state == "ok"
    assert bot.slack.sockets == []
    assert "slack.socket_failed" not in caplog.text


async def test_a_broken_socket_is_opened_again():
    """While there is no connection the state says so, and each try uses a fresh address."""
    async with running(socket_mode=True) as bot:
        await bot.slack.go_away()
        await eventually(lambda: "cannot be reached" in bot.edge.state)
        await bot.slack.come_back()
        await bot.slack.until(lambda: bot.slack.sockets)
        await bot.slack.write("hello")
        await bot.slack.until(lambda: bot.slack.said("D1"))
        assert bot.edge.state == "ok"


async def test_a_refused_app_token_is_reported():
    """Socket Mode has a token of its own, and its own advice."""
    slack = FakeSlack()
    slack.fail("apps.connections.open", *["refuse"] * 3, detail="not_allowed_token_type")
    async with running(slack=slack, socket_mode=True) as bot:
        await eventually(lambda: bot.edge.state == "ok")
    assert bot.lines[1].startswith("Slack: not ready yet, and tried again until it is. Slack refuses SLACK_APP_TOKEN")


async def test_a_stop_before_the_start_is_harmless():
    """The application may end before it began."""
    async with running() as bot:
        await bot.edge.stop()
        await bot.edge.stop()
    assert bot.edge.state == "Slack is not started."


def _certified(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@both
async def test_a_company_authority_is_trusted_where_the_settings_name_it(tmp_path: Path, socket_mode: bool):
    """Behind a proxy that opens TLS the bot works once it is told of the proxy's certificates, and not before."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    told = trusted(Settings(ca_bundle=tmp_path / "ca.pem"))
    async with running(slack=FakeSlack(_certified(authority)), socket_mode=socket_mode, tls=told) as bot:
        assert bot.edge.state == "ok"
    async with running(slack=FakeSlack(_certified(authority)), socket_mode=socket_mode, tls=trusted(Settings())) as bot:
        assert "cannot be reached" in bot.edge.state


def test_a_file_that_holds_no_certificates_is_named(tmp_path: Path):
    """A wrong file is a setting to mend."""
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(SettingsError, match=r"ca\.pem holds no certificates"):
        trusted(Settings(ca_bundle=tmp_path / "ca.pem"))
