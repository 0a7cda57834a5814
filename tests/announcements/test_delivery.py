"""Each copy once: the real ledger, dispatcher and couriers against platforms that fail, count and enforce limits."""

import asyncio
import multiprocessing
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from bot.announcements import pacing, reports
from bot.announcements.copies import Counts, Delivery, Fate, State, Target
from bot.announcements.deliveries import Deliveries
from bot.announcements.dispatcher import Lane
from bot.announcements.lanes import Lanes
from bot.announcements.pacing import MARGIN, pace
from bot.errors import UnavailableError
from bot.messages import Place
from bot.platforms.known import PLATFORMS
from bot.storage.database import async_url
from bot.storage.ledger import open_ledger
from tests.fakes.delivering import PATIENCE, Clock, announcement, deliver, dispatching, hurried, me, targets
from tests.fakes.platforms import FakePlatforms, Faults
from tests.storage.test_ledger import url

__all__ = ["url"]

SCALE = 0.02

QUICKLY = 150.0
"""How much faster the clock goes where a copy is looked for once it cannot be on its way any more."""


@pytest.fixture
async def deliveries(url: str) -> AsyncIterator[Deliveries]:
    """An empty delivery ledger, on SQLite and on PostgreSQL."""
    async with open_ledger(url) as ledger:
        yield Deliveries(ledger.database)


async def settled(deliveries: Deliveries, seconds: float = 60.0) -> Counts:
    """The counts once nothing is waiting, on its way or to be looked for any more."""
    async with asyncio.timeout(seconds):
        await until(deliveries, lambda counts: not counts.of("pending", "sending"), seconds)
        while any(
            copy.state in ("pending", "sending") or (copy.state == "unknown" and copy.not_before)
            for copy in await deliveries.copies("topic/launch")
        ):
            await asyncio.sleep(0.02)
    ((_, counts),) = await deliveries.announcements()
    return counts


async def until(deliveries: Deliveries, condition: Callable[[Counts], object], seconds: float = 60.0) -> Counts:
    """The counts once they are as wanted."""
    async with asyncio.timeout(seconds):
        while True:
            ((_, counts),) = await deliveries.announcements()
            if condition(counts):
                return counts
            await asyncio.sleep(0.02)


def once(platforms: FakePlatforms, deliveries: Iterable[Delivery]) -> bool:
    """Whether each copy that is done arrived once, and no other more than that."""
    return all(platforms.arrived[copy.id] <= 1 and (copy.state != "done" or platforms.arrived[copy.id] == 1)
               for copy in deliveries)  # fmt: skip


async def test_every_place_gets_its_copy_once_within_the_limits(deliveries: Deliveries):
    """Nothing is refused for coming too often, and the ledger knows each message."""
    async with FakePlatforms(scale=SCALE) as platforms:
        found = await deliveries.announce(announcement(), targets(lanes=4, places=20))
        async with dispatching(deliveries, platforms.origin, SCALE):
            counts = await settled(deliveries)
    copies = await deliveries.copies("topic/launch")
    assert found == counts.of("done") == 80
    assert platforms.arrived == Counter({copy.id: 1 for copy in copies})
    assert all(copy.ref for copy in copies)
    assert platforms.refused.total() <= 2
    assert max(platforms.rate("slack:T1") * SCALE / 8, platforms.rate("teams:tenant0") * SCALE / 50) <= 1


@pytest.mark.parametrize(
    "faults",
    [
        Faults(cut_after=0.2),
        Faults(cut_before=0.2),
        Faults(error=0.2),
        Faults(error_after=0.2),
        Faults(0.01, 0.01, 0.01, 0.01),
    ],
    ids=["cut after", "cut before", "500", "502 after", "one in a hundred of each"],
)
async def test_what_nobody_knows_is_looked_up_or_left_for_a_person(deliveries: Deliveries, faults: Faults):
    """Slack's copies all arrive once; of Teams', which nobody can look for, some may have, and none is sent again."""
    async with FakePlatforms(scale=SCALE, faults=faults) as platforms:
        await deliveries.announce(announcement(), targets(lanes=2, places=40))
        async with dispatching(deliveries, platforms.origin, SCALE, hurried(QUICKLY)):
            counts = await settled(deliveries)
    copies = await deliveries.copies("topic/launch")
    assert once(platforms, copies)
    assert {copy.state for copy in copies if copy.place.platform == "slack"} == {"done"}
    assert {copy.state for copy in copies} <= {"done", "unknown"}
    assert counts.of("failed") == 0


async def test_without_look_up_nothing_is_sent_again_silently(deliveries: Deliveries):
    """A bot that may not read a channel shows what may have arrived; a person sends it again, or leaves it."""
    async with FakePlatforms(scale=SCALE, history=False, faults=Faults(cut_after=1.0)) as platforms:
        await deliveries.announce(announcement(), targets(lanes=2, places=2))
        async with dispatching(deliveries, platforms.origin, SCALE, hurried(QUICKLY)):
            assert (await settled(deliveries)).of("unknown") == 4
            assert platforms.arrived.total() == 4
            platforms.faults = Faults()
            assert await deliveries.send_again("topic/launch", ("unknown",), me()) == 4
            counts = await settled(deliveries)
    assert (counts.of("done"), platforms.arrived.total()) == (4, 8)
    assert await deliveries.leave("topic/launch", me()) == 0


async def test_a_storm_of_refusals_is_waited_out(deliveries: Deliveries):
    """While a platform says that it is asked too often nothing is lost, and little is asked."""
    async with FakePlatforms(scale=SCALE, faults=Faults(storm=True)) as platforms:
        await deliveries.announce(announcement(), targets(lanes=2, places=10))
        async with dispatching(deliveries, platforms.origin, SCALE):
            await until(deliveries, lambda counts: any(counts.by_state))
            await asyncio.wait_for(_heard(deliveries, "ratelimited"), 60)
            platforms.faults = Faults()
            counts = await settled(deliveries)
    assert counts.of("done") == 20
    assert once(platforms, await deliveries.copies("topic/launch"))


@pytest.mark.parametrize("seconds", ["inf", "1e13", "9" * 400])
async def test_a_limit_beyond_all_calendars_is_a_limit(deliveries: Deliveries, seconds: str):
    """The copy waits to be tried again, and is not on its way for ever."""
    async with FakePlatforms(faults=Faults(storm=True, wait=seconds)) as platforms:
        await deliveries.announce(announcement(), targets(lanes=2, places=1))
        async with dispatching(deliveries, platforms.origin, SCALE):
            await asyncio.wait_for(_heard(deliveries, "ratelimited"), 5)
    assert {copy.state for copy in await deliveries.copies("topic/launch")} == {"pending"}


async def _heard(deliveries: Deliveries, error: str) -> None:
    while not any(copy.error.startswith(error[:6]) for copy in await deliveries.copies("topic/launch")):
        await asyncio.sleep(0.01)


async def test_a_place_that_is_gone_fails_with_its_reason_and_the_others_go_on(deliveries: Deliveries):
    """An archived channel and a team without the app are named; everybody else gets theirs."""
    gone = {"C1": "is_archived", "19:2": "BotNotInConversationRoster"}
    async with FakePlatforms(scale=SCALE, gone=gone) as platforms:
        await deliveries.announce(announcement(), targets(lanes=2, places=5))
        async with dispatching(deliveries, platforms.origin, SCALE):
            counts = await settled(deliveries)
    failed = {copy.place.id: copy.error for copy in await deliveries.copies("topic/launch") if copy.state == "failed"}
    assert failed == gone
    assert counts.of("done") == 8


async def test_a_workspace_or_tenant_that_is_gone_fails_with_its_reason_and_the_others_go_on(deliveries: Deliveries):
    """A withdrawn token, a refused registration, an administrator's no and a tenant that is no more: each in words."""
    dead = {
        "slack:T1": (200, "token_revoked"),
        "teams:tenant0": (401, ""),
        "teams:tenant2": (403, "BotDisabledByAdmin"),
        "teams:tenant4": (404, ""),
    }
    async with FakePlatforms(limited=False, dead=dead) as platforms:
        await deliveries.announce(announcement(), targets(lanes=8, places=5))
        async with dispatching(deliveries, platforms.origin, SCALE):
            counts = await settled(deliveries)
    copies = await deliveries.copies("topic/launch")
    assert (counts.of("done"), counts.of("failed"), platforms.arrived.total()) == (20, 20, 20)
    assert once(platforms, copies)
    assert {(copy.lane, reports.reason(PLATFORMS, copy)) for copy in copies if copy.state == "failed"} == {
        ("slack:T1", "the app's token was withdrawn: install the app in the workspace again"),
        (
            "teams:tenant0",
            "Microsoft does not accept the bot's token: compare MICROSOFT_APP_ID and MICROSOFT_APP_TENANT_ID",
        ),
        ("teams:tenant2", "an administrator has blocked the app: allow it in the Teams admin center"),
        ("teams:tenant4", "the platform finds nothing there: see whether the place still exists"),
    }
    assert {copy.attempts for copy in copies} == {1}
    assert reports.totals(copies) == "40 places: 20 failed, 20 sent"


async def test_a_copy_for_each_person_stays_within_the_limits_of_a_tenant(deliveries: Deliveries):
    """Opening a personal chat counts as well, so half as many people are written to in a second as channels."""
    people = [f"29:{number}" for number in range(35)]
    async with FakePlatforms(limited=False, members={"19:team": people}) as platforms:
        await deliveries.announce(announcement(), [Target(Place("teams", "tenant0", "19:team"), "members")])
        async with dispatching(deliveries, platforms.origin, scale=1):
            counts = await settled(deliveries)
    assert counts.of("done") == platforms.arrived.total() == 35
    assert max(platforms.arrived.values()) == 1
    asked = platforms.times["teams:tenant0"]
    assert len(asked) == 71
    assert max(sum(start <= at < start + 1 for at in asked) for start in asked) <= 52


async def test_cancelling_stops_what_has_not_begun(deliveries: Deliveries):
    """What is on its way arrives; the totals add up."""
    async with FakePlatforms(scale=0.5) as platforms:
        await deliveries.announce(announcement(), targets(lanes=2, places=100))
        async with dispatching(deliveries, platforms.origin, 0.5):
            await until(deliveries, lambda counts: counts.of("done") >= 4)
            cancelled = await deliveries.cancel("topic/launch", me())
            counts = await settled(deliveries)
    assert cancelled == counts.of("cancelled") > 0
    assert counts.of("done") == platforms.arrived.total() == 200 - cancelled


async def test_copies_are_corrected_and_recalled_and_what_cannot_be_says_why(deliveries: Deliveries):
    """Every copy is edited once, then deleted once; one in a channel that is archived since keeps its reason."""
    async with FakePlatforms(scale=SCALE) as platforms:
        await deliveries.announce(announcement(), targets(lanes=2, places=3))
        async with dispatching(deliveries, platforms.origin, SCALE):
            await settled(deliveries)
            assert await deliveries.correct("topic/launch", "{1}", me()) == 6
            await settled(deliveries)
            assert (platforms.edited.total(), max(platforms.edited.values())) == (6, 1)
            platforms.gone["C0"] = "is_archived"
            assert await deliveries.recall("topic/launch", me()) == 6
            counts = await settled(deliveries)
            assert await deliveries.recall("topic/launch", me()) == 1
    assert (counts.of("done", task="delete"), counts.of("failed", task="delete")) == (5, 1)
    assert platforms.arrived.total() == 6


@pytest.mark.parametrize(("task", "done"), [("edit", "edited"), ("delete", "deleted")])
async def test_what_is_on_its_way_is_corrected_or_recalled_as_well(deliveries: Deliveries, task: str, done: str):
    """A copy that was claimed before and arrives after gets the task as soon as it is there."""
    await deliveries.announce(announcement(), targets(lanes=1, places=2))
    now = datetime.now(UTC)
    epoch = await Lanes(deliveries.database).take("teams:tenant0", now)
    claimed = await Lanes(deliveries.database).advance("teams:tenant0", epoch, (), now, 2)
    wish = (
        deliveries.correct("topic/launch", "{1}", me()) if task == "edit" else deliveries.recall("topic/launch", me())
    )
    assert await wish == 0
    async with FakePlatforms(scale=SCALE) as platforms:
        for copy in claimed:
            ref = platforms._keep("teams:tenant0", copy.place.id, {}, copy.id)
            await Lanes(deliveries.database).advance("teams:tenant0", epoch, (Fate(copy, "done", now, ref),), now, 0)
        async with dispatching(deliveries, platforms.origin, SCALE):
            counts = await settled(deliveries)
        assert getattr(platforms, done) == Counter({copy.id: 1 for copy in claimed})
    assert counts.by_state == {(task, "done"): 2}


async def test_a_long_correction_holds_up_no_posts(deliveries: Deliveries):
    """Slack counts changes apart from posts, and allows far fewer of them."""
    scale = 10 * SCALE  # the changes take seconds, and the posts much less, however busy the machine is
    async with FakePlatforms(scale=scale) as platforms:
        await deliveries.announce(announcement(), targets(lanes=2, places=30)[1::2])
        async with dispatching(deliveries, platforms.origin, scale):
            await settled(deliveries)
            assert await deliveries.correct("topic/launch", "{}", me()) == 30
            await deliveries.announce(announcement("topic/other"), targets(lanes=2, places=20)[1::2])
            async with asyncio.timeout(60):
                while platforms.arrived.total() < 50:
                    await asyncio.sleep(0.01)
            assert 0 < platforms.edited.total() < 30


@pytest.mark.parametrize(("platform", "apart"), [("teams", 1 / (50 * MARGIN)), ("slack", 0.0)])
def test_teams_counts_changes_and_posts_together(platform: str, apart: float):
    """What a tenant allows is for both; in Slack each has a limit of its own."""
    limits = PLATFORMS[platform].limits
    lane = Lane(1, {True: pace(limits.posts), False: pace(limits.changes or limits.posts)}, limits)
    post = Delivery("1", "a", "t/n", "l", Place(platform, "T", "C1"), "channel", "en", "post", "sending", 1, 1, "", "")
    edit = replace(post, id="2", place=Place(platform, "T", "C2"), task="edit")
    assert [lane.turn(each, 0.0) for each in (post, edit)] == pytest.approx([0.0, apart])


async def test_nothing_is_sent_before_it_is_due(deliveries: Deliveries):
    """A scheduled announcement waits, and then goes by itself."""
    due = datetime.now(UTC) + timedelta(seconds=0.6)
    async with FakePlatforms(scale=SCALE) as platforms:
        await deliveries.announce(announcement(due=due), targets(lanes=2, places=2))
        async with dispatching(deliveries, platforms.origin, SCALE):
            await until(deliveries, lambda counts: counts.of("done"))
            assert datetime.now(UTC) >= due
            await settled(deliveries)
    assert platforms.arrived.total() == 4


async def test_the_same_announcement_goes_to_a_place_once_unless_again(deliveries: Deliveries):
    """Two sends at once share the places; another send reaches only new ones; `again` reaches all."""
    places = targets(lanes=2, places=3)
    found = await asyncio.gather(*(deliveries.announce(announcement(), places) for _ in range(3)))
    assert sorted(found) == [0, 0, 6]
    assert len(await deliveries.announcements()) == 1
    more = [*places, Target(Place("slack", "T9", "C9"))]
    assert await deliveries.announce(announcement(), more) == 1
    assert await deliveries.announce(announcement(), more, again=True) == 7


async def test_stopped_in_the_middle_another_goes_on(deliveries: Deliveries):
    """A process that is stopped finishes what is on its way at once; the next one sends the rest."""
    async with FakePlatforms(scale=SCALE) as platforms:
        await deliveries.announce(announcement(), targets(lanes=4, places=50))
        for enough in (20, 80, 200):
            async with dispatching(deliveries, platforms.origin, SCALE):
                await until(deliveries, more_than(enough))
    copies = await deliveries.copies("topic/launch")
    assert once(platforms, copies)
    assert {copy.state for copy in copies} == {"done"}


async def test_what_falls_due_while_it_is_stopped_is_left_to_the_next(
    deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch
):
    """Whoever stops it can close the ledger then: no lane is taken that nobody would wait for."""
    look, taken, stops = Lanes.due, [], []

    async def due(lanes: Lanes, now: datetime) -> Any:
        found = await look(lanes, now)
        stops.append(asyncio.create_task(dispatcher.stop()))
        await asyncio.sleep(0)
        return found

    async def take(_: Lanes, lane: str, __: datetime) -> None:
        taken.append(lane)

    monkeypatch.setattr(Lanes, "due", due)
    monkeypatch.setattr(Lanes, "take", take)
    await deliveries.announce(announcement(), targets(lanes=1, places=1))
    async with dispatching(deliveries, "http://127.0.0.1:9", SCALE) as dispatcher:
        while not stops:
            await asyncio.sleep(0)
        await asyncio.gather(*stops)
    assert taken == []


async def test_a_former_owner_changes_nothing(deliveries: Deliveries):
    """Who was asleep while another took the lane claims nothing more and overwrites no result."""
    await deliveries.announce(announcement(), targets(lanes=2, places=3)[1::2])
    now = datetime.now(UTC)
    old = await Lanes(deliveries.database).take("slack:T1", now)
    (claimed, *_) = await Lanes(deliveries.database).advance("slack:T1", old, (), now, 2)
    new = await Lanes(deliveries.database).take("slack:T1", now)
    assert (
        await Lanes(deliveries.database).advance("slack:T1", old, (Fate(claimed, "done", now, "17.1"),), now, 2) == ()
    )
    assert [copy.state for copy in await Lanes(deliveries.database).unknown("slack:T1", now)] == ["unknown"] * 2
    assert len(await Lanes(deliveries.database).advance("slack:T1", new, (), now, 2)) == 1


async def test_a_locked_database_is_waited_for(tmp_path: Path):
    """While another program holds the file nothing is sent unrecorded, and then it goes on by itself."""
    file = tmp_path / "optout.db"
    async with open_ledger(f"sqlite:///{file}") as ledger, FakePlatforms(scale=SCALE) as platforms:
        await Deliveries(ledger.database).announce(announcement(), targets(lanes=2, places=20))
        async with dispatching(Deliveries(ledger.database), platforms.origin, SCALE):
            await until(Deliveries(ledger.database), lambda counts: counts.of("done"))
            other = sqlite3.connect(file, isolation_level=None, timeout=10, check_same_thread=False)
            await asyncio.to_thread(other.execute, "BEGIN EXCLUSIVE")
            await asyncio.sleep(0.1)
            before = platforms.arrived.total()
            await asyncio.sleep(0.2)
            assert platforms.arrived.total() <= before + 4
            other.execute("COMMIT")
            other.close()
            counts = await settled(Deliveries(ledger.database))
        assert counts.of("done") == platforms.arrived.total() == 40


async def test_a_full_disk_is_waited_for(deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch):
    """What was sent when the ledger could not be written is written later, and claimed by nobody before."""
    real, fails = Lanes.advance, iter([False, True, True, False, True])

    async def advance(*args: Any, **options: Any) -> Any:
        if next(fails, False):
            raise UnavailableError("database or disk is full")
        return await real(*args, **options)

    monkeypatch.setattr(Lanes, "advance", advance)
    async with FakePlatforms(scale=SCALE) as platforms:
        await deliveries.announce(announcement(), targets(lanes=1, places=6))
        async with dispatching(deliveries, platforms.origin, SCALE):
            counts = await settled(deliveries)
    assert counts.of("done") == platforms.arrived.total() == 6


@pytest.mark.slow
@pytest.mark.parametrize("history", [True, False])
async def test_killed_and_started_again_nothing_is_lost_or_sent_twice(url: str, history: bool):
    """With look-up each copy arrives once; without, at most two for each lane and kill may have, and are shown."""
    kills, lanes, clock = 2, 4, hurried(20)
    async with open_ledger(url) as ledger, FakePlatforms(scale=SCALE, history=history) as platforms:
        deliveries = Deliveries(ledger.database)
        await deliveries.announce(announcement(), targets(lanes=lanes, places=60))
        for number in range(kills + 1):
            process = _deliverer(url, platforms, clock)
            enough = (number + 1) * 40
            await (settled(deliveries) if number == kills else until(deliveries, more_than(enough)))
            os.kill(process.pid, signal.SIGKILL if number < kills else signal.SIGTERM)
            await asyncio.to_thread(process.join)
        copies = await deliveries.copies("topic/launch")
    assert once(platforms, copies)
    unknown = [copy for copy in copies if copy.state == "unknown"]
    assert {copy.state for copy in copies} <= {"done", "unknown"}
    assert len(unknown) <= 2 * kills * lanes
    assert not history or {copy.place.platform for copy in unknown} <= {"teams"}


@pytest.mark.slow
async def test_frozen_and_woken_nothing_is_sent_twice(url: str):
    """A process that was stopped for longer than a request may take asks again what is its own."""
    async with open_ledger(url) as ledger, FakePlatforms(scale=SCALE) as platforms:
        await Deliveries(ledger.database).announce(announcement(), targets(lanes=2, places=60))
        process = _deliverer(url, platforms, hurried(3), patience=3.0)
        await until(Deliveries(ledger.database), lambda counts: counts.of("done") >= 10)
        os.kill(process.pid, signal.SIGSTOP)
        await asyncio.sleep(3.2)
        os.kill(process.pid, signal.SIGCONT)
        await settled(Deliveries(ledger.database))
        process.terminate()
        await asyncio.to_thread(process.join)
        assert process.exitcode == 0
        copies = await Deliveries(ledger.database).copies("topic/launch")
    assert once(platforms, copies)
    assert sum(copy.state == "unknown" for copy in copies) <= 2
    assert {copy.state for copy in copies} <= {"done", "unknown"}


@pytest.mark.slow
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_of_several_processes_over_one_database_one_delivers_and_then_another(url: str, end: signal.Signals):
    """The second waits while the first delivers, makes nothing of it uncertain, and goes on when it has ended."""
    async with open_ledger(url) as ledger, FakePlatforms(scale=SCALE) as platforms:
        await Deliveries(ledger.database).announce(announcement(), targets(lanes=2, places=150))
        clock = hurried(20)
        first = _deliverer(url, platforms, clock)
        await until(Deliveries(ledger.database), more_than(1))
        second = _deliverer(url, platforms, clock)
        await until(Deliveries(ledger.database), more_than(100))
        before = await Lanes(ledger.database).epochs()
        os.kill(first.pid, end)
        await asyncio.to_thread(first.join)
        await settled(Deliveries(ledger.database))
        second.terminate()
        await asyncio.to_thread(second.join)
        copies = await Deliveries(ledger.database).copies("topic/launch")
        epochs = await Lanes(ledger.database).epochs()
    assert set(before.values()) == {1}
    assert set(epochs.values()) == {2}
    assert once(platforms, copies)
    assert sum(copy.state == "unknown" for copy in copies) <= (4 if end == signal.SIGKILL else 0)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_a_leader_whose_session_ends_leads_again_and_keeps_its_lanes(url: str):
    """A database that was started anew makes no copy uncertain, unless another process has come to lead meanwhile."""
    async with open_ledger(url) as ledger, FakePlatforms(scale=SCALE) as platforms:
        deliveries = Deliveries(ledger.database)
        await deliveries.announce(announcement(), targets(lanes=2, places=60))
        async with dispatching(deliveries, platforms.origin, SCALE):
            await until(deliveries, more_than(20))
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            counts = await settled(deliveries)
            assert await Lanes(deliveries.database).leader.leads() == 2
        assert set((await Lanes(deliveries.database).epochs()).values()) == {1}
    assert counts.by_state == {("post", "done"): 120}


def more_than(number: int) -> Callable[[Counts], bool]:
    """Whether so many copies have arrived."""
    return lambda counts: counts.of("done") >= number


FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["tests.fakes.delivering"])


def _deliverer(
    url: str, platforms: FakePlatforms, clock: Clock, patience: float = PATIENCE
) -> multiprocessing.process.BaseProcess:
    """A process of its own that delivers, forked from one that has imported what that takes."""
    process = FORKING.Process(target=deliver, args=(url, platforms.origin, SCALE, clock, patience), daemon=True)
    process.start()
    return process


async def test_who_did_what_is_never_changed(deliveries: Deliveries, url: str):
    """The database itself refuses to change or delete a line of the audit."""
    await deliveries.announce(announcement(), targets(lanes=2, places=2))
    engine = create_async_engine(async_url(url))
    for statement in ("UPDATE audit SET act = 'nothing'", "DELETE FROM audit"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            async with engine.begin() as connection:
                await connection.execute(sa.text(statement))
    await engine.dispose()
    assert [(line.by, line.act) for line in await deliveries.audit()] == [("slack T1 U1", "announce")]


async def test_a_place_whose_copy_was_cancelled_can_get_it_after_all(deliveries: Deliveries):
    """It neither has it nor has it coming; whoever has it gets no second one, from whichever time it was sent."""
    first, second = targets(1, 2)
    await deliveries.announce(announcement(), [first, second])
    await deliveries.cancel("topic/launch", me())
    assert await deliveries.announce(announcement(), [first], draft=True) == 1
    assert await deliveries.announce(announcement(), [second], again=True) == 1
    assert await deliveries.announce(announcement(), [first, second]) == 0
    found = [(copy.task, copy.state) for copy in await deliveries.copies("topic/launch")]
    cancelled = ("post", "cancelled")
    assert sorted(found) == [("check", "pending"), cancelled, cancelled, ("post", "pending")]


@pytest.mark.parametrize("state", ["pending", "failed", "done"])
async def test_a_check_that_ends_late_says_nothing_of_the_copy(deliveries: Deliveries, state: State):
    """Who sends a draft while a place is checked gets the copy there once, and the ledger knows where it is."""
    await deliveries.announce(announcement(), targets(lanes=2, places=1)[1:], draft=True)
    now = datetime.now(UTC)
    epoch = await Lanes(deliveries.database).take("slack:T1", now)
    (check,) = await Lanes(deliveries.database).advance("slack:T1", epoch, (), now, 2, posts=False)
    await deliveries.send("topic/launch", now, "UTC", me())
    (post,) = await Lanes(deliveries.database).advance("slack:T1", epoch, (), now, 2)
    late = Fate(check, state, now, error="ratelimited", not_before=now)
    assert await Lanes(deliveries.database).advance("slack:T1", epoch, (late,), now, 2) == ()
    await Lanes(deliveries.database).advance("slack:T1", epoch, (Fate(post, "done", now, "17.1"),), now, 0)
    (copy,) = await deliveries.copies("topic/launch")
    assert (copy.task, copy.state, copy.ref) == ("post", "done", "17.1")


async def test_what_may_have_arrived_is_recalled_once_it_is_found_and_not_sent_if_it_is_not(deliveries: Deliveries):
    """A recall ends what nobody knows the fate of as well, and nobody can send it again."""
    await deliveries.announce(announcement(), targets(lanes=2, places=3)[1::2])
    now = datetime.now(UTC)
    epoch = await Lanes(deliveries.database).take("slack:T1", now)
    claimed = await Lanes(deliveries.database).advance("slack:T1", epoch, (), now, 3)
    lost = [Fate(copy, "unknown", now, not_before=now) for copy in claimed]
    await Lanes(deliveries.database).advance("slack:T1", epoch, lost, now, 0)
    await deliveries.recall("topic/launch", me())
    assert await deliveries.send_again("topic/launch", ("unknown",), me()) == 0
    found, missing, left = await Lanes(deliveries.database).unknown("slack:T1", now)
    looked = (Fate(found, "done", now, "17.1"), Fate(missing, "pending", now, not_before=now))
    await Lanes(deliveries.database).advance("slack:T1", epoch, looked, now, 0)
    states = {copy.id: (copy.task, copy.state) for copy in await deliveries.copies("topic/launch")}
    assert states[found.id] == ("delete", "pending")
    assert states[missing.id] == ("post", "cancelled")
    assert states[left.id] == ("post", "unknown")


@pytest.mark.parametrize("corrected", ["on its way", "unsure"])
async def test_what_may_have_arrived_with_words_that_were_corrected_is_edited_once_it_is_found(
    deliveries: Deliveries, corrected: str
):
    """Whether the correction came while it was on its way or when nobody knew any more where it was."""
    await deliveries.announce(announcement(), targets(lanes=2, places=2)[1::2])
    now = datetime.now(UTC)
    epoch = await Lanes(deliveries.database).take("slack:T1", now)
    claimed = await Lanes(deliveries.database).advance("slack:T1", epoch, (), now, 2)
    if corrected == "on its way":
        await deliveries.correct("topic/launch", "{1}", me())
    lost = Fate(claimed[0], "unknown", now, error="timeout", not_before=now)
    await Lanes(deliveries.database).advance("slack:T1", epoch, (lost,), now, 0)
    epoch = await Lanes(deliveries.database).take(
        "slack:T1", now
    )  # the other one was on its way when the process was killed
    if corrected == "unsure":
        await deliveries.correct("topic/launch", "{1}", me())
    found, missing = await Lanes(deliveries.database).unknown("slack:T1", now)
    looked = (Fate(found, "done", now, "17.1"), Fate(missing, "pending", now, not_before=now))
    epochs = {copy.id: copy.epoch for copy in (found, missing)}
    for copy, outcome in zip((found, missing), looked, strict=True):
        await Lanes(deliveries.database).advance("slack:T1", epochs[copy.id], (outcome,), now, 0)
    states = {copy.id: (copy.task, copy.state) for copy in await deliveries.copies("topic/launch")}
    assert states == {found.id: ("edit", "pending"), missing.id: ("post", "pending")}


@pytest.mark.parametrize(("again", "copies"), [(False, ["U3"]), (True, ["U1", "U2", "U3"])])
async def test_members_who_have_a_copy_get_another_only_where_it_is_sent_again(
    deliveries: Deliveries, again: bool, copies: list[str]
):
    """In whichever round they got theirs, and whatever was sent again elsewhere since."""
    group, elsewhere = Target(Place("slack", "T1", "C1"), "members"), Target(Place("slack", "T1", "C2"))
    now = datetime.now(UTC)
    epoch = 0

    async def sent(target: Target, *members: str, again: bool = False) -> list[str]:
        nonlocal epoch
        before = {copy.id for copy in await deliveries.copies("topic/launch")}
        await deliveries.announce(announcement(), [target], again=again)
        epoch = epoch or await Lanes(deliveries.database).take("slack:T1", now)
        for claimed in await Lanes(deliveries.database).advance(
            "slack:T1", epoch, (), datetime.now(UTC), 2, posts=False
        ):
            people = tuple(Place("slack", "T1", member) for member in members)
            await Lanes(deliveries.database).advance(
                "slack:T1", epoch, (Fate(claimed, "done", now, members=people),), now, 0
            )
        return [copy.place.id for copy in await deliveries.copies("topic/launch") if copy.id not in before]

    assert await sent(group, "U1", "U2") == ["U1", "U2"]
    assert await sent(elsewhere, again=True) == ["C2"]
    assert await sent(group, "U1", "U2", "U3", again=again) == copies


@pytest.mark.parametrize("places", [3, 1], ids=["with more to bring", "with nothing left to bring"])
async def test_what_became_of_copies_outlives_a_database_that_fails(
    deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch, places: int
):
    """An error that nobody foresaw when it is written down does not make anybody forget that a copy arrived."""
    real, failed = Lanes.advance, 0

    async def advance(self, lane, epoch, outcomes, *args, **kwargs):
        nonlocal failed
        if outcomes and not failed:
            failed += 1
            raise RuntimeError("disk on fire")
        return await real(self, lane, epoch, outcomes, *args, **kwargs)

    monkeypatch.setattr(Lanes, "advance", advance)
    monkeypatch.setattr(pacing, "LONGEST_BACKOFF", 0.05)
    async with FakePlatforms(scale=SCALE) as platforms:
        await deliveries.announce(announcement(), targets(lanes=1, places=places))
        async with dispatching(deliveries, platforms.origin, SCALE):
            counts = await settled(deliveries)
    assert failed == 1
    assert counts.by_state == {("post", "done"): places}
    assert platforms.arrived.total() == places


@pytest.mark.parametrize("act", ["cancel", "recall"])
async def test_members_who_are_still_being_found_out_get_nothing_once_it_is_stopped(deliveries: Deliveries, act: str):
    """Nothing was sent to any of them yet."""
    await deliveries.announce(announcement(), [Target(Place("slack", "T1", "C1"), "members")])
    now = datetime.now(UTC)
    epoch = await Lanes(deliveries.database).take("slack:T1", now)
    (group,) = await Lanes(deliveries.database).advance("slack:T1", epoch, (), now, 2, posts=False)
    await getattr(deliveries, act)("topic/launch", me())
    members = Fate(group, "done", now, members=(Place("slack", "T1", "U1"), Place("slack", "T1", "U2")))
    await Lanes(deliveries.database).advance("slack:T1", epoch, (members,), now, 0)
    assert [(copy.place.id, copy.state) for copy in await deliveries.copies("topic/launch")] == [("C1", "cancelled")]
