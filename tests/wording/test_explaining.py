"""Why an answer was given: what is told of it, to whom, and for how long."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta

import pytest

from bot.answering.deciding import Knowledge, answer
from bot.cli.terminal import Conversation
from bot.content.topics import Content
from bot.desk.desk import Desk
from bot.messages import Button, Menu, Message, Person, Press, Question, Turn, pressable
from bot.platforms.slack import blocks
from bot.platforms.teams import cards
from bot.wording import replies
from bot.wording.plain_text import draw
from tests.conftest import NOON, TODAY
from tests.desk.test_desk import ANNA, BEN, SHORTLY, alone, aloud, aside, having, only
from tests.fakes import adaptive_cards, block_kit, slack_bot, teams_bot
from tests.fakes.drawn import objects


@pytest.fixture
def told(knowledge: Knowledge):
    """Why the last of several messages was answered as it was, as text."""

    def explained(*texts: str, region: str | None = None) -> str:
        turn: Turn | None = None
        for text in texts:
            _, turn = answer(knowledge, text, TODAY, turn, region)
        return draw(replies.why(knowledge.content, turn))

    return explained


def test_an_explanation_holds_everything_that_decided(told, content: Content):
    """The question it was taken for, by which phrasing, the runner-up, the confidence, region, day and version."""
    lines = told("does this affect my DMs?", region="europe").split("\n")
    titles = {entry.title for topic in content.topics for entry in topic.words.entries}
    taken, phrasing, rival = re.findall("“(.+?)”", lines[1])
    assert lines[0] == "Why this answer"
    assert taken == "Are LinkedIn private messages used to train AI?"
    entry = content.topics[0].entries["private_messages_excluded"]
    assert phrasing in (*entry.ask, *entry.yes, *entry.no)
    assert rival in titles - {taken}
    assert re.match(r"Confidence: \d\d%\. Region: the EU, EEA, Switzerland and the UK\. ", lines[2])
    assert lines[2].endswith(f"Date used: 23 November 2026. Version of the content: {content.version}.")


def test_a_phrasing_with_a_place_is_legible(told):
    """Where any place may stand there are dots, never the word that the bot reads for it."""
    assert "placename" not in told("when does it start in Germany?")
    assert "…" in told("when does it start in Germany?")


def test_every_part_of_an_answer_is_explained(told):
    """Two questions in one message have each a line of their own."""
    lines = told("Who owns LinkedIn? Does this affect my DMs?").split("\n")
    assert ["owns" in line for line in lines[1:3]] == [True, False]
    assert ["private messages" in line for line in lines[1:3]] == [False, True]


TOGETHER = "I read it together with what I had said before."


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        pytest.param(("does Facebook do this too?",), "You named what I have nothing on.", id="name"),
        pytest.param(("When does it start in Germany?", "and in Texas?"), TOGETHER, id="place"),
        pytest.param(("is my old data gone", "so what should I do about that now?"), TOGETHER, id="pointing back"),
    ],
)
def test_what_was_decided_without_a_match_has_its_reason_too(told, texts: tuple[str, ...], reason: str):
    """A name that the article does not cover, and a follow-up that names a place only or points back."""
    assert reason in told(*texts)


def test_an_answer_handed_over_for_a_region_names_no_rival_that_it_is_itself(told, knowledge: Knowledge):
    """The title is the question that was understood, whichever entry answers for the region."""
    for region in (None, "europe", "elsewhere"):
        quoted = re.findall("“(.+?)”", told("when does it start?", region=region))
        assert len(set(quoted)) == len(quoted) > 0


@pytest.mark.parametrize("text", ["Does Zyxwvut read my DMs?", "zyxwvut", "opt out?? zyxwvut! Facebook zyxwvut"])
def test_a_turn_is_the_content_s_words_alone(knowledge: Knowledge, text: str):
    """Nothing that somebody wrote is kept, and what is kept is plain enough to be kept anywhere."""
    turn: Turn | None = None
    for said in ("who owns LinkedIn", text):
        _, turn = answer(knowledge, said, TODAY, turn)
    kept = json.dumps(asdict(turn))
    assert "zyxwvut" not in kept.lower()


TAKEN = "I took your question as “Are LinkedIn private messages used to train AI?”."

PRIVATE = pytest.mark.parametrize("asked", [alone, aside], ids=["alone", "aside"])


def offered(message: Message) -> list[Button]:
    return [button for menu in having(message, Menu) for button in menu.buttons]


def pressed(question: Question, value: tuple[str, ...], person: Person = ANNA) -> Press:
    return Press("why", value, person, question.place, question.conversation, question.voice)


@PRIVATE
async def test_a_private_answer_can_be_asked_why(desk: Desk, asked: Callable[[str], Question]):
    """The button is folded away, and what it shows is for the asker alone."""
    question = asked("does this affect my DMs?")
    answered = only(await desk.ask(question, NOON))
    (button,) = offered(answered.message)
    post = only(await desk.press(pressed(question, button.value), NOON + timedelta(minutes=29)))
    assert (button.label, post.to) == ("Why this answer?", "asker")
    assert TAKEN in draw(post.message)


async def test_reasons_are_told_as_often_as_they_are_asked_for(desk: Desk):
    """Who presses twice is told the same twice."""
    question = alone("does this affect my DMs?")
    (button,) = offered(only(await desk.ask(question, NOON)).message)
    first, second = [only(await desk.press(pressed(question, button.value), NOON)) for _ in range(2)]
    assert first == second


@pytest.mark.parametrize("text", ["does this affect my DMs?", "does Facebook do this too?"])
async def test_what_everyone_reads_offers_no_reasons(desk: Desk, text: str):
    """A mention is answered without the button, and a forged one gets nothing; so is what somebody shares."""
    question = aloud(text)
    post = only(await desk.ask(question, NOON))
    forged = [only(await desk.press(pressed(question, (mark,)), NOON)) for mark in ("", NOON.isoformat())]
    assert offered(post.message) == []
    assert {"Please ask again." in draw(each.message) for each in forged} == {True}
    entry = ("linkedin-ai-training", "private_messages_excluded")
    assert "why" not in {b.action for b in pressable(replies.shared(desk.content, [entry], NOON.date(), ANNA))}


@pytest.mark.parametrize("text", ["", "hello", "how tall is the moon", "steps", "help", "privacy"])
async def test_what_is_no_answer_has_no_reasons(desk: Desk, text: str):
    """Commands, small talk and refusals stay as short as they are."""
    assert offered(only(await desk.ask(alone(text), NOON)).message) == []


async def test_a_button_carries_nothing_of_the_question(desk: Desk):
    """Its value is the moment of the answer, which no platform needs to be told."""
    (button,) = offered(only(await desk.ask(alone("does this affect my DMs?"), NOON)).message)
    assert button.value == (NOON.isoformat(),)


@pytest.mark.parametrize(
    ("value", "person", "later"),
    [
        pytest.param((NOON.isoformat(),), ANNA, timedelta(minutes=30), id="too late"),
        pytest.param((NOON.isoformat(),), BEN, timedelta(), id="somebody else"),
        pytest.param(("2026-11-23",), ANNA, timedelta(), id="another answer"),
        pytest.param((NOON.isoformat(), "<!channel>"), ANNA, timedelta(), id="more than it holds"),
        pytest.param((), ANNA, timedelta(), id="nothing"),
        pytest.param(("",), ANNA, timedelta(), id="empty"),
    ],
)
async def test_a_late_or_forged_button_tells_nothing(
    desk: Desk, value: tuple[str, ...], person: Person, later: timedelta
):
    """One sentence that repeats nothing, whoever presses whatever."""
    question = alone("does this affect my DMs?")
    await desk.ask(question, NOON)
    post = only(await desk.press(pressed(question, value, person), NOON + later))
    assert post.message == replies.sentence(desk.content.phrases.why_gone)


async def test_only_the_last_answer_is_explained(desk: Desk):
    """The next question takes its place, thanks do not, and forgetting somebody forgets it too."""
    first, thanks, second, forget = (alone(t) for t in ("who owns LinkedIn?", "thanks", "is it legal?", "forget me"))
    button = pressed(first, offered(only(await desk.ask(first, NOON)).message)[0].value)
    await desk.ask(thanks, NOON + SHORTLY)
    assert "Confidence" in draw(only(await desk.press(button, NOON + SHORTLY)).message)
    newer = pressed(second, offered(only(await desk.ask(second, NOON + 2 * SHORTLY)).message)[0].value)
    assert "Confidence" not in draw(only(await desk.press(button, NOON + 2 * SHORTLY)).message)
    await desk.ask(forget, NOON + 2 * SHORTLY)
    assert "Confidence" not in draw(only(await desk.press(newer, NOON + 2 * SHORTLY)).message)


async def test_the_reasons_are_written_nowhere(desk: Desk, caplog: pytest.LogCaptureFixture):
    """No word of the question reaches the log."""
    caplog.set_level("DEBUG", "bot")
    question = alone("does this affect my DMs, Zyxwv?")
    (button,) = offered(only(await desk.ask(question, NOON)).message)
    await desk.press(pressed(question, button.value), NOON)
    assert "button.pressed action=why" in caplog.text
    assert not re.search("zyxwv|affect", caplog.text, re.IGNORECASE)


EVIL = "does this afect my privte mesages? <@U1> [a](https://evil.example) **b** {title} & <!here>"


async def test_the_offer_and_the_reasons_fit_slack_and_teams_and_are_inert(desk: Desk):
    """The button is behind Slack's menu and the card's dots, and what the asker wrote is nowhere."""
    question = alone(EVIL)
    answered = only(await desk.ask(question, NOON)).message
    reasons = only(await desk.press(pressed(question, (NOON.isoformat(),)), NOON)).message
    assert "evil" not in draw(reasons)
    for message in (answered, reasons):
        slack, card = blocks.draw(message), cards.draw(message)
        assert block_kit.problems(slack["blocks"]) == adaptive_cards.problems(card) == []
        assert "mrkdwn" not in str(slack)
        assert "<" not in slack["text"]
        texts = [each["text"] for each in objects(card) if each.get("type") == "TextBlock"]
        assert set().union(*(adaptive_cards.read(text)[0] for text in texts)) <= (
            adaptive_cards.PLAIN | adaptive_cards.LIST
        )
    (menu,) = [each for each in objects(blocks.draw(answered)["blocks"]) if each.get("type") == "overflow"]
    assert [option["text"]["text"] for option in menu["options"]] == ["Why this answer?"]
    behind = [each["title"] for each in adaptive_cards.actions(cards.draw(answered)) if each.get("mode") == "secondary"]
    assert behind == ["Why this answer?"]


async def test_slack_shows_the_reasons_where_the_answer_stands(desk: Desk):
    """By the real edge: the line chosen in the menu of a direct message is answered in it."""
    async with slack_bot.running(desk) as bot:
        await bot.slack.write("does this affect my DMs")
        (answered,) = await bot.slack.until(lambda: bot.slack.said("D1"))
        await bot.slack.press("Why this answer?", answered)
        said = await bot.slack.until(lambda: len(bot.slack.said("D1")) == 2 and bot.slack.said("D1"))
    assert TAKEN in block_kit.shown(said[1]["blocks"])


async def test_teams_shows_the_reasons_in_the_chat(desk: Desk):
    """By the real edge: the button behind the dots of a personal chat's card is answered there."""
    async with teams_bot.running(desk) as bot:
        await bot.teams.write("does this affect my DMs")
        (answered,) = await bot.teams.until(bot.teams.said)
        await bot.teams.press("Why this answer?", answered)
        said = await bot.teams.until(lambda: len(bot.teams.said()) == 2 and bot.teams.said())
    assert TAKEN in adaptive_cards.shown(said[1]["attachments"][0]["content"])


def test_in_the_terminal_a_number_asks_why(knowledge: Knowledge):
    """A talk offers the reasons like every button, and tells them for the last answer."""
    talk = Conversation(knowledge, TODAY)
    number = re.search(r"(\d)  Why this answer\?", talk.say("does this affect my DMs"))[1]
    assert TAKEN in talk.say(number)
