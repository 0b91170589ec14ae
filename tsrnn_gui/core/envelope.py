"""The outline of a long curve: least and largest value of blocks, at several block sizes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
_FACTOR = 4
_SMALLEST = 256


class Envelope:
    """A pyramid of minima and maxima over ``values`` (rows,), built once in O(rows).

    ``outline`` then costs as much as what it returns, however long the curve is.
    """

    def __init__(self, values: Values) -> None:
        self._levels: list[tuple[Values, Values]] = [(values, values)]
        while len(self._levels[-1][0]) > _SMALLEST:
            low, high = self._levels[-1]
            self._levels.append((_blocks(np.fmin, low), _blocks(np.fmax, high)))
        low, high = self._levels[-1]
        finite_low, finite_high = low[np.isfinite(low)], high[np.isfinite(high)]
        self.low = float(finite_low.min()) if len(finite_low) else 0.0
        self.high = float(finite_high.max()) if len(finite_high) else 1.0

    def outline(self, first: float, last: float, most: int) -> tuple[Values, Values]:
        """Give (rows, values) that draw the part from row ``first`` to ``last`` in about ``most`` points.

        Every minimum and maximum of the part is among the values; few enough rows are given as they are.
        """
        size = len(self._levels[0][0])
        begin, end = max(int(first) - 1, 0), min(int(last) + 2, size)
        level = 0
        while level + 1 < len(self._levels) and (end - begin) / _FACTOR**level > most / (2 if level else 1):
            level += 1
        block = _FACTOR**level
        low, high = self._levels[level]
        places = np.arange(begin // block, min(-(-end // block), len(low)))
        if level == 0:
            return places.astype(np.float64), low[places]
        rows = np.repeat(places * float(block), 2)
        rows[1::2] += block / 2
        values = np.empty(2 * len(places))
        values[0::2], values[1::2] = low[places], high[places]
        return rows, values


def _blocks(reduce: np.ufunc, values: Values) -> Values:
    whole = len(values) // _FACTOR * _FACTOR
    made: Values = reduce.reduce(values[:whole].reshape(-1, _FACTOR), axis=1)
    if whole < len(values):
        made = np.append(made, reduce.reduce(values[whole:]))
    return made
