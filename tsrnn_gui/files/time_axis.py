"""Finds the column, or the columns, that say when each row was, and reads them chunk by chunk."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.files import dates
from tsrnn_gui.files.cells import is_missing
from tsrnn_gui.files.options import DateOrder

LEAST_SHARE = 0.6
_ROLES = {
    "year": "year yr yyyy 연도 년도 년",
    "quarter": "quarter qtr q 분기",
    "month": "month mon mm 월",
    "day": "day dd 일",
    "hour": "hour hr hh 시",
    "clock": "time 시간 시각",
}
_DATED = re.compile(
    r"date|datum|fecha|jahr|année|año|year|\byr\b|month|day|quarter|period|stamp|epoch|연도|년|날짜|일자|일시|기간|월|분기",
    re.I,
)
_TIMED = re.compile(r"^(?:t|ts|unix|time|시간|시각|timestamp)$|time", re.I)
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[AaPp][Mm])?", re.ASCII)
_COUNTED = re.compile(r"(?:^|[^a-z])(?:id|no\.?|n|#|index|row|번호|순번)$", re.I)
_ALWAYS_NUMBERED = ("2020", "Excel day")


@dataclass(frozen=True)
class TimeAxis:
    """Which columns make the time, what joins them to one text, and the shape of that text."""

    columns: tuple[int, ...]
    template: str
    shape: dates.Shape

    def texts(self, cells: Sequence[Sequence[str]]) -> Sequence[str]:
        """Join the time columns of ``cells`` (columns × rows) to one text a row."""
        parts = [cells[index] for index in self.columns]
        if self.template == "{}":
            return [cell.strip() for cell in parts[0]]
        return [self.template.format(*(_whole(cell) for cell in row)) for row in zip(*parts, strict=True)]


def find(names: Sequence[str], cells: Sequence[Sequence[str]]) -> TimeAxis | None:
    """Guess the time columns from their names and the first rows (``cells``: columns × rows)."""
    return _by_roles(names, cells) or _by_text(names, cells) or _by_number(names, cells)


def chosen(columns: tuple[int, ...], names: Sequence[str], cells: Sequence[Sequence[str]]) -> TimeAxis | None:
    """Give the axis of the ``columns`` somebody asked for, None where they hold no dates."""
    if len(columns) > 1:
        template, order = _template({role: i for i in columns if (role := _role(names[i]))}, columns)
        return _axis(order, template, cells, dates.SHAPES)
    hinted = [s for s in dates.SHAPES if not s.numeric or _DATED.search(names[columns[0]])]
    return _axis(columns, "{}", cells, hinted) or _axis(columns, "{}", cells, dates.SHAPES)


def _by_roles(names: Sequence[str], cells: Sequence[Sequence[str]]) -> TimeAxis | None:
    roles: dict[str, int] = {}
    for index, name in enumerate(names):
        roles.setdefault(_role(name), index)
    if "year" not in roles or not {"month", "quarter"} & roles.keys():
        return None
    wanted = {role: roles[role] for role in _ROLES if role in roles and role != "clock"}
    template, columns = _template(wanted, tuple(wanted.values()))
    return _axis(columns, template, cells, dates.SHAPES)


def _by_text(names: Sequence[str], cells: Sequence[Sequence[str]]) -> TimeAxis | None:
    shapes = [shape for shape in dates.SHAPES if not shape.numeric]
    for index in range(len(names)):
        axis = _axis((index,), "{}", cells, shapes)
        if axis:
            return _with_clock(axis, names, cells) or axis
    return None


def _with_clock(axis: TimeAxis, names: Sequence[str], cells: Sequence[Sequence[str]]) -> TimeAxis | None:
    """A date beside a column of hours or of times of day makes one time."""
    for index, name in enumerate(names):
        if index in axis.columns or _role(name) not in ("hour", "clock"):
            continue
        filled = [cell.strip() for cell in cells[index] if not is_missing(cell)]
        clock = filled and all(_CLOCK.fullmatch(cell) for cell in filled)
        hours = filled and all(cell.isdecimal() and int(cell) < 24 for cell in filled)
        if clock or (hours and _role(name) == "hour"):
            return _axis((*axis.columns, index), "{} {}" if clock else "{} {}:00", cells, [axis.shape])
    return None


def _by_number(names: Sequence[str], cells: Sequence[Sequence[str]]) -> TimeAxis | None:
    """Numbers such as 1871 or 20200103 are dates where the name says so, or they open an even count."""
    shapes = [shape for shape in dates.SHAPES if shape.numeric]
    for index, name in enumerate(names):
        if _DATED.search(name):
            axis = _axis((index,), "{}", cells, shapes)
        elif _TIMED.search(name):
            axis = _axis((index,), "{}", cells, [s for s in shapes if s.name not in _ALWAYS_NUMBERED])
        elif index == 0 and len(names) > 1 and not _COUNTED.search(name):
            axis = _axis((0,), "{}", cells, [s for s in shapes if s.name != "Excel day"], share=1.0)
            axis = axis if axis and _counts_up(axis, cells) else None
        else:
            continue
        if axis:
            return _with_clock(axis, names, cells) or axis
    return None


def _counts_up(axis: TimeAxis, cells: Sequence[Sequence[str]]) -> bool:
    texts = list(axis.texts(cells))
    steps = np.diff(dates.parse(texts, axis.shape, "ymd").micros)
    if len(steps) < 2 or not np.all(steps > 0):
        return False
    if axis.shape.name == "2020":
        years = [int(text) for text in texts if text.isdecimal()]
        return len(years) == len(texts) and 1500 <= years[0] <= 2200 and set(np.diff(years)) == {1}
    return axis.shape.name != "202001" or bool(np.all(steps < 32 * dates.DAY_US))


def _axis(
    columns: tuple[int, ...],
    template: str,
    cells: Sequence[Sequence[str]],
    shapes: Sequence[dates.Shape],
    share: float = LEAST_SHARE,
) -> TimeAxis | None:
    kept = [row for row in zip(*(cells[i] for i in columns), strict=True) if not any(map(is_missing, row))]
    texts = TimeAxis(tuple(range(len(columns))), template, dates.SHAPES[0]).texts(
        [list(column) for column in zip(*kept, strict=True)] if kept else [[] for _ in columns]
    )
    shape = dates.shape_of(texts, shapes, share)
    return TimeAxis(columns, template, shape) if shape else None


def _template(roles: dict[str, int], columns: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
    for wanted, template in (
        ("year quarter", "{}Q{}"),
        ("year month day hour", "{}-{}-{} {}:00"),
        ("year month day clock", "{}-{}-{} {}"),
        ("year month day", "{}-{}-{}"),
        ("year month", "{}-{}"),
    ):
        if set(wanted.split()) <= roles.keys() and (len(columns) == len(wanted.split()) or "month" in wanted):
            return template, tuple(roles[role] for role in wanted.split())
    return " ".join("{}" for _ in columns), columns


def _role(name: str) -> str:
    return next((role for role, names in _ROLES.items() if name.strip().lower() in names.split()), "")


def _whole(cell: str) -> str:
    text = cell.strip().removesuffix(".0")
    return text[1:] if text[:1] in "Qq" and text[1:].isdecimal() else text


class TimeReader:
    """Reads dates chunk by chunk, keeping every day-month order alive that still fits them all."""

    def __init__(self, shape: dates.Shape, order: DateOrder | None) -> None:
        self._shape = shape
        wanted = order if order in shape.orders else None
        self._alive: dict[DateOrder, list[dates.Ints]] = {
            o: [] for o in ((wanted,) if wanted else shape.orders)
        }
        self._offsets: list[dates.Ints] = []
        self._zoned = self._short = False

    @property
    def orders(self) -> tuple[DateOrder, ...]:
        """The orders that fit everything fed so far."""
        return tuple(self._alive)

    def feed(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """Read ``texts`` and give where they hold a date, shape (rows,); only those rows are kept."""
        parsed = {order: dates.parse(texts, self._shape, order) for order in self._alive}
        least = min(int(result.bad.sum()) for result in parsed.values())
        best = next(result for result in parsed.values() if int(result.bad.sum()) == least)
        for order, result in parsed.items():
            if not np.array_equal(result.bad, best.bad):
                del self._alive[order]
        good = ~best.bad
        for order, kept in self._alive.items():
            kept.append(parsed[order].micros[good])
        offsets = best.offsets
        self._zoned |= offsets is not None
        self._short |= best.short_years
        if self._zoned:
            self._offsets.append(
                offsets[good] if offsets is not None else np.zeros(int(good.sum()), np.int64)
            )
        return good

    def times(self) -> tuple[NDArray[np.datetime64], DateOrder, tuple[str, ...]]:
        """Give the times, datetime64[us], the order taken, and what to tell about them."""
        whole = {
            order: np.concatenate(kept or [np.empty(0, np.int64)]) for order, kept in self._alive.items()
        }
        order = min(whole, key=lambda name: int(np.count_nonzero(np.diff(whole[name]) < 0)))
        micros, notes = whole[order], []
        distinct = {tuple(values[:1000].tolist()) for values in whole.values()}
        if len(whole) > 1 and len(distinct) > 1:
            names = " or ".join(_ORDER_NAMES[name] for name in whole)
            notes.append(f"The dates fit {names}; {_ORDER_NAMES[order]} was taken.")
        if self._short:
            notes.append("Two-digit years from 69 on were read as 19xx, others as 20xx.")
        if self._zoned:
            micros, note = self._zone_settled(micros)
            notes.append(note)
        return micros.astype("datetime64[us]"), order, tuple(notes)

    def _zone_settled(self, micros: dates.Ints) -> tuple[dates.Ints, str]:
        offsets = np.concatenate(self._offsets)
        offsets = np.concatenate([np.zeros(len(micros) - len(offsets), np.int64), offsets])
        if len(set(offsets.tolist())) == 1:
            sign, minutes = ("-" if offsets[0] < 0 else "+"), abs(int(offsets[0]))
            return micros, f"Times are local to UTC{sign}{minutes // 60:02d}:{minutes % 60:02d}, as written."
        return micros - offsets * 60_000_000, "Times with different UTC offsets were converted to UTC."


_ORDER_NAMES: dict[DateOrder, str] = {
    "ymd": "year-month-day",
    "dmy": "day-month-year",
    "mdy": "month-day-year",
}
