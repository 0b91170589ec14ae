"""The recurrent loops written out here give what Keras's own layers give, forwards and backwards."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tsrnn_gui.core.presets import PRESETS, Preset


def _twice(make: Callable[[Any], Any], features: int) -> tuple[Any, Any]:
    """Make Keras's layer and ours with the same weights, none of them zero."""
    import keras

    from tsrnn_gui.engine.recurrent import LAYERS

    theirs, ours = make(keras.layers), make(SimpleNamespace(**LAYERS))
    random = np.random.default_rng(1)
    for layer in (theirs, ours):
        layer.build((None, 7, features))
    weights = [weight + random.normal(0, 0.1, weight.shape) for weight in theirs.get_weights()]
    theirs.set_weights(weights)
    ours.set_weights(weights)
    return theirs, ours


def _outputs_and_gradients(layer: Any, windows: Any, training: bool, compiled: bool) -> list[Any]:
    import tensorflow as tf

    @tf.function(jit_compile=compiled, autograph=False)
    def run(windows: Any) -> list[Any]:
        with tf.GradientTape() as tape:
            tape.watch(windows)
            outputs = layer(windows, training=training)
            total = tf.reduce_sum(tf.sin(outputs))
        return [outputs, *tape.gradient(total, [windows, *(v.value for v in layer.trainable_variables)])]

    return [value.numpy() for value in run(tf.constant(windows))]


def _hold_against_keras(make: Callable[[Any], Any], features: int, compiled: bool) -> None:
    """Compare outputs and gradients, of no training and of training, the latter by XLA if ``compiled``."""
    theirs, ours = _twice(make, features)
    windows = np.random.default_rng(0).normal(size=(4, 7, features)).astype(np.float32)
    wanted = _outputs_and_gradients(theirs, windows, training=False, compiled=False)
    for training in (False, True):
        found = _outputs_and_gradients(ours, windows, training, compiled and training)
        for mine, keras_own in zip(found, wanted, strict=True):
            np.testing.assert_allclose(mine, keras_own, rtol=0, atol=3e-6 * np.abs(keras_own).max())


@pytest.mark.parametrize("arguments", [{}, {"return_sequences": True, "go_backwards": True}])
@pytest.mark.parametrize("features", [1, 3])
@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_that_outputs_and_gradients_are_those_of_keras(
    kind: str, features: int, arguments: dict[str, Any]
) -> None:
    _hold_against_keras(lambda k: getattr(k, kind)(5, **arguments), features, compiled=features == 1)


@pytest.mark.parametrize(
    ("features", "every", "mode"),
    [(1, True, "concat"), (3, False, "concat"), (1, True, "sum"), (3, True, "mul"), (1, False, "ave")],
)
@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_that_two_directions_side_by_side_are_those_of_keras(
    kind: str, features: int, every: bool, mode: str
) -> None:
    def both(k: Any) -> Any:
        return k.Bidirectional(getattr(k, kind)(5, return_sequences=every), merge_mode=mode)

    _hold_against_keras(both, features, compiled=mode == "concat")


@pytest.mark.parametrize("arguments", [{"activation": "relu"}, {"dropout": 0.5}, {"use_bias": False}])
def test_that_what_the_loops_do_not_know_is_left_to_keras(arguments: dict[str, Any]) -> None:
    theirs, ours = _twice(lambda k: k.Bidirectional(k.LSTM(5, **arguments)), 2)
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
