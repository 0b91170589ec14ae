"""Formulas against TensorFlow itself: the same text run by Python here, walked by the layer there."""

import numpy as np
import pytest

from tsrnn_gui.core.formula_shapes import output_shape

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
