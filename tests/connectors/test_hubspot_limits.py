"""Never above HubSpot's windows, and hardly slower than they allow (hubspot 1.6)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.hubspot.limits import OTHERS_PAUSE, Clock, Limiter


class Turned:
    """A clock that only a test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.at += seconds

    def clock(self) -> Clock:
        return Clock(lambda: self.at, self.sleep)


def schedule(calls, **rates):
    """When each call began and ended; a call is (seconds it takes, whether it is a search)."""
    time = Turned()
    limiter = Limiter(time.clock(), **rates)
    found = []
    for takes, search in calls:
        with limiter.turn(search=search):
            began = time.at
            time.at += takes
        found.append((began, time.at, search))
    return found


def most_within(moments, seconds):
    """The most moments in any stretch of so many seconds, its end not included."""
    moments = sorted(moments)
    return max(
        (sum(1 for m in moments[i:] if m - start < seconds - 1e-9) for i, start in enumerate(moments)),
        default=0,
    )


@given(
    st.lists(st.tuples(st.floats(0, 0.5), st.booleans()), max_size=120),
    st.integers(1, 20),
    st.integers(1, 5),
    st.data(),
)
@settings(max_examples=60, deadline=None)
def test_no_window_ever_holds_more_than_its_limit(calls, per_ten, per_second, data):
    done = schedule(calls, per_ten_seconds=per_ten, searches_per_second=per_second)
    # The server counts a request at any moment between its beginning and its end.
    counted = [(data.draw(st.floats(0, 1)), *call) for call in done]
    at = [(began + share * (ended - began), search) for share, began, ended, search in counted]
    assert most_within([m for m, _ in at], 10) <= per_ten
    assert most_within([m for m, search in at if search], 1) <= per_second


@given(st.integers(1, 400), st.integers(1, 100))
@settings(max_examples=60, deadline=None)
def test_calls_that_take_no_time_come_as_fast_as_the_window_allows(count, per_ten):
    done = schedule([(0.0, False)] * count, per_ten_seconds=per_ten)
    fastest = (count - 1) // per_ten * 10
    assert done[-1][0] - done[0][0] <= fastest * 1.001


@given(st.integers(2, 100))
@settings(max_examples=20, deadline=None)
def test_searches_come_as_fast_as_both_windows_allow(count):
    done = schedule([(0.0, True)] * count)
    fastest = max((count - 1) // 4 * 1.0, (count - 1) // 100 * 10.0)
    assert done[-1][0] - done[0][0] <= fastest * 1.001


@pytest.mark.parametrize("takes", [0.02, 0.05])
def test_calls_as_long_as_real_ones_stay_within_a_tenth_of_the_fastest_schedule(takes):
    done = schedule([(takes, False)] * 1000)
    assert done[-1][1] - done[0][0] <= 1.1 * max(90.0, 1000 * takes)


def test_other_calls_do_not_wait_for_the_search_window():
    done = schedule([(0.0, True)] * 4 + [(0.0, False)] * 10)
    assert [after[0] - before[0] for before, after in pairwise(done)] == [0.0] * 13


@pytest.mark.parametrize(
    ("headers", "most"),
    [
        ({"X-HubSpot-RateLimit-Max": "3", "X-HubSpot-RateLimit-Interval-Milliseconds": "10000"}, 3),
        ({"X-HubSpot-RateLimit-Max": "3"}, 3),
        ({"X-HubSpot-RateLimit-Max": "190"}, 10),
        ({"X-HubSpot-RateLimit-Max": "3", "X-HubSpot-RateLimit-Interval-Milliseconds": "1000"}, 10),
        ({"X-HubSpot-RateLimit-Max": "many"}, 10),
        ({}, 10),
    ],
)
def test_an_answer_can_lower_the_limit_and_never_raise_it(headers, most):
    time = Turned()
    limiter = Limiter(time.clock(), 10)
    limiter.told(headers)
    began = time.at
    for _ in range(most):
        with limiter.turn(search=False):
            pass
    assert time.at == began
    with limiter.turn(search=False):
        assert time.at == began + 10


def test_a_window_that_others_used_up_is_waited_for():
    time = Turned()
    limiter = Limiter(time.clock(), 10)
    began = time.at
    limiter.told({"X-HubSpot-RateLimit-Remaining": "0"})
    with limiter.turn(search=False):
        assert time.at == began + OTHERS_PAUSE
