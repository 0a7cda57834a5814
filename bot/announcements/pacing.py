"""How fast a platform may be asked: pure functions over frozen values, with the time in seconds as an argument."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

GENTLER, KEENER = 0.5, 0.02
"""What the rate is multiplied by when a platform says that it is asked too often, and the share of the highest rate by
which it grows with each success: additive increase, multiplicative decrease."""

SLOWEST = 1 / 60
"""Requests a second below which the rate never falls."""


@dataclass(frozen=True)
class Limits:
    """How often a platform may be asked: posts and changes a second in a lane, and posts a second in one place.

    Where there is no rate for changes they count as posts.
    """

    posts: float
    changes: float | None
    place: float
    person: int = 1
    """Requests that a post to one person takes."""


MARGIN = 0.97
"""Share of a limit that is used, so that requests that overtake each other on their way stay within it."""

MADE_UP = 0.015
"""Seconds of being late that are made up for: with MARGIN still within every second's limit, half of it to spare."""


@dataclass(frozen=True)
class Pace:
    """A rate that adapts: `rate` requests a second now and `most` at best, the next one not before `free_at`."""

    most: float
    rate: float
    free_at: float = 0.0


def pace(limit: float) -> Pace:
    """The pace that begins at a limit."""
    return Pace(limit * MARGIN, limit * MARGIN)


def taken(pace: Pace, now: float) -> Pace:
    """The pace once a request is made now, when it is free or after."""
    return replace(pace, free_at=max(now - MADE_UP, pace.free_at) + 1 / pace.rate)


def slowed(pace: Pace, now: float, seconds: float) -> Pace:
    """The pace after a platform said that it was asked too often, and for how long it wants to be left alone."""
    return replace(pace, rate=max(pace.rate * GENTLER, SLOWEST), free_at=max(pace.free_at, now + seconds))


def quickened(pace: Pace) -> Pace:
    """The pace after a success."""
    return replace(pace, rate=min(pace.most, pace.rate + pace.most * KEENER))


LONGEST_BACKOFF = 60.0
"""Seconds that a failed try waits for the next one at most, unless the platform asks for more."""


def backoff(attempt: int) -> float:
    """Seconds to wait after a failed attempt: twice as long each time, and not the same for all who failed at once."""
    return min(LONGEST_BACKOFF, 0.5 * 2.0 ** min(attempt, 10)) * random.uniform(0.5, 1.0)  # noqa: S311
