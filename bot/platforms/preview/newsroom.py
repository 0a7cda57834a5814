"""The announcements of one session: a ledger in memory, and the real dispatcher over pretend couriers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime

from bot.announcements import notices, reports
from bot.announcements.announcers import Announcers
from bot.announcements.copies import Counts, Delivery, KeptAnnouncement
from bot.announcements.dispatcher import Dispatcher
from bot.announcements.lanes import Lanes
from bot.announcements.pacing import Limits
from bot.announcements.platform import Platforms
from bot.content.models import Announcement, AudiencePlace
from bot.content.topics import Content, Ref
from bot.errors import AnnouncingError
from bot.messages import Message
from bot.platforms.preview.drawings import Drawing
from bot.platforms.preview.pretending import PLACES, PretendCourier
from bot.platforms.preview.sessions import Session
from bot.storage.database import IN_MEMORY
from bot.storage.ledger import Ledger, open_ledger

MOST_WRITTEN, MOST_MADE, MOST_COPIES = 30, 60, 200
"""Announcements that may be written and be made in a session, and copies of one."""


@dataclass(frozen=True)
class Speed:
    """How fast pretend copies are brought: seconds between two looks for what is due, and the platforms' limits."""

    tick: float
    limits: Mapping[str, Limits]


UNHURRIED = Speed(0.5, {name: Limits(4, 4, 4) for name in ("slack", "teams")})
"""Fast enough not to wait for, and slow enough to be watched."""


class Newsroom:
    """Where a session's announcements are written, sent and followed; `said` is what to tell on the next page."""

    def __init__(self, content: Content, ledger: Ledger, platforms: Platforms) -> None:
        """`opened` is what was opened for it."""
        self.announcers = Announcers(content, ledger, platforms)
        self.said = ""
        self.opened = AsyncExitStack()
        self._ledger = ledger

    @property
    def content(self) -> Content:
        """The content with what was written here."""
        return self.announcers.content

    def keep(self, ref: Ref, announcement: Announcement) -> None:
        """Adds an announcement to the content of the session, or puts it in the place of the one of that name.

        Raises AnnouncingError where there are too many.
        """
        if ref not in self.content.announcements and len(self.content.announcements) >= MOST_WRITTEN:
            raise AnnouncingError([f"The preview keeps {MOST_WRITTEN} announcements. Change one of them instead."])
        content = replace(self.content, announcements={**self.content.announcements, ref: announcement})
        self.announcers = Announcers(content, self._ledger, self.announcers.platforms)

    def say(self, delivery: Delivery) -> Message:
        """What a copy says."""
        return notices.copy(self.content, delivery)

    async def check_room(self) -> None:
        """Raises AnnouncingError where no more can be announced here."""
        if len(await self.announcers.announcements()) >= MOST_MADE:
            raise AnnouncingError(
                [f"The preview keeps {MOST_MADE} announcements. “Start over”, beside the conversation, makes room."]
            )

    async def close(self) -> None:
        """Stops bringing copies, and forgets everything."""
        await self.opened.aclose()


def pretended(content: Content) -> Content:
    """The content with the pretend places as audiences, each with its language."""
    places = {key: (AudiencePlace(place=one.text, language=one.language),) for key, one in PLACES.items()}
    return replace(content, audiences=places)


def next_due(made: Sequence[tuple[KeptAnnouncement, Counts]], now: datetime) -> datetime | None:
    """When the next scheduled announcement of these is due."""
    return min((one.due_at for one, counts in made if one.due_at > now and reports.is_waiting(counts)), default=None)


async def open_newsroom(
    content: Content,
    platforms: Platforms,
    session: Session,
    draw: Callable[[Message], tuple[Drawing, ...]],
    clock: Callable[[], datetime],
    speed: Speed,
) -> Newsroom:
    """A newsroom in which copies are brought, by the session's clock, until it is closed."""
    async with AsyncExitStack() as opening:
        ledger = await opening.enter_async_context(open_ledger(IN_MEMORY))
        newsroom = Newsroom(content, ledger, platforms)
        couriers = {name: PretendCourier(session, newsroom.say, draw, clock) for name in speed.limits}
        dispatcher = Dispatcher(Lanes(ledger.database), couriers, clock, speed.limits, speed.tick)
        running = asyncio.create_task(dispatcher.run())

        async def stop() -> None:
            await dispatcher.stop()
            await running

        opening.push_async_callback(stop)
        newsroom.opened = opening.pop_all()
    return newsroom
