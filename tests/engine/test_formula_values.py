"""Formulas against TensorFlow itself: the same text run by Python here, walked by the layer there."""

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tsrnn_gui.core.formula_shapes import output_shape
from tsrnn_gui.core.formula_tree import FUNCTIONS

TEXTS = (
    "lambda x: x * 2 + 1 - x / 3",
    "lambda x: x[:, 1:] - x[:, :-1]",
    "lambda x: x[:, -1:] ** 2",
    "lambda x: 2 ** x",
    "lambda x: x[..., tf.newaxis]",
    "lambda x: x[:, ::2, 0]",
    "lambda x: tf.math.log1p(tf.abs(x)) / tf.sqrt(tf.square(x) + 1)",
    "lambda x: tf.math.log(tf.exp(-x)) + tf.tanh(x)",
    "lambda x: tf.clip_by_value(x, -1.0, 0.5)",
    "lambda x: x - tf.reduce_mean(x, axis=1, keepdims=True)",
    "lambda x: tf.reduce_max(x, axis=[1, 2]) + tf.reduce_min(x, axis=[1, 2])",
    "lambda x: tf.reduce_sum(x, axis=-1)",
    "lambda x: tf.expand_dims(x, axis=1)",
    "lambda x: tf.squeeze(x[:, :1], axis=1)",
    "lambda x: tf.reshape(x, [-1, 3, 4])",
    "lambda x: tf.transpose(x, perm=[0, 2, 1])",
    "lambda x: tf.concat([x, tf.cast(x, tf.float32)], axis=-1)",
)


@pytest.mark.parametrize("text", TEXTS)
def test_that_a_formula_puts_out_what_its_lambda_does(text):
    import tensorflow as tf

    from tsrnn_gui.engine.formula import Formula

    given = np.random.default_rng(3).normal(size=(5, 6, 2)).astype(np.float32)
    wanted = eval(text, {"tf": tf})(tf.constant(given)).numpy()  # the test's own text, as the oracle
    layer = Formula(text)
    np.testing.assert_allclose(layer(given).numpy(), wanted, rtol=1e-6)
    compiled = tf.function(layer, jit_compile=True, autograph=False)(tf.constant(given))
    np.testing.assert_allclose(compiled.numpy(), wanted, rtol=1e-5, atol=1e-6)
    assert output_shape(text, (6, 2)) == wanted.shape[1:]


_axes = st.sampled_from(["-3", "-2", "-1", "1", "2", "3", "[1, 2]", "[-1]"])
_numbers = st.sampled_from(["2", "-1.5", "0.5", "3.0"])
_slices = st.sampled_from(
    ["[:, -1:]", "[:, 1:]", "[:, :-1]", "[:, ::2]", "[:, 0]", "[..., 0]", "[..., tf.newaxis]", "[:, :, -1:]"]
)
_sizes = st.sampled_from(["[-1, 12]", "[-1, 3, 4]", "[-1, 2, 6]", "[-1, 6, 2, 1]", "[-1, 1, 12]", "[-1, 5]"])
_orders = st.sampled_from(["[0, 2, 1]", "[0, 1]", "[0, 1, 2]", "[0, 2, 3, 1]"])
_PLAIN = [FUNCTIONS[name].printed for name in ("exp", "log", "log1p", "sqrt", "abs", "tanh", "square")]
_REDUCING = [FUNCTIONS[name].printed for name in ("mean", "max", "min", "sum")]


def _grown(part):
    """Every function of the vocabulary, each option with values that fit some shapes and not others."""
    said = {
        "{0}({1})": (st.sampled_from(_PLAIN), part),
        "({1} {0} {2})": (st.sampled_from("+-*/"), part, part | _numbers),
        "{0} ** 2": (part.map("({})".format),),
        "-{0}": (part,),
        "({0}){1}": (part, _slices),
        "{0}({1}, axis={2}, keepdims={3})": (st.sampled_from(_REDUCING), part, _axes, st.booleans()),
        "tf.clip_by_value({0}, -1.0, {1})": (part, st.sampled_from(["0.5", "2.0"])),
        "tf.expand_dims({0}, axis={1})": (part, st.sampled_from(["-1", "1", "2", "3"])),
        "tf.squeeze({0}, axis={1})": (part, st.sampled_from(["-1", "1", "2"])),
        "tf.reshape({0}, {1})": (part, _sizes),
        "tf.transpose({0}, {1})": (part, _orders),
        "tf.concat([{0}, {1}], axis={2})": (part, part, st.sampled_from(["-1", "1", "2"])),
        "tf.cast({0}, tf.float32)": (part,),
    }
    return st.one_of(
        [st.tuples(*parts).map(lambda t, form=form: form.format(*t)) for form, parts in said.items()]
    )


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.recursive(st.just("x"), _grown, max_leaves=5))
@example("(x + tf.expand_dims(x, axis=1))")  # every window beside every other
def test_that_any_formula_has_the_shapes_and_values_of_tensorflow(body):
    import tensorflow as tf

    from tsrnn_gui.engine.formula import Formula

    text = f"lambda x: {body}"
    values = np.random.default_rng(3).normal(size=(7, 6, 2)).astype(np.float32)

    def said(windows):
        try:
            return eval(text, {"tf": tf})(tf.constant(values[:windows])).numpy()  # put together above
        except (tf.errors.InvalidArgumentError, ValueError):
            return None

    wanted, fewer = said(7), said(5)
    try:
        shape = output_shape(text, (6, 2))
    except ValueError as error:
        # stricter where windows would be mixed or nothing is left: never where TensorFlow keeps them apart
        kept = all(len(np.shape(each)) and len(each) == count for each, count in ((wanted, 7), (fewer, 5)))
        kept = kept and np.shape(wanted)[1:] == np.shape(fewer)[1:]  # what one gives is of one shape
        assert not kept or not wanted.size or "batch" in str(error), text
        return
    assert wanted is not None, text
    assert shape == wanted.shape[1:]
    np.testing.assert_allclose(Formula(text)(values).numpy(), wanted, rtol=1e-5, atol=1e-5)
