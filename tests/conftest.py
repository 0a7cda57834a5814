"""What many tests start from: the real content, made ready once, and a fixed noon."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.answering import Knowledge
from bot.cache import Cache
from bot.content import Content, load
from bot.desk import Desk
from bot.encoders import encoder
from bot.ledger import open_ledger

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of this run's own, for the bots that it starts too."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPTOUT_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def content() -> Content:
    """The shipped content."""
    return load()


@pytest.fixture(scope="session")
def knowledge(content: Content, cache_folder: Path) -> Knowledge:
    """The shipped content, ready to be asked."""
    return Knowledge(content, encoder("wordllama"), Cache(cache_folder))


@pytest.fixture
async def desk(knowledge: Knowledge):
    """A desk over the shipped content and an empty ledger in memory."""
    async with open_ledger("sqlite:///:memory:") as ledger:
        yield Desk(knowledge, ledger)
