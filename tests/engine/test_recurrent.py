"""The recurrent loops written out here give what Keras's own layers give, forwards and backwards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tsrnn_gui.core.presets import PRESETS, Preset


def _pair(kind: str, features: int, **arguments: Any) -> tuple[Any, Any]:
    """Make Keras's layer and ours with the same weights, none of them zero."""
    import keras

    from tsrnn_gui.engine.recurrent import LAYERS

    theirs, ours = getattr(keras.layers, kind)(5, **arguments), LAYERS[kind](5, **arguments)
    random = np.random.default_rng(1)
    for layer in (theirs, ours):
        layer.build((None, 7, features))
    weights = [weight + random.normal(0, 0.1, weight.shape) for weight in theirs.get_weights()]
    theirs.set_weights(weights)
    ours.set_weights(weights)
    return theirs, ours


def _outputs_and_gradients(layer: Any, windows: Any, compiled: bool) -> list[Any]:
    import tensorflow as tf

    @tf.function(jit_compile=compiled, autograph=False)
    def run(windows: Any) -> list[Any]:
        with tf.GradientTape() as tape:
            tape.watch(windows)
            outputs = layer(windows)
            total = tf.reduce_sum(tf.sin(outputs))
        return [outputs, *tape.gradient(total, [windows, *(v.value for v in layer.trainable_variables)])]

    return [value.numpy() for value in run(tf.constant(windows))]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("arguments", [{}, {"return_sequences": True, "go_backwards": True}])
@pytest.mark.parametrize("features", [1, 3])
@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_that_outputs_and_gradients_are_those_of_keras(
    kind: str, features: int, arguments: dict[str, Any], compiled: bool
) -> None:
    theirs, ours = _pair(kind, features, **arguments)
    windows = np.random.default_rng(0).normal(size=(4, 7, features)).astype(np.float32)
    wanted = _outputs_and_gradients(theirs, windows, compiled=False)
    for mine, keras_own in zip(_outputs_and_gradients(ours, windows, compiled), wanted, strict=True):
        np.testing.assert_allclose(mine, keras_own, rtol=0, atol=3e-6 * np.abs(keras_own).max())


@pytest.mark.parametrize("arguments", [{"activation": "relu"}, {"dropout": 0.5}, {"use_bias": False}])
def test_that_what_the_loops_do_not_know_is_left_to_keras(arguments: dict[str, Any]) -> None:
    theirs, ours = _pair("LSTM", 2, **arguments)
    windows = np.random.default_rng(0).normal(size=(4, 7, 2)).astype(np.float32)
    np.testing.assert_array_equal(ours(windows), theirs(windows))


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_that_no_layer_of_a_preset_falls_back_to_the_loop_of_keras(
    preset: Preset, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    from tsrnn_gui.engine.build import model_of, window_shape

    model = model_of(preset.experiment)
    shape = window_shape(preset.experiment)
    monkeypatch.setattr(keras.layers.RNN, "inner_loop", _fallen_back)
    for kind in ("SimpleRNN", "LSTM", "GRU"):
        monkeypatch.setattr(getattr(keras.layers, kind), "inner_loop", _fallen_back)
    model(np.zeros((2, *shape), np.float32), training=True)


def _fallen_back(*_: Any, **__: Any) -> None:
    raise AssertionError("a layer runs Keras's loop")
