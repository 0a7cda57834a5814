"""What announcers do with drafts, people, results and posts, over the real ledger and dispatcher."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.announcements import deliveries, notices, reports
from bot.announcements import plans as announcing
from bot.announcements.announcers import Announcers
from bot.announcements.copies import By, Delivery
from bot.announcements.deliveries import Deliveries
from bot.announcements.dispatcher import Dispatcher, NoLookUpError
from bot.announcements.lanes import Lanes
from bot.announcements.pacing import Limits
from bot.content.topics import Content
from bot.desk.desk import Desk
from bot.errors import AnnouncingError, PostponedError, RefusedError, UnconfirmedError
from bot.messages import Announce, Message, Person, Place, Post, Question, Receipt, Reports
from bot.platforms.known import PLATFORMS
from bot.storage.ledger import Ledger, open_ledger
from bot.wording import replies
from bot.wording.plain_text import draw
from tests.conftest import NOON
from tests.fakes.delivering import PATIENCE, TICK, hurried
from tests.fakes.teams_deliveries import TENANT
from tests.storage.test_ledger import url

__all__ = ["url"]

LAUNCH, TOPIC = "linkedin-ai-training/launch", "linkedin-ai-training"
FAST = {"slack": Limits(1e6, 1e6, 1e6)}
ANNA = Person("slack", "T1", "U1")
GENERAL, RANDOM = "slack:T1/C1", "slack:T1/C2"


@dataclass
class Courier:
    """A platform that keeps what it is given, and has its reasons against some places."""

    say: Any
    refused: dict[str, str] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    said: dict[str, list[Message]] = field(default_factory=dict)
    edited: list[str] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    patience: float = PATIENCE

    async def check(self, delivery: Delivery) -> str:
        """Refuses where a post would be refused."""
        self.checked.append(delivery.place.id)
        self._refuse(delivery)
        return "" if delivery.kind == "channel" else "cannot_check"

    async def members(self, delivery: Delivery) -> tuple[Place, ...]:
        """The people of a group."""
        self._refuse(delivery)
        return tuple(replace(delivery.place, id=person) for person in self.groups[delivery.place.id])

    async def post(self, delivery: Delivery) -> str:
        """Keeps the message."""
        self._refuse(delivery)
        if delivery.place.id in self.lost:
            raise UnconfirmedError("TimeoutError")
        self.said.setdefault(delivery.place.id, []).append(self.say(delivery))
        return f"{delivery.place.id}.{len(self.said[delivery.place.id])}"

    async def edit(self, delivery: Delivery) -> None:
        """Keeps the new message and which one it replaces."""
        self.edited.append(delivery.ref)
        self.said[delivery.place.id] = [self.say(delivery)]

    async def delete(self, delivery: Delivery) -> None:
        """Empties the place."""
        self.said[delivery.place.id] = []

    async def find(self, delivery: Delivery) -> str | None:
        """Finds nothing: this platform lets nobody look."""
        raise NoLookUpError

    def _refuse(self, delivery: Delivery) -> None:
        if delivery.place.id in self.refused:
            raise RefusedError(self.refused[delivery.place.id])


@pytest.fixture
async def ledger(url: str) -> AsyncIterator[Ledger]:
    """An empty ledger, on SQLite and on PostgreSQL."""
    async with open_ledger(url) as ledger:
        yield ledger


@pytest.fixture
def announcers(content: Content, ledger: Ledger) -> Announcers:
    """The announcers of the shipped content, one of whom is named."""
    return Announcers(content, ledger, PLATFORMS, frozenset({"U1"}))


@pytest.fixture
def courier(content: Content) -> Courier:
    """A Slack that takes everything."""
    return Courier(partial(notices.copy, content))


@asynccontextmanager
async def delivering(
    announcers: Announcers, ledger: Ledger, courier: Courier, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> AsyncIterator[Dispatcher]:
    """Delivers inside the block."""
    dispatcher = Dispatcher(Lanes(ledger.database), {"slack": courier}, clock, FAST, TICK)
    running = asyncio.create_task(dispatcher.run())
    try:
        yield dispatcher
    finally:
        await dispatcher.stop()
        await running


async def settled(announcers: Announcers, name: str = LAUNCH) -> dict[str, tuple[str, str]]:
    """The state and reason of each place of an announcement, once nothing of it is waiting."""
    async with asyncio.timeout(60):
        while True:
            copies = await announcers.copies(name, me().who)
            if copies and all(copy.state not in ("pending", "sending") for copy in copies):
                return {copy.place.id: (reports.state(copy), reports.reason(PLATFORMS, copy)) for copy in copies}
            await asyncio.sleep(0.01)


async def test_no_copy_hangs_whatever_a_courier_raises(announcers: Announcers, ledger: Ledger, courier: Courier):
    """What nobody foresaw is like an answer that never came: the copy is not on its way for ever, and nobody waits."""

    async def post(delivery: Delivery) -> str:
        raise PostponedError("later", float("inf"), limited=True)

    courier.post = post
    await announcers.announce(planned(announcers, "slack:T1/C1"), me())
    async with delivering(announcers, ledger, courier):
        assert await settled(announcers) == {"C1": ("may have arrived", "OverflowError")}


def planned(announcers: Announcers, *places: str, at: str = "", **options: Any) -> announcing.Plan:
    """A plan for the launch."""
    return announcing.plan(
        announcers.content, PLATFORMS, "launch", places, "en", at, "UTC", datetime.now(UTC), **options
    )


def me() -> By:
    """An announcer, now."""
    return By("slack T1 U1", datetime.now(UTC))


def ben() -> By:
    """Another announcer, now."""
    return By("slack T1 U2", datetime.now(UTC))


# -- drafts


async def test_a_draft_shows_what_is_missing_and_sends_nothing(announcers, ledger, courier):
    """Each place is checked, and says what to mend."""
    courier.refused["C2"] = "is_archived"
    await announcers.announce(planned(announcers, GENERAL, RANDOM), me(), draft=True)
    async with delivering(announcers, ledger, courier):
        states = await settled(announcers)
    assert states == {"C1": ("ready", ""), "C2": ("not ready", PLATFORMS["slack"].reasons["is_archived"])}
    assert (courier.checked, courier.said) == (["C1", "C2"], {})


async def test_a_draft_is_sent_once_however_often_it_is_sent(announcers, ledger, courier):
    """Two who press at the same moment make one announcement."""
    await announcers.announce(planned(announcers, GENERAL, RANDOM), me(), draft=True)
    async with delivering(announcers, ledger, courier):
        await settled(announcers)
        sent = await asyncio.gather(*(announcers.send(LAUNCH, "", "UTC", me()) for _ in range(3)))
        states = await settled(announcers)
    assert sorted(sent) == [(0, 0), (0, 0), (2, 0)]
    assert set(states.values()) == {("sent", "")}
    assert {place: len(said) for place, said in courier.said.items()} == {"C1": 1, "C2": 1}


async def test_a_draft_that_is_scheduled_waits_for_its_time(announcers, ledger, courier):
    """And is listed as due."""
    await announcers.announce(planned(announcers, GENERAL), me(), draft=True)
    assert await announcers.send(LAUNCH, "2099-01-01 09:00", "Europe/Berlin", me()) == (1, 0)
    ((announcement, counts),) = await announcers.announcements()
    assert reports.overview(announcement, counts, NOON, me().who) == (
        f"{LAUNCH}  due 2099-01-01 09:00 (Europe/Berlin)  1 place: 1 waiting"
    )
    with pytest.raises(AnnouncingError, match="is past"):
        await announcers.send(LAUNCH, "2001-01-01 09:00", "UTC", me())


async def test_a_cancelled_draft_cannot_be_sent(announcers, ledger, courier):
    """Checked or not; nothing is left of it but who cancelled it."""
    await announcers.announce(planned(announcers, GENERAL, RANDOM), me(), draft=True)
    async with delivering(announcers, ledger, courier):
        await settled(announcers)
        assert await announcers.cancel(LAUNCH, me()) == 2
        assert await announcers.send(LAUNCH, "", "UTC", me()) == (0, 0)
        assert (await announcers.copies(LAUNCH, me().who), await announcers.announcements()) == ((), [])
    assert courier.said == {}
    assert [line.detail for line in await Deliveries(ledger.database).audit() if line.act == "cancel"] == ["2 copies"]


async def test_a_draft_says_what_is_true_when_it_is_sent(announcers, ledger, courier):
    """A correction reaches drafts, and a recall ends that of whoever recalls."""
    await announcers.announce(planned(announcers, GENERAL), me(), draft=True)
    assert await announcers.correct(LAUNCH, "correction", me()) == 0
    async with delivering(announcers, ledger, courier):
        await announcers.send(LAUNCH, "", "UTC", me())
        await settled(announcers)
        assert "Corrected: LinkedIn" in draw(courier.said["C1"][0])
        await announcers.announce(planned(announcers, RANDOM), me(), draft=True)
        await settled(announcers)
        await announcers.recall(LAUNCH, me())
        assert await settled(announcers) == {"C1": ("recalled", "")}


async def test_a_correction_keeps_the_wish_to_notify_everybody(announcers, ledger, courier):
    """For those whom the announcement has not reached yet."""
    await announcers.announce(planned(announcers, GENERAL, everyone=True), me(), draft=True)
    await announcers.correct(LAUNCH, "correction", me())
    async with delivering(announcers, ledger, courier):
        await announcers.send(LAUNCH, "", "UTC", me())
        await settled(announcers)
    assert [message.everyone for message in courier.said["C1"]] == [True]


async def test_what_failed_and_what_may_have_arrived_are_sent_again_apart(announcers, ledger, courier):
    """Trying what failed is safe; sending the other again can make two of it."""
    courier.refused, courier.lost = {"C1": "not_in_channel"}, {"C2"}
    await announcers.announce(planned(announcers, GENERAL, RANDOM), me())
    async with delivering(announcers, ledger, courier):
        await settled(announcers)
        courier.refused, courier.lost = {}, set()
        assert await announcers.send_again(LAUNCH, me()) == 1
        states = await settled(announcers)
        assert (states["C1"][0], states["C2"][0]) == ("sent", "may have arrived")
        assert await announcers.send_again(LAUNCH, me(), unknown=True) == 1
        assert set((await settled(announcers)).values()) == {("sent", "")}


async def test_a_duplicate_is_a_draft_for_the_same_places(announcers, ledger, courier):
    """Nothing goes out twice by itself."""
    await announcers.announce(planned(announcers, GENERAL, RANDOM), me())
    async with delivering(announcers, ledger, courier):
        await settled(announcers)
        assert await announcers.duplicate(LAUNCH, me()) == 2
        await settled(announcers)
        assert {place: len(said) for place, said in courier.said.items()} == {"C1": 1, "C2": 1}
        assert await announcers.send(LAUNCH, "", "UTC", me()) == (2, 0)
        await settled(announcers)
    assert {place: len(said) for place, said in courier.said.items()} == {"C1": 2, "C2": 2}


async def test_one_copy_can_be_sent_ahead_to_see_it(announcers, ledger, courier):
    """As others will see it, under a name of its own, so that nobody counts as having it."""
    ref = announcing.find(announcers.content, "launch")
    for _ in range(2):
        named = await announcers.trial(ref, announcing.target(PLATFORMS, "slack:T1/U1", "de"), me())
    assert named == f"{LAUNCH}/trial"
    async with delivering(announcers, ledger, courier):
        assert await settled(announcers, named) == {"U1": ("sent", "")}
    assert courier.said["U1"] == [announcers.preview(ref, "de")] * 2
    assert await announcers.announce(planned(announcers, "slack:T1/U1"), me()) == 1


async def test_a_copy_of_a_draft_sent_ahead_has_the_words_of_the_draft(announcers, ledger, courier):
    """Whatever the file says by now; without a draft there is nothing to see."""
    target = announcing.target(PLATFORMS, "slack:T1/U1", "en")
    assert not await announcers.try_draft(LAUNCH, target, me())
    await announcers.announce(planned(announcers, GENERAL), me(), draft=True)
    await announcers.correct(LAUNCH, "correction", me())
    assert await announcers.try_draft(LAUNCH, target, me())
    async with delivering(announcers, ledger, courier):
        await settled(announcers, f"{LAUNCH}/trial")
    assert "Corrected: LinkedIn" in draw(courier.said["U1"][0])


# -- drafts of two people


async def test_somebody_elses_draft_cannot_be_seen_checked_tried_sent_or_dropped(announcers, ledger, courier):
    """Nor is it by correcting, cancelling or recalling what went out under the same name."""
    later = planned(announcers, RANDOM, at="2099-01-01 09:00", everyone=True)
    await announcers.announce(later, ben(), draft=True)
    async with delivering(announcers, ledger, courier):
        await settled_draft(announcers, ben())
        assert await announcers.copies(LAUNCH, me().who) == ()
        assert await announcers.newest(LAUNCH, me().who) is None
        target = announcing.target(PLATFORMS, "slack:T1/U1", "en")
        asked = [await getattr(announcers, act)(LAUNCH, me()) for act in ("check_again", "discard", "cancel", "recall")]
        assert (asked, await announcers.try_draft(LAUNCH, target, me())) == ([0, 0, 0, 0], False)
        assert await announcers.send(LAUNCH, "", "UTC", me()) == (0, 0)
        await announcers.announce(planned(announcers, GENERAL), me(), draft=True)
        await announcers.send(LAUNCH, "", "UTC", me())
        assert await settled(announcers) == {"C1": ("sent", "")}
        await announcers.correct(LAUNCH, "", me())
        await settled(announcers)
        await announcers.recall(LAUNCH, me())
        assert await settled(announcers) == {"C1": ("recalled", "")}
        assert courier.said == {"C1": []}
        ((draft, counts),) = await announcers.others_drafts(LAUNCH, me().who)
        assert (draft.by, draft.due_at, counts.of()) == (ben().who, later.due_at, 1)
        assert await announcers.send(LAUNCH, "", "UTC", ben()) == (1, 0)
        await settled(announcers)
    assert [message.everyone for message in courier.said["C2"]] == [True]


@pytest.mark.parametrize("first", [me, ben], ids=["the quiet one first", "the loud one first"])
async def test_each_draft_is_sent_with_its_own_places_time_settings_and_sender(announcers, ledger, courier, first):
    """In whichever order they were drafted."""
    plans = {me: planned(announcers, GENERAL), ben: planned(announcers, RANDOM, everyone=True)}
    for by in (first, *({me, ben} - {first})):
        assert await announcers.announce(plans[by], by(), draft=True) == 1
    async with delivering(announcers, ledger, courier):
        assert await announcers.send(LAUNCH, "", "UTC", me(), ANNA) == (1, 0)
        assert await settled(announcers, f"{LAUNCH}/result") == {"U1": ("sent", "")}
        assert draw(courier.said["U1"][0]).startswith(f"{LAUNCH} is done. 1 place: 1 sent")
        assert await announcers.send(LAUNCH, "2099-01-01 09:00", "Europe/Berlin", ben()) == (1, 0)
    zones = {one.by: one.zone for one, _ in await announcers.announcements()}
    assert zones == {me().who: "UTC", ben().who: "Europe/Berlin"}
    assert [message.everyone for message in courier.said.pop("C1")] == [False]
    assert list(courier.said) == ["U1"]


async def test_a_correction_leaves_to_each_draft_whom_it_notifies(announcers, ledger, courier):
    """The words are corrected everywhere."""
    await announcers.announce(planned(announcers, GENERAL), me(), draft=True)
    await announcers.announce(planned(announcers, RANDOM, everyone=True), ben(), draft=True)
    await announcers.correct(LAUNCH, "correction", me())
    async with delivering(announcers, ledger, courier):
        for by in (me, ben):
            assert await announcers.send(LAUNCH, "", "UTC", by()) == (1, 0)
        await settled(announcers)
    assert {place: [message.everyone for message in said] for place, said in courier.said.items()} == {
        "C1": [False],
        "C2": [True],
    }
    assert all("Corrected: LinkedIn" in draw(said[0]) for said in courier.said.values())


async def test_a_place_of_two_drafts_gets_one_copy_and_the_second_sender_is_told(announcers, ledger, courier):
    """Whether it has the first one's copy already or has it coming; a draft of which nothing is left is over."""
    await announcers.announce(planned(announcers, GENERAL), me(), draft=True)
    assert await announcers.announce(planned(announcers, GENERAL, RANDOM), ben(), draft=True) == 2
    async with delivering(announcers, ledger, courier):
        await settled_draft(announcers, ben())
        assert await announcers.send(LAUNCH, "2099-01-01 09:00", "UTC", me()) == (1, 0)
        assert await announcers.send(LAUNCH, "", "UTC", ben()) == (1, 1)
        await announcers.announce(planned(announcers, "slack:T1/C3"), me(), draft=True)
        await announcers.announce(planned(announcers, "slack:T1/C3"), ben(), draft=True)
        assert await announcers.send(LAUNCH, "", "UTC", ben()) == (1, 0)
        assert await announcers.send(LAUNCH, "", "UTC", me()) == (0, 1)
        assert await announcers.send(LAUNCH, "", "UTC", me()) == (0, 0)
        await until_sent(courier, {"C2", "C3"})
    states = [(copy.place.id, copy.state) for copy in await announcers.copies(LAUNCH, me().who)]
    assert sorted(states) == [("C1", "pending"), ("C2", "done"), ("C3", "done")]
    assert {place: len(said) for place, said in courier.said.items()} == {"C2": 1, "C3": 1}
    assert all(counts.of() == 1 for _, counts in await announcers.announcements())


async def test_of_two_drafts_of_another_copy_each_place_gets_one(announcers, ledger, courier):
    """Both wanted a second copy; a third one nobody wanted."""
    await announcers.announce(planned(announcers, GENERAL, RANDOM), me())
    async with delivering(announcers, ledger, courier):
        await settled(announcers)
        assert [await announcers.duplicate(LAUNCH, by()) for by in (me, ben)] == [2, 2]
        assert await announcers.send(LAUNCH, "", "UTC", me()) == (2, 0)
        assert await announcers.send(LAUNCH, "", "UTC", ben()) == (0, 2)
        await settled(announcers)
    assert {place: len(said) for place, said in courier.said.items()} == {"C1": 2, "C2": 2}


async def test_a_member_of_somebody_elses_group_is_left_out_of_a_draft(announcers, ledger, courier):
    """Whoever got it as one of many has it."""
    courier.groups = {"C1": ("U1", "U2")}
    await announcers.announce(planned(announcers, "slack:T1/U1", "slack:T1/U3"), me(), draft=True)
    await announcers.announce(planned(announcers, f"members:{GENERAL}"), ben(), draft=True)
    async with delivering(announcers, ledger, courier):
        assert await announcers.send(LAUNCH, "", "UTC", ben()) == (1, 0)
        await until_sent(courier, {"U1", "U2"})
        assert await announcers.send(LAUNCH, "", "UTC", me()) == (1, 1)
        await until_sent(courier, {"U1", "U2", "U3"})
    assert {len(said) for said in courier.said.values()} == {1}


async def test_what_is_announced_at_once_does_not_wait_for_somebody_elses_draft(announcers, ledger, courier):
    """A draft may never be sent; the place is left out of it then. In one's own draft it is coming."""
    await announcers.announce(planned(announcers, GENERAL), ben(), draft=True)
    assert await announcers.announce(planned(announcers, GENERAL), ben()) == 0
    assert await announcers.announce(planned(announcers, GENERAL), me()) == 1
    assert await announcers.send(LAUNCH, "", "UTC", ben()) == (0, 1)
    assert len(await announcers.copies(LAUNCH, me().who)) == 1


async def test_a_place_is_in_a_draft_as_it_was_asked_for_last(announcers, ledger, courier):
    """In one language, to everybody in it or to each of them; all of the draft has the last time and settings."""
    last = planned(announcers, f"members:{GENERAL}", "slack:T1/U9", at="2099-01-01 09:00")
    await announcers.announce(planned(announcers, GENERAL, RANDOM, everyone=True), me(), draft=True)
    assert await announcers.announce(last, me(), draft=True) == 2
    copies = await announcers.copies(LAUNCH, me().who)
    assert {(copy.place.id, copy.kind) for copy in copies} == {("C1", "members"), ("C2", "channel"), ("U9", "person")}
    ((draft, counts),) = await announcers.announcements()
    assert (draft.due_at, '"everyone":true' in draft.words, counts.of()) == (last.due_at, False, 3)
    before = await Deliveries(ledger.database).audit()
    assert await announcers.announce(last, me(), draft=True) == 2
    assert await Deliveries(ledger.database).audit() == before


@pytest.mark.parametrize("again", [False, True], ids=["the first copy", "another copy"])
async def test_two_people_who_send_at_once_make_one_copy_in_each_place(announcers, content, ledger, url, again):
    """In two processes over one database, each with the same places in another order."""
    places = [f"slack:T1/C{number}" for number in range(30)]
    if again:
        await announcers.announce(planned(announcers, *places), me())
    for attempt in range(5):
        async with open_ledger(url) as second:
            other = Announcers(content, second, frozenset())
            both = ((announcers, me, places), (other, ben, places[::-1]))
            drafted = (
                each.announce(planned(announcers, *some), by(), again=again, draft=True) for each, by, some in both
            )
            assert await asyncio.gather(*drafted) == [30, 30]
            sent = await asyncio.gather(*(each.send(LAUNCH, "2099-01-01 09:00", "UTC", by()) for each, by, _ in both))
        assert sorted(sent) == [(0, 30), (30, 0)]
        copies = [copy for copy in await Deliveries(ledger.database).copies(LAUNCH) if copy.state == "pending"]
        assert len(copies) == 30 * (again * (attempt + 2) or 1)
        if not again:
            assert await announcers.cancel(LAUNCH, me()) == 30


@pytest.mark.parametrize("act", ["announce", "send"])
async def test_who_decides_who_gets_a_copy_sees_what_was_decided_before(
    announcers, content, ledger, url, monkeypatch: pytest.MonkeyPatch, act: str
):
    """In another process, in another round, and not yet written down."""
    asked: list[asyncio.Task[Any]] = []
    real = deliveries.insert_copies
    await announcers.announce(planned(announcers, RANDOM), me())
    async with open_ledger(url) as second:
        other = Announcers(content, second, frozenset())
        await other.announce(planned(announcers, GENERAL), ben(), draft=True)

        async def held(*args: Any) -> int:
            if not asked:
                acts = {
                    "announce": lambda: other.announce(planned(other, GENERAL), By("slack T1 U3", datetime.now(UTC))),
                    "send": lambda: other.send(LAUNCH, "", "UTC", ben()),
                }
                asked.append(asyncio.create_task(acts[act]()))
                await asyncio.wait(asked, timeout=0.2)  # it cannot end before this one does
            return await real(*args)

        monkeypatch.setattr(deliveries, "insert_copies", held)
        assert await announcers.announce(planned(announcers, GENERAL), me(), again=True) == 1
        assert await asked[0] == {"announce": 0, "send": (0, 1)}[act]
    places = Counter(copy.place.id for copy in await announcers.copies(LAUNCH, me().who))
    assert places == {"C1": 1, "C2": 1}


async def settled_draft(announcers: Announcers, by: By) -> None:
    """Returns once every place of somebody's draft is checked."""
    async with asyncio.timeout(60):
        while any(copy.state != "done" for copy in await announcers.copies(LAUNCH, by.who)):
            await asyncio.sleep(0.01)


async def until_sent(courier: Courier, places: set[str]) -> None:
    """Returns once exactly these places got something."""
    async with asyncio.timeout(60):
        while set(courier.said) != places:
            await asyncio.sleep(0.01)


async def test_checks_go_as_fast_as_before_once_a_platform_allows_it(announcers, ledger, courier, monkeypatch):
    """A platform that was asked too often once does not slow down drafts for ever."""

    async def check(delivery: Delivery) -> str:
        courier.checked.append(delivery.place.id)
        if len(courier.checked) == 1:
            raise PostponedError("ratelimited", 0.0, limited=True)
        return ""

    monkeypatch.setattr(courier, "check", check)
    places = [f"slack:T1/C{number}" for number in range(30)]
    await announcers.announce(planned(announcers, *places), me(), draft=True)
    async with delivering(announcers, ledger, courier) as dispatcher:
        await settled(announcers)
        pace = dispatcher._lanes["slack:T1"].paces[False]
    assert (len(courier.checked), pace.rate) == (31, pace.most)


# -- people


async def test_a_group_becomes_a_copy_for_each_of_its_members(announcers, ledger, courier):
    """Once each, in two groups or not; the groups are no places of their own any more."""
    courier.groups = {"C1": ("U1", "U2"), "S1": ("U2", "U3")}
    await announcers.announce(planned(announcers, f"members:{GENERAL}", "slack:T1/S1"), me())
    async with delivering(announcers, ledger, courier):
        await until_places(announcers, {"U1", "U2", "U3"})
        states = await settled(announcers)
    assert states == dict.fromkeys(("U1", "U2", "U3"), ("sent", ""))
    assert {place: len(said) for place, said in courier.said.items()} == {"U1": 1, "U2": 1, "U3": 1}


async def test_a_group_that_was_interrupted_is_read_again(announcers, ledger, courier):
    """Reading a group is no message: whoever takes the lane over simply does it once more."""
    now, courier.groups = datetime.now(UTC), {"C1": ("U1",)}
    await announcers.announce(planned(announcers, f"members:{GENERAL}"), me())
    lanes = Lanes(ledger.database)
    await lanes.advance("slack:T1", await lanes.take("slack:T1", now), (), datetime.now(UTC), 1)
    async with delivering(announcers, ledger, courier):
        await until_places(announcers, {"U1"})
        assert await settled(announcers) == {"U1": ("sent", "")}


async def test_a_group_that_cannot_be_read_says_why(announcers, ledger, courier):
    """It stays a place of the report."""
    courier.refused["C1"] = "missing_scope"
    await announcers.announce(planned(announcers, f"members:{GENERAL}"), me())
    async with delivering(announcers, ledger, courier):
        assert await settled(announcers) == {"C1": ("failed", PLATFORMS["slack"].reasons["missing_scope"])}


async def test_who_got_a_copy_is_forgotten_on_request_and_after_ninety_days(announcers, ledger, courier):
    """Copies for people alone; what channels got stays."""
    await announcers.announce(planned(announcers, GENERAL, "slack:T1/U1", "slack:T1/U2"), me())
    async with delivering(announcers, ledger, courier):
        await settled(announcers)
    assert await Deliveries(ledger.database).reached(ANNA)
    await Deliveries(ledger.database).forget(ANNA)
    assert not await Deliveries(ledger.database).reached(ANNA)
    assert {copy.place.id for copy in await announcers.copies(LAUNCH, me().who)} == {"C1", "U2"}
    await Lanes(ledger.database).let_go(datetime.now(UTC) + timedelta(days=89))
    assert {copy.place.id for copy in await announcers.copies(LAUNCH, me().who)} == {"C1", "U2"}
    later = datetime.now(UTC) + timedelta(days=91)
    dispatcher = Dispatcher(Lanes(ledger.database), {"slack": courier}, lambda: later, FAST, TICK)
    running = asyncio.create_task(dispatcher.run())
    await until_places(announcers, {"C1"})
    await dispatcher.stop()
    await running


async def test_people_are_told_what_is_kept_of_announcements(knowledge, ledger: Ledger):
    """As long as it is; by the id of Microsoft Entra as well."""
    desk, place = Desk(knowledge, ledger), Place("teams", TENANT, "a:1")
    ben = Person("teams", TENANT, "29:ben", "cccccccc-0000-4000-8000-000000000001")
    for person in ("29:ben", ben.account):
        await desk.announcers.announce(planned(desk.announcers, f"teams:{TENANT}/{person}"), me())
        (post,) = await desk.ask(Question("privacy", ben, place, "c"), NOON)
        assert desk.content.phrases.privacy_announced in draw(post.message)
        await desk.ask(Question("forget me", ben, place, "c"), NOON)
        (post,) = await desk.ask(Question("privacy", ben, place, "c"), NOON)
        assert desk.content.phrases.privacy_nothing in draw(post.message)


async def test_what_is_forgotten_is_in_no_file_any_more(knowledge, tmp_path: Path):
    """Neither in the database's nor in the one beside it."""
    async with open_ledger(f"sqlite:///{tmp_path / 'optout.db'}") as ledger:
        desk, person = Desk(knowledge, ledger), Person("slack", "T1", "U0FORGETME")
        await desk.announcers.announce(planned(desk.announcers, "slack:T1/U0FORGETME"), me())
        assert any(b"U0FORGETME" in file.read_bytes() for file in tmp_path.iterdir())
        await desk.ask(Question("forget me", person, Place("slack", "T1", "D1"), "c"), NOON)
        assert not any(b"U0FORGETME" in file.read_bytes() for file in tmp_path.iterdir())


async def until_places(announcers: Announcers, wanted: set[str]) -> None:
    """Returns once an announcement goes to exactly these places."""
    async with asyncio.timeout(60):
        while {copy.place.id for copy in await announcers.copies(LAUNCH, me().who)} != wanted:
            await asyncio.sleep(0.01)


# -- results


async def test_whoever_sent_it_is_told_how_it_went_once(announcers, ledger, courier):
    """With totals that add up, after the last copy, and not again by the next process."""
    courier.refused["C2"], courier.lost = "not_in_channel", {"C3"}
    places = planned(announcers, GENERAL, RANDOM, "slack:T1/C3")
    await announcers.announce(places, me(), report_to=ANNA)
    for _ in range(2):
        async with delivering(announcers, ledger, courier, hurried(600)):
            await settled(announcers, f"{LAUNCH}/result")
    (told,) = courier.said["U1"]
    assert draw(told).startswith(f"{LAUNCH} is done. 3 places: ")
    assert {"1 sent", "1 failed", "1 may have arrived"} <= set(draw(told).split(". ")[1].split(": ")[1].split(", "))


@pytest.mark.parametrize("name", [f"{LAUNCH}/result", f"{TOPIC}/posts"])
async def test_what_is_no_announcement_is_not_corrected(announcers: Announcers, name: str):
    """Its words are of another kind, and stay."""
    with pytest.raises(AnnouncingError, match="is no announcement"):
        await announcers.correct(name, "launch", me())


async def test_a_draft_tells_nobody_before_it_is_sent(announcers, ledger, courier):
    """The wish comes with the sending."""
    await announcers.announce(planned(announcers, GENERAL), me(), draft=True, report_to=ANNA)
    async with delivering(announcers, ledger, courier):
        await settled(announcers)
        assert await Lanes(ledger.database).report(datetime.now(UTC)) == 0
        await announcers.send(LAUNCH, "", "UTC", me(), ANNA)
        assert await settled(announcers, f"{LAUNCH}/result") == {"U1": ("sent", "")}


# -- posts of steps, link, Share and mentions


async def test_posts_are_corrected_where_their_entry_has_changed(content, announcers, ledger, courier):
    """Once, each in its place; what has not changed, or cannot be named, stays."""
    steps, entry = ("steps", TOPIC), (TOPIC, "data_used")
    await recorded(content, ledger, Receipt(Place("slack", "T1", "C1", "1.0"), "1.1"), steps)
    await recorded(content, ledger, Receipt(Place("slack", "T1", "C1"), ""), steps)
    await recorded(content, ledger, Receipt(Place("slack", "T1", "C2"), "2.1"), entry)
    assert await announcers.correct_posts(TOPIC, me()) == (0, 0)
    changed = Announcers(with_other_steps(content), ledger, PLATFORMS)
    courier.say = partial(notices.copy, changed.content)
    async with delivering(changed, ledger, courier):
        assert await changed.correct_posts(TOPIC, me()) == (1, 1)
        assert await settled(changed, f"{TOPIC}/posts") == {"C1": ("corrected", "")}
    assert courier.edited == ["1.1"]
    assert "Open the new place." in draw(courier.said["C1"][0])
    assert "Corrected on" in draw(courier.said["C1"][0])
    assert await changed.correct_posts(TOPIC, me()) == (0, 1)


@pytest.mark.parametrize(
    "subject", [("steps", TOPIC), ("link", TOPIC), ("share", TOPIC, "data_used"), (TOPIC, "data_used")], ids=str
)
def test_a_post_is_known_by_what_it_shows(content: Content, subject: tuple[str, ...]):
    """The mark of a post is the same however often it is made, and another once its words change."""
    today = NOON.date()
    shown = notices.post(content, subject, "", today)
    assert notices.digest(shown) == notices.digest(notices.post(content, subject, "", today)) != ""
    assert notices.digest(notices.post(content, subject, "de", today)) != notices.digest(shown)


@pytest.mark.parametrize(
    "subject", [(), ("unknown",), ("steps", "mars"), ("share",), ("share", TOPIC, "mars"), (TOPIC,)], ids=str
)
def test_what_shows_no_entry_has_no_mark(content: Content, subject: tuple[str, ...]):
    """It is never corrected."""
    assert notices.digest(notices.post(content, subject, "", NOON.date())) == ""


async def test_a_post_that_the_desk_hears_of_is_kept_with_its_mark(desk: Desk, content: Content):
    """So that a later change of its entry is seen."""
    place = Place("slack", "T1", "C1", "1.0")
    asked = Question("steps", ANNA, place, "c", "aloud")
    (post,) = await desk.ask(asked, NOON)
    assert isinstance(post, Post)
    await desk.posted(post, Receipt(place, "1.1"), NOON)
    (kept,) = await desk._ledger.receipts(NOON - timedelta(days=1))
    assert kept.digest == notices.digest(notices.post(content, ("steps", TOPIC), "", NOON.date()))


def with_other_steps(content: Content) -> Content:
    """The content with another way to the setting."""
    topic = content.topics[0]
    steps = topic.words.steps.model_copy(update={"items": ("Open the new place.",)})
    return replace(content, topics=(replace(topic, words=topic.words.model_copy(update={"steps": steps})),))


async def recorded(content: Content, ledger: Ledger, receipt: Receipt, subject: tuple[str, ...]) -> None:
    """Notes a post as the desk would."""
    now = datetime.now(UTC)
    mark = notices.digest(notices.post(content, subject, "", now.date()))
    await ledger.record(receipt, subject, content.version, now, "", mark)


# -- who may, and what is said in chat


async def test_everything_wrong_with_a_plan_is_said_at_once(content: Content):
    """One look is enough to mend it."""
    with pytest.raises(AnnouncingError) as error:
        announcing.plan(content, PLATFORMS, "lunch", ["nowhere"], "en", "2001-01-01 09:00", "UTC", NOON)
    assert [text.split(" ")[0] for text in error.value.problems] == ["'lunch'", "'nowhere'", "2001-01-01"]
    with pytest.raises(AnnouncingError, match="only there can everybody be notified"):
        announcing.plan(content, PLATFORMS, "launch", ["slack:T1/U1"], "en", "", "UTC", NOON, everyone=True)


async def test_whoami_tells_the_id_that_names_an_announcer(desk: Desk):
    """Slack's user id, or the one by which Microsoft Entra knows somebody."""
    for person, told in ((ANNA, "U1"), (Person("teams", "t", "29:x", "entra-id"), "entra-id")):
        (post,) = await desk.ask(Question("whoami", person, Place("slack", "T1", "D1"), "c"), NOON)
        assert told in draw(post.message)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("announce", Announce()),
        ("announce launch", Announce("launch")),
        ("announcements", Reports()),
        ("report", Reports()),
        (f"report {LAUNCH}", Reports(LAUNCH)),
    ],
)
async def test_announcers_words_are_wishes(desk: Desk, text: str, wish: Announce | Reports):
    """The platform decides how to grant them."""
    assert await desk.ask(Question(text, ANNA, Place("slack", "T1", "D1"), "c"), NOON) == (wish,)


@pytest.mark.parametrize("text", ["report on how I opt out?", "report spam and/or opt out?"])
async def test_a_question_that_begins_like_a_wish_is_a_question(desk: Desk, text: str):
    """Nobody loses an answer to a word of the announcers."""
    (post,) = await desk.ask(Question(text, ANNA, Place("slack", "T1", "D1"), "c"), NOON)
    assert isinstance(post, Post)


async def test_only_announcers_see_reports(knowledge, ledger: Ledger, courier: Courier):
    """Others are told so, with the id that would have to be named."""
    desk = Desk(knowledge, ledger, frozenset({"U1"}), PLATFORMS)
    await desk.announcers.announce(planned(desk.announcers, GENERAL), me())
    async with delivering(desk.announcers, ledger, courier):
        await settled(desk.announcers)
    stranger = Person("slack", "T1", "U9")
    refusal = await desk.grant(Reports(), stranger, NOON)
    assert ("U9" in draw(refusal.message), "1 place" in draw(refusal.message)) == (True, False)
    assert refusal == await desk.grant(Announce(), stranger, NOON)
    assert "1 place: 1 sent" in draw((await desk.grant(Reports(), stranger, NOON, admin=True)).message)
    shown = draw((await desk.grant(Reports("launch"), ANNA, NOON)).message)
    assert shown.startswith("1 place: 1 sent\nsent")
    assert "https://slack.com/archives/C1" in shown
    assert "'lunch' is no announcement" in draw((await desk.grant(Reports("lunch"), ANNA, NOON)).message)


async def test_a_report_in_words_tells_of_somebody_elses_draft_and_not_its_places(knowledge, ledger: Ledger):
    """The list has a line for it, with whose it is."""
    desk = Desk(knowledge, ledger, frozenset({"U1"}))
    await desk.announcers.announce(planned(desk.announcers, GENERAL), me())
    later = planned(desk.announcers, RANDOM, at="2099-01-01 09:00")
    await desk.announcers.announce(later, ben(), draft=True)
    told = draw((await desk.grant(Reports("launch"), ANNA, NOON)).message)
    assert (told.splitlines()[:2], "C2" in told) == (
        [
            "1 place: 1 waiting",
            "There is also a draft by slack T1 U2: 1 place, for 2099-01-01 09:00 (UTC). Only they can send it.",
        ],
        False,
    )
    listed = draw((await desk.grant(Reports(), ANNA, NOON)).message)
    assert f"{LAUNCH}  draft by slack T1 U2 of 2099-01-01 09:00 (UTC)  1 place: 1 being checked" in listed


def test_a_long_report_shows_its_beginning_and_where_the_rest_is(content: Content):
    """Within what a message holds."""
    shown = notices.listing(content, [f"line {number}" for number in range(50)])
    assert draw(shown).count("line ") == notices.LISTED
    assert "And 30 more" in draw(shown)
    assert notices.listing(content, []) == replies.sentence(content.phrases.no_announcements)
