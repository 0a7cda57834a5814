"""The delivery ledger as announcers know it: what is to go where, how far each copy is, and who asked for what."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.announcements.copies import (
    CORRECTED,
    RECALLED,
    Announcement,
    AuditLine,
    By,
    Counts,
    Delivery,
    State,
    Target,
    Task,
)
from bot.announcements.rows import insert_copies, read_copy, without_copy
from bot.errors import UnavailableError
from bot.messages import KeptReceipt, Person, Place
from bot.storage.database import Database
from bot.storage.tables import announcements, audit, deliveries, receipts

ROWS = deliveries.c

SENT_NOTHING = ROWS.task.in_(("check", "expand"))
"""Whether a copy is only looked into, by which nobody gets anything."""


class Deliveries:
    """The delivery ledger over SQLite or PostgreSQL; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # -- what announcers ask for

    async def announce(
        self, announcement: Announcement, targets: Sequence[Target], *, again: bool = False, draft: bool = False
    ) -> int:
        """Notes who is to get an announcement, and gives how many of them did not have it or have it coming already.

        With `again` they all get another copy. A `draft` is only checked place by place, until `send` is called.
        """
        try:
            return await self._put_in(announcement, targets, again, draft)
        except UnavailableError:  # perhaps only the answer was lost, and whoever asks anew with `again` sends twice
            return await self._put_in(announcement, targets, again, draft)

    async def _put_in(self, announcement: Announcement, targets: Sequence[Target], again: bool, draft: bool) -> int:
        """Does it once for each id of an announcement, and gives the same number whenever it is repeated."""
        new = self.database.upsert(announcements).values(**vars(announcement)).on_conflict_do_nothing()
        async with self.database.writing() as connection:
            if (await connection.execute(new.returning(announcements.c.id))).first() is None:
                made = sa.select(sa.func.count()).where(ROWS.announcement == announcement.id)
                return int((await connection.execute(made)).scalar_one())
            last = sa.select(sa.func.max(ROWS.round)).where(ROWS.name == announcement.name)
            number = None if again else (await connection.execute(last)).scalar() or 1
            wanted = targets if again else await without_copy(connection, announcement.name, targets)
            task: Task = "check" if draft else "post"
            found = await insert_copies(connection, self.database, announcement, wanted, number, task)
            if found:
                due = "a draft" if draft else f"due {announcement.due_at:%Y-%m-%d %H:%M} UTC"
                by = By(announcement.by, announcement.made_at)
                await self._note(connection, "announce", announcement.name, by, f"{found} of {len(targets)}, {due}")
            else:
                await connection.rollback()
        return found

    async def send(self, name: str, due_at: datetime, zone: str, by: By, report_to: str = "") -> int:
        """Turns the draft of that name into what is sent when it is due; gives how many copies that makes.

        Whoever asks second finds no draft any more.
        """
        drafted = (ROWS.name == name, ROWS.task == "check")
        released = sa.update(deliveries).where(*drafted)
        task = sa.case((ROWS.kind == "members", "expand"), else_="post")
        values = {"task": task, "state": "pending", "attempts": 0, "not_before": due_at, "error": "", "done_at": None}
        async with self.database.writing() as connection:
            ids = [
                row.announcement
                for row in await connection.execute(sa.select(ROWS.announcement).where(*drafted).distinct())
            ]
            found = int((await connection.execute(released.values(**values))).rowcount)
            if found:
                own = sa.update(announcements).where(announcements.c.id.in_(ids))
                await connection.execute(own.values(due_at=due_at, zone=zone, report_to=report_to))
            await self._note(connection, "send", name, by, f"{found} copies, due {due_at:%Y-%m-%d %H:%M} UTC")
        return found

    async def check_again(self, name: str, by: By) -> int:
        """Has every place of a draft checked once more; gives how many."""
        again = {"state": "pending", "attempts": 0, "not_before": by.at, "error": ""}
        return await self._change("check again", name, by, ("done", "failed"), ROWS.task == "check", **again)

    async def discard(self, name: str, by: By) -> int:
        """Drops a draft, and nothing that was sent or is to be under the same name; gives how many copies."""
        there = ("pending", "sending", "done", "failed")
        return await self._change("discard", name, by, there, ROWS.task == "check", task="post", state="cancelled")

    async def cancel(self, name: str, by: By) -> int:
        """Stops what has not begun of an announcement, drafts too; gives how many copies are not made."""
        waiting = sa.or_(sa.and_(ROWS.task == "post", ROWS.state == "pending"), SENT_NOTHING)
        there = ("pending", "sending", "done", "failed", "unknown")
        return await self._change("cancel", name, by, there, waiting, task="post", state="cancelled")

    async def send_again(self, name: str, states: Collection[str], by: By) -> int:
        """Puts copies in these states back in the queue, `unknown` or `failed` ones; gives how many.

        What was recalled is not posted again.
        """
        recalled = sa.select(announcements.c.id).where(announcements.c.words == RECALLED)
        which = sa.or_(ROWS.task != "post", ROWS.announcement.not_in(recalled))
        again = {"state": "pending", "attempts": 0, "not_before": by.at, "error": ""}
        return await self._change("send again", name, by, states, which, **again)

    async def leave(self, name: str, by: By) -> int:
        """Settles that copies which may have arrived are left as they are; gives how many."""
        return await self._change("leave", name, by, ("unknown",), state="left")

    async def correct(self, name: str, words: str, by: By) -> int:
        """Has every copy edited to these words; what is still to come gets them, too. Gives how many are edited.

        One that may have arrived with the words of before is marked, and edited when it is found.
        """
        unsure = (ROWS.name == name, ROWS.task == "post", ROWS.state.in_(("sending", "unknown")))
        async with self.database.writing() as connection:
            await self._say_instead(connection, name, words)
            await connection.execute(sa.update(deliveries).where(*unsure).values(error=CORRECTED))
            return await self._have(connection, name, "edit", by)

    async def recall(self, name: str, by: By) -> int:
        """Has every copy deleted and makes no more; gives how many are deleted."""
        async with self.database.writing() as connection:
            await self._say_instead(connection, name, RECALLED)
            waiting = sa.or_(ROWS.state.in_(("pending", "failed")), SENT_NOTHING)
            dropped = sa.update(deliveries).where(ROWS.name == name, ROWS.ref == "", waiting)
            await connection.execute(dropped.values(task="post", state="cancelled", done_at=by.at))
            return await self._have(connection, name, "delete", by)

    async def edit_posts(self, posts: Sequence[tuple[KeptReceipt, Place, Announcement]], name: str, by: By) -> None:
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

    async def announcements(self) -> tuple[tuple[Announcement, Counts], ...]:
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
        return tuple((Announcement(**row._mapping), Counts(by_announcement.get(row.id, {}))) for row in found)

    async def copies(self, name: str) -> tuple[Delivery, ...]:
        """Every copy of an announcement, in the order in which they were asked for."""
        query = sa.select(deliveries).where(ROWS.name == name).order_by(ROWS.round, ROWS.position, ROWS.id)
        async with self.database.reading() as connection:
            return tuple(read_copy(row) for row in await connection.execute(query))

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

    async def _say_instead(self, connection: AsyncConnection, name: str, words: str) -> None:
        await connection.execute(sa.update(announcements).where(announcements.c.name == name).values(words=words))

    async def _have(self, connection: AsyncConnection, name: str, task: Task, by: By) -> int:
        """Puts a task to every copy that is there; one on its way gets it when it has arrived."""
        there = (ROWS.name == name, ROWS.ref != "", sa.not_(sa.and_(ROWS.task == "delete", ROWS.state == "done")))
        asked = sa.update(deliveries).where(*there)
        values = {"task": task, "state": "pending", "attempts": 0, "not_before": by.at, "error": ""}
        found = int((await connection.execute(asked.values(**values))).rowcount)
        await self._note(connection, {"edit": "correct"}.get(task, "recall"), name, by, f"{found} copies")
        return found


def _for(person: Person) -> tuple[sa.ColumnElement[bool], ...]:
    """Copies for a person alone, by either of their ids."""
    ids = {person.id, person.account} - {""}
    return ROWS.place.in_(ids), ROWS.kind == "person", ROWS.tenant == person.tenant, ROWS.platform == person.platform
