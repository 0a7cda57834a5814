"""What a conversation remembers is bounded by number and by time, whoever asks and however many they are."""

import asyncio
import gc

import pytest

from bot.answering.deciding import Knowledge
from bot.desk import desk as desks
from bot.desk.desk import REMEMBERED, Desk
from bot.messages import Person, Place, Question, Turn
from bot.storage.ledger import open_ledger
from tests.conftest import NOON


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose clock the test moves."""

    ahead = 0.0

    def time(self) -> float:
        """The time of before, moved ahead."""
        return super().time() + self.ahead


def asked_by(number: int) -> Question:
    person, place = Person("slack", "T1", f"U{number}"), Place("slack", "T1", f"D{number}")
    return Question("how do I opt out", person, place, place.id)


def held(kind: type) -> int:
    gc.collect()
    return sum(type(one) is kind and not (kind is asyncio.TimerHandle and one.cancelled()) for one in gc.get_objects())


def test_turns_are_bounded_by_number_and_let_go_when_their_time_is_over(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
):
    """However many people ask, the last turns alone are held, by one timer, and nothing half an hour later."""
    monkeypatch.setattr(desks, "CONVERSATIONS", 20)
    loop = Loop()

    async def ask_and_wait() -> tuple[int, int, int, int]:
        async with open_ledger("sqlite:///:memory:") as ledger:
            desk, turns, timers = Desk(knowledge, ledger), held(Turn), held(asyncio.TimerHandle)
            for number in range(60):
                await desk.ask(asked_by(number), NOON)
            busy = held(Turn) - turns, held(asyncio.TimerHandle) - timers
            loop.ahead += REMEMBERED.total_seconds() / 2
            await desk.ask(asked_by(60), NOON + REMEMBERED / 2)
            loop.ahead += REMEMBERED.total_seconds() / 2 + 1
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            later = held(Turn) - turns
            loop.ahead += REMEMBERED.total_seconds()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            return *busy, later, held(Turn) - turns

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        assert runner.run(ask_and_wait()) == (20, 1, 1, 0)
