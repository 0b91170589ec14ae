"""Takes records chunk by chunk, counts whatever is not plain, and gives the series at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files.cells import numbers
from tsrnn_gui.files.layouts import Grid, pivoted, unrolled
from tsrnn_gui.files.options import ReadOptions
from tsrnn_gui.files.plan import Plan
from tsrnn_gui.files.time_axis import TimeReader


@dataclass
class _BadCells:
    """The cells of one column that are no numbers."""

    count: int
    line: int
    text: str


class Collector:
    """Collects one table; ``place`` names it in messages."""

    def __init__(self, plan: Plan, options: ReadOptions, place: str) -> None:
        self._plan = plan
        self._options = options
        self._place = place
        self._blocks: list[NDArray[np.float64]] = []
        self._names: dict[str, int] = {}
        self._codes: list[NDArray[np.int64]] = []
        self._blank = 0
        self._bad_lines: list[tuple[int, str]] = []
        self._bad_count = 0
        self._bad_cells: dict[int, _BadCells] = {}
        self._counts = {kind: Counter[int]() for kind in ("missing", "infinite", "rounded")}
        self.time = TimeReader(plan.time.shape, options.date_order) if plan.time else None

    def feed(self, rows: list[list[str]], lines: Sequence[int]) -> None:
        """Take some data rows, each with its line."""
        width = len(self._plan.columns)
        if set(map(len, rows)) != {width} or not all(row[0] for row in rows):
            rows, lines = self._straight(rows, lines, width)
        if not rows:
            return
        cells: list[tuple[str, ...]] = list(zip(*rows, strict=True))
        if self._plan.time and self.time:
            texts = self._plan.time.texts(cells)
            good = self.time.feed(texts)
            if not good.all():
                self._tell_undated(texts, lines, np.flatnonzero(~good))
                rows = [row for row, keep in zip(rows, good, strict=True) if keep]
                lines = [line for line, keep in zip(lines, good, strict=True) if keep]
                cells = list(zip(*rows, strict=True))
        if rows:
            self._take(cells, lines)

    def _straight(
        self, rows: list[list[str]], lines: Sequence[int], width: int
    ) -> tuple[list[list[str]], Sequence[int]]:
        """Leave out blank and ragged rows, counting them; empty cells past the last column do not matter."""
        kept, numbers_of = [], []
        for row, line in zip(rows, lines, strict=True):
            if not any(cell.strip() for cell in row):
                self._blank += 1
                continue
            if len(row) > width and not any(cell.strip() for cell in row[width:]):
                row = row[:width]
            if len(row) != width:
                self._tell_line(line, f"has {len(row)} cells instead of {width}")
                continue
            kept.append(row)
            numbers_of.append(line)
        return kept, numbers_of

    def _tell_undated(self, texts: Sequence[str], lines: Sequence[int], bad: NDArray[np.intp]) -> None:
        names = ", ".join(self._plan.columns[i] for i in self._plan.time.columns) if self._plan.time else ""
        for row in bad.tolist():
            text = texts[row].strip()[:60]
            self._tell_line(
                lines[row], f"“{text}” in column “{names}” is not a date" if text else f"has no {names}"
            )

    def _tell_line(self, line: int, why: str) -> None:
        self._bad_count += 1
        if len(self._bad_lines) < 5:
            self._bad_lines.append((line, why))

    def _take(self, cells: list[tuple[str, ...]], lines: Sequence[int]) -> None:
        block = np.empty((len(lines), len(self._plan.values)))
        for place, index in enumerate(self._plan.values):
            result = numbers(cells[index], self._plan.style)
            block[:, place] = result.values
            for kind, counter in self._counts.items():
                counter[index] += getattr(result, kind)
            if result.bad:
                first = result.bad[0]
                found = self._bad_cells.setdefault(
                    index, _BadCells(0, lines[first], cells[index][first].strip())
                )
                found.count += len(result.bad)
        self._blocks.append(block)
        if self._plan.category is not None:
            names = [name.strip() for name in cells[self._plan.category]]
            self._codes.append(np.array([self._names.setdefault(name, len(self._names)) for name in names]))

    def finish(self) -> tuple[Grid, tuple[str, ...]]:
        """Give what was collected and the notes on it, or raise for the first thing that is wrong."""
        values = np.concatenate(self._blocks) if self._blocks else np.empty((0, len(self._plan.values)))
        if self._bad_count and self._options.bad_lines == "refuse":
            raise self._bad_line_error()
        if not len(values):
            raise TsrnnError(f"{self._place} has a header but no data rows.", "Choose a file with data.")
        values, indices = self._without_text(values)
        if self._options.bad_cells == "refuse" and any(index in self._bad_cells for index in indices):
            raise self._bad_cell_error(indices)
        notes = [*self._plan.notes, *self._row_notes(), *self._cell_notes(indices)]
        times: NDArray[np.datetime64] | NDArray[np.int64] = np.arange(len(values), dtype=np.int64)
        if self.time:
            times, _, told = self.time.times()
            notes += told
        grid = Grid(times, tuple(self._plan.columns[i] for i in indices), values)
        grid, told = self._laid_out(grid)
        return grid, (*notes, *told)

    def _laid_out(self, grid: Grid) -> tuple[Grid, tuple[str, ...]]:
        if self._plan.category is not None:
            return pivoted(grid, np.concatenate(self._codes), tuple(self._names), self._place)
        return unrolled(grid) if self._plan.options.layout == "wide" else (grid, ())

    def _without_text(self, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], tuple[int, ...]]:
        """Drop columns that turned out to be mostly text, unless they were asked for by name."""
        asked = self._options.value_columns is not None or self._plan.options.layout == "wide"
        good = np.isfinite(values).sum(axis=0)
        bad = np.array([self._bad_cells[i].count if i in self._bad_cells else 0 for i in self._plan.values])
        keep = (bad <= good) | asked
        if not keep.any():
            keep[:] = True
        return (values if keep.all() else values[:, keep]), tuple(np.array(self._plan.values)[keep].tolist())

    def _bad_line_error(self) -> TsrnnError:
        line, why = self._bad_lines[0]
        more = f" ({self._bad_count:,} such lines)" if self._bad_count > 1 else ""
        return TsrnnError(
            f"{self._place}, line {line} {why}{more}."
            if why.startswith("has")
            else f"{self._place}, line {line}: {why}{more}.",
            "Correct the file, or choose to skip such lines.",
        )

    def _bad_cell_error(self, indices: Sequence[int]) -> TsrnnError:
        found = {index: self._bad_cells[index] for index in indices if index in self._bad_cells}
        index = min(found, key=lambda i: (found[i].line, i))
        total = sum(bad.count for bad in found.values())
        more = f" ({total:,} such cells)" if total > 1 else ""
        return TsrnnError(
            f"{self._place}, line {found[index].line}: “{found[index].text[:60]}” in column "
            f"“{self._plan.columns[index]}” is not a number{more}.",
            "Correct it, set the decimal and thousands marks, or choose to read such cells as missing.",
        )

    def _row_notes(self) -> list[str]:
        notes = []
        if self._blank:
            notes.append(f"{self._blank:,} blank {_plural('line', self._blank)} left out.")
        if self._bad_count:
            first = "; ".join(f"line {line} {why}" for line, why in self._bad_lines)
            notes.append(f"{self._bad_count:,} {_plural('line', self._bad_count)} skipped: {first}.")
        return notes

    def _cell_notes(self, indices: Sequence[int]) -> list[str]:
        notes = []
        left = [self._plan.columns[i] for i in self._plan.values if i not in indices]
        if left:
            notes.append(f"Mostly text, so left out: {', '.join(left[:12])}.")
        for kind, wording in _WORDING.items():
            counts = {i: self._counts[kind][i] for i in indices if self._counts[kind][i]}
            notes += _counted(counts, self._plan.columns, wording)
        bad = {i: self._bad_cells[i].count for i in indices if i in self._bad_cells}
        return notes + _counted(bad, self._plan.columns, "cells that are no numbers, read as missing")


_WORDING = {
    "missing": "missing values",
    "infinite": "infinite values, counted as missing",
    "rounded": "whole numbers beyond 2^53, rounded",
}


def _counted(counts: dict[int, int], columns: Sequence[str], wording: str) -> list[str]:
    if not counts:
        return []
    shown = ", ".join(f"{columns[i]} {count:,}" for i, count in list(counts.items())[:8])
    more = f" and {len(counts) - 8} more columns" if len(counts) > 8 else ""
    return [f"{sum(counts.values()):,} {wording} ({shown}{more})."]


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
