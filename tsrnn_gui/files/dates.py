"""From the text of a date to microseconds since 1970, over a table of the ways dates are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.files.options import DateOrder

Ints = NDArray[np.int64]
ORDERS: tuple[DateOrder, ...] = get_args(DateOrder)
_FULL = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NAMES = "|".join(rf"{name[:3]}(?:{name[3:]})?" if name != "may" else name for name in _FULL) + "|sept"
_CLOCK = (
    r"(?:(?:[T ]|\.? )\s*(?P<pm1>오전|오후)?\s*"
    r"(?P<H>\d{1,2})(?::(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?)?"
    r"\s*(?P<pm2>[AaPp]\.?[Mm]\.?)?\s*(?P<z>Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?"
)
_SEP = r"(?:[-/]|\.\s?)"
_NAME = rf"(?P<n>(?i:{_NAMES}))\.?"
_LONG_YEAR = r"(?P<y>\d{4})"
_YEAR = r"(?P<y>\d{4}|'?\d{2})"
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"
DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Shape:
    """One way to write a date: its pattern, and the orders its unnamed parts a, b, c can stand in.

    ``numeric`` shapes look like plain numbers, so they are taken for dates only on better evidence.
    """

    name: str
    pattern: re.Pattern[str]
    orders: tuple[DateOrder, ...] = ("ymd",)
    numeric: bool = False


def _shape(name: str, pattern: str, orders: tuple[DateOrder, ...] = ("ymd",), numeric: bool = False) -> Shape:
    return Shape(name, re.compile(pattern, re.ASCII), orders, numeric)


SHAPES: tuple[Shape, ...] = (
    _shape("2020-01-03", rf"{_LONG_YEAR}{_SEP}(?P<m>\d{{1,2}}){_SEP}(?P<d>\d{{1,2}})\.?" + _CLOCK),
    _shape("2020-01", rf"{_LONG_YEAR}(?:[-/]|M)(?P<m>\d{{1,2}})"),
    _shape("01/2020", rf"(?P<m>\d{{1,2}})[-/]{_LONG_YEAR}"),
    _shape(
        "03-01-2020",
        rf"(?P<a>\d{{1,2}})(?:{_SEP}| )(?P<b>\d{{1,2}})(?:{_SEP}| )(?P<c>\d{{4}})" + _CLOCK,
        ("dmy", "mdy"),
    ),
    _shape(
        "03/01/20",
        rf"(?P<a>\d{{1,2}}){_SEP}(?P<b>\d{{1,2}}){_SEP}(?P<c>\d{{2}})" + _CLOCK,
        ("dmy", "mdy", "ymd"),
    ),
    _shape("Jan-3-2020", rf"{_NAME}[- /]?{_DAY}(?:,\s?|[- /]){_LONG_YEAR}" + _CLOCK),
    _shape("3-Jan-2020", rf"{_DAY}[- /.]?\s?{_NAME},?[- /]?\s?{_YEAR}" + _CLOCK),
    _shape("2020-Jan-3", rf"{_LONG_YEAR}[- /]?{_NAME}[- /]{_DAY}" + _CLOCK),
    _shape("Jan-2020", rf"{_NAME}[- ,/]*{_YEAR}"),
    _shape("2020-Jan", rf"{_LONG_YEAR}[- /]?{_NAME}"),
    _shape(
        "2020년 1월 3일", rf"{_LONG_YEAR}년(?:\s*(?P<m>\d{{1,2}})월(?:\s*(?P<d>\d{{1,2}})일" + _CLOCK + ")?)?"
    ),
    _shape("2020 Q1", rf"{_LONG_YEAR}\s?[-/:]?\s?[Qq](?P<q>[1-4])"),
    _shape("Q1 2020", rf"[Qq](?P<q>[1-4])[-/ ]?{_LONG_YEAR}"),
    _shape("2020년 1분기", rf"{_LONG_YEAR}년?\s?(?P<q>[1-4])분기"),
    _shape(
        "20200103",
        rf"{_LONG_YEAR}(?P<m>\d{{2}})(?P<d>\d{{2}})"
        r"(?:[T ]?(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?(?P<z>Z)?)?",
        numeric=True,
    ),
    _shape("202001", rf"{_LONG_YEAR}(?P<m>\d{{2}})", numeric=True),
    _shape("2020", _LONG_YEAR, numeric=True),
    _shape("seconds since 1970", r"(?P<e>\d{9,10}(?:\.\d+)?|\d{12,13}|\d{15,16}|\d{18,19})", numeric=True),
    _shape("Excel day", r"(?P<x>\d{5}(?:\.\d+)?)", numeric=True),
)
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?", re.ASCII)


@dataclass(frozen=True)
class Dates:
    """Parsed dates: local microseconds, shape (rows,), NaT as the least int64 where not a date.

    ``offsets`` are minutes east of Greenwich where the text gives any.
    """

    micros: Ints
    offsets: Ints | None = None
    short_years: bool = False

    @property
    def bad(self) -> NDArray[np.bool_]:
        """Where there is no date."""
        return np.asarray(self.micros == NAT)


NAT = int(np.iinfo(np.int64).min)


def clean(cell: str) -> str:
    """Trim ``cell`` and the weekday some programs put before or after a date."""
    text = cell.strip()
    if text[:1].isdigit() and text[-1:].isdigit():
        return text
    text = re.sub(r"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,?\s+", "", text)
    return re.sub(
        r"\s*\((?:[월화수목금토일]|Mon|Tue|Wed|Thu|Fri|Sat|Sun)\)|(?<=\d일)\s[월화수목금토일]요일", "", text
    )


def parse(cells: Sequence[str], shape: Shape, order: DateOrder) -> Dates:
    """Read every cell as ``shape`` in ``order``; cells that do not fit become NaT."""
    quick = _iso(cells) if shape is SHAPES[0] else None
    if quick is not None:
        return quick
    matches = [shape.pattern.fullmatch(clean(cell)) for cell in cells]
    micros = np.full(len(cells), NAT, dtype=np.int64)
    rows = np.array([row for row, match in enumerate(matches) if match], dtype=np.int64)
    if not len(rows):
        return Dates(micros)
    parts = _Parts(shape.pattern, [match.groups() for match in matches if match], order)
    micros[rows] = parts.micros()
    offsets = None
    zones = parts.text("z")
    if zones:
        offsets = np.zeros(len(cells), dtype=np.int64)
        offsets[rows] = [_minutes_east(zone) for zone in zones]
    return Dates(micros, offsets, parts.short_years)


def fits(cells: Sequence[str], shape: Shape) -> tuple[DateOrder, ...]:
    """Give the orders in which every one of ``cells`` is a date of ``shape``."""
    return tuple(order for order in shape.orders if not parse(cells, shape, order).bad.any())


def shape_of(cells: Sequence[str], shapes: Iterable[Shape] = SHAPES, share: float = 1.0) -> Shape | None:
    """Give the shape that reads most of ``cells``, None if that is less than ``share`` of them."""
    best, best_share = None, 0.0
    for shape in shapes if cells else ():
        read = max(1.0 - float(parse(cells, shape, order).bad.mean()) for order in shape.orders)
        if read > best_share:
            best, best_share = shape, read
    return best if best_share >= share else None


def _iso(cells: Sequence[str]) -> Dates | None:
    """The quick way for clean ISO dates, which numpy reads itself."""
    if "/" in cells[0] if cells else False:
        cells = [cell.replace("/", "-") for cell in cells]
    if not all(map(_ISO.fullmatch, cells)):
        return None
    try:
        times = np.array(cells, dtype="datetime64[us]")
    except ValueError:
        return None
    if times.size and times.min() < np.datetime64("0001-01-01"):
        return None
    return Dates(times.astype(np.int64))


class _Parts:
    """The groups of many matches of one pattern, turned into microseconds column by column."""

    def __init__(
        self, pattern: re.Pattern[str], groups: list[tuple[str | None, ...]], order: DateOrder
    ) -> None:
        columns = list(zip(*groups, strict=True))
        self._texts = {name: columns[index - 1] for name, index in pattern.groupindex.items()}
        if "a" in self._texts:
            for part, name in zip(order, "abc", strict=True):
                self._texts[part] = self._texts[name]
        self._count = len(groups)
        self.short_years = any(len(year or "") < 4 for year in self._texts.get("y", ()))

    def text(self, name: str) -> Sequence[str | None] | None:
        """Give the texts of group ``name`` if any row has one."""
        texts = self._texts.get(name)
        return texts if texts and any(texts) else None

    def micros(self) -> Ints:
        if self.text("e"):
            return _from_epoch(self._texts["e"])
        if self.text("x"):
            days = np.array([float(text or 0) for text in self._texts["x"]])
            return np.asarray(np.rint((days - 25_569) * 86_400_000).astype(np.int64) * 1000)
        year, month, day = self._years(), self._months(), self._ints("d", 1)
        good = (year >= 1) & (month >= 1) & (month <= 12)
        start = (np.where(good, year, 1970) - 1970) * 12 + np.where(good, month, 1) - 1
        first = start.astype("datetime64[M]").astype("datetime64[D]")
        length = ((start + 1).astype("datetime64[M]").astype("datetime64[D]") - first).astype(np.int64)
        good &= (day >= 1) & (day <= length)
        clock, right = self._clock()
        total = (first.astype(np.int64) + day - 1) * DAY_US + clock
        return np.asarray(np.where(good & right, total, NAT), dtype=np.int64)

    def _ints(self, name: str, default: int) -> Ints:
        texts = self.text(name)
        if texts is None:
            return np.full(self._count, default, dtype=np.int64)
        return np.array([default if text is None else int(text) for text in texts], dtype=np.int64)

    def _years(self) -> Ints:
        texts = [(text or "0").lstrip("'") for text in self._texts["y"]]
        # POSIX: two digits from 69 on mean the 1900s.
        return np.array(
            [int(text) + ((1900 if int(text) >= 69 else 2000) if len(text) < 4 else 0) for text in texts],
            dtype=np.int64,
        )

    def _months(self) -> Ints:
        if "n" in self._texts:
            return np.array([_month_named(text or "") for text in self._texts["n"]], dtype=np.int64)
        if "q" in self._texts:
            return self._ints("q", 1) * 3 - 2
        return self._ints("m", 1)

    def _clock(self) -> tuple[Ints, NDArray[np.bool_]]:
        hour, minute, second = self._ints("H", 0), self._ints("M", 0), self._ints("S", 0)
        right = (minute < 60) & (second < 60) & ((hour < 24) | ((hour == 24) & (minute == 0) & (second == 0)))
        for name in ("pm1", "pm2"):
            marks = self.text(name)
            if marks:
                late = np.array([(mark or "")[:1] in ("p", "P") or mark == "오후" for mark in marks])
                marked = np.array([bool(mark) for mark in marks])
                right &= ~marked | ((hour >= 1) & (hour <= 12))
                hour = np.where(marked, hour % 12, hour) + 12 * late
        fraction = self.text("f")
        micro = np.zeros(self._count, dtype=np.int64)
        if fraction:
            micro = np.array([int((text or "0")[:6].ljust(6, "0")) for text in fraction], dtype=np.int64)
        return ((hour * 60 + minute) * 60 + second) * 1_000_000 + micro, right


def _month_named(text: str) -> int:
    """Give 1 to 12 for "Jan", "Sept" or "January", 0 for other words."""
    word = text.lower()
    return next((n + 1 for n, name in enumerate(_FULL) if word in (name, name[:3], name[:4])), 0)


def month_number(name: str) -> int:
    """Give the month 1 to 12 a column is called after ("JAN", "March", "03", "3월"), else 0."""
    text = name.strip().rstrip(".월").strip()
    if text.isdecimal():
        return int(text) if 1 <= int(text) <= 12 else 0
    return _month_named(text) if len(text) >= 3 else 0


def _from_epoch(texts: Sequence[str | None]) -> Ints:
    """The number of digits tells seconds, milli-, micro- and nanoseconds apart (1973 to 2286)."""
    result = []
    for text in texts:
        whole, _, rest = (text or "0").partition(".")
        if len(whole) <= 10:
            result.append(int(whole) * 1_000_000 + int(rest[:6].ljust(6, "0")))
        else:
            result.append(
                int(whole) * 1000 if len(whole) <= 13 else int(whole) // (1 if len(whole) <= 16 else 1000)
            )
    return np.array(result, dtype=np.int64)


def _minutes_east(zone: str | None) -> int:
    if not zone or zone in ("Z", "UTC"):
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return -minutes if zone[0] == "-" else minutes
