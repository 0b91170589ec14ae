"""What a reader is asked for, what it shows before reading, and the pieces readers hand on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from tsrnn_gui.core.problems import Problem, TsrnnError

Layout = Literal["columns", "long", "wide"]
DateOrder = Literal["ymd", "dmy", "mdy"]

HEAD_ROWS = 400
PREVIEW_ROWS = 50
# A chunk is cut, turned and read in single calls, each of which keeps the interpreter from the window.
CHUNK_ROWS = 4_000
CHUNK_CELLS = 40_000


class Cancelled(TsrnnError):
    """The user stopped the reading."""

    def __init__(self) -> None:
        super().__init__("Reading was cancelled.")


@dataclass(frozen=True)
class ReadOptions:
    """How to read a file; ``None`` means: guess it.

    ``time_columns`` () numbers the rows; several columns such as ("year", "quarter") make one date.
    ``layout`` is one row a time ("columns"), a category column ("long"), or one row a year with
    twelve month columns ("wide").
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    header: bool | None = None
    sheet: str | None = None
    layout: Layout | None = None
    time_columns: tuple[str, ...] | None = None
    date_order: DateOrder | None = None
    value_columns: tuple[str, ...] | None = None
    bad_cells: Literal["refuse", "missing"] = "refuse"
    bad_lines: Literal["refuse", "skip"] = "refuse"


@dataclass(frozen=True)
class Preview:
    """The head of a file as text, with every guess filled into ``options``.

    ``date_orders`` are the orders that fit the date column; more than one means it is ambiguous.
    """

    options: ReadOptions
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sheets: tuple[str, ...] = ()
    problem: Problem | None = None
    notes: tuple[str, ...] = ()
    date_orders: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chunk:
    """Some records of a file: cells as text, each with its 1-based line, and the share read so far."""

    rows: list[list[str]]
    lines: Sequence[int]
    done: float


class RawTable(Protocol):
    """A file as records of text; ``options`` carries what its kind had to guess."""

    options: ReadOptions
    sheets: tuple[str, ...]
    notes: tuple[str, ...]
    place: str

    def chunks(self, size: int | None = None) -> Iterator[Chunk]:
        """Give the records from the first one on, ``size`` rows at a time; may be called again."""
        ...
