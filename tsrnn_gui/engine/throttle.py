"""How often a costly event may be sent."""

from __future__ import annotations

import time
from collections.abc import Callable

_SHARE = 0.1


class Throttle:
    """Lets an action through at most every ``interval_s``, and for at most a tenth of the time."""

    def __init__(self, interval_s: float, clock: Callable[[], float] = time.perf_counter) -> None:
        self._interval = interval_s
        self._clock = clock
        self._next = -float("inf")

    @property
    def open(self) -> bool:
        """Whether the action may be taken now."""
        return self._clock() >= self._next

    def took(self, action: Callable[[], None]) -> None:
        """Take ``action`` and hold the next one back by what it cost."""
        begun = self._clock()
        action()
        cost = self._clock() - begun
        self._next = begun + max(self._interval, cost / _SHARE)
