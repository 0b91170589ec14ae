"""A .keras file as the zip archive it is: configuration and weights, within bounds and never unpacked."""

from __future__ import annotations

import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from tsrnn_gui.core.problems import TsrnnError

_END = struct.Struct("<4s4H2IH")
_LONGEST_COMMENT = 1 << 16
_MOST_FILES = 200
_LONGEST_DIRECTORY = 1 << 16
_LARGEST_CONFIG = 8 << 20
_LARGEST_WEIGHTS = 128 << 20
_MOST_FOLD = 400
_LONGEST_NOTE = 1 << 20
_HINT = "Save the model again with Keras 3, as model.save(“name.keras”)."


@dataclass(frozen=True)
class KerasArchive:
    """What a .keras file holds: ``config`` is JSON, ``weights`` an HDF5 file, empty where there is none."""

    config: bytes
    weights: bytes = b""


def read_archive(path: Path, weights: bool = False) -> KerasArchive:
    """Read the configuration at ``path``, and with ``weights`` those too. Raises TsrnnError."""
    try:
        with path.open("rb") as stream:
            _refuse_directory(stream, path.name)
            with zipfile.ZipFile(stream) as archive:
                _refuse_names(archive, path.name)
                config = _read(archive, "config.json", _LARGEST_CONFIG, path.name)
                found = _read(archive, "model.weights.h5", _LARGEST_WEIGHTS, path.name) if weights else b""
    except OSError as error:
        raise TsrnnError(f"{path.name} cannot be read: {error.strerror}.", hint="Check the path.") from error
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError) as error:
        raise _refused(path.name, "it is damaged or no .keras file", str(error)) from error
    except Exception as error:  # zlib and lzma raise kinds of their own for damaged data
        if type(error).__module__ not in ("zlib", "_lzma", "struct"):
            raise
        raise _refused(path.name, "it is damaged", str(error)) from error
    return KerasArchive(config, found)


def note_beside(path: Path) -> bytes:
    """Give the start of the small file that an export of ours puts beside ``path``; nothing where none is."""
    try:
        with path.with_name(f"{path.stem}.keras.json").open("rb") as stream:
            return stream.read(_LONGEST_NOTE)
    except OSError:
        return b""


def _refuse_directory(stream: BinaryIO, name: str) -> None:
    """Look at the directory's own size before it is read into memory."""
    stream.seek(0, 2)
    size = stream.tell()
    stream.seek(max(size - _END.size - _LONGEST_COMMENT, 0))
    tail = stream.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < _END.size:
        raise _refused(name, "it is no .keras file")
    _, _, _, _, count, length, _, comment = _END.unpack_from(tail, place)
    if comment or len(tail) - place != _END.size:
        raise _refused(name, "something lies behind its end")
    wide = b"PK\x06\x07" in tail[max(place - 20, 0) : place]
    if wide or count > _MOST_FILES or length > _LONGEST_DIRECTORY:
        raise _refused(name, "it lists more files than a model has")
    stream.seek(0)


def _refuse_names(archive: zipfile.ZipFile, name: str) -> None:
    names = archive.namelist()
    for text in names:
        path = PurePosixPath(text)
        if path.is_absolute() or ".." in path.parts or "\\" in text or ":" in text or "\0" in text:
            raise _refused(name, f"a file in it points outside of it: {text[:80]!r}")
    if len(set(names)) < len(names):
        raise _refused(name, "two files in it have the same name")


def _read(archive: zipfile.ZipFile, member: str, largest: int, name: str) -> bytes:
    if member not in archive.namelist():
        raise _refused(name, f"it holds no {member}")
    entry = archive.getinfo(member)
    if entry.flag_bits & 1:
        raise _refused(name, "it is encrypted")
    if entry.file_size > largest:
        raise _refused(name, f"its {member} has {entry.file_size:,} bytes, more than {largest:,}")
    if entry.file_size > _MOST_FOLD * max(entry.compress_size, 1 << 12):
        raise _refused(name, f"its {member} unfolds to {entry.file_size:,} bytes")
    with archive.open(entry) as stream:
        content = stream.read(largest + 1)
    if len(content) > largest:
        raise _refused(name, f"its {member} is larger than it says")
    return content


def _refused(name: str, why: str, details: str = "") -> TsrnnError:
    return TsrnnError(f"{name} cannot be opened: {why}.", hint=_HINT, details=details)
