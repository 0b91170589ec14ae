"""Where a time axis puts its ticks: round calendar moments, placed on the rows they fall on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.core.series import Series, next_times
from tsrnn_gui.core.survey import ascending

_STEPS: tuple[tuple[Any, int, float], ...] = (
    ("m", 1, 60),
    ("m", 5, 300),
    ("m", 15, 900),
    ("h", 1, 3600),
    ("h", 3, 10_800),
    ("h", 6, 21_600),
    ("h", 12, 43_200),
    ("D", 1, 86_400),
    ("D", 7, 604_800),
    ("M", 1, 2_629_800),
    ("M", 3, 7_889_400),
    ("M", 6, 15_778_800),
    ("Y", 1, 31_557_600),
    ("Y", 2, 63_115_200),
    ("Y", 5, 157_788_000),
    ("Y", 10, 315_576_000),
    ("Y", 20, 631_152_000),
    ("Y", 50, 1_577_880_000),
    ("Y", 100, 3_155_760_000),
    ("Y", 500, 15_778_800_000),
)
Ticks = list[tuple[float, str]]


class RowTimes:
    """The times of a series by row, carried on beyond its end; plots count rows, people read times.

    Rows keep a plot exact where times are irregular, duplicated or unsorted.
    """

    def __init__(self, series: Series, future: int = 0) -> None:
        times: NDArray[Any] = series.times
        ahead = next_times(series, future) if future and len(series) else times[:0]
        self._series = series
        self._times, self._ahead = times, np.asarray(ahead, dtype=times.dtype)
        self._sorted = ascending(series)

    def __len__(self) -> int:
        return len(self._times) + len(self._ahead)

    def text(self, row: float) -> str:
        """Write the time of the nearest row, or nothing outside the series."""
        place = round(row)
        if not 0 <= place < len(self):
            return ""
        time = self._at(place)
        if not self._series.dated:
            return f"{int(time):,}"
        units: dict[str, Any] = {
            "year": "Y",
            "month": "M",
            "quarter": "M",
            "hour": "m",
            "minute": "m",
            "second": "s",
        }
        return str(np.datetime_as_string(time, unit=units.get(self._series.step.unit, "D"))).replace("T", " ")

    def ticks(self, low: float, high: float, most: int) -> Ticks:
        """Give (row, text) of at most about ``most`` ticks between the rows ``low`` and ``high``."""
        low, high = max(low, 0.0), min(high, len(self) - 1.0)
        if high <= low or most < 1:
            return []
        if not self._series.dated or not self._sorted:
            return [(row, self.text(row)) for row in _round_rows(low, high, most)]
        first, last = self._at(int(low)), self._at(int(np.ceil(high)))
        seconds = max(float((last - first).astype(np.int64)) / 1e6, 1.0)
        unit, count, _ = next((s for s in _STEPS if seconds / s[2] <= most), _STEPS[-1])
        return self._calendar(first, last, unit, count, low, high)

    def _at(self, place: int) -> Any:
        inside = len(self._times)
        return self._times[place] if place < inside else self._ahead[place - inside]

    def _rows(self, wanted: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give the rows of ascending moments ``wanted``, NaN outside; costs little on a long series."""
        times, last = self._times.view(np.int64), len(self._times) - 1
        if last < 1 and not len(self._ahead):
            return np.where(wanted == times[0], 0.0, np.nan)
        rows = _between(wanted, times) if last else np.full(len(wanted), np.nan)
        if len(self._ahead):
            later = np.concatenate((times[-1:], self._ahead.view(np.int64)))
            rows = np.where(wanted >= times[-1], last + _between(wanted, later), rows)
        return rows

    def _calendar(self, first: Any, last: Any, unit: Any, count: int, low: float, high: float) -> Ticks:
        # 1968-12-29 was a Sunday, so that steps of seven days begin weeks on Sundays.
        origin = np.datetime64("1969-12-28" if (unit, count) == ("D", 7) else "1970-01-01").astype(
            f"M8[{unit}]"
        )
        begin = int((first.astype(f"M8[{unit}]") - origin).astype(np.int64)) // count
        end = int((last.astype(f"M8[{unit}]") - origin).astype(np.int64)) // count + 1
        if unit == "Y":
            year = int(first.astype("M8[Y]").astype(np.int64)) + 1970
            begin, end = -(-(year) // count), (int(last.astype("M8[Y]").astype(np.int64)) + 1970) // count
            moments = np.arange(begin, end + 1) * count - 1970
            marks = moments.astype("M8[Y]")
        else:
            marks = origin + np.arange(begin, end + 1) * np.timedelta64(count, unit)
        rows = self._rows(marks.astype("M8[us]").astype(np.int64))
        inside = np.isfinite(rows) & (rows >= low) & (rows <= high)
        texts = _texts(marks[inside], unit)
        return list(zip(rows[inside].tolist(), texts, strict=True))


def _between(wanted: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the places of ``wanted`` in ascending ``times`` as np.interp does, without looking at them all."""
    last = np.searchsorted(times, wanted, side="right") - 1
    known = (last >= 0) & (wanted <= times[-1])
    before = np.clip(last, 0, len(times) - 2)
    width = np.maximum(times[before + 1] - times[before], 1)
    rows = before + np.minimum((wanted - times[before]) / width, 1.0)
    return np.where(known, rows, np.nan)


def _texts(marks: NDArray[Any], unit: str) -> list[str]:
    texts = [str(mark).replace("T", " ") for mark in marks]
    if unit in ("h", "m"):
        return [text if len(text) > 13 else f"{text}:00" for text in texts]
    return texts


def _round_rows(low: float, high: float, most: int) -> list[float]:
    raw = max((high - low) / most, 1.0)
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= raw)
    return [float(row) for row in np.arange(np.ceil(low / step) * step, high + 1, step)]
