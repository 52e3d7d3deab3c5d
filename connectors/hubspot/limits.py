"""HubSpot's rate limits, kept before a request leaves: sliding windows on a clock a test can turn (hubspot 1.6)."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

INTERVAL = 10.0
"""Seconds of the window that counts all requests of an app."""

OTHERS_PAUSE = 1.0
"""Seconds to wait when somebody else with the same key has used up the window."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds that only go up, and how to let them pass."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class Window:
    """At most `most` requests in any stretch of `seconds`.

    A request counts from its answer: the server counted it before that, so that its window ends no later than ours.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self._seconds = seconds
        self._ended: deque[float] = deque()

    def delay(self, now: float) -> float:
        """Seconds until one more request fits."""
        while self._ended and self._ended[0] + self._seconds <= now:
            self._ended.popleft()
        if len(self._ended) < self.most:
            return 0.0
        return self._ended[len(self._ended) - self.most] + self._seconds - now

    def count(self, now: float) -> None:
        """One more request was answered."""
        self._ended.append(now)


class Limiter:
    """The windows of one token: all requests in ten seconds, and searches in one."""

    def __init__(self, clock: Clock, per_ten_seconds: int = 100, searches_per_second: int = 4) -> None:
        self._clock = clock
        self._all = Window(per_ten_seconds, INTERVAL)
        self._searches = Window(searches_per_second, 1.0)
        self._not_before = clock.now()

    @contextlib.contextmanager
    def turn(self, *, search: bool) -> Iterator[None]:
        """Wait for a request's turn, and count it when it is over, however it ended."""
        windows = (self._all, self._searches) if search else (self._all,)
        while delay := self._delay(windows):
            self._clock.sleep(delay)
        try:
            yield
        finally:
            for window in windows:
                window.count(self._clock.now())

    def told(self, headers: Mapping[str, str]) -> None:
        """Heed what an answer says: a lower limit, or that others have used up the window.

        Search answers say nothing, and any header may be absent.
        """
        most = _number(headers, "X-HubSpot-RateLimit-Max")
        interval = _number(headers, "X-HubSpot-RateLimit-Interval-Milliseconds")
        if most and interval in {None, INTERVAL * 1000}:
            self._all.most = min(self._all.most, most)
        now = self._clock.now()
        if _number(headers, "X-HubSpot-RateLimit-Remaining") == 0 and not self._all.delay(now):
            self._not_before = now + OTHERS_PAUSE

    def _delay(self, windows: tuple[Window, ...]) -> float:
        now = self._clock.now()
        return max(0.0, self._not_before - now, *(window.delay(now) for window in windows))


def _number(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name, "")
    return int(text) if text.isdigit() and text.isascii() else None
