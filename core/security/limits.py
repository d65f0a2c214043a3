"""How often somebody may try: at most ten failed log-ins in five minutes, per user and per address."""

from __future__ import annotations

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from core.errors import TooManyTries

LOGIN = RateLimitItemPerMinute(10, 5)


class Tries:
    """Counts tries in this process; behind several processes each counts for itself."""

    def __init__(self, limit: RateLimitItem = LOGIN) -> None:
        self.limit = limit
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def require(self, *who: str) -> None:
        """Count one try of each of `who` (like `user:li`, `address:10.0.0.8`); TooManyTries when one has
        too many."""
        spent = [each for each in who if not self._window.hit(self.limit, each)]
        if spent:
            minutes = self.limit.get_expiry() // 60
            raise TooManyTries("尝试次数过多", remedy=f"请 {minutes} 分钟后再试")

    def forget(self, *who: str) -> None:
        """Start again at nothing, after a try that succeeded."""
        for each in who:
            self._window.clear(self.limit, each)
