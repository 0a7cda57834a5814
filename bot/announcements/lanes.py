"""The lanes of the delivery ledger: who may bring which copies on, and what became of those that they brought.

Nobody sends a copy that they have not claimed: `advance` turns `pending` into `sending` in one statement, for the owner
of the row's lane alone. What a row says is true whenever the process is killed. Whoever gets no answer calls again with
the same arguments: the id of a claim is its idempotency key, and a fate is written only to the claim it belongs to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.announcements.copies import CORRECTED, RECALLED, Delivery, Fate, KeptAnnouncement, Target, Task, new_id
from bot.announcements.rows import PAGE, insert_copies, read_copy, without_copy
from bot.content.topics import RESULT
from bot.messages import Place
from bot.storage.database import Database
from bot.storage.tables import Moment, announcements, deliveries, lanes, receipts

ROWS = deliveries.c

RETENTION = timedelta(days=90)
"""How long it is kept who got a copy for themselves alone, and where a post for everyone is, which can be corrected."""

CLASSES: Mapping[bool, tuple[Task, ...]] = {True: ("post",), False: ("check", "expand", "edit", "delete")}
"""The tasks that make something appear on the platform, which must not happen twice, and all others."""


class Lanes:
    """What the one who delivers does with the ledger; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database, self.leader = database, database.leader

    async def epochs(self) -> Mapping[str, int]:
        """The epoch of each lane: whose owner has another is none any more."""
        async with self._database.reading() as connection:
            return {row.lane: row.epoch for row in await connection.execute(sa.select(lanes))}

    async def due(self, now: datetime) -> tuple[tuple[str, bool], ...]:
        """The lanes that want looking after: posts (True), anything else (False), or each of them.

        In these something can be done now, or something was on its way when their owner was last heard of.
        """
        waiting = sa.and_(ROWS.state.in_(("pending", "unknown")), ROWS.not_before <= now)

        def exists(which: sa.ColumnElement[bool], tasks: Sequence[Task]) -> sa.ColumnElement[bool]:
            return sa.exists().where(ROWS.lane == lanes.c.lane, ROWS.task.in_(tasks), which)

        exist = [sa.or_(exists(waiting, tasks), exists(_HELD, tasks)) for tasks in CLASSES.values()]
        query = sa.select(lanes.c.lane, *exist).where(sa.or_(*exist))
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).all()
        return tuple(
            (lane, which) for lane, *due in found for which, is_due in zip(CLASSES, due, strict=True) if is_due
        )

    async def take(self, lane: str, may_look: datetime) -> int:
        """Becomes the owner of a lane, and gives its epoch.

        What a former owner was sending may have arrived: it is looked for from `may_look` on, when no request of theirs
        can be on its way any more. Everything but a post is simply done again.
        """
        async with self._database.writing() as connection:
            taken = sa.update(lanes).where(lanes.c.lane == lane).values(epoch=lanes.c.epoch + 1)
            epoch = (await connection.execute(taken.returning(lanes.c.epoch))).scalar_one()
            held = sa.and_(ROWS.lane == lane, _HELD)
            harmless = sa.update(deliveries).where(held, ROWS.task != "post")
            await connection.execute(harmless.values(state="pending", epoch=epoch, not_before=may_look))
            unsure = sa.update(deliveries).where(held, ROWS.task == "post")
            why = sa.case((ROWS.error == CORRECTED, CORRECTED), else_="interrupted")
            await connection.execute(unsure.values(state="unknown", epoch=epoch, not_before=may_look, error=why))
        return int(epoch)

    async def advance(
        self,
        lane: str,
        epoch: int,
        fates: Iterable[Fate],
        now: datetime,
        width: int,
        *,
        posts: bool = True,
        claim: str = "",
    ) -> tuple[Delivery, ...]:
        """Writes what became of the deliveries before, and claims up to `width` more for the owner of this epoch.

        Only `posts` are claimed, or only everything else, which a platform counts apart. A caller without an answer
        does not know whether this happened, and calls again with the same `claim`: what it took is given back first.
        """
        asked = {"in_lane": lane, "as_epoch": epoch, "at": now, "most": width, "as_claim": claim or new_id()}
        async with self._database.writing() as connection:
            await connection.execute(_ALONE, asked)
            await self._settle(connection, tuple(fates))
            if claim:
                await connection.execute(_GIVE_BACK, asked)
            found = (await connection.execute(_CLAIM[posts], asked)).all() if width else ()
        return tuple(replace(read_copy(row), words=row.words) for row in sorted(found, key=lambda row: row.position))

    async def unknown(self, lane: str, now: datetime) -> tuple[Delivery, ...]:
        """The copies of a lane that may have arrived and can be looked for now; without words that were corrected."""
        query = sa.select(deliveries, _WORDS).where(ROWS.lane == lane, ROWS.state == "unknown", ROWS.not_before <= now)
        async with self._database.reading() as connection:
            found = (await connection.execute(query.limit(PAGE))).all()
        return tuple(replace(read_copy(row), words="" if row.error == CORRECTED else row.words) for row in found)

    async def let_go(self, now: datetime) -> None:
        """Deletes settled copies for one person alone, and receipts of posts, once they are too old."""
        settled = ROWS.state.in_(("done", "failed", "left", "cancelled"))
        old = sa.delete(deliveries).where(ROWS.kind == "person", settled, ROWS.done_at < now - RETENTION)
        async with self._database.writing() as connection:
            await connection.execute(old)
            await connection.execute(sa.delete(receipts).where(receipts.c.posted_at < now - RETENTION))

    async def report(self, now: datetime) -> int:
        """Has the senders told of announcements in which nothing is left to do, each once; gives how many are."""
        sought = sa.and_(ROWS.state == "unknown", ROWS.not_before.is_not(None))
        unfinished = sa.or_(ROWS.state.in_(("pending", "sending")), sought, ROWS.task == "check")
        left = sa.exists().where(ROWS.announcement == announcements.c.id, unfinished)
        over = sa.select(announcements).where(announcements.c.report_to != "", sa.not_(left))
        async with self._database.reading() as connection:
            if not (await connection.execute(over.limit(1))).first():
                return 0
        async with self._database.writing() as connection:
            found = (await connection.execute(over)).all()
            for row in found:
                await self._tell_sender(connection, KeptAnnouncement(**row._mapping), now)
        return len(found)

    async def _tell_sender(self, connection: AsyncConnection, announcement: KeptAnnouncement, now: datetime) -> None:
        """Takes the wish to be told off, if it is still there, and queues one message with the totals."""
        told = sa.update(announcements).where(announcements.c.id == announcement.id, announcements.c.report_to != "")
        if not (await connection.execute(told.values(report_to=""))).rowcount:
            return
        counted = sa.select(ROWS.task, ROWS.state, sa.func.count()).where(ROWS.announcement == announcement.id)
        counts = (await connection.execute(counted.group_by(ROWS.task, ROWS.state))).all()
        platform, tenant, person = json.loads(announcement.report_to)
        words = json.dumps({"result_of": announcement.name, "counts": [list(row) for row in counts]})
        own = KeptAnnouncement(
            new_id(), f"{announcement.name}{RESULT}", announcement.version, words, announcement.by, now, now, "UTC"
        )
        await connection.execute(sa.insert(announcements).values(**vars(own)))
        target = Target(Place(platform, tenant, person), "person")
        await insert_copies(connection, self._database, own, (target,), None)

    async def _settle(self, connection: AsyncConnection, fates: Sequence[Fate]) -> None:
        """Writes each fate to the row that was claimed for it; whole groups become their members first."""
        for fate in fates:
            if fate.members:
                await self._replace(connection, fate)
        values = [
            {
                "key": fate.delivery.id,
                "own": fate.delivery.epoch,
                "claimed": fate.delivery.claim,
                "doing": fate.delivery.task,
                "said": fate.delivery.words,
                "next": fate.state,
                "found": fate.ref or fate.delivery.ref,
                "why": fate.error[:200],
                "when": fate.not_before,
                "at": fate.at,
            }
            for fate in fates
            if not fate.members
        ]
        if values:
            await connection.execute(_SETTLE, values)

    async def _replace(self, connection: AsyncConnection, fate: Fate) -> None:
        """Puts a copy for each member in the place of the one for all of them, if it is still the claimer's.

        Whoever has one from another time gets another only where the announcement was sent again on purpose: then it
        is the one with which its round began.
        """
        await self._database.alone(connection)
        delivery = fate.delivery
        ours = (ROWS.id == delivery.id, ROWS.epoch == delivery.epoch, ROWS.claim == delivery.claim, _HELD)
        gone = await connection.execute(sa.delete(deliveries).where(*ours).returning(ROWS.round))
        row = gone.first()
        if row is None:
            return
        made = await connection.execute(sa.select(announcements).where(announcements.c.id == delivery.announcement))
        announcement = KeptAnnouncement(**made.one()._mapping)
        people = [Target(place, "person", delivery.language) for place in fate.members]
        if row.round == 1 or not await _opens(connection, delivery, row.round):
            people = await without_copy(connection, delivery.name, people)
        due = replace(announcement, due_at=max(announcement.due_at, fate.at))
        await insert_copies(connection, self._database, due, people, row.round)


async def _opens(connection: AsyncConnection, delivery: Delivery, number: int) -> bool:
    """Whether the announcement of a delivery was the first of its round."""
    before = sa.select(announcements.c.made_at).where(announcements.c.id == delivery.announcement).scalar_subquery()
    others = (ROWS.name == delivery.name, ROWS.round == number, ROWS.announcement == announcements.c.id)
    earlier = sa.select(ROWS.id).where(*others, ROWS.draft == "", announcements.c.made_at < before).limit(1)
    return (await connection.execute(earlier)).first() is None


_WORDS = (
    sa.select(announcements.c.words).where(announcements.c.id == ROWS.announcement).scalar_subquery().label("words")
)
"""What the announcement of a copy says now."""

_HELD = ROWS.state == "sending"
"""Whether a copy is on its way, or was when its claimer was last heard of."""

_ALONE = sa.select(lanes.c.epoch).where(lanes.c.lane == sa.bindparam("in_lane")).with_for_update(key_share=True)
"""Waits for every other transaction in a lane, also for one whose answer was lost and that the server is still at."""


def _claiming(tasks: Sequence[Task]) -> sa.sql.dml.ReturningUpdate[Any]:
    """Claims the copies with these tasks that are due in a lane, for the owner of its epoch."""
    due = (
        sa.select(ROWS.id)
        .where(ROWS.lane == sa.bindparam("in_lane"), ROWS.state == "pending", ROWS.not_before <= sa.bindparam("at"))
        .where(ROWS.task.in_(tasks))
        .order_by(ROWS.not_before, ROWS.position)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )
    owned = sa.exists().where(lanes.c.lane == sa.bindparam("in_lane"), lanes.c.epoch == sa.bindparam("as_epoch"))
    taken: dict[str, Any] = {key: sa.bindparam(f"as_{key}") for key in ("epoch", "claim")}
    return (
        sa.update(deliveries)
        .where(ROWS.id.in_(due), ROWS.state == "pending", owned)
        .values(state="sending", error="", attempts=ROWS.attempts + 1, claimed_at=sa.bindparam("at"), **taken)
        .returning(*deliveries.columns, _WORDS)
    )


def _giving_back() -> sa.Update:
    """Has what a claim took wait again, which surely was not brought on; a post that was recalled is not made."""
    dropped = sa.and_(ROWS.task == "post", _WORDS == RECALLED)
    taken = (ROWS.epoch == sa.bindparam("as_epoch"), ROWS.claim == sa.bindparam("as_claim"), _HELD)
    return (
        sa.update(deliveries)
        .where(ROWS.lane == sa.bindparam("in_lane"), *taken)
        .values(
            state=sa.case((dropped, "cancelled"), else_="pending"),
            attempts=ROWS.attempts - 1,
            error="",
            done_at=sa.bindparam("at", type_=Moment),
        )
    )


def _settling() -> sa.Update:
    """Writes a fate to the row that was claimed for it, if it is still the claimer's and has that task.

    A copy that arrived with words which were corrected or recalled meanwhile gets that task at once, and one that did
    not arrive is not made any more once it was recalled.
    """
    arrived = sa.and_(sa.bindparam("next") == "done", sa.or_(ROWS.task == "post", ROWS.task == "edit"))
    recalled = _WORDS == RECALLED
    differs = sa.bindparam("said") != _WORDS
    outdated = sa.and_(arrived, sa.or_(recalled, differs))
    corrected = sa.and_(sa.bindparam("next") == "unknown", sa.or_(ROWS.error == CORRECTED, differs))
    dropped = sa.and_(sa.bindparam("next") == "pending", ROWS.task == "post", recalled)
    then = sa.case((recalled, "delete"), else_="edit")
    ours = (ROWS.id == sa.bindparam("key"), ROWS.epoch == sa.bindparam("own"), ROWS.claim == sa.bindparam("claimed"))
    return (
        sa.update(deliveries)
        .where(*ours, ROWS.task == sa.bindparam("doing"), sa.or_(ROWS.state == "sending", ROWS.state == "unknown"))
        .values(
            state=sa.case((outdated, "pending"), (dropped, "cancelled"), else_=sa.bindparam("next")),
            task=sa.case((outdated, then), else_=ROWS.task),
            ref=sa.bindparam("found"),
            error=sa.case((corrected, CORRECTED), else_=sa.bindparam("why", type_=sa.String)),
            not_before=sa.case((outdated, sa.bindparam("at")), else_=sa.bindparam("when", type_=Moment)),
            done_at=sa.bindparam("at", type_=Moment),
        )
    )


# Made once, since to make a statement takes longer than the database takes to carry it out.
_CLAIM = {posts: _claiming(tasks) for posts, tasks in CLASSES.items()}
_GIVE_BACK = _giving_back()
_SETTLE = _settling()
