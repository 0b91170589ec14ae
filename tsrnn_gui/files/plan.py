"""Decides, from the head of a table, what each column is and how the rows become a series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files import dialect, time_axis
from tsrnn_gui.files.cells import NumberStyle, guess_style, is_missing, looks_numeric
from tsrnn_gui.files.dates import month_number
from tsrnn_gui.files.options import HEAD_ROWS, Chunk, Layout, RawTable, ReadOptions

_INDEX_NAMES = frozenset(
    ["", "index", "t", "time", "step", "no", "no.", "id", "#", "n", "row", "번호", "순번"]
)
_MOST_CATEGORIES = 200


@dataclass(frozen=True)
class Plan:
    """How a table is read: ``skip`` records stand before the data; columns are given by position."""

    options: ReadOptions
    columns: tuple[str, ...]
    skip: int
    style: NumberStyle
    time: time_axis.TimeAxis | None
    category: int | None
    values: tuple[int, ...]
    notes: tuple[str, ...]


def head_of(table: RawTable) -> Chunk:
    """Give up to HEAD_ROWS records from the start of ``table``."""
    rows: list[list[str]] = []
    lines: list[int] = []
    done = 0.0
    for chunk in table.chunks(HEAD_ROWS):
        rows += chunk.rows
        lines += chunk.lines
        done = chunk.done
        if len(rows) >= HEAD_ROWS:
            break
    return Chunk(rows[:HEAD_ROWS], lines[:HEAD_ROWS], done)


def make_plan(table: RawTable, head: Chunk) -> Plan:
    """Fill in every guess. Raises TsrnnError where nothing can be read or a column is not there."""
    return _Planner(table, head).plan()


class _Planner:
    def __init__(self, table: RawTable, head: Chunk) -> None:
        self._table = table
        self._options = table.options
        self._notes: list[str] = list(table.notes)
        self._skip = dialect.preamble(head.rows)
        rows = head.rows[self._skip :]
        if not rows:
            raise TsrnnError(
                f"{table.place} holds no rows.", "Choose a file with at least one column of numbers."
            )
        if any(any(cell.strip() for cell in row) for row in head.rows[: self._skip]):
            self._notes.append(f"Lines above the table, left out: {self._skip}.")
        self._header = self._options.header
        if self._header is None:
            self._header = dialect.guess_header([row for row in rows if any(row)])
        width = len(rows[0])
        self._names = dialect.column_names(rows[0] if self._header else [""] * width)
        self._skip += self._header
        body = [row[:width] for row in rows[self._header :] if _fits(row, width)]
        self._cells: list[list[str]] = [list(column) for column in zip(*body, strict=True)] or [
            [] for _ in range(width)
        ]

        # A delimiter at the end of every line makes a column of nothing.
        self._empty = [
            i for i in range(width) if self._header and not rows[0][i].strip() and not any(self._cells[i])
        ]
        if self._empty:
            self._notes.append(f"Columns with neither name nor content, left out: {len(self._empty)}.")

    def plan(self) -> Plan:
        time = self._time()
        wide = self._wide(time)
        if wide:
            time, values = wide
        style = self._style(time.columns if time else ())
        text = self._text_columns(style)
        category = None if wide else self._category(time, text)
        if not wide:
            values = self._values(time, category, text)
        layout: Layout = "wide" if wide else "long" if category is not None else "columns"
        options = replace(
            self._options,
            header=self._header,
            decimal=style.decimal,
            thousands=style.thousands or "",
            layout=layout,
            time_columns=tuple(self._names[i] for i in time.columns) if time else (),
            value_columns=tuple(self._names[i] for i in values),
        )
        return Plan(options, self._names, self._skip, style, time, category, values, tuple(self._notes))

    def _time(self) -> time_axis.TimeAxis | None:
        asked = self._options.time_columns
        if asked is None:
            return time_axis.find(self._names, self._cells)
        if not asked:
            return None
        axis = time_axis.chosen(self._positions(asked), self._names, self._cells)
        if axis is None:
            raise TsrnnError(
                f"{self._table.place}: “{', '.join(asked)}” holds no dates that can be read.",
                "Choose another time column, or none to number the rows.",
            )
        return axis

    def _wide(self, time: time_axis.TimeAxis | None) -> tuple[time_axis.TimeAxis, tuple[int, ...]] | None:
        if self._options.layout not in (None, "wide"):
            return None
        months = {
            month_number(name): i for i, name in reversed(list(enumerate(self._names))) if month_number(name)
        }
        yearly = (
            time
            if time and len(time.columns) == 1 and time.shape.name in ("2020", "2020년 1월 3일")
            else None
        )
        if len(months) == 12 and yearly:
            left = [n for i, n in enumerate(self._names) if i not in {*months.values(), *yearly.columns}]
            if left:
                self._notes.append(f"Beside the months, not used: {_listed(left)}.")
            return yearly, tuple(months[month] for month in range(1, 13))
        if self._options.layout == "wide":
            raise TsrnnError(
                f"{self._table.place} has no year column with twelve month columns.",
                "Choose the layout with one row a time.",
            )
        return None

    def _style(self, dated: Sequence[int]) -> NumberStyle:
        options = self._options
        cells = [cell for i, column in enumerate(self._cells) if i not in dated for cell in column]
        style, note = guess_style(cells, options.delimiter)
        decimal = options.decimal or style.decimal
        if options.decimal is None and options.thousands == style.decimal:
            decimal = "," if options.thousands == "." else "."
        thousands = options.thousands if options.thousands is not None else style.thousands
        if note and options.decimal is None and options.thousands is None:
            self._notes.append(note)
        if decimal not in (".", ",") or (options.thousands or None) == decimal:
            raise TsrnnError(
                "The decimal mark must be . or , and not the thousands mark.", "Choose other marks."
            )
        return NumberStyle(decimal, thousands if thousands and thousands != decimal else None)

    def _text_columns(self, style: NumberStyle) -> frozenset[int]:
        """Columns whose head is mostly something else than numbers."""
        found = []
        for index, column in enumerate(self._cells):
            filled = [cell for cell in column if not is_missing(cell)]
            if filled and sum(map(looks_numeric, filled)) < 0.5 * len(filled):
                found.append(index)
        return frozenset(found)

    def _category(self, time: time_axis.TimeAxis | None, text: frozenset[int]) -> int | None:
        if self._options.layout not in (None, "long"):
            return None
        dated = time.columns if time else ()
        asked = self._positions(self._options.value_columns or ())
        candidates = [index for index in sorted(text) if index not in dated and index not in asked]
        if self._options.layout == "long":
            if not candidates or time is None:
                raise TsrnnError(
                    f"{self._table.place} has no column of names beside a time column.",
                    "Choose the layout with one row a time.",
                )
            return next((i for i in candidates if self._parts_times(time, i)), candidates[0])
        return next((i for i in candidates if time and self._parts_times(time, i)), None)

    def _parts_times(self, time: time_axis.TimeAxis, index: int) -> bool:
        """Whether times repeat, but never within one name of column ``index``."""
        texts = time.texts(self._cells)
        names = self._cells[index]
        few = len(set(names)) <= min(_MOST_CATEGORIES, max(len(names) // 2, 1))
        return few and len(set(texts)) < len(texts) == len(set(zip(texts, names, strict=True)))

    def _values(
        self, time: time_axis.TimeAxis | None, category: int | None, text: frozenset[int]
    ) -> tuple[int, ...]:
        if self._options.value_columns is not None:
            return self._positions(self._options.value_columns)
        taken = {*(time.columns if time else ()), category, *self._empty}
        others = [i for i in range(len(self._names)) if i not in taken]
        words = [i for i in others if i in text]
        numbers = [i for i in others if i not in text]
        if time is None and len(numbers) > 1 and self._is_index(numbers[0]):
            self._notes.append(f"“{self._names[numbers[0]]}” only numbers the rows and was left out.")
            numbers = numbers[1:]
        if not numbers:
            example = next((f" such as “{self._cells[i][0]}”" for i in words if self._cells[i]), "")
            raise TsrnnError(
                f"{self._table.place} has no column of numbers (columns: {_listed(self._names)}{example}).",
                "Check the delimiter, and remove signs such as $ or % from the numbers.",
            )
        if words:
            self._notes.append(f"Not numbers, so left out: {_listed([self._names[i] for i in words])}.")
        return tuple(numbers)

    def _is_index(self, index: int) -> bool:
        name = self._names[index].lower()
        if name not in _INDEX_NAMES and not name.startswith(("unnamed", "column 1")):
            return False
        cells = [cell.strip() for cell in self._cells[index]]
        return any(cells == [str(n) for n in range(first, first + len(cells))] for first in (0, 1))

    def _positions(self, names: Sequence[str]) -> tuple[int, ...]:
        for name in names:
            if name not in self._names:
                raise TsrnnError(
                    f"{self._table.place} has no column “{name}”.",
                    f"Its columns are: {_listed(self._names)}.",
                )
        return tuple(self._names.index(name) for name in names)


def _fits(row: Sequence[str], width: int) -> bool:
    """Whether ``row`` is neither blank nor ragged; empty cells past the last column do not matter."""
    return len(row) >= width and any(cell.strip() for cell in row) and not any(row[width:])


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:12])
    return shown if len(names) <= 12 else f"{shown} and {len(names) - 12} more"
