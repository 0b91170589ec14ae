"""Formulas as layers of Keras's own, where there are such."""

import pytest

from tsrnn_gui.core.layers import GRU, Dense, ExpandDims, Formula, Scale
from tsrnn_gui.core.portable import portable_calls
from tsrnn_gui.core.problems import TsrnnError


def _calls(text):
    return [(call.name, *call.arguments.values()) for call in portable_calls((Formula(text),), (6, 2))[0]]


@pytest.mark.parametrize(
    "text, calls",
    [
        ("x * 2 + 1", [("Rescaling", 2.0, 0.0), ("Rescaling", 1.0, 1.0)]),
        ("1 - x / 4", [("Rescaling", 0.25, 0.0), ("Rescaling", -1.0, 1.0)]),
        ("tf.tanh(-x)", [("Rescaling", -1.0, 0.0), ("Activation", "tanh")]),
        ("x[:, -2:]", [("Cropping1D", (4, 0))]),
        ("x[:, 1:-1, :]", [("Cropping1D", (1, 1))]),
        ("x[:, -1]", [("Cropping1D", (5, 0)), ("Reshape", (2,))]),
        ("tf.transpose(x, [0, 2, 1])", [("Permute", (2, 1))]),
        ("tf.reduce_mean(x, axis=1)", [("GlobalAveragePooling1D",)]),
        ("tf.reshape(tf.cast(x, tf.float32), [-1, 3, 4])", [("Reshape", (3, 4))]),
    ],
)
def test_that_a_formula_is_spelled_with_layers_of_keras(text, calls):
    assert _calls(text) == calls


@pytest.mark.parametrize(
    "text",
    ["x[:, 1:] - x[:, :-1]", "tf.math.log1p(tf.abs(x))", "x ** 2", "x[:, ::2]", "x[..., 0]", "2 / x", "x[:]"],
)
def test_that_a_formula_without_such_a_spelling_is_refused_by_name(text):
    with pytest.raises(TsrnnError, match=r"^Layer 2, “.*”, is a formula"):
        portable_calls((GRU(2, return_sequences=True), Formula(text)), (6, 2))


def test_that_the_lessons_two_lambdas_are_spelled_with_reshape_and_rescaling():
    calls = portable_calls((ExpandDims(), GRU(3), Dense(1), Scale(100.0)), (6,))
    assert [call.name for (call,) in calls] == ["Reshape", "GRU", "Dense", "Rescaling"]
