"""The epochs of a run as columns of numbers, read once each however often they are drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.core.runs import Epoch

_FIELDS = ("epoch", "loss", "mae", "val_loss", "val_mae", "learning_rate")
_FIRST_ROOM = 256


class EpochTable:
    """Follows a list of epochs that grows at its end; any other change is read anew."""

    def __init__(self) -> None:
        self._rows = np.empty((_FIRST_ROOM, len(_FIELDS)))
        self._count = 0
        self._last: Epoch | None = None
        self.best: Epoch | None = None

    def follow(self, epochs: Sequence[Epoch]) -> None:
        """Take in what is new in ``epochs``."""
        known = self._count
        if known > len(epochs) or (known and epochs[known - 1] is not self._last):
            known, self.best = 0, None
        if len(epochs) > len(self._rows):
            # A new array: what was handed out before stays as it is.
            room = np.empty((2 * len(epochs), len(_FIELDS)))
            room[:known] = self._rows[:known]
            self._rows = room
        for place in range(known, len(epochs)):
            self._rows[place] = [_number(getattr(epochs[place], name)) for name in _FIELDS]
            if epochs[place].best:
                self.best = epochs[place]
        self._count, self._last = len(epochs), epochs[-1] if epochs else None

    def column(self, name: str) -> NDArray[np.float64]:
        """Give the numbers called ``name``, NaN for none, float64 (epochs,)."""
        return self._rows[: self._count, _FIELDS.index(name)]


def _number(value: float | None) -> float:
    return math.nan if value is None else value
