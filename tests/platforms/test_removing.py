"""*Remove it* deletes the one post it stands for, for the person who asked for it, whatever a client sends instead."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.announcements.lanes import RETENTION, Lanes
from bot.answering.deciding import Knowledge
from bot.content.topics import Content
from bot.desk import seals
from bot.desk.desk import Desk
from bot.messages import Message, Paragraph, Person, Place, Post, Press, Question, Receipt, Removal, Withdraw, pressable
from bot.platforms.preview import Preview
from bot.platforms.preview.sessions import Reply
from bot.platforms.slack import blocks
from bot.platforms.teams import cards
from bot.storage.ledger import Ledger, open_ledger
from tests.conftest import NOON
from tests.fakes import teams_bot
from tests.fakes.block_kit import shown
from tests.fakes.drawn import objects
from tests.fakes.teams_bot import TeamsDesk
from tests.fakes.teams_deliveries import CHANNEL, TENANT, THREAD, made_up
from tests.platforms.slack.test_announcing import LAUNCH, Office, office
from tests.platforms.teams.test_announcing import GROUP, announce, announcing_bot
from tests.storage.test_ledger import url

__all__ = ["url"]

TOPIC = "linkedin-ai-training"
NOT_YOURS = "Only the person who posted this can remove it."
NO_NOTE = "I have no note of this post"
ANNA = Person("teams", TENANT, "29:anna")
CHAT = Place("teams", TENANT, GROUP)
ELSEWHERE = Place("teams", TENANT, CHANNEL, THREAD)

# -- every act of every person on every post, through the real edges


@dataclass
class Posts:
    """What stands in the places of a running bot, by name, and what became of what was pressed there."""

    make: Callable[[str], Awaitable[Any]]
    """Has a post made, and gives it as the platform shows it; the announcement cannot be made again."""
    there: Callable[[], list[str]]
    """The ids of all that stands anywhere."""
    id_of: Callable[[Any], str]
    kept: dict[str, Any] = field(default_factory=dict)

    async def renew(self) -> None:
        """Makes again what was removed."""
        there = self.there()
        for name, post in self.kept.items():
            if name not in ("gone", "announcement") and self.id_of(post) not in there:
                self.kept[name] = await self.make(name)

    async def removed_by(self, press: Awaitable[Any], settle: Callable[[], Awaitable[None]]) -> list[str]:
        """The names of what is not there any more after a press; fails where something else appeared."""
        names, before = {self.id_of(post): name for name, post in self.kept.items()}, self.there()
        await press
        await settle()
        after = self.there()
        assert set(after) <= set(before), "something was posted for everyone"
        return [names[one] for one in before if one not in after]


PEOPLE = {
    "anna": ("U1", "29:anna", ""),
    "ben": ("U2", "29:ben", ""),
    "announcer": ("U3", "29:carl", ""),
    "anna of another tenant": ("U1", "29:anna", "cccccccc-0000-4000-8000-000000000001"),
}
"""Who presses: their id in Slack and in Teams, and their tenant where it is another one."""

DATA = ("its own", "anna's", "elsewhere's", "unsealed", "unsealed and named", "mixed", "odd")
"""What the button carries that is pressed: that of the very post, of one of two others, or made up in some way."""

OBEYED_IN_TEAMS = {
    ("its own", "anna", "anna's"): "anna's",
    ("its own", "anna", "elsewhere's"): "elsewhere's",
    ("its own", "ben", "ben's"): "ben's",
    **{("anna's", "anna", on): "anna's" for on in ("anna's", "ben's", "announcement", "gone")},
    ("elsewhere's", "anna", "elsewhere's"): "elsewhere's",
}
"""By data, person and post that is pressed: what goes, always of the one who presses; everything else is refused."""

OBEYED_IN_SLACK = {
    ("its own", "anna", "anna's"): "anna's",
    ("its own", "anna", "anna's answer"): "anna's answer",
    ("its own", "anna", "elsewhere's"): "elsewhere's",
    ("its own", "ben", "ben's"): "ben's",
    ("anna's", "anna", "anna's"): "anna's",
    ("elsewhere's", "anna", "elsewhere's"): "elsewhere's",
    **{("anna's answer's", "anna", on): "anna's answer" for on in ("anna's", "anna's answer", "ben's")},
    **{("anna's answer's", "anna", on): "anna's answer" for on in ("announcement", "gone")},
}
"""The same, where only its own button can name a post that came by a response address, and its id an answer."""


def forged(data: str, own: list[str], others: dict[str, list[str]], person: str, on: str) -> list[Any] | None:
    """The value of the button that is pressed; None for a post that has no such button."""
    return {
        "its own": own or None,
        "anna's": others["anna's"],
        "elsewhere's": others["elsewhere's"],
        "anna's answer's": others.get("anna's answer"),
        "unsealed": [person, "", "steps", TOPIC],
        "unsealed and named": [person, on, "steps", TOPIC],
        "mixed": [own[0], others["anna's"][1]] if own and own != others["anna's"] else [others["anna's"][0], ""],
        "odd": [others["anna's"][0], "é\ud800"],
    }[data]


@pytest.mark.parametrize("old", [False, True], ids=["execute", "submit"])
@pytest.mark.parametrize("data", DATA)
async def test_in_teams_a_press_removes_what_is_the_pressers_own_and_nothing_else(
    content: Content, knowledge: Knowledge, data: str, old: bool
):
    """What goes is told by the receipt: neither the data nor `replyToId`, which clients stamp, lead anywhere else."""
    found = {}
    async with in_teams(content, knowledge) as (bot, posts):
        for who, (_, person, tenant) in PEOPLE.items():
            for on in posts.kept:
                await posts.renew()
                post = posts.kept[on]
                others = {name: remove_in_card(one) for name, one in posts.kept.items()}
                value = forged(data, others[on], others, person, post["id"])
                if value is None:
                    continue
                asked = len(bot.teams.deleted)
                press = bot.teams.send_press(made_up(value), post, old=old, person=person, tenant=tenant or TENANT)
                gone = await removed_by(bot, posts, press, old)
                assert len(bot.teams.deleted) - asked == len(gone), "something more was to be deleted"
                if gone:
                    found[data, who, on] = gone[0]
    assert found == {key: gone for key, gone in OBEYED_IN_TEAMS.items() if key[0] == data}


async def removed_by(bot: teams_bot.Bot, posts: Posts, press: Awaitable[Any], old: bool) -> list[str]:
    """What goes by a press; the refusals that older clients have to be given in words are taken away again."""
    before = {name: list(said) for name, said in bot.teams.conversations.items()}

    async def settle() -> None:
        await bot.settle()
        for name, said in bot.teams.conversations.items() if old else ():
            said[:] = [one for one in said if one in before.get(name, ())]

    return await posts.removed_by(press, settle)


@asynccontextmanager
async def in_teams(content: Content, knowledge: Knowledge) -> AsyncIterator[tuple[teams_bot.Bot, Posts]]:
    """A bot with posts of two people in a group chat, one in a channel, one that is gone, and an announcement."""
    asked = {"gone": ("link", GROUP, "29:anna"), "anna's": ("steps", GROUP, "29:anna")}
    asked |= {"ben's": ("link", GROUP, "29:ben"), "elsewhere's": ("steps", THREAD, "29:anna")}

    def desk(ledger: Ledger) -> Desk:
        return Desk(knowledge, ledger, frozenset({"29:carl"}))

    async with announcing_bot(content, desk) as bot:

        async def make(name: str) -> Any:
            text, where, person = asked[name]
            await bot.teams.write(text, where, person)
            await bot.settle()
            return dict(bot.teams.said(where)[-1])

        def there() -> list[str]:
            return [one["id"] for said in bot.teams.conversations.values() for one in said]

        posts = Posts(make, there, lambda post: post["id"])
        await announce(bot, content, GROUP)
        posts.kept["announcement"] = dict(bot.teams.said(GROUP)[-1])
        posts.kept["gone"] = await make("gone")
        await bot.teams.press("Remove it", posts.kept["gone"])
        await bot.settle()
        for name in ("anna's", "ben's", "elsewhere's"):
            posts.kept[name] = await make(name)
        yield bot, posts


def remove_in_card(post: dict[str, Any]) -> list[str]:
    """The value of *Remove it* on a post; empty for one without."""
    buttons = (each["data"] for each in objects(post["attachments"]) if each.get("verb") == "remove")
    return next((data["value"] for data in buttons), [])


@pytest.mark.parametrize("data", [*DATA, "anna's answer's"])
async def test_in_slack_a_press_removes_what_is_the_pressers_own_and_nothing_else(knowledge: Knowledge, data: str):
    """A post with an id goes by its receipt; one without by its own button, which Slack itself shows on it."""
    found = {}
    async with in_slack(knowledge) as (place, posts):
        for who, (person, _, team) in PEOPLE.items():
            for on in posts.kept:
                await posts.renew()
                others = {name: remove_in_blocks(post) for name, post in posts.kept.items()}
                post = posts.kept[on]
                value = forged(data, others[on], others, person, posts.id_of(post))
                if value is None:
                    continue
                pressed = post.get("whisper", post)
                press = place.slack.send_press(packed("remove", *value), pressed, person, team or "T1")
                if gone := await posts.removed_by(press, place.bot.settle):
                    found[data, who, on] = gone[0]
    assert found == {key: gone for key, gone in OBEYED_IN_SLACK.items() if key[0] == data}


@asynccontextmanager
async def in_slack(knowledge: Knowledge) -> AsyncIterator[tuple[Office, Posts]]:
    """A bot with posts of two people in a channel, one in another, one that is gone, and an announcement."""
    asked = {"gone": ("link", "C1", "U1"), "anna's": ("steps", "C1", "U1")}
    asked |= {"ben's": ("link", "C1", "U2"), "elsewhere's": ("steps", "C2", "U1")}
    async with office(knowledge, listed="U3") as place:

        async def make(name: str) -> Any:
            if name == "anna's answer":
                await place.slack.mention("are private messages used?")
                await place.bot.settle()
                return {**place.slack.said("C1")[-1], "whisper": dict(place.slack.whispered("C1")[-1])}
            text, channel, user = asked[name]
            await place.slack.command(text, channel=channel, user=user)
            await place.bot.settle()
            return dict(place.slack.said(channel)[-1])

        def there() -> list[str]:
            return [one["ts"] for channel in place.slack.channels for one in place.slack.said(channel)]

        posts = Posts(make, there, lambda post: post["ts"])
        await place.sent("slack:T1/C1")
        await place.settled(LAUNCH)
        posts.kept["announcement"] = dict(place.slack.said("C1")[-1])
        posts.kept["gone"] = await make("gone")
        await place.slack.press("Remove it", posts.kept["gone"])
        await place.bot.settle()
        for name in ("anna's", "anna's answer", "ben's", "elsewhere's"):
            posts.kept[name] = await make(name)
        yield place, posts


def packed(*value: Any) -> str:
    """A value as a button of the bot carries it in Slack."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def remove_in_blocks(post: dict[str, Any]) -> list[str]:
    """The value of *Remove it* on a post or on what its poster was shown beside it; empty for one without."""
    drawn = post.get("whisper", post)["blocks"]
    values = (json.loads(each["value"]) for each in objects(drawn) if str(each.get("value")).startswith('["remove'))
    return next((value[1:] for value in values), [])


# -- what is said instead


async def test_who_may_not_remove_a_post_is_told_alone_however_often_they_press(knowledge: Knowledge):
    """The answer of the press itself carries the words; nobody else reads them."""
    async with teams_bot.running(partial(Desk, knowledge)) as bot:
        await bot.teams.write("steps", GROUP)
        (post,) = await bot.teams.until(lambda: bot.teams.said(GROUP))
        replies = [await bot.teams.press("Remove it", post, person="29:ben") for _ in range(8)]
        await bot.settle()
        assert bot.teams.said(GROUP) == [post]
        assert bot.teams.said("a:ben") == []
    told = {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": NOT_YOURS}
    assert [reply.json for reply in replies] == [told] * 8


async def test_a_refusal_that_takes_long_is_said_in_the_chat(monkeypatch):
    """Teams would show an error for a press that is not answered in time."""
    monkeypatch.setattr("bot.platforms.teams.exchange.TOLD_WITHIN", 0.01)
    answered = asyncio.Event()

    class Slow(TeamsDesk):
        async def press(self, press: Press, now: Any) -> Any:
            await answered.wait()
            return (Post(Message((Paragraph("No."),)), harmless=True),)

    async with teams_bot.running(Slow()) as bot:
        await bot.teams.write("hello", GROUP)
        (post,) = await bot.teams.until(lambda: bot.teams.said(GROUP))
        reply = await bot.teams.send_press(made_up(["x"]), post, person="29:anna")
        answered.set()
        await bot.settle()
        assert (reply.json["value"], bot.teams.texts(GROUP)[1:]) == ("Received.", ["No."])


async def test_what_is_removed_already_is_said_to_be_gone(knowledge: Knowledge):
    """A second press finds no receipt; it is told to the one who pressed, and nothing is deleted."""
    async with teams_bot.running(partial(Desk, knowledge)) as bot:
        await bot.teams.write("steps", GROUP)
        (post,) = await bot.teams.until(lambda: bot.teams.said(GROUP))
        for _ in range(2):
            reply = await bot.teams.press("Remove it", post)
            await bot.settle()
        assert reply.json["value"].startswith(NO_NOTE)
        assert (bot.teams.said(GROUP), len(bot.teams.deleted)) == ([], 1)


async def test_a_removal_that_failed_can_be_tried_again(knowledge: Knowledge):
    """The receipt stays until the platform has deleted the post."""
    async with teams_bot.running(partial(Desk, knowledge)) as bot:
        await bot.teams.write("steps", GROUP)
        (post,) = await bot.teams.until(lambda: bot.teams.said(GROUP))
        bot.teams.fail("delete", "error", detail="501")
        for _ in range(2):
            await bot.teams.press("Remove it", post)
            await bot.settle()
        assert post["id"] not in [said["id"] for said in bot.teams.said(GROUP)]


async def test_a_post_in_a_thread_is_deleted_in_its_thread(knowledge: Knowledge):
    """Although the press says that it comes from another one."""
    async with teams_bot.running(partial(Desk, knowledge)) as bot:
        await bot.teams.write("steps", THREAD)
        (post,) = await bot.teams.until(lambda: bot.teams.said(THREAD))
        (button,) = [each for each in objects(post["attachments"]) if each.get("verb") == "remove"]
        other = {**post, "id": "1", "conversation": {"id": CHANNEL}}
        await bot.teams.send_press(button, other, person="29:anna")
        await bot.settle()
        assert (bot.teams.said(THREAD), bot.teams.deleted) == ([], [(THREAD, post["id"])])


async def posted(desk: Desk, place: Place = CHAT, receipt: Receipt | None = None) -> Post:
    """The steps, posted for everyone at Anna's request; without a receipt it never came to be known that they are."""
    (post,) = await desk.ask(Question("steps", ANNA, place, "c", "aloud"), NOON)
    assert isinstance(post, Post)
    if receipt:
        await desk.posted(post, receipt, NOON)
    return post


def press_on(post: Post, **changed: Any) -> Press:
    """Anna presses *Remove it* on a post."""
    return replace(Press("remove", post.removal, ANNA, CHAT, "c", "aloud"), **changed)


def words(outcomes: tuple[Any, ...]) -> str:
    """What is said to the presser, for everything that is refused."""
    (post,) = outcomes
    return str(post.message.elements[0].text) if isinstance(post, Post) else ""


async def test_a_post_is_removed_only_once_its_receipt_is_there(desk: Desk):
    """One that arrived this moment, or of which the platform never said so, cannot be told from another."""
    post = await posted(desk)
    assert words(await desk.press(press_on(post), NOON)).startswith(NO_NOTE)
    await desk.posted(post, Receipt(CHAT, "7"), NOON)
    (removal,) = await desk.press(press_on(post), NOON)
    assert (removal.place, removal.ref) == (CHAT, "7")


async def test_after_ninety_days_a_post_is_left_where_it_is(desk: Desk):
    """As long as its receipt is kept it can be removed."""
    post = await posted(desk, receipt=Receipt(CHAT, "7"))
    for days, removable in ((0, True), (1, False)):
        await Lanes(desk._ledger.database).let_go(NOON + RETENTION + timedelta(days=days))
        (outcome,) = await desk.press(press_on(post), NOON + RETENTION + timedelta(days=days))
        assert isinstance(outcome, Removal) == removable


async def test_a_post_without_an_id_is_removed_by_its_own_button_alone(desk: Desk):
    """Where the platform did not tell which message a post became, it has to show that the button stands on it."""
    post = await posted(desk, receipt=Receipt(CHAT))
    assert words(await desk.press(press_on(post), NOON)).startswith(NO_NOTE)
    (removal,) = await desk.press(press_on(post, genuine=True), NOON)
    assert (removal.place, removal.ref) == (CHAT, "")


async def test_a_copy_of_what_may_not_have_arrived_has_nothing_to_remove(knowledge: Knowledge):
    """Its menu could only say that it cannot; on the post, if that is there after all, it does say so."""
    async with office(knowledge) as place:
        place.slack.fail("response_url", "drop_after")
        await place.slack.command("steps")
        await place.bot.settle()
        ((post,), (copy,)) = place.slack.said("C1"), place.slack.whispered("C1")
        assert (bool(remove_in_blocks(post)), bool(remove_in_blocks(copy))) == (True, False)
        await place.slack.press("Remove it", post)
        await place.bot.settle()
        assert place.slack.said("C1") == [post]
        assert shown(place.slack.whispered("C1")[-1]["blocks"]).startswith(NO_NOTE)


# -- buttons from before there were seals


async def test_an_old_button_in_slack_removes_the_post_on_which_it_stands(knowledge: Knowledge):
    """For its poster, as Slack shows the button on that very post; for nobody else, and on no other."""
    async with office(knowledge) as place:
        old = packed("remove", "U1", "", "steps", TOPIC)
        await place.slack.command("link", user="U2")
        await place.bot.settle()
        (others,) = place.slack.said("C1")
        post = place.slack._keep("C1", {"user": "UBOT", "text": "Steps", "blocks": old_menu(old)})
        await place.desk._ledger.record(Receipt(Place("slack", "T1", "C1")), ("steps", TOPIC), "v1", NOON)
        for message, user in ((post, "U2"), (others, "U1")):
            await place.slack.send_press(old, message, user)
            await place.bot.settle()
        assert place.slack.said("C1") == [others, post]
        await place.slack.send_press(old, post)
        await place.bot.settle()
        assert place.slack.said("C1") == [others]


def old_menu(value: str) -> list[dict[str, Any]]:
    """The menu of a post as it was drawn before there were seals."""
    option = {"text": {"type": "plain_text", "text": "Remove it"}, "value": value}
    menu = {"type": "overflow", "action_id": "press:0", "options": [option]}
    return [{"type": "section", "text": {"type": "plain_text", "text": NOT_YOURS}, "accessory": menu}]


@pytest.mark.parametrize("ref", ["", "7"], ids=["without an id", "with an id"])
async def test_an_old_button_in_teams_says_that_it_cannot(desk: Desk, ref: str):
    """Anybody's client could have made it up; to others it says whose it is."""
    await desk._ledger.record(Receipt(CHAT, "7"), ("steps", TOPIC), "v1", NOON)
    for owner, said in (("29:anna", NO_NOTE), ("29:ben", NOT_YOURS)):
        old = Press("remove", (owner, ref, "steps", TOPIC), ANNA, CHAT, "c", "aloud")
        assert words(await desk.press(old, NOON)).startswith(said)


# -- the seal and its key


@pytest.mark.parametrize(
    "changed",
    [
        {"person": replace(ANNA, id="29:ben")},
        {"person": replace(ANNA, tenant="T2")},
        {"person": replace(ANNA, platform="slack")},
        {"place": replace(CHAT, id="19:other")},
        {"place": replace(CHAT, tenant="T2")},
        {"place": replace(CHAT, platform="slack")},
        {"value": ("2", seals.seal(b"key", ANNA, CHAT, "1"))},
        {"value": ("1", seals.seal(b"another key", ANNA, CHAT, "1"))},
        {"value": ("1", "")},
        {"value": ("1", "é")},
        {"value": ("1", "\ud800")},
        {"value": ("\ud800", "\0")},
        {"value": ("1",)},
        {"value": ()},
        {"value": ("1", seals.seal(b"key", ANNA, CHAT, "1"), "more")},
    ],
    ids=str,
)
def test_a_seal_fits_one_person_one_place_and_one_number(changed: dict[str, Any]):
    """And no other, whatever stands in its place; the thread does not count, nor the person's other id."""
    own = Press("remove", ("1", seals.seal(b"key", ANNA, CHAT, "1")), ANNA, CHAT, "c", "aloud")
    assert seals.fits(b"key", own)
    assert seals.fits(b"key", replace(own, place=replace(CHAT, thread="t"), person=replace(ANNA, account="a")))
    assert not seals.fits(b"key", replace(own, **changed))


async def test_the_key_is_made_once_and_stays(url: str):
    """Also where two processes ask for it first, and after a restart."""
    async with open_ledger(url) as one, open_ledger(url) as other:
        keys = await asyncio.gather(one.key(), other.key(), one.key())
    async with open_ledger(url) as ledger:
        assert {*keys, await ledger.key()} == {keys[0]}
    assert len(keys[0]) == 32


async def test_every_ledger_has_a_key_of_its_own():
    """A button of one bot means nothing to another."""
    async with open_ledger("sqlite:///:memory:") as one, open_ledger("sqlite:///:memory:") as other:
        assert await one.key() != await other.key()


async def test_a_button_tells_nobody_who_asked_nor_the_log_the_key(desk: Desk, caplog: pytest.LogCaptureFixture):
    """The id of the person stands nowhere in it, and the ledger holds none."""
    caplog.set_level(logging.DEBUG, "bot")
    post = await posted(desk, receipt=Receipt(CHAT, "7"))
    await desk.press(press_on(post), NOON)
    kept = await desk._ledger.receipt_of(CHAT, Withdraw(post.removal[0]))
    assert "anna" not in f"{post.removal} {kept}"
    assert "button.pressed action=remove" in caplog.text
    assert (await desk._ledger.key()).hex() not in caplog.text


# -- the preview


async def test_the_preview_removes_no_other_line_either(desk: Desk):
    """The button of one's own post, pressed on an answer to somebody else's question."""
    app = web.Application()
    preview = Preview(desk, blocks.draw, cards.draw, lambda: NOON)
    preview.add_routes(app)
    async with TestClient(TestServer(app)) as client:
        for text in ("/optout steps", "/optout help"):
            await client.post("/ask", data={"place": "channel", "text": text})
        (session,) = preview._sessions._sessions.values()
        post, answer = (line for line in session.lines["channel"] if isinstance(line, Reply))
        (button,) = pressable(post.post.message)
        data = {"place": "channel", "action": "remove", "value": json.dumps(button.value)}
        await client.post("/press", data={**data, "post": answer.ref})
        assert {post, answer} <= set(session.lines["channel"])
        await client.post("/press", data={**data, "post": post.ref})
        assert post not in session.lines["channel"]
