"""What survives a restart: regions that people asked to have remembered, where posts ended up, where one may post."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.messages import Address, KeptReceipt, Person, Place, Receipt, Withdraw
from bot.storage.database import Database, open_database
from bot.storage.tables import addresses, keys, people, receipts

SEALS = "seals"
"""The name of the key that seals buttons."""


class Ledger:
    """The bot's records over SQLite or PostgreSQL; every method is one short transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._key = b""

    async def key(self) -> bytes:
        """The key of the seals on buttons, which is made when it is first asked for and stays."""
        if not self._key:
            made = self.database.upsert(keys).values(name=SEALS, value=secrets.token_hex(32)).on_conflict_do_nothing()
            async with self.database.writing() as connection:
                await connection.execute(made)
                kept = await connection.execute(sa.select(keys.c.value).where(keys.c.name == SEALS))
                self._key = bytes.fromhex(kept.scalar_one())
        return self._key

    async def region_of(self, person: Person) -> str | None:
        """The region group that a person asked to have remembered."""
        query = sa.select(people.c.region).where(*_is(person))
        async with self.database.reading() as connection:
            return (await connection.execute(query)).scalar_one_or_none()

    async def remember_region(self, person: Person, region: str) -> None:
        """Remembers a person's region group instead of any before."""
        row = self.database.upsert(people).values(
            platform=person.platform, tenant=person.tenant, person=person.id, region=region
        )
        async with self.database.writing() as connection:
            await connection.execute(
                row.on_conflict_do_update(index_elements=list(people.primary_key), set_={"region": region})
            )

    async def forget(self, person: Person) -> None:
        """Deletes what is kept about a person, and whatever was deleted before from the file beside the database."""
        async with self.database.writing() as connection:
            await connection.execute(sa.delete(people).where(*_is(person)))
        await self.database.let_go_of_deleted()

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
        async with self.database.writing() as connection:
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
        async with self.database.reading() as connection:
            return tuple(map(_kept, await connection.execute(query)))

    async def receipt_of(self, place: Place, wish: Withdraw) -> KeptReceipt | None:
        """The receipt of the post in a place that somebody wishes to take back, if there is one.

        A post without a number is older than these and known by what it is about, if it has no id either.
        """
        old = () if wish.number else (receipts.c.ref == "", receipts.c.subject == json.dumps(wish.subject))
        query = sa.select(receipts).where(*_posted_in(place), receipts.c.number == wish.number, *old)
        async with self.database.reading() as connection:
            row = (await connection.execute(query.order_by(receipts.c.id.desc()).limit(1))).first()
        return _kept(row) if row else None

    async def last_posted(self, place: Place, subject: tuple[str, ...], since: datetime) -> datetime | None:
        """When this was last posted in a place, if that was after `since`."""
        query = sa.select(sa.func.max(receipts.c.posted_at)).where(
            *_posted_in(place), receipts.c.subject == json.dumps(subject), receipts.c.posted_at > since
        )
        async with self.database.reading() as connection:
            found: datetime | None = (await connection.execute(query)).scalar_one_or_none()
        return found

    async def withdraw(self, receipt: int) -> None:
        """Takes out the receipt of a post that was removed."""
        async with self.database.writing() as connection:
            await connection.execute(sa.delete(receipts).where(receipts.c.id == receipt))

    async def note_address(self, address: Address) -> bool:
        """Notes where the bot may write, and gives whether that is new."""
        place, served = address.place, {"kind": address.kind, "service": address.service}
        key = {"platform": place.platform, "tenant": place.tenant, "place": place.id}
        row = self.database.upsert(addresses).values(**key, **served)
        new = row.on_conflict_do_nothing().returning(addresses.c.place)
        async with self.database.writing() as connection:
            if (await connection.execute(new)).first():
                return True
            await connection.execute(sa.update(addresses).where(*_at(place)).values(**served))
        return False

    async def drop_address(self, place: Place) -> None:
        """Lets go of an address that may not be written to any more."""
        async with self.database.writing() as connection:
            await connection.execute(sa.delete(addresses).where(*_at(place)))

    async def service_of(self, place: Place) -> str | None:
        """The address that serves a place: its own, else that of any place in its tenant; None if there is none."""
        same = (addresses.c.platform == place.platform, addresses.c.tenant == place.tenant)
        own_first = sa.case((addresses.c.place == place.id, 0), else_=1)
        query = sa.select(addresses.c.service).where(*same).order_by(own_first).limit(1)
        async with self.database.reading() as connection:
            return (await connection.execute(query)).scalar_one_or_none()

    async def addresses(self, platform: str) -> tuple[Address, ...]:
        """Everywhere on a platform that the bot may write to, tenant by tenant."""
        query = (
            sa.select(addresses).where(addresses.c.platform == platform).order_by(addresses.c.tenant, addresses.c.place)
        )
        async with self.database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(Address(Place(row.platform, row.tenant, row.place), row.kind, row.service) for row in rows)


@asynccontextmanager
async def open_ledger(url: str) -> AsyncIterator[Ledger]:
    """The ledger at a database address until the block ends; raises SettingsError where it cannot be opened."""
    async with open_database(url) as database:
        yield Ledger(database)


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
