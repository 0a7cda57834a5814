"""The preview over HTTP, as a browser without JavaScript uses it, and as nobody should be able to."""

import asyncio
import html
import io
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, get_args
from urllib.parse import unquote

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from bot.desk.desk import Desk
from bot.messages import (
    Button,
    Buttons,
    Byline,
    Element,
    Link,
    Menu,
    Message,
    Note,
    Outcome,
    Paragraph,
    Person,
    Picture,
    Post,
    Press,
    Question,
    Receipt,
    Removal,
    Steps,
    Title,
)
from bot.platforms.preview import Preview, sessions
from bot.platforms.preview.talk import hear
from bot.platforms.slack import blocks
from bot.platforms.teams import cards
from tests.conftest import NOON

ALL_KINDS = Message(
    (
        Title("A title"),
        Paragraph("First line\nSecond line"),
        Steps("How to", ("Open it", "Switch it off"), "As on the desktop."),
        Link("Open the setting", "https://www.example.com/setting"),
        Picture("https://www.example.com/switch.png", "The switch, off"),
        Note("Small print"),
        Byline("Posted for {person}.", Person("preview", "preview", "U1")),
        Buttons((Button("Choose", "choose", ("a", "b")),)),
        Menu("By mistake?", (Button("Remove it", "remove", (), "danger"),)),
    )
)


class EchoingDesk(Desk):
    """A desk that repeats what it hears, remembers how it was asked, and fails when told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[Question | Press, datetime]] = []
        self.receipts: list[Receipt] = []

    async def ask(self, question: Question, now: datetime) -> tuple[Outcome, ...]:
        """Repeats the question."""
        self.heard.append((question, now))
        if question.text == "fail":
            raise RuntimeError(question.text)
        if question.text == "everything":
            return (Post(ALL_KINDS),)
        if question.text == "signed":
            return (Post(Message((Byline("Posted for {person}.", question.person),))),)
        return (
            Post(
                Message((Paragraph(f"Heard: {question.text}"),)), "asker" if question.voice == "alone" else "everyone"
            ),
        )

    async def press(self, press: Press, now: datetime) -> tuple[Outcome, ...]:
        """Removes what the button names, or says that it was pressed."""
        self.heard.append((press, now))
        if press.action == "remove":
            return (Removal(press.place, *press.value),)
        return (Post(Message((Paragraph("Pressed."),))),)

    async def removed(self, removal: Removal) -> None:
        """Keeps nothing."""

    async def posted(self, post: Post, receipt: Receipt, now: datetime) -> tuple[Post, ...]:
        """Offers to undo."""
        self.receipts.append(receipt)
        return (Post(Message((Paragraph("You posted that."), Buttons((Button("Undo", "remove", (receipt.ref,)),))))),)

    def welcome(self) -> Message:
        """Has a button."""
        return Message((Paragraph("Welcome!"), Buttons((Button("Start", "start"),))))

    def prompts(self) -> tuple[str, ...]:
        """Suggests one."""
        return ("How do I opt out?",)

    def phrases(self, language: str = "") -> Any:
        """Knows how to say sorry."""
        return SimpleNamespace(apology="Sorry.")


@pytest.fixture
def scripted() -> EchoingDesk:
    return EchoingDesk()


@pytest.fixture
async def client(scripted: EchoingDesk) -> AsyncIterator[TestClient]:
    async with opened(scripted) as client:
        yield client


def opened(desk: Desk) -> TestClient:
    app = web.Application()
    Preview(desk, blocks.draw, cards.draw, lambda: NOON).add_routes(app)
    return TestClient(TestServer(app))


async def ask(client: TestClient, text: str, place: str = "direct", **fields: str) -> str:
    """Asks as the form does, follows the redirect and gives the page."""
    response = await client.post("/ask", data={"place": place, "text": text, **fields})
    assert response.status == 200
    return await response.text()


def replies(page: str) -> list[str]:
    """The words of each reply, without its tags."""
    bodies = re.findall(r'<div class="message \w+">(.*?)</article>', page, re.DOTALL)
    return [" ".join(html.unescape(re.sub("<[^>]+>", " ", body)).split()) for body in bodies]


async def test_a_newcomer_is_welcomed_and_offered_questions(client: TestClient):
    """The first page needs no cookie, sets none, and shows where to begin."""
    response = await client.get("/")
    page = await response.text()
    assert replies(page) == ["Welcome! Start"]
    assert 'value="How do I opt out?"' in page
    assert "Set-Cookie" not in response.headers


async def test_asking_leads_back_to_the_page_at_the_question(client: TestClient):
    """A form is answered by a redirect, so that reloading does not ask again."""
    response = await client.post("/ask", data={"place": "direct", "text": "Hello"}, allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (303, "/?place=direct#m1")
    page = await (await client.get("/")).text()
    assert replies(page)[-1] == "Heard: Hello"
    assert 'id="m1"' in page


async def test_the_cookie_is_out_of_reach(client: TestClient):
    """Neither scripts nor other sites get hold of the session."""
    response = await client.post("/ask", data={"place": "direct", "text": "Hello"}, allow_redirects=False)
    assert re.fullmatch(r"optout_preview=[\w-]{32}; HttpOnly; Path=/; SameSite=Strict", response.headers["Set-Cookie"])


@pytest.mark.parametrize(
    ("where", "text", "heard"),
    [
        pytest.param("direct", "steps", ("alone", "steps"), id="direct message"),
        pytest.param("direct", "/optout steps", ("aside", "steps"), id="command in a direct message"),
        pytest.param("channel", "/optout steps", ("aside", "steps"), id="command"),
        pytest.param("channel", "/OPTOUT", ("aside", ""), id="command alone"),
        pytest.param("channel", "@Opt-Out Bot when?", ("aloud", "when?"), id="mention"),
        pytest.param("channel", "when, @opt-out bot?", ("aloud", "when,  ?"), id="mention at the end"),
        pytest.param("channel", "/optouts", (None, ""), id="another command"),
        pytest.param("channel", "lunch, anyone?", (None, ""), id="for others"),
    ],
)
def test_how_the_bot_is_spoken_to(where: sessions.PlaceKey, text: str, heard: tuple[str | None, str]):
    """The voice follows from the place and the way of writing."""
    assert hear(where, text) == heard


async def test_a_command_in_the_channel_shows_who_sees_what(client: TestClient, scripted: EchoingDesk):
    """What everyone sees and what only the person is told look different; as in Slack, the post has no id."""
    page = await ask(client, "/optout steps", "channel")
    assert replies(page) == ["Heard: steps", "You posted that. Undo"]
    assert re.findall(r'class="seen">([^<]+)<', page) == [
        "Only visible to you",
        "Everyone sees this",
        "Only visible to you",
    ]
    assert [receipt.ref for receipt in scripted.receipts] == [""]


async def test_a_mention_is_answered_in_its_thread(client: TestClient, scripted: EchoingDesk):
    """A follow-up in the thread belongs to the same conversation, and stands in the thread, too."""
    await ask(client, "@Opt-Out Bot when?", "channel")
    await ask(client, "/optout help", "channel")
    page = await ask(client, "@Opt-Out Bot and here?", "channel", thread="m1")
    first, command, second = (question for question, _ in scripted.heard)
    assert first.place == second.place
    assert first.conversation == second.conversation != command.conversation
    assert (first.place.thread, scripted.receipts[0]) == ("m1", Receipt(first.place, "m2"))
    assert replies(page)[2:4] == ["Heard: and here?", "You posted that. Undo"]
    assert "In the thread of" in page


async def test_what_is_said_to_others_is_not_heard(client: TestClient, scripted: EchoingDesk):
    """In a channel the bot reads only what is meant for it."""
    assert "In a channel the bot hears only" in await ask(client, "lunch, anyone?", "channel")
    assert scripted.heard == []


async def test_a_button_gives_back_its_value(client: TestClient, scripted: EchoingDesk):
    """A press carries the action, the value, and the place of the reply it belongs to."""
    page = await ask(client, "everything")
    [value] = re.findall(
        r"name=\"action\" value=\"choose\">\s*<input type=\"hidden\" name=\"value\" value='([^']+)'", page
    )
    data = {"place": "direct", "post": "m2", "action": "choose", "value": html.unescape(value)}
    page = await (await client.post("/press", data=data)).text()
    press, _ = scripted.heard[-1]
    assert isinstance(press, Press)
    assert (press.action, press.value, press.voice) == ("choose", ("a", "b"), "alone")
    assert press.conversation == scripted.heard[0][0].conversation
    assert replies(page)[-1] == "Pressed."


async def test_the_welcome_can_be_pressed_before_anything_is_asked(client: TestClient):
    """A first press opens the session in which the pressed message stands."""
    data = {"place": "direct", "post": "welcome", "action": "start", "value": "[]"}
    assert replies(await (await client.post("/press", data=data)).text()) == ["Welcome! Start", "Pressed."]


async def test_a_post_can_be_taken_back(client: TestClient):
    """The post disappears, and with it the private message that offered to remove it."""
    await ask(client, "@Opt-Out Bot when?", "channel")
    data = {"place": "channel", "post": "m3", "action": "remove", "value": '["m2"]'}
    assert replies(await (await client.post("/press", data=data)).text()) == []


async def test_the_chosen_day_is_the_day_the_desk_is_told(client: TestClient, scripted: EchoingDesk):
    """The day is moved, the time of day is not; no day means today."""
    page = await (await client.post("/date", data={"place": "direct", "date": "2025-11-02"})).text()
    assert "2 Nov 2025" in page
    assert "2 November 2025" in await ask(client, "before")
    await client.post("/date", data={"place": "direct", "date": ""})
    await ask(client, "now")
    assert [now for _, now in scripted.heard] == [datetime(2025, 11, 2, 12, tzinfo=UTC), NOON]


@pytest.mark.parametrize(
    ("place", "region", "asked"),
    [("direct", "Norway", "region Norway"), ("channel", "", "region"), ("direct", "clear", "region clear")],
)
async def test_the_region_is_set_with_the_bots_own_command(
    client: TestClient, scripted: EchoingDesk, place: str, region: str, asked: str
):
    """The page knows no regions: it says to the bot what a person would."""
    await client.post("/region", data={"place": place, "region": region})
    assert [(q.text, q.voice) for q, _ in scripted.heard] == [(asked, "alone" if place == "direct" else "aside")]


async def test_starting_over_forgets_what_was_said(client: TestClient, scripted: EchoingDesk):
    """The person stays; places and conversations are new, so nothing before counts as said there."""
    await ask(client, "one")
    page = await (await client.post("/reset", data={"place": "direct"})).text()
    await ask(client, "two")
    (one, _), (two, _) = scripted.heard
    assert replies(page) == ["Welcome! Start"]
    assert one.person == two.person
    assert one.place != two.place


async def test_markup_in_a_question_is_shown_as_text(client: TestClient):
    """Nothing that is written becomes part of the page."""
    page = await ask(client, "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 2


async def test_every_kind_of_element_is_drawn(client: TestClient):
    """A message looks as people will see it, whatever it is made of."""
    assert {type(element) for element in ALL_KINDS.elements} == set(get_args(Element))
    assert replies(await ask(client, "everything"))[-1] == (
        "A title First line Second line How to Open it Switch it off As on the desktop. "
        "Open the setting https://www.example.com/setting The switch, off https://www.example.com/switch.png "
        "Small print Posted for @U1 . Choose By mistake? Remove it"
    )


def sent(page: str) -> list[dict]:
    """What the panel of the last reply shows, in its order."""
    panel = page.rpartition('class="drawings"')[2]
    return [json.loads(html.unescape(code)) for code in re.findall(r"<code>(\{.*?)</code></pre>", panel, re.DOTALL)]


async def test_the_panel_holds_exactly_what_slack_and_teams_are_sent(client: TestClient):
    """The blocks, which a link opens in the Block Kit Builder, and the card beside them."""
    page = await ask(client, "everything")
    slack, card = sent(page)
    assert slack == blocks.draw(ALL_KINDS)
    assert card == cards.draw(ALL_KINDS)
    address = html.unescape(re.findall(r'href="(https://app\.slack\.com[^"]+)"', page)[-1])
    start, _, opened = address.partition("#")
    assert start == "https://app.slack.com/block-kit-builder/"
    assert json.loads(unquote(opened)) == {"blocks": slack["blocks"]}


async def test_the_look_is_that_of_slack_or_of_teams(client: TestClient, scripted: EchoingDesk):
    """One switch redraws every reply, and holds for those that follow; the card's own words are what is drawn."""
    await ask(client, "everything")
    page = await (await client.post("/look", data={"place": "direct", "look": "teams"})).text()
    assert replies(page)[-1] == (
        "A title First line Second line How to Open it Switch it off As on the desktop. "
        "Open the setting https://www.example.com/setting The switch, off https://www.example.com/switch.png "
        "Small print Posted for someone here. "
        "Choose By mistake? ••• More Remove it"
    )
    assert re.findall(r'value="(\w+)" aria-pressed="true"', page) == ["teams"]
    assert [next(iter(each)) for each in sent(page)] == ["$schema", "text"]
    page = await ask(client, "**Hi** [you](https://evil.example) 1. <b>\n1. one\n2. two")
    assert replies(page)[-1] == "Heard: **Hi** [you](https://evil.example) 1. <b> 1. one 2. two"
    page = await (await client.post("/look", data={"place": "direct", "look": "slack"})).text()
    assert 'class="message teams"' not in page


async def test_a_button_of_a_card_gives_back_what_the_card_holds(client: TestClient, scripted: EchoingDesk):
    """In the look of Teams the action and the value come from the card itself."""
    await client.post("/look", data={"place": "direct", "look": "teams"})
    page = await ask(client, "everything")
    forms = re.findall(
        r"name=\"action\" value=\"(\w+)\">\s*<input type=\"hidden\" name=\"value\" value='([^']+)'", page
    )
    assert [(action, json.loads(html.unescape(value))) for action, value in forms] == [
        ("start", []),
        ("choose", ["a", "b"]),
        ("remove", []),
    ]


async def test_whoever_posts_is_named_in_the_card(client: TestClient):
    """A card names people by what they are called, as Teams tells it."""
    await client.post("/look", data={"place": "direct", "look": "teams"})
    page = await ask(client, "signed")
    assert replies(page)[-1] == "Posted for Your Name."


async def test_a_failure_is_an_apology(client: TestClient, caplog: pytest.LogCaptureFixture):
    """The page goes on, and the log tells where it happened without the words."""
    assert replies(await ask(client, "fail"))[-1] == "Sorry."
    assert replies(await ask(client, "again"))[-1] == "Heard: again"
    assert "error=RuntimeError" in caplog.text


async def test_the_log_holds_ids_only(client: TestClient, caplog: pytest.LogCaptureFixture):
    """What somebody asked stays out of the log."""
    caplog.set_level("DEBUG", "bot")
    await ask(client, "fail")
    await ask(client, "my secret")
    assert "preview.asked place=direct-" in caplog.text
    assert not re.search("secret|: fail", caplog.text)


async def test_forty_thousand_characters_are_asked(client: TestClient, scripted: EchoingDesk):
    """The desk gets all of them; the page keeps the beginning and says how much is left out."""
    page = await ask(client, "\N{BEAR FACE}" * 40_000)
    assert len(scripted.heard[0][0].text) == 40_000
    assert "and 38,000 more characters" in page


@pytest.mark.parametrize("length", [40_001, 3_000_000])
async def test_more_is_refused_with_a_reason(client: TestClient, scripted: EchoingDesk, length: int):
    """A text that is too long gets a page that says so."""
    body = io.BytesIO(b"place=direct&text=" + b"x" * length)
    response = await client.post("/ask", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert response.status == 413
    assert "up to 40,000 characters" in await response.text()
    assert scripted.heard == []


BAD_FORMS = {
    "no place": ("/ask", {"text": "Hi"}),
    "unknown place": ("/ask", {"place": "lobby", "text": "Hi"}),
    "no text": ("/ask", {"place": "direct"}),
    "unknown thread": ("/ask", {"place": "channel", "text": "Hi", "thread": "m9"}),
    "unknown post": ("/press", {"place": "direct", "post": "m9", "action": "start", "value": "[]"}),
    "no look": ("/look", {"place": "direct"}),
    "unknown look": ("/look", {"place": "direct", "look": "irc"}),
    "no value": ("/press", {"place": "direct", "post": "welcome", "action": "start"}),
    "value is no JSON": ("/press", {"place": "direct", "post": "welcome", "action": "start", "value": "{"}),
    "value is no list": ("/press", {"place": "direct", "post": "welcome", "action": "start", "value": '{"a": 1}'}),
    "value of numbers": ("/press", {"place": "direct", "post": "welcome", "action": "start", "value": "[1]"}),
    "half a character": ("/press", {"place": "direct", "post": "welcome", "action": "start", "value": '["\\ud800"]'}),
    "deep value": ("/press", {"place": "direct", "post": "welcome", "action": "start", "value": "[" * 1999}),
    "long value": ("/press", {"place": "direct", "post": "welcome", "action": "start", "value": f'["{"x" * 2000}"]'}),
    "no day": ("/date", {"place": "direct", "date": "2025-02-30"}),
    "far day": ("/date", {"place": "direct", "date": "9999-12-31"}),
    "too many fields": ("/ask", {"place": "direct", "text": "Hi", **{f"f{n}": "" for n in range(20)}}),
}


@pytest.mark.parametrize("form", BAD_FORMS.values(), ids=BAD_FORMS)
async def test_a_form_that_the_page_cannot_send_is_refused(
    client: TestClient, scripted: EchoingDesk, form: tuple[str, dict[str, str]]
):
    """Bad values are told apart from failures, and nothing is done."""
    path, fields = form
    response = await client.post(path, data=fields)
    assert response.status == 400
    assert "Back to the preview" in await response.text()
    assert scripted.heard == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        pytest.param("application/json", b"{}", id="json"),
        pytest.param("multipart/form-data; boundary=x", b"--x\r\n", id="multipart"),
        pytest.param("application/x-www-form-urlencoded", b"place=direct&text=\xff", id="not UTF-8"),
        pytest.param("application/x-www-form-urlencoded; charset=nonsense", b"place=x", id="unknown charset"),
    ],
)
async def test_a_body_that_is_no_form_is_refused(client: TestClient, kind: str, body: bytes):
    """Whatever the bytes are, the answer is 400."""
    assert (await client.post("/ask", data=body, headers={"Content-Type": kind})).status == 400


@pytest.mark.parametrize(
    "text", ["", "  \n ", "\0", "\u202e\u200b", "%ff"], ids=["empty", "blank", "nul", "rtl", "percent"]
)
async def test_odd_texts_reach_the_desk(client: TestClient, scripted: EchoingDesk, text: str):
    """The preview judges no question."""
    await ask(client, text)
    assert [question.text for question, _ in scripted.heard] == [text]


@pytest.mark.parametrize("path", ["/", "/static/preview.css"])
@pytest.mark.parametrize("host", ["evil.example:{port}", "localhost:1", "127.0.0.1", "0.0.0.0:{port}", "[::2]:{port}"])
async def test_another_host_is_refused(client: TestClient, path: str, host: str):
    """A name that somebody else points at this machine does not open the page."""
    assert (await client.get(path, headers={"Host": host.format(port=client.port)})).status == 403


@pytest.mark.parametrize("host", ["localhost:{port}", "127.0.0.1:{port}", "[::1]:{port}", "LOCALHOST:{port}"])
async def test_the_names_of_this_machine_are_welcome(client: TestClient, host: str):
    """Each way to write the loopback address works."""
    assert (await client.get("/", headers={"Host": host.format(port=client.port)})).status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Origin": "https://evil.example"}, 403, id="other site"),
        pytest.param({"Origin": "http://127.0.0.1:1"}, 403, id="other port"),
        pytest.param({"Origin": "null"}, 403, id="no origin"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, 403, id="cross-site"),
        pytest.param({"Sec-Fetch-Site": "same-site", "Origin": "null"}, 403, id="same site"),
        pytest.param({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, 403, id="contradiction"),
        pytest.param({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200, id="own form"),
        pytest.param({"Origin": "http://127.0.0.1:{port}"}, 200, id="own origin"),
    ],
)
async def test_only_the_page_itself_may_send_forms(client: TestClient, headers: dict[str, str], status: int):
    """Another site cannot speak in the person's name."""
    headers = {name: value.format(port=client.port) for name, value in headers.items()}
    response = await client.post("/ask", data={"place": "direct", "text": "Hi"}, headers=headers)
    assert response.status == status


def safe(response: ClientResponse) -> bool:
    policy = response.headers.get("Content-Security-Policy", "")
    return (
        "default-src 'self'" in policy
        and "frame-ancestors 'none'" in policy
        and "unsafe" not in policy
        and response.headers["X-Content-Type-Options"] == "nosniff"
        and response.headers["Referrer-Policy"] == "no-referrer"
    )


@pytest.mark.parametrize("path", ["/", "/?place=channel", "/?place=lobby", "/static/preview.js", "/static/none.js"])
async def test_every_page_is_closed_to_foreign_code(client: TestClient, path: str):
    """The headers stand on pages, files and refusals alike."""
    assert safe(await client.get(path))


async def test_the_page_holds_no_code_of_its_own(client: TestClient):
    """Scripts and styles come from files, as the policy demands."""
    page = await ask(client, "everything")
    assert not re.search(r"<script(?! src)|<style|\sstyle=|\son\w+=|javascript:", page)


async def test_a_conversation_grows_only_so_long(client: TestClient):
    """The oldest lines go first."""
    for _ in range(sessions.MOST_LINES // 2 + 5):
        await client.post("/ask", data={"place": "direct", "text": "Hi"}, allow_redirects=False)
    page = await (await client.get("/")).text()
    assert len(re.findall(r'<li id="m\d+"', page)) == sessions.MOST_LINES
    assert replies(page)[0] == "Heard: Hi"


def test_there_are_only_so_many_sessions():
    """The one unused for longest is forgotten."""
    kept = sessions.Sessions()
    first, second, *_ = [kept.keep(sessions.Session()) for _ in range(sessions.MOST_SESSIONS)]
    kept.get(first)
    kept.keep(sessions.Session())
    assert kept.get(first)
    assert kept.get(second) is None


async def test_questions_at_once_keep_their_answers_together(client: TestClient):
    """Each reply follows its question, however they arrive."""
    await ask(client, "first")
    await asyncio.gather(*(ask(client, f"number {n}") for n in range(5)))
    page = await (await client.get("/")).text()
    said = re.findall(r"data-said>([^<]+)<|<p>Heard: ([^<]+)</p>", page)
    words = [question or answer for question, answer in said]
    assert words[::2] == words[1::2]


async def test_the_real_desk_answers_for_the_chosen_day_and_region(desk: Desk):
    """From the form to the shipped content and back."""
    async with opened(desk) as client:
        await client.post("/date", data={"place": "direct", "date": date(2025, 11, 1).isoformat()})
        await client.post("/region", data={"place": "direct", "region": "Germany"})
        assert "3 November 2025" in replies(await ask(client, "when does it start?"))[-1]


@pytest.mark.parametrize("look", ["slack", "teams"])
@pytest.mark.parametrize(
    ("place", "text"), [("direct", "who owns LinkedIn?"), ("channel", "/optout who owns LinkedIn?")]
)
async def test_an_answer_can_be_asked_why(desk: Desk, look: str, place: str, text: str):
    """The folded button of the real desk's answer leads to the reasons, in either look."""
    async with opened(desk) as client:
        await client.post("/look", data={"place": place, "look": look})
        page = await ask(client, text, place)
        [value] = re.findall(
            r"name=\"action\" value=\"why\">\s*<input type=\"hidden\" name=\"value\" value='([^']+)'", page
        )
        data = {"place": place, "post": "m2", "action": "why", "value": html.unescape(value)}
        page = await (await client.post("/press", data=data)).text()
    assert "I took your question as “Which company owns LinkedIn?”." in replies(page)[-1]
    assert re.findall(r'class="seen">([^<]+)<', page)[-1:] == ([] if place == "direct" else ["Only visible to you"])
