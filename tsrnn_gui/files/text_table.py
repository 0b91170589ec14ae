"""CSV, TSV and TXT: bytes in some encoding, cut into lines and cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files.dialect import guess_delimiter, split
from tsrnn_gui.files.encoding import ENCODINGS, Scan, open_regular
from tsrnn_gui.files.options import CHUNK_CELLS, CHUNK_ROWS, Chunk, ReadOptions

_HEAD_BYTES = 1 << 18


class TextTable:
    """A text file as records; encoding and delimiter are guessed where the options leave them open."""

    def __init__(self, path: Path, options: ReadOptions, scan: Scan) -> None:
        self._path = path
        self.sheets: tuple[str, ...] = ()
        self.notes: tuple[str, ...] = ()
        self.place = path.name
        self.options = replace(options, encoding=options.encoding or self._encoding(scan))
        self._check_encoding()
        if options.delimiter is None:
            self.options = replace(self.options, delimiter=guess_delimiter(self._head()))
        if scan.encodings[:1] != ("utf-8",) and options.encoding is None:
            self.notes = (f"Read as {self.options.encoding} text.",)

    def chunks(self, size: int | None = None) -> Iterator[Chunk]:
        """Give the records, numbered by the line they begin on."""
        delimiter = self.options.delimiter or ","
        with open_regular(self._path) as raw, self._text(raw) as text:
            total = max(self._path.stat().st_size, 1)
            reader = _Reader(text, delimiter)
            size, line = size or CHUNK_ROWS, 1
            while rows := self._rows(reader, size):
                ends = reader.line_num + 1
                yield Chunk(rows, _lines(rows, line, ends), min(raw.tell() / total, 1.0))
                size = max(1, min(size, CHUNK_CELLS // max(len(rows[0]), 1)))
                line = ends

    def _rows(self, reader: _Reader, size: int) -> list[list[str]]:
        try:
            return list(islice(reader, size))
        except UnicodeError as error:
            raise TsrnnError(
                f"{self.place}, after line {reader.line_num}: the text is not {self.options.encoding}.",
                "Choose another encoding.",
                str(error),
            ) from error
        except csv.Error as error:
            raise TsrnnError(
                f"{self.place}, line {reader.line_num}: the quotation marks do not match.",
                "Close or remove the quotation mark at or before this line.",
                str(error),
            ) from error

    def _text(self, raw: BinaryIO) -> io.TextIOWrapper:
        return io.TextIOWrapper(raw, encoding=self.options.encoding, newline="")

    def _encoding(self, scan: Scan) -> str:
        if scan.binary:
            raise TsrnnError(
                f"{self._path.name} is a binary file, not a table in text.",
                "Export it as CSV or Excel from the program that wrote it.",
            )
        if not scan.encodings:
            raise TsrnnError(
                f"{self._path.name} is in no encoding known here ({', '.join(ENCODINGS)}).",
                "Save it as UTF-8, or choose its encoding.",
            )
        return scan.encodings[0]

    def _check_encoding(self) -> None:
        try:
            "".encode(self.options.encoding or "utf-8")
        except LookupError:
            raise TsrnnError(
                f"“{self.options.encoding}” is not an encoding.", f"Choose one of {', '.join(ENCODINGS)}."
            ) from None
        mark = self.options.delimiter
        if mark is not None and (len(mark) != 1 or mark in '"\r\n'):
            raise TsrnnError(f"“{mark}” cannot part cells.", "Choose one character, such as , or ;.")

    def _head(self) -> list[str]:
        with open_regular(self._path) as raw:
            head = raw.read(_HEAD_BYTES)
        if not head.endswith((b"\n", b"\r")) and len(head) == _HEAD_BYTES:
            head = head[: max(head.rfind(b"\n"), head.rfind(b"\r"), 0) + 1] or head
        text = io.TextIOWrapper(io.BytesIO(head), self.options.encoding, errors="replace", newline="")
        return text.read().splitlines(keepends=True)[:200]


class _Reader:
    """A csv reader that counts its lines."""

    def __init__(self, text: io.TextIOWrapper, delimiter: str) -> None:
        self._rows = split(text, delimiter)

    @property
    def line_num(self) -> int:
        """Lines read so far."""
        return int(getattr(self._rows, "line_num", 0))

    def __iter__(self) -> Iterator[list[str]]:
        return self._rows


def _lines(rows: Sequence[Sequence[str]], first: int, end: int) -> Sequence[int]:
    """Number ``rows``; only a quoted line break makes a record longer than a line."""
    if end - first == len(rows):
        return range(first, end)
    lines = []
    for row in rows:
        lines.append(first)
        first += 1 + sum(cell.count("\n") + cell.count("\r") - cell.count("\r\n") for cell in row)
    return lines
