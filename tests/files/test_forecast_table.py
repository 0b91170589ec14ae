"""A forecast as a table: the validation part, then beyond the end."""

from __future__ import annotations

import msgspec
import numpy as np

from tsrnn_gui.core.experiment import Experiment, defaults_for
from tsrnn_gui.core.series import Series, Step
from tsrnn_gui.core.validation import validation_origins
from tsrnn_gui.files.forecast_table import forecast_table


def test_that_known_and_unknown_rows_follow_each_other(spots):
    experiment = defaults_for(spots, Experiment())
    origins = validation_origins(spots, experiment.windowing)
    made = np.ones((len(origins), 1, 1))
    table = forecast_table(spots, experiment, origins, made, np.full((2, 1), 7.0))
    assert table.columns == ("time", "truth", "forecast", "naive")
    assert len(table.rows) == len(origins) + 2
    time, truth, forecast, naive = table.rows[0]
    assert time == np.datetime64("1765-01-01")
    assert (truth, forecast, naive) == (spots.values[192, 0], 1.0, spots.values[191, 0])
    assert table.rows[-1] == (np.datetime64("1769-02-01"), None, 7.0, spots.values[-1, 0])


def test_that_every_target_has_its_columns_and_gaps_are_none():
    values = np.arange(80.0).reshape(40, 2)
    values[39, 1] = np.nan
    series = Series("pair", values, ("a", "b"), np.arange(40), Step())
    experiment = defaults_for(series, Experiment())
    windowing = msgspec.structs.replace(
        experiment.windowing, inputs=("a", "b"), targets=("a", "b"), window=5, missing="previous"
    )
    experiment = msgspec.structs.replace(experiment, windowing=windowing)
    origins = np.array([38, 39])
    table = forecast_table(series, experiment, origins, np.zeros((2, 2)), np.full((1, 2), np.nan))
    assert table.columns == ("index", "a truth", "a forecast", "a naive", "b truth", "b forecast", "b naive")
    assert table.rows[1] == (39, 78.0, 0.0, 76.0, None, 0.0, 77.0)
    assert table.rows[2] == (40, None, None, 78.0, None, None, 77.0)
