"""A running bot for tests of the Teams edge: the real edge and botbuilder, a scripted desk and a fake Teams."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.messages import Message, Note, Offer, Post
from bot.platforms.teams.edge import TeamsEdge
from bot.platforms.teams.exchange import TYPING_AFTER
from bot.settings import TeamsSettings
from bot.storage.ledger import Ledger, open_ledger
from tests.conftest import NOON
from tests.fakes.connector import PASSWORD, FakeConnector
from tests.fakes.scripted_bot import ScriptedDesk, eventually, says, served
from tests.fakes.teams_deliveries import APP, TENANT

__all__ = ["SETTINGS", "Bot", "TeamsDesk", "Watch", "eventually", "running", "says"]

SETTINGS = TeamsSettings(APP, password=PASSWORD, tenant=TENANT)


@dataclass
class TeamsDesk(ScriptedDesk):
    """The scripted desk, with what only Teams asks of it."""

    searched: list[str] = field(default_factory=list)

    def removable(self, post: Post) -> Message:
        """The message under a remark."""
        return Message((*post.message.elements, Note("Removable.")))

    def welcome(self) -> Message:
        """A greeting."""
        return says("Hello.")

    async def offers(self, text: str, today: date) -> tuple[Offer, ...]:
        """One offer."""
        self.searched.append(text)
        return (Offer("The steps", says("Six steps.")),)


@dataclass
class Watch:
    """Seconds that pass when somebody puts them on."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        """What it shows."""
        return self.seconds


@dataclass
class Bot:
    """The running bot and everything around it."""

    teams: FakeConnector
    desk: Any
    edge: TeamsEdge
    ledger: Ledger
    lines: tuple[str, ...]
    pauses: list[float]
    impatient: asyncio.Event
    """Set by a test in which an answer takes so long that the bot shows that it is typing."""

    async def settle(self) -> None:
        """Waits until everything that was begun is done, and goes on."""
        await self.edge._exchange.work.finish(5)

    async def finish(self) -> None:
        """Lets the bot finish all it has begun, so that nothing more can be said."""
        await self.edge.stop()


@asynccontextmanager
async def running(
    desk: Any = None,
    *,
    teams: FakeConnector | None = None,
    settings: TeamsSettings = SETTINGS,
    early: bool = False,
    **options: Any,
) -> AsyncIterator[Bot]:
    """A bot that listens; its pauses are kept and cut short, and it shows that it is typing once a test says so.

    With `early` it is there before anything has answered it.
    In the place of a desk there may be what makes one of the bot's ledger.
    """
    pauses: list[float] = []
    impatient = asyncio.Event()

    async def pause(seconds: float) -> None:
        if seconds == TYPING_AFTER:
            await impatient.wait()
            return
        pauses.append(seconds)
        await asyncio.sleep(min(seconds, 0.005))

    async with teams or FakeConnector() as teams, open_ledger("sqlite:///:memory:") as ledger:
        desk = desk(ledger) if callable(desk) else desk or TeamsDesk()
        options = {"services": teams.services, "pause": pause, **options}
        edge = TeamsEdge(settings, desk, ledger, lambda: NOON, **options)
        async with served(edge, teams, "/api/messages", early=early) as lines:
            yield Bot(teams, desk, edge, ledger, lines, pauses, impatient)
        assert teams.problems == []
