"""How fast a platform is asked: never more often than it allows, however late somebody comes for the next turn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announcements.pacing import MARGIN, pace, quickened, slowed, taken
from bot.platforms.known import PLATFORMS

LATENESS = st.lists(st.floats(0, 0.5), min_size=20, max_size=200)


@pytest.mark.parametrize("limit", [PLATFORMS["slack"].limits.posts, PLATFORMS["teams"].limits.posts])
@given(lateness=LATENESS)
def test_no_second_holds_more_requests_than_the_limit(limit: float, lateness: list[float]):
    """However late each of them is made."""
    own, now, times = pace(limit), 100.0, []
    for late in lateness:
        now = max(now, own.free_at) + max(late - 0.25, 0.0)
        own = taken(own, now)
        times.append(now)
    assert all(sum(start <= at < start + 1 for at in times) <= limit for start in times)


def test_being_a_little_late_costs_no_speed():
    """Somebody who is ten milliseconds late each time is as fast as one who is on time."""
    own = pace(50)
    for _ in range(1_000):
        own = taken(own, own.free_at + 0.01)
    assert 1_000 / own.free_at == pytest.approx(50 * MARGIN, rel=0.01)


def test_a_platform_that_says_too_often_is_asked_less_and_then_more_again():
    """Half as fast at once, and not before it wants; the old rate only after many successes."""
    own = slowed(pace(8), 0.0, 30.0)
    assert own.free_at == 30.0
    assert own.rate == pytest.approx(8 * MARGIN / 2)
    faster = own
    for _ in range(30):
        faster = quickened(faster)
    assert own.rate < quickened(own).rate < faster.rate == pace(8).rate
