"""From the text of a cell to a number, strictly: what is not understood is told, never guessed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_MARKS = "NA N/A n/a na NaN nan NAN -nan - -- . ? null NULL Null None none nil NaT #N/A #NA <NA> 결측"
MISSING = frozenset(_MARKS.split(" ")) | {""}
EXACT = 2**53
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-"})
_LOOSE = re.compile(r"[+-]?(?:\d[\d.,' ]*|[.,]\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class NumberStyle:
    """How numbers are written: the decimal mark and what stands between thousands, if anything."""

    decimal: str = "."
    thousands: str | None = None


@dataclass
class Numbers:
    """A column's numbers, shape (rows,), with what had to be made NaN counted apart."""

    values: NDArray[np.float64]
    missing: int = 0
    infinite: int = 0
    rounded: int = 0
    bad: list[int] = field(default_factory=list)


def is_missing(cell: str) -> bool:
    """Say whether ``cell`` is one of the usual marks of a missing value."""
    return cell.strip() in MISSING


def looks_numeric(cell: str) -> bool:
    """Say whether ``cell`` is a number under some decimal mark and thousands mark."""
    text = cell.translate(_SPACES).strip()
    return _LOOSE.fullmatch(text) is not None or _INFINITE.fullmatch(text) is not None


def number(cell: str, style: NumberStyle) -> float | None:
    """Give the number ``cell`` stands for, NaN where it is missing, None where it is neither."""
    text = cell.translate(_SPACES).strip()
    if text in MISSING:
        return math.nan
    if _INFINITE.fullmatch(text):
        return math.inf
    if not _grammar(style).fullmatch(text):
        return None
    if style.thousands:
        text = text.replace(style.thousands, "")
    return float(text.replace(style.decimal, "."))


def numbers(cells: Sequence[str], style: NumberStyle) -> Numbers:
    """Read a whole column; infinite numbers become NaN and are counted."""
    values = _plain(cells) if style == NumberStyle() else None
    result = Numbers(values) if values is not None else _careful(cells, style)
    infinite = np.isinf(result.values)
    if infinite.any():
        result.infinite = int(infinite.sum())
        result.values[infinite] = np.nan
    if np.any(np.abs(result.values) >= EXACT):
        result.rounded = sum(1 for cell in cells if _loses_digits(cell))
    return result


def _plain(cells: Sequence[str]) -> NDArray[np.float64] | None:
    """The quick way for clean columns; ``float`` alone would accept 1_000, nan and other digits."""
    text = "".join(cells)
    if "_" in text or "n" in text or "N" in text or not text.isascii():
        return None
    try:
        return np.array(list(map(float, cells)), dtype=np.float64)
    except ValueError:
        return None


def _careful(cells: Sequence[str], style: NumberStyle) -> Numbers:
    result = Numbers(np.full(len(cells), np.nan))
    plain = style.decimal == "." and style.thousands is None
    for row, cell in enumerate(cells):
        if plain and _PLAIN.fullmatch(cell):
            result.values[row] = float(cell)
            continue
        value = number(cell, style)
        if value is None:
            result.bad.append(row)
        elif math.isnan(value):
            result.missing += 1
        else:
            result.values[row] = value
    return result


def _loses_digits(cell: str) -> bool:
    text = cell.strip().lstrip("+-")
    return len(text) >= 16 and text.isdecimal() and int(float(text)) != int(text)


@lru_cache
def _grammar(style: NumberStyle) -> re.Pattern[str]:
    whole = r"\d+"
    if style.thousands:
        mark = re.escape(style.thousands)
        whole = rf"(?:\d{{1,3}}(?:{mark}\d{{3}})+|\d+)"
    mark = re.escape(style.decimal)
    return re.compile(rf"[+-]?(?:{whole}(?:{mark}\d*)?|{mark}\d+)(?:[eE][+-]?\d+)?", re.ASCII)


@dataclass
class _Votes:
    """What the marks in a column's cells say; ``unsure`` cells such as 1,234 fit both readings."""

    decimal: dict[str, int] = field(default_factory=lambda: {".": 0, ",": 0})
    thousands: dict[str, int] = field(default_factory=lambda: {".": 0, ",": 0, " ": 0, "'": 0})
    unsure: dict[str, list[str]] = field(default_factory=lambda: {".": [], ",": []})
    bare: int = 0


def guess_style(cells: Iterable[str], delimiter: str | None = None) -> tuple[NumberStyle, str | None]:
    """Guess the marks from ``cells``; the second value is a note where 1,234 could be either."""
    votes = _Votes()
    for cell in cells:
        text = cell.translate(_SPACES).strip()
        if _LOOSE.fullmatch(text):
            _vote(re.split("[eE]", text.lstrip("+-"))[0], votes)
    sure = [mark for mark in ".," if votes.decimal[mark]]
    decimal = max(sure, key=lambda mark: votes.decimal[mark]) if sure else None
    thousands = max(votes.thousands, key=lambda mark: votes.thousands[mark])
    style = _settled(decimal, thousands if votes.thousands[thousands] else None, votes, delimiter)
    example = next((text for mark in ",." for text in votes.unsure[mark] if not sure), None)
    if example is None or (not votes.unsure[","] and delimiter in (None, ",")):
        return style, None
    meaning = number(example, style)
    return style, f"“{example}” was read as {meaning:g}; if it is not, set the decimal and thousands marks."


def _settled(decimal: str | None, thousands: str | None, votes: _Votes, delimiter: str | None) -> NumberStyle:
    if decimal is None and thousands in (".", ","):
        decimal = "," if thousands == "." else "."
    if decimal is None and votes.unsure[","]:
        # 999 beside 1,000 shows a thousands mark, and so do quoted commas between cells parted by commas.
        decimal = "." if votes.bare or delimiter == "," else ","
    decimal = decimal or "."
    other = "," if decimal == "." else "."
    if thousands is None and votes.unsure[other]:
        thousands = other
    return NumberStyle(decimal, thousands if thousands != decimal else None)


def _vote(text: str, votes: _Votes) -> None:
    for mark in " '":
        if re.fullmatch(rf"\d{{1,3}}(?:{mark}\d{{3}})+(?:[.,]\d*)?", text):
            votes.thousands[mark] += 1
            text = text.replace(mark, "")
    found = [mark for mark in ".," if mark in text]
    if len(found) == 2:
        last = max(found, key=text.rfind)
        votes.decimal[last] += 1
        votes.thousands["," if last == "." else "."] += 1
    elif not found:
        votes.bare += 1
    elif text.count(found[0]) > 1:
        votes.thousands[found[0]] += 1
    elif re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", text):
        votes.unsure[found[0]].append(text)
    else:
        votes.decimal[found[0]] += 1
