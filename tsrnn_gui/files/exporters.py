"""Writes a forecast as CSV or Excel, of every kind in EXPORTERS; a file is there whole or not at all."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files.whole_files import write_whole

Cell = np.datetime64 | int | float | str | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FIRST_EXCEL_DAY = dt.datetime(1900, 3, 1)
_LAST_EXCEL_DAY = dt.datetime(9999, 12, 31)
_SHEET_ROWS = 1_048_576


@dataclass(frozen=True)
class ForecastTable:
    """A forecast to take away: each row a time (datetime64 or a plain index), then numbers or None."""

    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    title: str = "Forecast"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exporter:
    """One format: its key, what it is called, how its files end, and what turns a table into bytes."""

    key: str
    title: str
    suffix: str
    encode: Callable[[ForecastTable], bytes]


def export(table: ForecastTable, path: Path, key: str | None = None) -> None:
    """Write ``table`` to ``path`` as ``key`` or as its suffix says. On TsrnnError the old file stays."""
    path = Path(path)
    write_whole(path, exporter(path, key).encode(table))


def exporter(path: Path, key: str | None = None) -> Exporter:
    """Give the exporter called ``key``, or the one for the suffix of ``path``."""
    wanted = key or path.suffix.lower()
    for entry in EXPORTERS:
        if wanted in (entry.key, entry.suffix):
            return entry
    choices = ", ".join(f"{entry.title} ({entry.suffix})" for entry in EXPORTERS)
    raise TsrnnError(
        f"A forecast cannot be written as “{wanted or path.name}”.", f"Choose one of: {choices}."
    )


def save_filter() -> str:
    """Give the filter for a save dialog."""
    return ";;".join(f"{entry.title} (*{entry.suffix})" for entry in EXPORTERS)


def _csv(table: ForecastTable) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_escaped(name) for name in table.columns])
    dates_only = _dates_only(table)
    writer.writerows([[_csv_text(cell, dates_only) for cell in row] for row in table.rows])
    # The mark is what makes Korean Excel read UTF-8.
    return text.getvalue().encode("utf-8-sig")


def _csv_text(cell: Cell, dates_only: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, np.datetime64):
        if np.isnat(cell):
            return ""
        return (
            str(cell.astype("datetime64[D]" if dates_only else "datetime64[us]"))
            .replace("T", " ")
            .removesuffix(".000000")
        )
    if isinstance(cell, str):
        return _escaped(cell)
    if isinstance(cell, int | np.integer):
        return str(int(cell))
    return repr(float(cell)) if math.isfinite(cell) else ""


def _escaped(text: str) -> str:
    """Keep a spreadsheet from taking text for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _dates_only(table: ForecastTable) -> bool:
    times = [cell for row in table.rows for cell in row[:1] if isinstance(cell, np.datetime64)]
    return all(np.isnat(time) or time == time.astype("datetime64[D]") for time in times)


def _excel(table: ForecastTable) -> bytes:
    import xlsxwriter

    if len(table.rows) >= _SHEET_ROWS:
        raise TsrnnError("The forecast has more rows than an Excel sheet can hold.", "Export it as CSV.")
    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": False,
    }
    book = xlsxwriter.Workbook(stream, options)
    sheet = book.add_worksheet(_sheet_name(table.title))
    bold = book.add_format({"bold": True})
    dates_only = _dates_only(table)
    date = book.add_format({"num_format": "yyyy-mm-dd" if dates_only else "yyyy-mm-dd hh:mm:ss"})
    for column, name in enumerate(table.columns):
        sheet.write_string(0, column, _escaped(name), bold)
    for number, row in enumerate(table.rows, 1):
        for column, cell in enumerate(row):
            _write_cell(sheet, number, column, cell, date, dates_only)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, max(len(table.columns) - 1, 0), 14)
    if table.notes:
        _write_notes(book.add_worksheet("About"), table)
    book.close()
    return stream.getvalue()


def _write_cell(sheet: Any, row: int, column: int, cell: Cell, date: object, dates_only: bool) -> None:
    if isinstance(cell, np.datetime64):
        moment = cell.astype("datetime64[us]").item()
        if isinstance(moment, dt.datetime) and _FIRST_EXCEL_DAY <= moment <= _LAST_EXCEL_DAY:
            sheet.write_datetime(row, column, moment, date)
        elif not np.isnat(cell):
            # Excel knows no dates before 1900, and counts a wrong day into that February.
            sheet.write_string(row, column, _csv_text(cell, dates_only))
    elif isinstance(cell, str):
        sheet.write_string(row, column, _escaped(cell))
    elif cell is not None and math.isfinite(cell):
        sheet.write_number(row, column, cell)


def _write_notes(sheet: Any, table: ForecastTable) -> None:
    for row, note in enumerate((table.title, *table.notes)):
        sheet.write_string(row, 0, _escaped(note))
    sheet.set_column(0, 0, 100)


def _sheet_name(title: str) -> str:
    name = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title).strip().strip("'")[:31].strip()
    return "Forecast" if not name or name.lower() in ("history", "about") else name


EXPORTERS: tuple[Exporter, ...] = (
    Exporter("csv", "CSV table", ".csv", _csv),
    Exporter("xlsx", "Excel workbook", ".xlsx", _excel),
)
