"""Forecasts beyond the end: at once, fed back, and where they must stop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tsrnn_gui.core.windows import Windowing, prepare
from tsrnn_gui.engine.forecast import future

VALUES = np.column_stack((np.arange(40.0), 100.0 + 2 * np.arange(40.0)))


def _prepared(**windowing: Any) -> Any:
    settings = {"inputs": ("a",), "targets": ("a",), "window": 4, "split": 30, "scaling": "none"}
    return prepare(VALUES, ("a", "b"), Windowing(**(settings | windowing)))


def _last_plus_slope(horizon: int) -> Any:
    """Continue each input column's line; exact on any scale, so on any level too."""

    def predict(windows: Any) -> Any:
        slope = windows[:, -1] - windows[:, -2]
        ahead = [windows[:, -1] + slope * (h + 1) for h in range(horizon)]
        return np.stack(ahead, axis=1).reshape(len(windows), -1)

    return predict


@pytest.mark.parametrize("scaling", ["none", "standard", "minmax", "window_relative"])
@pytest.mark.parametrize("horizon", [1, 3])
@pytest.mark.parametrize("columns", [("a",), ("a", "b"), ("b", "a")])
def test_that_forecasts_fed_back_continue_the_line_in_units(
    scaling: str, horizon: int, columns: tuple[str, ...]
) -> None:
    prepared = _prepared(scaling=scaling, horizon=horizon, inputs=columns, targets=columns)
    made = future(_last_plus_slope(horizon), prepared, 8)
    assert (made.recursive, made.limit) == (True, "")
    true = {"a": 40 + np.arange(8.0), "b": 180 + 2 * np.arange(8.0)}
    wanted = np.column_stack([true[name] for name in columns])
    np.testing.assert_allclose(made.values, wanted, rtol=1e-4)


def test_that_targets_in_another_order_than_the_inputs_are_fed_back_to_their_columns() -> None:
    prepared = _prepared(inputs=("a", "b"), targets=("b", "a"))
    made = future(lambda windows: _last_plus_slope(1)(windows)[:, ::-1], prepared, 5)
    np.testing.assert_allclose(made.values[-1], [188.0, 44.0], rtol=1e-4)


def test_that_a_horizon_that_reaches_far_enough_is_used_at_once() -> None:
    calls: list[int] = []

    def predict(windows: Any) -> Any:
        calls.append(len(windows))
        return _last_plus_slope(10)(windows)

    made = future(predict, _prepared(horizon=10), 7)
    assert (len(calls), made.recursive, made.values.shape) == (1, False, (7, 1))


def test_that_an_input_nobody_foresees_limits_the_future_to_the_horizon() -> None:
    prepared = _prepared(inputs=("a", "b"), targets=("a",), horizon=3)
    made = future(lambda windows: np.zeros((1, 3), np.float32), prepared, 9)
    assert len(made.values) == 3
    assert made.limit == "Only 3 steps can be foreseen, because 1 input column is not among the targets."


def test_that_a_stop_ends_a_long_forecast_with_what_was_made() -> None:
    made = future(_last_plus_slope(1), _prepared(), 1000, stopped=lambda: True)
    assert len(made.values) == 1
    assert "stopped" in made.limit


def test_that_no_steps_make_no_forecast() -> None:
    assert future(_last_plus_slope(1), _prepared(), 0).values.shape == (0, 1)
