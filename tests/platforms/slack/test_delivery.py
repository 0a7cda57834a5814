"""Slack is slow, full or gone: the answer arrives exactly once, and nobody else waits for it."""

import asyncio

import pytest

from bot.messages import Place, Post, Removal
from bot.platforms.work import Work
from tests.fakes.block_kit import shown
from tests.fakes.scripted_bot import ScriptedDesk, eventually, says
from tests.fakes.slack_bot import running

UNSURE = "Slack did not say whether this arrived."
PUBLIC = {"steps": (Post(says("Six steps."), "everyone"),)}

broken = pytest.mark.parametrize(
    ("fault", "detail"),
    [("drop_before", ""), ("drop_after", ""), ("error", "500"), ("error", "503"), ("refuse", "internal_error")],
)


async def test_a_limited_answer_is_sent_after_the_time_slack_asks_for():
    """429 means not accepted: the same answer goes out when Slack says so."""
    async with running() as bot:
        bot.slack.fail("chat.postMessage", "limited", "limited", detail="7")
        await bot.slack.write("hello")
        await bot.slack.until(lambda: bot.slack.said("D1"))
        await bot.finish()
        assert len(bot.slack.said("D1")) == 1
    assert bot.pauses == [7.0, 7.0]


async def test_a_limited_response_address_is_tried_again():
    """Response addresses have the same limits as the Web API."""
    async with running() as bot:
        bot.slack.fail("response_url", "limited", detail="3")
        await bot.slack.command("hello")
        await bot.slack.until(lambda: bot.slack.whispered("C1"))
        await bot.finish()
        assert len(bot.slack.whispered("C1")) == 1
    assert bot.pauses == [3.0]


@pytest.mark.parametrize("detail", ["3600", "soon"], ids=["an hour", "no number"])
async def test_a_limit_is_respected_but_not_for_ever(detail: str):
    """Without a number the bot waits half a minute; it does not keep an answer for an hour."""
    async with running() as bot:
        bot.slack.fail("chat.postMessage", "limited", detail=detail)
        await bot.slack.write("hello")
        await bot.slack.until(lambda: bot.slack.called("chat.postMessage"))
        await bot.finish()
        texts = [shown(message["blocks"]) for message in bot.slack.said("D1")]
    assert texts == (["Sorry, that failed."] if detail == "3600" else ["Answer to: hello"])


async def test_an_answer_that_slack_never_takes_is_given_up():
    """After a few tries the event is over, and the next one is answered."""
    async with running() as bot:
        bot.slack.fail("chat.postMessage", *["limited"] * 10, detail="0")
        await bot.slack.write("hello")
        await bot.slack.until(lambda: len(bot.slack.called("chat.postMessage")) == 10)
        await bot.slack.write("still here?")
        await bot.slack.until(lambda: bot.slack.said("D1"))


@broken
@pytest.mark.parametrize("in_thread", [False, True], ids=["direct message", "its thread"])
async def test_an_unconfirmed_direct_message_is_looked_for_and_arrives_exactly_once(fault, detail, in_thread: bool):
    """Whether the line broke before or after Slack kept the message, there is one in the end."""
    async with running() as bot:
        first = await bot.slack.write("hi")
        await bot.slack.until(lambda: bot.slack.said("D1"))
        bot.slack.fail("chat.postMessage", fault, detail=detail)
        await bot.slack.write("hello", thread=first["event"]["ts"] if in_thread else "")
        await bot.slack.until(lambda: len(bot.slack.said("D1")) == 2)
        await bot.finish()
        assert [shown(message["blocks"]) for message in bot.slack.said("D1")] == ["Answer to: hi", "Answer to: hello"]
    assert len(bot.slack.called("chat.postMessage")) == 2 + (fault != "drop_after")


async def test_a_lookup_that_fails_is_repeated_before_anything_is_sent_again():
    """As long as nobody knows whether the message is there, it is not sent a second time."""
    async with running() as bot:
        bot.slack.fail("chat.postMessage", "drop_after")
        bot.slack.fail("conversations.history", "error", "drop_before", "limited", detail="0")
        await bot.slack.write("hello")
        await bot.slack.until(lambda: len(bot.slack.called("conversations.history")) == 4)
        await bot.finish()
        assert len(bot.slack.said("D1")) == len(bot.slack.called("chat.postMessage")) == 1


async def test_the_lookup_finds_the_message_in_a_long_conversation():
    """It reads on from the question, since Slack hands out history in pages."""
    async with running() as bot:
        old = [{"user": "U1", "text": str(number), "ts": f"17000{number:05}.0"} for number in range(150)]
        bot.slack.channels["D1"].messages += old
        bot.slack.fail("chat.postMessage", "drop_after")
        await bot.slack.write("hello")
        await bot.slack.until(lambda: bot.slack.called("conversations.history"))
        await bot.finish()
        assert len(bot.slack.said("D1")) == 1


async def test_an_answer_to_a_press_in_a_direct_message_arrives_exactly_once():
    """The look-up starts where the button was pressed."""
    async with running() as bot:
        await bot.slack.write("hello")
        (greeting,) = await bot.slack.until(lambda: bot.slack.said("D1"))
        bot.slack.fail("chat.postMessage", "drop_after")
        greeting["blocks"] = _button("When?")
        await bot.slack.press("When?", greeting)
        await bot.slack.until(lambda: len(bot.slack.said("D1")) == 2)
        await bot.finish()
        assert len(bot.slack.said("D1")) == 2


@broken
async def test_an_unconfirmed_answer_in_a_channel_is_never_posted_twice(fault, detail):
    """Nobody can look there, so the asker gets it privately, under a remark, and the public post is left as it is."""
    async with running() as bot:
        bot.slack.fail("chat.postMessage", fault, detail=detail)
        await bot.slack.mention("how do I opt out?")
        (whisper,) = await bot.slack.until(lambda: bot.slack.whispered("C1"))
        await bot.finish()
        assert len(bot.slack.said("C1")) == (fault == "drop_after")
    assert shown(whisper["blocks"]) == f"{UNSURE}\nAnswer to: how do I opt out?"
    assert bot.desk.recorded == []


@broken
async def test_an_unconfirmed_post_by_command_is_not_repeated(fault, detail):
    """What everyone sees is sent once; the poster gets a private copy under a remark."""
    async with running(ScriptedDesk(PUBLIC)) as bot:
        bot.slack.fail("response_url", "error" if fault == "refuse" else fault, detail=detail and "503")
        await bot.slack.command("steps")
        (whisper,) = await bot.slack.until(lambda: bot.slack.whispered("C1"))
        await bot.finish()
        assert len(bot.slack.said("C1")) == (fault == "drop_after")
    assert shown(whisper["blocks"]) == f"{UNSURE}\nSix steps."
    assert bot.desk.recorded == []


@pytest.mark.parametrize(("fault", "copies"), [("drop_before", 1), ("error", 1), ("drop_after", 2)])
async def test_an_unconfirmed_private_answer_is_sent_once_more(fault, copies: int):
    """Only the asker could see two."""
    async with running() as bot:
        bot.slack.fail("response_url", fault)
        await bot.slack.command("hello")
        await bot.slack.until(lambda: len(bot.slack.whispered("C1")) == copies)
        await bot.finish()
        assert len(bot.slack.whispered("C1")) == copies


async def test_a_slack_that_cannot_be_reached_is_tried_again():
    """A connection that never came about carried nothing: sending again is safe, everywhere."""
    async with running() as bot:
        await bot.slack.go_away()
        await bot.slack.mention("how do I opt out?")
        await eventually(lambda: bot.pauses)
        await bot.slack.come_back()
        await bot.slack.until(lambda: bot.slack.said("C1"))
        await bot.finish()
        assert len(bot.slack.said("C1")) == 1
    assert bot.slack.whispered("C1") == []


async def test_a_removal_that_is_unconfirmed_is_done_again():
    """Deleting twice is harmless."""
    desk = ScriptedDesk()
    async with running(desk) as bot:
        await bot.slack.mention("how do I opt out?")
        (answer,) = await bot.slack.until(lambda: bot.slack.said("C1"))
        desk.script["answer"] = (Removal(Place("slack", "T1", "C1"), answer["ts"]),)
        answer["blocks"] = _button("Remove it")
        bot.slack.fail("chat.delete", "drop_after", "error")
        await bot.slack.press("Remove it", answer)
        await bot.slack.until(lambda: len(bot.slack.called("chat.delete")) == 3)
    assert bot.slack.said("C1") == []


async def test_others_are_answered_while_slack_is_slow():
    """One call that hangs holds up neither acknowledgements nor other answers."""
    async with running() as bot:
        bot.slack.fail("chat.postMessage", *["slow"] * 20)
        for _ in range(20):
            await bot.slack.write("slow")
        await bot.slack.until(lambda: len(bot.slack.called("chat.postMessage")) == 20)
        reply = await bot.slack.command("quick")
        await bot.slack.until(lambda: bot.slack.whispered("C1"))
        assert bot.slack.said("D1") == []
        bot.slack.released.set()
        await bot.slack.until(lambda: len(bot.slack.said("D1")) == 20)
    assert reply.status == 200


async def test_an_answer_that_times_out_arrives_exactly_once():
    """A Slack that keeps the message and answers too late counts as unconfirmed."""
    async with running(patience=1.0) as bot:
        bot.slack.fail("chat.postMessage", "slow")
        await bot.slack.write("hello")
        await bot.slack.until(lambda: bot.slack.called("chat.postMessage"))
        bot.slack.fail("conversations.history", "slow")
        await bot.slack.until(lambda: bot.slack.called("conversations.history"))
        bot.slack.released.set()
        await bot.slack.until(lambda: bot.slack.said("D1"))
        await bot.finish()
        assert len(bot.slack.said("D1")) == 1


async def test_what_was_begun_is_finished_before_the_bot_stops():
    """SIGTERM loses no answer."""
    async with running() as bot:
        bot.slack.fail("chat.postMessage", "slow")
        await bot.slack.write("hello")
        await bot.slack.until(lambda: bot.slack.called("chat.postMessage"))
        stopping = asyncio.create_task(bot.edge.stop())
        await asyncio.sleep(0)
        bot.slack.released.set()
        await stopping
        assert len(bot.slack.said("D1")) == 1


async def test_what_does_not_end_is_given_up_when_the_bot_stops():
    """A stop is bounded, whatever Slack does."""
    work = Work()
    work.begin(asyncio.sleep(0))
    endless = work.begin(asyncio.Event().wait())
    assert await work.finish(0.05) == 1
    assert endless.cancelled()


async def test_a_failing_desk_is_apologised_for_and_the_next_question_is_answered(caplog):
    """One bad event stops nothing, and the log tells which one it was without a word that was said."""
    desk = ScriptedDesk({"boom": RuntimeError("boom, said the secret")})
    async with running(desk) as bot:
        await bot.slack.write("boom")
        await bot.slack.until(lambda: len(bot.slack.said("D1")) == 1)
        await bot.slack.mention("boom")
        await bot.slack.until(lambda: bot.slack.whispered("C1"))
        await bot.slack.command("boom", channel="C2")
        await bot.slack.until(lambda: bot.slack.whispered("C2"))
        await bot.slack.write("hello")
        answers = await bot.slack.until(lambda: len(bot.slack.said("D1")) == 2 and bot.slack.said("D1"))
    told = [shown(message["blocks"]) for message in (*answers, *bot.slack.whispered("C1"), *bot.slack.whispered("C2"))]
    assert told == ["Sorry, that failed.", "Answer to: hello", "Sorry, that failed.", "Sorry, that failed."]
    assert bot.slack.said("C1") == []
    assert "slack.event_failed tenant=T1 place=D1 user=U1" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.slack.com/commands/1",
        "https://evil.example/hooks/1",
        "https://hooks.slack.com.evil.example/1",
        "https://hooks.slack.com@evil.example/1",
        "https://evil@hooks.slack.com/1",
        "https://hooks.slack.com:8443/1",
        "http://127.0.0.1:1/hooks/1",
        "file:///etc/passwd",
        "not an address",
        "",
    ],
)
async def test_only_slacks_own_response_addresses_are_called(address: str, caplog):
    """A response address is part of the request; anywhere else it could point at somebody's inside."""
    async with running() as bot:
        reply = await bot.slack.command("hello", response_url=address)
        await bot.finish()
    assert reply.status == 200
    assert bot.slack.called("response_url") == []
    assert "error=response_url_not_slacks" in caplog.text


async def test_a_response_address_that_redirects_is_not_followed():
    """A redirect could lead anywhere."""
    async with running() as bot:
        bot.slack.fail("response_url", "error", detail="307")
        await bot.slack.command("hello")
        (whisper,) = await bot.slack.until(lambda: bot.slack.whispered("C1"))
    assert shown(whisper["blocks"]) == "Sorry, that failed."


def _button(label: str) -> list[dict]:
    text = {"type": "plain_text", "text": label, "emoji": False}
    element = {"type": "button", "text": text, "action_id": "press:0", "value": '["answer"]'}
    return [{"type": "actions", "elements": [element]}]
