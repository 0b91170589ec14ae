"""The live check: shapes, weights, problems and their fixes, before any TensorFlow."""

import math
import timeit

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsrnn_gui.core.experiment import DataView, Experiment, data_view, defaults_for, verdict
from tsrnn_gui.core.layers import (
    GRU,
    KINDS,
    LSTM,
    AnyLayer,
    Conv1D,
    Dense,
    ExpandDims,
    Flatten,
    MaxPooling1D,
    Scale,
    SimpleRNN,
)
from tsrnn_gui.core.presets import PRESETS, with_preset
from tsrnn_gui.core.series import Series
from tsrnn_gui.core.shapes import axes, written
from tsrnn_gui.core.stack import check
from tsrnn_gui.core.windows import Windowing


def _series(rows: int = 200, columns: tuple[str, ...] = ("value",)) -> Series:
    values = np.random.default_rng(0).normal(50, 10, (rows, len(columns)))
    return Series("s", values, columns, np.arange(rows))


def _of(stack: tuple[AnyLayer, ...], **windowing: object) -> Experiment:
    return Experiment(windowing=Windowing(scaling="none", **windowing), stack=stack)  # type: ignore[arg-type]


def test_that_the_lessons_drawing_comes_out():
    rows = check((ExpandDims(), SimpleRNN(3, return_sequences=True)), (30,))
    assert [written(row.shape, 4) for row in rows] == ["4 × 30 × 1", "4 × 30 × 3"]
    assert written(check((ExpandDims(), SimpleRNN(3)), (30,))[-1].shape, 4) == "4 × 3"
    assert axes((30, 3)) == "batch × time × features"


@pytest.mark.parametrize(
    ("name", "weights"), [("simple-rnn", 4961), ("bilstm-2", 33601), ("simple-rnn-sweep", 4961)]
)
def test_that_presets_have_the_published_weights(name, weights):
    preset = next(preset for preset in PRESETS if preset.name == name)
    assert verdict(preset.experiment).weights == weights


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_that_every_preset_is_right_on_a_series(preset):
    series = _series()
    experiment = with_preset(defaults_for(series, Experiment()), preset)
    view = data_view(series, experiment.windowing, 32)
    assert verdict(experiment, view).problems == ()


def test_that_a_recurrent_layer_after_one_that_gave_a_vector_offers_to_return_sequences():
    rows = check((SimpleRNN(units=40), SimpleRNN(units=40)), (20, 1))
    assert rows[0].shape == (40,)
    assert rows[1].shape is None
    assert rows[1].problem.fixes[0].label == "Set return_sequences on layer 1"
    mended = rows[1].problem.fixes[0].stack
    assert [row.problem for row in check(mended, (20, 1))] == [None, None]


def test_that_after_a_problem_the_shape_is_unknown_and_not_guessed():
    rows = check((SimpleRNN(4), SimpleRNN(4), Dense(1)), (20, 1))
    assert rows[2].shape is None
    assert rows[2].problem is None


def test_that_the_lessons_axis_1_with_an_open_length_leaves_the_features_unknown():
    found = verdict(_of((ExpandDims(1), SimpleRNN(40), Dense(1)), features_axis=False, open_length=True))
    (problem,) = found.errors
    assert "how many features" in problem.text
    mended = problem.fixes[0].applied(_of((), features_axis=False, open_length=True))
    assert verdict(mended).problems == ()


def test_that_the_lessons_axis_1_with_a_fixed_window_is_warned_of():
    found = verdict(_of((ExpandDims(1), SimpleRNN(40), Dense(1)), features_axis=False))
    assert found.errors == ()
    (warning,) = found.problems
    assert "sees no time" in warning.text
    assert warning.fixes[0].stack[0] == ExpandDims(-1)


def test_that_flatten_of_an_open_length_is_refused():
    found = verdict(_of((SimpleRNN(4, return_sequences=True), Flatten(), Dense(1)), open_length=True))
    assert "length of the window" in found.problems[0].text
    assert found.errors


@pytest.mark.parametrize("layer", [Conv1D(kernel_size=30, padding="valid"), MaxPooling1D(30)])
def test_that_a_kernel_longer_than_the_window_is_refused_and_mended(layer):
    rows = check((layer,), (20, 1))
    assert "spans 30 steps, but only 20 arrive" in rows[0].problem.text
    assert check(rows[0].problem.fixes[0].stack, (20, 1))[0].problem is None


def test_that_numbers_out_of_bounds_are_problems_with_the_default_as_fix():
    rows = check((GRU(units=0), Dense(1)), (20, 1))
    assert "must be ≥ 1" in rows[0].problem.text
    assert rows[0].problem.fixes[0].stack[0] == GRU()
    assert check((Scale(math.nan),), (20,))[0].problem is not None


def test_that_an_empty_stack_says_so():
    assert "empty" in verdict(_of(())).errors[0].text


def test_that_returning_sequences_to_the_end_makes_the_target_the_shifted_window():
    found = verdict(_of((SimpleRNN(4, return_sequences=True), Dense(1))))
    assert found.contract.sequence
    assert found.contract.words == "the window shifted by one"
    assert found.contract.shape == (20, 1)
    assert found.problems == ()


@pytest.mark.parametrize(
    ("stack", "wanted", "label"),
    [
        ((SimpleRNN(4, return_sequences=True), Dense(1)), "value", "Keep only the last step on layer 1"),
        ((SimpleRNN(4), Dense(1)), "sequence", "Set return_sequences on layer 1"),
        ((SimpleRNN(4), Dense(3)), "auto", "Set units to 1 on layer 2"),
        ((SimpleRNN(4),), "value", "Add Dense 1"),
    ],
)
def test_that_an_output_that_does_not_meet_the_target_is_told_and_mended(stack, wanted, label):
    experiment = _of(stack, target=wanted)
    problem = verdict(experiment).contract.problem
    assert [fix.label for fix in problem.fixes] == [label]
    assert verdict(problem.fixes[0].applied(experiment)).problems == ()


def test_that_a_wide_horizon_asks_for_a_wide_output():
    experiment = _of((SimpleRNN(4), Dense(1)), horizon=12)
    problem = verdict(experiment).contract.problem
    assert verdict(problem.fixes[0].applied(experiment)).problems == ()
    assert problem.fixes[0].stack[-1] == Dense(12)


def test_that_a_tanh_output_that_cannot_reach_the_data_is_told_and_mended():
    experiment = _of((LSTM(1),))
    found = verdict(experiment, DataView(range=(-21.6, 122.3)))
    (problem,) = found.errors
    assert "−1 … 1" in problem.text
    for fix in problem.fixes:
        assert verdict(fix.applied(experiment), DataView(range=(-21.6, 122.3))).problems == ()


def test_that_window_relative_scaling_is_refused_for_sequences_and_mended():
    experiment = Experiment(Windowing(), (SimpleRNN(4, return_sequences=True), Dense(1)))
    (problem,) = verdict(experiment).errors
    assert verdict(problem.fixes[0].applied(experiment)).problems == ()


def test_that_a_series_too_short_is_told_with_the_inequality_and_mended():
    series = _series(15)
    experiment = _of((SimpleRNN(4), Dense(1)), inputs=("value",), targets=("value",), split=12)
    found = verdict(experiment, data_view(series, experiment.windowing, 32))
    assert "15 rows < window 20 + horizon 1 + 1" in found.errors[0].text
    mended = found.errors[0].fixes[0].applied(experiment)
    assert verdict(mended, data_view(series, mended.windowing, 32)).errors == ()


def test_that_a_constant_series_and_missing_values_are_refused():
    windowing = Windowing(inputs=("value",), targets=("value",), split=160)
    flat = Series("s", np.full((200, 1), 5.0), ("value",), np.arange(200))
    assert "constant (5)" in data_view(flat, windowing, 32).problems[0].text
    holes = _series()
    holes.values[3, 0] = np.nan
    (problem,) = data_view(holes, windowing, 32).problems
    assert "1 value is missing" in problem.text
    assert {fix.windowing.missing for fix in problem.fixes} == {"previous", "linear"}


def test_that_fifty_layers_are_checked_in_under_a_millisecond():
    stack = (LSTM(32, return_sequences=True),) * 49 + (Dense(1),)
    experiment = _of(stack)
    # the least of many tries, so that a busy machine cannot fail it: it takes about a tenth of that
    assert min(timeit.repeat(lambda: verdict(experiment), number=1, repeat=200)) < 1e-3


_layers = st.one_of([st.from_type(kind) for kind in KINDS])


@given(st.lists(_layers, max_size=6).map(tuple), st.booleans(), st.booleans())
def test_that_the_check_never_raises_and_every_stack_survives_json(stack, features, open_length):
    experiment = _of(stack, features_axis=features, open_length=open_length)
    assert len(verdict(experiment).rows) == len(stack)
    if all(row.problem is None or "must be" not in row.problem.text for row in verdict(experiment).rows):
        assert msgspec.json.decode(msgspec.json.encode(experiment), type=Experiment) == experiment
