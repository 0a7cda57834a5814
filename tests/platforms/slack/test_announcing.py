"""Announcing in Slack: a window to put an announcement together, a draft to look at, and reports with buttons."""

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from bot.announcements import notices
from bot.announcements import plans as announcing
from bot.announcements.acts import ACTS, Seen
from bot.announcements.copies import By, Delivery
from bot.announcements.dispatcher import Dispatcher
from bot.announcements.lanes import Lanes
from bot.announcements.pacing import Limits
from bot.answering.deciding import Knowledge
from bot.content.models import AudiencePlace
from bot.desk.desk import Desk
from bot.errors import UnavailableError
from bot.messages import Person, Place
from bot.platforms.known import PLATFORMS
from bot.platforms.slack import announcing_form as wishes
from bot.platforms.slack.announcing import buttoned
from bot.storage.ledger import open_ledger
from tests.conftest import NOON
from tests.fakes.block_kit import shown
from tests.fakes.delivering import TICK
from tests.fakes.drawn import objects
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_bot import Bot, running

LAUNCH, ME = "linkedin-ai-training/launch", "slack T1 U1"
FAST = {"slack": Limits(1e6, 1e6, 1e6)}
EVERYTHING = {
    "channels:history", "channels:read", "groups:history", "groups:read", "im:write", "usergroups:read", "users:read"
}  # fmt: skip
ANNA = Person("slack", "T1", "U1")

both = pytest.mark.parametrize("socket_mode", [pytest.param(False, id="http"), pytest.param(True, id="socket")])


@dataclass
class Office:
    """A running bot with its ledger, and somebody who announces."""

    bot: Bot
    desk: Desk

    @property
    def slack(self) -> FakeSlack:
        """The fake Slack."""
        return self.bot.slack

    async def open(self, text: str = "announce launch", user: str = "U1") -> dict[str, Any]:
        """The form that `/optout announce` opens."""
        before = len(self.slack.views)
        await self.slack.command(text, user=user)
        await self.slack.until(lambda: len(self.slack.views) > before)
        return list(self.slack.views.values())[-1]

    async def draft(self, user: str = "U1", **given: Any) -> dict[str, Any]:
        """The draft that a form filled in like this by somebody becomes, once its places are checked."""
        view = await self.open(user=user)
        await self.slack.fill_in(view, **{"channels": ["C1"], **given})
        await self.slack.submit(view)
        return await self.showing(view, lambda text: "being checked" not in text and wishes.EVERYONE not in text)

    async def showing(self, view: dict[str, Any], fits: Callable[[str], bool]) -> dict[str, Any]:
        """The window once it shows what fits and is not about to change."""
        await self.slack.until(lambda: fits(text(self.now(view))) and "One moment" not in text(self.now(view)))
        return self.now(view)

    def now(self, view: dict[str, Any]) -> dict[str, Any]:
        """What a window shows now."""
        return self.slack.views[view["id"]]

    async def sent(self, *places: str, draft: bool = False) -> None:
        """Has the launch sent, or drafted, without a window."""
        plan = announcing.plan(self.desk.content, PLATFORMS, "launch", places, "en", "", "UTC", NOON)
        await self.desk.announcers.announce(plan, By("terminal me", NOON), draft=draft)

    async def acts(self) -> list[str]:
        """What the audit says was done."""
        return [line.act for line in await self.desk.announcers.audit()]

    async def settled(self, name: str = LAUNCH) -> dict[str, str]:
        """The state of each place, once nothing is on its way."""
        async with asyncio.timeout(60):
            while True:
                found = await self.desk.announcers.copies(name, ME)
                open_ = [one for one in found if one.state in ("pending", "sending") or one.task == "check"]
                if found and not open_:
                    return {one.place.id: f"{one.task} {one.state}" for one in found}
                await asyncio.sleep(0.01)


def text(view: dict[str, Any]) -> str:
    """Everything that a window or a message says."""
    return shown(view["blocks"])


def labels(view: dict[str, Any]) -> list[str]:
    """The buttons of announcers in a window or a message."""
    buttons = [each for each in objects(view["blocks"]) if each.get("type") == "button"]
    return [each["text"]["text"] for each in buttons if each["action_id"].startswith("press:")]


@asynccontextmanager
async def office(
    knowledge: Knowledge, *, listed: str = "U1", deliver: bool = True, scopes: set[str] = EVERYTHING, **options: Any
) -> AsyncIterator[Office]:
    """A bot whose announcers are listed, with every optional scope, which delivers as soon as something is due."""
    audiences = {"berlin": (AudiencePlace(place="slack:T1/C1", language="de"), AudiencePlace(place="slack:T1/C2"))}
    knowledge = copy.copy(knowledge)
    knowledge.content = replace(knowledge.content, audiences=audiences)
    slack = FakeSlack()
    slack.scopes |= scopes
    async with open_ledger("sqlite:///:memory:") as ledger:
        desk = Desk(knowledge, ledger, frozenset({listed}), PLATFORMS)
        async with running(desk, slack=slack, **options) as bot:
            courier = bot.edge.courier(partial(notices.copy, desk.content))
            couriers = {"slack": courier} if deliver else {}
            dispatcher = Dispatcher(Lanes(ledger.database), couriers, lambda: NOON, FAST, TICK)
            running_ = asyncio.create_task(dispatcher.run())
            try:
                yield Office(bot, desk)
            finally:
                await bot.finish()
                await dispatcher.stop()
                await running_


# -- who may


@pytest.mark.parametrize("word", ["announce", "announcements", f"report {LAUNCH}"])
async def test_who_may_not_is_told_so_alone(knowledge: Knowledge, word: str):
    """With the id by which they could be named; Slack is asked whether they are an admin, where the bot may ask."""
    async with office(knowledge) as place:
        await place.slack.command(word, user="U2")
        (whisper,) = await place.slack.until(lambda: place.slack.whispered("C1"))
        assert (whisper["to"], "U2" in text(whisper)) == ("U2", True)
        assert text(whisper).startswith("Only people whom your company has named")
        assert place.slack.views == {}
        assert place.slack.called("users.info") == [{"user": "U2"}]


@pytest.mark.parametrize("role", ["is_admin", "is_owner", "is_primary_owner"])
async def test_who_runs_the_workspace_may_announce(knowledge: Knowledge, role: str):
    """Without being listed, if the bot may ask who they are."""
    async with office(knowledge) as place:
        place.slack.users["U2"][role] = True
        view = await place.open(user="U2")
        assert view["callback_id"] == "announce"


@pytest.mark.parametrize(
    "known", [{"team_id": "T2"}, {"deleted": True}, {"is_bot": True}], ids=["of another workspace", "gone", "a bot"]
)
async def test_only_an_admin_of_this_workspace_is_one(knowledge: Knowledge, known: dict[str, Any]):
    """Shared channels bring strangers who look after other workspaces."""
    async with office(knowledge) as place:
        place.slack.users["U2"] |= {"is_admin": True, **known}
        await place.slack.command("announce", user="U2")
        await place.slack.until(lambda: place.slack.whispered("C1"))
        assert place.slack.views == {}


async def test_an_admin_elsewhere_is_none_in_a_window_of_this_workspace(knowledge: Knowledge):
    """Slack names a stranger's own workspace with what they submit, and the one that has the app beside the window."""
    async with office(knowledge) as place:
        await place.sent("slack:T1/C1")
        await place.settled()
        place.slack.users["U2"] |= {"is_admin": True, "team_id": "T2"}
        (announced,) = place.slack.said("C1")
        await place.slack.press(place.desk.phrases().button_ask, announced, user="U2")
        (view,) = await place.slack.until(lambda: list(place.slack.views.values()))
        field = next(block for block in view["blocks"] if block["type"] == "input")
        await place.slack.fill_in(view, **{field["element"]["action_id"]: f"report {LAUNCH}"})
        body = place.slack._in_view("view_submission", view)
        body["team"]["id"] = body["user"]["team_id"] = "T2"
        body["view"]["app_installed_team_id"] = "T1"
        await place.slack._interact(body)
        await place.bot.finish()
        said = text(place.now(view))
        assert ("Only people whom your company has named" in said, "Recall" in said) == (True, False)


@pytest.mark.parametrize("fault", ["", "error", "drop_after", "limited", "slow"])
async def test_without_an_answer_nobody_is_an_admin(knowledge: Knowledge, fault: str, monkeypatch):
    """A missing scope and a Slack that fails mean no; people on the list may all the same."""
    monkeypatch.setattr("bot.platforms.slack.people.SECONDS", 0.1)
    async with office(knowledge, scopes=set() if not fault else EVERYTHING) as place:
        place.slack.users["U2"]["is_admin"] = True
        if fault:
            place.slack.fail("users.info", *[fault] * 2, detail="60" if fault == "limited" else "")
        await place.slack.command("announce", user="U2")
        (whisper,) = await place.slack.until(lambda: place.slack.whispered("C1"))
        assert "U2" in text(whisper)
        await place.open()


async def test_who_is_not_an_announcer_any_more_can_do_nothing_in_an_open_window(knowledge: Knowledge):
    """It is found out at every step: choosing, submitting, pressing."""
    async with office(knowledge) as place:
        view = await place.draft()
        form = await place.open()
        place.desk.announcers._ids = frozenset()
        await place.slack.press_in("Send", view)
        await place.showing(view, lambda said: said.startswith("Only people"))
        await place.slack.fill_in(form, channels=["C2"])
        await place.slack.submit(form)
        await place.showing(form, lambda said: said.startswith("Only people"))
        assert await place.acts() == ["announce"]
        assert place.slack.said("C1") == []


# -- the form


@both
async def test_the_form_offers_what_there_is_and_shows_the_message(knowledge: Knowledge, socket_mode: bool):
    """Announcements with their titles, audiences, the person's own time zone, and a preview that does nothing."""
    async with office(knowledge, socket_mode=socket_mode) as place:
        view = await place.open("announce correction")
        chosen = {name: held for fields in place.slack.entered[view["id"]].values() for name, held in fields.items()}
        assert chosen["name"]["selected_option"]["value"] == "linkedin-ai-training/correction"
        assert chosen["zone"]["value"] == "Europe/Berlin"
        assert "Corrected: LinkedIn trains AI" in text(view)
        assert "berlin" in text(view)
        assert labels(view) == []
        await place.slack.fill_in(view, channels=["C2"], name=LAUNCH)
        after = await place.showing(view, lambda said: "and you can switch it off" in said)
        await place.slack.fill_in(after, language="de")
        german = await place.showing(view, lambda said: "LinkedIn trainiert KI" in said)
        assert place.slack.entered[german["id"]]["channels"]["channels"]["selected_conversations"] == ["C2"]
        await place.slack.press_in("So geht es", german)
        await place.bot.finish()
        assert place.now(view) == german


@pytest.mark.parametrize("why", ["too late", "error", "mention"])
async def test_a_form_that_does_not_open_is_said(knowledge: Knowledge, why: str):
    """With the other ways to announce, to the person alone."""
    async with office(knowledge) as place:
        place.slack.late = why == "too late"
        if why == "error":
            place.slack.fail("views.open", "error")
        await (place.slack.mention("announce") if why == "mention" else place.slack.command("announce"))
        await place.slack.until(lambda: place.slack.whispered("C1") or place.slack.channels["C1"].unseen)
        (whisper,) = place.slack.whispered("C1")
        assert place.desk.content.phrases.announce_where in text(whisper)
        assert (place.desk.phrases().no_window in text(whisper)) == (why != "mention")


async def test_where_nothing_is_written_there_is_nothing_to_announce(knowledge: Knowledge):
    """The person learns how an announcement is written."""
    async with office(knowledge) as place:
        place.desk.content = place.desk.announcers.content = replace(place.desk.content, announcements={})
        await place.slack.command("announce")
        (whisper,) = await place.slack.until(lambda: place.slack.whispered("C1"))
        assert "There is no announcement yet." in text(whisper)


async def test_a_choice_that_was_overtaken_changes_nothing(knowledge: Knowledge):
    """What was chosen last stays in the preview, whichever answer comes last."""
    async with office(knowledge) as place:
        view = await place.open()
        body = place.slack._in_view("block_actions", view, actions=[{"type": "static_select", "action_id": "name"}])
        await place.slack.fill_in(view, name="linkedin-ai-training/correction")
        later = await place.showing(view, lambda said: "An earlier version" in said)
        await place.slack._interact(body)
        await place.bot.finish()
        assert place.now(view) == later


async def test_a_database_that_cannot_be_used_is_no_silence(knowledge: Knowledge, monkeypatch):
    """The window apologises, and nothing is half noted."""

    async def locked(*_: Any, **__: Any) -> None:
        raise UnavailableError("locked")

    async with office(knowledge) as place:
        monkeypatch.setattr(place.desk.announcers, "announce", locked)
        view = await place.open()
        await place.slack.fill_in(view, channels=["C1"])
        await place.slack.submit(view)
        await place.showing(view, lambda said: said == place.desk.content.phrases.apology)


GAP = {"date": "2027-03-28", "time": "02:30", "zone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({}, {"channels": "There is no place"}),
        (
            {"channels": ["C1"], "date": "2026-11-23", "time": "12:30"},
            {"time": "is past: there it is 2026-11-23 13:00"},
        ),
        ({"channels": ["C1"], **GAP}, {"time": "Choose 03:30"}),
        ({"channels": ["C1"], "date": "2026-12-01"}, {"time": wishes.NOT_BOTH}),
        ({"channels": ["C1"], "time": "09:00"}, {"date": wishes.NOT_BOTH}),
        ({"channels": ["C1"], "zone": "Mars"}, {"zone": "'Mars' is no time zone"}),
        ({"people": ["U2"], "members": True}, {"members": wishes.NO_CHANNELS}),
        ({"people": ["U2"], "everyone": True}, {"everyone": "None of the places is a Slack channel"}),
        (
            {"date": "2026-11-23", "time": "12:30", "everyone": True},
            {"channels": "There is no place", "time": "is past"},
        ),
    ],
    ids=lambda value: " ".join(value) or "nothing" if isinstance(value, dict) else None,
)
async def test_what_cannot_be_sent_is_said_at_its_field(knowledge: Knowledge, given: dict, errors: dict):
    """Everything that is wrong at once, and nothing is noted."""
    async with office(knowledge) as place:
        view = await place.open()
        await place.slack.fill_in(view, **given)
        said = (await place.slack.submit(view)).json
        assert said["response_action"] == "errors"
        assert set(said["errors"]) == set(errors)
        assert all(part in said["errors"][field] for field, part in errors.items())
        assert await place.desk.announcers.copies(LAUNCH, ME) == ()


@pytest.mark.parametrize(
    ("field", "forged", "at"),
    [
        ("name", {"selected_option": {"value": "mars/launch"}}, "name"),
        ("language", {"selected_option": {"value": "xx"}}, "language"),
        ("audiences", {"selected_options": [{"value": "slack:T2/C1"}]}, "audiences"),
        ("channels", {"selected_conversations": ["C1\n", "<!channel>"]}, "channels"),
        ("people", {"selected_users": ["C1 C2"]}, "channels"),
        ("zone", {"value": "../etc/passwd"}, "zone"),
        ("date", {"selected_date": "tomorrow"}, "time"),
    ],
)
async def test_what_no_form_could_hold_is_refused(knowledge: Knowledge, field: str, forged: dict, at: str):
    """What comes with a submission is not trusted to be what was offered."""
    async with office(knowledge) as place:
        view = await place.open()
        await place.slack.fill_in(view, channels=["C1"], time="09:00", date="2026-12-01")
        place.slack.entered[view["id"]][field] = {field: forged}
        said = (await place.slack.submit(view)).json
        assert list(said["errors"]) == [at]
        assert await place.desk.announcers.copies(LAUNCH, ME) == ()


# -- the draft


async def test_a_draft_shows_the_message_and_what_is_missing_where(knowledge: Knowledge):
    """In each place's language; each place with the fix; checked again once it is mended."""
    async with office(knowledge) as place:
        view = await place.draft(channels=["C1"], audiences=["berlin"], everyone=True)
        said = text(view)
        assert "<#C1> (en) ready" in said
        assert "<#C2> (en) not ready: the bot is not in the channel: invite it there" in said
        assert labels(view) == ["Send", "Send me a copy first", "Check again", "Discard"]
        assert ("<!channel>" in said, "and you can switch it off" in said) == (True, True)
        place.slack.channels["C2"].members.add("UBOT")
        await place.slack.press_in("Check again", view)
        await place.showing(view, lambda said: "<#C2> (en) ready" in said)
        assert (place.slack.said("C1"), place.slack.said("C2")) == ([], [])


async def test_without_the_scope_to_look_a_place_is_not_called_ready(knowledge: Knowledge):
    """It says that it was not checked; members cannot be sent to at all then."""
    async with office(knowledge, scopes=set()) as place:
        view = await place.draft()
        assert "ready: not checked: the bot has no right to look" in text(view)
        view = await place.draft(channels=["C2"], members=True)
        assert "each member of <#C2> (en) not ready: the bot lacks a right" in text(view)


async def test_a_sent_draft_arrives_once_and_its_sender_is_told(knowledge: Knowledge):
    """Pressed twice, by two people at once: one message, one report."""
    async with office(knowledge) as place:
        place.slack.users["U2"]["is_owner"] = True
        view = await place.draft()
        other = await place.open(user="U2")
        place.slack.put_up(other["id"], {k: view[k] for k in ("type", "callback_id", "title", "blocks")}, "U2")
        other = place.now(other)
        await asyncio.gather(*(place.slack.press_in("Send", each) for each in (view, view, other)))
        assert await place.settled() == {"C1": "post done"}
        (result,) = await place.slack.until(lambda: place.slack.said("D1") or place.slack.said("D2"))
        assert "1 place: 1 sent" in text(result)
        await place.showing(view, lambda said: "sent" in said)
        await place.bot.finish()
        notes = [text(place.now(each)) for each in (view, other)]
        assert any(place.desk.phrases().acts.send.none in note for note in notes)
        assert len(place.slack.said("C1")) == 1
        assert len(place.slack.said("D1")) + len(place.slack.said("D2")) == 1
        assert (await place.acts()).count("announce") == 1


async def test_a_form_submitted_twice_is_one_draft(knowledge: Knowledge):
    """The second finds the places there; and places that have it are not drafted again."""
    async with office(knowledge) as place:
        view = await place.open()
        await place.slack.fill_in(view, channels=["C1"])
        body = place.slack._in_view("view_submission", view)
        await asyncio.gather(place.slack._interact(body), place.slack._interact(body))
        view = await place.showing(view, lambda said: "ready" in said)
        await place.bot.finish()
        assert [one.task for one in await place.desk.announcers.copies(LAUNCH, ME)] == ["check"]
        assert await place.acts() == ["announce"]


async def test_who_drafts_it_again_adds_to_their_draft_and_is_told_which_time_and_settings_it_has(knowledge: Knowledge):
    """Those given last, for all of its places: what the window shows is what is sent."""
    async with office(knowledge) as place:
        place.slack.channels["C2"].members.add("UBOT")
        await place.draft(everyone=True)
        again = await place.draft(channels=["C2"], date="2026-12-01", time="09:00")
        assert place.desk.phrases().joined_draft in text(again)
        assert "your draft of 2026-12-01 09:00 (Europe/Berlin)  2 places: 2 ready" in text(again)
        assert ("<!channel>" in text(again), labels(again)[0]) == (False, "Schedule")
        last = await place.draft(everyone=True)
        assert "your draft of 2026-11-23 13:00 (Europe/Berlin)  2 places: 2 ready" in text(last)
        await place.slack.press_in("Send", last)
        assert await place.settled() == {"C1": "post done", "C2": "post done"}
        assert ["<!channel>" in text(place.slack.said(channel)[0]) for channel in ("C1", "C2")] == [True, True]


@pytest.mark.parametrize("first", ["U1", "U2"])
async def test_each_announcer_sends_their_own_draft(knowledge: Knowledge, first: str):
    """Its places, its time and whom it notifies, whoever of them drafted first; each is told of the other's."""
    given = {"U1": {"channels": ["C1"], "date": "2030-01-01", "time": "09:00", "everyone": True}}
    given["U2"] = {"channels": ["C2"]}
    async with office(knowledge) as place:
        place.slack.users["U2"]["is_owner"] = True
        place.slack.channels["C2"].members.add("UBOT")
        views = {user: await place.draft(user, **given[user]) for user in (first, *({"U1", "U2"} - {first}))}
        alone, later = text(views[first]), text(views["U2" if first == "U1" else "U1"])
        assert ("There is also a draft" in alone, "There is also a draft" in later) == (False, True)
        other = {"U1": "<@U1>: 1 place, for 2030-01-01 09:00 (Europe/Berlin)", "U2": "<@U2>: 1 place"}[first]
        assert f"There is also a draft by {other}. Only they can send it." in later
        shown_places = {user: {one for one in ("<#C1>", "<#C2>") if one in text(view)} for user, view in views.items()}
        assert shown_places == {"U1": {"<#C1>"}, "U2": {"<#C2>"}}
        assert ["<!channel>" in text(views[user]) for user in ("U1", "U2")] == [True, False]

        await place.slack.press_in("Send", views["U2"])
        sent = await place.showing(views["U2"], lambda said: "<#C2> (en) sent" in said)
        assert "It is on its way to 1 place." in text(sent)
        assert "There is also a draft by <@U1>" in text(sent)
        (result,) = await place.slack.until(lambda: place.slack.said("D2"))
        assert "1 place: 1 sent" in text(result)
        assert "<!channel>" not in text(place.slack.said("C2")[0])
        assert place.slack.said("C1") == []

        await place.slack.press_in("Schedule", views["U1"])
        due = await place.showing(views["U1"], lambda said: "waiting" in said)
        assert "It goes out on 2030-01-01 09:00 (Europe/Berlin) to 1 place." in text(due)
        assert (len(place.slack.said("C2")), place.slack.said("C1"), place.slack.said("D1")) == (1, [], [])


async def test_nobody_cancels_or_recalls_somebody_elses_draft(knowledge: Knowledge):
    """By the button of a draft, nor by those of what was sent under the same name."""
    async with office(knowledge) as place:
        place.slack.users["U2"]["is_owner"] = True
        place.slack.channels["C2"].members.add("UBOT")
        await place.draft("U2", channels=["C2"], everyone=True)
        own = await place.draft()
        await place.slack.press_in("Discard", own)
        gone = await place.showing(own, lambda said: "The draft for 1 place is dropped." in said)
        assert f"{LAUNCH} was not announced yet." in text(gone)
        assert "There is also a draft by <@U2>" in text(gone)
        own = await place.draft()
        await place.slack.press_in("Send", own)
        sent = await place.showing(own, lambda said: "<#C1> (en) sent" in said)
        await place.slack.press_in("Recall", sent)
        await place.showing(own, lambda said: "1 recalled" in said)
        await place.slack.command("report launch", user="U2")
        (report,) = await place.slack.until(lambda: place.slack.whispered("C1"))
        assert ("<#C2> (en) ready" in text(report), "<!channel>" in text(report)) == (True, True)
        await place.slack.press("Send", report, user="U2")
        await place.slack.until(lambda: place.slack.said("C2"))
        assert "<!channel>" in text(place.slack.said("C2")[0])


@pytest.mark.parametrize(
    ("places", "told"),
    [(["C1", "C2"], "It is on its way to 1 place."), (["C1"], "All places of the draft have it by now")],
    ids=["one of two", "the only one"],
)
async def test_a_place_that_got_it_from_somebody_else_is_left_out_and_that_is_said(
    knowledge: Knowledge, places: list[str], told: str
):
    """It has one copy, and the draft is over."""
    async with office(knowledge) as place:
        place.slack.users["U2"]["is_owner"] = True
        place.slack.channels["C2"].members.add("UBOT")
        one, other = await place.draft(channels=["C1"]), await place.draft("U2", channels=places)
        await place.slack.press_in("Send", one)
        await place.showing(one, lambda said: "<#C1> (en) sent" in said)
        await place.slack.press_in("Send", other)
        sent = await place.showing(other, lambda said: told in said)
        assert ("Left out, since it has it or has it coming: 1 place." in text(sent)) == (len(places) == 2)
        assert set((await place.settled()).values()) == {"post done"}
        assert [len(place.slack.said(channel)) for channel in places] == [1] * len(places)
        assert not await place.desk.announcers.draft(LAUNCH, "slack T1 U2")


async def test_the_list_has_each_draft_in_a_line_of_its_own(knowledge: Knowledge):
    """With whose it is."""
    async with office(knowledge) as place:
        place.slack.users["U2"]["is_owner"] = True
        await place.draft()
        await place.draft("U2", channels=["C1", "C2"])
        await place.slack.command("announcements")
        (listing,) = await place.slack.until(lambda: place.slack.whispered("C1"))
        lines = [line.split("  ") for line in text(listing).splitlines() if line.startswith(LAUNCH)]
        assert {(when.partition(" 2026")[0], told.partition(":")[0]) for _, when, told in lines} == {
            ("your draft of", "1 place"),
            ("draft by slack T1 U2 of", "2 places"),
        }


async def test_places_that_have_it_get_no_second_draft_but_can_have_another_copy(knowledge: Knowledge):
    """The window says so, and *Duplicate* drafts one."""
    async with office(knowledge) as place:
        view = await place.draft()
        await place.slack.press_in("Send", view)
        await place.settled()
        again = await place.open()
        await place.slack.fill_in(again, channels=["C1"])
        await place.slack.submit(again)
        again = await place.showing(again, lambda said: "have it already" in said)
        await place.slack.press_in("Duplicate", again)
        draft = await place.showing(again, lambda said: "<#C1> (en) ready" in said)
        await place.slack.press_in("Send", draft)
        await place.slack.until(lambda: len(place.slack.said("C1")) == 2)


async def test_a_preview_goes_to_the_person_alone(knowledge: Knowledge):
    """As others will see it, with everything to press; the draft stays one."""
    async with office(knowledge) as place:
        view = await place.draft(channels=[], audiences=["berlin"], everyone=True)
        await place.slack.press_in("Send me a copy first", view)
        (copy_,) = await place.slack.until(lambda: place.slack.said("D1"))
        assert "LinkedIn trainiert KI" in text(copy_)
        assert "<!channel>" in text(copy_)
        assert labels(copy_) == ["So geht es", "Frage stellen"]
        assert place.slack.said("C1") == []
        assert await place.desk.announcers.draft(LAUNCH, ME)


async def test_a_draft_can_be_scheduled_and_cancelled(knowledge: Knowledge):
    """It is sent when it is due and not before; what is cancelled is not sent, and can be drafted again."""
    async with office(knowledge) as place:
        view = await place.draft(date="2026-12-01", time="09:00", zone="Europe/Berlin")
        assert "draft of 2026-12-01 09:00 (Europe/Berlin)" in text(view)
        await place.slack.press_in("Schedule", view)
        due = await place.showing(view, lambda said: "waiting" in said)
        assert "It goes out on 2026-12-01 09:00 (Europe/Berlin) to 1 place." in text(due)
        (copy_,) = await place.desk.announcers.copies(LAUNCH, ME)
        assert (copy_.state, copy_.not_before.isoformat()) == ("pending", "2026-12-01T08:00:00+00:00")
        cancel = next(each for each in objects(due["blocks"]) if each.get("text", {}) == {
            "type": "plain_text", "text": "Cancel what is not sent", "emoji": False
        })  # fmt: skip
        assert cancel["confirm"]["text"]["text"] == place.desk.phrases().acts.cancel.confirm
        await place.slack.press_in("Cancel what is not sent", due)
        await place.showing(view, lambda said: "1 cancelled" in said)
        assert "ready" in text(await place.draft())
        assert place.slack.said("C1") == []


async def test_dropping_a_draft_leaves_what_is_scheduled_under_the_same_name(knowledge: Knowledge):
    """Another draft of an announcement is another decision."""
    async with office(knowledge) as place:
        view = await place.draft(date="2026-12-01", time="09:00")
        await place.slack.press_in("Schedule", view)
        await place.showing(view, lambda said: "waiting" in said)
        other = await place.draft(channels=["C2"])
        assert "<#C1>" not in text(other)
        await place.slack.press_in("Discard", other)
        after = await place.showing(other, lambda said: "The draft for 1 place is dropped." in said)
        assert "due 2026-12-01 09:00" in text(after)
        states = {one.place.id: one.state for one in await place.desk.announcers.copies(LAUNCH, ME)}
        assert states == {"C1": "pending"}


async def test_a_time_that_passed_while_the_draft_lay_there_is_not_sent(knowledge: Knowledge):
    """The person decides anew."""
    async with office(knowledge) as place:
        view = await place.draft(date="2026-11-23", time="14:00")
        place.bot.edge._exchange._dialog._clock = lambda: NOON.replace(hour=15)
        await place.slack.press_in("Schedule", view)
        await place.showing(view, lambda said: "is past" in said)
        assert [one.task for one in await place.desk.announcers.copies(LAUNCH, ME)] == ["check"]


async def test_members_get_a_direct_message_each(knowledge: Knowledge):
    """Everybody in the channel but the bot itself."""
    async with office(knowledge) as place:
        view = await place.draft(members=True)
        await place.slack.press_in("Send", view)
        await place.slack.until(lambda: place.slack.said("D1") and place.slack.said("D2"))
        assert await place.settled() == {"U1": "post done", "U2": "post done"}
        assert place.slack.said("C1") == []


# -- reports


async def test_reports_come_with_buttons_that_fit(knowledge: Knowledge):
    """A list, one announcement of it, its correction and recall, each in the place of the one before."""
    async with office(knowledge) as place:
        view = await place.draft()
        await place.slack.press_in("Send", view)
        await place.settled()
        await place.slack.until(lambda: place.slack.said("D1"))
        await place.slack.command("announcements")
        (listing,) = await place.slack.until(lambda: place.slack.whispered("C1"))
        assert f"{LAUNCH}  since" in text(listing)
        await place.slack.press("launch", listing)
        await place.slack.until(lambda: "Recall" in labels(listing))
        assert labels(listing) == ["Refresh", "Correct", "Recall", "Duplicate"]
        assert "<#C1> (en) sent <https://slack.com/archives/C1/p" in text(listing)
        await place.slack.press("Correct", listing)
        await place.slack.until(lambda: "1 corrected" in text(listing))
        assert "Corrected on 23 November 2026." in text(place.slack.said("C1")[0])
        await place.slack.press("Recall", listing)
        await place.slack.until(lambda: "1 recalled" in text(listing))
        assert (place.slack.said("C1"), labels(listing)) == ([], ["Refresh", "Duplicate"])
        assert len(place.slack.whispered("C1")) == 1
        assert await place.acts() == ["announce", "send", "correct", "recall"]


async def test_what_failed_and_what_may_have_arrived_can_be_settled(knowledge: Knowledge):
    """Tried again, sent again or left, as the person decides."""
    async with office(knowledge, scopes={"channels:read"}) as place:
        place.slack.fail("chat.postMessage", "drop_after")
        await place.sent("slack:T1/C1")
        await place.settled()
        await place.sent("slack:T1/C2")
        assert await place.settled() == {"C1": "post unknown", "C2": "post failed"}
        await place.slack.command("report launch")
        (report,) = await place.slack.until(lambda: place.slack.whispered("C1"))
        assert "<#C1> (en) may have arrived" in text(report)
        assert labels(report) == ["Refresh", "Try what failed again", "Send again", "Leave", "Duplicate"]
        await place.slack.press("Leave", report)
        await place.slack.until(lambda: "may have arrived, left" in text(report))
        place.slack.channels["C2"].members.add("UBOT")
        await place.slack.press("Try what failed again", report)
        await place.slack.until(lambda: place.slack.said("C2"))
        assert len(place.slack.said("C1")) == 1


async def test_a_report_in_a_direct_message_has_its_buttons_too(knowledge: Knowledge):
    """Where there is no response address it is a message, which a press replaces."""
    async with office(knowledge) as place:
        await place.sent("slack:T1/C1")
        await place.settled()
        await place.sent("slack:T1/C2", draft=True)
        await place.slack.write(f"report {LAUNCH}")
        (report,) = await place.slack.until(lambda: place.slack.said("D1"))
        assert "There is also a draft by terminal me: 1 place. Only they can send it." in text(report)
        assert labels(report) == ["Refresh", "Correct", "Recall", "Duplicate"]
        await place.slack.press("Refresh", report)
        await place.slack.until(lambda: "<#C1>" in text(report))


@pytest.mark.parametrize("value", [["explode", LAUNCH], ["recall", "mars/launch"], ["recall"], []])
async def test_a_forged_button_does_nothing(knowledge: Knowledge, value: list[str]):
    """An act or a name that is not known is answered or ignored, never obeyed."""
    async with office(knowledge) as place:
        await place.slack.command("announcements")
        (listing,) = await place.slack.until(lambda: place.slack.whispered("C1"))
        listing["blocks"] = [{"type": "actions", "elements": [
            {"type": "button", "text": {"type": "plain_text", "text": "x"}, "action_id": "press:0",
             "value": json.dumps(["announcing", *value])}
        ]}]  # fmt: skip
        assert (await place.slack.press("x", listing)).status == 200
        await place.bot.finish()
        assert await place.acts() == []


@pytest.mark.parametrize(
    ("former", "act"), [("preview", "trial"), ("again", "retry"), ("unknown", "resend"), ("send", "schedule")]
)
async def test_a_button_of_before_does_what_it_said(knowledge: Knowledge, former: str, act: str):
    """An earlier version had other names for some acts, and one for sending now and later."""
    async with office(knowledge) as place:
        view = await place.draft(date="2026-12-01", time="09:00")
        (button,) = [
            each for each in objects(view["blocks"]) if "Schedule" in str(each.get("text", "")) and "value" in each
        ]
        button["value"] = json.dumps(["announcing", former, LAUNCH])
        await place.slack.press_in("Schedule", view)
        told = {
            "trial": "A copy is on its way to you alone.",
            "retry": "Nothing has failed.",
            "resend": "No copy is uncertain, so none is sent again.",
            "schedule": "It goes out on 2026-12-01 09:00 (Europe/Berlin) to 1 place.",
        }[act]
        await place.showing(view, lambda said: told in said)


def test_the_button_of_every_act_is_drawn_with_its_words(knowledge: Knowledge):
    """As the table and the phrases have it, so that it asks before it destroys something."""
    phrases, place = knowledge.content.phrases, Place("slack", "T1", "C1")
    group = Delivery("1", "a", "t/n", "slack:T1", place, "members", "en", "expand", "pending", 0, 0, "", "")
    refresh, cancel, duplicate = buttoned(phrases, "t/n", Seen(None, (group,), has_file=True))
    assert (refresh.label, refresh.value) == ("Refresh", ("refresh", "t/n"))
    assert (cancel.label, cancel.value) == (phrases.acts.cancel.label, ("cancel", "t/n"))
    assert (cancel.style, cancel.confirm) == (ACTS["cancel"].style, phrases.acts.cancel.confirm)
    assert duplicate.value == ("duplicate", "t/n")
