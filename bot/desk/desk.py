"""The one door into the middle: what people ask and press goes in, what the bot posts comes out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from bot.announcements import notices, reports
from bot.announcements.announcers import Announcers
from bot.announcements.copies import who
from bot.announcements.deliveries import Deliveries
from bot.announcements.platform import Platforms
from bot.answering import deciding as answering
from bot.answering import decisions
from bot.answering.deciding import Knowledge
from bot.answering.decisions import Decision
from bot.answering.reading import Reader
from bot.content.phrases import Phrases, fill
from bot.desk import actions as buttons
from bot.desk import commands, seals
from bot.desk.commands import Kept, Situation
from bot.errors import AnnouncingError
from bot.messages import (
    Announce,
    Effect,
    Forget,
    Invitation,
    Message,
    Offer,
    Outcome,
    Person,
    Place,
    Post,
    Press,
    Question,
    Receipt,
    Remember,
    Removal,
    Reports,
    Turn,
    Withdraw,
)
from bot.storage.ledger import Ledger
from bot.text import in_one_writing
from bot.wording import replies

log = logging.getLogger(__name__)

REPEATED = timedelta(minutes=10)
"""How long the same post in the same place is pointed at instead of repeated."""

ARRIVING = timedelta(seconds=30)
"""How long a post that was begun may take to arrive; until then the same is not begun again."""

REMEMBERED = timedelta(minutes=30)
"""How long a follow-up may refer to the question before it."""

CONVERSATIONS = 10_000
"""Conversations whose last turn is held at once; the oldest goes first."""


class Desk:
    """Answers questions, runs commands and acts on presses, with what the ledger remembers."""

    def __init__(
        self,
        knowledge: Knowledge,
        ledger: Ledger,
        announcers: frozenset[str] = frozenset(),
        platforms: Platforms = MappingProxyType({}),
    ) -> None:
        """`announcers` are the ids of the people who may announce; `platforms` are those that announcements go to."""
        self.knowledge, self.content = knowledge, knowledge.content
        self.announcers = Announcers(knowledge.content, ledger, platforms, announcers)
        self._ledger, self._deliveries = ledger, Deliveries(ledger.database)
        self._begun: dict[tuple[Place, tuple[str, ...]], datetime] = {}
        self._turns: dict[tuple[Person, str], _Kept] = {}
        self._sweep: asyncio.TimerHandle | None = None
        self._learner = ThreadPoolExecutor(1, "languages")

    async def ask(self, question: Question, now: datetime) -> tuple[Outcome, ...]:
        """What to post for something a person wrote: the answer, or what the command it was says."""
        if command := commands.read(question, self.content):
            log.info("command.run command=%s platform=%s", command.name.replace(" ", "_"), question.person.platform)
            kept = commands.uses(command.name, command.argument)
            situation = await self._situation(question, kept, now)
            return await self._carry_out(commands.COMMANDS[command.name](situation, command), question, now)
        before = self._before(question, now)
        decision = await self._decided(question.text, now.date(), before)
        private = question.voice != "aloud" and decisions.depends_on_region(self.content, decision)
        region = await self._ledger.region_of(question.person) if private else None
        decision = decisions.settle(self.content, decision, region)
        entries = replies.refs_of(decision.parts)
        log.info(
            "question.answered sort=%s entries=%s score=%.2f platform=%s",
            decision.sort,
            ",".join(entry for _, entry in entries),
            decision.score,
            question.person.platform,
        )
        mark = now.isoformat() if question.voice != "aloud" and decision.is_clear else ""
        message = replies.reply(self.content, decision, question.voice, mark)
        turn = answering.remembered_turn(decision, before, mark)
        self._keep(question, turn, now)
        if question.voice != "aloud" or decision.sort in ("unknown", "smalltalk"):
            return (Post(message, discreet=question.voice == "aloud"),)
        subject = replies.flat(entries) or (decision.sort,)
        return (await self._sealed(Post(message, "everyone", subject, language=decision.language), question),)

    async def press(self, press: Press, now: datetime) -> tuple[Outcome, ...]:
        """What to do for a pressed button; one that the content does not know any more is answered, never obeyed."""
        act = buttons.ACTIONS.get(press.action, buttons.stale)
        log.info("button.pressed action=%s platform=%s", act.__name__, press.person.platform)
        situation = await self._situation(press, buttons.uses(self.content, press), now)
        owned = act is buttons.remove and seals.fits(await self._ledger.key(), press)
        return await self._carry_out(act(replace(situation, owned=owned), press), press, now)

    async def posted(self, post: Post, receipt: Receipt, now: datetime) -> tuple[Post, ...]:
        """Records a post that arrived for everyone, and gives what only the person who caused it is told about it."""
        if post.to != "everyone" or not post.subject:
            return ()
        mark = notices.digest(notices.post(self.content, post.subject, post.language, now.date()))
        number = "".join(post.removal[:1])
        await self._ledger.record(receipt, post.subject, self.content.version, now, post.language, mark, number)
        return (Post(replies.posted(self.content, post.removal)),) if receipt.ref else ()

    async def removed(self, removal: Removal) -> None:
        """Lets go of the receipt of a post that is gone, so that the same may be posted there again."""
        self._begun.pop((replace(removal.place, thread=""), removal.subject), None)
        await self._ledger.withdraw(removal.receipt)

    async def grant(
        self, wish: Invitation | Announce | Reports, person: Person, now: datetime, *, admin: bool = False
    ) -> Post:
        """What somebody is told for a wish in words, where the platform has no window for it or they may not have it.

        `admin` says that the platform lets them look after everybody's messages.
        """
        match wish:
            case Invitation(message, language):
                return Post(message, language=language)
            case _ if not (admin or self.announcers.may(person)):
                text = fill(self.content.phrases.not_announcer, id=person.account or person.id)
                return Post(replies.sentence(text))
            case Announce():
                return Post(replies.sentence(self.content.phrases.announce_where))
            case Reports(name):
                return Post(notices.listing(self.content, await self._report(name, who(person), now)))

    async def _report(self, name: str, who: str, now: datetime) -> list[str]:
        """How far an announcement is place by place, or all of them are, in lines."""
        if not name:
            return [reports.overview(one, counts, now, who) for one, counts in await self.announcers.announcements()]
        try:
            name = await self.announcers.find(name)
        except AnnouncingError as error:
            return list(error.problems)
        told, *places = reports.table(self.announcers.platforms, await self.announcers.copies(name, who)).splitlines()
        others = await self.announcers.others_drafts(name, who)
        return [told, *(reports.others_draft(draft, counts, draft.by) for draft, counts in others), *places]

    def removable(self, post: Post) -> Message:
        """A post for everyone with the way to take it back on itself, for platforms where nothing can be said aside."""
        return replies.with_removal(self.content, post.message, post.removal)

    async def offers(self, text: str, today: date) -> tuple[Offer, ...]:
        """What somebody can put into any conversation: the steps, the link, and the answers that fit some words.

        Nothing in it depends on who asks, and it has no buttons: the bot need not be where it ends up.
        """
        return replies.offers(self.content, decisions.settle(self.content, await self._decided(text, today)))

    async def _decided(self, text: str, today: date, before: Turn | None = None) -> Decision:
        """What a text asks, once its language can be read."""
        if not all(reader.is_ready for reader in self.knowledge.readers):
            await self.make_ready(self.knowledge.reader(in_one_writing(text), before))
        return answering.decide(self.knowledge, text, today, before)

    async def make_ready(self, reader: Reader) -> None:
        """Waits until a language can be read: it is learnt after the one that is now, before those nobody asks in."""
        if not reader.is_ready:
            await asyncio.get_running_loop().run_in_executor(self._learner, reader.make_ready)

    def phrases(self, language: str = "") -> Phrases:
        """The words for whatever an edge itself has to say or to label, in a language or in English."""
        return self.content.spoken(language).phrases

    def welcome(self) -> Message:
        """What the bot says when it is met for the first time."""
        topics = ", ".join(topic.words.title for topic in self.content.topics)
        return replies.sentence(fill(self.content.phrases.welcome, topic=topics))

    def prompts(self) -> tuple[str, ...]:
        """Up to four questions to suggest to somebody who has written nothing yet."""
        refs = replies.prompts(self.content)[:4]
        return tuple(entry.title for ref in refs if (entry := self.content.entry(ref)))

    async def _situation(self, cause: Question | Press, kept: Collection[Kept], now: datetime) -> Situation:
        region = await self._ledger.region_of(cause.person) if "region" in kept else None
        announced = "announced" in kept and await self._deliveries.reached(cause.person)
        return Situation(self.content, region, now.date(), self._before(cause, now), announced)

    async def _carry_out(
        self, effects: Iterable[Effect], cause: Question | Press, now: datetime
    ) -> tuple[Outcome, ...]:
        """Does what concerns the ledger, and gives the rest with repeated posts pointed at their first."""
        outcomes: list[Outcome] = []
        for effect in effects:
            match effect:
                case Remember(region=str(region)):
                    await self._ledger.remember_region(cause.person, region)
                    self._forget_turns(cause.person)
                case Remember() | Forget():
                    if isinstance(effect, Forget):
                        await self._deliveries.forget(cause.person)
                    if isinstance(effect, Forget) and cause.voice == "alone":
                        await self._ledger.drop_address(cause.place)
                    await self._ledger.forget(cause.person)
                    self._forget_turns(cause.person)
                case Withdraw():
                    outcomes.append(await self._removal(effect, cause))
                case Post(to="everyone"):
                    outcomes.append(await self._pointer(effect, cause, now) or await self._sealed(effect, cause))
                case Post() | Invitation() | Announce() | Reports():
                    outcomes.append(effect)
        return tuple(outcomes)

    async def _removal(self, wish: Withdraw, cause: Question | Press) -> Removal | Post:
        """The post to take back: one with an id, or the one on which the button stands; else that it cannot be done."""
        kept = await self._ledger.receipt_of(cause.place, wish)
        if kept and (kept.ref or (isinstance(cause, Press) and cause.genuine)):
            return Removal(kept.place, kept.ref, kept.subject, kept.id)
        return Post(replies.sentence(self.content.phrases.cannot_remove), harmless=True)

    async def _pointer(self, post: Post, cause: Question | Press, now: datetime) -> Post | None:
        """That the same was posted in the place a short while ago, if it was and is not to be posted all the same."""
        if post.again:
            return None
        last = self._claim(cause, post.subject, now)
        last = last or await self._ledger.last_posted(cause.place, post.subject, now - REPEATED)
        minutes = int((now - last).total_seconds() // 60) if last else 0
        return Post(replies.posted_before(self.content, minutes, post.subject), harmless=True) if last else None

    async def _sealed(self, post: Post, cause: Question | Press) -> Post:
        """A post for everyone with what the person who caused it can take it back by.

        That stands on the post itself where they spoke aside: what answers there comes through an address that gives
        no id (Slack's response addresses), so that only the post's own button can tell which message is meant.
        """
        number = seals.new_number()
        seal = seals.seal(await self._ledger.key(), cause.person, cause.place, number)
        sealed = replace(post, removal=(number, seal))
        return replace(sealed, message=self.removable(sealed)) if cause.voice == "aside" else sealed

    def _claim(self, cause: Question | Press, subject: tuple[str, ...], now: datetime) -> datetime | None:
        """When the same was begun to be posted in the same place a moment ago; if it was not, it is from now on."""
        key = (replace(cause.place, thread=""), subject)
        self._begun = {other: when for other, when in self._begun.items() if now - when < ARRIVING}
        before = self._begun.get(key)
        self._begun[key] = before or now
        return before

    def _forget_turns(self, person: Person) -> None:
        """Lets go of what somebody asked, and with it of the region they named then."""
        self._turns = {key: turn for key, turn in self._turns.items() if key[0] != person}

    def _before(self, asked: Question | Press, now: datetime) -> Turn | None:
        kept = self._turns.get((asked.person, asked.conversation))
        return kept.turn if kept and now - kept.at < REMEMBERED else None

    def _keep(self, question: Question, turn: Turn | None, now: datetime) -> None:
        """Remembers a turn until its time is over, whether or not anybody asks again."""
        if turn is None:
            return
        key, loop = (question.person, question.conversation), asyncio.get_running_loop()
        self._turns.pop(key, None)  # what is kept anew goes to the end, so that the first turn is always the oldest
        self._turns[key] = _Kept(turn, now, loop.time() + REMEMBERED.total_seconds())
        if len(self._turns) > CONVERSATIONS:
            del self._turns[next(iter(self._turns))]
        if self._sweep is None:
            self._sweep = loop.call_later(REMEMBERED.total_seconds(), self._let_go)

    def _let_go(self) -> None:
        """Lets go of the turns that are over, and comes again for the oldest of the others; one timer serves all."""
        loop = asyncio.get_running_loop()
        self._turns = {key: kept for key, kept in self._turns.items() if kept.over_at > loop.time()}
        oldest = next(iter(self._turns.values()), None)
        self._sweep = loop.call_at(oldest.over_at, self._let_go) if oldest else None


@dataclass(frozen=True)
class _Kept:
    """A turn, when it was taken, and the event loop's time at which it is let go."""

    turn: Turn
    at: datetime
    over_at: float
