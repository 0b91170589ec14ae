"""Refuses workbooks that would unpack, or spread their cells, to more than memory should hold."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from tsrnn_gui.core.problems import TsrnnError

LARGEST_CONTENT = 400 << 20
LARGEST_GRID = 12_000_000
_CELL = re.compile(rb'<(?:\w+:)?(?:c|row)\b[^>]*?\br="([A-Z]{0,3})(\d{1,9})"')
_OVERLAP = 200


def check_workbook(path: Path) -> None:
    """Raise TsrnnError where ``path`` is a zip that is damaged, locked or too large inside."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            left = LARGEST_CONTENT
            for member in archive.infolist():
                left = _check_member(archive, member, left, path.name)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        expat.ExpatError,
    ) as error:
        raise TsrnnError(
            f"{path.name} is damaged or locked with a password.",
            "Save it again, without a password.",
            repr(error),
        ) from error


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int, name: str) -> int:
    """Unpack ``member`` block by block, whatever size it claims; give the bytes still allowed."""
    grid: _Cells | _Repeats | None = None
    if "worksheets/" in member.filename:
        grid = _Cells()
    elif member.filename == "content.xml":
        grid = _Repeats()
    with archive.open(member) as stream:
        for block in _blocks(stream):
            left -= len(block)
            if left < 0:
                raise TsrnnError(f"{name} unpacks to more than 400 MB.", "Save the sheet as CSV.")
            if grid:
                grid.feed(block)
                _check_grid(grid.rows, grid.columns, name)
    return left


def _check_grid(rows: int, columns: int, name: str) -> None:
    if rows * max(columns, 1) > LARGEST_GRID:
        raise TsrnnError(
            f"{name} spreads its cells over {rows:,} rows and {columns:,} columns.",
            "Delete the stray cells far from the table, or save the sheet as CSV.",
        )


def _blocks(stream: object) -> Iterator[bytes]:
    read = stream.read  # type: ignore[attr-defined]
    while block := read(1 << 20):
        yield block


class _Cells:
    """The far corner of an Excel sheet, whose cells carry their place."""

    def __init__(self) -> None:
        self.rows = self.columns = 0
        self._tail = b""

    def feed(self, block: bytes) -> None:
        """Look through the next bytes of the sheet's XML."""
        for letters, number in _CELL.findall(self._tail + block):
            self.rows = max(self.rows, int(number))
            self.columns = max(self.columns, _column(letters))
        self._tail = block[-_OVERLAP:]


class _Repeats:
    """The far corner of an OpenDocument sheet, whose rows and cells say how often they repeat."""

    def __init__(self) -> None:
        self.rows = self.columns = 0
        self._row = self._column = 0
        self._repeat = 1
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.EntityDeclHandler = _refuse_entity

    def feed(self, block: bytes) -> None:
        """Parse the next bytes of the content."""
        self._parser.Parse(block, False)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        kind = tag.rpartition(":")[2]
        if kind == "table":
            self._row = 0
        elif kind == "table-row":
            self._repeat = _count(attributes, "table:number-rows-repeated")
            self._column = 0
        elif kind in ("table-cell", "covered-table-cell"):
            self._column += _count(attributes, "table:number-columns-repeated")
            if "office:value-type" in attributes:
                self.columns = max(self.columns, self._column)
                self.rows = max(self.rows, self._row + self._repeat)

    def _end(self, tag: str) -> None:
        if tag.rpartition(":")[2] == "table-row":
            self._row += self._repeat


def _count(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    return int(text) if text.isdecimal() and len(text) < 10 else 1


def _refuse_entity(*_: object) -> None:
    raise expat.ExpatError("entities are not allowed")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
