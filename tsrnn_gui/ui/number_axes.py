"""Plain axes: whole numbers for what is counted, thousands separated for what is measured."""

from __future__ import annotations

import math

import numpy as np

from tsrnn_gui.ui.quick_axis import QuickAxis

_TICK_WIDTH = 44


class CountAxis(QuickAxis):
    """A bottom axis over whole numbers, such as epochs."""

    def __init__(self) -> None:
        super().__init__("bottom")

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """Place ticks on round whole numbers only."""
        step = count_step(maxVal - minVal, max(int(size / _TICK_WIDTH), 2))
        first = math.ceil(minVal / step) * step
        return [(step, np.arange(first, maxVal + step * 1e-6, step).tolist())]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Write the numbers with thousands separated."""
        return [f"{value:,.0f}" for value in values]


class ValueAxis(QuickAxis):
    """A left axis over measured values."""

    def __init__(self) -> None:
        super().__init__("left")

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Write the values with thousands separated and as many decimals as tell them apart."""
        if not spacing > 0 or max((abs(value) for value in values), default=0.0) >= 1e9:
            return list(super().tickStrings(values, scale, spacing))
        places = max(0, math.ceil(-math.log10(spacing) - 1e-9))
        return [f"{value:,.{places}f}" if places < 8 else f"{value:g}" for value in values]


def count_step(span: float, most: int) -> float:
    """Give the smallest of 1, 2, 5, 10, 20, … that cuts ``span`` into at most ``most`` parts."""
    raw = max(span / most, 1.0)
    power = 10.0 ** math.floor(math.log10(raw))
    return next(size * power for size in (1, 2, 5, 10) if size * power >= raw * (1 - 1e-9))
