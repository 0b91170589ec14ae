"""Excel and OpenDocument sheets through calamine, bounded before they are unpacked."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files.encoding import Scan
from tsrnn_gui.files.options import CHUNK_ROWS, Chunk, ReadOptions

LARGEST_CONTENT = 400 << 20
LARGEST_GRID = 20_000_000
_CELL = re.compile(rb'<(?:\w+:)?(?:c|row)\b[^>]*?\br="([A-Z]{0,3})(\d{1,9})"')
_REPEATED = re.compile(rb'number-(?:rows|columns)-repeated="(\d+)"')


class Spreadsheet:
    """One sheet of a workbook as records of text; numbers are written as Python writes them."""

    def __init__(self, path: Path, options: ReadOptions, scan: Scan) -> None:
        self._path = path
        self.notes: tuple[str, ...] = ()
        _check_bounds(path)
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


def _check_bounds(path: Path) -> None:
    """Refuse what would unpack, or spread out, to more than memory should hold."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            left = LARGEST_CONTENT
            for member in archive.infolist():
                left -= _member_size(archive, member, left, path)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise TsrnnError(
            f"{path.name} is damaged or locked with a password.",
            "Save it again, without a password.",
            repr(error),
        ) from error


def _member_size(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int, path: Path) -> int:
    size, row, column, tail = 0, 0, 0, b""
    with archive.open(member) as stream:
        while block := stream.read(1 << 20):
            size += len(block)
            if size > left:
                raise TsrnnError(f"{path.name} unpacks to more than 400 MB.", "Save the sheet as CSV.")
            if "sheet" in member.filename:
                for letters, number in _CELL.findall(tail + block):
                    row, column = max(row, int(number)), max(column, _column(letters))
                tail = block[-200:]
    if row * max(column, 1) > LARGEST_GRID:
        raise TsrnnError(
            f"{path.name} spreads its cells over {row:,} rows and {column:,} columns.",
            "Delete the stray cells far from the table, or save the sheet as CSV.",
        )
    return size


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _text(cell: object) -> str:
    """Write ``cell`` as the text readers understand; whole numbers without ".0"."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, dt.timedelta):
        return str(cell.total_seconds() / 86_400)
    return str(cell)
