"""What many tests start from: the real content, made ready once for all workers, and a fixed noon."""

import gc
import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from filelock import FileLock
from threadpoolctl import threadpool_limits

from bot.answering.cache import Cache
from bot.answering.deciding import Knowledge
from bot.answering.encoders import encoder
from bot.content.loading import load
from bot.content.topics import Content
from bot.desk.desk import Desk
from bot.platforms.known import PLATFORMS
from bot.storage import database
from bot.storage.ledger import open_ledger

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
"""Which of the processes that share the tests this is; empty where there is only one."""


@pytest.fixture(scope="session", autouse=True)
def cache_folder(pytestconfig: pytest.Config) -> Iterator[Path]:
    """A cache beside pytest's own, for all workers, the bots that they start and the next run: learning is slow."""
    folder = Path(pytestconfig.cache.mkdir("optout"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPTOUT_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session", autouse=True)
def one_core() -> None:
    """Keeps numpy to one core, as every bot does; the workers share out the others."""
    threadpool_limits(1, "blas")


@pytest.fixture(scope="session", autouse=True)
def migrate() -> Iterator[Callable[[sa.Connection], None]]:
    """Gives what brings a database up to date, for tests of it: 80 ms of migrations, whatever is there.

    Elsewhere a new SQLite database gets at once the tables that the migrations made in the first one.
    """
    migrate, made = database._migrate, list[str]()

    def tables(connection: sa.Connection) -> None:
        sqlite = connection.dialect.name == "sqlite"
        if not sqlite or connection.exec_driver_sql("SELECT name FROM sqlite_master").first():
            migrate(connection)
        elif made:
            for statement in made:
                connection.exec_driver_sql(statement)
        else:
            migrate(connection)
            (version,) = connection.exec_driver_sql("SELECT version_num FROM alembic_version").one()
            there = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
            made.extend((*there.scalars(), f"INSERT INTO alembic_version VALUES ('{version}')"))  # noqa: S608

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_migrate", tables)
        yield migrate


@pytest.fixture(scope="session")
def content() -> Content:
    """The shipped content."""
    return load()


@pytest.fixture(scope="session")
def knowledge(content: Content, cache_folder: Path) -> Knowledge:
    """The shipped content, ready to be asked; each language is learnt by one worker, and the others read it."""
    knowledge = Knowledge(content, encoder("wordllama"), Cache(cache_folder))
    second = WORKER.endswith(("1", "3", "5", "7", "9"))
    for reader in knowledge.readers[::-1] if second else knowledge.readers:
        with FileLock(cache_folder.with_name(f"{reader.code}.lock")):
            assert reader.gap_names
    gc.collect()
    gc.freeze()  # as the bot does: otherwise each collection walks through the content again
    return knowledge


@pytest.fixture
async def desk(knowledge: Knowledge):
    """A desk over the shipped content and an empty ledger in memory."""
    async with open_ledger("sqlite:///:memory:") as ledger:
        yield Desk(knowledge, ledger, platforms=PLATFORMS)
