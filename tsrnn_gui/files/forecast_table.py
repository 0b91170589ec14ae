"""A run's forecast as a table to look at and to take away: the validation part, then beyond the end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.runs import Report, complete
from tsrnn_gui.core.series import Series, next_times
from tsrnn_gui.files.exporters import Cell, ForecastTable


def forecast_table(
    series: Series,
    experiment: Experiment,
    origins: NDArray[np.int64],
    validation: NDArray[np.float64],
    future: NDArray[np.float64],
    reports: tuple[Report, ...] = (),
) -> ForecastTable:
    """Lay out truth, one-step forecast and "tomorrow equals today" of every target.

    ``validation`` is (windows, targets) or (windows, horizon, targets), of which the first step is
    taken; ``future`` is (steps, targets). What is not known is None.
    """
    one_step = validation[:, 0, :] if validation.ndim == 3 else validation
    targets = experiment.windowing.targets
    times = [*series.times[origins], *next_times(series, len(future))]
    columns: list[list[Cell]] = [times]
    for place, name in enumerate(targets):
        known = complete(series, experiment, name)
        nothing = [None] * len(future)
        columns.append([*_cells(series.column(name)[origins]), *nothing])
        columns.append(_cells(np.concatenate((one_step[:, place], future[:, place]))))
        columns.append(_cells(np.concatenate((known[origins - 1], np.full(len(future), known[-1])))))
    return ForecastTable(
        columns=_titles(series, targets),
        rows=list(zip(*columns, strict=True)),
        title=f"Forecast of {series.name}",
        notes=tuple(f"{report.target}: {report.sentence}" for report in reports),
    )


def _titles(series: Series, targets: tuple[str, ...]) -> tuple[str, ...]:
    first = "time" if series.dated else "index"
    if len(targets) == 1:
        return (first, "truth", "forecast", "naive")
    parts = ("truth", "forecast", "naive")
    return (first, *(f"{name} {part}" for name in targets for part in parts))


def _cells(values: NDArray[np.float64]) -> list[Cell]:
    cells: list[Cell] = values.tolist()
    for place in np.flatnonzero(~np.isfinite(values)):
        cells[place] = None
    return cells
