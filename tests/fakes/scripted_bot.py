"""What the running bots of both edges have in common: a desk that follows a script, and a server of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from bot.app import Edge
from bot.messages import Message, Outcome, Paragraph, Post, Press, Question, Receipt, Removal
from bot.platforms import server
from tests.fakes.service import FakeService


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
    gone: list[Removal] = field(default_factory=list)
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

    async def posted(self, post: Post, receipt: Receipt, now: datetime) -> tuple[Post, ...]:
        """Keeps the post and tells the person what the script says."""
        self.recorded.append((post, receipt))
        return self.told

    async def removed(self, removal: Removal) -> None:
        """Keeps what was removed."""
        self.gone.append(removal)

    def prompts(self) -> tuple[str, ...]:
        """Two questions."""
        return ("How do I opt out?", "Are my messages used?")

    def phrases(self, language: str = "") -> Any:
        """Words by which a test knows what was said."""
        return SimpleNamespace(
            apology="Sorry, that failed.",
            unconfirmed="Slack did not say whether this arrived.",
            tell_privately="Write to me alone.",
            unanswered="Do you see it?",
            cited="From [the] article",  # with something in it that Markdown would act on
            received="Received.",
        )

    def _outcomes(self, key: str, otherwise: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
        found = self.script.get(key, otherwise)
        if isinstance(found, Exception):
            raise found
        return found


@asynccontextmanager
async def served(edge: Edge, service: FakeService, path: str, *, early: bool = False) -> AsyncIterator[tuple[str, ...]]:
    """Starts an edge, tells its service where it listens, and gives what the operator is told.

    With `early` nobody waits for that: the service has not been asked anything yet.
    """
    app = server.application()
    edge.add_routes(app)
    runner = server.runner(app)
    service.bot_url = f"http://127.0.0.1:{await server.listen(runner, '127.0.0.1', 0)}{path}"
    edge.start()
    try:
        yield () if early else await edge.lines()
    finally:
        service.released.set()
        await edge.stop()
        await runner.cleanup()


async def eventually(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    """Waits for something that no fake service sees."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.002)
