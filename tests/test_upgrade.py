"""What an earlier version left behind goes on: its ledger, its settings, a company's content and the posted buttons.

Everything here is promised to whoever upgrades. `tests/left_behind/README.md` says what there is.
"""

import logging
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from dotenv import dotenv_values

from bot import settings
from bot.announcements.copies import By
from bot.announcements.deliveries import Deliveries
from bot.answering.deciding import Knowledge, answer
from bot.answering.preparing import prepared
from bot.app import trusted
from bot.cli.main import main
from bot.content.loading import load
from bot.messages import Person
from bot.settings import Settings, SlackSettings, TeamsSettings
from bot.storage.ledger import open_ledger
from bot.wording import replies
from bot.wording.plain_text import draw
from tests.conftest import NOON, TODAY
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_deliveries import BOT
from tests.fakes.teams_deliveries import APP, TENANT, THREAD
from tests.fakes.upgraded import DUE, LEFT, Office, Pressed, leave, ledger_of_then, presses, upgraded
from tests.storage.test_ledger import url

__all__ = ["url"]

TOPIC = "linkedin-ai-training"
LAUNCH, REMINDER, SURVEY, WORKSHOP = (f"{TOPIC}/{name}" for name in ("launch", "reminder", "survey", "workshop"))
ANNA, DANA = "slack T1 U1", "terminal dana"
"""Two announcers, as the audit names them."""

WORKSHOP_DUE = datetime(2026, 11, 26, 9, tzinfo=UTC)
OSLO, MUNICH, GENERAL = (f"19:{name}@thread.tacv2" for name in ("oslo", "munich", "general"))

SENT = {"C1": "post done", "C2": "post failed", "U2": "post done", OSLO: "post done", GENERAL: "post done"} | {
    "19:lost@thread.tacv2": "post unknown"
}
"""The copies of the launch with which nothing is left to do, unless somebody wants it."""

ON_THEIR_WAY = {"C3": "post sending", "19:held@thread.v2": "post sending"}
"""Those that were on their way when the process was killed."""

SCHEDULED = ("C6", "U3", "C4", "C5", MUNICH)
"""Those that are due tomorrow, besides one for each member of C7."""


@pytest.fixture(scope="module")
def acme() -> Knowledge:
    """The shipped content of today under the company's own; what nobody asks in words needs no making ready."""
    return Knowledge(load([LEFT / "acme"]))


@pytest.fixture
def left(url: str) -> str:
    """A database with the ledger that was left behind, on SQLite and on PostgreSQL."""
    leave(url)
    return url


@pytest.fixture(scope="module")
def left_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in a file, as it was; for tests of what does not depend on the database."""
    path = tmp_path_factory.mktemp("left") / "optout.db"
    leave(f"sqlite:///{path}")
    return path


@pytest.fixture
def file(left_file: Path, tmp_path: Path) -> str:
    """A database of this test's own in a file."""
    return f"sqlite:///{shutil.copy(left_file, tmp_path)}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of the company, with its settings, its content and its ledger."""
    shutil.copytree(LEFT, tmp_path, dirs_exist_ok=True)
    (tmp_path / "settings.env").rename(tmp_path / ".env")
    leave(f"sqlite:///{tmp_path}/optout.db")
    monkeypatch.chdir(tmp_path)
    for name in dotenv_values(".env").keys() - {"OPTOUT_CACHE"}:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


# -- the ledger

KEPT = {
    "people": "SELECT platform, tenant, person, region FROM people",
    "receipts": "SELECT id, platform, tenant, place, thread, ref, subject, content_version, posted_at, language, "
    "digest FROM receipts",
    "addresses": "SELECT platform, tenant, place, kind, service FROM addresses",
    "audit": 'SELECT id, at, "by", act, subject, detail FROM audit',
    "announcements": 'SELECT id, name, version, words, "by", made_at, due_at, zone, report_to FROM announcements',
    "deliveries": "SELECT id, announcement, name, lane, platform, tenant, place, kind, language, task, state, "
    "not_before, ref, error FROM deliveries",
}
"""What is kept of each."""


async def test_nothing_is_lost(left: str):
    """Every row says what it said, and opening the ledger a second time changes nothing either."""
    with ledger_of_then() as then:
        before = {table: sorted(_plain(row) for row in then.execute(query)) for table, query in KEPT.items()}
    assert all(before.values())
    for _ in range(2):
        async with open_ledger(left) as ledger, ledger.database.engine.connect() as connection:
            now = {table: await connection.execute(sa.text(query)) for table, query in KEPT.items()}
            assert {table: sorted(_plain(row) for row in rows) for table, rows in now.items()} == before


async def test_how_far_everything_is_is_known(left: str, acme: Knowledge):
    """Each copy of each announcement is as far as it was; the audit is still closed to changes."""
    async with upgraded(left, acme) as office:
        assert {name: await office.copies(name) for name in (LAUNCH, REMINDER, SURVEY)} == {
            LAUNCH: SENT | ON_THEIR_WAY | dict.fromkeys(SCHEDULED, "post pending") | {"C7": "expand pending"},
            REMINDER: dict.fromkeys(("C1", "C6", OSLO, GENERAL), "edit done"),
            SURVEY: dict.fromkeys(("C1", "19:group@thread.v2"), "delete done"),
        }
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            async with office.ledger.database.engine.begin() as connection:
                await connection.execute(sa.text("UPDATE audit SET act = 'nothing'"))


async def test_regions_are_remembered(left: str, acme: Knowledge):
    """Whoever asked for it is still answered for their region, in Slack and in Teams."""
    regions = acme.content.topics[0].words.regions
    async with upgraded(left, acme) as office:
        await office.slack.write("region", "D2", "U2")
        await office.teams.write("region")
        await office.quiet()
        in_slack, in_teams = office.slack.said("D2")[-1]["text"], office.teams.texts()[-1]
    assert (regions["europe"].name in in_slack, regions["elsewhere"].name in in_teams) == (True, True)


# -- the schedule


async def test_what_is_scheduled_is_sent_when_its_time_comes_and_once(left: str, acme: Knowledge):
    """No copy goes ahead of its time, each goes once to its place, and whoever scheduled it is told."""
    async with upgraded(left, acme, delivering=True) as office:
        await office.resumed(LAUNCH)
        early = office.said()
        office.clock.now = DUE - timedelta(minutes=1)
        await office.delivered(LAUNCH)
        assert office.said() == early
        office.clock.now = DUE
        now = await office.delivered(LAUNCH)
        assert now.items() >= (SENT | dict.fromkeys((*SCHEDULED, "U1"), "post done")).items()
        assert "C7" not in now
        title = acme.content.announcements[TOPIC, "launch"].words
        came = [said for name, said in office.said().items() if name not in early]
        in_english, in_german = (
            sorted(said.where for said in came if title[language].title in said.text) for language in ("en", "de")
        )
        assert (in_english, in_german) == (sorted(("C5", "C6", "D1", "D3")), sorted(("C4", MUNICH)))
        assert await _told(office, "D1", f"{LAUNCH} is done")


@pytest.mark.parametrize("arrived", [True, False], ids=["arrived", "not-arrived"])
async def test_what_was_on_its_way_is_looked_for_and_never_posted_twice(left: str, acme: Knowledge, arrived: bool):
    """Slack is asked whether the copy is there; of one in Teams, which tells nobody, it is said that it may be."""
    async with upgraded(left, acme, delivering=True) as office:
        if arrived:
            _let_arrive(office.slack, "C3")
        now = await office.resumed(LAUNCH)
        assert (now["C3"], now["19:held@thread.v2"]) == ("post done", "post unknown")
        assert len(office.slack.said("C3")) == 1
        assert office.teams.said("19:held@thread.v2") == []


async def test_what_waits_for_a_decision_can_be_decided(left: str, acme: Knowledge):
    """What failed is tried again once it can work, what may have arrived is left, and what is there is recalled."""
    async with upgraded(left, acme, delivering=True) as office:
        await office.resumed(LAUNCH)
        announcers, by = office.desk.announcers, By(DANA, office.clock.now)
        office.slack.channels["C2"].members.add(BOT)
        await announcers.send_again(LAUNCH, by)
        await announcers.leave(LAUNCH, by)
        now = await office.delivered(LAUNCH)
        assert (now["C2"], now["19:lost@thread.tacv2"]) == ("post done", "post left")
        seen = office.said()
        await announcers.recall(REMINDER, by)
        assert set((await office.delivered(REMINDER)).values()) == {"delete done"}
        gone = {seen[name].where for name in seen.keys() - office.said().keys()}
        assert gone == {"C1", "C6", OSLO, GENERAL}


# -- drafts


async def test_drafts_are_there_with_their_owners(left: str, acme: Knowledge):
    """Two people's drafts of one announcement, each with its time and its places, which are all ready."""
    async with upgraded(left, acme) as office:
        drafts = [one for one, _ in await office.desk.announcers.announcements() if one.name == WORKSHOP]
        assert {one.by: one.due_at for one in drafts} == {ANNA: WORKSHOP_DUE, DANA: NOON - timedelta(minutes=18)}
        assert await office.copies(WORKSHOP) == dict.fromkeys(("C4", "C5", OSLO), "check done")


async def test_a_draft_is_scheduled_by_the_button_that_its_owner_has_before_them(left: str, acme: Knowledge):
    """The window of before sends it when it is due, once, in its language, and to everybody who was to be notified."""
    async with upgraded(left, acme, delivering=True) as office:
        await office.press("slack", presses("slack")["announcing send in a draft's window"])
        office.clock.now = WORKSHOP_DUE - timedelta(minutes=1)
        await office.delivered(WORKSHOP)
        assert office.slack.said("C4")[1:] == []
        office.clock.now = WORKSHOP_DUE
        await office.delivered(WORKSHOP)
        (copy,) = [said for said in office.slack.said("C4") if "Eine Werkstatt" in said["text"]]
        assert "<!channel>" in str(copy["blocks"])


async def test_a_draft_is_sent_from_the_terminal_where_it_was_made(left: str, acme: Knowledge):
    """Now, to each of its places once."""
    async with upgraded(left, acme, delivering=True) as office:
        await office.desk.announcers.send(WORKSHOP, "", "UTC", By(DANA, NOON))
        await office.delivered(WORKSHOP)
        here = [said.where for said in office.said().values() if "A workshop on LinkedIn" in said.text]
        assert sorted(here) == sorted(("C5", OSLO))


async def test_two_drafts_that_are_both_sent_reach_each_place_once(left: str, acme: Knowledge):
    """Whoever sends second takes nothing along a second time."""
    async with upgraded(left, acme, delivering=True) as office:
        await office.press("slack", presses("slack")["announcing send in a draft's window"])
        await office.desk.announcers.send(WORKSHOP, "", "UTC", By(DANA, NOON))
        office.clock.now = WORKSHOP_DUE
        assert set((await office.delivered(WORKSHOP)).values()) == {"post done"}
        titles = ("A workshop on LinkedIn", "Eine Werkstatt")
        here = [said.where for said in office.said().values() if any(title in said.text for title in titles)]
        assert sorted(here) == sorted(("C4", "C5", OSLO))


# -- posts for everyone


async def test_posts_of_before_are_corrected(left: str, tmp_path: Path):
    """When the content changes, those that the platform named are edited, and the others are counted."""
    (tmp_path / "newer" / TOPIC).mkdir(parents=True)
    (tmp_path / "newer" / TOPIC / "topic.yaml").write_text("link: https://intranet.acme.example/opt-out\n")
    newer = Knowledge(load([LEFT / "acme", tmp_path / "newer"]))
    async with upgraded(left, newer, delivering=True) as office:
        found, lost = await office.desk.announcers.correct_posts(TOPIC, By(DANA, NOON))
        await office.delivered(f"{TOPIC}/posts")
        corrected = [said.where for said in office.said().values() if "intranet.acme.example/opt-out" in said.text]
    assert sorted(corrected) == sorted(("C1", "C1", THREAD))
    assert (found >= 3, lost >= 1) == (True, True)


async def test_what_was_posted_a_moment_before_is_pointed_at(left: str, acme: Knowledge):
    """The steps are not posted twice within ten minutes because the bot was upgraded in between."""
    words = acme.content.phrases.posted_before.partition("{")[0]
    async with upgraded(left, acme) as office:
        before = office.said()
        await office.slack.command("steps", "C1")
        await office.teams.write("steps", THREAD)
        await office.quiet()
        came = [said for name, said in office.said().items() if name not in before]
        assert [(said.where, words in said.text) for said in came] == [("C1", True), (THREAD, True)]
        assert not came[0].public


# -- settings and content


def test_the_settings_are_accepted_and_mean_what_they_meant(folder: Path):
    """Every setting that there was."""
    assert settings.load({}) == Settings(
        slack=SlackSettings("xoxb-made-up", "", "xapp-made-up", "https://slack-proxy.acme.example/api/"),
        teams=TeamsSettings(APP, "SingleTenant", "p~ss #w0rd, made up", TENANT),
        database_url="sqlite:///optout.db",
        host="::1",
        port=8080,
        log_level="DEBUG",
        content=(Path("acme"),),
        contact="the works council",
        announcers=frozenset({"U012AB3CD", "bbbbbbbb-0000-4000-8000-000000000001"}),
        encoder="wordllama",
        cache=Path("cache"),
        ca_bundle=Path("company-ca.pem"),
    )
    assert len(trusted(settings.load({})).get_ca_certs()) == 1


@pytest.mark.slow
def test_the_company_answers_in_its_own_words(folder: Path):
    """An answer that it changed, one that it added, and whom it names, by the settings that were left."""
    knowledge = prepared(settings.load(), print)
    asked = ("who at acme do I talk to about linkedin and ai?", "does acme have an illustrated guide?")
    said = [draw(replies.reply(knowledge.content, answer(knowledge, text, TODAY)[0])) for text in asked]
    assert "room 4.12" in said[0]
    assert "The Acme guide on the intranet" in said[1]
    assert all("the works council" in text for text in said)


def test_the_company_is_named_with_its_contact_audience_and_announcements(acme: Knowledge):
    """The rest of its folder, which the settings do not overrule."""
    content = acme.content
    company, contact = content.company, content.contact(content.topics[0])
    assert (company.name, company.privacy_page) == ("Acme", "https://intranet.acme.example/privacy")
    assert (contact.channel, contact.mail) == ("#ask-privacy", "privacy@acme.example")
    assert content.phrases.welcome.startswith("Hello from Acme.")
    listed = {one.place.rpartition("/")[2]: one.language for one in content.audiences["everybody"]}
    assert listed == {"C4": "de", "C5": "en", MUNICH: "de", OSLO: "en"}
    assert {f"{topic}/{name}" for topic, name in content.announcements} >= {LAUNCH, REMINDER, SURVEY, WORKSHOP}


def test_the_command_line_finds_everything_in_the_folder(folder: Path):
    """What is scheduled, what was announced, and how far it is place by place."""
    listed, report = (CliRunner().invoke(main, words) for words in (["announcements"], ["report", "launch"]))
    assert (listed.exit_code, report.exit_code) == (0, 0), listed.output + report.output
    assert [name for name in (LAUNCH, REMINDER, SURVEY, WORKSHOP) if name not in listed.output] == []
    assert [place for place in (*SENT, *ON_THEIR_WAY, *SCHEDULED, "C7") if place not in report.output] == []


# -- buttons

PRESSES = {platform: presses(platform) for platform in ("slack", "teams")}
ACTIONS = {(platform, name.partition(" ")[0]): None for platform, found in PRESSES.items() for name in found}
ACTS = {"again": "send again", "unknown": "send again"}
"""What the audit calls what announcers do, where it is not the name of the button."""


@pytest.mark.parametrize(("platform", "action"), ACTIONS)
async def test_buttons_of_before_work_or_say_what_to_do(
    file: str, acme: Knowledge, platform: str, action: str, caplog: pytest.LogCaptureFixture
):
    """Nobody who presses one meets silence, an error or an apology, and what is theirs alone nobody else sees.

    To take a post back may be refused in words: a later version may know better whose post it is.
    """
    recorded = {name: press for name, press in PRESSES[platform].items() if name.partition(" ")[0] == action}
    kept: dict[str, bool] = {}
    async with upgraded(file, acme) as office:
        for name, press in recorded.items():
            office.clock.now += timedelta(minutes=11)  # so that no post is one too many
            pressed = await office.press(platform, press)
            failed = pressed.reply.status not in (200, 202) or acme.content.phrases.apology in pressed.text
            kept[name] = not failed and await _keeps(office, name, pressed, _presser(platform, press))
    assert [name for name, works in kept.items() if not works] == []
    errors = [one for one in caplog.records if one.name.startswith("bot.") and one.levelno >= logging.ERROR]
    assert [one.getMessage() for one in errors] == []


async def _keeps(office: Office, name: str, pressed: Pressed, person: Person) -> bool:
    """Whether a press did what is promised of its action, or what the name of the recording says."""
    content = office.desk.content
    topic, phrases, text = content.topics[0], content.phrases, pressed.text
    match name.split():
        case ["link", *_]:  # a link is opened by the platform, which only tells of it
            return not pressed.said and not pressed.gone
        case ["remove", *_] if "somebody else" in name:
            return bool(text) and not pressed.gone
        case ["remove", *_]:
            return bool(text or pressed.gone)
        case ["share" | "post_again", *_]:
            return topic.facts.source.title in text and pressed.public
        case ["answer", *_]:
            return topic.facts.source.title in text
        case ["command", _, "chathelper-training", *_]:  # a topic that the company has taken out
            return phrases.stale_button in text
        case ["command", "steps" | "link", *_]:
            return topic.facts.link in text
        case ["command", "region", *_]:
            return not pressed.public and all(words.label in text for words in topic.words.regions.values())
        case ["command", "privacy", *_]:
            return not pressed.public and phrases.privacy_title in text
        case ["command", "forget", *_]:
            return phrases.forgotten in text and await office.ledger.region_of(person) is None
        case ["remember", region, *_]:
            wanted = None if region == "nothing" else region
            return bool(text) and not pressed.public and await office.ledger.region_of(person) == wanted
        case ["why", *_]:
            return bool(text) and not pressed.public
        case ["how", language, *_]:
            steps = content.spoken(language).topics[0].words.steps
            return not pressed.public and steps.items[0] in text
        case ["ask", language, *_]:
            return not pressed.public and content.spoken(language).phrases.ask_away in text
        case ["announcing", "cancel" | "again" | "unknown" | "leave" | "correct" | "recall" as act, *_]:
            last = (await Deliveries(office.ledger.database).audit())[-1]
            return bool(text) and not pressed.public and (last.act, last.by) == (ACTS.get(act, act), ANNA)
    return not pressed.public and (bool(text) or '"errors"' in pressed.reply.body)


# -- what the tests above need


def _plain(row: Any) -> tuple[str, ...]:
    """A row as text, its moments in UTC whichever database it is from."""
    return tuple(
        f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else str(value) for value in row
    )


def _presser(platform: str, press: dict[str, Any]) -> Person:
    if platform == "teams":
        return Person("teams", TENANT, press["from"]["id"])
    return Person("slack", "T1", press["user"]["id"])


def _let_arrive(slack: FakeSlack, channel: str) -> None:
    """Puts the copy that was on its way into its channel, as the version before had posted it."""
    with ledger_of_then() as then:
        query = "SELECT id FROM deliveries WHERE place = ? AND state = 'sending'"
        ((delivery,),) = then.execute(query, (channel,)).fetchall()
    mark = {"event_type": "optout_delivery", "event_payload": {"delivery_id": delivery}}
    ts = f"{(NOON - timedelta(minutes=2)).timestamp() + 1:.6f}"
    slack.channels[channel].messages.append({"ts": ts, "user": BOT, "text": "", "blocks": [], "metadata": mark})


async def _told(office: Office, channel: str, words: str) -> bool:
    """Whether somebody is told something in a direct message sooner or later."""
    await office.slack.until(lambda: any(words in said["text"] for said in office.slack.said(channel)), 10)
    return True
