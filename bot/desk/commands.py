"""The words that do something instead of asking: one function for each, and the table that names them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.content.phrases import fill
from bot.content.places import group_named
from bot.content.topics import Content, Topic
from bot.messages import Announce, Command, Effect, Forget, Message, Post, Question, Remember, Reports, Turn
from bot.text import OBJECT, in_one_writing, normal
from bot.wording import replies

Kept = Literal["region", "announced"]
"""What the ledger may hold about a person: their region, and that an announcement went to them alone."""


@dataclass(frozen=True)
class Situation:
    """What a command or a press may depend on besides its own words; of what is kept, what `uses` names is read."""

    content: Content
    remembered: str | None
    today: date
    before: Turn | None = None
    announced: bool = False
    """Whether the ledger holds that an announcement went to the person alone."""
    owned: bool = False
    """Whether the pressed button bears the seal of the person who pressed it."""


def read(question: Question, content: Content) -> Command | None:
    """The command that a message is: a word of the table, alone or with its argument; None for a question.

    `region` may have a place after it, `steps` and `link` one as well, or the service that a topic is about, `announce`
    and `report` the name of an announcement.
    """
    text = in_one_writing(question.text).replace(OBJECT, " ").strip()
    if len(text) > LONGEST:
        return None
    words = normal(text)
    name, _, argument = words.partition(" ")
    if words in COMMANDS:
        return Command(words, "", question)
    if name in ("announce", "report") and _is_announcement(content, _after(text)):
        return Command(name, _after(text), question)
    if name in ("steps", "link") and (topic := content.topic_of(argument)):
        return Command(name, topic.id, question)
    if name in ("steps", "link") and _group(content, _after(text)) is not None:
        return Command(name, "", question)
    if name == "region" and (argument in CLEAR or _group(content, _after(text)) is not None):
        return Command(name, _after(text), question)
    return Command("help", "", question) if not name and question.voice == "aside" else None


def uses(name: str, argument: str) -> frozenset[Kept]:
    """What a command says of what is kept about the person."""
    match name, argument:
        case "region", "":
            return frozenset(("region",))
        case "privacy", _:
            return frozenset(("region", "announced"))
    return frozenset()


def steps(situation: Situation, command: Command) -> tuple[Effect, ...]:
    """Posts the way to the setting, for everyone where others are."""
    return _posted(situation, command, replies.steps)


def link(situation: Situation, command: Command) -> tuple[Effect, ...]:
    """Posts the address of the setting, for everyone where others are."""
    return _posted(situation, command, replies.link)


def region(situation: Situation, command: Command) -> tuple[Effect, ...]:
    """Shows, sets or clears the region that is remembered."""
    content = situation.content
    if not command.argument:
        return (Post(replies.region(content, situation.remembered)),)
    if normal(command.argument) in CLEAR:
        return remember(content, None)
    return remember(content, _group(content, command.argument))


def help_(situation: Situation, _: Command) -> tuple[Effect, ...]:
    """Says what the bot can do."""
    return (Post(replies.help_text(situation.content), harmless=True),)


def privacy(situation: Situation, _: Command) -> tuple[Effect, ...]:
    """Says what is kept about the person."""
    said = replies.privacy(situation.content, situation.remembered, announced=situation.announced)
    return (Post(said),)


def forget_me(situation: Situation, _: Command) -> tuple[Effect, ...]:
    """Deletes what is kept about the person."""
    return Forget(), Post(replies.sentence(situation.content.phrases.forgotten))


def whoami(situation: Situation, command: Command) -> tuple[Effect, ...]:
    """Tells the person the id by which they can be named as an announcer."""
    person = command.question.person
    return (Post(replies.sentence(fill(situation.content.phrases.whoami, id=person.account or person.id))),)


def announce(_: Situation, command: Command) -> tuple[Effect, ...]:
    """Lets somebody who may announce begin to."""
    return (Announce(command.argument),)


def announcements(_: Situation, __: Command) -> tuple[Effect, ...]:
    """Shows somebody who may announce what was announced and is to be."""
    return (Reports(),)


def report(_: Situation, command: Command) -> tuple[Effect, ...]:
    """Shows somebody who may announce how far an announcement is, or all of them."""
    return (Reports(command.argument),)


def remember(content: Content, group: str | None) -> tuple[Effect, ...]:
    """Keeps a region group, or lets go of the one before."""
    phrases = content.phrases
    if group is None:
        return Remember(None), Post(replies.sentence(phrases.region_cleared))
    text = fill(phrases.region_set, region=replies.region_name(content, group))
    return Remember(group), Post(replies.sentence(text))


COMMANDS: dict[str, Callable[[Situation, Command], tuple[Effect, ...]]] = {
    "steps": steps,
    "link": link,
    "region": region,
    "help": help_,
    "privacy": privacy,
    "forget me": forget_me,
    "whoami": whoami,
    "announce": announce,
    "announcements": announcements,
    "report": report,
}
"""Each word that is a command, and what it does."""

LONGEST = 200
"""Characters of a command with its argument; what is longer is a question."""

CLEAR = frozenset(("clear", "none", "forget", "off", "reset", "delete", "remove"))
"""Words after `region` that make the bot forget it."""


def _posted(situation: Situation, command: Command, said: Callable[[Content, Topic], Message]) -> tuple[Effect, ...]:
    """Posts what is said of the topic that a command names; of several it asks which, if it names none."""
    content, question = situation.content, command.question
    topic = content.topic(command.argument) or (content.topics[0] if len(content.topics) == 1 else None)
    if not topic:
        return (Post(replies.which_service(content, command.name), harmless=True),)
    message, subject = said(content, topic), (command.name, topic.id)
    if question.voice == "alone":
        return (Post(message),)
    return (Post(replies.for_everyone(content, message, question.person), "everyone", subject),)


def _after(text: str) -> str:
    return text.strip().partition(" ")[2].strip()


def _group(content: Content, place: str) -> str | None:
    return group_named(place, content.gazetteer, content.regions)


def _is_announcement(content: Content, text: str) -> bool:
    """Whether a text names an announcement: one with a file, or by its whole name one that had one."""
    return ("/" in text and " " not in text) or text in {name for _, name in content.announcements}
