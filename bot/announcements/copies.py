"""What is known of an announcement that was sent and of its copies, as plain values; `deliveries` keeps them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.messages import Person, Place

State = Literal["pending", "sending", "done", "failed", "unknown", "left", "cancelled"]
"""How far a copy is with its task; `unknown`: it may have arrived; `left`: and somebody said that it may stay so."""

Task = Literal["check", "expand", "post", "edit", "delete"]
"""What is to be done with a copy: to find out whether it could be posted, which a draft is for; to put one for each
member in its place; to post it, to put its corrected text in its place, or to take it back."""

SENDING: tuple[Task, ...] = ("expand", "post")
"""The tasks of a copy that is to be sent."""

Addressee = Literal["channel", "person", "members"]
"""Who gets a copy: everyone in a place, one person, or each member of a channel or group for themselves."""


RECALLED = ""
"""The words of an announcement that was recalled."""


CORRECTED = "corrected"
"""Why a copy needs a look that may have arrived: with words that were corrected meanwhile, if it did."""


@dataclass(frozen=True)
class KeptAnnouncement:
    """An announcement as it was sent: the words of then, who sent it, and when it was due."""

    id: str
    name: str
    version: str
    words: str
    by: str
    made_at: datetime
    due_at: datetime
    zone: str
    report_to: str = ""
    """The person who is told once everything is done, as a JSON list of platform, tenant and id; empty for nobody."""


@dataclass(frozen=True)
class By:
    """Who asks for something, as the audit and their drafts name them, and when."""

    who: str
    at: datetime


def who(person: Person) -> str:
    """A person of a platform as the audit and their drafts name them."""
    return f"{person.platform} {person.tenant} {person.id}"


@dataclass(frozen=True)
class AuditLine:
    """Something that somebody did with an announcement."""

    at: datetime
    by: str
    act: str
    subject: str
    detail: str


@dataclass(frozen=True)
class Target:
    """A place that is to get a copy, and its language."""

    place: Place
    kind: Addressee = "channel"
    language: str = "en"
    ref: str = ""
    """What the platform calls the message, where one is there already."""


@dataclass(frozen=True)
class Delivery:
    """A copy of an announcement on its way to a place, or there."""

    id: str
    announcement: str
    name: str
    lane: str
    place: Place
    kind: Addressee
    language: str
    task: Task
    state: State
    epoch: int
    attempts: int
    ref: str
    error: str
    not_before: datetime | None = None
    claimed_at: datetime | None = None
    done_at: datetime | None = None
    claim: str = ""
    """The claim with which it was last taken in hand."""
    words: str = ""
    """What the announcement says, for a copy that is on its way."""

    @property
    def appears(self) -> bool:
        """Whether something appears on the platform, which must not happen twice."""
        return self.task == "post"

    @property
    def waiting(self) -> bool:
        """Whether it is still to be sent when it is due."""
        return self.task in SENDING and self.state == "pending"

    @property
    def there(self) -> bool:
        """Whether the platform has it: it arrived, and was not taken back."""
        return bool(self.ref) and (self.task, self.state) != ("delete", "done")


@dataclass(frozen=True)
class Fate:
    """What became of a delivery that was claimed: its next state, and what belongs to it."""

    delivery: Delivery
    state: State
    at: datetime
    ref: str = ""
    error: str = ""
    not_before: datetime | None = None
    members: tuple[Place, ...] = ()
    """The people to whom a copy for all members of a place goes instead."""


@dataclass(frozen=True)
class Counts:
    """How many copies of an announcement are in each state of each task."""

    by_state: Mapping[tuple[Task, State], int] = field(default_factory=dict)

    def of(self, *states: State, task: Task | None = None) -> int:
        """How many are in these states (none: in any), of this task or of all."""
        return sum(
            number
            for (each, state), number in self.by_state.items()
            if (not states or state in states) and task in (None, each)
        )


def new_id() -> str:
    """An id for an announcement, a delivery or a claim."""
    return uuid.uuid4().hex


def lane_of(place: Place) -> str:
    """The lane of a place: everything in one workspace or tenant shares its limits."""
    return f"{place.platform}:{place.tenant}"
