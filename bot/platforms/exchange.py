"""What every platform does with what it heard: it is answered once, as the desk says, and one failure stops nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ParamSpec, Protocol, TypeVar

from bot.desk.desk import Desk
from bot.errors import RefusedError, UnconfirmedError, origin
from bot.messages import (
    Announce,
    Invitation,
    Outcome,
    Person,
    Place,
    Post,
    Press,
    Question,
    Receipt,
    Removal,
    Reports,
    Voice,
)
from bot.platforms.repeats import Key, Repeats
from bot.platforms.work import Work
from bot.wording import replies

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

UNREADABLE = (AttributeError, IndexError, KeyError, TypeError)
"""What reading something raises that the platform would not send."""


@dataclass(frozen=True)
class Heard:
    """Something a person did: what it asks of the desk, and by what it is known when it comes a second time."""

    asked: Question | Press
    key: Key

    @property
    def facts(self) -> str:
        """Who did it and where, for the log."""
        place = self.asked.place
        return f"tenant={place.tenant} place={place.id} user={self.asked.person.id}"


class Way(Protocol):
    """How one thing that somebody did is answered where they did it."""

    async def send(self, post: Post) -> Receipt | None:
        """Delivers a post; None when nobody knows whether it arrived."""

    async def tell(self, post: Post) -> None:
        """Tells the person alone about their post for everyone, where the platform has a way to."""

    async def remove(self, removal: Removal) -> None:
        """Takes a post back."""

    async def grant(self, wish: Invitation | Announce | Reports) -> None:
        """Opens the window that somebody wants, or says in words what it would have shown."""


class Exchange:
    """Answers what is heard on a platform, after the platform was told that it was heard."""

    def __init__(self, platform: str, desk: Desk, clock: Callable[[], datetime]) -> None:
        self._platform, self._desk, self._clock = platform, desk, clock
        self._repeats = Repeats()
        self._turnstile = asyncio.Lock()
        self.work = Work()

    def is_new(self, key: Key) -> bool:
        """Whether this was not heard before; from now on it was."""
        return self._repeats.is_new(key, self._clock())

    def read(self, reader: Callable[P, T | None], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """What was read, or None for what is not as the platform sends it."""
        try:
            return reader(*args, **kwargs)
        except UNREADABLE as error:
            log.warning("%s.event_ignored error=%s", self._platform, type(error).__name__)
            return None

    async def answer(self, heard: Heard, way: Way) -> None:
        """Has the desk decide, and carries out what it says; when that fails, the person gets an apology."""
        await self.attempt(heard, way, self._converse(heard, way))

    async def attempt(self, heard: Heard, way: Way, act: Awaitable[object]) -> None:
        """Does something for a person, who gets an apology when it fails."""
        if not await self.guard("event_failed", heard.facts, act):
            await self.guard("apology_failed", heard.facts, self._apologise(way))

    async def guard(self, event: str, facts: str, act: Awaitable[object]) -> bool:
        """Does something; what goes wrong with it is logged under this name and stops nothing else. False if it did.

        What nobody knows to have failed has not: the person would read an apology under their answer.
        """
        try:
            await act
        except UnconfirmedError as error:
            log.error("%s.post_unconfirmed %s error=%s", self._platform, facts, error)
        except Exception as error:  # the outer door: whatever it is, the next event is answered
            log.error("%s.%s %s error=%s at=%s", self._platform, event, facts, _name(error), origin(error))
            self.failed(error)
            return False
        return True

    def failed(self, error: Exception) -> None:
        """Takes note of what went wrong, on a platform where that says something about the bot itself."""

    async def _converse(self, heard: Heard, way: Way) -> None:
        await self.carry_out(heard, await self.decide(heard.asked), way)

    async def decide(self, asked: Question | Press) -> tuple[Outcome, ...]:
        """What the desk says; in a burst one decision a turn of the loop, so that the next event is heard meanwhile."""
        async with self._turnstile:
            await asyncio.sleep(0)
        now = self._clock()
        return await (self._desk.press(asked, now) if isinstance(asked, Press) else self._desk.ask(asked, now))

    async def carry_out(self, heard: Heard, outcomes: Iterable[Outcome], way: Way) -> None:
        """Does what the desk says."""
        for outcome in outcomes:
            match outcome:
                case Removal():
                    await way.remove(outcome)
                    log.info("%s.removed %s ref=%s", self._platform, heard.facts, outcome.ref)
                    await self.guard("receipt_kept", heard.facts, self._desk.removed(outcome))
                case Post():
                    await self.post(heard, outcome, way)
                case _:
                    await way.grant(outcome)

    async def post(self, heard: Heard, post: Post, way: Way) -> None:
        """Posts, and has the desk keep a receipt of what everyone sees; without one, the post is there all the same.

        What was asked has its line in the log already, which is enough for what the asker alone sees.
        """
        receipt = await way.send(post)
        if receipt is None:
            return
        level = logging.INFO if post.to == "everyone" else logging.DEBUG
        log.log(level, "%s.posted %s to=%s ref=%s", self._platform, heard.facts, post.to, receipt.ref)
        if post.to == "everyone":
            await self.guard("receipt_failed", heard.facts, self._note(post, receipt, way))

    async def _note(self, post: Post, receipt: Receipt, way: Way) -> None:
        for told in await self._desk.posted(post, receipt, self._clock()):
            await way.tell(told)

    async def _apologise(self, way: Way) -> None:
        await way.send(Post(replies.sentence(self._desk.phrases().apology), harmless=True))


def conversation_of(person: Person, place: Place, voice: Voice) -> str:
    """Whose turns belong together: all of a place where one is alone with the bot, else one person's in one thread."""
    parts = (place.id,) if voice == "alone" else (place.id, place.thread, person.id)
    return " ".join((place.platform, place.tenant, *parts))


def _name(error: Exception) -> str:
    """What went wrong, without the words of a person that an error's text may hold."""
    return error.code if isinstance(error, RefusedError) else type(error).__name__
