"""Excel and OpenDocument sheets through calamine, bounded before they are unpacked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files.bounds import check_workbook
from tsrnn_gui.files.encoding import Scan
from tsrnn_gui.files.options import CHUNK_ROWS, Chunk, ReadOptions


class Spreadsheet:
    """One sheet of a workbook as records of text; numbers are written as Python writes them."""

    def __init__(self, path: Path, options: ReadOptions, scan: Scan) -> None:
        self._path = path
        self.notes: tuple[str, ...] = ()
        check_workbook(path)
        self._book: Any = self._opened()
        self.sheets: tuple[str, ...] = tuple(self._book.sheet_names)
        sheet = options.sheet if options.sheet is not None else self._first()
        if sheet not in self.sheets:
            raise TsrnnError(
                f"{path.name} has no sheet “{sheet}”.", f"Its sheets are: {', '.join(self.sheets) or 'none'}."
            )
        self.place = f"{path.name}, sheet {sheet}"
        self.options = replace(options, sheet=sheet)
        if len(self.sheets) > 1 and options.sheet is None:
            self.notes = (f"Sheet “{sheet}” of {len(self.sheets)} was read.",)

    def chunks(self, size: int | None = None) -> Iterator[Chunk]:
        """Give the rows of the sheet, numbered as the spreadsheet program does."""
        sheet = self._guarded(lambda: self._book.get_sheet_by_name(self.options.sheet))
        rows = self._guarded(lambda: sheet.to_python(skip_empty_area=False))
        size = size or CHUNK_ROWS
        for start in range(0, len(rows), size):
            part = [[_text(cell) for cell in row] for row in rows[start : start + size]]
            yield Chunk(part, range(start + 1, start + len(part) + 1), min((start + size) / len(rows), 1.0))

    def _first(self) -> str:
        """Give the first sheet that holds anything."""
        for name in self.sheets:
            if self._guarded(lambda name=name: self._book.get_sheet_by_name(name).height):
                return name
        return self.sheets[0] if self.sheets else ""

    def _opened(self) -> Any:
        from python_calamine import load_workbook

        return self._guarded(lambda: load_workbook(str(self._path)))

    def _guarded(self, act: Any) -> Any:
        try:
            return act()
        except Exception as error:  # calamine has many error classes, and its Rust panics derive from none
            raise TsrnnError(
                f"{self._path.name} cannot be read as a spreadsheet.",
                "Open it in a spreadsheet program and save it again, without a password.",
                repr(error),
            ) from error


def _text(cell: object) -> str:
    """Write ``cell`` as the text readers understand; whole numbers without ".0"."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, dt.timedelta):
        return str(cell.total_seconds() / 86_400)
    return str(cell)
