"""SQLite or PostgreSQL, opened and brought up to date: one writer at a time, one leader, a word for one out of use.

What only some databases need is imported for them: each dialect, and Alembic, which takes longer than all the rest.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool

from bot.errors import SettingsError, UnavailableError
from bot.storage.tables import lanes, metadata, revisions

IN_MEMORY = "sqlite:///:memory:"
"""The address of a database that is gone when the ledger closes."""


class Database:
    """A database and the one door to it; `upsert` inserts what may be there already. All raise UnavailableError."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine, self._turn, self.leader = engine, asyncio.Lock(), Leader(engine)
        self.upsert = import_module(f"sqlalchemy.dialects.{engine.dialect.name}").insert

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, after those before it: SQLite knows one writer, whom the others would be looking out for."""
        async with self._turn:
            with _available():
                async with self.engine.begin() as connection:
                    yield connection

    async def alone(self, connection: AsyncConnection) -> None:
        """Waits for its turn among all processes to decide who gets copies; it lasts as long as the transaction.

        Asked for before anything else is written, or two could wait for one another.
        """
        if self.engine.dialect.name == "postgresql":
            await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(DECIDING)))
        else:  # the first statement that might write makes all other writers wait: https://sqlite.org/lang_transaction.html
            await connection.execute(sa.update(lanes).where(sa.false()).values(epoch=lanes.c.epoch))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection to read with."""
        with _available():
            async with self.engine.connect() as connection:
                yield connection

    async def answers(self) -> bool:
        """Whether it can be read at the moment."""
        try:
            async with self.reading() as connection:
                await connection.execute(sa.select(1))
        except (UnavailableError, sa.exc.SQLAlchemyError):
            return False
        return True

    async def let_go_of_deleted(self) -> None:
        """Empties the file beside an SQLite database, or deleted rows would stay in it for a while."""
        if self.engine.dialect.name == "sqlite":
            async with self.reading() as connection:
                await connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[Database]:
    """The database at an address, its tables made or brought up to date, until the block ends.

    Raises SettingsError where the address cannot be opened.
    """
    try:
        _try_file(url)
        engine = _engine(url)
    except (sa.exc.SQLAlchemyError, sqlite3.Error, ImportError, TypeError, ValueError) as error:
        raise _unusable(error) from error
    try:
        try:
            async with engine.begin() as connection:
                await connection.run_sync(_migrate)
        except (sa.exc.SQLAlchemyError, OSError) as error:
            raise _unusable(error) from error
        yield Database(engine)
    finally:
        await engine.dispose()


EXPECTED = (
    "Expected the path of an SQLite file in a folder that exists, such as sqlite:///optout.db, or a PostgreSQL "
    "address such as postgresql://user:password@host/name (which needs: pip install '.[postgres]')."
)


def _unusable(error: Exception) -> SettingsError:
    """What the database said, in one line and without the address, which may hold a password."""
    cause = error if isinstance(error, sqlite3.Error) else getattr(error, "orig", None) or type(error).__name__
    reason = str(cause).splitlines()[0].rstrip(".")
    return SettingsError([f"DATABASE_URL cannot be used: {reason}. {EXPECTED}"])


def file_of(url: str) -> Path | None:
    """The file of an SQLite database; None for one in memory and for PostgreSQL."""
    address = async_url(url)
    if address.get_backend_name() != "sqlite" or address.database in (None, "", ":memory:"):
        return None
    return Path(str(address.database))


def async_url(url: str) -> sa.URL:
    """A database address with the driver that the bot uses; a bare path means an SQLite file."""
    parsed = sa.make_url(url if "://" in url else f"sqlite:///{url}")
    drivers = {"sqlite": "sqlite+aiosqlite", "postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
    return parsed.set(drivername=drivers.get(parsed.drivername, parsed.drivername))


def _try_file(url: str) -> None:
    """Opens an SQLite file once, since aiosqlite leaves a thread behind when it cannot; raises sqlite3.Error."""
    address = async_url(url)
    if address.get_backend_name() == "sqlite":
        sqlite3.connect(address.database or ":memory:").close()


def _engine(url: str) -> AsyncEngine:
    address = async_url(url)
    if address.get_backend_name() != "sqlite":
        return create_async_engine(address, pool_pre_ping=True)
    in_memory = address.database in (None, "", ":memory:")
    # What is in memory lives in one connection, which everybody has to themselves in turn: a transaction of another
    # would be rolled back with theirs.
    alone: dict[str, Any] = {"poolclass": AsyncAdaptedQueuePool, "pool_size": 1, "max_overflow": 0}
    engine = create_async_engine(address, **(alone if in_memory else {}))
    sa.event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "busy_timeout=30000", "foreign_keys=ON", "synchronous=FULL", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


MIGRATIONS = Path(__file__).parent / "migrations"


def newest() -> str:
    """The revision of the tables as the code knows them, read off the names of the migrations."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("*.py"))


def _migrate(connection: sa.Connection) -> None:
    """Makes the tables in an empty database, and brings those of an older version up to date."""
    there = sa.inspect(connection).get_table_names()
    if not there:
        _begin_alone(connection)
        there = sa.inspect(connection).get_table_names()  # somebody else may have been first
    if not there:
        metadata.create_all(connection, checkfirst=False)
        revisions.create(connection)
        connection.execute(sa.insert(revisions).values(version_num=newest()))
    elif revisions.name not in there or connection.scalar(sa.select(revisions.c.version_num)) != newest():
        _upgrade(connection)


def _begin_alone(connection: sa.Connection) -> None:
    """Begins a transaction beside which nobody else makes tables, and which makes all of them or none."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(DECIDING)))
    else:  # https://docs.python.org/3/library/sqlite3.html#transaction-control: by itself, each table would be one
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise _unusable(error) from error


LOCK, DECIDING = 0x0B7_0B07, 0x0B7_0B08
"""The advisory locks of the leader, and of whoever decides who gets copies; each database has its own."""


class Leader:
    """Which of several processes over a PostgreSQL database delivers; an SQLite file has one process anyway.

    It is the one whose session holds an advisory lock, which the server frees when the session ends, however it does:
    https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._alone = engine.dialect.name != "postgresql"
        self._engine = engine if self._alone else create_async_engine(engine.url, poolclass=NullPool)
        self._times = 0
        self._session: AsyncConnection | None = None

    async def leads(self) -> int:
        """How often this process has come to lead, or 0 while another one does; raises UnavailableError."""
        if self._alone:
            return 1
        try:
            with _available():
                if self._session:
                    await self._session.execute(sa.select(1))
                    return self._times
                self._session = await self._engine.connect()
                await self._session.execution_options(isolation_level="AUTOCOMMIT")
                locked = (await self._session.execute(sa.select(sa.func.pg_try_advisory_lock(LOCK)))).scalar_one()
        except BaseException:
            await self.resign()
            raise
        if not locked:
            await self.resign()
            return 0
        self._times += 1
        return self._times

    async def resign(self) -> None:
        """Lets another process lead: the session ends, and its lock with it."""
        session, self._session = self._session, None
        if session:
            with suppress(sa.exc.SQLAlchemyError, OSError):
                await session.close()


@contextmanager
def _available() -> Iterator[None]:
    """Says of a database that is locked, full or away that it is unavailable."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError, OSError) as error:
        raise UnavailableError(str(getattr(error, "orig", None) or type(error).__name__)) from error
