"""Reads tables of numbers, of every kind in READERS, into a Series; one entry a kind."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tsrnn_gui.core.problems import Problem, TsrnnError
from tsrnn_gui.core.series import Series, facts, infer_step
from tsrnn_gui.files.collector import Collector
from tsrnn_gui.files.encoding import Scan, scan
from tsrnn_gui.files.options import PREVIEW_ROWS, Cancelled, Chunk, Preview, RawTable, ReadOptions
from tsrnn_gui.files.parquet import ParquetTable
from tsrnn_gui.files.plan import Plan, head_of, make_plan
from tsrnn_gui.files.spreadsheet import Spreadsheet
from tsrnn_gui.files.text_table import TextTable

__all__ = [
    "READERS",
    "SUFFIXES",
    "Cancelled",
    "Preview",
    "ReadOptions",
    "Reader",
    "file_filter",
    "preview",
    "read",
]

_GUESS_ALL = ReadOptions()
_HEAD_BYTES = 1 << 20
_SCAN_SHARE = 0.1


@dataclass(frozen=True)
class Reader:
    """One kind of file: what it is called, how its name ends, and what opens it."""

    title: str
    suffixes: tuple[str, ...]
    open: Callable[[Path, ReadOptions, Scan], RawTable]


READERS: tuple[Reader, ...] = (
    Reader("Text tables", (".csv", ".tsv", ".txt", ".dat"), TextTable),
    Reader("Spreadsheets", (".xlsx", ".xlsm", ".xls", ".ods"), Spreadsheet),
    Reader("Parquet", (".parquet", ".pq"), ParquetTable),
)
SUFFIXES: tuple[str, ...] = tuple(suffix for reader in READERS for suffix in reader.suffixes)


def file_filter() -> str:
    """Give the filter for an open dialog: everything readable first, then each kind."""
    kinds = [(reader.title, reader.suffixes) for reader in READERS]
    lines = [("Time series", SUFFIXES), *kinds]
    return ";;".join(
        f"{title} ({' '.join('*' + suffix for suffix in suffixes)})" for title, suffixes in lines
    )


def preview(path: Path, options: ReadOptions = _GUESS_ALL) -> Preview:
    """Read the head of ``path``; whatever stands in the way is in ``problem``, never raised."""
    path = Path(path)
    result = Preview(options, (), ())
    try:
        table = _opened(path, options, scan(path, _silent, _never, limit=_HEAD_BYTES))
        result = replace(result, options=table.options, sheets=table.sheets, notes=table.notes)
        head = head_of(table)
        result = replace(result, rows=tuple(map(tuple, head.rows[:PREVIEW_ROWS])))
        plan = make_plan(table, head)
        return _previewed(table, head, plan, options)
    except TsrnnError as error:
        return replace(result, problem=_problem(error))


def read(
    path: Path,
    options: ReadOptions = _GUESS_ALL,
    progress: Callable[[float], None] = lambda share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Series:
    """Read all of ``path``. Raises TsrnnError with file, line and column, or Cancelled."""
    path = Path(path)
    result = scan(path, lambda share: progress(share * _SCAN_SHARE), cancelled)
    before = path.stat()
    table = _opened(path, options, result)
    plan = make_plan(table, head_of(table))
    collector = Collector(plan, options, table.place)
    skip = plan.skip
    for chunk in table.chunks():
        if cancelled():
            raise Cancelled
        # Here too: a file that grows as fast as it is read would never end.
        _check_unchanged(path, before)
        collector.feed(chunk.rows[skip:], chunk.lines[skip:])
        skip = max(skip - len(chunk.rows), 0)
        progress(_SCAN_SHARE + (1 - _SCAN_SHARE) * chunk.done)
    _check_unchanged(path, before)
    return _series(path, collector, result.sha256)


def _opened(path: Path, options: ReadOptions, result: Scan) -> RawTable:
    reader = next((kind for kind in READERS if path.suffix.lower() in kind.suffixes), None)
    if reader is None:
        raise TsrnnError(
            f"{path.name} is not of a kind that can be read here.",
            f"Choose a file ending in {', '.join(SUFFIXES)}.",
        )
    return reader.open(path, options, result)


def _series(path: Path, collector: Collector, sha256: str) -> Series:
    grid, notes = collector.finish()
    step = infer_step(grid.times)
    series = Series(
        path.stem,
        np.ascontiguousarray(grid.values),
        grid.columns,
        grid.times,
        step,
        step.season,
        str(path),
        sha256,
    )
    return replace(series, notes=(*notes, *_time_notes(series)))


def _time_notes(series: Series) -> tuple[str, ...]:
    """Tell what is odd about the times; nothing is reordered or filled."""
    if not series.dated or len(series) < 2:
        return ()
    found = facts(series, series.columns[0])
    counted = (
        (found.duplicated_times, "Times that occur more than once"),
        (found.unsorted_times, "Times before the row above"),
        (found.gaps, f"Rows missing at a step of one {series.step.unit}"),
    )
    return tuple(
        f"{wording}: {count:,}; rows stay as they are in the file." for count, wording in counted if count
    )


def _previewed(table: RawTable, head: Chunk, plan: Plan, asked: ReadOptions) -> Preview:
    rows = [row for row in head.rows[plan.skip :] if any(cell.strip() for cell in row)]
    collector = Collector(plan, asked, table.place)
    problem, notes = None, plan.notes
    try:
        collector.feed(head.rows[plan.skip :], head.lines[plan.skip :])
        _, notes = collector.finish()
    except TsrnnError as error:
        problem = _problem(error)
    orders = collector.time.orders if collector.time else ()
    options = plan.options
    # Left open while the head fits several: the whole file may settle it.
    if len(orders) == 1:
        options = replace(options, date_order=orders[0])
    return Preview(
        options,
        plan.columns,
        tuple(map(tuple, rows[:PREVIEW_ROWS])),
        table.sheets,
        problem,
        notes,
        tuple(orders),
    )


def _problem(error: TsrnnError) -> Problem:
    return Problem(f"{error.text} {error.hint}".strip())


def _check_unchanged(path: Path, before: os.stat_result) -> None:
    try:
        now = path.stat()
    except OSError:
        raise TsrnnError(
            f"{path.name} vanished while it was read.", "Copy it to a folder of its own first."
        ) from None
    if (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise TsrnnError(f"{path.name} changed while it was read.", "Read it again when it is complete.")


def _silent(share: float) -> None:
    return None


def _never() -> bool:
    return False
