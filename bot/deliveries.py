"""The delivery ledger: which copies of which announcements go where, how far each is, and who may bring it on.

A copy is a row. Nobody sends one that they have not claimed: `advance` turns `pending` into `sending` in one statement,
for the owner of the row's lane alone. What a row says is true whenever the process is killed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.copies import RECALLED, Announcement, By, Counts, Delivery, Outcome, State, Target, Task, lane_of, new_id
from bot.errors import UnavailableError
from bot.messages import Place


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment in UTC, on SQLite too, which knows no time zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The moment in UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The moment with its zone."""
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


def tables(metadata: sa.MetaData) -> None:
    """Adds the tables of announcements, lanes, deliveries and the audit, as the migrations make them."""
    sa.Table(
        "announcements",
        metadata,
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(150), nullable=False),
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("by", sa.String(420), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("zone", sa.String(60), nullable=False),
        sa.Index("announcements_by_name", "name", "made_at"),
    )
    sa.Table(
        "lanes",
        metadata,
        sa.Column("lane", sa.String(220), primary_key=True),
        sa.Column("epoch", sa.Integer, nullable=False),
    )
    sa.Table(
        "deliveries",
        metadata,
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("announcement", sa.String(32), sa.ForeignKey("announcements.id"), nullable=False),
        sa.Column("name", sa.String(150), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("lane", sa.String(220), sa.ForeignKey("lanes.lane"), nullable=False),
        sa.Column("platform", sa.String(20), nullable=False),
        sa.Column("tenant", sa.String(200), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("language", sa.String(20), nullable=False),
        sa.Column("task", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", Moment),
        sa.Column("claimed_at", Moment),
        sa.Column("done_at", Moment),
        sa.Column("ref", sa.String(200), nullable=False),
        sa.Column("error", sa.String(200), nullable=False),
        sa.UniqueConstraint("name", "round", "platform", "tenant", "place", name="deliveries_once"),
        sa.Index("deliveries_due", "lane", "state", "not_before", "position"),
        sa.Index("deliveries_of", "announcement", "state"),
    )
    sa.Table(
        "audit",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("by", sa.String(420), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("detail", sa.String(400), nullable=False),
    )


class Deliveries:
    """The delivery ledger over SQLite or PostgreSQL; every method is one transaction."""

    def __init__(self, engine: AsyncEngine, metadata: sa.MetaData) -> None:
        self._engine, self._turn = engine, asyncio.Lock()
        self._upsert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        names = ("announcements", "lanes", "deliveries", "audit")
        self._announcements, self._lanes, self._rows, self._audit = (metadata.tables[name] for name in names)

    # -- what announcers ask for

    async def announce(self, announcement: Announcement, targets: Sequence[Target], *, again: bool = False) -> int:
        """Notes who is to get an announcement, and gives how many of them did not have it or have it coming already.

        With `again` they all get another copy.
        """
        rows = self._rows.c
        async with self._writing() as connection:
            last = sa.select(sa.func.max(rows.round)).where(rows.name == announcement.name)
            before = (await connection.execute(last)).scalar() or 0
            number = before + 1 if again else max(before, 1)
            await connection.execute(sa.insert(self._announcements).values(**vars(announcement)))
            lanes = {lane_of(target.place) for target in targets}
            if lanes:
                await connection.execute(
                    self._upsert(self._lanes).on_conflict_do_nothing(), [{"lane": lane, "epoch": 0} for lane in lanes]
                )
            found = 0
            for start in range(0, len(targets), PAGE):
                page = [
                    _row(announcement, target, start + at, number)
                    for at, target in enumerate(targets[start : start + PAGE])
                ]
                taken = self._upsert(self._rows).values(page).on_conflict_do_nothing().returning(rows.id)
                found += len((await connection.execute(taken)).all())
            if found:
                detail = f"{found} of {len(targets)} places, due {announcement.due_at:%Y-%m-%d %H:%M} UTC"
                await self._note(
                    connection, "announce", announcement.name, By(announcement.by, announcement.made_at), detail
                )
            else:
                await connection.rollback()
        return found

    async def cancel(self, name: str, by: By) -> int:
        """Stops what has not begun of an announcement; gives how many copies are not made."""
        posts = self._rows.c.task == "post"
        return await self._change("cancel", name, by, ("pending",), posts, state="cancelled")

    async def send_again(self, name: str, states: Collection[str], by: By) -> int:
        """Puts copies in these states back in the queue, `unknown` or `failed` ones; gives how many."""
        again = {"state": "pending", "attempts": 0, "not_before": by.at, "error": ""}
        return await self._change("send again", name, by, states, **again)

    async def leave(self, name: str, by: By) -> int:
        """Settles that copies which may have arrived are left as they are; gives how many."""
        return await self._change("leave", name, by, ("unknown",), state="left")

    async def correct(self, name: str, words: str, by: By) -> int:
        """Has every copy edited to these words; what is still to come gets them, too. Gives how many are edited."""
        async with self._writing() as connection:
            await self._say_instead(connection, name, words)
            return await self._have(connection, name, "edit", by)

    async def recall(self, name: str, by: By) -> int:
        """Has every copy deleted and makes no more; gives how many are deleted."""
        rows, now = self._rows.c, by.at
        async with self._writing() as connection:
            await self._say_instead(connection, name, RECALLED)
            waiting = sa.and_(rows.name == name, rows.ref == "", rows.state.in_(("pending", "failed")))
            await connection.execute(sa.update(self._rows).where(waiting).values(state="cancelled", done_at=now))
            return await self._have(connection, name, "delete", by)

    async def audit(self) -> tuple[Mapping[str, Any], ...]:
        """Who did what, oldest first."""
        async with self._reading() as connection:
            found = await connection.execute(sa.select(self._audit).order_by(self._audit.c.id))
        return tuple(dict(row._mapping) for row in found)

    # -- what the one who delivers does

    async def due_lanes(self, now: datetime) -> tuple[str, ...]:
        """The lanes in which something can be done now."""
        rows = self._rows.c
        waiting = sa.exists().where(
            rows.lane == self._lanes.c.lane, rows.state.in_(("pending", "unknown")), rows.not_before <= now
        )
        async with self._reading() as connection:
            found = await connection.execute(sa.select(self._lanes.c.lane).where(waiting))
        return tuple(row.lane for row in found)

    async def held_lanes(self) -> tuple[str, ...]:
        """The lanes in which copies were on their way when their owner was last heard of."""
        query = sa.select(self._rows.c.lane).where(self._rows.c.state == "sending").distinct()
        async with self._reading() as connection:
            return tuple(row.lane for row in await connection.execute(query))

    async def take(self, lane: str, may_look: datetime) -> int:
        """Becomes the owner of a lane, and gives its epoch.

        What a former owner was sending may have arrived: it is looked for from `may_look` on, when no request of theirs
        can be on its way any more. Edits and deletions are simply done again.
        """
        rows = self._rows.c
        async with self._writing() as connection:
            taken = sa.update(self._lanes).where(self._lanes.c.lane == lane).values(epoch=self._lanes.c.epoch + 1)
            epoch = (await connection.execute(taken.returning(self._lanes.c.epoch))).scalar_one()
            held = sa.and_(rows.lane == lane, rows.state == "sending")
            harmless = sa.update(self._rows).where(held, rows.task != "post")
            await connection.execute(harmless.values(state="pending", epoch=epoch, not_before=may_look))
            unsure = sa.update(self._rows).where(held, rows.task == "post")
            await connection.execute(
                unsure.values(state="unknown", epoch=epoch, not_before=may_look, error="interrupted")
            )
        return int(epoch)

    async def advance(
        self, lane: str, epoch: int, outcomes: Iterable[Outcome], now: datetime, width: int
    ) -> tuple[Delivery, ...]:
        """Writes what became of the deliveries before, and claims up to `width` more for the owner of this epoch."""
        rows = self._rows.c
        async with self._writing() as connection:
            await self._settle(connection, outcomes)
            owned = sa.exists().where(self._lanes.c.lane == lane, self._lanes.c.epoch == epoch)
            due = (
                sa.select(rows.id)
                .where(rows.lane == lane, rows.state == "pending", rows.not_before <= now)
                .order_by(rows.not_before, rows.position)
                .limit(width)
            )
            claimed = (
                sa.update(self._rows)
                .where(rows.id.in_(due), rows.state == "pending", owned)
                .values(state="sending", epoch=epoch, attempts=rows.attempts + 1, claimed_at=now)
                .returning(*self._rows.columns)
            )
            found = (await connection.execute(claimed)).all() if width else ()
            return await self._with_words(connection, sorted(found, key=lambda row: row.position))

    async def unknown(self, lane: str, now: datetime) -> tuple[Delivery, ...]:
        """The copies of a lane that may have arrived and can be looked for now."""
        rows = self._rows.c
        query = sa.select(self._rows).where(rows.lane == lane, rows.state == "unknown", rows.not_before <= now)
        async with self._reading() as connection:
            return await self._with_words(connection, (await connection.execute(query.limit(PAGE))).all())

    # -- what is told about it

    async def announcements(self) -> tuple[tuple[Announcement, Counts], ...]:
        """Every announcement with its counts, the newest first."""
        rows, made = self._rows.c, self._announcements.c.made_at.desc()
        counted = sa.select(rows.announcement, rows.task, rows.state, sa.func.count()).group_by(
            rows.announcement, rows.task, rows.state
        )
        async with self._reading() as connection:
            found = (await connection.execute(sa.select(self._announcements).order_by(made))).all()
            counts = (await connection.execute(counted)).all()
        by_announcement: dict[str, dict[tuple[Task, State], int]] = {}
        for announcement, task, state, number in counts:
            by_announcement.setdefault(announcement, {})[task, state] = number
        return tuple((Announcement(**row._mapping), Counts(by_announcement.get(row.id, {}))) for row in found)

    async def announcement(self, key: str) -> Announcement | None:
        """The announcement of that id."""
        query = sa.select(self._announcements).where(self._announcements.c.id == key)
        async with self._reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return Announcement(**row._mapping) if row else None

    async def copies(self, name: str) -> tuple[Delivery, ...]:
        """Every copy of an announcement, in the order in which they were asked for."""
        rows = self._rows.c
        query = sa.select(self._rows).where(rows.name == name).order_by(rows.round, rows.position, rows.id)
        async with self._reading() as connection:
            return tuple(_delivery(row) for row in await connection.execute(query))

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, after those before it: SQLite knows one writer, whom the others would be looking out for."""
        async with self._turn:
            with _available():
                async with self._engine.begin() as connection:
                    yield connection

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        with _available():
            async with self._engine.connect() as connection:
                yield connection

    async def _change(
        self, act: str, name: str, by: By, states: Collection[str], *which: sa.ColumnElement[bool], **values: Any
    ) -> int:
        rows = self._rows.c
        changed = sa.update(self._rows).where(rows.name == name, rows.state.in_(states), *which)
        async with self._writing() as connection:
            found = int((await connection.execute(changed.values(done_at=by.at, **values))).rowcount)
            await self._note(connection, act, name, by, f"{found} copies")
        return found

    async def _note(self, connection: AsyncConnection, act: str, subject: str, by: By, detail: str) -> None:
        """Writes down who did what, which the database lets nobody change."""
        line = {"at": by.at, "by": by.who, "act": act, "subject": subject, "detail": detail}
        await connection.execute(sa.insert(self._audit).values(**line))

    async def _with_words(self, connection: AsyncConnection, found: Sequence[Any]) -> tuple[Delivery, ...]:
        table = self._announcements.c
        said = sa.select(table.id, table.words).where(table.id.in_({row.announcement for row in found}))
        words = {row.id: row.words for row in await connection.execute(said)} if found else {}
        return tuple(replace(_delivery(row), words=words[row.announcement]) for row in found)

    async def _say_instead(self, connection: AsyncConnection, name: str, words: str) -> None:
        table = self._announcements
        await connection.execute(sa.update(table).where(table.c.name == name).values(words=words))

    async def _have(self, connection: AsyncConnection, name: str, task: Task, by: By) -> int:
        """Puts a task to every copy that is there; one on its way gets it when it has arrived."""
        rows = self._rows.c
        there = (rows.name == name, rows.ref != "", sa.not_(sa.and_(rows.task == "delete", rows.state == "done")))
        asked = sa.update(self._rows).where(*there)
        values = {"task": task, "state": "pending", "attempts": 0, "not_before": by.at, "error": ""}
        found = int((await connection.execute(asked.values(**values))).rowcount)
        await self._note(connection, {"edit": "correct"}.get(task, "recall"), name, by, f"{found} copies")
        return found

    async def _settle(self, connection: AsyncConnection, outcomes: Iterable[Outcome]) -> None:
        """Writes each outcome to the row that was claimed for it, if the row is still the claimer's.

        A copy that arrived with words which were corrected or recalled meanwhile gets that task at once.
        """
        rows, table = self._rows.c, self._announcements.c
        now_said = sa.select(table.words).where(table.id == rows.announcement).scalar_subquery()
        outdated = sa.and_(sa.bindparam("next") == "done", rows.task != "delete", now_said != sa.bindparam("said"))
        then = sa.case((now_said == RECALLED, "delete"), else_="edit")
        ours = (rows.id == sa.bindparam("key"), rows.epoch == sa.bindparam("own"))
        settled = (
            sa.update(self._rows)
            .where(*ours, sa.or_(rows.state == "sending", rows.state == "unknown"))
            .values(
                state=sa.case((outdated, "pending"), else_=sa.bindparam("next")),
                task=sa.case((outdated, then), else_=rows.task),
                ref=sa.bindparam("found"),
                error=sa.bindparam("why"),
                not_before=sa.case((outdated, sa.bindparam("at")), else_=sa.bindparam("when", type_=Moment)),
                done_at=sa.bindparam("at", type_=Moment),
            )
        )
        values = [
            {
                "key": outcome.delivery.id,
                "own": outcome.delivery.epoch,
                "said": outcome.delivery.words,
                "next": outcome.state,
                "found": outcome.ref or outcome.delivery.ref,
                "why": outcome.error[:200],
                "when": outcome.not_before,
                "at": outcome.at,
            }
            for outcome in outcomes
        ]
        if values:
            await connection.execute(settled, values)


@contextmanager
def _available() -> Iterator[None]:
    """Says of a database that is locked, full or away that it is unavailable."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError, OSError) as error:
        raise UnavailableError(str(getattr(error, "orig", None) or type(error).__name__)) from error


PAGE = 400
"""Rows that are written or read at once."""


def _row(announcement: Announcement, target: Target, position: int, number: int) -> dict[str, Any]:
    place = target.place
    return {
        "id": new_id(),
        "announcement": announcement.id,
        "name": announcement.name,
        "round": number,
        "position": position,
        "lane": lane_of(place),
        "platform": place.platform,
        "tenant": place.tenant,
        "place": place.id,
        "kind": target.kind,
        "language": target.language,
        "task": "post",
        "state": "pending",
        "epoch": 0,
        "attempts": 0,
        "not_before": announcement.due_at,
        "ref": "",
        "error": "",
    }


def _delivery(row: Any) -> Delivery:
    return Delivery(
        row.id,
        row.announcement,
        row.name,
        row.lane,
        Place(row.platform, row.tenant, row.place),
        row.kind,
        row.language,
        row.task,
        row.state,
        row.epoch,
        row.attempts,
        row.ref,
        row.error,
        row.not_before,
        row.claimed_at,
        row.done_at,
    )
