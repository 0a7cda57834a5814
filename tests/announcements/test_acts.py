"""The one table of what announcers do: which acts fit, what each does in the real ledger, and what is said of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from bot.announcements import acts
from bot.announcements import plans as announcing
from bot.announcements.acts import ACTS, Acting, Result, Seen
from bot.announcements.announcers import Announcers
from bot.announcements.copies import By, Delivery, KeptAnnouncement, State
from bot.content.phrases import Acts, Phrases
from bot.content.topics import Content
from bot.messages import Person, Place
from bot.platforms.known import PLATFORMS
from bot.storage.database import IN_MEMORY
from bot.storage.ledger import open_ledger
from tests.conftest import NOON

LAUNCH, ANNA, BEN = "linkedin-ai-training/launch", By("slack T1 U1", NOON), By("slack T1 U2", NOON)
DIRECT = Place("slack", "T1", "U1")
LATER = "2030-01-01 09:00"
DRAFT = KeptAnnouncement("a", LAUNCH, "1", "", ANNA.who, NOON, NOON, "UTC")


def copy(state: State, task: str = "post", ref: str = "") -> Delivery:
    place = Place("slack", "T1", "C1")
    return Delivery("1", "a", LAUNCH, "slack:T1", place, "channel", "en", task, state, 0, 0, ref, "")


@pytest.fixture(params=["en", "de"])
def phrases(request: pytest.FixtureRequest, content: Content) -> Phrases:
    return content.spoken(request.param).phrases


def test_every_act_has_words_and_all_words_have_an_act():
    """One set of ids, in one order."""
    assert tuple(ACTS) == tuple(Acts.model_fields)


# -- which fit


PLACE = copy("done", "check")
OF_A_DRAFT = ["trial", "check", "discard"]


@pytest.mark.parametrize(
    ("seen", "offered"),
    [
        pytest.param(Seen(None, (), True), [], id="nothing"),
        pytest.param(Seen(DRAFT, (PLACE,), True), ["send", *OF_A_DRAFT], id="a draft"),
        pytest.param(
            Seen(replace(DRAFT, due_at=NOON + timedelta(days=1)), (PLACE,), True),
            ["schedule", *OF_A_DRAFT],
            id="for later",
        ),
        pytest.param(
            Seen(DRAFT, (copy("failed", "check"),), True), ["send", *OF_A_DRAFT], id="a draft with a place not ready"
        ),
        pytest.param(Seen(None, (copy("pending"),), True), ["cancel", "duplicate"], id="scheduled"),
        pytest.param(Seen(None, (copy("pending", "expand"),), True), ["cancel", "duplicate"], id="members, scheduled"),
        pytest.param(Seen(None, (copy("failed"),), True), ["retry", "duplicate"], id="failed"),
        pytest.param(Seen(None, (copy("unknown"),), True), ["resend", "leave", "duplicate"], id="may have arrived"),
        pytest.param(Seen(None, (copy("left"),), True), ["duplicate"], id="left"),
        pytest.param(Seen(None, (copy("done", ref="1"),), True), ["correct", "recall", "duplicate"], id="there"),
        pytest.param(Seen(None, (copy("done", ref="1"),), False), ["recall"], id="there, but its file is gone"),
        pytest.param(Seen(None, (copy("done", "delete", "1"),), True), ["duplicate"], id="recalled"),
        pytest.param(
            Seen(DRAFT, (PLACE, copy("done", ref="1"), copy("pending"))[::-1], True),
            ["send", *OF_A_DRAFT, "cancel", "correct", "recall"],
            id="a draft beside what was sent",
        ),
    ],
)
def test_the_acts_that_fit_are_those_that_help_now(seen: Seen, offered: list[str]):
    """Whoever draws buttons offers the same, whatever the platform."""
    assert list(acts.fitting(seen)) == offered


@pytest.mark.parametrize("state", get_args(State))
def test_an_act_on_copies_never_comes_from_the_places_of_a_draft(state: State):
    """What is checked is tried again by *check*."""
    assert set(acts.fitting(Seen(None, (copy(state, "check"),), True))) == set()


# -- what each does


@asynccontextmanager
async def office(content: Content) -> AsyncIterator[Announcers]:
    """Announcers with a ledger of their own."""
    async with open_ledger(IN_MEMORY) as ledger:
        yield Announcers(content, ledger, PLATFORMS)


async def nothing(announcers: Announcers) -> None:
    """Leaves it as it is."""


async def drafted(announcers: Announcers, by: By = ANNA, at: str = "", *places: str) -> None:
    to = places or ("slack:T1/C1", "slack:T1/C2")
    plan = announcing.plan(announcers.content, PLATFORMS, LAUNCH, to, "de", at, "UTC", NOON)
    await announcers.announce(plan, by, draft=True)


async def drafted_for_later(announcers: Announcers) -> None:
    await drafted(announcers, ANNA, LATER)


async def sent(announcers: Announcers) -> None:
    await drafted(announcers)
    await announcers.send(LAUNCH, "", "UTC", ANNA)


async def overtaken(announcers: Announcers) -> None:
    """Ben has sent it to the places of Anna's draft."""
    await drafted(announcers)
    await drafted(announcers, BEN)
    await announcers.send(LAUNCH, "", "UTC", BEN)


async def partly_overtaken(announcers: Announcers) -> None:
    await drafted(announcers)
    await drafted(announcers, BEN, "", "slack:T1/C1")
    await announcers.send(LAUNCH, "", "UTC", BEN)


Before = Callable[[Announcers], Awaitable[None]]


@pytest.mark.parametrize(
    ("before", "act", "at", "said"),
    [
        (drafted, "send", None, "It is on its way to 2 places."),
        (drafted, "send", "", "It is on its way to 2 places."),
        (drafted, "schedule", LATER, f"It goes out on {LATER} (UTC) to 2 places."),
        (drafted_for_later, "schedule", None, f"It goes out on {LATER} (UTC) to 2 places."),
        (drafted_for_later, "send", None, f"It goes out on {LATER} (UTC) to 2 places."),
        (drafted_for_later, "send", "", "It is on its way to 2 places."),
        (overtaken, "send", None, "All places of the draft have it by now, or have it coming."),
        (partly_overtaken, "send", None, "It is on its way to 1 place. Left out, since it has it or has it coming: 1"),
        (nothing, "send", None, "You have no draft of it"),
        (nothing, "schedule", LATER, "You have no draft of it"),
        (drafted, "trial", None, "A copy is on its way to you alone."),
        (nothing, "trial", None, "You have no draft of it"),
        (nothing, "check", None, "You have no draft of it"),
        (drafted, "discard", None, "The draft for 2 places is dropped."),
        (sent, "discard", None, "You have no draft of it"),
        (sent, "cancel", None, "2 places will not get it."),
        (nothing, "cancel", None, "There was nothing left to cancel."),
        (sent, "retry", None, "Nothing has failed."),
        (sent, "resend", None, "No copy is uncertain, so none is sent again."),
        (sent, "leave", None, "No copy is uncertain, so there is nothing to settle."),
        (sent, "correct", None, "No copy is there to be corrected."),
        (sent, "recall", None, "No copy is there to be deleted, and none will be sent any more."),
        (sent, "duplicate", None, "This is a draft for 2 places."),
        (nothing, "duplicate", None, "There is no place to send it to."),
    ],
)
async def test_an_act_says_what_came_of_it(content: Content, before: Before, act: str, at: str | None, said: str):
    """Or that there was nothing to do."""
    async with office(content) as announcers:
        await before(announcers)
        done = await acts.carry_out(act, Acting(announcers, LAUNCH, ANNA, at=at, me=DIRECT))
        assert done.said.startswith(said)


@pytest.mark.parametrize("told", [None, Person("slack", "T1", "U1")], ids=["nobody", "somebody"])
async def test_whoever_is_told_when_it_is_done_hears_that_they_will_be(content: Content, told: Person | None):
    """And nobody else is promised it."""
    async with office(content) as announcers:
        await drafted(announcers)
        done = await acts.carry_out("send", Acting(announcers, LAUNCH, ANNA, report_to=told))
        assert ("A message follows when it is done." in done.said) == (told is not None)


async def test_a_trial_is_in_the_language_of_the_draft(content: Content):
    """One copy, for whoever asks alone."""
    async with office(content) as announcers:
        await drafted(announcers)
        await acts.carry_out("trial", Acting(announcers, LAUNCH, ANNA, me=DIRECT))
        (trial,) = await announcers.copies(f"{LAUNCH}/trial", ANNA.who)
        assert (trial.place, trial.kind, trial.language) == (DIRECT, "person", "de")


# -- what is said in each language


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("number", [0, 1, 2, 30])
def test_every_act_is_told_in_every_language(phrases: Phrases, act: str, number: int):
    """With the number that it concerned, and nothing left to fill in."""
    result = Result(number, at=LATER if act == "schedule" else "", zone="Europe/Berlin")
    said = acts.said(phrases, act, result)
    assert ("{" in said, said.endswith(".")) == (False, True)
    words = acts.words(phrases, act)
    assert (said == words.none) == (number == 0)
    assert (str(number) in said) == (number > 1 or (number == 1 and act != "trial"))
    if act == "schedule" and number:
        assert f"{LATER} (Europe/Berlin)" in said


@pytest.mark.parametrize("left", [1, 5])
def test_places_that_are_left_out_are_told_in_every_language(phrases: Phrases, left: int):
    """After what is sent, or instead of it."""
    assert acts.said(phrases, "send", Result(0, left)) == phrases.all_have_it
    said = acts.said(phrases, "send", Result(2, left, is_told=True))
    assert [f" {left} " in said, phrases.message_follows in said] == [True, True]
    assert acts.left_out(phrases, 0) == ""


def test_whatever_destroys_or_doubles_something_is_asked_for_first(phrases: Phrases):
    """And nothing else is."""
    asked = {name for name in ACTS if acts.words(phrases, name).confirm}
    assert asked == {name for name, act in ACTS.items() if act.style == "danger"} | {"correct", "resend"}


def test_no_two_acts_have_the_same_label(phrases: Phrases):
    """So that beside each other they can be told apart."""
    labels = [acts.words(phrases, name).label for name in ACTS]
    assert len({*labels}) == len(labels)
