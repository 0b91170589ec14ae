"""Turns what SQLite and the system say into a sentence with a way out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tsrnn_gui.core.problems import TsrnnError


@contextmanager
def told(path: Path, done: str) -> Iterator[None]:
    """Turn what SQLite and the system say into a sentence with a way out."""
    try:
        yield
    except sqlite3.Error as error:
        raise TsrnnError(
            f"{path.name} could not be {done}: {error}.", hint=_way_out(error), details=repr(error)
        ) from error
    except (ValueError, OverflowError, TypeError) as error:  # text or numbers that a damaged page spoilt
        raise TsrnnError(
            f"{path.name} could not be {done}: it is damaged.",
            hint="Open a copy from before.",
            details=repr(error),
        ) from error
    except OSError as error:
        raise TsrnnError(
            f"{path.name} could not be {done}: {error.strerror or error}.",
            hint="Choose another folder, or free some space.",
            details=repr(error),
        ) from error


def _way_out(error: sqlite3.Error) -> str:
    text = str(error)
    if "full" in text or "disk I/O" in text:
        return "Free some space, or save a copy elsewhere; what was saved before is untouched."
    if "malformed" in text or "not a database" in text:
        return "The file is damaged; open a copy from before."
    if "readonly" in text or "locked" in text:
        return "Another program uses the file or it may not be written; save a copy elsewhere."
    return "Save a copy elsewhere."
