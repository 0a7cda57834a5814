"""People on Slack ask, command and press; the answers arrive where they asked, and only where they should."""

import pytest

from bot.messages import Button, Buttons, Message, Paragraph, Person, Place, Post, Press, Question, Receipt, Removal
from tests.conftest import NOON
from tests.fakes.block_kit import shown
from tests.fakes.scripted_bot import ScriptedDesk, says
from tests.fakes.slack_bot import running
from tests.fakes.slack_deliveries import sample

ANNA = Person("slack", "T1", "U1")
C1, C2 = Place("slack", "T1", "C1"), Place("slack", "T1", "C2")
OFF = {"unfurl_links": False, "unfurl_media": False}

both = pytest.mark.parametrize("socket_mode", [pytest.param(False, id="http"), pytest.param(True, id="socket")])


def with_button(label: str, action: str, *value: str) -> Message:
    return Message((Paragraph("Here."), Buttons((Button(label, action, value),))))


@both
async def test_a_direct_message_is_answered_in_the_direct_message(socket_mode: bool):
    """What somebody writes to the bot reaches the desk as it was meant, and the answer stands below it."""
    async with running(socket_mode=socket_mode) as bot:
        await bot.slack.write("does this affect my DMs")
        (answer,) = await bot.slack.until(lambda: bot.slack.said("D1"))
    conversation = bot.desk.asked[0].conversation
    place = Place("slack", "T1", "D1")
    assert bot.desk.asked == [Question("does this affect my DMs", ANNA, place, conversation, "alone")]
    assert bot.desk.times == {NOON}
    assert shown(answer["blocks"]) == "Answer to: does this affect my DMs"
    assert OFF.items() <= answer.items()
    assert "thread_ts" not in answer


async def test_a_threaded_reply_in_a_direct_message_is_heard_and_answered_in_the_thread():
    """A thread in a direct message is part of the same conversation."""
    async with running() as bot:
        first = await bot.slack.write("does this affect my DMs")
        await bot.slack.write("and on my phone?", thread=first["event"]["ts"])
        answers = await bot.slack.until(lambda: len(bot.slack.said("D1")) == 2 and bot.slack.said("D1"))
    by_thread = {answer.get("thread_ts", ""): shown(answer["blocks"]) for answer in answers}
    assert by_thread[first["event"]["ts"]] == "Answer to: and on my phone?"
    assert len({question.conversation for question in bot.desk.asked}) == 1


@both
async def test_a_mention_is_answered_in_its_thread(socket_mode: bool):
    """Everyone in the channel can read the answer, in a thread under the question."""
    async with running(socket_mode=socket_mode) as bot:
        event = (await bot.slack.mention("how do I opt out?"))["event"]
        (answer,) = await bot.slack.until(lambda: bot.slack.said("C1"))
    assert bot.desk.asked[0].text == "how do I opt out?"
    assert bot.desk.asked[0].voice == "aloud"
    assert answer["thread_ts"] == event["ts"]
    assert OFF.items() <= answer.items()


async def test_a_mention_inside_a_thread_is_answered_there():
    """A follow-up in a thread belongs to the thread's conversation, each person's apart."""
    async with running() as bot:
        first = (await bot.slack.mention("how do I opt out?"))["event"]["ts"]
        await bot.slack.mention("and on my phone?", thread=first)
        await bot.slack.mention("and on mine?", thread=first, user="U2")
        answers = await bot.slack.until(lambda: len(bot.slack.said("C1")) == 3 and bot.slack.said("C1"))
    assert {answer["thread_ts"] for answer in answers} == {first}
    conversations = {question.text: question.conversation for question in bot.desk.asked}
    assert conversations["how do I opt out?"] == conversations["and on my phone?"] != conversations["and on mine?"]


async def test_the_poster_is_told_privately_about_a_public_answer():
    """What the desk tells about an arrived post is shown to the person alone, in the thread of the post."""
    desk = ScriptedDesk(told=(Post(with_button("Remove it", "remove")),))
    async with running(desk) as bot:
        await bot.slack.mention("how do I opt out?")
        (whisper,) = await bot.slack.until(lambda: bot.slack.whispered("C1"))
        (answer,) = bot.slack.said("C1")
    question = desk.asked[0]
    assert desk.recorded == [
        (Post(says("Answer to: how do I opt out?"), "everyone"), Receipt(question.place, answer["ts"]))
    ]
    assert (whisper["to"], whisper["thread_ts"]) == ("U1", answer["thread_ts"])


async def test_a_private_answer_to_a_mention_is_shown_where_slack_shows_it():
    """Slack shows no private message in a thread without replies, so it goes below the question in the channel."""
    desk = ScriptedDesk({"privacy": (Post(says("What I keep.")),)})
    async with running(desk) as bot:
        await bot.slack.mention("privacy")
        (whisper,) = await bot.slack.until(lambda: bot.slack.whispered("C1"))
    assert shown(whisper["blocks"]) == "What I keep."
    assert "thread_ts" not in whisper
    assert bot.slack.said("C1") == []


@both
async def test_a_command_is_acknowledged_with_nothing_and_answered_to_the_asker_alone(socket_mode: bool):
    """The acknowledgement is empty, so that nobody reads it; the answer comes by the response address."""
    async with running(socket_mode=socket_mode) as bot:
        reply = await bot.slack.command("does this affect my DMs")
        (whisper,) = await bot.slack.until(lambda: bot.slack.whispered("C1"))
    assert (reply.status, reply.body) == (200, "{}" if socket_mode else "")
    assert shown(whisper["blocks"]) == "Answer to: does this affect my DMs"
    assert bot.desk.asked[0].voice == "aside"
    assert bot.slack.called("chat.postMessage") == bot.slack.called("chat.postEphemeral") == []
    (sent,) = bot.slack.called("response_url")
    assert {**OFF, "response_type": "ephemeral", "replace_original": False}.items() <= sent.items()


@pytest.mark.parametrize("channel", ["C1", "C2", "D9"], ids=["member", "not a member", "two people's"])
async def test_a_public_command_posts_for_everyone_even_where_the_bot_is_no_member(channel: str):
    """`/optout steps` works in every channel, since it goes through the response address."""
    desk = ScriptedDesk({"steps": (Post(says("Six steps."), "everyone"),)}, told=(Post(says("Posted.")),))
    async with running(desk) as bot:
        await bot.slack.command("steps", channel=channel)
        await bot.slack.until(lambda: bot.slack.whispered(channel))
    assert [shown(message["blocks"]) for message in bot.slack.said(channel)] == ["Six steps."]
    assert [shown(message["blocks"]) for message in bot.slack.whispered(channel)] == ["Posted."]
    assert OFF.items() <= bot.slack.said(channel)[0].items()
    assert desk.recorded[0][1] == Receipt(Place("slack", "T1", channel))


@both
async def test_a_press_in_a_direct_message_is_answered_there(socket_mode: bool):
    """A button carries its action and value back; the answer is one more message."""
    script = {"hello": (Post(with_button("When?", "answer", "linkedin-ai-training", "start")),)}
    async with running(ScriptedDesk(script), socket_mode=socket_mode) as bot:
        await bot.slack.write("hello")
        (greeting,) = await bot.slack.until(lambda: bot.slack.said("D1"))
        reply = await bot.slack.press("When?", greeting)
        answers = await bot.slack.until(lambda: len(bot.slack.said("D1")) == 2 and bot.slack.said("D1"))
    (press,) = bot.desk.pressed
    assert press == Press(
        "answer", ("linkedin-ai-training", "start"), ANNA, Place("slack", "T1", "D1"), press.conversation, "alone", True
    )
    assert press.conversation == bot.desk.asked[0].conversation
    assert reply.status == 200
    assert shown(answers[1]["blocks"]) == "Pressed: answer"


async def test_a_press_in_a_channel_is_answered_to_the_presser_alone():
    """Whoever presses a button under a public post is the only one to read what follows."""
    desk = ScriptedDesk({"steps": (Post(with_button("Why?", "answer"), "everyone"),)})
    async with running(desk) as bot:
        await bot.slack.command("steps")
        (post,) = await bot.slack.until(lambda: bot.slack.said("C1"))
        await bot.slack.press("Why?", post, user="U2")
        (whisper,) = await bot.slack.until(lambda: bot.slack.whispered("C1"))
    assert (desk.pressed[0].voice, desk.pressed[0].person.id) == ("aside", "U2")
    assert (whisper["to"], shown(whisper["blocks"])) == ("U2", "Pressed: answer")
    assert bot.slack.said("C1") == [post]


async def test_a_shared_answer_is_posted_for_everyone_and_the_private_one_stays():
    """Share works from a private answer in any channel."""
    desk = ScriptedDesk(
        {"dms?": (Post(with_button("Share", "share", "x")),), "share": (Post(says("Shared."), "everyone"),)}
    )
    async with running(desk) as bot:
        await bot.slack.command("dms?", channel="C2")
        (whisper,) = await bot.slack.until(lambda: bot.slack.whispered("C2"))
        await bot.slack.press("Share", whisper)
        (shared,) = await bot.slack.until(lambda: bot.slack.said("C2"))
    assert (desk.pressed[0].voice, desk.pressed[0].conversation) == ("aside", desk.asked[0].conversation)
    assert shown(shared["blocks"]) == "Shared."
    assert bot.slack.whispered("C2") == [whisper]


async def test_a_post_is_removed_together_with_the_button_that_removes_it():
    """*Remove it* under a mention's answer takes back the answer and then itself."""
    desk = ScriptedDesk(told=(Post(with_button("Remove it", "remove")),))
    async with running(desk) as bot:
        await bot.slack.mention("how do I opt out?")
        (whisper,) = await bot.slack.until(lambda: bot.slack.whispered("C1"))
        desk.script["remove"] = (Removal(C1, bot.slack.said("C1")[0]["ts"]),)
        await bot.slack.press("Remove it", whisper)
        await bot.slack.until(lambda: not bot.slack.whispered("C1"))
    assert bot.slack.said("C1") == []


async def test_a_post_without_an_id_is_removed_by_its_own_button():
    """What came through a response address has no id; its own button takes it back, also where the bot is no member."""
    desk = ScriptedDesk(
        {
            "steps": (Post(with_button("Remove it", "remove"), "everyone"),),
            "remove": (Removal(C2),),
        },
    )
    async with running(desk) as bot:
        await bot.slack.command("steps", channel="C2")
        (post,) = await bot.slack.until(lambda: bot.slack.said("C2"))
        await bot.slack.press("Remove it", post)
        await bot.slack.until(lambda: not bot.slack.said("C2"))
    assert bot.slack.called("chat.delete") == []


async def test_a_post_that_is_gone_already_does_not_keep_its_button():
    """Removing twice is no failure: the button goes away."""
    desk = ScriptedDesk({"remove": (Removal(C1, "1.1"),)}, told=(Post(with_button("Remove it", "remove")),))
    async with running(desk) as bot:
        await bot.slack.mention("how do I opt out?")
        (whisper,) = await bot.slack.until(lambda: bot.slack.whispered("C1"))
        await bot.slack.press("Remove it", whisper)
        await bot.slack.until(lambda: not bot.slack.whispered("C1"))


async def test_a_button_between_two_people_is_answered_although_the_bot_is_not_with_them():
    """A public post in other people's direct message has buttons, too: the answer comes by the response address."""
    desk = ScriptedDesk({"steps": (Post(with_button("Why?", "answer"), "everyone"),)})
    async with running(desk) as bot:
        await bot.slack.command("steps", channel="D9")
        (post,) = await bot.slack.until(lambda: bot.slack.said("D9"))
        await bot.slack.press("Why?", post, user="U2")
        (whisper,) = await bot.slack.until(lambda: bot.slack.whispered("D9"))
    assert shown(whisper["blocks"]) == "Pressed: answer"


async def test_opening_the_messages_tab_brings_suggested_questions():
    """Somebody who has written nothing yet sees what they could ask, without a thread (Slack would ignore that)."""
    async with running() as bot:
        await bot.slack.event(sample("app_home_opened"))
        (arguments,) = await bot.slack.until(lambda: bot.slack.called("assistant.threads.setSuggestedPrompts"))
    titles = ("How do I opt out?", "Are my messages used?")
    assert arguments == {"channel_id": "D1", "prompts": [{"title": title, "message": title} for title in titles]}


async def test_other_tabs_and_refused_suggestions_are_no_event():
    """Suggestions are a convenience; without them people can write all the same."""
    home = sample("app_home_opened")
    home["event"]["tab"] = "home"
    async with running() as bot:
        bot.slack.scopes.discard("assistant:write")
        replies = [(await bot.slack.event(body)).status for body in (home, sample("app_home_opened"))]
        await bot.slack.write("still here?")
        await bot.slack.until(lambda: bot.slack.said("D1"))
    assert replies == [200, 200]
    assert len(bot.slack.called("assistant.threads.setSuggestedPrompts")) == 1
