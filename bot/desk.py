"""The one door into the middle: what people ask and press goes in, what the bot posts comes out."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from bot import answering, buttons, commands, replies
from bot.answering import Knowledge
from bot.ledger import Ledger
from bot.messages import (
    Effect,
    Forget,
    Menu,
    Message,
    Note,
    Offer,
    Outcome,
    Person,
    Post,
    Press,
    Question,
    Receipt,
    Remember,
    Removal,
    Turn,
)
from bot.phrases import fill

log = logging.getLogger(__name__)

REPEATED = timedelta(minutes=10)
"""How long the same post in the same place is pointed at instead of repeated."""

REMEMBERED = timedelta(minutes=30)
"""How long a follow-up may refer to the question before it."""

CONVERSATIONS = 10_000
"""Conversations whose last turn is held at once; the oldest goes first."""


class Desk:
    """Answers questions, runs commands and acts on presses, with what the ledger remembers."""

    def __init__(self, knowledge: Knowledge, ledger: Ledger) -> None:
        self.knowledge, self.content = knowledge, knowledge.content
        self._ledger = ledger
        self._turns: OrderedDict[tuple[Person, str], tuple[datetime, Turn]] = OrderedDict()

    async def ask(self, question: Question, now: datetime) -> tuple[Outcome, ...]:
        """What to post for something a person wrote: the answer, or what the command it was says."""
        if command := commands.read(question, self.content):
            remembered = await self._ledger.region_of(question.person)
            log.info("command.run command=%s platform=%s", command.name.replace(" ", "_"), question.person.platform)
            effects = commands.COMMANDS[command.name](commands.Situation(self.content, remembered), command)
            return await self._carry_out(effects, question, now)
        before = self._before(question.person, question.conversation, now)
        decision = answering.decide(self.knowledge, question.text, now.date(), before)
        private = question.voice != "aloud" and answering.depends_on_region(self.content, decision)
        remembered = await self._ledger.region_of(question.person) if private else None
        decision = answering.settle(self.content, decision, remembered)
        if decision.outcome != "smalltalk":
            self._keep(question.person, question.conversation, answering.turn(question.text, decision), now)
        log.info(
            "question.answered outcome=%s entries=%s score=%.2f platform=%s",
            decision.outcome,
            ",".join(part.ref[1] for part in decision.parts),
            decision.score,
            question.person.platform,
        )
        message = replies.reply(self.content, decision, question.voice)
        if question.voice != "aloud":
            return (Post(message),)
        return (Post(message, "everyone", replies.flat(replies.refs_of(decision.parts))),)

    async def press(self, press: Press, now: datetime) -> tuple[Outcome, ...]:
        """What to do for a pressed button; one that the content does not know any more is answered, never obeyed."""
        remembered = await self._ledger.region_of(press.person)
        situation = buttons.Situation(self.content, remembered, now.date())
        act = buttons.ACTIONS.get(press.action, buttons.stale)
        log.info(
            "button.pressed action=%s platform=%s",
            press.action if act != buttons.stale else "unknown",
            press.person.platform,
        )
        return await self._carry_out(act(situation, press), press, now, again=press.action == "post_again")

    async def posted(self, cause: Question | Press, post: Post, receipt: Receipt, now: datetime) -> tuple[Post, ...]:
        """Records a post that arrived for everyone, and gives what only the person who caused it is told about it."""
        if post.to != "everyone" or not post.subject:
            return ()
        await self._ledger.record(receipt, post.subject, self.content.version, now)
        if not receipt.ref:
            return ()
        return (Post(replies.posted(self.content, cause.person, receipt.ref, post.subject)),)

    def removable(self, cause: Question | Press, post: Post) -> Message:
        """A post for everyone with the way to take it back on itself, for platforms where nothing can be said aside."""
        has_menu = any(isinstance(element, Menu) for element in post.message.elements)
        if has_menu or not post.subject:
            return post.message
        return replies.with_removal(self.content, post.message, cause.person, post.subject)

    def offers(self, text: str, today: date) -> tuple[Offer, ...]:
        """What somebody can put into any conversation: the steps, the link, and the answers that fit some words.

        Nothing in it depends on who asks, and it has no buttons: the bot need not be where it ends up.
        """
        return replies.offers(
            self.content, answering.settle(self.content, answering.decide(self.knowledge, text, today))
        )

    def in_private(self) -> Message:
        """That something is answered only where nobody else reads along."""
        return replies.said(self.content.phrases.tell_privately)

    def received(self) -> str:
        """What a platform shows for a moment when a button was pressed."""
        return self.content.phrases.received

    def welcome(self) -> Message:
        """What the bot says when it is met for the first time."""
        topics = ", ".join(topic.words.title for topic in self.content.topics)
        return replies.said(fill(self.content.phrases.welcome, topic=topics))

    def prompts(self) -> tuple[str, ...]:
        """Up to four questions to suggest to somebody who has written nothing yet."""
        refs = [ref for topic in self.content.topics for ref in replies.suggested(topic)]
        return tuple(entry.title for ref in refs[:4] if (entry := self.content.entry(ref)))

    def apology(self) -> Message:
        """What the bot says when something failed that the person cannot mend."""
        return replies.said(self.content.phrases.apology)

    def unconfirmed(self, message: Message) -> Message:
        """A private copy of a message of which the platform did not say whether it arrived."""
        return Message((Note(self.content.phrases.unconfirmed), *message.elements))

    async def _carry_out(
        self, effects: Iterable[Effect], cause: Question | Press, now: datetime, *, again: bool = False
    ) -> tuple[Outcome, ...]:
        """Does what concerns the ledger, and gives the rest with repeated posts pointed at their first."""
        outcomes: list[Outcome] = []
        for effect in effects:
            match effect:
                case Remember(region=None) | Forget():
                    await self._ledger.forget(cause.person)
                    self._turns = OrderedDict(
                        (key, turn) for key, turn in self._turns.items() if key[0] != cause.person
                    )
                case Remember(region=str(region)):
                    await self._ledger.remember_region(cause.person, region)
                case Removal(subject=subject):
                    await self._ledger.withdraw(cause.place, subject)
                    outcomes.append(effect)
                case Post(to="everyone", subject=subject) if not again:
                    last = await self._ledger.last_posted(cause.place, subject, now - REPEATED)
                    minutes = int((now - last).total_seconds() // 60) if last else 0
                    pointer = Post(replies.posted_before(self.content, minutes, subject), harmless=True)
                    outcomes.append(pointer if last else effect)
                case Post():
                    outcomes.append(effect)
        return tuple(outcomes)

    def _before(self, person: Person, conversation: str, now: datetime) -> Turn | None:
        when, turn = self._turns.get((person, conversation), (now, None))
        return turn if now - when < REMEMBERED else None

    def _keep(self, person: Person, conversation: str, turn: Turn, now: datetime) -> None:
        self._turns[person, conversation] = now, turn
        self._turns.move_to_end((person, conversation))
        while len(self._turns) > CONVERSATIONS or now - next(iter(self._turns.values()))[0] > REMEMBERED:
            self._turns.popitem(last=False)
