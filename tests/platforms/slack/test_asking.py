"""*Ask a question* on Slack: a window in which somebody talks with the bot alone."""

import json
from typing import Any

import pytest

from bot.announcements import notices
from bot.announcements import plans as announcing
from bot.desk.desk import Desk
from bot.platforms.slack.asking import SETTLING
from bot.platforms.slack.blocks import draw
from tests.fakes.block_kit import shown
from tests.fakes.drawn import objects
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_bot import Bot, running
from tests.fakes.slack_deliveries import BOT

both = pytest.mark.parametrize("socket_mode", [pytest.param(False, id="http"), pytest.param(True, id="socket")])
LAUNCH = ("linkedin-ai-training", "launch")
WHEN = "When does it start?"


def announcement(desk: Desk, slack: FakeSlack, language: str = "en", channel: str = "C1") -> dict[str, Any]:
    """A copy of the launch in a channel."""
    kept = announcing.announced(desk.content, LAUNCH)
    said = draw(notices.announced(desk.content, desk.content.topics[0], kept, language))
    message = {"user": BOT, "channel": channel, "ts": "1764000000.000100", **said}
    slack.channels[channel].messages.append(message)
    return message


async def opened(bot: Bot, desk: Desk, language: str = "en") -> dict[str, Any]:
    """The window that *Ask a question* opens."""
    await bot.slack.press(desk.phrases(language).button_ask, announcement(desk, bot.slack, language))
    (view,) = await bot.slack.until(lambda: bot.slack.shown("ask"))
    return view


async def changed(bot: Bot, before: dict[str, Any]) -> dict[str, Any]:
    """What the window shows once it shows something else and waits for nothing."""
    now = lambda: bot.slack.views[before["id"]]  # noqa: E731
    await bot.slack.until(lambda: now()["hash"] != before["hash"] and "submit" in now())
    return now()


async def asked(bot: Bot, view: dict[str, Any], question: str) -> dict[str, Any]:
    """What the window shows after a question."""
    await bot.slack.fill_in(view, question=question)
    await bot.slack.submit(view)
    return await changed(bot, view)


def labels(view: dict[str, Any]) -> list[str]:
    return [each["text"]["text"] for each in objects(view["blocks"]) if each.get("type") == "button"]


def field(view: dict[str, Any]) -> str:
    (name,) = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    return name


@both
async def test_a_conversation_happens_in_the_window(desk: Desk, socket_mode: bool):
    """It waits once a question is submitted; each answer stands above an empty field; a follow-up is understood."""
    async with running(desk, socket_mode=socket_mode) as bot:
        view = await opened(bot, desk)
        assert desk.phrases().ask_away in shown(view["blocks"])
        assert len(labels(view)) == 3
        await bot.slack.fill_in(view, question="Are my private messages used?")
        reply = await bot.slack.submit(view)
        waiting = json.loads(reply.body)["view"]
        assert desk.phrases().ask_waiting in shown(waiting["blocks"])
        answer = await changed(bot, view)
        assert "private messages are left out" in shown(answer["blocks"])
        assert "“Are my private messages used?”" in shown(answer["blocks"])
        assert desk.phrases().button_share not in labels(answer)
        assert field(answer) != field(view)
        there = await asked(bot, answer, "and in Norway?")
        assert "private messages are left out" in shown(there["blocks"])
        assert SETTLING in bot.pauses
        await bot.finish()
        assert (bot.slack.whispered("C1"), len(bot.slack.said("C1")), bot.slack.said("D1")) == ([], 1, [])


async def test_buttons_in_the_window_answer_in_it_and_keep_what_is_half_written(desk: Desk):
    """A suggested question, the choice of a region, and why: each in the window, with the field as it was."""
    async with running(desk) as bot:
        view = await opened(bot, desk)
        answer = await asked(bot, view, WHEN)
        await bot.slack.fill_in(answer, question="and then")
        region = desk.content.topics[0].words.regions
        await bot.slack.press_in(next(iter(region.values())).label, answer)
        regional = await changed(bot, answer)
        assert "Answered for" in shown(regional["blocks"])
        assert bot.slack.entered[view["id"]][field(regional)]["question"]["value"] == "and then"
        await bot.slack.press_in(desk.phrases().button_why, answer)
        why = await changed(bot, regional)
        assert desk.phrases().why_title in shown(why["blocks"])
        await bot.slack.press_in(labels(view)[0], view)
        await changed(bot, why)
        await bot.finish()
        assert [name for name, _ in bot.slack.calls if name.startswith("chat.")] == []


async def test_two_windows_are_two_conversations(desk: Desk):
    """A follow-up belongs to the window it is written in."""
    async with running(desk) as bot:
        first = await opened(bot, desk)
        await asked(bot, first, "Are my private messages used?")
        await bot.slack.press("Ask a question", bot.slack.said("C1")[0])
        (_, second) = await bot.slack.until(lambda: len(bot.slack.shown("ask")) == 2 and bot.slack.shown("ask"))
        answer = await asked(bot, second, "and in Norway?")
        assert "private messages" not in shown(answer["blocks"])


async def test_the_window_speaks_the_announcements_language_and_the_answer_the_questions(desk: Desk):
    """Labels as in the announcement; a question in another language is answered in its own."""
    async with running(desk) as bot:
        view = await opened(bot, desk, "de")
        german = desk.phrases("de")
        assert (view["submit"]["text"], view["title"]["text"]) == (german.ask_submit, german.button_ask)
        assert german.ask_away in shown(view["blocks"])
        answer = await asked(bot, view, "Are my private messages used?")
        assert "private messages are left out" in shown(answer["blocks"])
        assert answer["submit"]["text"] == german.ask_submit


@pytest.mark.parametrize("why", ["too late", "error", "drop_before", "limited", "slow"])
async def test_a_window_that_does_not_open_is_said_to_the_presser_alone(desk: Desk, why: str, monkeypatch):
    """In words, with the questions to begin with; opening is tried once."""
    monkeypatch.setattr("bot.platforms.slack.asking.OPENING", 0.2)
    async with running(desk) as bot:
        bot.slack.late = why == "too late"
        if why != "too late":
            bot.slack.fail("views.open", why, detail="60" if why == "limited" else "")
        await bot.slack.press("Ask a question", announcement(desk, bot.slack))
        (whisper,) = await bot.slack.until(lambda: bot.slack.whispered("C1"))
        assert whisper["to"] == "U1"
        assert desk.phrases().no_window in shown(whisper["blocks"])
        assert len(labels(whisper)) == 3
        await bot.finish()
        assert len(bot.slack.called("views.open")) == 1
        assert len(bot.slack.said("C1")) == 1


async def test_in_a_direct_message_the_questions_are_there_without_a_window(desk: Desk):
    """Under a copy for one person, who can simply write."""
    async with running(desk) as bot:
        bot.slack.late = True
        await bot.slack.press("Ask a question", announcement(desk, bot.slack, channel="D1"))
        (_, said) = await bot.slack.until(lambda: len(bot.slack.said("D1")) == 2 and bot.slack.said("D1"))
        assert desk.phrases().no_window in shown(said["blocks"])


async def test_a_window_that_was_closed_is_no_failure(desk: Desk):
    """Who closes it while the answer is on its way wants no answer any more."""
    async with running(desk) as bot:
        view = await opened(bot, desk)
        await bot.slack.fill_in(view, question=WHEN)
        await bot.slack.submit(view)
        del bot.slack.views[view["id"]]
        await bot.finish()
        assert [name for name, _ in bot.slack.calls if name.startswith("chat.") or name == "response_url"] == []
        assert len(bot.slack.called("views.update")) == 1


async def test_an_answer_that_cannot_be_shown_becomes_an_apology(desk: Desk):
    """The window does not wait for ever; and a change whose fate is unknown is simply made again."""
    async with running(desk) as bot:
        view = await opened(bot, desk)
        bot.slack.fail("views.update", "refuse", detail="invalid_arguments")
        sorry = await asked(bot, view, WHEN)
        assert desk.phrases().apology in shown(sorry["blocks"])
        bot.slack.fail("views.update", "drop_after", "error", detail="503")
        answer = await asked(bot, sorry, "Are my private messages used?")
        assert "private messages are left out" in shown(answer["blocks"])


@pytest.mark.parametrize("carried", ["xx", "de" * 1500, "<!channel>", '["a"]'])
async def test_what_a_window_carries_is_not_trusted(desk: Desk, carried: str):
    """An unknown language is English; what is written is text, however long and whatever it holds."""
    async with running(desk) as bot:
        view = await opened(bot, desk)
        bot.slack.views[view["id"]]["private_metadata"] = view["private_metadata"] = carried
        answer = await asked(bot, view, "<!channel> <@U2> *hello* " + "word " * 900)
        assert answer["submit"]["text"] == desk.phrases().ask_submit
        assert "<!channel>" not in [e.get("text") for e in objects(answer["blocks"]) if e.get("type") == "mrkdwn"]


async def test_forms_that_slack_would_not_send_are_acknowledged(desk: Desk):
    """Nothing is answered and nothing breaks."""
    async with running(desk) as bot:
        view = await opened(bot, desk)
        for broken in ({"state": {"values": {"a": 1}}}, {"state": 7}, {"state": {"values": {"q": {"question": 3}}}}):
            body = bot.slack._in_view("view_submission", view)
            body["view"] |= broken
            assert (await bot.slack._interact(body)).status == 200
        await bot.finish()
        assert bot.slack.called("views.update") == []


async def test_a_command_in_the_window_does_what_it_does_in_a_direct_message(desk: Desk):
    """It is a conversation alone with the bot: a region is remembered, and forgotten."""
    async with running(desk) as bot:
        view = await opened(bot, desk)
        noted = await asked(bot, view, "region Norway")
        assert "Noted" in shown(noted["blocks"])
        forgotten = await asked(bot, noted, "forget me")
        assert desk.phrases().forgotten in shown(forgotten["blocks"])


async def test_a_question_in_the_announcements_thread_is_answered_there(desk: Desk):
    """With a mention, as a reply to a copy: for everyone in that thread."""
    async with running(desk) as bot:
        copy = announcement(desk, bot.slack)
        await bot.slack.mention("are my private messages used?", thread=copy["ts"])
        answer = await bot.slack.until(lambda: bot.slack.said("C1")[1:] and bot.slack.said("C1")[1])
        assert answer["thread_ts"] == copy["ts"]
        assert "private messages are left out" in shown(answer["blocks"])
