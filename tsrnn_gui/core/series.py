"""A time series as a value: columns of numbers on one time axis."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

StepUnit = Literal["index", "second", "minute", "hour", "day", "week", "month", "quarter", "year"]

SEASONS: dict[StepUnit, int] = {
    "second": 60,
    "minute": 60,
    "hour": 24,
    "day": 7,
    "week": 52,
    "month": 12,
    "quarter": 4,
}
_SECONDS: tuple[tuple[StepUnit, int], ...] = (
    ("week", 604_800),
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
    ("second", 1),
)
_MONTHS: dict[StepUnit, int] = {"month": 1, "quarter": 3, "year": 12}
_MICRO = 1_000_000


@dataclass(frozen=True)
class Step:
    """The usual distance between two neighbouring rows: ``count`` × ``unit``."""

    count: int = 1
    unit: StepUnit = "index"
    regular: bool = True

    def __str__(self) -> str:
        text = str(self.count) if self.unit == "index" else self.unit
        if self.unit != "index" and self.count != 1:
            text = f"{self.count} {self.unit}s"
        return text if self.regular else f"{text} (irregular)"

    @property
    def season(self) -> int:
        """Rows in the natural season of this step; 1 where there is none."""
        rows = SEASONS.get(self.unit, 1)
        return rows // self.count if rows % self.count == 0 and rows > self.count else 1


@dataclass(frozen=True, eq=False)
class Series:
    """Named columns over one time axis.

    ``values`` is float64 of shape (rows, columns), missing entries are NaN. ``times`` is
    datetime64[us] or int64 (a plain index) of shape (rows,). ``notes`` says what reading changed
    or found. ``season`` is the number of rows of one season, 1 for none.
    """

    name: str
    values: NDArray[np.float64]
    columns: tuple[str, ...]
    times: NDArray[np.datetime64] | NDArray[np.int64]
    step: Step = field(default_factory=Step)
    season: int = 1
    source: str = ""
    sha256: str = ""
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.values)

    @property
    def dated(self) -> bool:
        """Whether the time axis carries dates rather than a plain index."""
        return self.times.dtype.kind == "M"

    def column(self, name: str) -> NDArray[np.float64]:
        """Give the column ``name``, shape (rows,). Raises KeyError for a name that is not there."""
        if name not in self.columns:
            raise KeyError(name)
        return self.values[:, self.columns.index(name)]


@dataclass(frozen=True)
class Facts:
    """What can be counted about one column and the time axis."""

    rows: int
    missing: int
    duplicated_times: int
    unsorted_times: int
    gaps: int
    minimum: float | None
    maximum: float | None


def facts(series: Series, column: str) -> Facts:
    """Count what a careful reader would look for first in ``column``; finite numbers or None."""
    values = series.column(column)
    finite = values[np.isfinite(values)]
    ordinal = series.times.astype(np.int64)
    unsorted = int(np.count_nonzero(np.diff(ordinal) < 0))
    return Facts(
        rows=len(series),
        missing=len(values) - len(finite),
        duplicated_times=int(np.count_nonzero(_neighbours(ordinal, unsorted) == 0)),
        unsorted_times=unsorted,
        gaps=count_gaps(series.times, series.step),
        minimum=float(finite.min()) if len(finite) else None,
        maximum=float(finite.max()) if len(finite) else None,
    )


def _neighbours(ordinal: NDArray[np.int64], unsorted: int) -> NDArray[np.int64]:
    """Distances between neighbours in time, sorting only what is not sorted."""
    return np.diff(np.sort(ordinal) if unsorted else ordinal)


def infer_step(times: NDArray[Any]) -> Step:
    """Give the most frequent distance of neighbouring ``times``, in calendar units where they fit."""
    if len(times) < 2:
        return Step()
    if times.dtype.kind != "M":
        count, share = _most_common(np.diff(times.astype(np.int64)))
        return Step(max(count, 1), "index", share == 1.0)
    month_step = _month_step(times)
    if month_step:
        return month_step
    micro, share = _most_common(np.diff(times.astype("datetime64[us]").astype(np.int64)))
    for unit, seconds in _SECONDS:
        if micro > 0 and micro % (seconds * _MICRO) == 0:
            return Step(micro // (seconds * _MICRO), unit, share == 1.0)
    return Step(1, "index", False)


def next_times(series: Series, count: int) -> NDArray[np.datetime64] | NDArray[np.int64]:
    """Give the ``count`` times that follow the last one at the series' step, shape (count,)."""
    ahead = np.arange(1, count + 1)
    last, step = series.times[-1], series.step
    if not series.dated:
        return np.asarray(last + ahead * step.count, dtype=np.int64)
    if step.unit in _MONTHS:
        return _months_after(last, ahead * step.count * _MONTHS[step.unit])
    seconds = dict(_SECONDS).get(step.unit, 1) * step.count
    return np.asarray(last + ahead * np.timedelta64(seconds * _MICRO, "us"))


def count_gaps(times: NDArray[np.datetime64] | NDArray[np.int64], step: Step) -> int:
    """Count the rows that are missing between the first and the last time at ``step``."""
    delta = np.diff(_ordinal(times, step))
    return int(np.sum(np.maximum(np.rint(delta / step.count) - 1, 0))) if len(delta) else 0


def _ordinal(
    times: NDArray[np.datetime64] | NDArray[np.int64], step: Step
) -> NDArray[np.int64] | NDArray[np.float64]:
    if times.dtype.kind != "M":
        return times.astype(np.int64)
    if step.unit in _MONTHS:
        return times.astype("datetime64[M]").astype(np.int64) / _MONTHS[step.unit]
    seconds = dict(_SECONDS).get(step.unit, 1)
    return times.astype("datetime64[us]").astype(np.int64) / (seconds * _MICRO)


def _most_common(delta: NDArray[Any]) -> tuple[int, float]:
    values, counts = np.unique(delta, return_counts=True)
    best = int(np.argmax(counts))
    return int(values[best]), float(counts[best] / len(delta))


def _month_step(times: NDArray[np.datetime64]) -> Step | None:
    """Calendar steps have no fixed length in days, so they are read from months."""
    months = times.astype("datetime64[M]")
    within = (times - months.astype("datetime64[us]")).astype(np.int64)
    ends = (months + 1).astype("datetime64[D]") - times.astype("datetime64[D]")
    same_day = len(np.unique(within)) == 1
    month_ends = bool(np.all(ends.astype(np.int64) == 1))
    if not (same_day or month_ends):
        return None
    count, share = _most_common(np.diff(months.astype(np.int64)))
    if count < 1:
        return None
    for unit, size in (("year", 12), ("quarter", 3)):
        if count % size == 0:
            return Step(count // size, unit, share == 1.0)  # type: ignore[arg-type]
    return Step(count, "month", share == 1.0)


def _months_after(last: np.datetime64, months: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Keep the day within the month, or the month's end where the last row stands on one."""
    month = last.astype("datetime64[M]")
    day = last - month.astype("datetime64[us]")
    one_day = np.timedelta64(86_400 * _MICRO, "us")
    month_end = (month + 1).astype("datetime64[us]") - last <= one_day and day >= 27 * one_day
    target = month + months
    ends = (target + 1).astype("datetime64[us]") - one_day
    starts = target.astype("datetime64[us]")
    whole, rest = day // one_day, day % one_day
    days = ends if month_end else np.minimum(starts + whole * one_day, ends)
    return np.asarray(days + rest)
