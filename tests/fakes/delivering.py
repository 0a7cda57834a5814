"""The real ledger, dispatcher and couriers of both platforms, without content: in this process or in one of their own.

`python -m tests.fakes.delivering DATABASE ORIGIN SCALE PATIENCE TICK` delivers until it is stopped or killed.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.announcements.copies import By, Delivery, KeptAnnouncement, Target, new_id
from bot.announcements.deliveries import Deliveries
from bot.announcements.dispatcher import Dispatcher
from bot.announcements.lanes import Lanes
from bot.announcements.pacing import Limits
from bot.messages import Message, Paragraph, Place
from bot.platforms.known import PLATFORMS
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.courier import SlackCourier
from bot.platforms.teams.connector import Connector
from bot.platforms.teams.courier import TeamsCourier
from bot.platforms.teams.hosts import Services
from bot.storage.ledger import open_ledger

TICK = 0.02
PATIENCE = 30.0
"""Seconds that a request may take: enough for a machine that is busy with other things."""


@dataclass(frozen=True)
class Clock:
    """The time of day, which passes `speed` times as fast since a moment: what waits for a time waits for less."""

    began: datetime
    speed: float = 1.0

    def __call__(self) -> datetime:
        """What it shows."""
        return self.began + (datetime.now(UTC) - self.began) * self.speed


def hurried(speed: float) -> Clock:
    """A clock that is right now and fast from then on."""
    return Clock(datetime.now(UTC), speed)


class OpenDoor:
    """Tokens of a service that asks for none."""

    async def get(self) -> str:
        """No token."""
        return ""

    def refused(self, token: str) -> None:
        """Nothing to do."""


def scaled(scale: float) -> dict[str, Limits]:
    """The platforms' limits for seconds that are shorter; without limits where the scale is 0."""
    if not scale:
        return {name: Limits(1e6, 1e6, 1e6) for name in PLATFORMS}
    return {
        name: replace(
            limits,
            posts=limits.posts / scale,
            changes=limits.changes and limits.changes / scale,
            place=limits.place / scale,
        )
        for name, limits in ((name, one.limits) for name, one in PLATFORMS.items())
    }


def say(delivery: Delivery) -> Message:
    """A message with the delivery's id in its text."""
    return Message((Paragraph(f"Copy {delivery.id}, {delivery.task}"),))


@asynccontextmanager
async def dispatching(
    deliveries: Deliveries,
    origin: str,
    scale: float,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    patience: float = PATIENCE,
    tick: float = TICK,
) -> AsyncIterator[Dispatcher]:
    """A dispatcher over the fake platforms at an address, which runs until the block ends."""
    timeout = aiohttp.ClientTimeout(total=patience)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=500), timeout=timeout) as session:
        client = AsyncWebClient("", f"{origin}/slack/api/", session=session, retry_handlers=[])
        calls = Calls(session, f"{origin}/", asyncio.sleep, tries=1)
        connector = Connector(session, Services(loopback=True), OpenDoor(), asyncio.sleep, tries=1)

        async def service_of(place: Place) -> str:
            return f"{origin}/teams/{place.tenant}"

        async def token_for(team: str) -> str:
            return f"xoxb-{team}"

        couriers = {
            "slack": SlackCourier(client, calls, token_for, say, patience),
            "teams": TeamsCourier(connector, "28:bot", service_of, say, patience),
        }
        dispatcher = Dispatcher(Lanes(deliveries.database), couriers, clock, scaled(scale), tick)
        running = asyncio.create_task(dispatcher.run())
        try:
            yield dispatcher
        finally:
            await dispatcher.stop()
            await running


def targets(lanes: int, places: int) -> list[Target]:
    """So many places in each of so many lanes, half of them in Slack and half in Teams."""
    names = [("slack", f"T{lane}") if lane % 2 else ("teams", f"tenant{lane}") for lane in range(lanes)]
    return [
        Target(Place(platform, tenant, f"{'C' if platform == 'slack' else '19:'}{number}"))
        for number in range(places)
        for platform, tenant in names
    ]


def announcement(name: str = "topic/launch", due: datetime | None = None) -> KeptAnnouncement:
    """An announcement that is due."""
    now = datetime.now(UTC)
    return KeptAnnouncement(new_id(), name, "v1", "{}", "slack T1 U1", now, due or now, "UTC")


def told() -> KeptAnnouncement:
    """An announcement whose sender is to be told how it went."""
    return replace(announcement(), report_to=json.dumps(["slack", "T1", "U1"]))


def me() -> By:
    """An announcer, now."""
    return By("slack T1 U1", datetime.now(UTC))


async def main(database: str, origin: str, scale: float, clock: Clock, patience: float, tick: float = TICK) -> None:
    """Delivers until it is told to stop."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with (
        open_ledger(database) as ledger,
        dispatching(Deliveries(ledger.database), origin, scale, clock, patience, tick),
    ):
        await stop.wait()


def deliver(database: str, origin: str, scale: float, clock: Clock, patience: float, tick: float = TICK) -> None:
    """Delivers until this process is told to stop."""
    asyncio.run(main(database, origin, scale, clock, patience, tick))


if __name__ == "__main__":
    deliver(sys.argv[1], sys.argv[2], float(sys.argv[3]), hurried(1.0), *map(float, sys.argv[4:6]))
