"""Where the forecasts of the validation part start, and how one-step forecasts are judged as they come."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.runs import Report, complete, reports
from tsrnn_gui.core.scores import scores
from tsrnn_gui.core.series import Series
from tsrnn_gui.core.windows import Windowing, starts


def validation_origins(series: Series, windowing: Windowing) -> NDArray[np.int64]:
    """Give the rows that the first forecast step of each validation window stands for, (windows,)."""
    out = [series.columns.index(name) for name in windowing.targets]
    observed = np.asarray(np.isfinite(series.values[:, out]).all(axis=1))
    _, validation = starts(len(series), windowing, observed)
    return validation.astype(np.int64) + windowing.window


class Judge:
    """Holds one-step validation forecasts against the simple rules, which are worked out only once."""

    def __init__(self, series: Series, experiment: Experiment) -> None:
        one_step = msgspec.structs.replace(experiment.windowing, horizon=1)
        self._experiment = msgspec.structs.replace(experiment, windowing=one_step)
        self._series = series
        self.origins = validation_origins(series, experiment.windowing)
        self._first: tuple[Report, ...] = ()

    def judged(self, values: NDArray[np.float64]) -> tuple[Report, ...]:
        """Give a report a target for ``values`` (windows, targets); none if they do not fit the windows."""
        if len(values) != len(self.origins) or not len(values):
            return ()
        if not self._first:
            self._first = reports(self._series, self._experiment, self.origins, values[:, None, :])
            return self._first
        return tuple(self._again(report, values[:, place]) for place, report in enumerate(self._first))

    def _again(self, report: Report, values: NDArray[np.float64]) -> Report:
        truth = complete(self._series, self._experiment, report.target)[self.origins]
        training = self._series.column(report.target)[: self._experiment.windowing.split]
        return msgspec.structs.replace(report, network=scores(truth, values, training))
