"""Brings announcements to their places: each copy once, whatever is killed, stopped or cut off in between.

For each lane with something to do, one task claims a few copies at a time, hands them to the platform's courier within
its limits, and writes down what became of them before it claims more. What nobody knows the fate of is looked up where
the platform allows it, and otherwise left as `unknown` for a person to decide.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import ParamSpec, Protocol, TypeVar

from bot.announcements.copies import Delivery, Fate, new_id
from bot.announcements.lanes import CLASSES, Lanes
from bot.announcements.pacing import Limits, Pace, backoff, pace, quickened, slowed, taken
from bot.errors import PostponedError, RefusedError, UnavailableError, UnconfirmedError, origin
from bot.messages import Place

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

WIDTH = 2
"""Copies of a lane that are on their way at once, and so the most whose fate a crash can leave unknown."""

TICK = 1.0
"""Seconds between two looks for lanes in which something is due."""

TRIES = 10
"""Times that a copy is tried which a platform does not accept, before it counts as failed."""

FINISHING = 2.0
"""Seconds that copies on their way have left when the process is told to stop."""

REMEMBERED = 1_000
"""Places of a lane of which it is kept when they were last written to, before those that are free again go."""


class NoLookUpError(Exception):
    """The platform does not let the bot look for a message."""


class Courier(Protocol):
    """A platform, as far as bringing copies goes.

    Each method raises PostponedError for what surely was not done and may be later, RefusedError for what never will
    be, and UnconfirmedError where nobody knows.
    """

    patience: float
    """Seconds after which a request is given up; none is on its way for longer."""

    async def check(self, delivery: Delivery) -> str:
        """Finds out whether a copy could be posted, and gives a word for what the platform did not tell.

        Raises RefusedError where it could not.
        """

    async def members(self, delivery: Delivery) -> tuple[Place, ...]:
        """The people of a channel or group, each of whom is to get a copy of their own; never none."""

    async def post(self, delivery: Delivery) -> str:
        """Posts a copy, at most once, and gives what the platform calls it."""

    async def edit(self, delivery: Delivery) -> None:
        """Puts the corrected text in place of a copy."""

    async def delete(self, delivery: Delivery) -> None:
        """Takes a copy back; one that is gone already is taken back."""

    async def find(self, delivery: Delivery) -> str | None:
        """What the platform calls a copy that may have arrived; None if it did not. Raises NoLookUpError."""


@dataclass
class Lane:
    """A lane while it is looked after: its epoch, and how fast it may go."""

    epoch: int
    paces: dict[bool, Pace]
    """How fast it may post (True), and do everything else (False), which platforms count apart."""
    limits: Limits
    places: dict[str, float] = field(default_factory=dict)
    fates: dict[bool, tuple[Fate, ...]] = field(default_factory=lambda: {True: (), False: ()})
    """What became of the posts (True) and of everything else that were claimed last, until it is written down."""
    claims: dict[bool, str] = field(default_factory=lambda: {True: new_id(), False: new_id()})
    """The id of the next claim of each, until the ledger has answered it: so often it may be repeated."""

    def free_at(self, posts: bool) -> float:
        """When the next post may be made, or the next of everything else."""
        return self.paces[self._counted(posts)].free_at

    def turn(self, delivery: Delivery, now: float) -> float:
        """Seconds until it is a copy's turn in the lane and in its place; 0.0 where it is now, and is taken.

        A turn is taken when it comes, not ahead: who is held up does not crowd into the turns of those who follow.
        """
        counted = self._counted(delivery.appears)
        free_at = max(self.paces[counted].free_at, self.places.get(delivery.place.id, 0.0))
        if free_at > now:
            return free_at - now
        for _ in range(self.limits.person if delivery.appears and delivery.kind == "person" else 1):
            self.paces[counted] = taken(self.paces[counted], now)
        if len(self.places) > REMEMBERED:
            self.places = {place: free for place, free in self.places.items() if free > now}
        self.places[delivery.place.id] = now + 1 / self.limits.place
        return 0.0

    def slow(self, delivery: Delivery, now: float, seconds: float) -> None:
        """Notes that the platform said that it is asked too often."""
        counted = self._counted(delivery.appears)
        self.paces[counted] = slowed(self.paces[counted], now, seconds)

    def quicken(self, delivery: Delivery) -> None:
        """Notes a success."""
        counted = self._counted(delivery.appears)
        self.paces[counted] = quickened(self.paces[counted])

    def _counted(self, posts: bool) -> bool:
        """Which of the paces something counts for: that of posts, where the platform counts everything together."""
        return posts or self.limits.changes is None


class Dispatcher:
    """Looks after every lane that has something to do, until it is stopped."""

    def __init__(
        self,
        ledger: Lanes,
        couriers: Mapping[str, Courier],
        clock: Callable[[], datetime],
        limits: Mapping[str, Limits],
        tick: float = TICK,
    ) -> None:
        self._ledger, self._couriers, self._clock = ledger, couriers, clock
        self._limits, self._tick = limits, tick
        self._lanes: dict[str, Lane] = {}
        self._tasks: dict[tuple[str, bool], asyncio.Task[None]] = {}
        self._taking = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Delivers what is due, whenever it is due, until `stop` is called; while another process leads, it waits."""
        led, cleaned, self._running = 0, None, asyncio.current_task()
        while not self._stopping.is_set():
            try:
                leads = await self._insist(self._ledger.leader.leads)
                if not leads:
                    await self._pause(self._tick)
                    continue
                if leads != led:
                    await self._resume()
                    led = leads
                if cleaned != self._clock().date():
                    await self._insist(self._ledger.let_go, self._clock())
                    cleaned = self._clock().date()
                for key in (*self._kept(), *(await self._insist(self._ledger.due, self._clock()) or ())):
                    self._begin(key)
                await self._insist(self._ledger.report, self._clock())
            except Exception as error:  # the outer door of the clock: at its next stroke it is tried again
                log.error("delivery.look_failed error=%s at=%s", type(error).__name__, origin(error))
            await self._pause(self._tick)

    async def stop(self) -> None:
        """Claims nothing more and waits a little for what is on its way; what is cut off is looked for next time."""
        self._stopping.set()
        tasks = list(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=FINISHING)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._running:
            await asyncio.wait((self._running,), timeout=FINISHING)
        await self._ledger.leader.resign()

    async def _resume(self) -> None:
        """Lets go of the lanes that another leader took meanwhile."""
        epochs = await self._insist(self._ledger.epochs) or {}
        self._lanes = {name: lane for name, lane in self._lanes.items() if epochs.get(name) == lane.epoch}

    def _kept(self) -> tuple[tuple[str, bool], ...]:
        """The lanes of which it is not yet written down what became of copies, whether or not anything else is due."""
        return tuple((name, posts) for name, lane in self._lanes.items() for posts in CLASSES if lane.fates[posts])

    def _begin(self, key: tuple[str, bool]) -> None:
        """Looks after the posts of a lane or everything else in it, unless that is done or nobody here serves it.

        Once it is to stop, nothing is begun for which `stop` no longer waits.
        """
        served = key[0].partition(":")[0] in self._couriers
        if served and key not in self._tasks and not self._stopping.is_set():
            task = self._tasks[key] = asyncio.create_task(self._look_after(*key))
            task.add_done_callback(partial(self._over, key))

    def _over(self, key: tuple[str, bool], _: asyncio.Task[None]) -> None:
        self._tasks.pop(key, None)

    async def _look_after(self, name: str, posts: bool) -> None:
        """Brings on the posts of a lane, or everything else in it."""
        try:
            async with self._taking:
                lane = self._lanes.get(name) or await self._take(name)
            if lane and posts:
                await self._look_up(name, lane)
            if lane:
                await self._deliver(name, lane, posts)
        except Exception as error:  # the outer door: the other lanes go on, and this one is tried again
            log.error("delivery.lane_failed lane=%s error=%s at=%s", name, type(error).__name__, origin(error))
            await self._pause(backoff(TRIES))

    async def _take(self, name: str) -> Lane | None:
        platform = name.partition(":")[0]
        limits, patience = self._limits[platform], timedelta(seconds=self._couriers[platform].patience)
        epoch = await self._insist(self._ledger.take, name, self._clock() + patience)
        if epoch is None:
            return None
        paces = {True: pace(limits.posts), False: pace(limits.changes or limits.posts)}
        self._lanes[name] = Lane(epoch, paces, limits)
        return self._lanes[name]

    async def _deliver(self, name: str, lane: Lane, posts: bool) -> None:
        while True:
            wait = lane.free_at(posts) - _now()
            width = WIDTH if wait <= self._tick and not self._stopping.is_set() else 0
            owned = (name, lane.epoch, lane.fates[posts], self._clock(), width)
            claimed = await self._insist(self._ledger.advance, *owned, posts=posts, claim=lane.claims[posts])
            lane.fates[posts], lane.claims[posts] = (), new_id()
            if claimed:
                claimed_at = _now()
                tried = (self._settle(delivery, lane, claimed_at) for delivery in claimed)
                lane.fates[posts] = tuple(await asyncio.gather(*tried))
            elif width or self._stopping.is_set():
                return
            else:
                await self._pause(wait)

    async def _settle(self, delivery: Delivery, lane: Lane, claimed_at: float) -> Fate:
        """What became of a claimed copy, whatever goes wrong: without a fate it would be on its way for ever."""
        try:
            return await self._carry_out(delivery, lane, claimed_at)
        except Exception as error:  # the outer door: a copy that cannot be drawn must not stop the others
            log.error("delivery.broke delivery=%s error=%s at=%s", delivery.id, type(error).__name__, origin(error))
            courier = self._couriers[delivery.place.platform]
            return self._unconfirmed(delivery, courier, type(error).__name__)

    async def _carry_out(self, delivery: Delivery, lane: Lane, claimed_at: float) -> Fate:
        """Does what a claimed copy waits for, when it is its turn, and gives what became of it."""
        courier = self._couriers[delivery.place.platform]
        while (seconds := lane.turn(delivery, _now())) and not self._stopping.is_set():
            await self._pause(seconds)
        if self._stopping.is_set():
            return self._later(delivery, 0.0, "stopping")
        if _now() - claimed_at > courier.patience + self._tick:  # the process was asleep: ask again whether it is ours
            return self._later(delivery, 0.0, "asleep")
        try:
            done = await _act(courier, delivery, self._clock)
        except PostponedError as error:
            if error.limited:
                log.info("delivery.slowed lane=%s seconds=%.1f", delivery.lane, error.seconds)
                lane.slow(delivery, _now(), error.seconds)
            elif delivery.attempts >= TRIES:
                return Fate(delivery, "failed", self._clock(), error=error.code)
            return self._later(delivery, max(error.seconds, backoff(delivery.attempts)), error.code)
        except RefusedError as error:
            log.info("delivery.failed delivery=%s lane=%s error=%s", delivery.id, delivery.lane, error.code)
            return Fate(delivery, "failed", self._clock(), error=error.code)
        except UnconfirmedError as error:
            return self._unconfirmed(delivery, courier, str(error))
        lane.quicken(delivery)
        return done

    def _later(self, delivery: Delivery, seconds: float, code: str) -> Fate:
        now = self._clock()
        return Fate(delivery, "pending", now, error=code, not_before=now + timedelta(seconds=seconds))

    def _unconfirmed(self, delivery: Delivery, courier: Courier, code: str) -> Fate:
        """A post may have arrived: it is looked for once it cannot be on its way any more. The rest is done again."""
        log.warning("delivery.unconfirmed delivery=%s lane=%s error=%s", delivery.id, delivery.lane, code)
        now = self._clock()
        if delivery.appears:
            return Fate(delivery, "unknown", now, error=code, not_before=now + timedelta(seconds=courier.patience))
        if delivery.attempts >= TRIES:
            return Fate(delivery, "failed", now, error=code)
        return self._later(delivery, backoff(delivery.attempts), code)

    async def _look_up(self, name: str, lane: Lane) -> None:
        """Finds out about the copies that may have arrived; those it cannot find out about stay as they are."""
        courier = self._couriers[name.partition(":")[0]]
        for delivery in await self._insist(self._ledger.unknown, name, self._clock()) or ():
            if self._stopping.is_set():
                return
            fate = await self._found(delivery, courier)
            await self._insist(self._ledger.advance, name, lane.epoch, (fate,), self._clock(), 0)

    async def _found(self, delivery: Delivery, courier: Courier) -> Fate:
        now = self._clock()
        try:
            ref = await courier.find(delivery)
        except NoLookUpError:
            return Fate(delivery, "unknown", now, error=delivery.error)
        except PostponedError as error:
            again = now + timedelta(seconds=max(error.seconds, backoff(delivery.attempts)))
            return Fate(delivery, "unknown", now, error=delivery.error, not_before=again)
        except RefusedError:
            return Fate(delivery, "unknown", now, error=delivery.error)
        except UnconfirmedError:
            again = now + timedelta(seconds=backoff(delivery.attempts))
            return Fate(delivery, "unknown", now, error=delivery.error, not_before=again)
        if ref:
            return Fate(delivery, "done", now, ref)
        return Fate(delivery, "pending", now, error=delivery.error, not_before=now)

    async def _insist(self, act: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Does something with the ledger, and again while it cannot be used; None once the process is to stop."""
        attempt = 0
        while True:
            try:
                return await act(*args, **kwargs)
            except UnavailableError as error:
                log.error("delivery.database_unavailable error=%s", error)
                if self._stopping.is_set():
                    return None
                await self._pause(backoff(attempt))
                attempt += 1

    async def _pause(self, seconds: float) -> None:
        """Waits, but not longer than until the process is told to stop."""
        if seconds <= 0:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


async def _act(courier: Courier, delivery: Delivery, clock: Callable[[], datetime]) -> Fate:
    """Does what a copy waits for, and gives that it is done."""
    ref, error = delivery.ref, ""
    members: tuple[Place, ...] = ()
    match delivery.task:
        case "check":
            error = await courier.check(delivery)
        case "expand":
            members = await courier.members(delivery)
        case "post":
            ref = await courier.post(delivery)
        case "edit":
            await courier.edit(delivery)
        case "delete":
            await courier.delete(delivery)
    return Fate(delivery, "done", clock(), ref, error, members=members)


def _now() -> float:
    """Seconds on a clock that nobody sets, for how long something takes."""
    return asyncio.get_running_loop().time()
