"""The numpy scorer against Keras itself: every kind of layer, every preset, and as a program of its own."""

import itertools
import json
from typing import get_args

import numpy as np
import pytest

from tsrnn_gui.core import numpy_scorer
from tsrnn_gui.core.fields import fields
from tsrnn_gui.core.formula_tree import FUNCTIONS
from tsrnn_gui.core.layer_base import Activation
from tsrnn_gui.core.layers import KINDS, ActivationLayer, Dense, Formula, Layer
from tsrnn_gui.core.numpy_scorer import ACTIVATIONS, LAYERS
from tsrnn_gui.core.scorer_files import call_data

FORMULAS = (
    "lambda x: x * 2 + 1 - x / 3",
    "lambda x: 2 ** -x",
    "lambda x: x[:, 1:] - x[:, :-1]",
    "lambda x: x[..., tf.newaxis]",
    "lambda x: x[:, ::2, 0]",
    "lambda x: x[:, -1:] ** 2",
    "lambda x: tf.math.log1p(tf.abs(x)) / tf.sqrt(tf.square(x) + 1)",
    "lambda x: tf.math.log(tf.exp(-x)) + tf.tanh(x)",
    "lambda x: tf.clip_by_value(x, -1.0, 0.5)",
    "lambda x: x - tf.reduce_mean(x, axis=1, keepdims=True)",
    "lambda x: tf.reduce_max(x, axis=[1, 2]) + tf.reduce_min(x, axis=[1, 2])",
    "lambda x: tf.reduce_sum(x, axis=-1)",
    "lambda x: tf.expand_dims(x, axis=1)",
    "lambda x: tf.squeeze(x[:, :1], axis=1)",
    "lambda x: tf.reshape(x, [-1, 3, 8])",
    "lambda x: tf.transpose(x, perm=[0, 2, 1])",
    "lambda x: tf.concat([x, tf.cast(x, tf.float32)], axis=-1)",
)
SIZES = {"units": (3,), "filters": (4,), "kernel_size": (2, 3), "pool_size": (3,), "n": (3,)}
SIZES |= {"strides": (1, 2), "dilation_rate": (1, 2), "axis": (-1, 1), "text": FORMULAS}


def _variants(kind: type[Layer]) -> list[Layer]:
    """Every choice and switch of ``kind`` together with small sizes, numbers at their defaults."""
    values = []
    for field in fields(kind):
        choices = (False, True) if field.kind == "bool" else field.choices if field.kind == "choice" else ()
        if field.name == "activation":
            choices = ("tanh", "relu")
        values.append(SIZES.get(field.name) or choices or (field.default,))
    names = [field.name for field in fields(kind)]
    made = [kind(**dict(zip(names, chosen, strict=True))) for chosen in itertools.product(*values)]
    return [m for m in made if not (getattr(m, "strides", 1) > 1 and getattr(m, "dilation_rate", 1) > 1)]


def _both(stack, given):
    """Give what Keras and the scorer put out for ``given``, weights and statistics drawn at random."""
    from tsrnn_gui.engine.build import stacked

    model = stacked(stack, given.shape[1:])
    draw = np.random.default_rng(5)
    model.set_weights(
        [draw.uniform(0.1, 0.6, w.shape) * draw.choice((-1, 1)) ** (w.ndim > 1) for w in model.get_weights()]
    )
    shape, layers, arrays = given.shape[1:], [], {}
    for place, (layer, real) in enumerate(zip(stack, model.layers, strict=True)):
        names = [f"{place}.{nth}" for nth in range(len(real.get_weights()))]
        arrays |= dict(zip(names, real.get_weights(), strict=True))
        layers.append({**call_data(layer.keras_call(shape)), "weights": names})
        shape = layer.output_shape(shape)
    layers = json.loads(json.dumps(layers))
    return np.asarray(model(given, training=False)), numpy_scorer.run(layers, arrays, given)


def _close(mine, wanted, **about):
    assert mine.shape == wanted.shape
    np.testing.assert_allclose(mine, wanted, rtol=1e-5, atol=1e-5 * np.abs(wanted).max(), **about)


def _given(kind: type[Layer]):
    draw = np.random.default_rng(3)
    given = draw.normal(size=(5, 12, 2)).astype(np.float32)
    given[:, 4:6] = 0
    return given[:, :, 0] if kind.title in ("RepeatVector",) else given


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.title)
def test_that_every_layer_puts_out_what_keras_does(kind):
    for layer in _variants(kind):
        name = layer.keras_call((12, 2) if kind.title != "RepeatVector" else (12,)).name
        assert name in LAYERS, f"numpy_scorer.LAYERS needs a function for {name}, as {kind.title} makes it"
        wanted, mine = _both((layer,), _given(kind))
        _close(mine, wanted, err_msg=str(layer))


@pytest.mark.parametrize("activation", get_args(Activation))
def test_that_every_activation_puts_out_what_keras_does(activation):
    assert activation in ACTIVATIONS, f"numpy_scorer.ACTIVATIONS needs {activation}"
    given = np.linspace(-30, 30, 240, dtype=np.float32).reshape(5, 24, 2)
    wanted, mine = _both((ActivationLayer(activation),), given)
    _close(mine, wanted)


def test_that_every_function_of_formulas_is_tried():
    used = " ".join(FORMULAS)
    assert all(function.printed in used for function in FUNCTIONS.values())
    wanted, mine = _both((Formula("lambda x: tf.sqrt(x)"), Dense(1)), _given(Dense))
    assert np.isnan(wanted).any() and np.array_equal(np.isnan(mine), np.isnan(wanted))


def _tails(keras):
    """Layers behind a masked one, and what describes them: each reads the mask or passes it on."""
    layers = keras.layers
    yield [], []
    yield [layers.GlobalAveragePooling1D()], [("GlobalAveragePooling1D", {})]
    described = [("TimeDistributed", {"layer": {"class": "Dense", "arguments": {"units": 3}}})]
    described += [("LayerNormalization", {}), ("BatchNormalization", {}), ("LSTM", {"units": 3})]
    spread = layers.TimeDistributed(layers.Dense(3))
    yield [spread, layers.LayerNormalization(), layers.BatchNormalization(), layers.LSTM(3)], described


@pytest.mark.parametrize("merge", [None, "concat", "sum", "ave", "mul"])
@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
def test_that_masked_steps_are_passed_over_as_keras_does(name, merge):
    import keras

    given = np.random.default_rng(2).normal(size=(4, 9, 3)).astype(np.float32)
    given[:, :2] = given[1, 4] = given[2, 7:] = 0
    for tail, described in _tails(keras):
        arguments = {"units": 4, "return_sequences": bool(tail) or merge == "sum"}
        arguments |= {"go_backwards": merge is None}
        layer, written = getattr(keras.layers, name)(**arguments), (name, arguments)
        if merge:
            inner = {"class": name, "arguments": arguments}
            layer = keras.layers.Bidirectional(layer, merge_mode=merge)
            written = ("Bidirectional", {"layer": inner, "merge_mode": merge})
        model = keras.Sequential([keras.Input((9, 3)), keras.layers.Masking(), layer, *tail])
        layers, arrays = [], {}
        for real, (kind, about) in zip(model.layers, [("Masking", {}), written, *described], strict=True):
            names = [f"{real.name}.{nth}" for nth in range(len(real.get_weights()))]
            arrays |= dict(zip(names, real.get_weights(), strict=True))
            layers.append({"class": kind, "arguments": about, "weights": names})
        _close(numpy_scorer.run(layers, arrays, given), np.asarray(model(given)))
