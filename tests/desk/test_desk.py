"""The desk: what people ask, command and press, and what is posted for whom."""

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.answering.deciding import Knowledge
from bot.answering.encoders import encoder
from bot.cache import Cache
from bot.cli.terminal import pressable
from bot.content.topics import Content
from bot.desk import actions, commands
from bot.desk.commands import Situation
from bot.desk.desk import Desk
from bot.messages import (
    Address,
    Button,
    Buttons,
    Byline,
    Command,
    Link,
    Menu,
    Message,
    Paragraph,
    Person,
    Place,
    Post,
    Press,
    Question,
    Receipt,
    Removal,
    Steps,
    Title,
    Withdraw,
)
from bot.storage.ledger import open_ledger
from bot.wording import replies
from bot.wording.plain_text import draw
from tests.conftest import NOON

ANNA, BEN = Person("slack", "T1", "U1"), Person("slack", "T1", "U2")
DM, CHANNEL = Place("slack", "T1", "D1"), Place("slack", "T1", "C1", "17.1")
TOPIC = "linkedin-ai-training"
SHORTLY = timedelta(minutes=5)


def alone(text: str, person: Person = ANNA) -> Question:
    return Question(text, person, DM, "d1")


def aside(text: str, person: Person = ANNA) -> Question:
    return Question(text, person, CHANNEL, "c1", "aside")


def aloud(text: str, person: Person = ANNA) -> Question:
    return Question(text, person, CHANNEL, "c1", "aloud")


def press(action: str, *value: str, person: Person = ANNA, voice="aside") -> Press:
    return Press(action, value, person, CHANNEL if voice != "alone" else DM, "c1", voice)


def only(outcomes) -> Post:
    (post,) = outcomes
    assert isinstance(post, Post)
    return post


def having(message: Message, kind: type) -> list:
    return [element for element in message.elements if isinstance(element, kind)]


def labels(message: Message) -> list[str]:
    return [button.label for button in pressable(message)]


async def test_a_direct_question_is_answered_to_the_asker(desk: Desk):
    """A question in a direct message gets one private post without a title or a Share button."""
    post = only(await desk.ask(alone("how do I opt out of LinkedIn AI training?"), NOON))
    assert post.to == "asker"
    assert [type(element) for element in post.message.elements[:3]] == [Paragraph, Link, Steps]
    assert "Share here" not in labels(post.message)


async def test_an_aside_is_answered_privately_and_can_be_shared(desk: Desk):
    """A slash question is seen by its asker alone, until they share it without their words or region."""
    await desk.ask(alone("region Germany"), NOON)
    post = only(await desk.ask(aside("so when exactly does it begin for us?"), NOON))
    assert post.to == "asker"
    assert "EU" in draw(post.message)
    share = next(button for button in pressable(post.message) if button.action == "share")
    shared = only(await desk.press(press("share", *share.value), NOON))
    text = draw(shared.message)
    assert shared.to == "everyone"
    assert "begin for us" not in text
    assert "Answered for" not in text
    assert having(shared.message, Title)
    assert having(shared.message, Byline)[0].person == ANNA


async def test_a_mention_is_answered_for_everyone_without_the_remembered_region(desk: Desk):
    """What others read never tells where somebody said they are."""
    await desk.ask(alone("region Germany"), NOON)
    post = only(await desk.ask(aloud("when does it start?"), NOON))
    assert post.to == "everyone"
    assert having(post.message, Title)
    assert "Answered for" not in draw(post.message)


async def test_a_region_named_in_a_mention_decides(desk: Desk):
    """What somebody says in the open about their place may be used in the open."""
    post = only(await desk.ask(aloud("when does it start in Norway?"), NOON))
    assert "Answered for the EU" in draw(post.message)


@pytest.mark.parametrize("word", ["steps", "link"])
async def test_steps_and_link_are_posted_for_everyone_with_the_name_of_who_asked(desk: Desk, word: str):
    """In a channel the two words post for all, signed, and the poster can take it back."""
    post = only(await desk.ask(aside(word), NOON))
    assert (post.to, post.subject) == ("everyone", (word, TOPIC))
    assert having(post.message, Link)
    assert having(post.message, Byline)[0].person == ANNA
    assert having(post.message, Menu)


@pytest.mark.parametrize(
    "text",
    [
        *("steps", "Steps!", " STEPS ", "link", "help", "privacy", "forget me", "region", "region uk"),
        *("steps germany", "link UK"),
    ],
)
async def test_the_same_words_work_in_a_direct_message(desk: Desk, text: str):
    """A command word alone is a command wherever it is written."""
    post = only(await desk.ask(alone(text), NOON))
    assert post.to == "asker"
    assert not having(post.message, Byline)


@pytest.mark.parametrize(
    "text", ["link between LinkedIn and Microsoft?", "what are the steps", "region differences", "help me opt out"]
)
async def test_a_command_word_inside_a_question_is_no_command(desk: Desk, text: str):
    """Only a word alone, or region with a place, is a command; the rest is a question."""
    post = only(await desk.ask(aside(text), NOON))
    commands = {only(await desk.ask(aside(word), NOON)).message for word in ("region", "help", "steps", "link")}
    assert post.to == "asker"
    assert post.message not in commands


@pytest.mark.parametrize("text", ["region", "privacy", "forget me", "help"])
async def test_what_is_personal_is_private_in_a_mention(desk: Desk, text: str):
    """Region, privacy and help are told to the person alone, even when asked in the open."""
    assert only(await desk.ask(aloud(text), NOON)).to == "asker"


async def test_a_region_is_remembered_used_shown_and_forgotten(desk: Desk):
    """A person's region counts in their private answers from the moment they set it until they clear it."""
    question = alone("when does it start?")
    assert "depends on where you are" in draw(only(await desk.ask(question, NOON)).message)
    await desk.ask(alone("region Texas"), NOON)
    assert "Answered for the US" in draw(only(await desk.ask(question, NOON)).message)
    assert "the US" in draw(only(await desk.ask(alone("privacy"), NOON)).message)
    await desk.ask(alone("forget me"), NOON)
    assert "depends on where you are" in draw(only(await desk.ask(question, NOON)).message)
    assert "nothing" in draw(only(await desk.ask(alone("privacy"), NOON)).message)


async def test_a_region_button_answers_for_that_region_without_remembering_it(desk: Desk):
    """Choosing a region under an answer shows that answer, and keeps nothing."""
    first = only(await desk.ask(alone("when does it start?"), NOON))
    button = next(button for button in pressable(first.message) if button.value[2] == "europe")
    chosen = only(await desk.press(press("answer", *button.value, voice="alone"), NOON))
    assert "Answered for the EU" in draw(chosen.message)
    assert "nothing" in draw(only(await desk.ask(alone("privacy"), NOON)).message)


async def test_the_same_post_within_ten_minutes_is_pointed_at_first(desk: Desk):
    """A second step list is not posted, but offered; pressing the offer posts it."""
    first = aside("steps")
    post = only(await desk.ask(first, NOON))
    await desk.posted(post, Receipt(CHANNEL), NOON)
    second = only(await desk.ask(aside("steps", BEN), NOON + SHORTLY))
    assert second.to == "asker"
    assert "5 minutes ago" in draw(second.message)
    (again,) = pressable(second.message)
    third = only(await desk.press(press(again.action, *again.value, person=BEN), NOON + SHORTLY))
    assert third.to == "everyone"
    assert only(await desk.ask(first, NOON + timedelta(minutes=11))).to == "everyone"


async def test_a_post_elsewhere_is_no_repetition(desk: Desk):
    """Another channel may have its own step list."""
    question = aside("steps")
    await desk.posted(only(await desk.ask(question, NOON)), Receipt(CHANNEL), NOON)
    other = Question("steps", ANNA, Place("slack", "T1", "C2"), "c2", "aside")
    assert only(await desk.ask(other, NOON)).to == "everyone"


async def test_who_caused_a_public_answer_is_told_privately_how_to_remove_it(desk: Desk):
    """After a mention was answered its asker alone gets Remove it, and it names the very message."""
    question = aloud("are private messages used?")
    post = only(await desk.ask(question, NOON))
    (note,) = await desk.posted(post, Receipt(CHANNEL, "17.5"), NOON)
    (button,) = pressable(note.message)
    assert (note.to, button.label) == ("asker", "Remove it")
    (removal,) = await desk.press(press(button.action, *button.value), NOON)
    assert isinstance(removal, Removal)
    assert (removal.place, removal.ref) == (CHANNEL, "17.5")


async def test_a_mention_without_an_answer_can_be_removed_too(desk: Desk):
    """Even a refusal that everyone reads belongs to the person who caused it."""
    question = aloud("does Facebook do this too?")
    post = only(await desk.ask(question, NOON))
    (note,) = await desk.posted(post, Receipt(CHANNEL, "17.6"), NOON)
    assert labels(note.message) == ["Remove it"]


async def test_removing_an_older_post_leaves_the_newer_receipt(desk: Desk):
    """The receipt that goes is the one of the message that goes."""
    question = aloud("steps")
    post = only(await desk.ask(question, NOON))
    for ref, when in (("17.1", NOON - timedelta(hours=1)), ("17.2", NOON)):
        numbered = replace(post, removal=(ref, ""))
        await desk.posted(numbered, Receipt(CHANNEL, ref), when)
    older = await desk._ledger.receipt_of(CHANNEL, Withdraw("17.1"))
    await desk.removed(Removal(older.place, older.ref, older.subject, older.id))
    assert only(await desk.ask(question, NOON + SHORTLY)).to == "asker"


async def test_after_removal_the_same_may_be_posted_again(desk: Desk):
    """A post that was taken back is not pointed at."""
    question = aside("link")
    post = only(await desk.ask(question, NOON))
    await desk.posted(post, Receipt(CHANNEL), NOON)
    (removal,) = await desk.press(replace(press("remove", *post.removal), genuine=True), NOON)
    await desk.removed(removal)
    assert only(await desk.ask(question, NOON)).to == "everyone"


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ("answer", ()),
        ("answer", (TOPIC, "no-such-entry", "")),
        ("answer", (TOPIC, "steps", "mars")),
        ("answer", ("<!channel>", "steps", "")),
        ("command", ("rm -rf",)),
        ("command", ()),
        ("remember", ("mars",)),
        ("share", ()),
        ("share", (TOPIC,)),
        ("share", (TOPIC, "nope")),
        ("post_again", ()),
        ("post_again", ("share", "x", "y")),
        ("no-such-action", ("x",)),
    ],
)
async def test_a_button_that_the_content_does_not_know_is_answered_and_not_obeyed(
    desk: Desk, action: str, value: tuple
):
    """A stale or forged button gets one friendly sentence that repeats nothing of it."""
    post = only(await desk.press(press(action, *value), NOON))
    assert post.to == "asker"
    assert "older message" in draw(post.message)


async def test_what_is_forged_into_a_button_goes_no_further_than_what_is_known_of_it(desk: Desk):
    """More values than a button has neither post the same twice nor end up in the ledger."""
    post = only(await desk.press(press("share", TOPIC, "overview", voice="aloud"), NOON))
    forged = only(await desk.press(press("share", TOPIC, "overview", *["x"] * 1000, voice="aloud"), NOON))
    assert post.subject == ("share", TOPIC, "overview")
    assert "was posted here" in draw(forged.message)


async def test_a_follow_up_is_understood_with_the_turn_before_it(desk: Desk):
    """The place alone continues the question; somebody else's place does not."""
    await desk.ask(alone("When does it start in Germany?"), NOON)
    text = draw(only(await desk.ask(alone("and in Texas?"), NOON)).message)
    assert "Answered for the US" in text


async def test_a_follow_up_is_forgotten_after_half_an_hour(desk: Desk):
    """Nobody's earlier question counts the next day, nor for anybody else."""
    await desk.ask(alone("When does it start in Germany?"), NOON)
    other = draw(only(await desk.ask(alone("and in Texas?", BEN), NOON)).message)
    late = draw(only(await desk.ask(alone("and in Texas?"), NOON + timedelta(minutes=31))).message)
    assert other == late


async def test_an_empty_message_gets_a_short_reply(desk: Desk):
    """Emoji, blanks or a file alone are answered with how to ask."""
    posts = {only(await desk.ask(alone(text), NOON)) for text in ("", "  \n", "🎉🎉", "\u200b", "???")}
    assert len(posts) == 1


async def test_nothing_of_an_unknown_question_is_repeated(desk: Desk):
    """A refusal holds none of the asker's words, so nothing in them can act."""
    text = draw(only(await desk.ask(aloud("<!channel> [click](https://evil.example) zyxwv"), NOON)).message)
    assert not any(part in text for part in ("channel>", "evil", "zyxwv"))


def test_suggestions_are_titles_of_entries(desk: Desk):
    """The prompts that a platform shows are questions the bot can answer."""
    titles = {entry.title for topic in desk.content.topics for entry in topic.words.entries}
    assert 3 <= len(desk.prompts()) <= 4
    assert set(desk.prompts()) <= titles


def test_an_unconfirmed_copy_says_so_first(desk: Desk):
    """A private copy of a message opens with why it is there."""
    message = Message((Title("T"), Buttons((Button("B", "command"),))))
    copy = replies.unconfirmed(desk.phrases(), message)
    assert copy.elements[1:] == message.elements
    assert "copy" in draw(copy).splitlines()[0]


async def test_sharing_tells_nothing_of_the_remembered_region(desk: Desk):
    """An answer that was handed over for somebody's region is shared as the one for everybody."""
    shared = []
    for region in ("region Texas", "region clear"):
        await desk.ask(alone(region), NOON)
        post = only(await desk.ask(aside("when does it start"), NOON))
        share = next(button for button in pressable(post.message) if button.action == "share")
        shared.append(only(await desk.press(press("share", *share.value), NOON + timedelta(hours=len(shared)))))
    assert len({(draw(post.message), post.subject) for post in shared}) == 1


async def test_of_the_same_post_begun_twice_at_once_one_is_made(desk: Desk):
    """Two people with the same idea, or one with a nervous finger, make one post."""
    posts = await asyncio.gather(*(desk.ask(aside("steps", person), NOON) for person in (ANNA, BEN, ANNA)))
    assert sorted(only(outcomes).to for outcomes in posts) == ["asker", "asker", "everyone"]


@pytest.mark.parametrize("text", ["region " + "uk " * 13_000, "\ufdfa" * 39_000, "steps" * 8_000])
async def test_a_very_long_message_is_no_command(desk: Desk, text: str):
    """What is longer than any command is read as a question, as far as questions are read."""
    assert only(await desk.ask(aside(text), NOON)).to == "asker"


async def test_a_choice_made_aloud_is_answered_for_everyone_and_for_no_remembered_region(desk: Desk):
    """Where a platform can show nothing aside, a pressed suggestion is answered as if it had been asked there."""
    await desk.press(press("remember", "europe", voice="alone"), NOON)
    entry = next(entry for entry in desk.content.topics[0].words.entries if entry.by_region)
    post = only(await desk.press(press("answer", TOPIC, entry.id, voice="aloud"), NOON))
    assert (post.to, post.subject) == ("everyone", (TOPIC, entry.id))
    assert "Answered for" not in draw(post.message)


@pytest.mark.parametrize(
    ("text", "harmless"),
    [("help", True), ("region", False), ("region Norway", False), ("privacy", False), ("forget me", False)],
)
async def test_only_what_is_about_nobody_may_be_said_where_others_read(desk: Desk, text: str, harmless: bool):
    """A platform that can show nothing to one person alone is told which answers are no secret."""
    post = only(await desk.ask(aloud(text), NOON))
    assert (post.to, post.harmless) == ("asker", harmless)


async def test_a_repeated_post_and_a_refused_button_are_no_secrets(desk: Desk):
    """They say nothing about anybody."""
    steps = only(await desk.ask(aloud("steps"), NOON))
    await desk.posted(steps, Receipt(CHANNEL, "17.2"), NOON)
    posts = [await desk.ask(aloud("steps"), NOON + SHORTLY)]
    posts += [
        await desk.press(press("remove", BEN.id, "17.2", "steps", TOPIC), NOON),
        await desk.press(press("odd"), NOON),
    ]
    assert [(only(post).to, only(post).harmless) for post in posts] == [("asker", True)] * 3


async def test_a_public_post_can_carry_its_own_way_back(desk: Desk):
    """An answer and a refusal."""
    question = aloud("steps")
    post = only(await desk.ask(question, NOON))
    declined = only(await desk.ask(aloud("does Facebook do this too?"), NOON))
    for public in (post, declined):
        assert having(public.message, Menu) == []
        (menu,) = having(desk.removable(public), Menu)
        assert menu.buttons[0].value == public.removal


async def test_an_answer_can_be_looked_for_and_put_anywhere(desk: Desk):
    """What fits comes first, the way to the setting is always there, and nothing in it can be pressed."""
    opened, searched = await desk.offers("", NOON.date()), await desk.offers("does this affect my DMs", NOON.date())
    assert opened[0].name == desk.content.topics[0].words.steps.title
    assert "private messages" in searched[0].name
    assert {offer.name for offer in opened} <= {offer.name for offer in searched}
    for offer in (*opened, *searched):
        assert having(offer.message, Buttons) == having(offer.message, Menu) == having(offer.message, Byline) == []


async def test_forget_me_in_a_private_chat_forgets_where_that_chat_is(knowledge: Knowledge):
    """The address by which somebody could be written to goes with everything else about them."""
    async with open_ledger("sqlite:///:memory:") as ledger:
        await ledger.note_address(Address(DM, "personal", "https://smba.trafficmanager.net/emea/"))
        await Desk(knowledge, ledger).ask(alone("forget me"), NOON)
        assert await ledger.addresses("slack") == ()


def test_the_citation_leads_to_the_article_where_its_address_is_known(desk: Desk):
    """An author may give it; without it the article is named all the same."""
    topic = desk.content.topics[0]
    source = topic.facts.source.model_copy(update={"url": "https://example.com/article"})
    known = replace(topic, facts=topic.facts.model_copy(update={"source": source}))
    citations = [replies.steps(desk.content, each).citation for each in (topic, known)]
    assert [citation.url for citation in citations] == ["", "https://example.com/article"]
    assert {citation.name for citation in citations} == {source.title}


STEPS, WHEN = (TOPIC, "steps"), (TOPIC, "start_date_eu")


@pytest.mark.parametrize(
    ("asked", "reads"),
    [
        *((alone(word), 0) for word in ("help", "whoami", "steps", "link", "announce", "report")),
        (aside("help"), 0),
        (aloud("help"), 0),
        (alone("region"), 1),
        (alone("privacy"), 2),
        (alone("how do I opt out?"), 0),
        (alone("when does it start?"), 1),
        (aloud("when does it start?"), 0),
        (press("command", "help"), 0),
        (press("command", "region"), 1),
        (press("command", "privacy"), 2),
        (press("post_again", "privacy"), 2),
        (press("answer", *STEPS), 0),
        (press("answer", *WHEN), 1),
        (press("answer", *WHEN, "europe"), 0),
        (press("why", "a moment"), 0),
        (press("how", TOPIC), 0),
        (press("ask", TOPIC), 0),
        (press("no-such-action"), 0),
    ],
    ids=lambda case: " ".join((case.action, *case.value)) if isinstance(case, Press) else getattr(case, "text", None),
)
async def test_nothing_is_read_from_the_database_that_the_reply_does_not_use(
    knowledge: Knowledge, asked: Question | Press, reads: int
):
    """What is kept about somebody is looked up for what is said about it, and for answers that differ by region."""
    async with open_ledger("sqlite:///:memory:") as ledger:
        desk = Desk(knowledge, ledger)
        await ledger.key()  # which is read once
        done: list[str] = []
        sa.event.listen(ledger.database.engine.sync_engine, "before_cursor_execute", lambda *told: done.append(told[2]))
        await (desk.press(asked, NOON) if isinstance(asked, Press) else desk.ask(asked, NOON))
        assert len(done) == reads, done


def test_what_is_not_read_would_change_nothing(desk: Desk):
    """Every command and every press says the same when all that is kept about the person is known to it."""
    known = Situation(desk.content, "europe", NOON.date(), announced=True)

    def told(kept: frozenset[str]) -> Situation:
        return replace(known, remembered="europe" if "region" in kept else None, announced="announced" in kept)

    for name, command in commands.COMMANDS.items():
        for argument in ("", TOPIC):
            asked = Command(name, argument, alone(name))
            assert command(told(commands.uses(name, argument)), asked) == command(known, asked), name
    refs = [(topic.id, entry) for topic in desk.content.topics for entry in topic.entries]
    values = [
        *refs,
        *((*ref, "elsewhere") for ref in refs),
        *((name,) for name in commands.COMMANDS),
        ("share", *WHEN),
        (),
    ]
    for action, act in actions.ACTIONS.items():
        for value in values:
            for voice in ("alone", "aside", "aloud"):
                pressed = press(action, *value, voice=voice)
                assert act(told(actions.uses(desk.content, pressed)), pressed) == act(known, pressed), pressed


class Slow:
    """A language that is being learnt until somebody says that it has been."""

    is_ready = False

    def __init__(self) -> None:
        self.learnt = threading.Event()

    def make_ready(self) -> None:
        """Takes until then."""
        assert self.learnt.wait(10)


async def test_only_who_asks_in_a_language_that_is_not_ready_waits_for_it(content: Content, cache_folder: Path):
    """While another is being learnt, English is answered; the next that is learnt is the one that somebody asked in."""
    knowledge, slow = Knowledge(content, encoder("wordllama"), Cache(cache_folder)), Slow()
    knowledge.reads("en").make_ready()
    async with open_ledger("sqlite:///:memory:") as ledger:
        desk = Desk(knowledge, ledger)
        behind = asyncio.create_task(desk.make_ready(slow))
        await asyncio.sleep(0)
        german = asyncio.create_task(desk.ask(alone("Werden meine privaten Nachrichten verwendet?"), NOON))
        (english,) = await desk.ask(alone("are my private messages used?", BEN), NOON)
        assert not german.done()
        assert not knowledge.reads("de").is_ready
        slow.learnt.set()
        (post,) = await german
        await behind
    assert "private messages" in draw(english.message)
    assert "Nachrichten" in draw(post.message)
    assert [reader.code for reader in knowledge.readers if reader.is_ready] == ["en", "de"]
