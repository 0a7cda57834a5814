"""Copies of announcements as rows of the ledger: how they are put in and read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.announcements.copies import Delivery, KeptAnnouncement, Target, Task, lane_of, new_id
from bot.messages import Place
from bot.storage.database import Database
from bot.storage.tables import deliveries, lanes

PAGE = 400
"""Rows that are written or read at once."""

ONCE = ("name", "round", "draft", "platform", "tenant", "place")
"""What there is one copy of."""

NEVER_MADE = sa.and_(deliveries.c.state == "cancelled", deliveries.c.ref == "")
"""Whether a copy was cancelled before it was there."""


async def last_round(connection: AsyncConnection, name: str) -> int:
    """The newest round of an announcement in which something was sent or is to be, drafts apart; 0 where none was."""
    last = sa.select(sa.func.max(deliveries.c.round)).where(deliveries.c.name == name, deliveries.c.draft == "")
    return (await connection.execute(last)).scalar() or 0


async def insert_copies(
    connection: AsyncConnection,
    database: Database,
    announcement: KeptAnnouncement,
    targets: Sequence[Target],
    number: int | None,
    task: Task = "post",
) -> int:
    """Puts in a copy with this task for each target that has none in this round (None: a new one); gives how many.

    One that was cancelled before it was there counts as none, and is taken up again.
    """
    if number is None:
        number = await last_round(connection, announcement.name) + 1
    owned = sorted({lane_of(target.place) for target in targets})
    if owned:
        values = [{"lane": lane, "epoch": 0} for lane in owned]
        await connection.execute(database.upsert(lanes).on_conflict_do_nothing(), values)
    found = 0
    for start in range(0, len(targets), PAGE):
        page = [
            _values(announcement, target, start + at, number, task)
            for at, target in enumerate(targets[start : start + PAGE])
        ]
        put_in = database.upsert(deliveries).values(page)
        taken = put_in.on_conflict_do_update(
            index_elements=[deliveries.c[key] for key in ONCE],
            set_={key: put_in.excluded[key] for key in page[0] if key not in ONCE},
            where=NEVER_MADE,
        )
        found += len((await connection.execute(taken.returning(deliveries.c.id))).all())
    return found


async def without_copy(
    connection: AsyncConnection, name: str, targets: Sequence[Target], *, since: int = 0, draft_of: str = ""
) -> list[Target]:
    """The targets that have no copy of an announcement from this round on, and none coming.

    A draft makes none come; only `draft_of` somebody counts.
    """
    columns = (deliveries.c.platform, deliveries.c.tenant, deliveries.c.place)
    counted = (deliveries.c.round >= since, deliveries.c.draft.in_(("", draft_of)), sa.not_(NEVER_MADE))
    having = sa.select(*columns).where(deliveries.c.name == name, *counted)
    places = {Place(*row) for row in await connection.execute(having)}
    return [target for target in targets if target.place not in places]


def read_copy(row: Any) -> Delivery:
    """The copy that a row is, without the words of its announcement."""
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
        row.claim,
    )


def _values(announcement: KeptAnnouncement, target: Target, position: int, number: int, task: Task) -> dict[str, Any]:
    place = target.place
    return {
        "id": new_id(),
        "announcement": announcement.id,
        "name": announcement.name,
        "round": number,
        "draft": announcement.by if task == "check" else "",
        "position": position,
        "lane": lane_of(place),
        "platform": place.platform,
        "tenant": place.tenant,
        "place": place.id,
        "kind": target.kind,
        "language": target.language,
        "task": "expand" if task == "post" and target.kind == "members" else task,
        "state": "pending",
        "epoch": 0,
        "attempts": 0,
        "claim": "",
        "not_before": announcement.made_at if task == "check" else announcement.due_at,
        "done_at": None,
        "ref": target.ref,
        "error": "",
    }
