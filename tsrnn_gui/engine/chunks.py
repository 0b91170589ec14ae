"""How many steps run between two looks at the outside world."""

from __future__ import annotations

import math

_WANTED_S = 0.15
_GROWTH = 4


class Chunks:
    """Finds the number of steps that take about 150 ms, from what the last chunk took."""

    def __init__(self) -> None:
        self.size = 1
        self._step_s = math.inf

    @property
    def soon_over(self) -> bool:
        """Whether the next chunk, by what the last one took, is too short for anybody to wait for."""
        return self.size * self._step_s <= _WANTED_S

    def took(self, steps: int, seconds: float) -> None:
        """Learn that ``steps`` took ``seconds``; grow carefully, shrink at once."""
        self._step_s = seconds / max(steps, 1)
        fitting = int(steps * _WANTED_S / max(seconds, 1e-9))
        self.size = max(1, min(fitting, _GROWTH * self.size))
