"""What announcers do with an announcement: one table of the acts, for every place where they are offered or typed.

Their words are those of `acts` in a language's phrases, by the same ids.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bot.announcements import reports
from bot.announcements.copies import By, Delivery, KeptAnnouncement, Target
from bot.content.phrases import ActWords, Counted, Phrases, fill
from bot.messages import Person, Place

if TYPE_CHECKING:
    from bot.announcements.announcers import Announcers  # a database is slow to import


@dataclass(frozen=True)
class Acting:
    """Who does something with which announcement, when, and with what besides."""

    announcers: Announcers
    name: str
    by: By
    at: str | None = None
    """When to send it, in `zone`; empty for now, None for the time that the draft has."""
    zone: str = "UTC"
    report_to: Person | None = None
    """Who is told once it is done."""
    me: Place | None = None
    """Where a copy reaches whoever asks, and nobody else."""
    other: str = ""
    """The announcement whose words to put in the place of its own; empty for its own as they are today."""


@dataclass(frozen=True)
class Result:
    """How many copies or places an act concerned, how many were left out, and when it is sent if not now."""

    found: int
    left: int = 0
    at: str = ""
    zone: str = ""
    is_told: bool = False


@dataclass(frozen=True)
class Seen:
    """What somebody has before them: their own draft, the copies, and whether the announcement still has a file."""

    draft: KeptAnnouncement | None
    copies: Sequence[Delivery]
    has_file: bool

    @property
    def is_later(self) -> bool:
        """Whether the draft has a time of its own."""
        return self.draft is not None and reports.is_later(self.draft)

    @property
    def sent(self) -> Sequence[Delivery]:
        """The copies that were sent or are to be, without the places of drafts."""
        return [copy for copy in self.copies if copy.task != "check"]

    def has(self, state: str) -> bool:
        """Whether a copy that was sent or is to be is in this state."""
        return any(copy.state == state for copy in self.sent)


@dataclass(frozen=True)
class Act:
    """Whether an act fits what somebody sees, what it does, and what its button looks like."""

    fits: Callable[[Seen], bool]
    run: Callable[[Acting], Awaitable[Result]]
    style: Literal["", "primary", "danger"] = ""


@dataclass(frozen=True)
class Done:
    """What came of an act, and the sentence that tells it."""

    result: Result
    said: str


async def _send(acting: Acting) -> Result:
    announcers, at, zone = acting.announcers, acting.at, acting.zone
    if at is None:
        draft = await announcers.draft(acting.name, acting.by.who)
        if not draft:
            return Result(0)
        zone = draft.zone
        at = reports.shown(draft.due_at, zone) if reports.is_later(draft) else ""
    found, left = await announcers.send(acting.name, at, zone, acting.by, acting.report_to)
    return Result(found, left, at, zone, acting.report_to is not None)


async def _trial(acting: Acting) -> Result:
    """Sends one copy to whoever asks, in the language of the draft's first place."""
    if not acting.me:
        return Result(0)
    copies = await acting.announcers.copies(acting.name, acting.by.who)
    language = next((copy.language for copy in copies if copy.task == "check"), "en")
    target = Target(acting.me, "person", language)
    return Result(int(await acting.announcers.try_draft(acting.name, target, acting.by)))


async def _check(acting: Acting) -> Result:
    return Result(await acting.announcers.check_again(acting.name, acting.by))


async def _discard(acting: Acting) -> Result:
    return Result(await acting.announcers.discard(acting.name, acting.by))


async def _cancel(acting: Acting) -> Result:
    return Result(await acting.announcers.cancel(acting.name, acting.by))


async def _retry(acting: Acting) -> Result:
    return Result(await acting.announcers.send_again(acting.name, acting.by))


async def _resend(acting: Acting) -> Result:
    return Result(await acting.announcers.send_again(acting.name, acting.by, unknown=True))


async def _leave(acting: Acting) -> Result:
    return Result(await acting.announcers.leave(acting.name, acting.by))


async def _correct(acting: Acting) -> Result:
    return Result(await acting.announcers.correct(acting.name, acting.other, acting.by))


async def _recall(acting: Acting) -> Result:
    return Result(await acting.announcers.recall(acting.name, acting.by))


async def _duplicate(acting: Acting) -> Result:
    return Result(await acting.announcers.duplicate(acting.name, acting.by))


def _drafted(seen: Seen) -> bool:
    return seen.draft is not None


def _there(seen: Seen) -> bool:
    return any(copy.there for copy in seen.copies)


ACTS: Mapping[str, Act] = {
    "send": Act(lambda seen: _drafted(seen) and not seen.is_later, _send, "primary"),
    "schedule": Act(lambda seen: seen.is_later, _send, "primary"),
    "trial": Act(_drafted, _trial),
    "check": Act(_drafted, _check),
    "discard": Act(_drafted, _discard, "danger"),
    "cancel": Act(lambda seen: any(copy.waiting for copy in seen.copies), _cancel, "danger"),
    "retry": Act(lambda seen: seen.has("failed"), _retry),
    "resend": Act(lambda seen: seen.has("unknown"), _resend),
    "leave": Act(lambda seen: seen.has("unknown"), _leave),
    "correct": Act(lambda seen: _there(seen) and seen.has_file, _correct),
    "recall": Act(_there, _recall, "danger"),
    "duplicate": Act(lambda seen: bool(seen.sent) and seen.has_file and not _drafted(seen), _duplicate),
}
"""Each act by its id, in the order in which they are offered."""


def fitting(seen: Seen) -> tuple[str, ...]:
    """The acts that help with an announcement as it is now."""
    return tuple(name for name, act in ACTS.items() if act.fits(seen))


async def carry_out(act: str, acting: Acting) -> Done:
    """Does something with an announcement, and says what came of it; raises AnnouncingError."""
    result = await ACTS[act].run(acting)
    return Done(result, said(acting.announcers.content.phrases, act, result))


def words(phrases: Phrases, act: str) -> ActWords:
    """What an act is called, and what is said of it."""
    found: ActWords = getattr(phrases.acts, act)
    return found


def said(phrases: Phrases, act: str, result: Result) -> str:
    """What is said when an act is done, or had nothing to do."""
    if act in ("send", "schedule"):
        act = "schedule" if result.at else "send"  # what became of it, whichever was asked for
    told = words(phrases, act)
    if not result.found:
        return phrases.all_have_it if result.left else told.none
    slots = {"number": str(result.found), "at": result.at, "zone": result.zone}
    sentences = (
        fill(told.done.of(result.found), **slots),
        phrases.message_follows if result.is_told else "",
        left_out(phrases, result.left),
    )
    return " ".join(sentence for sentence in sentences if sentence)


def left_out(phrases: Phrases, number: int) -> str:
    """That places are left out of what is sent or drafted; empty for none."""
    return counted(phrases.left_out, number) if number else ""


def counted(sentence: Counted, number: int) -> str:
    """A sentence about a number of copies or places."""
    return fill(sentence.of(number), number=str(number))
