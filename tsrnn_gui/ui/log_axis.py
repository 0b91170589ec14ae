"""An axis for values plotted as powers of ten, labelled with the numbers themselves."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.ui.quick_axis import QuickAxis

_MANTISSAS = (tuple(range(1, 10)), (1, 2, 5), (1, 3), (1,))
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_TICK_HEIGHT = 24
_EVEN_BELOW = 0.8
_SMALLEST_PLAIN, _LARGEST_PLAIN = 1e-4, 1e7
Ticks = list[tuple[float, str]]


def as_powers(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give log10 of ``values``, NaN where there is none."""
    powers = np.full(values.shape, np.nan)
    np.log10(values, out=powers, where=np.isfinite(values) & (values > 0))
    return powers


def log_ticks(low: float, high: float, most: int) -> Ticks:
    """Give (power, text) of at most about ``most`` round numbers between 10^low and 10^high."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low or most < 1:
        return []
    choices = [_decade_ticks(low, high, mantissas) for mantissas in _MANTISSAS]
    if high - low < _EVEN_BELOW:
        choices.append(_even_ticks(low, high, most))
    fitting = [ticks for ticks in choices if len(ticks) <= most]
    if fitting:
        return max(fitting, key=len)
    every = math.ceil((high - low) / most)
    return [tick for tick in choices[-1] if round(tick[0]) % every == 0]


def number_text(value: float) -> str:
    """Write a positive number plainly, or as a power of ten where plain digits would not be read."""
    if value <= 0 or _SMALLEST_PLAIN * 0.999 <= value < _LARGEST_PLAIN:
        return f"{value:,.10g}" if abs(value) >= 1e-4 or value == 0 else f"{value:.3g}"
    power = math.floor(math.log10(value) + 1e-9)
    mantissa = f"{value / 10.0**power:.4g}"
    raised = f"10{str(power).translate(_SUPERSCRIPT)}"
    return raised if mantissa == "1" else f"{mantissa}·{raised}"


class LogAxis(QuickAxis):
    """A left axis over powers of ten."""

    def __init__(self) -> None:
        super().__init__("left")
        self._texts: dict[float, str] = {}
        self.enableAutoSIPrefix(False)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """Place one level of ticks."""
        self._texts = dict(log_ticks(minVal, maxVal, max(int(size / _TICK_HEIGHT), 2)))
        return [(1.0, list(self._texts))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Label the ticks that were placed."""
        return [self._texts.get(value, "") for value in values]


def _decade_ticks(low: float, high: float, mantissas: tuple[int, ...]) -> Ticks:
    found = []
    for power in range(math.floor(low), math.ceil(high) + 1):
        for mantissa in mantissas:
            place = power + math.log10(mantissa)
            if low <= place <= high:
                found.append((place, number_text(float(f"{mantissa}e{power}"))))
    return found


def _even_ticks(low: float, high: float, most: int) -> Ticks:
    """Inside a fraction of a decade evenly spaced numbers read better."""
    first, last = 10.0**low, 10.0**high
    raw = (last - first) / most
    if raw <= 0:
        return []
    power = 10.0 ** math.floor(math.log10(raw))
    for step in (power * size for size in (1, 2, 2.5, 5, 10, 20)):
        places = np.arange(max(math.ceil(first / step), 1), math.floor(last / step) + 1)
        if len(places) <= most:
            break
    return [(math.log10(value), number_text(float(f"{value:.6g}"))) for value in (places * step).tolist()]
