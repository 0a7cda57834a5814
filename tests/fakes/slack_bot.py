"""A running bot for tests of the Slack edge: the real edge and the real Bolt, a scripted desk and a fake Slack."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bot.platforms.slack.edge import SlackEdge
from bot.settings import SlackSettings
from tests.conftest import NOON
from tests.fakes.scripted_bot import ScriptedDesk, served
from tests.fakes.slack import FakeSlack


@dataclass
class Bot:
    """The running bot and everything around it."""

    slack: FakeSlack
    desk: ScriptedDesk
    edge: SlackEdge
    lines: tuple[str, ...]
    pauses: list[float]

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
    socket_mode: bool = False,
    slack: FakeSlack | None = None,
    early: bool = False,
    **options: Any,
) -> AsyncIterator[Bot]:
    """A bot that listens over HTTP or Socket Mode; its pauses are kept and cut short.

    With `early` it is there before anything has answered it.
    """
    desk = desk or ScriptedDesk()
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(min(seconds, 0.005))

    async with slack or FakeSlack() as slack:
        mode = {"app_token": slack.app_token} if socket_mode else {"signing_secret": slack.secret}
        settings = SlackSettings(slack.token, api_url=slack.api_url, **mode)
        edge = SlackEdge(settings, desk, lambda: NOON, pause=pause, **options)
        async with served(edge, slack, "/slack/events", early=early) as lines:
            yield Bot(slack, desk, edge, lines, pauses)
