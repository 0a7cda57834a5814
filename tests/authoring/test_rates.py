"""The rates: what questions that want an answer, none or several got, without anything that flatters."""

from typing import Any

import pytest

from bot.authoring import rates

STEPS, LINK, GAP = "steps", "deep_link", "facebook"


def record(
    decision: str = "unknown", entries: tuple = (), not_covered: tuple = (), offered: tuple = ()
) -> dict[str, Any]:
    """What a question was answered with."""
    return {"decision": decision, "entries": entries, "not_covered": not_covered, "offered": offered}


ANSWERED, DECLINED = record("answer", (STEPS,)), record("not_covered", (), (GAP,))
OFFERED, UNKNOWN = record("clarify", (), (), (LINK, STEPS)), record()


@pytest.mark.parametrize(
    ("given", "accept", "accept_gap", "wanted"),
    [
        pytest.param(ANSWERED, (LINK, STEPS), (), "right", id="right"),
        pytest.param(ANSWERED, (LINK,), (), "otherwise", id="another"),
        pytest.param(ANSWERED, (), (), "otherwise", id="none-wanted"),
        pytest.param(record("answer", (LINK, STEPS)), (STEPS,), (), "otherwise", id="beside-another"),
        pytest.param(OFFERED, (STEPS,), (), "offered", id="offered"),
        pytest.param(OFFERED, ("owner",), (), "titles", id="other-titles"),
        pytest.param(UNKNOWN, (STEPS,), (), "silent", id="silent"),
        pytest.param(DECLINED, (STEPS,), (), "silent", id="declined"),
        pytest.param(DECLINED, (), (GAP,), "right", id="by-its-gap"),
        pytest.param(DECLINED, (), ("ads",), "otherwise", id="by-another-gap"),
        pytest.param(UNKNOWN, (), (GAP,), "silent", id="by-no-gap"),
    ],
)
def test_what_a_question_got(given: dict[str, Any], accept: tuple, accept_gap: tuple, wanted: str):
    """An entry beside the right one is still another; a gap counts where the label names one."""
    assert rates.given(given, accept, accept_gap) == wanted


@pytest.mark.parametrize(
    ("given", "parts", "wanted"),
    [
        pytest.param(record("answer", (STEPS, LINK)), ((STEPS,), (LINK,)), True, id="both"),
        pytest.param(ANSWERED, ((STEPS,), (LINK,)), False, id="one"),
        pytest.param(record("answer", (STEPS,), (GAP,)), ((STEPS,), ("-",)), True, id="one-is-not-said"),
        pytest.param(ANSWERED, ((STEPS,), ("-",)), False, id="without-a-word"),
        pytest.param(OFFERED, ((STEPS,), (LINK,)), False, id="offered"),
    ],
)
def test_a_question_is_answered_whole(given: dict[str, Any], parts: tuple, wanted: bool):
    """Each part by one of its entries, or said not to be in the article."""
    assert bool(rates.whole(given, parts)) is wanted


def asked(kind: str, accept: tuple, given: str, *, refusal_ok: bool = False, followup: bool = False, **more: Any):
    """A question's record, as far as it is counted."""
    return {"wanted": rates.wanted(kind, accept, refusal_ok), "given": given, "followup": followup, **more}


def test_rates_leave_out_what_would_flatter():
    """A permitted decline and a greeting count nowhere, follow-ups by themselves; titles are no silence."""
    counts = rates.rates(
        [
            asked("terse", (STEPS,), "right"),
            asked("terse", (STEPS,), "titles", whole=False),
            asked("terse", (STEPS,), "silent", refusal_ok=True),
            asked("smalltalk", (), "silent"),
            asked("oos_far", (), "silent"),
            asked("oos_far", (), "titles"),
            asked("oos_far", (), "otherwise"),
            asked("followup", (STEPS,), "otherwise", followup=True),
            asked("followup", (), "silent", followup=True),
            asked("compound", (STEPS,), "right", whole=True),
        ]
    )
    assert counts == {
        "answer wanted": {"n": 3, "right": 2, "otherwise": 0, "offered": 0, "silent": 1},
        "none wanted": {"n": 3, "declined": 1, "titles": 1, "otherwise": 1},
        "follow-ups": {"n": 2, "right": 1, "otherwise": 1, "offered": 0, "silent": 0},
        "double questions": {"n": 2, "whole": 1},
    }
    assert rates.table(counts).splitlines()[1].split() == [
        *("none", "wanted", "3", "declined", "33.3%,", "titles", "33.3%,", "otherwise", "33.3%")
    ]
