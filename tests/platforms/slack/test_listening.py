"""What the bot hears on Slack and what it does not: each thing once, and only people who speak to it."""

import asyncio
import re

import pytest

from bot.messages import Post
from bot.platforms.repeats import Repeats
from bot.platforms.slack.mrkdwn import plain
from bot.text import OBJECT
from tests.conftest import NOON
from tests.fakes.block_kit import shown
from tests.fakes.scripted_bot import ScriptedDesk, says
from tests.fakes.slack_bot import running
from tests.fakes.slack_deliveries import BOT, delivered, sample

both = pytest.mark.parametrize("socket_mode", [pytest.param(False, id="http"), pytest.param(True, id="socket")])


@both
@pytest.mark.parametrize("order", [("app_mention", "app_mention_twin"), ("app_mention_twin", "app_mention")])
async def test_one_mention_gives_one_answer_although_slack_sends_two_events(order: tuple[str, str], socket_mode: bool):
    """A workspace that also sends messages of channels delivers each mention twice, in either order."""
    async with running(socket_mode=socket_mode) as bot:
        bot.slack.channels["C1"].messages.append(dict(sample("app_mention_twin")["event"]))
        for name in order:
            await bot.slack.event(sample(name))
        await bot.finish()
        assert len(bot.slack.said("C1")) == 1
    assert len(bot.desk.asked) == 1


@both
@pytest.mark.parametrize("name", ["message_im", "file_share", "app_home_opened"])
async def test_a_redelivered_event_is_acknowledged_and_not_answered_again(name: str, socket_mode: bool):
    """Slack sends an event again when it is unsure that the bot got it."""
    async with running(socket_mode=socket_mode) as bot:
        replies = [(await bot.slack.event(sample(name))).status for _ in range(4)]
        await bot.finish()
        assert replies == [200] * 4
        assert len(bot.slack.said("D1")) == len(bot.desk.asked) == (name != "app_home_opened")
        assert len(bot.slack.called("assistant.threads.setSuggestedPrompts")) == (name == "app_home_opened")


async def test_events_delivered_at_the_same_moment_are_one():
    """Two copies of one event in parallel are no loophole."""
    async with running() as bot:
        await asyncio.gather(*(bot.slack.event(sample("message_im")) for _ in range(10)))
        await bot.finish()
        assert len(bot.slack.said("D1")) == 1


async def test_a_redelivered_command_and_press_do_nothing():
    """The id of what somebody triggered tells a copy from a second press."""
    async with running() as bot:
        for _ in range(2):
            await bot.slack.command("help", trigger_id="7.7")
        (whisper,) = await bot.slack.until(lambda: bot.slack.whispered("C1"))
        assert len(bot.desk.asked) == 1
        assert shown(whisper["blocks"]) == "Answer to: help"


@pytest.mark.parametrize(
    "name",
    [
        "message_changed",
        "message_deleted",
        "bot_message",
        "app_message",
        "own_message",
        "message_channel",
        "app_mention_edited",
        "reaction_added",
    ],
)
@both
async def test_what_is_not_said_to_the_bot_by_a_person_is_acknowledged_and_ignored(name: str, socket_mode: bool):
    """Edits, deletions, bots, the bot itself, talk in channels and unknown events: 200 and silence."""
    async with running(socket_mode=socket_mode) as bot:
        reply = await bot.slack.event(sample(name))
        await bot.finish()
    assert reply.status == 200
    assert bot.desk.asked == []
    assert [method for method, _ in bot.slack.calls if method.startswith("chat.")] == []


@both
async def test_unknown_commands_buttons_and_forms_are_acknowledged(socket_mode: bool):
    """An error from the bot would be shown to the person; there is nothing they could do about it."""
    async with running(socket_mode=socket_mode) as bot:
        await bot.slack.write("hello")
        (answer,) = await bot.slack.until(lambda: bot.slack.said("D1"))
        answer["blocks"] = [{"type": "actions", "elements": [{**_button("odd"), "action_id": "other"}]}]
        replies = [await bot.slack.command("hi", command="/other"), await bot.slack.press("odd", answer)]
        for value in ("", "no json", "{}", "[1]", '"share"', "[" * 1900):
            answer["blocks"] = [{"type": "actions", "elements": [_button("odd", value)]}]
            replies.append(await bot.slack.press("odd", answer))
        await bot.finish()
    assert {reply.status for reply in replies} == {200}
    assert (len(bot.desk.asked), bot.desk.pressed) == (1, [])


async def test_a_link_button_asks_nothing_of_the_desk():
    """Slack reports that a link was opened; that needs an acknowledgement and no answer."""
    async with running() as bot:
        await bot.slack.write("hello")
        (answer,) = await bot.slack.until(lambda: bot.slack.said("D1"))
        answer["blocks"] = [{"type": "actions", "elements": [{**_button("Open"), "action_id": "open:0"}]}]
        assert (await bot.slack.press("Open", answer)).status == 200
        await bot.finish()
    assert bot.desk.pressed == []


async def test_a_file_without_words_gets_an_answer():
    """The desk is asked an empty question, to which it has something friendly to say."""
    async with running(ScriptedDesk({"": (Post(says("I can only read words.")),)})) as bot:
        await bot.slack.event(sample("file_share"))
        (answer,) = await bot.slack.until(lambda: bot.slack.said("D1"))
    assert shown(answer["blocks"]) == "I can only read words."


@pytest.mark.parametrize(
    "text",
    [
        "😀" * 50,
        "w" * 40_000,
        "<" * 40_000,
        "<@" * 20_000,
        "&lt;" * 10_000,
        "a\u200bb\u200f\u202ec",
        "x\x00y\ud800",
        "  ",
    ],
    ids=["emoji", "long", "brackets", "half mentions", "entities", "zero width", "NUL and half a character", "blank"],
)
async def test_odd_texts_are_answered_like_others(text: str):
    """Whatever is written, the acknowledgement is quick and one answer comes."""
    async with running() as bot:
        body = sample("message_im")
        body["event"]["text"] = delivered(text)
        reply = await bot.slack.event(body)
        (answer,) = await bot.slack.until(lambda: bot.slack.said("D1"))
    assert reply.status == 200
    assert reply.seconds < 2
    assert "\x00" not in bot.desk.asked[0].text
    assert len(answer["text"]) < 4000


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (f"<@{BOT}> how do I opt out?", "how do I opt out?"),
        (f"hey <@{BOT}|optout> steps", "hey * steps"),
        (f"how do I opt out? cc <@{BOT}>", "how do I opt out? cc *"),
        ("is <@U2> affected?", "is * affected?"),
        ("is <@U2|anna> affected?", "is * affected?"),
        ("say it in <#C1|general>", "say it in *"),
        ("say it in <#C1>", "say it in *"),
        ("tell <!channel> and <!here> and <!everyone>", "tell * and * and *"),
        ("tell <!subteam^S1|@admins>", "tell *"),
        ("by <!date^1764000000^{date}|3 November>?", "by *?"),
        ("is it on :thinking_face:", "is it on"),
        ("is it on:pray::pray::skin-tone-3:? at 12:30:45", "is it on ? at 12:30:45"),
        (":pray: :blob-help:", ""),
        ("see <https://evil.example|the setting>", "see the setting"),
        ("see <https://evil.example|the setting :eyes: https://evil.example/x>", "see the setting *"),
        ("see <https://evil.example/data|data>", "see data"),
        ("see <https://evil.example/a?b=c>", "see *"),
        ("see <https://evil.example|https://good.example/x>", "see *"),
        ("see <https://www.evil.example/a|evil.example/a>", "see *"),
        ("see <http://evil.example|evil.example>", "see evil"),
        ("see <http://evil.co.uk|www.evil.co.uk>", "see evil"),
        ("write <mailto:a@evil.example|a@evil.example>", "write *"),
        ("write <mailto:a@evil.example|Anna Berg>", "write Anna Berg"),
        ("call <tel:+4930123456|+49 30 123456>", "call *"),
        ("<https://www.evil.example/a/b?c=d>", "https://www.evil.example/a/b?c=d"),
        ("<@U2> <http://evil.example/a|evil.example/a> :eyes:", "* http://evil.example/a"),
        ("<http://evil.example|evil.example>", "http://evil.example"),
        ("<https://evil.example|how to opt out>", "https://evil.example"),
        ("&gt; is it on?\n<@UBOT> is *it* true", "> is it on?\n is *it* true"),
        ("[good](<https://evil.example>)", "[good](*)"),
        ("&gt; *bold* `code` <@U2>\nis it on?", "> *bold* `code` *\nis it on?"),
        ("a &lt;@U2&gt; &amp;amp; b", "a <@U2> &amp; b"),
        ("x\x00y\u202ez\ud800", "xyz"),
    ],
)
def test_markup_becomes_plain_words(written: str, words: str):
    """The desk sees what a person meant: no ids, no emoji, none of Slack's escaping.

    A star stands for what is no word, as an address is where anything else is said.
    """
    assert re.sub(" +", " ", plain(written, BOT).replace(OBJECT, "*")) == words


def test_the_memory_is_bounded_in_time_and_size():
    """Slack's last retry comes within minutes; nothing is remembered much longer, or beyond a number."""
    repeats = Repeats(most=2)
    assert [repeats.is_new((key,), NOON) for key in "aabca"] == [True, False, True, True, True]
    later = NOON.replace(hour=13)
    assert repeats.is_new(("a",), NOON.replace(minute=15)) is False
    assert repeats.is_new(("a",), later) is True


def _button(label: str, value: str = '["answer"]') -> dict:
    text = {"type": "plain_text", "text": label, "emoji": False}
    return {"type": "button", "text": text, "action_id": "press:0", "value": value}
