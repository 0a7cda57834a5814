"""The announcement pages of the preview over HTTP, as a browser without JavaScript uses them, and as none should."""

import asyncio
import csv
import html
import io
import json
import re
import threading
from collections.abc import AsyncIterator, Collection
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from bot.announcements import plans as announcing
from bot.announcements import reports
from bot.announcements.copies import By
from bot.announcements.pacing import Limits
from bot.content import files as documents
from bot.content.loading import load
from bot.content.models import Announcement
from bot.content.topics import Content
from bot.desk.desk import Desk
from bot.platforms.known import PLATFORMS
from bot.platforms.preview import Preview, Speed, newsroom, sessions, writing
from bot.platforms.preview.pretending import PLACES
from bot.platforms.slack import blocks
from bot.platforms.teams import cards
from tests.conftest import NOON

LAUNCH, CORRECTION = "linkedin-ai-training/launch", "linkedin-ai-training/correction"
QUICK = Speed(0.01, {name: Limits(1e6, 1e6, 1e6) for name in ("slack", "teams")})
REACHED = ("channel", "direct", "labs", "teams-general")

REASONS = {**reports.REASONS, **PLATFORMS["slack"].reasons, **PLATFORMS["teams"].reasons}
"""What is said of every refusal."""


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[TestClient]:
    async with opened(desk) as client:
        yield client


def opened(desk: Desk) -> TestClient:
    app = web.Application()
    Preview(desk, blocks.draw, cards.draw, lambda: NOON, QUICK).add_routes(app)
    return TestClient(TestServer(app))


class Page(str):
    """A page, and with which status it came."""

    status: int

    @property
    def words(self) -> str:
        """What stands in it, without its tags."""
        return " ".join(html.unescape(re.sub("<[^>]+>", " ", self)).split())

    @property
    def said(self) -> str:
        """What is told on it once."""
        return html.unescape(re.search(r'id="said"[^>]*>([^<]*)<', self)[1])

    @property
    def totals(self) -> str:
        """How many copies are how far."""
        return re.search(r'id="totals"[^>]*>([^<]*)<', self)[1]

    @property
    def rows(self) -> dict[str, list[str]]:
        """The rows of the report by the names of their places: state, time, attempts, reason and link."""
        found = {}
        for row in re.findall(r"<tr>\s*<th scope=\"row\">(.*?)</tr>", self, re.DOTALL):
            name, *cells = re.split(r"<td[^>]*>", row)
            words = [" ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in cells[:-1]]
            link = re.search(r'href="([^"]+)"', cells[-1])
            place = html.unescape(name.partition(" <span")[0])
            found[place] = [*map(html.unescape, words), html.unescape(link[1]) if link else ""]
        return found

    @property
    def acts(self) -> set[str]:
        """What can be done."""
        return set(re.findall(r'name="do" value="(\w+)"', self))

    def wrong(self, field: str) -> str:
        """What is wrong with a field of the form."""
        return html.unescape(re.search(rf'id="{re.escape(field)}-wrong" class="wrong">([^<]*)<', self)[1])


async def get(client: TestClient, path: str) -> Page:
    return await read(await client.get(path))


async def read(response) -> Page:
    page = Page(await response.text())
    page.status = response.status
    return page


async def send(client: TestClient, path: str, fields: dict | list[tuple[str, str]]) -> Page:
    """Sends a form as the page does, and gives the page that it leads to."""
    return await read(await client.post(path, data=fields))


async def act(client: TestClient, do: str, name: str = LAUNCH, **fields: str) -> Page:
    return await send(client, "/announcements/act", {"name": name, "do": do, **fields})


async def draft(client: TestClient, *places: str, name: str = LAUNCH, **fields: str) -> Page:
    """Drafts an announcement for these places."""
    return await send(client, "/announcements/draft", [("name", name), *(("to", p) for p in places), *fields.items()])


async def settled(client: TestClient, name: str = LAUNCH) -> Page:
    """The report once nothing happens by itself any more."""
    async with asyncio.timeout(60):
        while "data-running" in (page := await get(client, f"/announcements/report?name={name}")):
            await asyncio.sleep(0.01)
    return page


async def sent(client: TestClient, *places: str, name: str = LAUNCH) -> Page:
    """Drafts and sends an announcement, and gives its report."""
    await draft(client, *places, name=name)
    await settled(client, name)
    await act(client, "send", name)
    return await settled(client, name)


def written(**fields: str) -> dict[str, str]:
    """The fields of the form with an announcement that is right, but for these."""
    said = {"topic": "linkedin-ai-training", "name": "heads-up", "sender": "Anna", "picture": "", "do": "keep"}
    languages = ("en", "de", "es", "fr", "it", "nl", "pl", "sv")
    said |= {f"words.{code}.{field}": "" for code in languages for field in ("title", "text", "alt")}
    said |= {"words.en.title": "Heads up", "words.en.text": "Something changes."}
    return said | {name.replace("__", "."): value for name, value in fields.items()}


def databases() -> int:
    """How many databases are open: each has a thread of its own."""
    return sum("connection_worker" in thread.name for thread in threading.enumerate())


async def only(number: int) -> None:
    """Returns once no more than so many databases are open: a thread ends a moment after its database is closed."""
    async with asyncio.timeout(60):
        while databases() > number:
            await asyncio.sleep(0.01)


def replies(page: str) -> list[str]:
    """The words of each message in a conversation."""
    bodies = re.findall(r'<div class="message \w+">(.*?)</article>', page, re.DOTALL)
    return [" ".join(html.unescape(re.sub("<[^>]+>", " ", body)).split()) for body in bodies]


# -- writing


async def test_a_newcomer_sees_what_can_be_announced_and_nothing_is_kept_of_them(client: TestClient):
    """The shipped announcements stand there; looking opens no session."""
    response = await client.get("/announcements")
    page = await read(response)
    assert f"{LAUNCH} LinkedIn trains AI on what you share there" in page.words
    assert f"{CORRECTION} Corrected: LinkedIn trains AI" in page.words
    assert "Nothing yet." in page
    assert "Set-Cookie" not in response.headers


async def test_writing_begins_with_the_words_that_there_are(client: TestClient, content: Content):
    """The form holds the file, counts its characters, and shows it on both platforms in every language."""
    page = await get(client, f"/announcements/write?name={LAUNCH}")
    text = content.announcements["linkedin-ai-training", "launch"].words["de"].text
    assert f">\n{html.escape(text)}</textarea>" in page
    assert f"{len(text)} of 2,000 characters" in page
    assert page.count('<div class="message slack">') == page.count('<div class="message teams">') == 2
    assert "Gesendet von: The privacy team." in page
    assert 'action="/press"' not in page, "nothing can be pressed in what is only shown"


async def test_what_is_written_is_shown_as_slack_and_teams_are_sent_it(client: TestClient):
    """The blocks and the card are the real ones, beside the file; nothing is kept."""
    fields = written(do="show", picture="https://example.com/a.png", words__en__alt="A switch", words__en__title="<b>&")
    page = await send(client, "/announcements/write", fields)
    drawn = [json.loads(html.unescape(code)) for code in re.findall(r"<code>(\{.*?)</code></pre>", page, re.DOTALL)]
    assert drawn[0]["blocks"][1] == {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "A switch"}
    assert drawn[1]["type"] == "AdaptiveCard"
    assert "<h3>&lt;b&gt;&amp;</h3>" in page
    assert "heads-up" not in (await get(client, "/announcements")).words


async def test_what_is_kept_can_be_downloaded_and_is_the_same_in_the_content(client: TestClient, tmp_path: Path):
    """The file that comes out is read by the bot as the very announcement that was written."""
    text = "First: line\n\n  - \"quoted\" # and 'more'\n\ttab, \N{BEAR FACE}, no: yes"
    page = await send(
        client, "/announcements/write", written(words__en__text=text, words__fr__title="T", words__fr__text="x")
    )
    assert "Where linkedin-ai-training/heads-up goes" in page.words
    assert "heads-up is kept while the preview runs" in page.said
    response = await client.get("/announcements/file?name=linkedin-ai-training/heads-up")
    assert response.headers["Content-Disposition"] == 'attachment; filename="heads-up.yaml"'
    path = tmp_path / "linkedin-ai-training" / "announcements" / "heads-up.yaml"
    path.parent.mkdir(parents=True)
    path.write_bytes(await response.read())
    found = load([tmp_path]).announcements["linkedin-ai-training", "heads-up"]
    assert (found.sender, found.picture, set(found.words)) == ("Anna", None, {"en", "fr"})
    assert found.words["en"].text == text


@pytest.mark.parametrize("name", [LAUNCH, CORRECTION])
async def test_a_shipped_announcement_comes_out_as_it_went_in(
    client: TestClient, content: Content, name: str, tmp_path: Path
):
    """Downloading loses nothing but the comments."""
    topic, _, own = name.partition("/")
    path = tmp_path / topic / "announcements" / f"{own}.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(await get(client, f"/announcements/file?name={name}"), encoding="utf-8")
    assert load([tmp_path]).announcements == content.announcements


@pytest.mark.parametrize(
    ("fields", "field", "wrong"),
    [
        ({"name": ""}, "name", "Expected a letter from a to z"),
        ({"name": "../../etc/passwd"}, "name", "Expected a letter from a to z"),
        ({"name": "posts"}, "name", "Expected another name"),
        ({"topic": "other"}, "name", "Expected a topic in the folder above, found other."),
        ({"sender": " "}, "sender", "Expected at least 1 character, found nothing."),
        (
            {"picture": "http://example.com/a.png", "words__en__alt": "x"},
            "picture",
            "an address that starts with https://",
        ),
        ({"picture": "https://example.com/a.png"}, "words.en.alt", "Expected what the picture shows, found nothing."),
        ({"words__en__alt": "A switch"}, "picture", "Expected the address of the picture, found alt without one."),
        ({"words__en__title": "x" * 151}, "words.en.title", "Expected at most 150 characters, found 151."),
        ({"words__en__text": "x" * 2001}, "words.en.text", "Expected at most 2000 characters, found 2001."),
        ({"words__de__title": "Nur das"}, "words.de.text", "Expected at least 1 character, found nothing."),
        ({"words__en__title": "", "words__en__text": ""}, "words.en.text", "Expected words in en, found none."),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_a_mistake_is_told_at_its_field_and_nothing_is_kept(
    client: TestClient, fields: dict[str, str], field: str, wrong: str
):
    """By the checks of the content, with what was written still there."""
    page = await send(client, "/announcements/write", written(**fields))
    assert page.status == 422
    assert wrong in page.wrong(field)
    assert "heads-up" not in (await get(client, "/announcements")).words


async def test_every_mistake_is_told_at_once(client: TestClient):
    """Those of single fields and those of several together, in the list and at the fields."""
    fields = written(name="", sender="", picture="x", words__en__title="", words__en__text="", words__de__title="x")
    page = await send(client, "/announcements/write", fields)
    named = re.findall(r'<li><a href="#([^"]+)">', page)
    assert {"name", "sender", "picture", "words.en.text", "words.de.text", "words.de.alt"} == set(named)
    assert all(page.wrong(field) for field in named)
    assert f"{len(named)} things have to change" in page


async def test_only_so_many_are_kept(client: TestClient, content: Content):
    """One too many is refused with a reason; one that is there can still be changed."""
    for number in range(newsroom.MOST_WRITTEN - len(content.announcements)):
        await client.post("/announcements/write", data=written(name=f"n{number}"), allow_redirects=False)
    page = await send(client, "/announcements/write", written(name="more"))
    assert (page.status, "Change one of them instead." in page) == (422, True)
    assert (await send(client, "/announcements/write", written(name="n1", sender="Ben"))).status == 200


@given(st.dictionaries(st.sampled_from(["sender", "words.en.title", "words.en.text", "words.de.text"]), st.text()))
def test_whatever_is_written_the_file_says_the_same(content: Content, fields: dict[str, str]):
    """The file of what was kept is read as what was kept; nothing that one can write breaks the form."""
    found = writing.checked(content, written() | fields)
    if found.announcement and not found.problems:
        tree, problems = documents.parse(writing.file_of(found.announcement), "launch.yaml")
        assert (problems, Announcement.model_validate(tree)) == ([], found.announcement)


# -- sending


async def test_a_draft_shows_what_is_missing_where_and_how_to_mend_it(client: TestClient):
    """With the platform's own word turned into what to do; nothing was posted."""
    page = await draft(client, *PLACES)
    assert "A draft was made for 9 places" in page.said
    page = await settled(client)
    assert page.totals == "9 places: 5 ready, 4 not ready"
    reasons = {name: (row[0], row[3]) for name, row in page.rows.items()}
    for one in PLACES.values():
        assert reasons[one.name] == (("not ready", REASONS[one.refuses]) if one.refuses else ("ready", ""))
    assert page.acts == {"send", "schedule", "trial", "check", "discard"}
    assert replies(await get(client, "/?place=channel")) == []


async def test_a_copy_comes_to_oneself_first(client: TestClient):
    """In the direct chat of the preview, as others will see it; the draft stays one."""
    await draft(client, "channel")
    page = await act(client, "trial")
    assert "A copy is on its way to you alone." in page.said
    assert (await settled(client, f"{LAUNCH}/trial")).totals == "1 place: 1 sent"
    assert "LinkedIn trains AI on what you share there" in replies(await get(client, "/?place=direct"))[-1]
    assert (await settled(client)).totals == "1 place: 1 ready"


async def test_it_is_sent_and_the_report_adds_up(client: TestClient):
    """Each place once, in its language; what failed says why, and what arrived leads to where it stands."""
    page = await sent(client, *PLACES)
    assert page.totals == "9 places: 4 sent, 1 may have arrived, 4 failed"
    assert len(page.rows) == 9
    for key in REACHED:
        state, when, attempts, reason, link = page.rows[PLACES[key].name]
        assert (state, when, attempts, reason) == ("sent", "2026-11-23 12:00", "1", "")
        path, _, ref = link.partition("#")
        there = await get(client, path)
        assert there.count(f'<li id="{ref}" class="reply') == 1
    assert "LinkedIn trainiert KI" in replies(await get(client, "/?place=labs"))[0]


async def test_the_report_is_a_table_for_spreadsheets_too(client: TestClient):
    """The same rows, with addresses in the preview."""
    await sent(client, "channel", "old-project")
    response = await client.get(f"/announcements/table?name={LAUNCH}")
    assert response.headers["Content-Disposition"] == 'attachment; filename="report.csv"'
    _, reached, archived = csv.reader(io.StringIO(await response.text()))
    assert reached[2:6] == ["sent", "2026-11-23 12:00", "1", ""]
    assert re.fullmatch(rf"http://127\.0\.0\.1:{client.port}/\?place=channel#m\d+", reached[6])
    assert archived[2:] == ["failed", "2026-11-23 12:00", "1", REASONS["is_archived"], ""]


async def test_a_second_send_of_the_same_draft_finds_none(client: TestClient):
    """However close they are, each place gets one copy."""
    await draft(client, "channel", "labs")
    await settled(client)
    first, second = await asyncio.gather(act(client, "send"), act(client, "send"))
    assert sorted([first.status, second.status]) == [200, 422]
    assert "You have no draft of it" in (first if first.status == 422 else second)
    assert (await settled(client)).totals == "2 places: 2 sent"
    assert len(replies(await get(client, "/?place=channel"))) == 1


async def test_places_that_have_it_get_no_second_copy_unless_asked(client: TestClient):
    """The form says so, and offers another."""
    await sent(client, "channel")
    page = await draft(client, "channel")
    assert (page.status, "Tick “another copy”" in page) == (422, True)
    page = await draft(client, "channel", "labs")
    assert "A draft was made for 1 place, to be checked one by one. Left out" in page.said
    await act(client, "cancel")
    page = await draft(client, "channel", again="yes")
    assert "A draft was made for 1 place" in page.said


async def test_somebody_elses_draft_stays_theirs(desk: Desk):
    """It is told of, listed for itself, and neither shown nor sent nor cancelled with one's own."""
    app = web.Application()
    preview = Preview(desk, blocks.draw, cards.draw, lambda: NOON, QUICK)
    preview.add_routes(app)
    async with TestClient(TestServer(app)) as client:
        await draft(client, "channel")
        (session,) = preview._sessions._sessions.values()
        announcers, ben = session.newsroom.announcers, By("slack T1 U2", NOON)
        plan = announcing.plan(
            announcers.content, PLATFORMS, LAUNCH, ["channel", "labs"], "en", "2030-01-01 09:00", "UTC", NOON
        )
        assert await announcers.announce(plan, ben, draft=True) == 2
        page = await settled(client)
        other = "There is also a draft by slack T1 U2: 2 places, for 2030-01-01 09:00 (UTC). Only they can send it."
        assert (page.totals, list(page.rows), other in page.words) == ("1 place: 1 ready", ["#pretend-channel"], True)
        async with asyncio.timeout(60):
            while "being checked" in (listed := (await get(client, "/announcements")).words):
                await asyncio.sleep(0.01)
        assert f"{LAUNCH} 2 places: 2 ready draft by slack T1 U2 of 2030-01-01 09:00 (UTC)" in listed
        assert f"{LAUNCH} 1 place: 1 ready your draft of 2026-11-23 12:00 (UTC)" in listed
        page = await act(client, "cancel")
        assert ("1 place will not get it." in page.said, "What was announced" in page) == (True, True)
        page = await sent(client, "channel")
        assert (page.totals, other in page.words) == ("1 place: 1 sent", True)
        await announcers.send(LAUNCH, "", "UTC", ben)
        assert (await settled(client)).totals == "2 places: 2 sent"


async def test_everybody_is_notified_only_in_slack(client: TestClient):
    """Ticked for Teams alone it is refused; in a Slack channel the mention stands above the copy."""
    page = await draft(client, "teams-general", everyone="yes")
    assert (page.status, "only there can everybody be notified" in page) == (422, True)
    await draft(client, "channel", everyone="yes")
    await settled(client)
    await act(client, "send")
    await settled(client)
    assert replies(await get(client, "/?place=channel"))[0].startswith("@channel LinkedIn trains AI")


# -- the clock


async def test_a_scheduled_announcement_goes_out_when_the_clock_gets_there(client: TestClient):
    """Not a minute before; the page says when the next is due, and one press goes there."""
    await draft(client, "channel")
    await settled(client)
    page = await act(client, "schedule", date="2026-11-24", time="09:00", zone="Europe/Berlin")
    assert "It goes out on 2026-11-24 09:00 (Europe/Berlin) to 1 place." in page.said
    assert "Due 2026-11-24 09:00 (Europe/Berlin)." in page.words
    assert page.rows["#pretend-channel"][:2] == ["waiting", "2026-11-24 09:00"]
    for step in ("hour", "minute"):
        await send(client, "/clock", {"step": step})
    assert (await settled(client)).totals == "1 place: 1 waiting"
    page = await send(client, "/clock", {"step": "next", "name": LAUNCH})
    assert "It is 2026-11-24 08:00 (UTC) now." in page.said
    page = await settled(client)
    assert page.totals == "1 place: 1 sent"
    assert page.rows["#pretend-channel"][:2] == ["sent", "2026-11-24 09:00"]
    assert "24 November 2026" in await get(client, "/?place=channel")


async def test_a_session_has_one_clock(client: TestClient):
    """The day of the conversation and that of the announcements are one; what is not due moves nothing."""
    await send(client, "/date", {"place": "direct", "date": "2025-11-02"})
    page = await send(client, "/clock", {"step": "next"})
    assert "It is 2025-11-02 12:00 (UTC) now." in page.said
    await send(client, "/clock", {"step": "day"})
    assert "3 Nov 2025" in await get(client, "/")
    await send(client, "/date", {"place": "direct", "date": ""})
    assert "23 Nov 2026, 12:00" in await get(client, "/announcements")


async def test_the_clock_does_not_run_off_the_calendar(client: TestClient):
    """Past the last day that the page knows it stays where it is."""
    await send(client, "/date", {"place": "direct", "date": "2099-12-31"})
    assert (await send(client, "/clock", {"step": "day"})).status == 400
    assert "31 Dec 2099, 12:00" in await get(client, "/announcements")


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (("2026-11-22", "09:00", "UTC"), "2026-11-22 09:00 in UTC is past: there it is 2026-11-23 12:00."),
        (("2027-03-28", "02:30", "Europe/Berlin"), "is skipped there that day"),
        (("2026-11-24", "09:00", "Mars/Olympus"), "'Mars/Olympus' is no time zone."),
        (("", "", "UTC"), "is no date and time."),
        (("2026-02-30", "09:00", "UTC"), "'2026-02-30 09:00' is no date and time."),
        (("9999-12-31", "23:59", "America/New_York"), "is no date and time"),
    ],
    ids=["past", "skipped", "no zone", "no time", "no day", "too far"],
)
async def test_a_time_that_is_none_is_refused_and_the_draft_stays(
    client: TestClient, when: tuple[str, str, str], expected: str
):
    """With the suggestion, and with what was written still in the form."""
    await draft(client, "channel")
    await settled(client)
    page = await act(client, "schedule", date=when[0], time=when[1], zone=when[2])
    assert page.status == 422
    assert expected in page.words
    assert f'value="{when[2]}"' in page
    assert (await settled(client)).totals == "1 place: 1 ready"


# -- afterwards


async def test_every_copy_is_corrected_with_the_words_of_another(client: TestClient):
    """In place, with the date, in each place's language."""
    await sent(client, *REACHED)
    assert "4 copies will be corrected." in (await act(client, "correct", **{"with": CORRECTION})).said
    page = await settled(client)
    assert page.totals == "4 places: 4 corrected"
    (english,), (german,) = replies(await get(client, "/?place=channel")), replies(await get(client, "/?place=labs"))
    assert english.startswith("Corrected: LinkedIn trains AI")
    assert "Corrected on 23 November 2026." in english
    assert "Berichtigt am 23. November 2026." in german


async def test_every_copy_is_corrected_with_the_edited_words(client: TestClient, content: Content):
    """What was sent stays as it is until somebody corrects it."""
    await sent(client, "channel")
    name = {"topic": "linkedin-ai-training", "name": "launch"}
    await send(client, "/announcements/write", written(**name, words__en__title="Better words"))
    assert "Better words" not in await get(client, "/?place=channel")
    await act(client, "correct")
    await settled(client)
    assert replies(await get(client, "/?place=channel"))[0].startswith("Better words")
    assert content.announcements["linkedin-ai-training", "launch"].words["en"].title != "Better words"


async def test_recalled_copies_are_gone_and_what_waits_is_not_sent(client: TestClient):
    """The report keeps them, without a link."""
    await sent(client, "channel", "labs", "old-project")
    assert "2 copies will be deleted." in (await act(client, "recall")).said
    page = await settled(client)
    assert page.totals == "3 places: 2 recalled, 1 cancelled"
    assert {row[4] for row in page.rows.values()} == {""}
    assert replies(await get(client, "/?place=channel")) == []


async def test_what_is_not_there_any_more_cannot_be_corrected_and_says_so(client: TestClient, monkeypatch):
    """With the platform's word for it; here the oldest line goes when there are too many."""
    await sent(client, "channel")
    monkeypatch.setattr(sessions, "MOST_LINES", 1)
    await send(client, "/ask", {"place": "channel", "text": "Hello, everyone."})
    await act(client, "correct", **{"with": CORRECTION})
    page = await settled(client)
    assert page.rows["#pretend-channel"][::3] == ["not corrected", REASONS["message_not_found"]]


async def test_an_uncertain_copy_is_sent_again_or_left(client: TestClient):
    """Nobody sends it twice by itself; asked for, there may be two, of which one is known."""
    page = await sent(client, "support")
    state, _, _, reason, link = page.rows["#support"]
    assert (state, reason, link) == ("may have arrived", REASONS["TimeoutError"], "/?place=support")
    assert {"resend", "leave"} <= page.acts
    assert len(replies(await get(client, "/?place=support"))) == 1
    assert "1 copy that may have arrived will be sent again." in (await act(client, "resend")).said
    assert (await settled(client)).totals == "1 place: 1 sent"
    assert len(replies(await get(client, "/?place=support"))) == 2
    await sent(client, "support", name=CORRECTION)
    assert "1 copy that may have arrived stays as it is." in (await act(client, "leave", CORRECTION)).said
    assert (await settled(client, CORRECTION)).totals == "1 place: 1 may have arrived, left"
    assert "leave" not in (await settled(client, CORRECTION)).acts


async def test_a_draft_is_checked_again_or_discarded(client: TestClient):
    """Beside what was sent under the same name, which stays."""
    await sent(client, "channel")
    await draft(client, "labs", "old-project")
    page = await settled(client)
    assert {"send", "check", "discard", "correct", "recall"} <= page.acts
    assert not {"retry", "cancel", "duplicate"} & page.acts
    assert "2 places are checked again." in (await act(client, "check")).said
    assert (await settled(client)).totals == "3 places: 1 sent, 1 ready, 1 not ready"
    assert "The draft for 2 places is dropped." in (await act(client, "discard")).said
    assert (await settled(client)).totals == "1 place: 1 sent"
    assert (await act(client, "discard")).status == 422


async def test_what_failed_is_tried_again(client: TestClient):
    """And fails again where nothing has changed."""
    page = await sent(client, "old-project")
    assert page.acts >= {"retry", "duplicate"}
    assert "1 copy will be tried again." in (await act(client, "retry")).said
    assert (await settled(client)).totals == "1 place: 1 failed"


async def test_what_waits_is_cancelled(client: TestClient):
    """And nothing is sent when its time comes."""
    await draft(client, "channel")
    await settled(client)
    await act(client, "schedule", date="2026-11-24", time="09:00", zone="UTC")
    assert "1 place will not get it." in (await act(client, "cancel")).said
    for _ in range(2):
        await send(client, "/clock", {"step": "day"})
    assert (await settled(client)).totals == "1 place: 1 cancelled"
    assert replies(await get(client, "/?place=channel")) == []


async def test_a_sent_announcement_is_duplicated_as_a_draft(client: TestClient):
    """For the same places, in their languages, to be sent once more."""
    await sent(client, "channel", "labs")
    assert "This is a draft for 2 places." in (await act(client, "duplicate")).said
    assert (await settled(client)).totals == "4 places: 2 sent, 2 ready"
    await act(client, "send")
    assert (await settled(client)).totals == "4 places: 4 sent"
    assert len(replies(await get(client, "/?place=labs"))) == 2


async def test_the_list_tells_what_was_announced(client: TestClient):
    """The newest first, with when and how far."""
    await sent(client, "channel")
    await draft(client, "labs", name=CORRECTION)
    await settled(client, CORRECTION)
    page = (await get(client, "/announcements")).words
    assert f"{CORRECTION} 1 place: 1 ready your draft of" in page
    assert f"{LAUNCH} 1 place: 1 sent since 2026-11-23 12:00 (UTC)" in page


# -- in the conversation


async def test_a_copy_can_be_pressed_and_asked_in_its_channel(client: TestClient):
    """The steps and the invitation come to the one who presses; a mention in the thread is answered there."""
    ref = (await sent(client, "channel")).rows["#pretend-channel"][4].partition("#")[2]
    press = {"place": "channel", "post": ref, "value": '["linkedin-ai-training", "en"]'}
    page = await send(client, "/press", {**press, "action": "how"})
    assert "Open LinkedIn" in replies(page)[1] or "Settings" in replies(page)[1]
    page = await send(client, "/press", {**press, "action": "ask"})
    assert re.findall(r'class="seen">([^<]+)<', page) == ["Everyone sees this", *["Only visible to you"] * 2]
    page = await get(client, f"/?place=channel&thread={ref}")
    assert "In the thread of “LinkedIn trains AI on what you share" in page.words
    asked = {"place": "channel", "thread": ref, "text": "@Opt-Out Bot does this affect my DMs?"}
    page = await send(client, "/ask", asked)
    assert re.findall(r'class="reply aloud threaded"', page)
    assert any("private messages" in words for words in replies(page)[1:3])


@pytest.mark.parametrize("place", ["labs", "teams-general", "support"])
async def test_every_place_where_the_bot_is_can_be_looked_at(client: TestClient, place: str):
    """It is a conversation like the others, in the look of its platform."""
    await sent(client, place)
    page = await get(client, f"/?place={place}")
    look = "teams" if place.startswith("teams") else "slack"
    assert f'<div class="message {look}">' in page
    assert PLACES[place].name in page.words


@pytest.mark.parametrize("place", ["old-project", "leadership", "labs-news", "teams-sales", "nowhere"])
async def test_a_place_where_the_bot_is_not_cannot_be_looked_at(client: TestClient, place: str):
    """There is nothing to see there."""
    assert (await get(client, f"/?place={place}")).status == 400


# -- what no page sends


BAD_FORMS: dict[str, tuple[str, Collection, int]] = {
    "no act": ("/announcements/act", {"name": LAUNCH}, 400),
    "unknown act": ("/announcements/act", {"name": LAUNCH, "do": "__class__"}, 400),
    "act on nothing": ("/announcements/act", {"name": "nothing", "do": "send"}, 400),
    "draft of nothing": ("/announcements/draft", {"name": "nothing", "to": "channel"}, 400),
    "no place": ("/announcements/draft", {"name": LAUNCH}, 422),
    "unknown place": ("/announcements/draft", {"name": LAUNCH, "to": "<script>alert(1)</script>"}, 422),
    "too many places": ("/announcements/draft", [("name", LAUNCH), *[("to", "channel")] * 100], 400),
    "no step": ("/clock", {}, 400),
    "unknown step": ("/clock", {"step": "week"}, 400),
    "half a form": ("/announcements/write", {"do": "keep", "name": "x"}, 400),
    "no wish": ("/announcements/write", {**written(), "do": "burn"}, 400),
}


@pytest.mark.parametrize("form", BAD_FORMS.values(), ids=BAD_FORMS)
async def test_a_form_that_the_page_cannot_send_is_refused(client: TestClient, form: tuple[str, Collection, int]):
    """With a reason, nothing done, and nothing of it taken for markup."""
    path, fields, status = form
    page = await send(client, path, fields)
    assert page.status == status
    assert "<script>alert" not in page
    assert "Nothing yet." in await get(client, "/announcements")


@pytest.mark.parametrize("path", ["write", "draft", "act"])
async def test_a_body_that_is_no_form_is_refused(client: TestClient, path: str):
    """Whatever it is."""
    assert (await client.post(f"/announcements/{path}", json={"do": "send"})).status == 400


async def test_a_place_of_a_workspace_that_is_none_fails_with_the_platforms_word(client: TestClient):
    """A forged place is written as places are: it goes nowhere."""
    page = await draft(
        client, "slack:T1/C1", "members:slack:T0ACME/C0PRETEND", "teams:00000000-0000-4000-8000-000000000000/19:x"
    )
    assert page.status == 200
    page = await settled(client)
    assert page.rows["C1"][3] == REASONS["channel_not_found"]
    assert page.rows["19:x"][3] == REASONS["app_not_installed"]


async def test_others_see_nothing_of_it(client: TestClient, desk: Desk):
    """Announcements belong to a session: another cookie finds none of them."""
    await sent(client, "channel")
    client.session.cookie_jar.clear()
    assert "Nothing yet." in await get(client, "/announcements")
    assert (await get(client, f"/announcements/report?name={LAUNCH}")).status == 400
    assert (await get(client, f"/announcements/table?name={LAUNCH}")).status == 400


# -- coming to an end


async def test_starting_over_forgets_the_announcements(client: TestClient):
    """Nothing is sent any more, and what was written is gone."""
    await send(client, "/announcements/write", written())
    await sent(client, "channel")
    await send(client, "/reset", {"place": "channel"})
    page = await get(client, "/announcements")
    assert "Nothing yet." in page
    assert "heads-up" not in page.words


async def test_a_session_that_goes_takes_what_delivers_for_it_along(desk: Desk):
    """The ledger and the tasks of the oldest session end when there are too many, and all at the end."""
    tasks, threads = len(asyncio.all_tasks()), databases()
    async with opened(desk) as client:
        await sent(client, "channel")
        assert databases() == threads + 1
        cookie = client.session.cookie_jar.filter_cookies(client.make_url("/"))["optout_preview"].value
        for _ in range(sessions.MOST_SESSIONS):
            client.session.cookie_jar.clear()
            await client.post("/look", data={"place": "direct", "look": "slack"}, allow_redirects=False)
        await only(threads)
        client.session.cookie_jar.clear()
        page = await read(await client.get("/announcements", cookies={"optout_preview": cookie}))
        assert "Nothing yet." in page
        client.session.cookie_jar.clear()
        await draft(client, "channel")
    await only(threads)
    assert len(asyncio.all_tasks()) == tasks


async def test_sessions_that_are_going_when_the_preview_ends_take_their_databases_along(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    """They are waited for, however busy the machine is: whoever is given up while closing leaves a connection open."""
    close_all, close, ending = sessions.Sessions.close, newsroom.Newsroom.close, asyncio.Event()
    loop = asyncio.get_running_loop()
    time, passed = loop.time, [0.0]

    def a_minute_passes() -> None:
        passed.append(60.0)
        loop.call_later(0.05, ending.set)

    async def end(self: sessions.Sessions) -> None:
        await close_all(self)
        loop.call_soon(a_minute_passes)

    async def late(self: newsroom.Newsroom) -> None:
        await ending.wait()
        await close(self)

    monkeypatch.setattr(loop, "time", lambda: time() + passed[-1])
    monkeypatch.setattr(sessions.Sessions, "close", end)
    monkeypatch.setattr(newsroom.Newsroom, "close", late)
    threads = databases()
    async with opened(desk) as client:
        await sent(client, "channel")
        for _ in range(sessions.MOST_SESSIONS):
            client.session.cookie_jar.clear()
            await client.post("/look", data={"place": "direct", "look": "slack"}, allow_redirects=False)
    await only(threads)


async def test_newcomers_at_once_each_get_their_own(desk: Desk):
    """Their ledgers are made at the same time."""
    app = web.Application()
    Preview(desk, blocks.draw, cards.draw, lambda: NOON, QUICK).add_routes(app)
    fields = [("name", LAUNCH), ("to", "channel")]
    async with TestServer(app) as server, TestClient(server), asyncio.TaskGroup() as group:
        clients = [TestClient(server) for _ in range(5)]
        drafted = [group.create_task(client.post("/announcements/draft", data=fields)) for client in clients]
        assert [(await response).status for response in drafted] == [200] * 5
        for client in clients:
            await client.session.close()


async def test_only_so_many_can_be_announced(client: TestClient, monkeypatch: pytest.MonkeyPatch):
    """Then the form says so."""
    monkeypatch.setattr(newsroom, "MOST_MADE", 1)
    await sent(client, "channel")
    page = await draft(client, "labs")
    assert (page.status, "“Start over”, beside the conversation, makes room." in page) == (422, True)
    assert (await act(client, "trial")).status == 422
