"""Transactions over SQLite or PostgreSQL: one writer at a time, and a word for a database that cannot be used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import UnavailableError


class Transactions:
    """Opens transactions; `upsert` inserts what may be there already. Both raise UnavailableError."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._turn = engine, asyncio.Lock()
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


@contextmanager
def _available() -> Iterator[None]:
    """Says of a database that is locked, full or away that it is unavailable."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError, OSError) as error:
        raise UnavailableError(str(getattr(error, "orig", None) or type(error).__name__)) from error
