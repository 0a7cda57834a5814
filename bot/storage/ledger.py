"""What survives a restart: regions that people asked to have remembered, where posts ended up, where one may post."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from bot.announcements.deliveries import Deliveries
from bot.errors import SettingsError
from bot.messages import Address, KeptReceipt, Person, Place, Receipt, Withdraw
from bot.storage.database import Transactions
from bot.storage.tables import addresses, keys, people, receipts

IN_MEMORY = "sqlite:///:memory:"
"""The address of a database that is gone when the ledger closes."""

SEALS = "seals"
"""The name of the key that seals buttons."""


class Ledger:
    """The bot's records over SQLite or PostgreSQL; every method is one short transaction."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self.deliveries = engine, Deliveries(Transactions(engine))
        self._upsert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        self._key = b""

    async def key(self) -> bytes:
        """The key of the seals on buttons, which is made when it is first asked for and stays."""
        if not self._key:
            made = self._upsert(keys).values(name=SEALS, value=secrets.token_hex(32)).on_conflict_do_nothing()
            async with self._engine.begin() as connection:
                await connection.execute(made)
                kept = await connection.execute(sa.select(keys.c.value).where(keys.c.name == SEALS))
                self._key = bytes.fromhex(kept.scalar_one())
        return self._key

    async def region_of(self, person: Person) -> str | None:
        """The region group that a person asked to have remembered."""
        query = sa.select(people.c.region).where(*_is(person))
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).scalar_one_or_none()

    async def remember_region(self, person: Person, region: str) -> None:
        """Remembers a person's region group instead of any before."""
        row = self._upsert(people).values(
            platform=person.platform, tenant=person.tenant, person=person.id, region=region
        )
        async with self._engine.begin() as connection:
            await connection.execute(
                row.on_conflict_do_update(index_elements=list(people.primary_key), set_={"region": region})
            )

    async def forget(self, person: Person) -> None:
        """Deletes what is kept about a person, and whatever was deleted before from the file beside the database."""
        async with self._engine.begin() as connection:
            await connection.execute(sa.delete(people).where(*_is(person)))
        if self._engine.dialect.name == "sqlite":
            async with self._engine.connect() as connection:  # or rows would stay in the file beside for a while
                await connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))

    async def record(
        self,
        receipt: Receipt,
        subject: tuple[str, ...],
        version: str,
        now: datetime,
        language: str = "",
        digest: str = "",
        number: str = "",
    ) -> None:
        """Notes where a post for everyone ended up, what it showed, and the number by which its button names it."""
        place = receipt.place
        async with self._engine.begin() as connection:
            await connection.execute(
                sa.insert(receipts).values(
                    platform=place.platform,
                    tenant=place.tenant,
                    place=place.id,
                    thread=place.thread,
                    ref=receipt.ref,
                    subject=json.dumps(subject),
                    content_version=version,
                    language=language,
                    digest=digest,
                    number=number,
                    posted_at=now,
                )
            )

    async def receipts(self, since: datetime) -> tuple[KeptReceipt, ...]:
        """Where posts for everyone ended up since a moment, and what they showed."""
        query = sa.select(receipts).where(receipts.c.posted_at > since).order_by(receipts.c.id)
        async with self._engine.connect() as connection:
            return tuple(map(_kept, await connection.execute(query)))

    async def receipt_of(self, place: Place, wish: Withdraw) -> KeptReceipt | None:
        """The receipt of the post in a place that somebody wishes to take back, if there is one.

        A post without a number is older than these and known by what it is about, if it has no id either.
        """
        old = () if wish.number else (receipts.c.ref == "", receipts.c.subject == json.dumps(wish.subject))
        query = sa.select(receipts).where(*_posted_in(place), receipts.c.number == wish.number, *old)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query.order_by(receipts.c.id.desc()).limit(1))).first()
        return _kept(row) if row else None

    async def last_posted(self, place: Place, subject: tuple[str, ...], since: datetime) -> datetime | None:
        """When this was last posted in a place, if that was after `since`."""
        query = sa.select(sa.func.max(receipts.c.posted_at)).where(
            *_posted_in(place), receipts.c.subject == json.dumps(subject), receipts.c.posted_at > since
        )
        async with self._engine.connect() as connection:
            found: datetime | None = (await connection.execute(query)).scalar_one_or_none()
        return found.replace(tzinfo=since.tzinfo) if found and not found.tzinfo else found

    async def withdraw(self, receipt: int) -> None:
        """Takes out the receipt of a post that was removed."""
        async with self._engine.begin() as connection:
            await connection.execute(sa.delete(receipts).where(receipts.c.id == receipt))

    async def note_address(self, address: Address) -> bool:
        """Notes where the bot may write, and gives whether that is new."""
        place, served = address.place, {"kind": address.kind, "service": address.service}
        key = {"platform": place.platform, "tenant": place.tenant, "place": place.id}
        row = self._upsert(addresses).values(**key, **served).on_conflict_do_nothing().returning(addresses.c.place)
        async with self._engine.begin() as connection:
            if (await connection.execute(row)).first():
                return True
            await connection.execute(sa.update(addresses).where(*_at(place)).values(**served))
        return False

    async def drop_address(self, place: Place) -> None:
        """Lets go of an address that may not be written to any more."""
        async with self._engine.begin() as connection:
            await connection.execute(sa.delete(addresses).where(*_at(place)))

    async def service_of(self, place: Place) -> str | None:
        """The address that serves a place: its own, else that of any place in its tenant; None if there is none."""
        same = (addresses.c.platform == place.platform, addresses.c.tenant == place.tenant)
        own_first = sa.case((addresses.c.place == place.id, 0), else_=1)
        query = sa.select(addresses.c.service).where(*same).order_by(own_first).limit(1)
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).scalar_one_or_none()

    async def addresses(self, platform: str) -> tuple[Address, ...]:
        """Everywhere on a platform that the bot may write to, tenant by tenant."""
        query = (
            sa.select(addresses).where(addresses.c.platform == platform).order_by(addresses.c.tenant, addresses.c.place)
        )
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(Address(Place(row.platform, row.tenant, row.place), row.kind, row.service) for row in rows)

    async def answers(self) -> bool:
        """Whether the database can be asked."""
        try:
            async with self._engine.connect() as connection:
                await connection.execute(sa.select(1))
        except (sa.exc.SQLAlchemyError, OSError):
            return False
        return True


@asynccontextmanager
async def open_ledger(url: str) -> AsyncIterator[Ledger]:
    """The ledger at a database address, its tables made or brought up to date, until the block ends.

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
        except (sa.exc.SQLAlchemyError, CommandError, OSError) as error:
            raise _unusable(error) from error
        yield Ledger(engine)
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


def _migrate(connection: sa.Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _is(person: Person) -> tuple[sa.ColumnElement[bool], ...]:
    return people.c.platform == person.platform, people.c.tenant == person.tenant, people.c.person == person.id


def _at(place: Place) -> tuple[sa.ColumnElement[bool], ...]:
    table = addresses.c
    return table.platform == place.platform, table.tenant == place.tenant, table.place == place.id


def _posted_in(place: Place) -> tuple[sa.ColumnElement[bool], ...]:
    table = receipts.c
    return table.platform == place.platform, table.tenant == place.tenant, table.place == place.id


def _kept(row: sa.Row[Any]) -> KeptReceipt:
    return KeptReceipt(
        row.id,
        Place(row.platform, row.tenant, row.place, row.thread),
        row.ref,
        tuple(json.loads(row.subject)),
        row.content_version,
        row.language,
        row.digest,
    )
