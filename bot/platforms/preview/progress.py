"""How far an announcement is, as its page shows it, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.announcements import reports
from bot.announcements.copies import Counts, Delivery, KeptAnnouncement
from bot.announcements.platform import Platforms
from bot.platforms.preview.pretending import PLACES, address, key_of

SOON = timedelta(minutes=1)
"""How long before something is due a page begins to look for it."""

SIGNS = {"done": "good", "failed": "bad", "unknown": "doubt", "pending": "wait", "sending": "wait"}
"""How a state is marked, beside its word; others are settled."""


@dataclass(frozen=True)
class Row:
    """A copy: where to, how far, since or from when, how often it was tried, why not, and where it stands."""

    place: str
    home: str
    language: str
    state: str
    sign: str
    when: str
    attempts: int
    reason: str
    link: str


@dataclass(frozen=True)
class Progress:
    """An announcement's copies, counted, and whether that is about to change."""

    zone: str
    totals: str
    rows: tuple[Row, ...]
    settled: int
    running: bool
    is_draft: bool


@dataclass(frozen=True)
class OverviewLine:
    """An announcement in the list of all: its name, when, and how far it is."""

    name: str
    when: str
    told: str


def progress(platforms: Platforms, copies: Sequence[Delivery], zone: str, now: datetime) -> Progress:
    """How far these copies of an announcement are."""
    return Progress(
        zone,
        reports.totals(copies),
        tuple(_row(platforms, copy, zone) for copy in copies),
        sum(copy.state not in ("pending", "sending") for copy in copies),
        any(_runs(copy, now) for copy in copies),
        any(copy.task == "check" for copy in copies),
    )


def lines(made: Sequence[tuple[KeptAnnouncement, Counts]], now: datetime, who: str) -> tuple[OverviewLine, ...]:
    """All announcements by their names, and each draft for itself, the newest first."""
    found: dict[tuple[str, str], tuple[KeptAnnouncement, list[Counts]]] = {}
    for one, counts in made:
        draft_by = one.by if reports.is_draft(counts) else ""
        found.setdefault((one.name, draft_by), (one, []))[1].append(counts)
    return tuple(_line(one, counts, now, who) for one, counts in found.values())


def _line(one: KeptAnnouncement, counts: Sequence[Counts], now: datetime, who: str) -> OverviewLine:
    summed: dict[tuple[str, str], int] = {}
    for each in counts:
        for state, number in each.by_state.items():
            summed[state] = summed.get(state, 0) + number
    return OverviewLine(one.name, reports.when(one, counts[0], now, who), reports.told(Counts(summed)))  # type: ignore[arg-type]


def _row(platforms: Platforms, copy: Delivery, zone: str) -> Row:
    key = key_of(copy.place)
    return Row(
        PLACES[key].name if key else copy.place.id,
        PLACES[key].home if key else copy.lane,
        copy.language,
        reports.state(copy),
        SIGNS.get(copy.state, "quiet"),
        reports.shown(copy.done_at if copy.state not in ("pending", "sending") else copy.not_before, zone),
        copy.attempts,
        reports.reason(platforms, copy),
        address(copy),
    )


def _runs(copy: Delivery, now: datetime) -> bool:
    """Whether something happens with a copy by itself, now or soon."""
    due = copy.not_before is None or copy.not_before <= now + SOON
    return copy.state == "sending" or (copy.state == "pending" and due)
