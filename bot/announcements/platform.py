"""What announcing has to know of a platform, as values that each platform gives of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.announcements.copies import Addressee, Delivery
from bot.announcements.pacing import Limits
from bot.messages import Place


@dataclass(frozen=True)
class IdShape:
    """How the ids of places of one kind look, as regular expressions for their home and for themselves."""

    kind: Addressee
    tenant: str
    place: str


@dataclass(frozen=True)
class Platform:
    """A platform's facts: its ids, its limits, where a copy can be seen, and what its refusals mean."""

    title: str
    """What people call it."""
    written: str
    """How a place of it is written, with an example."""
    ids: tuple[IdShape, ...]
    """The first shape that fits tells what an id is of."""
    limits: Limits
    reasons: Mapping[str, str]
    """What its words for a refusal mean, and what to do about it."""
    link: Callable[[Delivery], str]
    """The address at which a copy that arrived can be seen; empty where there is none."""
    notifies: bool = False
    """Whether everybody in a channel can be notified."""
    conversation: Callable[[Place], str] = lambda place: place.id
    """Where a message in this place is edited."""


Platforms = Mapping[str, Platform]
"""Every platform that copies can go to, by the name that places of it carry."""
