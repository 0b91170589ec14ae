"""Turns long tables (a category column) and wide ones (a row a year) into one row a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.core.problems import TsrnnError

LARGEST = 50_000_000


@dataclass(frozen=True)
class Grid:
    """Numbers with their times and names: ``values`` (rows, columns), ``times`` (rows,)."""

    times: NDArray[np.datetime64] | NDArray[np.int64]
    columns: tuple[str, ...]
    values: NDArray[np.float64]


def unrolled(grid: Grid) -> tuple[Grid, tuple[str, ...]]:
    """Lay twelve month columns end to end; months not yet there at the end are left out."""
    years = grid.times.astype("datetime64[M]").astype(np.int64)
    months = (years[:, None] + np.arange(12)).ravel()
    values = grid.values.reshape(-1, 1)
    filled = np.flatnonzero(~np.isnan(values[:, 0]))
    end = int(filled[-1]) + 1 if len(filled) else len(values)
    notes = (f"{len(values) - end} empty months at the end left out.",) if end < len(values) else ()
    times = months[:end].astype("datetime64[M]").astype("datetime64[us]")
    return Grid(times, ("value",), values[:end]), notes


def pivoted(
    grid: Grid, codes: NDArray[np.int64], names: tuple[str, ...], place: str
) -> tuple[Grid, tuple[str, ...]]:
    """Give each category its own columns; times stand in the order in which they first occur."""
    distinct, first, row = np.unique(grid.times, return_index=True, return_inverse=True)
    times = grid.times[np.sort(first)]
    order = np.argsort(first, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    row = rank[row]
    if len(distinct) * len(names) * len(grid.columns) > LARGEST:
        raise TsrnnError(
            f"{place} would become {len(times):,} rows of {len(names):,} categories.",
            "Choose the layout with one row a time.",
        )
    if len(np.unique(row * len(names) + codes)) < len(row):
        raise TsrnnError(
            f"{place} has two rows for the same time and category.",
            "Choose another category column, or the layout with one row a time.",
        )
    values = np.full((len(times), len(names), len(grid.columns)), np.nan)
    values[row, codes] = grid.values
    one = len(grid.columns) == 1
    columns = tuple(name if one else f"{name} {column}" for name in names for column in grid.columns)
    absent = len(times) * len(names) - len(row)
    notes = (f"{absent:,} times have no row in some category; read as missing.",) if absent else ()
    return Grid(times, columns, values.reshape(len(times), -1)), notes
