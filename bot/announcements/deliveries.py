"""The delivery ledger as announcers know it: what is to go where, how far each copy is, and who asked for what."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.announcements.copies import (
    CORRECTED,
    RECALLED,
    AuditLine,
    By,
    Counts,
    Delivery,
    KeptAnnouncement,
    State,
    Target,
    Task,
)
from bot.announcements.rows import insert_copies, last_round, read_copy, without_copy
from bot.errors import UnavailableError
from bot.messages import KeptReceipt, Person, Place
from bot.storage.database import Database
from bot.storage.tables import announcements, audit, deliveries, receipts

ROWS = deliveries.c

SETTINGS = ("version", "words", "made_at", "due_at", "zone")
"""What whoever drafts an announcement again says anew, for all places of their draft."""


class Deliveries:
    """The delivery ledger over SQLite or PostgreSQL; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # -- what announcers ask for

    async def announce(
        self, announcement: KeptAnnouncement, targets: Sequence[Target], *, again: bool = False, draft: bool = False
    ) -> int:
        """Notes who is to get an announcement, and gives how many of them did not have it or have it coming already.

        With `again` they all get another copy. A `draft`, of whoever announces, is only checked place by place until
        they call `send`; a place that is in it already is no other one, and is there as it was asked for last.
        """
        try:
            return await self._put_in(announcement, targets, again, draft)
        except UnavailableError:  # perhaps only the answer was lost, and whoever asks anew with `again` sends twice
            return await self._put_in(announcement, targets, again, draft)

    async def _put_in(self, announcement: KeptAnnouncement, targets: Sequence[Target], again: bool, draft: bool) -> int:
        """Does it once for each id of an announcement, and gives the same number whenever it is repeated."""
        new = self.database.upsert(announcements).values(**vars(announcement)).on_conflict_do_nothing()
        async with self.database.writing() as connection:
            await self.database.alone(connection)
            if draft:
                return await self._draft(connection, announcement, targets, again=again)
            if (await connection.execute(new.returning(announcements.c.id))).first() is None:
                made = sa.select(sa.func.count()).where(ROWS.announcement == announcement.id)
                return int((await connection.execute(made)).scalar_one())
            name, by = announcement.name, announcement.by
            number = None if again else await last_round(connection, name) or 1
            wanted = targets if again else await without_copy(connection, name, targets, draft_of=by)
            found = await insert_copies(connection, self.database, announcement, wanted, number)
            if found:
                asked = f"{found} of {len(targets)}, due {announcement.due_at:%Y-%m-%d %H:%M} UTC"
                await self._note(connection, "announce", name, By(by, announcement.made_at), asked)
            else:
                await connection.rollback()
        return found

    async def send(self, name: str, due_at: datetime, zone: str, by: By, report_to: str = "") -> tuple[int, int]:
        """Turns somebody's draft of that name into what is sent when it is due; gives how many copies that makes.

        And how many places are left out, since they got a copy meanwhile or have one coming. Whoever asks second finds
        no draft any more.
        """
        async with self.database.writing() as connection:
            await self.database.alone(connection)
            taken = sa.delete(deliveries).where(*_draft_of(name, by)).returning(deliveries)
            drafted = sorted((await connection.execute(taken)).all(), key=lambda row: row.position)
            own = sa.update(announcements).where(announcements.c.id.in_({row.announcement for row in drafted}))
            released = own.values(due_at=due_at, zone=zone, report_to=report_to).returning(announcements)
            made = {row.id: KeptAnnouncement(**row._mapping) for row in await connection.execute(released)}
            together: dict[tuple[str, int], list[Target]] = {}
            for row in drafted:
                together.setdefault((row.announcement, row.round), []).append(_target(row))
            found, newest = 0, await last_round(connection, name) or 1
            for (key, number), targets in together.items():
                wanted = await without_copy(connection, name, targets, since=number)
                found += await insert_copies(connection, self.database, made[key], wanted, number or newest)
            await self._drop_empty(connection, made)
            await self._note(connection, "send", name, by, f"{found} copies, due {due_at:%Y-%m-%d %H:%M} UTC")
        return found, len(drafted) - found

    async def check_again(self, name: str, by: By) -> int:
        """Has every place of somebody's draft checked once more; gives how many."""
        again = {"state": "pending", "attempts": 0, "not_before": by.at, "error": ""}
        return await self._change("check again", name, by, ("done", "failed"), *_draft_of(name, by), **again)

    async def discard(self, name: str, by: By) -> int:
        """Drops somebody's draft, and nothing else of that name; gives how many places it had."""
        async with self.database.writing() as connection:
            found = await self._drop_draft(connection, name, by)
            await self._note(connection, "discard", name, by, f"{found} copies")
        return found

    async def cancel(self, name: str, by: By) -> int:
        """Stops what has not begun of an announcement, and drops the draft of whoever asks; gives how many copies."""
        waiting = sa.or_(sa.and_(ROWS.task == "post", ROWS.state == "pending"), ROWS.task == "expand")
        there = ROWS.state.in_(("pending", "sending", "done", "failed", "unknown"))
        stopped = sa.update(deliveries).where(ROWS.name == name, waiting, there)
        async with self.database.writing() as connection:
            found = await self._drop_draft(connection, name, by)
            values = {"task": "post", "state": "cancelled", "done_at": by.at}
            found += int((await connection.execute(stopped.values(**values))).rowcount)
            await self._note(connection, "cancel", name, by, f"{found} copies")
        return found

    async def send_again(self, name: str, states: Collection[str], by: By) -> int:
        """Puts copies in these states back in the queue, `unknown` or `failed` ones; gives how many.

        What was recalled is not posted again. Of drafts only that of whoever asks is checked again.
        """
        recalled = sa.select(announcements.c.id).where(announcements.c.words == RECALLED)
        which = sa.or_(ROWS.task != "post", ROWS.announcement.not_in(recalled))
        again = {"state": "pending", "attempts": 0, "not_before": by.at, "error": ""}
        return await self._change("send again", name, by, states, which, ROWS.draft.in_(("", by.who)), **again)

    async def leave(self, name: str, by: By) -> int:
        """Settles that copies which may have arrived are left as they are; gives how many."""
        return await self._change("leave", name, by, ("unknown",), state="left")

    async def correct(self, name: str, words: str, by: By, others: Mapping[str, str] | None = None) -> int:
        """Has every copy edited to these words; what is still to come gets them, too. Gives how many are edited.

        `others` are the words of announcements, by their ids, that say it another way. A copy that may have arrived
        with the words of before is marked, and edited when it is found.
        """
        unsure = (ROWS.name == name, ROWS.task == "post", ROWS.state.in_(("sending", "unknown")))
        async with self.database.writing() as connection:
            await self._say_instead(connection, words, announcements.c.name == name)
            for key, own in (others or {}).items():
                await self._say_instead(connection, own, announcements.c.id == key)
            await connection.execute(sa.update(deliveries).where(*unsure).values(error=CORRECTED))
            return await self._have(connection, name, "edit", by)

    async def recall(self, name: str, by: By) -> int:
        """Has every copy deleted and makes no more; gives how many are deleted.

        The draft of whoever asks is dropped; another's is still a draft.
        """
        drafted = sa.select(ROWS.announcement).where(ROWS.name == name, ROWS.draft != "")
        async with self.database.writing() as connection:
            await self._drop_draft(connection, name, by)
            others = announcements.c.id.not_in(drafted)
            await self._say_instead(connection, RECALLED, announcements.c.name == name, others)
            waiting = sa.or_(ROWS.state.in_(("pending", "failed")), ROWS.task == "expand")
            dropped = sa.update(deliveries).where(ROWS.name == name, ROWS.ref == "", ROWS.draft == "", waiting)
            await connection.execute(dropped.values(task="post", state="cancelled", done_at=by.at))
            return await self._have(connection, name, "delete", by)

    async def edit_posts(self, posts: Sequence[tuple[KeptReceipt, Place, KeptAnnouncement]], name: str, by: By) -> None:
        """Has posts edited where they can be, to the words beside their receipts, which say then what they show."""
        async with self.database.writing() as connection:
            for receipt, place, announcement in posts:
                target = Target(place, "channel", receipt.language or "en", receipt.ref)
                await connection.execute(sa.insert(announcements).values(**vars(announcement)))
                await insert_copies(connection, self.database, announcement, (target,), None, "edit")
                shown = sa.update(receipts).where(receipts.c.id == receipt.id)
                await connection.execute(shown.values(digest=receipt.digest, content_version=receipt.version))
            await self._note(connection, "correct posts", name, by, f"{len(posts)} posts")

    async def forget(self, person: Person) -> None:
        """Deletes what is kept of the copies that went to a person alone."""
        gone = sa.delete(deliveries).where(*_for(person), ROWS.state != "sending")
        async with self.database.writing() as connection:
            await connection.execute(gone)

    async def reached(self, person: Person) -> bool:
        """Whether it is kept that a copy went to a person alone."""
        async with self.database.reading() as connection:
            return bool((await connection.execute(sa.select(ROWS.id).where(*_for(person)).limit(1))).first())

    async def audit(self) -> tuple[AuditLine, ...]:
        """Who did what, oldest first."""
        line = sa.select(audit.c.at, audit.c.by, audit.c.act, audit.c.subject, audit.c.detail)
        async with self.database.reading() as connection:
            found = await connection.execute(line.order_by(audit.c.id))
        return tuple(AuditLine(**row._mapping) for row in found)

    # -- what is told about it

    async def announcements(self) -> tuple[tuple[KeptAnnouncement, Counts], ...]:
        """Every announcement with its counts, the newest first."""
        made = announcements.c.made_at.desc()
        columns = (ROWS.announcement, ROWS.task, ROWS.state)
        counted = sa.select(*columns, sa.func.count()).group_by(*columns)
        async with self.database.reading() as connection:
            found = (await connection.execute(sa.select(announcements).order_by(made))).all()
            counts = (await connection.execute(counted)).all()
        by_announcement: dict[str, dict[tuple[Task, State], int]] = {}
        for announcement, task, state, number in counts:
            by_announcement.setdefault(announcement, {})[task, state] = number
        return tuple((KeptAnnouncement(**row._mapping), Counts(by_announcement.get(row.id, {}))) for row in found)

    async def copies(self, name: str, who: str | None = None) -> tuple[Delivery, ...]:
        """Every copy of an announcement, in the order in which they were asked for; of drafts only that of `who`.

        With None those of everybody.
        """
        seen = () if who is None else (ROWS.draft.in_(("", who)),)
        ordered = (ROWS.draft != "", ROWS.round, ROWS.position, ROWS.id)
        query = sa.select(deliveries).where(ROWS.name == name, *seen).order_by(*ordered)
        async with self.database.reading() as connection:
            return tuple(read_copy(row) for row in await connection.execute(query))

    async def _draft(
        self, connection: AsyncConnection, announcement: KeptAnnouncement, targets: Sequence[Target], *, again: bool
    ) -> int:
        """Adds places to the draft of whoever announces, all of which has this time and these words from then on.

        What a draft has is in no round of copies yet: it is in that of the day when it is sent (0), or `again` in a
        later one than there was.
        """
        name, by = announcement.name, By(announcement.by, announcement.made_at)
        number = await last_round(connection, name) + 1 if again else 0
        wanted = targets if again else await without_copy(connection, name, targets)
        if not wanted:
            return 0
        own = (await connection.execute(sa.select(deliveries).where(*_draft_of(name, by)))).all()
        changed = 1
        if own:
            says = {key: getattr(announcement, key) for key in SETTINGS}
            differs = sa.or_(*(announcements.c[key] != says[key] for key in ("words", "due_at", "zone")))
            ours = sa.update(announcements).where(announcements.c.id.in_({row.announcement for row in own}), differs)
            changed = (await connection.execute(ours.values(**says))).rowcount
            announcement = replace(announcement, id=own[0].announcement)
        else:
            await connection.execute(sa.insert(announcements).values(**vars(announcement)))
        there = {_target(row) for row in own if row.round == number}
        added = [target for target in wanted if target not in there]
        places = {target.place for target in added}
        for row in own:
            if _target(row).place in places:  # it was asked for in another way before
                await connection.execute(sa.delete(deliveries).where(ROWS.id == row.id))
        await insert_copies(connection, self.database, announcement, added, number, "check")
        if added or changed:
            await self._note(connection, "announce", name, by, f"{len(added)} of {len(targets)}, a draft")
        return len(wanted)

    async def _drop_draft(self, connection: AsyncConnection, name: str, by: By) -> int:
        """Deletes somebody's draft of that name, at the beginning of a transaction; gives how many places it had."""
        await self.database.alone(connection)
        gone = sa.delete(deliveries).where(*_draft_of(name, by)).returning(ROWS.announcement)
        drafted = (await connection.execute(gone)).scalars().all()
        await self._drop_empty(connection, drafted)
        return len(drafted)

    async def _drop_empty(self, connection: AsyncConnection, ids: Collection[str]) -> None:
        """Deletes those of these announcements, former drafts, of which no copy is left."""
        left = sa.exists().where(ROWS.announcement == announcements.c.id)
        await connection.execute(sa.delete(announcements).where(announcements.c.id.in_(set(ids)), sa.not_(left)))

    async def _change(
        self, act: str, name: str, by: By, states: Collection[str], *which: sa.ColumnElement[bool], **values: Any
    ) -> int:
        changed = sa.update(deliveries).where(ROWS.name == name, ROWS.state.in_(states), *which)
        async with self.database.writing() as connection:
            found = int((await connection.execute(changed.values(done_at=by.at, **values))).rowcount)
            await self._note(connection, act, name, by, f"{found} copies")
        return found

    async def _note(self, connection: AsyncConnection, act: str, subject: str, by: By, detail: str) -> None:
        """Writes down who did what, which the database lets nobody change."""
        line = {"at": by.at, "by": by.who, "act": act, "subject": subject, "detail": detail}
        await connection.execute(sa.insert(audit).values(**line))

    async def _say_instead(self, connection: AsyncConnection, words: str, *which: sa.ColumnElement[bool]) -> None:
        await connection.execute(sa.update(announcements).where(*which).values(words=words))

    async def _have(self, connection: AsyncConnection, name: str, task: Task, by: By) -> int:
        """Puts a task to every copy that is there; one on its way gets it when it has arrived."""
        there = (ROWS.name == name, ROWS.ref != "", sa.not_(sa.and_(ROWS.task == "delete", ROWS.state == "done")))
        asked = sa.update(deliveries).where(*there)
        values = {"task": task, "state": "pending", "attempts": 0, "not_before": by.at, "error": ""}
        found = int((await connection.execute(asked.values(**values))).rowcount)
        await self._note(connection, {"edit": "correct"}.get(task, "recall"), name, by, f"{found} copies")
        return found


def _draft_of(name: str, by: By) -> tuple[sa.ColumnElement[bool], ...]:
    """The places of somebody's draft of an announcement."""
    return ROWS.name == name, ROWS.draft == by.who, ROWS.task == "check"


def _target(row: Any) -> Target:
    return Target(Place(row.platform, row.tenant, row.place), row.kind, row.language)


def _for(person: Person) -> tuple[sa.ColumnElement[bool], ...]:
    """Copies for a person alone, by either of their ids."""
    ids = {person.id, person.account} - {""}
    return ROWS.place.in_(ids), ROWS.kind == "person", ROWS.tenant == person.tenant, ROWS.platform == person.platform
