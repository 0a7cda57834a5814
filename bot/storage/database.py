"""Transactions over SQLite or PostgreSQL: one writer at a time, one leader, and a word for a database out of use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bot.errors import UnavailableError


class Transactions:
    """Opens transactions; `upsert` inserts what may be there already. Both raise UnavailableError."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._turn, self.leader = engine, asyncio.Lock(), Leader(engine)
        self.upsert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, after those before it: SQLite knows one writer, whom the others would be looking out for."""
        async with self._turn:
            with _available():
                async with self._engine.begin() as connection:
                    yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection to read with."""
        with _available():
            async with self._engine.connect() as connection:
                yield connection


LOCK = 0x0B7_0B07
"""The advisory lock that the leader holds; each database has its own."""


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
