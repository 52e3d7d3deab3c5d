"""How often may be asked: rolling windows and a daily quota, with the documented headers (hubspot 1.6)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from sandbox.hubspot.errors import ApiError, rate_limited
from sandbox.hubspot.portal import Limits, Token

SEARCHES_PER_SECOND = 5
OAUTH_PER_TEN_SECONDS = 110
INTERVAL_MS = 10_000


class Window:
    """At most so many requests in any stretch of so many seconds."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self._moments: deque[float] = deque()

    def left(self, now: float) -> int:
        """How many requests still fit."""
        while self._moments and self._moments[0] <= now - self.seconds:
            self._moments.popleft()
        return self.most - len(self._moments)

    def count(self, now: float) -> None:
        """One more request was answered."""
        self._moments.append(now)


class Meter:
    """Counts the requests of a portal. `clock` gives seconds; a test may turn it by hand."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.limits = limits
        self.clock = clock
        self.used_today = limits.daily_used
        self._searches = Window(SEARCHES_PER_SECOND, 1.0)
        self._apps: dict[str, Window] = {}

    def refusal(self, token: Token, *, search: bool) -> ApiError | None:
        """The limit a request runs into, or None; then the request is counted."""
        now = self.clock()
        app = self._app(token)
        if self.used_today >= self.limits.daily and token.kind != "oauth":
            return rate_limited("DAILY")
        if app.left(now) <= 0:
            return rate_limited("TEN_SECONDLY_ROLLING")
        if search and self._searches.left(now) <= 0:
            return rate_limited("SECONDLY")
        app.count(now)
        self.used_today += token.kind != "oauth"
        if search:
            self._searches.count(now)
        return None

    def headers(self, token: Token) -> dict[str, str]:
        """The headers of a normal answer; the daily ones only for private apps and keys."""
        app = self._app(token)
        left = max(0, app.left(self.clock()))
        headers = {
            "X-HubSpot-RateLimit-Max": str(app.most),
            "X-HubSpot-RateLimit-Remaining": str(left),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(INTERVAL_MS),
            "X-HubSpot-RateLimit-Secondly": str(app.most // 10),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(min(left, app.most // 10)),
        }
        if token.kind != "oauth":
            headers["X-HubSpot-RateLimit-Daily"] = str(self.limits.daily)
            headers["X-HubSpot-RateLimit-Daily-Remaining"] = str(max(0, self.limits.daily - self.used_today))
        return headers

    def _app(self, token: Token) -> Window:
        """The window of the token's app. Tokens that replaced one another are one app."""
        key = token.refresh.refresh_token if token.refresh else token.app_id or token.token
        most = OAUTH_PER_TEN_SECONDS if token.kind == "oauth" else self.limits.ten_secondly
        return self._apps.setdefault(key, Window(most, INTERVAL_MS / 1000))
