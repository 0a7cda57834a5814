"""No copy hangs: what the database did without the bot hearing of it is neither lost nor done twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.announcements import pacing
from bot.announcements.copies import Delivery, Fate, Target
from bot.announcements.deliveries import Deliveries
from bot.announcements.lanes import Lanes
from bot.content.topics import RESULT
from bot.errors import UnavailableError
from bot.messages import Place
from bot.storage.database import Database, async_url
from bot.storage.ledger import open_ledger
from tests.fakes.delivering import announcement, dispatching, hurried, me, targets, told
from tests.fakes.platforms import FakePlatforms
from tests.fakes.postgres import BreakingLine
from tests.storage.test_ledger import url

__all__ = ["url"]

NAME = "topic/launch"
LANE = "slack:T1"
POSTGRES = pytest.mark.parametrize("url", ["postgresql"], indirect=True)


class Unheard(Database):
    """Commits, and then raises what `lost` says for each transaction in turn, or nothing where that is None."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self.lost: Iterator[Exception | None] = iter(())
        self.raised = 0

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, of which the caller may hear nothing."""
        async with super().writing() as connection:
            yield connection
        if error := next(self.lost, None):
            self.raised += 1
            raise error


@pytest.fixture
async def transactions(url: str) -> AsyncIterator[Unheard]:
    """The transactions of an empty ledger, on SQLite and on PostgreSQL."""
    async with open_ledger(url) as ledger:
        yield Unheard(ledger.database.engine)


@pytest.fixture
def deliveries(transactions: Unheard) -> Deliveries:
    """Its delivery ledger."""
    return Deliveries(transactions)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dispatcher that waits no more than a moment when something failed."""
    monkeypatch.setattr(pacing, "LONGEST_BACKOFF", 0.02)


async def sender_told(deliveries: Deliveries, seconds: float = 60.0) -> tuple[Delivery, ...]:
    """The copies once the sender was told that all is done, which is never while one hangs."""
    async with asyncio.timeout(seconds):
        while [copy.state for copy in await deliveries.copies(f"{NAME}{RESULT}")] != ["done"]:
            await asyncio.sleep(0.02)
    return await deliveries.copies(NAME)


async def unheard(transactions: Unheard, act: Callable[[], Awaitable[object]]) -> None:
    """Does something of which the caller hears nothing."""
    transactions.lost = iter([UnavailableError("the connection is lost")])
    with pytest.raises(UnavailableError):
        await act()


def slack(places: int) -> list[Target]:
    """So many channels of one workspace."""
    return targets(lanes=2, places=places)[1::2]


def now() -> datetime:
    """The moment at which it is called."""
    return datetime.now(UTC)


def states(copies: Iterable[Delivery]) -> list[tuple[str, str]]:
    """The task and state of each copy."""
    return [(copy.task, copy.state) for copy in copies]


# -- delivering


@pytest.mark.parametrize("error", [UnavailableError("lost"), RuntimeError("broken")], ids=["away", "unforeseen"])
async def test_no_copy_hangs_when_answers_are_lost(
    transactions: Unheard, deliveries: Deliveries, impatient: None, error: Exception
):
    """Every second transaction is carried out unheard: each copy arrives once, and the sender is told at the end."""
    await deliveries.announce(told(), targets(lanes=2, places=10))
    transactions.lost = cycle([None, error])
    async with FakePlatforms(limited=False) as platforms, dispatching(deliveries, platforms.origin, 0):
        copies = await sender_told(deliveries)
        transactions.lost = iter(())
    assert transactions.raised >= 10
    assert states(copies) == [("post", "done")] * 20
    assert [platforms.arrived[copy.id] for copy in copies] == [1] * 20
    assert {copy.attempts for copy in copies} == {1}


@POSTGRES
async def test_no_copy_hangs_when_the_line_to_the_database_breaks(url: str, impatient: None):
    """Before a COMMIT, after it and while it is on its way, one after the other, until everything has arrived."""
    async with open_ledger(url) as watched, BreakingLine(url) as line, open_ledger(line.url) as ledger:
        await Deliveries(ledger.database).announce(told(), targets(lanes=2, places=12))
        line.breaks = cycle([None, "after", None, "before", None, "meanwhile"])
        async with (
            FakePlatforms(limited=False) as platforms,
            dispatching(Deliveries(ledger.database), platforms.origin, 0),
        ):
            copies = await sender_told(Deliveries(watched.database))
            line.breaks = iter(())
    assert line.broken >= 10
    assert states(copies) == [("post", "done")] * 24
    assert [platforms.arrived[copy.id] for copy in copies] == [1] * 24


@pytest.mark.parametrize("task", ["edit", "delete"])
async def test_no_correction_hangs_when_answers_are_lost(
    transactions: Unheard, deliveries: Deliveries, impatient: None, task: str
):
    """What is edited or taken back is so in the end, and nothing is posted for it."""
    await deliveries.announce(told(), slack(6))
    async with FakePlatforms(limited=False) as platforms:
        async with dispatching(deliveries, platforms.origin, 0):
            await sender_told(deliveries)
            await (deliveries.correct(NAME, "{1}", me()) if task == "edit" else deliveries.recall(NAME, me()))
            transactions.lost = cycle([UnavailableError("lost"), None])
            async with asyncio.timeout(60):
                while states(await deliveries.copies(NAME)) != [(task, "done")] * 6:
                    await asyncio.sleep(0.02)
            transactions.lost = iter(())
        done = platforms.edited if task == "edit" else platforms.deleted
    assert max(platforms.arrived.values()) == max(done.values()) == 1


# -- claims


async def test_a_lane_is_looked_after_while_anything_in_it_is_on_its_way(deliveries: Deliveries):
    """Also where nothing else is due there, for whoever is said to bring it may have heard nothing of that."""
    await deliveries.announce(announcement(), slack(2))
    epoch = await Lanes(deliveries.database).take(LANE, now())
    claimed = await Lanes(deliveries.database).advance(LANE, epoch, (), now(), 2)
    assert await Lanes(deliveries.database).due(now()) == ((LANE, True),)
    done = [Fate(copy, "done", now(), "17.1") for copy in claimed]
    await Lanes(deliveries.database).advance(LANE, epoch, done, now(), 0)
    assert await Lanes(deliveries.database).due(now()) == ()


async def test_a_claim_whose_answer_was_lost_is_made_again(transactions: Unheard, deliveries: Deliveries):
    """The same copies are claimed, once each, and no others beside them."""
    await deliveries.announce(announcement(), slack(5))
    epoch = await Lanes(deliveries.database).take(LANE, now())
    await unheard(transactions, lambda: Lanes(deliveries.database).advance(LANE, epoch, (), now(), 2, claim="c1"))
    before = [copy for copy in await deliveries.copies(NAME) if copy.state == "sending"]
    claimed = await Lanes(deliveries.database).advance(LANE, epoch, (), now(), 2, claim="c1")
    after = [copy for copy in await deliveries.copies(NAME) if copy.state == "sending"]
    assert [copy.id for copy in claimed] == [copy.id for copy in before] == [copy.id for copy in after]
    assert [copy.attempts for copy in after] == [1, 1]


async def test_what_nobody_heard_of_waits_again_when_no_more_is_claimed(transactions: Unheard, deliveries: Deliveries):
    """Whoever is told to stop leaves nothing on its way that surely was not sent."""
    await deliveries.announce(announcement(), slack(3))
    epoch = await Lanes(deliveries.database).take(LANE, now())
    await unheard(transactions, lambda: Lanes(deliveries.database).advance(LANE, epoch, (), now(), 2, claim="c1"))
    assert await Lanes(deliveries.database).advance(LANE, epoch, (), now(), 0, claim="c1") == ()
    copies = await deliveries.copies(NAME)
    assert [(copy.state, copy.attempts) for copy in copies] == [("pending", 0)] * 3


async def test_what_is_recalled_before_a_claim_is_made_again_is_not_sent(transactions: Unheard, deliveries: Deliveries):
    """Nobody was sent it, so it is not made."""
    await deliveries.announce(announcement(), slack(2))
    epoch = await Lanes(deliveries.database).take(LANE, now())
    await unheard(transactions, lambda: Lanes(deliveries.database).advance(LANE, epoch, (), now(), 2, claim="c1"))
    await deliveries.recall(NAME, me())
    assert await Lanes(deliveries.database).advance(LANE, epoch, (), now(), 2, claim="c1") == ()
    assert states(await deliveries.copies(NAME)) == [("post", "cancelled")] * 2


async def test_a_former_owner_who_claims_again_gets_nothing(transactions: Unheard, deliveries: Deliveries):
    """Neither what it had claimed, which is looked for by the next owner, nor what that one has claimed since."""
    await deliveries.announce(announcement(), slack(3))
    old = await Lanes(deliveries.database).take(LANE, now())
    await unheard(transactions, lambda: Lanes(deliveries.database).advance(LANE, old, (), now(), 2, claim="c1"))
    new = await Lanes(deliveries.database).take(LANE, now())
    await Lanes(deliveries.database).advance(LANE, new, (), now(), 2, claim="c2")
    before = await deliveries.copies(NAME)
    assert await Lanes(deliveries.database).advance(LANE, old, (), now(), 2, claim="c1") == ()
    assert await deliveries.copies(NAME) == before
    assert sorted(copy.state for copy in before) == ["sending", "unknown", "unknown"]


@POSTGRES
async def test_a_claim_that_the_server_is_still_at_is_waited_for(url: str):
    """A line breaks and the COMMIT arrives late: who claims again does not miss what it took."""
    async with open_ledger(url) as watched, BreakingLine(url) as line, open_ledger(line.url) as ledger:
        lanes = Lanes(ledger.database)
        await Deliveries(ledger.database).announce(announcement(), slack(5))
        epoch = await lanes.take(LANE, now())
        line.breaks, _ = iter(["meanwhile"]), line.arriving.clear()
        with pytest.raises(UnavailableError):
            await lanes.advance(LANE, epoch, (), now(), 2, claim="c1")
        again = asyncio.create_task(lanes.advance(LANE, epoch, (), now(), 2, claim="c1"))
        await locked_out(watched.database.engine)
        line.arriving.set()
        claimed = await again
        sending = [copy.id for copy in await Deliveries(watched.database).copies(NAME) if copy.state == "sending"]
    assert [copy.id for copy in claimed] == sending
    assert len(sending) == 2


@POSTGRES
async def test_a_lane_is_not_taken_before_the_last_claim_in_it_is_known(url: str):
    """What its former owner has claimed at that moment is looked for, whatever became of that owner."""
    async with open_ledger(url) as watched, BreakingLine(url) as line, open_ledger(line.url) as ledger:
        await Deliveries(ledger.database).announce(announcement(), slack(3))
        old = await Lanes(ledger.database).take(LANE, now())
        line.breaks, _ = iter(["meanwhile"]), line.arriving.clear()
        with pytest.raises(UnavailableError):
            await Lanes(ledger.database).advance(LANE, old, (), now(), 2)
        taking = asyncio.create_task(Lanes(watched.database).take(LANE, now()))
        await locked_out(watched.database.engine)
        line.arriving.set()
        assert await taking == 2
        copies = await Deliveries(watched.database).copies(NAME)
    assert [(copy.state, copy.epoch) for copy in copies] == [("unknown", 2), ("unknown", 2), ("pending", 0)]


async def locked_out(engine: AsyncEngine) -> None:
    """Waits until somebody waits for a lock in the database."""
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(60), engine.connect() as connection:
        while not (await connection.execute(waiting)).scalar_one():
            await connection.rollback()
            await asyncio.sleep(0.01)


# -- outcomes


async def test_an_outcome_that_is_written_again_leaves_the_next_claim_alone(
    transactions: Unheard, deliveries: Deliveries
):
    """A copy was put off and claimed anew in one transaction: it is on its way once, and the outcome is of before."""
    await deliveries.announce(announcement(), slack(1))
    epoch = await Lanes(deliveries.database).take(LANE, now())
    (first,) = await Lanes(deliveries.database).advance(LANE, epoch, (), now(), 2, claim="c1")
    late = (Fate(first, "pending", now(), error="asleep", not_before=first.not_before),)
    await unheard(transactions, lambda: Lanes(deliveries.database).advance(LANE, epoch, late, now(), 2, claim="c2"))
    (second,) = await Lanes(deliveries.database).advance(LANE, epoch, late, now(), 2, claim="c2")
    assert (second.id, second.state, second.attempts, second.claim) == (first.id, "sending", 2, "c2")
    await Lanes(deliveries.database).advance(LANE, epoch, late, now(), 0)
    assert await deliveries.copies(NAME) == (replace(second, words=""),)


@pytest.mark.parametrize("state", ["done", "unknown"])
async def test_an_outcome_that_is_written_again_undoes_nothing(
    transactions: Unheard, deliveries: Deliveries, state: str
):
    """A correction that came in between stands."""
    await deliveries.announce(announcement(), slack(1))
    epoch = await Lanes(deliveries.database).take(LANE, now())
    (copy,) = await Lanes(deliveries.database).advance(LANE, epoch, (), now(), 2, claim="c1")
    came = (Fate(copy, state, now(), "17.1" if state == "done" else "", not_before=now()),)
    await unheard(transactions, lambda: Lanes(deliveries.database).advance(LANE, epoch, came, now(), 0, claim="c2"))
    await deliveries.correct(NAME, "{1}", me())
    before = await deliveries.copies(NAME)
    await Lanes(deliveries.database).advance(LANE, epoch, came, now(), 0, claim="c2")
    (after,) = await deliveries.copies(NAME)
    assert (after.task, after.state, after.error) == (before[0].task, before[0].state, before[0].error)
    assert (after.task, after.error) == (("edit", "") if state == "done" else ("post", "corrected"))


async def test_a_group_becomes_its_members_once(transactions: Unheard, deliveries: Deliveries):
    """However often it is written down who they are."""
    await deliveries.announce(announcement(), [Target(Place("slack", "T1", "C1"), "members")])
    epoch = await Lanes(deliveries.database).take(LANE, now())
    (group,) = await Lanes(deliveries.database).advance(LANE, epoch, (), now(), 2, posts=False, claim="c1")
    members = (Fate(group, "done", now(), members=tuple(Place("slack", "T1", f"U{each}") for each in range(3))),)
    await unheard(transactions, lambda: Lanes(deliveries.database).advance(LANE, epoch, members, now(), 0, claim="c2"))
    before = await deliveries.copies(NAME)
    await Lanes(deliveries.database).advance(LANE, epoch, members, now(), 0, claim="c2")
    assert await deliveries.copies(NAME) == before
    assert [copy.place.id for copy in before] == ["U0", "U1", "U2"]


# -- acts of people


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("draft", [False, True])
async def test_what_was_asked_for_unheard_is_asked_for_once(
    transactions: Unheard, deliveries: Deliveries, again: bool, draft: bool
):
    """Whoever announces hears how many copies there are, and nobody gets two."""
    transactions.lost = iter([UnavailableError("the connection is lost")])
    assert await deliveries.announce(announcement(), slack(3), again=again, draft=draft) == 3
    assert len(await deliveries.copies(NAME)) == 3
    assert [(line.act, line.detail[:6]) for line in await deliveries.audit()] == [("announce", "3 of 3")]


@POSTGRES
@pytest.mark.parametrize("moment", ["before", "after", "meanwhile"])
async def test_an_announcement_is_put_in_once_whenever_the_line_breaks(url: str, moment: str):
    """Another copy for everybody is one copy for everybody."""
    async with BreakingLine(url) as line, open_ledger(line.url) as ledger:
        line.breaks = iter([moment])
        assert await Deliveries(ledger.database).announce(announcement(), slack(3), again=True) == 3
        assert len(await Deliveries(ledger.database).copies(NAME)) == 3
    assert line.broken == 1


@pytest.mark.parametrize("act", ["send", "check again", "send again", "correct", "recall", "cancel"])
async def test_who_repeats_what_took_effect_unheard_does_nothing_twice(
    transactions: Unheard, deliveries: Deliveries, impatient: None, act: str
):
    """A person who saw an error asks once more at once; no place gets two copies, and none is changed twice."""
    acts: dict[str, Callable[[], Awaitable[object]]] = {
        "send": lambda: deliveries.send(NAME, now(), "UTC", me()),
        "check again": lambda: deliveries.check_again(NAME, me()),
        "send again": lambda: deliveries.send_again(NAME, ("failed",), me()),
        "correct": lambda: deliveries.correct(NAME, "{1}", me()),
        "recall": lambda: deliveries.recall(NAME, me()),
        "cancel": lambda: deliveries.cancel(NAME, me()),
    }
    drafted = act in ("send", "check again")
    await deliveries.announce(announcement(), slack(2), draft=drafted)
    if not drafted:
        await brought(deliveries, "failed" if act == "send again" else "done")
    await unheard(transactions, acts[act])
    await acts[act]()
    async with FakePlatforms(limited=False) as platforms:
        for copy in await deliveries.copies(NAME):
            if copy.ref:
                platforms._keep(LANE, copy.place.id, {}, copy.id)
        async with dispatching(deliveries, platforms.origin, 0), asyncio.timeout(60):
            while any(copy.state in ("pending", "sending") for copy in await deliveries.copies(NAME)):
                await asyncio.sleep(0.01)
    assert len(await deliveries.copies(NAME)) == 2
    assert max((platforms.arrived | platforms.edited | platforms.deleted).values(), default=0) <= 1


async def brought(deliveries: Deliveries, state: str) -> None:
    """Has the two copies brought, or not."""
    epoch = await Lanes(deliveries.database).take(LANE, now())
    claimed = await Lanes(deliveries.database).advance(LANE, epoch, (), now(), 2)
    came = [
        Fate(copy, state, now(), f"400000000{at}.000100" if state == "done" else "")
        for at, copy in enumerate(claimed, 1)
    ]
    await Lanes(deliveries.database).advance(LANE, epoch, came, now(), 0)


# -- what was there before


async def test_an_older_ledger_goes_on_where_it_was(url: str, impatient: None):
    """What was on its way when the bot was brought up to date is looked for, and the rest is sent."""
    await migrated(url, "0004")
    await in_the_middle(url)
    async with (
        open_ledger(url) as ledger,
        FakePlatforms(limited=False) as platforms,
        dispatching(Deliveries(ledger.database), platforms.origin, 0, hurried(600)),
        asyncio.timeout(60),
    ):
        while states(await Deliveries(ledger.database).copies(NAME)) != [("post", "done")] * 3:
            await asyncio.sleep(0.02)
    assert sorted(platforms.arrived.values()) == [1, 1, 1]


async def migrated(url: str, revision: str) -> None:
    """Makes the tables of an earlier version."""

    def migrate(connection: sa.Connection) -> None:
        config = Config()
        config.set_main_option("script_location", "bot/storage/migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    engine = create_async_engine(async_url(url))
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


async def in_the_middle(url: str) -> None:
    """Puts in three copies as that version did, of which two are on their way."""
    sent = announcement()
    common = {"announcement": sent.id, "name": NAME, "round": 1, "lane": LANE, "platform": "slack", "tenant": "T1"}
    common |= {"kind": "channel", "language": "en", "task": "post", "epoch": 3, "attempts": 1, "ref": "", "error": ""}
    common |= {"not_before": sent.made_at, "claimed_at": sent.made_at}
    copies = [
        {"id": f"{at:032x}", "position": at, "place": f"C{at}", "state": state, **common}
        for at, state in enumerate(("sending", "sending", "pending"))
    ]
    engine, tables = create_async_engine(async_url(url)), sa.MetaData()
    async with engine.begin() as connection:
        await connection.run_sync(tables.reflect)
        await connection.execute(tables.tables["announcements"].insert(), [vars(sent)])
        await connection.execute(tables.tables["lanes"].insert(), [{"lane": LANE, "epoch": 3}])
        await connection.execute(tables.tables["deliveries"].insert(), copies)
    await engine.dispose()
