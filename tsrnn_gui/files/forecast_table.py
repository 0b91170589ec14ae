"""A run's forecast as a table to take away: the validation part beside the truth, then the future."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.runs import Report, naive_line
from tsrnn_gui.core.series import Series, next_times
from tsrnn_gui.files.exporters import ForecastTable


def forecast_table(
    series: Series,
    experiment: Experiment,
    origins: NDArray[np.int64],
    validation: NDArray[np.float64],
    future: NDArray[np.float64],
    reports: tuple[Report, ...] = (),
) -> ForecastTable:
    """Lay out one-step forecasts at ``origins`` and ``future`` (steps, targets), a row a time.

    ``validation`` is (windows, horizon, targets); its first step is shown. Truth is empty for the future
    and for values that are missing.
    """
    targets = experiment.windowing.targets
    columns = ["time", "part"]
    for name in targets:
        columns += [f"{name} truth", f"{name} forecast", f"{name} naive"]
    rows: list[tuple[Any, ...]] = []
    naive = [naive_line(series, experiment, name, origins) for name in targets]
    for place, row in enumerate(origins):
        cells: list[Any] = [series.times[row], "validation"]
        for k, name in enumerate(targets):
            truth = series.column(name)[row]
            cells += [_number(truth), _number(validation[place, 0, k]), _number(naive[k][place])]
        rows.append(tuple(cells))
    rows += _future_rows(series, experiment, future)
    return ForecastTable(tuple(columns), rows, f"Forecast of {series.name}", notes_of(series, reports))


def notes_of(series: Series, reports: tuple[Report, ...]) -> tuple[str, ...]:
    """Say beside the numbers how far they can be believed."""
    said = [f"{report.target}: {report.sentence}" for report in reports]
    return (*said, *series.notes)


def _future_rows(
    series: Series, experiment: Experiment, future: NDArray[np.float64]
) -> list[tuple[Any, ...]]:
    last = [
        naive_line(series, experiment, name, np.array([len(series)])) for name in experiment.windowing.targets
    ]
    rows = []
    for place, time in enumerate(next_times(series, len(future))):
        cells: list[Any] = [time, "future"]
        for k in range(future.shape[1]):
            cells += [None, _number(future[place, k]), _number(last[k][0])]
        rows.append(tuple(cells))
    return rows


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
