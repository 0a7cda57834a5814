"""A running bot for tests of the Slack edge: the real edge and the real Bolt, a scripted desk and a fake Slack."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.messages import Message, Note, Outcome, Paragraph, Post, Press, Question, Receipt
from bot.settings import SlackSettings
from bot.slack import SlackEdge
from tests.conftest import NOON
from tests.fake_slack import FakeSlack


def says(text: str) -> Message:
    """A message of one paragraph."""
    return Message((Paragraph(text),))


@dataclass
class ScriptedDesk:
    """A desk that keeps what it is asked, and answers by a script: a text or an action and what follows it."""

    script: dict[str, tuple[Outcome, ...] | Exception] = field(default_factory=dict)
    told: tuple[Post, ...] = ()
    asked: list[Question] = field(default_factory=list)
    pressed: list[Press] = field(default_factory=list)
    recorded: list[tuple[Post, Receipt]] = field(default_factory=list)
    times: set[datetime] = field(default_factory=set)

    async def ask(self, question: Question, now: datetime) -> tuple[Outcome, ...]:
        """What the script says, or an answer that repeats the question."""
        self.asked.append(question)
        self.times.add(now)
        to = "everyone" if question.voice == "aloud" else "asker"
        return self._outcomes(question.text, (Post(says(f"Answer to: {question.text}"), to),))

    async def press(self, press: Press, now: datetime) -> tuple[Outcome, ...]:
        """What the script says, or an answer that names the action."""
        self.pressed.append(press)
        self.times.add(now)
        return self._outcomes(press.action, (Post(says(f"Pressed: {press.action}")),))

    async def posted(self, cause: Question | Press, post: Post, receipt: Receipt, now: datetime) -> tuple[Post, ...]:
        """Keeps the post and tells the person what the script says."""
        self.recorded.append((post, receipt))
        return self.told

    def prompts(self) -> tuple[str, ...]:
        """Two questions."""
        return ("How do I opt out?", "Are my messages used?")

    def apology(self) -> Message:
        """An apology."""
        return says("Sorry, that failed.")

    def unconfirmed(self, message: Message) -> Message:
        """The message under a remark."""
        return Message((Note("Slack did not say whether this arrived."), *message.elements))

    def _outcomes(self, key: str, otherwise: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
        found = self.script.get(key, otherwise)
        if isinstance(found, Exception):
            raise found
        return found


@dataclass
class Bot:
    """The running bot and everything around it."""

    slack: FakeSlack
    desk: ScriptedDesk
    edge: SlackEdge
    lines: tuple[str, ...]
    pauses: list[float]

    async def finish(self) -> None:
        """Lets the bot finish all it has begun, so that nothing more can be said."""
        await self.edge.stop()


async def eventually(condition: Callable[[], Any], seconds: float = 5.0) -> None:
    """Waits for something that the fake Slack does not see."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.002)


@asynccontextmanager
async def running(
    desk: Any = None, *, socket_mode: bool = False, slack: FakeSlack | None = None, **options: Any
) -> AsyncIterator[Bot]:
    """A bot that listens over HTTP or Socket Mode; its pauses are kept and cut short."""
    desk = desk or ScriptedDesk()
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(min(seconds, 0.005))

    async with slack or FakeSlack() as slack:
        mode = {"app_token": slack.app_token} if socket_mode else {"signing_secret": slack.secret}
        settings = SlackSettings(slack.token, api_url=slack.api_url, **mode)
        edge = SlackEdge(settings, desk, lambda: NOON, pause=pause, **options)
        app = web.Application()
        edge.add_routes(app)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        slack.bot_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
        try:
            yield Bot(slack, desk, edge, await edge.start(), pauses)
        finally:
            slack.released.set()
            await edge.stop()
            await runner.cleanup()
