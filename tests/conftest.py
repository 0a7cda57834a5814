"""What many tests start from: the real content, made ready once, and a fixed noon."""

from datetime import UTC, date, datetime

import pytest

from bot.answering import Knowledge
from bot.content import Content, load
from bot.desk import Desk
from bot.ledger import open_ledger

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def content() -> Content:
    """The shipped content."""
    return load()


@pytest.fixture(scope="session")
def knowledge(content: Content) -> Knowledge:
    """The shipped content, ready to be asked."""
    return Knowledge(content)


@pytest.fixture
async def desk(knowledge: Knowledge):
    """A desk over the shipped content and an empty ledger in memory."""
    async with open_ledger("sqlite:///:memory:") as ledger:
        yield Desk(knowledge, ledger)
