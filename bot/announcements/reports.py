"""How far announcements are, in words: copy by copy, counted, and as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.announcements.copies import SENDING, Counts, Delivery, KeptAnnouncement
from bot.announcements.platform import Platforms

DONE = {"check": "ready", "expand": "sent", "post": "sent", "edit": "corrected", "delete": "recalled"}
FAILED = {
    "check": "not ready",
    "expand": "failed",
    "post": "failed",
    "edit": "not corrected",
    "delete": "not recalled",
}
STATES = {
    "pending": "waiting",
    "sending": "on its way",
    "unknown": "may have arrived",
    "left": "may have arrived, left",
    "cancelled": "cancelled",
}

REASONS = {
    "corrected": "if it arrived, it says what was corrected since",
    "no_members": "nobody is in this group",
    "status_403": "the platform refused it without a word: see whether the app is still installed there",
    "status_404": "the platform finds nothing there: see whether the place still exists",
    "TimeoutError": "the answer did not come in time: look whether the copy is there",
    "topic_gone": "the topic is not among the content any more",
}
"""Why a copy is not where it should be, whatever platform it was for; each platform knows its own words besides."""


def shown(when: datetime | None, zone: str) -> str:
    """A moment as people in a zone write it."""
    return when.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") if when else ""


def state(copy: Delivery) -> str:
    """How far a copy is, in words."""
    return in_words(copy.task, copy.state)


def in_words(task: str, state: str) -> str:
    """A state of a task in words."""
    if state in ("done", "failed"):
        return (DONE if state == "done" else FAILED)[task]
    if task == "check":
        return "being checked"
    return STATES[state] if task in SENDING else f"{STATES[state]} to be {DONE[task]}"


def link(platforms: Platforms, copy: Delivery) -> str:
    """The address at which a copy can be seen; empty for one that did not arrive."""
    platform = platforms.get(copy.place.platform)
    return platform.link(copy) if platform and copy.there else ""


def reason(platforms: Platforms, copy: Delivery) -> str:
    """Why a copy is not where it should be, in words where they are known."""
    settled = copy.state == "cancelled" or (copy.state == "done" and copy.task != "check")
    if settled or not copy.error:
        return ""
    platform = platforms.get(copy.place.platform)
    own = platform.reasons if platform else {}
    return own.get(copy.error) or REASONS.get(copy.error, copy.error)


def places(number: int) -> str:
    """A number of places."""
    return f"{number} place" if number == 1 else f"{number} places"


COLUMNS = ("place", "language", "state", "time (UTC)", "attempts", "reason", "link")


Seen = Callable[[Platforms, Delivery], str]
"""What gives the address at which a copy can be seen."""


def rows(platforms: Platforms, copies: Iterable[Delivery], seen: Seen = link) -> Iterator[tuple[str, ...]]:
    """A row for each copy, as COLUMNS names them."""
    for copy in copies:
        where = f"{copy.lane}/{copy.place.id}"
        time = shown(copy.done_at or copy.not_before, "UTC")
        yield (
            where,
            copy.language,
            state(copy),
            time,
            str(copy.attempts),
            reason(platforms, copy),
            seen(platforms, copy),
        )


def totals(copies: Sequence[Delivery]) -> str:
    """How many copies are how far, which adds up to all of them."""
    counted = Counter((copy.task, copy.state) for copy in copies)
    return told(Counts(counted)) if copies else "No places."


def told(counts: Counts) -> str:
    """How many copies are how far."""
    by_word: Counter[str] = Counter()
    for (task, state), number in counts.by_state.items():
        by_word[in_words(task, state)] += number
    return f"{places(counts.of())}: {', '.join(f'{number} {word}' for word, number in by_word.items())}"


def table(platforms: Platforms, copies: Sequence[Delivery]) -> str:
    """The copies as lines for people, under the totals."""
    lines = [totals(copies)]
    for where, language, state_, time, attempts, why, url in rows(platforms, copies):
        tried = "" if attempts in ("0", "1") else f", {attempts} attempts"
        lines.append("  ".join(part for part in (f"{state_}{tried}", time, where, language, why, url) if part))
    return "\n".join(lines)


def as_csv(platforms: Platforms, copies: Iterable[Delivery], seen: Seen = link) -> str:
    """The copies as a table for spreadsheets, in which no cell is taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(
        tuple(f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell for cell in row)
        for row in rows(platforms, copies, seen)
    )
    return text.getvalue()


def is_draft(counts: Counts) -> bool:
    """Whether an announcement waits for somebody to send it."""
    return counts.of(task="check") > 0


def is_waiting(counts: Counts) -> bool:
    """Whether copies are still to be sent when they are due."""
    return any(counts.of("pending", task=task) for task in SENDING)


def is_later(draft: KeptAnnouncement) -> bool:
    """Whether a draft is to be sent at a time of its own, and not as soon as somebody sends it."""
    return draft.due_at > draft.made_at


def when(announcement: KeptAnnouncement, counts: Counts, now: datetime, who: str) -> str:
    """When an announcement was or is due, and whether it is a draft, as `who` is told: theirs or somebody else's."""
    since = "due" if announcement.due_at > now else "since"
    if is_draft(counts):
        since = "your draft of" if announcement.by == who else f"draft by {announcement.by} of"
    return f"{since} {shown(announcement.due_at, announcement.zone)} ({announcement.zone})"


def overview(announcement: KeptAnnouncement, counts: Counts, now: datetime, who: str) -> str:
    """An announcement in one line, as `who` is told: its name, when it was or is due, and how far it is."""
    return f"{announcement.name}  {when(announcement, counts, now, who)}  {told(counts)}"


def others_draft(draft: KeptAnnouncement, counts: Counts, whose: str) -> str:
    """That somebody else has a draft of the same announcement."""
    due = f", for {shown(draft.due_at, draft.zone)} ({draft.zone})" if is_later(draft) else ""
    return f"There is also a draft by {whose}: {places(counts.of())}{due}. Only they can send it."
