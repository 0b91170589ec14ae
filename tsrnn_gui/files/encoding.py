"""A first pass over a file's bytes: its hash, whether it is text, and in which encoding."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files.options import Cancelled

ENCODINGS = ("utf-8-sig", "utf-8", "utf-16", "cp949", "cp1252")
LONGEST_LINE = 16 << 20
_BLOCK = 1 << 20
_SAMPLE = 1 << 18


@dataclass(frozen=True)
class Scan:
    """A file's SHA-256 and the encodings of ENCODINGS that fit all of its bytes, likeliest first."""

    sha256: str
    encodings: tuple[str, ...]
    binary: bool


def open_regular(path: Path) -> BinaryIO:
    """Open ``path`` for reading if it is a regular file that is not empty, else say why not."""
    try:
        mode = path.stat()
        if stat.S_ISDIR(mode.st_mode):
            raise TsrnnError(f"{path.name or path} is a folder, not a file.", "Choose a file in it.")
        if not stat.S_ISREG(mode.st_mode):
            raise TsrnnError(
                f"{path.name} is a device or a pipe, not a file.", "Copy its content to a file first."
            )
        if mode.st_size == 0:
            raise TsrnnError(f"{path.name} is empty.", "Choose a file with at least one column of numbers.")
        # Without waiting: the file may have been swapped for a pipe since.
        return os.fdopen(
            os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb"
        )
    except FileNotFoundError:
        raise TsrnnError(f"{path.name} was not found.", f"Look for it in {path.parent}.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TsrnnError(f"{path.name} cannot be opened: {reason}.", "Check its permissions.") from error


def scan(
    path: Path, progress: Callable[[float], None], cancelled: Callable[[], bool], limit: int | None = None
) -> Scan:
    """Read ``path`` (or its first ``limit`` bytes) once."""
    with open_regular(path) as stream:
        size = max(os.fstat(stream.fileno()).st_size, 1)
        judge = _Judge(path.name)
        left = limit if limit is not None else 1 << 62
        while left > 0 and (block := _read(stream, min(_BLOCK, left), path)):
            if cancelled():
                raise Cancelled
            left -= len(block)
            judge.feed(block)
            progress(min(stream.tell() / size, 1.0))
        return judge.verdict(whole=left > 0)


def _read(stream: BinaryIO, size: int, path: Path) -> bytes:
    try:
        return stream.read(size)
    except OSError as error:
        raise TsrnnError(f"{path.name} cannot be read: {error.strerror}.", "Check the disk.") from error


class _Judge:
    """Sees blocks of bytes, cut at line ends, and drops the encodings that cannot be."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._hash = hashlib.sha256()
        self._rest = b""
        self._first = b""
        self._alive = ["utf-8", "cp949", "cp1252"]
        self._sample = b""
        self._nul = False

    def feed(self, block: bytes) -> None:
        self._hash.update(block)
        self._first = self._first or block[:4096]
        if _wide(self._first):
            return
        self._nul = self._nul or b"\0" in block
        block = self._rest + block
        cut = max(block.rfind(b"\n"), block.rfind(b"\r")) + 1
        self._rest = block[cut:]
        if len(self._rest) > LONGEST_LINE and not self._nul:
            raise TsrnnError(f"{self._name} has a line longer than 16 MB.", "Choose a table, one row a line.")
        self._rest = b"" if self._nul else self._rest
        self._judge(block[:cut])

    def _judge(self, lines: bytes) -> None:
        if lines.isascii():
            return
        self._sample += lines[: max(_SAMPLE - len(self._sample), 0)]
        self._alive = [name for name in self._alive if _fits(lines, name)]

    def verdict(self, whole: bool) -> Scan:
        wide = _wide(self._first)
        if whole or not self._sample:
            self._judge(self._rest)
        if wide:
            names: tuple[str, ...] = (wide,)
        elif "utf-8" in self._alive:
            names = ("utf-8-sig" if self._first.startswith(b"\xef\xbb\xbf") else "utf-8",)
        else:
            names = tuple(sorted(self._alive, key=lambda name: name != self._likelier()))
        return Scan(self._hash.hexdigest(), names, self._nul)

    def _likelier(self) -> str:
        """Korean text is nearly all syllables of KS X 1001, whose two bytes lie above A0."""
        text = self._sample.decode("cp949", "ignore")
        letters = [char for char in text if ord(char) > 127]
        common = [char for char in letters if "가" <= char <= "힣" and min(char.encode("cp949")) > 0xA0]
        return "cp949" if letters and len(common) > 0.6 * len(letters) else "cp1252"


def _wide(first: bytes) -> str | None:
    """UTF-16 shows itself by its mark, or by every other byte being zero."""
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    odd, even = first[1::2], first[::2]
    if len(first) >= 8 and odd.count(0) > 0.6 * len(odd) and not even.count(0):
        return "utf-16-le"
    return "utf-16-be" if len(first) >= 8 and even.count(0) > 0.6 * len(even) and not odd.count(0) else None


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
