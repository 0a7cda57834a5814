"""Teams is slow, full or gone: the answer arrives, never twice, and nobody else waits for it."""

import asyncio
import json
import ssl

import aiohttp
import pytest
import trustme

from bot.errors import RefusedError
from bot.messages import Place, Post, Removal
from bot.platforms.teams.connector import Chat
from bot.settings import TeamsSettings
from tests.fakes.connector import FakeConnector
from tests.fakes.teams_bot import SETTINGS, TeamsDesk, eventually, running, says
from tests.fakes.teams_deliveries import APP, BOT, TENANT, THREAD, sample

unsure = pytest.mark.parametrize(
    ("fault", "detail"), [("drop_after", ""), ("drop_before", ""), ("error", "500")], ids=["after", "before", "500"]
)
refused = pytest.mark.parametrize("status", ["412", "502", "503", "504"])


async def test_a_limited_answer_is_sent_after_the_time_teams_asks_for():
    """429 means not accepted: the same answer goes out when Teams says so."""
    async with running() as bot:
        bot.teams.fail("post", "limited", "limited", detail="7")
        await bot.teams.write("hello")
        await bot.teams.until(bot.teams.said)
        await bot.finish()
        assert bot.teams.texts() == ["Answer to: hello"]
    assert bot.pauses == [7.0, 7.0]


async def test_without_a_time_the_pauses_grow_and_differ():
    """Many who failed at once do not come back at once."""
    async with running() as bot:
        bot.teams.fail("post", "limited", "limited", "limited")
        await bot.teams.write("hello")
        await bot.teams.until(bot.teams.said)
    first, second, third = bot.pauses
    assert 0.25 <= first <= 0.5 <= second <= 1.0 <= third <= 2.0


@refused
async def test_an_answer_that_is_not_accepted_is_sent_again(status: str):
    """The statuses that Microsoft asks to try again."""
    async with running() as bot:
        bot.teams.fail("post", "error", "error", detail=status)
        await bot.teams.write("hello")
        await bot.teams.until(bot.teams.said)
        await bot.finish()
        assert len(bot.teams.said()) == 1
    assert len(bot.pauses) == 2


async def test_an_answer_that_teams_never_takes_is_given_up():
    """After a few tries the event is over, and the next one is answered."""
    async with running() as bot:
        bot.teams.fail("post", *["limited"] * 12)
        await bot.teams.write("hello")
        await bot.teams.until(lambda: len(bot.teams.called("post")) == 12)
        await bot.teams.write("still here?")
        await bot.teams.until(bot.teams.said)
        assert bot.teams.texts() == ["Answer to: still here?"]


async def test_a_limit_of_an_hour_is_not_waited_for():
    """The person is told that something failed."""
    async with running() as bot:
        bot.teams.fail("post", "limited", detail="3600")
        await bot.teams.write("hello")
        await bot.teams.until(bot.teams.said)
        assert bot.teams.texts() == ["Sorry, that failed."]


@unsure
async def test_an_answer_that_may_have_arrived_is_asked_after_and_never_sent_again(fault, detail: str):
    """Nobody but the person can look into the chat; the question is offered, so that one tap brings the answer."""
    async with running() as bot:
        bot.teams.fail("post", fault, detail=detail)
        await bot.teams.write("hello")
        await bot.teams.until(lambda: bot.teams.said() and bot.teams.texts()[-1] == "Do you see it?")
        await bot.finish()
        assert bot.teams.texts()[:-1] == ["Answer to: hello"] * (fault == "drop_after")
        again = [{"type": "imBack", "title": "hello", "value": "hello"}]
        assert bot.teams.said()[-1]["suggestedActions"]["actions"] == again


@unsure
async def test_a_post_that_may_have_arrived_is_copied_to_the_asker_alone(fault, detail: str):
    """Everyone reads it once at most; who asked has it in any case, and it does not count as posted."""
    async with running() as bot:
        bot.teams.fail("post", fault, detail=detail)
        await bot.teams.write("hello", THREAD)
        await bot.teams.until(bot.teams.said)
        await bot.finish()
        assert len(bot.teams.said(THREAD)) == (fault == "drop_after")
        assert bot.teams.texts() == ["Slack did not say whether this arrived.\nAnswer to: hello"]
    assert bot.desk.recorded == []


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (2, ["Do you see it?"]),
        (3, []),
    ],
    ids=["copy", "copy and question"],
)
async def test_what_is_said_of_a_lost_post_is_sent_once_as_well(faults: int, said: list[str]):
    """A line that stays bad leads to fewer messages, not to more."""
    async with running() as bot:
        bot.teams.fail("post", *["drop_before"] * faults)
        await bot.teams.write("hello", THREAD)
        await bot.teams.until(lambda: len(bot.teams.called("post")) == 3)
        await bot.finish()
        assert (bot.teams.texts(), bot.teams.said(THREAD)) == (said, [])


async def test_a_long_question_or_a_button_is_not_offered_again():
    """There is no room for the one, and the other is still there to press."""
    async with running() as bot:
        bot.teams.fail("post", "drop_before")
        await bot.teams.write("long " * 100)
        await bot.teams.until(bot.teams.said)
        bot.teams.fail("post", "drop_before")
        await bot.teams.deliver(sample("press"))
        await bot.teams.until(lambda: len(bot.teams.said()) == 2)
        assert bot.teams.texts() == ["Do you see it?"] * 2
        assert [said for said in bot.teams.said() if "suggestedActions" in said] == []


async def test_without_a_personal_chat_nothing_of_a_lost_post_is_said_aloud():
    """The log tells of it."""
    async with running() as bot:
        bot.teams.personal.clear()
        bot.teams.fail("post", "drop_before")
        await bot.teams.write("hello", THREAD)
        await bot.teams.until(lambda: bot.teams.called("open"))
        await bot.finish()
        assert bot.teams.said() == bot.teams.said(THREAD) == []


async def test_a_line_dropped_before_the_body_was_read_never_doubles_an_answer():
    """Whether all of it was on the way by then or not: the answer comes, or its asker is asked, and not both."""
    async with running() as bot:
        bot.teams.fail("post", "drop_headers")
        await bot.teams.write("hello")
        await bot.teams.until(bot.teams.said)
        await bot.finish()
        assert bot.teams.texts() in (["Answer to: hello"], ["Do you see it?"])


async def test_a_line_that_teams_let_go_while_nothing_was_said_costs_no_answer():
    """The usual break: it is noticed before the body is written, so the same goes out on a new line."""
    async with running() as bot:

        async def let_go(*_: object) -> None:
            bot.teams.let_go()

        await bot.teams.write("hello")
        await bot.teams.until(bot.teams.said)
        await bot.settle()
        trace = aiohttp.TraceConfig()
        trace.on_connection_reuseconn.append(let_go)
        trace.freeze()
        bot.edge._session._trace_configs.append(trace)
        said = {"type": "message", "from": {"id": BOT}, "conversation": {"id": "a:anna"}, "text": "Once."}
        connector, chat = bot.edge._exchange._teams.connector, Chat(bot.teams.service, "a:anna")
        assert await connector.post(chat, {**said, "textFormat": "plain"})
        assert bot.teams.texts() == ["Answer to: hello", "Once."]
        assert len(bot.teams.called("post")) == 2
    assert len(bot.pauses) == 1


async def test_a_line_dropped_when_it_stands_is_tried_again():
    """As in life over TLS: no handshake, nothing delivered; the answer arrives."""
    authority = trustme.CA()
    serving, trusting = (
        ssl.create_default_context(purpose) for purpose in (ssl.Purpose.CLIENT_AUTH, ssl.Purpose.SERVER_AUTH)
    )
    authority.issue_cert("127.0.0.1").configure_cert(serving)
    authority.configure_trust(trusting)
    async with running(teams=FakeConnector(serving), tls=trusting) as bot:
        body = {**sample("message_personal"), "serviceUrl": bot.teams.service}
        token = {"Authorization": f"Bearer {bot.teams.token()}"}
        async with bot.teams.hanging_up():
            assert (await bot.teams.post(json.dumps(body), token)).status == 202
            await eventually(lambda: bot.pauses)
        await bot.teams.until(bot.teams.said)
        await bot.finish()
        assert len(bot.teams.said()) == 1


async def test_opening_a_personal_chat_is_done_again_until_it_is_confirmed():
    """It is the same chat however often it is opened."""
    async with running(TeamsDesk({"privacy": (Post(says("What I keep.")),)})) as bot:
        bot.teams.fail("open", "drop_after", "drop_before", "error", detail="500")
        await bot.teams.write("privacy", THREAD)
        await bot.teams.until(bot.teams.said)
        await bot.finish()
        assert (bot.teams.texts(), bot.teams.said(THREAD)) == (["What I keep."], [])
        assert len(bot.teams.called("open")) == 4


async def test_a_connector_that_cannot_be_reached_is_tried_again():
    """A connection that never came about carried nothing."""
    async with running() as bot:
        body = {**sample("message_personal"), "serviceUrl": bot.teams.service}
        token = {"Authorization": f"Bearer {bot.teams.token()}"}
        await bot.teams.go_away()
        assert (await bot.teams.post(json.dumps(body), token)).status == 202
        await eventually(lambda: bot.pauses)
        await bot.teams.come_back()
        await bot.teams.until(bot.teams.said)
        await bot.finish()
        assert len(bot.teams.said()) == 1


async def test_an_answer_that_times_out_is_not_sent_again():
    """A connector that keeps the message and answers too late."""
    async with running(patience=1.0) as bot:
        bot.teams.fail("post", "slow")
        await bot.teams.write("hello")
        await bot.teams.until(bot.teams.said)
        bot.teams.released.set()
        await bot.finish()
        assert [said["summary"] for said in bot.teams.called("post") if "summary" in said] == ["Answer to: hello"]
        assert "Do you see it?" in bot.teams.texts()


async def test_a_removal_that_is_unconfirmed_is_done_again():
    """Deleting twice is harmless."""
    desk = TeamsDesk()
    async with running(desk) as bot:
        await bot.teams.write("hello")
        (answer,) = await bot.teams.until(bot.teams.said)
        desk.script["answer"] = (Removal(Place("teams", TENANT, "a:anna"), answer["id"]),)
        bot.teams.fail("delete", "drop_after", "error", "limited")
        await bot.teams.deliver(sample("press"))
        await bot.teams.until(lambda: len(bot.teams.called("delete")) == 4)
        await bot.finish()
        assert bot.teams.said() == []


async def test_a_removal_that_teams_cannot_do_is_apologised_for_at_once():
    """501 says that it was not done and never will be."""
    desk = TeamsDesk({"answer": (Removal(Place("teams", TENANT, "a:anna"), "1"),)})
    async with running(desk) as bot:
        bot.teams.fail("delete", "error", detail="501")
        await bot.teams.deliver(sample("press"))
        await bot.teams.until(bot.teams.said)
        assert (bot.teams.texts(), len(bot.teams.called("delete"))) == (["Sorry, that failed."], 1)


async def test_an_address_that_may_not_be_written_to_is_dropped():
    """Somebody blocked the bot or removed it: no announcement is tried there."""
    async with running() as bot:
        await bot.teams.deliver(sample("installation_add"))
        await bot.teams.until(bot.teams.said)
        bot.teams.fail("post", *["refuse"] * 2, detail="MessageWritesBlocked")
        await bot.teams.write("hello")
        await bot.teams.until(lambda: len(bot.teams.called("post")) == 3)
        await bot.settle()
        assert await bot.ledger.addresses("teams") == ()


async def test_a_redirect_is_not_followed():
    """It could lead anywhere, with the bot's token."""
    async with running() as bot:
        bot.teams.fail("post", "error", detail="307")
        await bot.teams.write("hello")
        await bot.teams.until(bot.teams.said)
        assert bot.teams.texts() == ["Sorry, that failed."]


async def test_nothing_is_sent_to_an_address_that_is_not_microsofts():
    """Whoever stored it: the connector looks for itself."""
    async with running() as bot:
        with pytest.raises(RefusedError, match="service_address"):
            await bot.edge._exchange._teams.connector.post(Chat("https://evil.example/", "a:anna"), {})


async def test_two_hundred_messages_fetch_one_token():
    """Where botbuilder alone fetches one for every turn."""
    async with running() as bot:
        await asyncio.gather(*(bot.teams.write(f"question {number}") for number in range(200)))
        await bot.teams.until(lambda: len(bot.teams.said()) == 200, 30)
        assert len(bot.teams.called("token")) == 1


async def test_a_token_is_renewed_before_it_ends_without_anybody_waiting():
    """The old one is used while the next is fetched, however slow that is."""
    async with running() as bot:
        bot.teams.fail("token", "slow")
        bot.edge._tokens._renew -= 3600
        await bot.teams.write("hello")
        await bot.teams.until(lambda: bot.teams.said() and len(bot.teams.called("token")) == 2)
        bot.teams.released.set()
        await bot.teams.until(lambda: len(bot.teams.tokens) == 2)


async def test_a_token_that_is_not_accepted_any_more_is_replaced():
    """Microsoft may withdraw one early; 401 means that nothing was accepted."""
    async with running() as bot:
        bot.teams.tokens.append("another")
        await bot.teams.write("hello")
        await bot.teams.until(bot.teams.said)
        assert (len(bot.teams.called("token")), bot.pauses) == (2, [])


async def test_a_slow_token_service_holds_up_nothing_else():
    """Everybody waits for one token together, and the door stays open."""
    teams = FakeConnector()
    teams.fail("token", "slow")
    async with running(teams=teams) as bot:
        assert "no token" in bot.edge.state
        assert [(await bot.teams.write("hello")).status for _ in range(20)] == [202] * 20
        assert (await bot.teams.deliver(sample("search"))).status == 200
        bot.teams.released.set()
        await bot.teams.until(lambda: len(bot.teams.said()) == 20)
        assert len(bot.teams.called("token")) == 1


async def test_others_are_answered_while_the_connector_is_slow():
    """One call that hangs holds up neither the door nor other answers."""
    async with running() as bot:
        bot.teams.fail("post", *["slow"] * 20)
        for _ in range(20):
            await bot.teams.write("slow")
        await bot.teams.until(lambda: len(bot.teams.called("post")) == 20)
        assert (await bot.teams.write("quick", THREAD)).status == 202
        await bot.teams.until(lambda: bot.teams.said(THREAD))
        assert bot.teams.said() == []
        bot.teams.released.set()
        await bot.teams.until(lambda: len(bot.teams.said()) == 20)


async def test_what_was_begun_is_finished_before_the_bot_stops():
    """SIGTERM loses no answer."""
    async with running() as bot:
        bot.teams.fail("post", "slow")
        await bot.teams.write("hello")
        await bot.teams.until(lambda: bot.teams.called("post"))
        stopping = asyncio.create_task(bot.edge.stop())
        await asyncio.sleep(0)
        bot.teams.released.set()
        await stopping
        assert len(bot.teams.said()) == 1


async def test_a_failing_desk_is_apologised_for_and_the_next_question_is_answered(caplog):
    """One bad event stops nothing, and the log tells which one it was without a word that was said."""
    desk = TeamsDesk({"boom": RuntimeError("boom, said the secret")})
    async with running(desk) as bot:
        for text in ("boom", "hello"):
            await bot.teams.write(text)
            await bot.teams.write(text, THREAD)
        await bot.teams.until(lambda: len(bot.teams.said()) == len(bot.teams.said(THREAD)) == 2)
        assert sorted(bot.teams.texts()) == ["Answer to: hello", "Sorry, that failed."]
        assert "Sorry, that failed." in bot.teams.texts(THREAD)
    assert f"teams.event_failed tenant={TENANT} place=a:anna user=29:anna" in caplog.text
    assert "secret" not in caplog.text


async def test_a_failing_ledger_does_not_stop_an_answer():
    """Addresses are for later; what was asked is answered now."""
    async with running() as bot:
        await bot.ledger.database.engine.dispose()
        bot.edge._exchange._ledger = None
        await bot.teams.write("hello")
        await bot.teams.deliver(sample("installation_add"))
        await bot.teams.deliver(sample("installation_remove"))
        await bot.teams.until(bot.teams.said)
        await bot.finish()
        assert bot.teams.texts() == ["Answer to: hello"]


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        (SETTINGS, f"/{TENANT}/oauth2/v2.0/token"),
        (TeamsSettings(APP, "MultiTenant", SETTINGS.password, TENANT), "/botframework.com/oauth2/v2.0/token"),
    ],
    ids=["single tenant", "multi tenant"],
)
async def test_each_kind_of_registration_has_its_token_service(settings: TeamsSettings, path: str):
    """Of the tenant, or of the Bot Framework."""
    asked = []

    class Noting(FakeConnector):
        def _token(self, request, form):
            asked.append(request.path)
            return super()._token(request, form)

    async with running(teams=Noting(), settings=settings) as bot:
        await bot.teams.write("hello")
        await bot.teams.until(bot.teams.said)
    assert asked == [path]


async def test_a_managed_identity_asks_the_machine_it_runs_on(monkeypatch):
    """Azure's App Service offers an address for it; there is no password."""

    class OnAzure(FakeConnector):
        async def __aenter__(self) -> FakeConnector:
            started = await super().__aenter__()
            monkeypatch.setenv("IDENTITY_ENDPOINT", f"{self.origin}/msi/token")
            monkeypatch.setenv("IDENTITY_HEADER", "secret")
            return started

    settings = TeamsSettings(APP, "UserAssignedMSI", tenant=TENANT)
    async with running(teams=OnAzure(), settings=settings) as bot:
        assert bot.edge.state == "ok"
        await bot.teams.write("hello")
        await bot.teams.until(bot.teams.said)
        assert len(bot.teams.called("token")) == 1


async def test_nobody_is_shown_a_public_post_that_was_not_confirmed_as_recorded():
    """Only what arrived counts as posted."""
    desk = TeamsDesk({"steps": (Post(says("Six steps."), "everyone", ("steps",)),)})
    async with running(desk) as bot:
        bot.teams.fail("post", "error", detail="500")
        await bot.teams.write("steps", THREAD)
        await bot.teams.until(lambda: bot.teams.called("post"))
        await bot.finish()
    assert desk.recorded == []
