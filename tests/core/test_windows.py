"""Windows, scaling and split: nothing of the validation part may reach what is fitted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.windows import Windowing, filled, in_units, levels, prepare, truth, window_counts

_SCALINGS = ["none", "standard", "minmax", "window_relative"]


def _windowing(**fields) -> Windowing:
    return Windowing(**{"inputs": ("a",), "targets": ("a",), "split": 80, "window": 10, **fields})


def _values(rows=100, columns=1):
    return np.random.default_rng(1).normal(20, 5, (rows, columns)).cumsum(axis=0)


def test_that_the_lessons_split_gives_980_windows_and_31_steps():
    counts = window_counts(1461, _windowing(window=20, split=1000), 32)
    assert (counts.training, counts.steps, counts.validation) == (980, 31, 461)


@given(
    st.integers(1, 30), st.integers(1, 9), st.integers(1, 5), st.integers(0, 120), st.sampled_from(_SCALINGS)
)
def test_that_counts_by_arithmetic_equal_the_windows_made(window, horizon, stride, split, scaling):
    w = _windowing(window=window, horizon=horizon, stride=stride, split=split, scaling=scaling)
    values = _values(120)
    made = prepare(values, ("a",), w)
    counts = window_counts(120, w, 32)
    assert (len(made.training), len(made.validation)) == (counts.training, counts.validation)
    assert all(made.training + window + horizon <= split)
    assert all(made.validation + window >= split)


@pytest.mark.parametrize("scaling", _SCALINGS)
def test_that_nothing_after_the_split_changes_what_was_fitted(scaling):
    values = _values()
    other = values.copy()
    other[80:] *= 1000
    one, two = (prepare(v, ("a",), _windowing(scaling=scaling)) for v in (values, other))
    assert np.array_equal(one.inputs[:80], two.inputs[:80])
    assert np.array_equal(one.scale, two.scale)


@pytest.mark.parametrize("scaling", _SCALINGS)
def test_that_scaled_targets_lead_back_to_the_units(scaling):
    made = prepare(_values(), ("a",), _windowing(scaling=scaling, horizon=3))
    first = made.validation
    rows = first[:, None] + 10 + np.arange(3)
    scaled = made.targets[rows] - levels(made, first)[:, None, :]
    assert np.allclose(in_units(made, scaled, first), truth(made, first), rtol=1e-4)


def test_that_missing_values_are_refused_unless_a_rule_was_chosen():
    values = _values()
    values[5, 0] = np.nan
    with pytest.raises(TsrnnError, match="1 values are missing"):
        prepare(values, ("a",), _windowing())


def test_that_filling_knows_only_the_past_or_draws_straight_lines():
    values = np.array([[np.nan], [1.0], [np.nan], [np.nan], [4.0]])
    assert filled(values, "previous").ravel().tolist() == [1, 1, 1, 1, 4]
    assert filled(values, "linear").ravel().tolist() == [1, 1, 2, 3, 4]


def test_that_no_window_is_trained_towards_or_scored_on_a_filled_value():
    values = _values()
    values[[40, 90], 0] = np.nan
    made = prepare(values, ("a",), _windowing(missing="previous"))
    assert 40 - 10 not in made.training
    assert 90 - 10 not in made.validation
    assert len(made.training) == 69
    assert len(made.validation) == 19


def test_that_an_unknown_column_is_named_with_those_there_are():
    with pytest.raises(TsrnnError, match="“b”") as error:
        prepare(_values(), ("a",), _windowing(inputs=("b",)))
    assert "a" in error.value.hint
