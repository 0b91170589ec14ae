"""How commands print: JSON a line for programs, quiet tables for people."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np


def print_json(value: Any) -> None:
    """Print ``value`` as one line of JSON; numbers that are not finite become null."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()) -> None:
    """Print ``rows`` under ``headers``; the columns ``numbers`` are right-aligned."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for place, header in enumerate(headers):
        table.add_column(header, justify="right" if place in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(cell.replace("[", "\\[") for cell in row))
    Console().print(table)


def written(value: float | None) -> str:
    """Write a score, ``n/a`` where there is none."""
    return "n/a" if value is None else f"{value:,.4g}"


def written_time(time: Any) -> str:
    """Write a row's time, without hours where there are none."""
    if not isinstance(time, np.datetime64):
        return str(time)
    day = time.astype("datetime64[D]")
    return str(day if day == time else time.astype("datetime64[s]")).replace("T", " ")
