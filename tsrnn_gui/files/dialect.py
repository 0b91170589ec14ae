"""Guesses, from the first lines of a text, what parts its cells and whether a header names them."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tsrnn_gui.files import dates
from tsrnn_gui.files.cells import is_missing, looks_numeric

DELIMITERS = (",", ";", "\t", "|", " ")


def split(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Part ``lines`` into cells; the delimiter " " stands for any run of white space."""
    if delimiter == " ":
        lines = (" ".join(line.split()) + "\n" for line in lines)
    return iter(csv.reader(lines, delimiter=delimiter, strict=True))


def guess_delimiter(lines: Sequence[str]) -> str:
    """Give the delimiter that parts ``lines`` evenly into cells that can be understood."""
    lines = [line for line in lines if line.strip() and not line.startswith("#")]
    alone = 0.6 * _understood([[line.strip().strip('"')] for line in lines[1:] or lines])
    best, best_score = ",", alone
    for delimiter in DELIMITERS:
        score = _evenness(lines, delimiter)
        if score > best_score + 1e-9:
            best, best_score = delimiter, score
    # A single column has no delimiter; a semicolon leaves decimal commas whole.
    return ";" if best_score == alone and alone > 0 else best


def _evenness(lines: Sequence[str], delimiter: str) -> float:
    try:
        rows = [row for row in split(lines, delimiter) if row]
    except csv.Error:
        return 0.0
    if not rows:
        return 0.0
    width, count = Counter(map(len, rows)).most_common(1)[0]
    if width < 2:
        return 0.0
    even = [row for row in rows[1:] if len(row) == width] or rows[:1]
    first = 1.0 if len(rows[0]) == width else 0.5
    return first * count / len(rows) * (0.05 + _understood(even))


def _understood(rows: Sequence[Sequence[str]]) -> float:
    cells = [cell for row in rows for cell in row]
    return sum(map(understood, cells)) / len(cells) if cells else 0.0


def understood(cell: str) -> bool:
    """Say whether ``cell`` is a number, a mark of a missing value or a date."""
    return is_missing(cell) or looks_numeric(cell) or is_date(cell)


def is_date(cell: str) -> bool:
    """Say whether ``cell`` is a date that cannot be taken for a plain number."""
    text = dates.clean(cell)
    return len(text) < 40 and any(
        shape.pattern.fullmatch(text) for shape in dates.SHAPES if not shape.numeric
    )


def is_typed(cell: str) -> bool:
    """Say whether ``cell`` is a number or a date."""
    return looks_numeric(cell) or is_date(cell)


def preamble(rows: Sequence[Sequence[str]]) -> int:
    """Count the leading rows that are blank, comments or a lone title above a wider table."""
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    usual = Counter(count for count in filled if count).most_common(1)
    width = usual[0][0] if usual else 0
    for index, row in enumerate(rows):
        lone = filled[index] == 1 and width > 1 and row[0].strip() and not any(is_typed(cell) for cell in row)
        if filled[index] and not row[0].startswith("#") and not lone:
            return index
    return len(rows)


def guess_header(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether the first of ``rows`` names the columns."""
    if len(rows) < 2:
        return not any(is_typed(cell) for row in rows for cell in row)
    named = unnamed = typed = 0
    for first, *rest in zip(*rows, strict=False):
        filled = [cell for cell in rest if not is_missing(cell)]
        if not filled or sum(map(is_typed, filled)) < 0.8 * len(filled):
            continue
        typed += 1
        unnamed += is_typed(first)
        named += not is_typed(first) and not is_missing(first)
    months = [dates.month_number(cell) for cell in rows[0]]
    return typed == 0 or (named > 0 and (unnamed == 0 or months[-12:] == list(range(1, 13))))


def column_names(row: Sequence[str]) -> tuple[str, ...]:
    """Make the names of a header row distinct and none of them empty."""
    names: list[str] = []
    taken: set[str] = set()
    for index, cell in enumerate(row):
        stem = " ".join(cell.split())[:200] or f"column {index + 1}"
        name, copy = stem, 1
        while name in taken:
            copy += 1
            name = f"{stem} ({copy})"
        names.append(name)
        taken.add(name)
    return tuple(names)
