"""What happens when a button is pressed: one function for each action, and the table that names them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.announcements import notices
from bot.answering.decisions import Decision, Part, settle
from bot.content.topics import Content, Ref
from bot.desk import commands
from bot.desk.commands import Kept, Situation
from bot.messages import Command, Effect, Invitation, Post, Press, Question, Withdraw
from bot.wording import replies


def uses(content: Content, press: Press) -> frozenset[Kept]:
    """What a press depends on of what is kept about the person."""
    match press.action, press.value:
        case "command" | "post_again", (name, *argument):
            return commands.uses(name, "".join(argument))
        case "answer", (topic, entry, *situation) if press.voice != "aloud" and not "".join(situation[:1]):
            found = content.entry((topic, entry))
            return frozenset(("region",)) if found and found.by_region else frozenset()
    return frozenset()


def answer(situation: Situation, press: Press) -> tuple[Effect, ...]:
    """Answers with the entry that was chosen, for the region that was chosen or, unless others read it, remembered."""
    content = situation.content
    ref, group = _ref(content, press.value[:2]), "".join(press.value[2:3])
    if not ref or (group and not replies.region_name(content, group)):
        return stale(situation, press)
    part = Part(ref)
    language = "".join(press.value[3:4])
    decision = Decision("answer", situation.today, (part,), region=group, named=bool(group), language=language)
    if press.voice == "aloud":
        return (Post(replies.reply(content, settle(content, decision), "aloud"), "everyone", ref),)
    return (Post(replies.reply(content, settle(content, decision, situation.remembered), press.voice)),)


def command(situation: Situation, press: Press) -> tuple[Effect, ...]:
    """Runs a command as if its word had been written where the button is."""
    name, argument = "".join(press.value[:1]), "".join(press.value[1:])
    if name not in commands.COMMANDS or (argument and not situation.content.topic(argument)):
        return stale(situation, press)
    question = Question(name, press.person, press.place, press.conversation, press.voice)
    return commands.COMMANDS[name](situation, Command(name, argument, question))


def remember(situation: Situation, press: Press) -> tuple[Effect, ...]:
    """Keeps the region that was chosen, or lets go of it."""
    group = "".join(press.value)
    if group and not replies.region_name(situation.content, group):
        return stale(situation, press)
    return commands.remember(situation.content, group or None)


def share(situation: Situation, press: Press) -> tuple[Effect, ...]:
    """Posts a private answer for everyone, without the asker's words or region."""
    pairs = zip(press.value[::2], press.value[1::2], strict=False)
    refs = [ref for pair in list(pairs)[:3] if (ref := _ref(situation.content, pair))]
    if not refs or press.voice == "alone":
        return stale(situation, press)
    subject = ("share", *replies.flat(refs))
    return (Post(replies.shared(situation.content, refs, situation.today, press.person), "everyone", subject),)


def post_again(situation: Situation, press: Press) -> tuple[Effect, ...]:
    """Posts for everyone what was posted a short while ago."""
    shared = press.value[:1] == ("share",)
    effects = share(situation, replace(press, value=press.value[1:])) if shared else command(situation, press)
    return tuple(replace(effect, again=True) if isinstance(effect, Post) else effect for effect in effects)


def remove(situation: Situation, press: Press) -> tuple[Effect, ...]:
    """Takes a post back, for the person who asked for it; which one that is says its receipt, and not the button.

    Buttons from before there were seals name the person and what the post is about.
    """
    match press.value:
        case (number, _) if situation.owned:
            return (Withdraw(number),)
        case (owner, _, *subject) if subject and owner == press.person.id:
            return (Withdraw(subject=tuple(subject)),)
    return (Post(replies.sentence(situation.content.phrases.not_yours), harmless=True),)


def how(situation: Situation, press: Press) -> tuple[Effect, ...]:
    """Shows the steps of an announcement's topic to the person who pressed, in the language of the announcement."""
    language = "".join(press.value[1:2])
    content = situation.content.spoken(language)
    topic = content.topic("".join(press.value[:1]))
    return (Post(replies.steps(content, topic), language=language),) if topic else stale(situation, press)


def ask(situation: Situation, press: Press) -> tuple[Effect, ...]:
    """Invites the person who pressed to ask, where nobody else reads it."""
    language = "".join(press.value[1:2])
    content = situation.content.spoken(language)
    topic = content.topic("".join(press.value[:1]))
    return (Invitation(notices.invitation(content, topic), language),) if topic else stale(situation, press)


def why(situation: Situation, press: Press) -> tuple[Effect, ...]:
    """Tells why the last answer was given, as long as it is the one whose button was pressed."""
    turn = situation.before
    if turn and turn.mark and press.value == (turn.mark,):
        return (Post(replies.why(situation.content, turn)),)
    return (Post(replies.sentence(situation.content.phrases.why_gone), harmless=True),)


def stale(situation: Situation, _: Press) -> tuple[Effect, ...]:
    """Says that a button no longer fits the content."""
    return (Post(replies.sentence(situation.content.phrases.stale_button), harmless=True),)


ACTIONS: dict[str, Callable[[Situation, Press], tuple[Effect, ...]]] = {
    "answer": answer,
    "command": command,
    "remember": remember,
    "share": share,
    "post_again": post_again,
    "remove": remove,
    "why": why,
    "how": how,
    "ask": ask,
}
"""Each action a button can have, and what it does."""


def _ref(content: Content, pair: tuple[str, ...]) -> Ref | None:
    return (pair[0], pair[1]) if len(pair) == 2 and content.entry((pair[0], pair[1])) else None
