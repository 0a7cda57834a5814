"""Announcements from the file to the channel: what announcers ask for, what is sent, and what is reported."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.announcements import notices, reports
from bot.announcements import plans as announcing
from bot.announcements.copies import Addressee, Delivery, KeptAnnouncement, Target, new_id
from bot.announcements.deliveries import Deliveries
from bot.announcements.dispatcher import Dispatcher
from bot.announcements.lanes import Lanes
from bot.cli.main import main
from bot.content.loading import load
from bot.content.topics import Content
from bot.errors import AnnouncingError, ContentError
from bot.messages import Address, Button, Buttons, Link, Message, Note, Person, Place, Post, Press, Title
from bot.platforms.known import PLATFORMS
from bot.storage.ledger import open_ledger
from bot.wording import replies
from bot.wording.plain_text import draw
from tests.conftest import NOON
from tests.fakes import slack_bot, teams_bot
from tests.fakes.delivering import TICK, me
from tests.fakes.slack import FakeSlack
from tests.fakes.teams_deliveries import TENANT

LAUNCH = ("linkedin-ai-training", "launch")
CHANNEL = "19:team@thread.tacv2"


@pytest.fixture
def optout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: Path):
    """Runs the command in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code in (0, 1), result.output
        return result.output

    return run


# -- what announcers ask for


@pytest.mark.parametrize("name", ["launch", "linkedin-ai-training/launch"])
def test_an_announcement_is_found_by_its_name(content: Content, name: str):
    """The topic may stand in front of it."""
    assert announcing.find(content, name) == LAUNCH


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        ("slack:T012AB/C0123", "channel", Place("slack", "T012AB", "C0123")),
        ("slack:T012AB/U0123", "person", Place("slack", "T012AB", "U0123")),
        ("slack:T012AB/S0123", "members", Place("slack", "T012AB", "S0123")),
        ("members:slack:T012AB/C0123", "members", Place("slack", "T012AB", "C0123")),
        (f"teams:{TENANT}/{CHANNEL}", "channel", Place("teams", TENANT, CHANNEL)),
        (f"teams:{TENANT}/29:1abc-_x", "person", Place("teams", TENANT, "29:1abc-_x")),
        (f"teams:{TENANT}/{TENANT}", "person", Place("teams", TENANT, TENANT)),
        (f"teams:{TENANT.upper()}/{TENANT.upper()}", "person", Place("teams", TENANT, TENANT)),
        (f"members:teams:{TENANT}/{CHANNEL}", "members", Place("teams", TENANT, CHANNEL)),
    ],
)
def test_a_place_is_read_as_people_write_it(text: str, kind: Addressee, place: Place):
    """Both platforms, whole, and who gets a copy there."""
    assert announcing.target(PLATFORMS, text, "de") == Target(place, kind, "de")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "everyone",
        "#general",
        "slack:C1",
        "slack:T1/#general",
        "slack:T1/C1\n",
        "teams:acme/19:x",
        "discord:1/2",
        "members:slack:T1/U1",
        f"teams:{TENANT}/19:\udcff",
        f"teams:{TENANT}/19:\x00",
        f"teams:{TENANT}/19:\x1b[2J",
        f"teams:{TENANT}/19:\u202e",
    ],
)
def test_a_place_that_is_none_is_refused_with_what_was_expected(content: Content, text: str):
    """The answer shows how a place is written."""
    with pytest.raises(AnnouncingError, match="slack:WORKSPACE/CHANNEL"):
        announcing.targets(content, PLATFORMS, [text], "en")


def test_no_place_and_a_language_that_nobody_reads_are_refused(content: Content):
    """Nothing is noted for either."""
    with pytest.raises(AnnouncingError, match="no place to send it to"):
        announcing.targets(content, PLATFORMS, [], "en")
    with pytest.raises(AnnouncingError, match="'xx' is none of en, de"):
        announcing.targets(content, PLATFORMS, ["slack:T1/C1"], "xx")


def test_an_audience_names_places_with_their_languages(small: Path, tmp_path: Path):
    """A place that is named twice gets one copy, in the language that was named first."""
    (tmp_path / "audiences.yaml").write_text(
        "berlin:\n  - place: slack:T1/C1\n    language: de\n  - place: slack:T1/C2\n", encoding="utf-8"
    )
    found = announcing.targets(load([tmp_path]), PLATFORMS, ["berlin", "slack:T1/C1", "slack:T1/C3"], "fr")
    assert [(target.place.id, target.language) for target in found] == [("C1", "de"), ("C2", "en"), ("C3", "fr")]


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("launch", "sender: Anna\nwords:\n  de: {title: t, text: t}\n", "words: expected words in en"),
        ("launch", "sender: Anna\nwords:\n  en: {title: t, text: ''}\n", "words.en.text"),
        ("launch", "sender: Anna\nwords:\n  xx: {title: t, text: t}\n  en: {title: t, text: t}\n", "words.xx"),
        ("launch", "title: t\n", "sender: expected a value"),
        (
            "launch",
            'sender: Anna\nwords:\n  en: {title: t, text: "\\x01"}\n',
            "words.en.text: expected something to read",
        ),
        ("launch", 'sender: Anna\nwords:\n  en: {title: "\\u202e", text: t}\n', "title: expected something to read"),
        ("launch", 'sender: "\\x01"\nwords:\n  en: {title: t, text: t}\n', "sender: expected something to read"),
        (
            "launch",
            'sender: Anna\npicture: https://example.com/a.png\nwords:\n  en: {title: t, text: t, alt: "\\x01"}\n',
            "words.en.alt: expected something to read",
        ),
        ("launch", f"sender: A\nwords:\n  en: {{title: t, text: {'x' * 2001}}}\n", "at most 2000 characters"),
    ],
)
def test_a_mistake_in_an_announcement_is_named(small: Path, tmp_path: Path, file: str, text: str, expected: str):
    """By file, line and field, like every other content."""
    path = tmp_path / "linkedin-ai-training" / "announcements" / f"new-{file}.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=r"announcements/new-launch\.yaml") as error:
        load([tmp_path])
    assert expected in str(error.value)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-12-01 09:00", "Europe/Berlin", "2026-12-01T08:00:00+00:00"),
        ("2026-12-01 09:00", "America/New_York", "2026-12-01T14:00:00+00:00"),
        ("2026-12-01 09:00", "UTC", "2026-12-01T09:00:00+00:00"),
    ],
)
def test_a_moment_is_the_zones(text: str, zone: str, expected: str):
    """What a clock on the wall there shows."""
    assert announcing.moment(text, zone, NOON).isoformat() == expected


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2027-03-28 02:30", "Europe/Berlin", "is skipped there that day.*Choose 03:30"),
        ("2027-10-31 02:30", "Europe/Berlin", "comes twice there that day.*Choose 03:30"),
        ("2026-11-23 12:30", "Europe/Berlin", "is past: there it is 2026-11-23 13:00"),
        ("tomorrow", "UTC", "no date and time"),
        ("2026-13-01 09:00", "UTC", "no date and time"),
        ("9999-12-31 23:59", "America/New_York", "no date and time"),
        ("2026-12-01 09:00", "Mars/Olympus", "no time zone"),
        ("2026-12-01 09:00", "../etc/passwd", "no time zone"),
    ],
)
def test_a_moment_that_is_none_is_refused_with_a_suggestion(text: str, zone: str, expected: str):
    """Skipped, doubled, past, and what is no time at all."""
    with pytest.raises(AnnouncingError, match=expected):
        announcing.moment(text, zone, NOON)


# -- what is sent


def test_a_copy_says_what_who_and_where_and_what_can_be_pressed(content: Content):
    """In the language of the place; the address stands in the text, and the steps and the question are a press away."""
    topic, kept = content.topics[0], announcing.announced(content, LAUNCH)
    german = notices.announced(content, topic, kept, "de")
    assert having(german, Title)[0].text.startswith("LinkedIn trainiert")
    assert topic.facts.link in draw(german)
    assert [button.action for button in buttons_of(german)] == ["how", "ask"]
    assert having(german, Note)[0].text == "Gesendet von: The privacy team."
    french = notices.announced(content, topic, kept, "fr")
    assert having(french, Title)[0].text == kept.words["en"].title


async def test_pressing_shows_the_steps_and_invites_a_question_to_the_presser_alone(desk):
    """In the language of the announcement, and never for everyone."""
    person, place = Person("slack", "T1", "U1"), Place("slack", "T1", "C1")
    (how,) = await desk.press(Press("how", (LAUNCH[0], "de"), person, place, "c", "aside"), NOON)
    assert (how.to, "Schritt" in draw(how.message) or "Einstellung" in draw(how.message)) == ("asker", True)
    assert having(how.message, Link)
    (ask,) = await desk.press(Press("ask", (LAUNCH[0], "en"), person, place, "c", "aside"), NOON)
    assert (ask.language, len(buttons_of(ask.message))) == ("en", 3)
    assert await desk.grant(ask, person, NOON) == Post(ask.message, language="en")
    (stale,) = await desk.press(Press("how", ("mars", "en"), person, place, "c", "aside"), NOON)
    assert stale.message == replies.sentence(desk.content.phrases.stale_button)


async def test_slack_gets_corrects_and_loses_its_copies(content: Content):
    """Through the real edge: one message with buttons that Slack accepts, then the correction in it, then nothing."""
    async with slack_bot.running() as bot, open_ledger("sqlite:///:memory:") as ledger:
        deliveries = Deliveries(ledger.database)
        place = Place("slack", "T1", "C1")
        async with sending(deliveries, {"slack": bot.edge.courier(partial(notices.copy, content))}):
            await deliveries.announce(
                noted(content), announcing.targets(content, PLATFORMS, ["slack:T1/C1", "slack:T2/C1"], "de")
            )
            await done(deliveries)
            (said,) = bot.slack.said("C1")
            assert "LinkedIn trainiert" in json.dumps(said["blocks"], ensure_ascii=False)
            kept = announcing.announced(content, LAUNCH, NOON.date())
            await deliveries.correct("/".join(LAUNCH), kept.model_dump_json(), me())
            await done(deliveries)
            (said,) = bot.slack.said("C1")
            assert "Berichtigt am 23. November 2026." in json.dumps(said["blocks"], ensure_ascii=False)
            await deliveries.recall("/".join(LAUNCH), me())
            await done(deliveries)
            assert bot.slack.said("C1") == []
        copies = await deliveries.copies("/".join(LAUNCH))
    states = {copy.place: (reports.state(copy), reports.reason(PLATFORMS, copy)) for copy in copies}
    assert states[place] == ("recalled", "")
    assert reports.totals(copies) == "2 places: 1 recalled, 1 cancelled"


async def test_teams_gets_corrects_and_loses_its_copies(content: Content):
    """Through the real edge, to a team in which the app is; a tenant without it says so."""
    async with teams_bot.running() as bot:
        deliveries = Deliveries(bot.ledger.database)
        where = Place("teams", TENANT, CHANNEL)
        await bot.ledger.note_address(Address(where, "team", f"{bot.teams.origin}/emea/"))
        stranger = "teams:bbbbbbbb-0000-4000-8000-000000000001/19:x@thread.tacv2"
        async with sending(deliveries, {"teams": bot.edge.courier(partial(notices.copy, content))}):
            wanted = announcing.targets(content, PLATFORMS, [f"teams:{TENANT}/{CHANNEL}", stranger], "en")
            await deliveries.announce(noted(content), wanted)
            await done(deliveries)
            (said,) = bot.teams.said(CHANNEL)
            assert "Open the setting" in json.dumps(said)
            kept = announcing.announced(content, LAUNCH, NOON.date())
            await deliveries.correct("/".join(LAUNCH), kept.model_dump_json(), me())
            await done(deliveries)
            (said,) = bot.teams.said(CHANNEL)
            assert "Corrected on 23 November 2026." in json.dumps(said)
            copies = await deliveries.copies("/".join(LAUNCH))
            assert {reports.reason(PLATFORMS, copy) for copy in copies} == {
                "",
                PLATFORMS["teams"].reasons["app_not_installed"],
            }
            await deliveries.recall("/".join(LAUNCH), me())
            await done(deliveries)
            assert bot.teams.said(CHANNEL) == []


async def test_a_platform_that_does_not_answer_holds_up_its_own_copies_alone(content: Content):
    """The others go out from the first moment, and its own as soon as it answers."""
    slack = FakeSlack()
    slack.fail("auth.test", "slow")
    async with slack_bot.running(slack=slack, early=True) as on_slack, teams_bot.running(early=True) as on_teams:
        teams, deliveries = on_teams.teams, Deliveries(on_teams.ledger.database)
        where = Place("teams", TENANT, CHANNEL)
        await on_teams.ledger.note_address(Address(where, "team", f"{teams.origin}/emea/"))
        edges = {"slack": on_slack.edge, "teams": on_teams.edge}
        couriers = {name: edge.courier(partial(notices.copy, content)) for name, edge in edges.items()}
        async with sending(deliveries, couriers):
            await deliveries.announce(
                noted(content),
                announcing.targets(content, PLATFORMS, ["slack:T1/C1", f"teams:{TENANT}/{CHANNEL}"], "en"),
            )
            await teams.until(lambda: teams.said(CHANNEL))
            assert slack.said("C1") == []
            slack.released.set()
            await slack.until(lambda: slack.said("C1"))
            await done(deliveries)


async def test_a_copy_whose_topic_is_gone_fails_and_says_so(content: Content):
    """The content may have changed between the wish and its day."""
    async with slack_bot.running() as bot, open_ledger("sqlite:///:memory:") as ledger:
        kept = announcing.announced(content, LAUNCH).model_copy(update={"topic": "gone"})
        async with sending(Deliveries(ledger.database), {"slack": bot.edge.courier(partial(notices.copy, content))}):
            await Deliveries(ledger.database).announce(
                noted(content, kept), announcing.targets(content, PLATFORMS, ["slack:T1/C1"], "en")
            )
            await done(Deliveries(ledger.database))
        (copy,) = await Deliveries(ledger.database).copies("/".join(LAUNCH))
    assert (copy.state, reports.reason(PLATFORMS, copy)) == ("failed", reports.REASONS["topic_gone"])


# -- the commands


def test_a_dry_run_shows_the_message_and_the_places_and_notes_nothing(optout):
    """What would be sent, exactly."""
    shown = optout("announce", "launch", "--to", "slack:T1/C1", "--dry-run")
    assert "LinkedIn trains AI" in shown
    assert "slack:T1/C1" in shown
    assert "Nothing was sent." in shown
    assert optout("announcements") == "Nothing was announced yet.\n"


def test_the_commands_note_wishes_and_who_had_them(optout, tmp_path: Path):
    """Announced, listed, due, reported, cancelled; and the audit knows who did each."""
    assert "goes to 1 place" in optout("announce", "launch", "--to", "slack:T1/C1")
    assert "Have it, or have it coming already: 1" in optout("announce", "launch", "--to", "slack:T1/C1")
    later = ("--at", "2099-01-01 09:00", "--zone", "Europe/Berlin")
    assert "due 2099-01-01 09:00 (Europe/Berlin)" in optout("announce", "correction", "--to", "slack:T1/C1", *later)
    assert optout("due").startswith("linkedin-ai-training/correction  due 2099-01-01 09:00 (Europe/Berlin)")
    assert "1 place: 1 waiting" in optout("report", "launch")
    assert optout("cancel", "launch") == "linkedin-ai-training/launch: 1 place will not get it.\n"
    assert "1 place: 1 cancelled" in optout("report", "launch", "--csv", "out.csv")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[0] == ",".join(reports.COLUMNS)
    audit = [line.split("  ") for line in optout("audit").splitlines()]
    assert [line[2] for line in audit] == ["announce", "announce", "cancel"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", line[0]) for line in audit)
    assert all(line[1].startswith("terminal ") for line in audit)
    assert [line.split("  ")[2] for line in optout("audit", "correction").splitlines()] == ["announce"]


def test_a_draft_is_made_sent_and_made_again_from_the_terminal(optout):
    """Each step says what comes next."""
    told = optout("announce", "launch", "--to", "slack:T1/C1", "--draft")
    assert "is a draft for 1 place" in told
    assert "optout send launch" in told
    assert "draft of" in optout("announcements")
    assert "1 place: 1 being checked" in optout("report", "launch")
    assert "launch: It is on its way to 1 place. A message follows" in optout("send", "launch", "--tell", "slack:T1/U1")
    assert "launch: You have no draft of it" in optout("send", "launch")
    assert optout("duplicate", "launch") == "linkedin-ai-training/launch: This is a draft for 1 place.\n"
    assert "2 places: 1 waiting, 1 being checked" in optout("report", "launch")


def test_somebody_elses_draft_is_told_of_and_left_alone_at_the_terminal(optout, monkeypatch: pytest.MonkeyPatch):
    """By every command that is about one's own."""
    later = ("--at", "2099-01-01 09:00", "--mention-everyone")
    monkeypatch.setenv("LOGNAME", "alice")
    optout("announce", "launch", "--to", "slack:T1/C1", "--draft", *later)
    monkeypatch.setenv("LOGNAME", "ben")
    other = "There is also a draft by terminal alice: 1 place, for 2099-01-01 09:00 (UTC). Only they can send it.\n"
    assert optout("send", "launch").endswith(other)
    assert optout("report", "launch") == f"No places.\n{other}"
    drafted = ("announce", "launch", "--to", "slack:T1/C1", "--to", "slack:T1/C2", "--draft")
    assert other in optout(*drafted)
    assert "This was added to your draft" in optout(*drafted, "--language", "de")
    shown = optout("report", "launch")
    assert shown.startswith("2 places: 2 being checked\n")
    assert shown.endswith(other)
    lines = sorted(line.split("  ")[1].partition(" 2")[0] for line in optout("announcements").splitlines())
    assert lines == ["draft by terminal alice of", "your draft of"]
    assert optout("cancel", "launch") == "linkedin-ai-training/launch: 2 places will not get it.\n"
    optout(*drafted)
    assert "launch: It is on its way to 2 places.\n" in optout("send", "launch")
    monkeypatch.setenv("LOGNAME", "alice")
    assert optout("send", "launch").startswith("linkedin-ai-training/launch: All places of the draft have it by now")
    assert "You have no draft" in optout("send", "launch")
    assert optout("report", "launch").startswith("2 places: 2 waiting\n")


def test_a_copy_is_tried_and_posts_are_corrected_from_the_terminal(optout):
    """A trial has a report of its own; without posts there is nothing to correct."""
    assert "See how it went with: optout report linkedin-ai-training/launch/trial" in optout(
        "announce", "launch", "--try", "slack:T1/U1"
    )
    assert "1 place: 1 waiting" in optout("report", "linkedin-ai-training/launch/trial")
    told = optout("correct", "launch", "--posts")
    assert "linkedin-ai-training/posts: 0 posts whose entry has changed will be corrected." in told


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("announce", "launch", "--to", "slack:T1/U1", "--mention-everyone"), "only there can everybody be notified"),
        (("announce", "launch", "--to", "slack:T1/C1", "--tell", "slack:T1/C1"), "is no person"),
        (("announce", "lunch", "--to", "slack:T1/C1"), "'lunch' is no announcement. Known: linkedin-ai-training/"),
        (("announce", "launch"), "There is no place to send it to."),
        (("announce", "launch", "--to", "nowhere"), "'nowhere' is no place and no audience."),
        (("announce", "launch", "--to", "slack:T1/C1", "--at", "2001-01-01 09:00"), "is past"),
        (("report", "lunch"), "'lunch' is no announcement."),
        (("correct", "launch", "--with", "lunch"), "'lunch' is no announcement."),
    ],
)
def test_a_wish_that_cannot_be_granted_is_explained(optout, arguments: tuple[str, ...], expected: str):
    """Before anything is noted."""
    assert expected in optout(*arguments)
    assert optout("announcements") == "Nothing was announced yet.\n"


def test_a_table_that_cannot_be_written_is_explained(optout):
    """In a sentence with the reason."""
    optout("announce", "launch", "--to", "slack:T1/C1")
    told = optout("report", "launch", "--csv", "nowhere/out.csv")
    assert "nowhere/out.csv cannot be written: No such file or directory" in told


@pytest.mark.parametrize("name", ["posts", "result"])
def test_an_announcement_is_not_called_like_what_the_bot_notes_by_itself(small: Path, tmp_path: Path, name: str):
    """It would be missing in every list, and could not be corrected."""
    path = tmp_path / "linkedin-ai-training" / "announcements" / f"{name}.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("sender: Anna\nwords:\n  en: {title: t, text: t}\n", encoding="utf-8")
    with pytest.raises(ContentError, match=f"expected another name, found {name}.yaml"):
        load([tmp_path])


def test_a_table_for_spreadsheets_holds_no_formula():
    """A cell that a spreadsheet would run is quoted."""
    copy = Delivery(
        "1", "a", "t/n", "slack:T1", Place("slack", "T1", "C1"), "channel", "en", "post", "failed", 1, 1, "", "=1+1"
    )
    assert "'=1+1" in reports.as_csv(PLATFORMS, [copy])


def noted(content: Content, kept: Any = None) -> KeptAnnouncement:
    """The launch as it would be noted now."""
    words, now = kept or announcing.announced(content, LAUNCH), datetime.now(UTC)
    return KeptAnnouncement(new_id(), "/".join(LAUNCH), "v", words.model_dump_json(), "terminal me", now, now, "UTC")


@asynccontextmanager
async def sending(deliveries: Deliveries, couriers: dict[str, Any]) -> AsyncIterator[None]:
    """Delivers until the block ends."""
    limits = {name: platform.limits for name, platform in PLATFORMS.items()}
    dispatcher = Dispatcher(Lanes(deliveries.database), couriers, lambda: datetime.now(UTC), limits, TICK)
    running = asyncio.create_task(dispatcher.run())
    try:
        yield
    finally:
        await dispatcher.stop()
        await running


async def done(deliveries: Deliveries) -> None:
    """Returns once nothing of the launch is waiting or on its way."""
    async with asyncio.timeout(60):
        while any(copy.state in ("pending", "sending") for copy in await deliveries.copies("/".join(LAUNCH))):
            await asyncio.sleep(0.01)


def having(message: Message, kind: type) -> list[Any]:
    """The elements of one kind."""
    return [element for element in message.elements if isinstance(element, kind)]


def buttons_of(message: Message) -> list[Button]:
    """Every button of a message."""
    return [button for row in having(message, Buttons) for button in row.buttons]
