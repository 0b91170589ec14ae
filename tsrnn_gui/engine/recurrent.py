"""Keras's recurrent layers with loops of our own: the same numbers, in less time.

Weights, configuration and everything around the loop stay Keras's. A layer that does more than the loops
here know (another activation, dropout, a mask) runs Keras's own. Shapes are (batch, time, features).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from tsrnn_gui.engine.recurrences import GruRecurrence, LstmRecurrence, Recurrence, SimpleRecurrence


class _Loop:
    """What the three layers share: whether the loop here may be used, and the way in and out of it."""

    recurrence: type[Recurrence]

    def inner_loop(self, sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
        """Give (last output, outputs, states) as Keras's loop does; states begin at zero."""
        if not _known(self, sequences, mask):
            return super().inner_loop(sequences, initial_state, mask, training)  # type: ignore[misc]
        ((last, outputs),) = _walked([self], sequences, training)
        return last, outputs, [last]


@keras.saving.register_keras_serializable("tsrnn_gui")  # Bidirectional copies its layer by name
class SimpleRNN(_Loop, keras.layers.SimpleRNN):  # type: ignore[misc]
    """h = tanh(x W + h U + b)."""

    recurrence = SimpleRecurrence


@keras.saving.register_keras_serializable("tsrnn_gui")  # Bidirectional copies its layer by name
class LSTM(_Loop, keras.layers.LSTM):  # type: ignore[misc]
    """Gates i, f, g, o of x W + h U + b; c = f c + i g, h = o tanh(c)."""

    recurrence = LstmRecurrence


@keras.saving.register_keras_serializable("tsrnn_gui")  # Bidirectional copies its layer by name
class GRU(_Loop, keras.layers.GRU):  # type: ignore[misc]
    """Gates z, r and candidate g, reset after the product; h = z h + (1 − z) g."""

    recurrence = GruRecurrence


class Bidirectional(keras.layers.Bidirectional):  # type: ignore[misc]
    """Both directions side by side, where the loops here know both."""

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: Any = None) -> Any:
        layers = (self.forward_layer, self.backward_layer)
        known = all(isinstance(layer, _Loop) and _known(layer, sequences, mask) for layer in layers)
        if not known or initial_state is not None:
            return super().call(sequences, initial_state, mask, training)
        (last, forwards), (first, backwards) = _walked(layers, sequences, training)
        merged = _MERGED[self.merge_mode]
        return merged(forwards, tf.reverse(backwards, (1,))) if self.return_sequences else merged(last, first)


LAYERS = {"SimpleRNN": SimpleRNN, "LSTM": LSTM, "GRU": GRU, "Bidirectional": Bidirectional}
"""Keras's name of each layer that is replaced here."""

_MERGED: dict[str, Callable[[Any, Any], Any]] = {
    "concat": lambda a, b: tf.concat([a, b], -1),
    "sum": lambda a, b: a + b,
    "ave": lambda a, b: (a + b) / 2,
    "mul": lambda a, b: a * b,
}


def _known(layer: Any, sequences: Any, mask: Any) -> bool:
    cell, k = layer.cell, keras.activations
    return bool(
        mask is None
        and sequences.shape[1] is not None
        and cell.activation is k.tanh
        and getattr(cell, "recurrent_activation", k.sigmoid) is k.sigmoid
        and getattr(cell, "reset_after", True)
        and cell.use_bias
        and not cell.dropout
        and not cell.recurrent_dropout
        and not layer.stateful
        and not layer.return_state
    )


def _walked(layers: Sequence[Any], sequences: Any, training: Any) -> list[tuple[Any, Any]]:
    """Walk ``layers`` of one kind over the same sequences; give each one's last output, and all as walked.

    Side by side they train faster; without the compiler, as they foresee, they are faster one by one.
    """
    onwards = tf.transpose(sequences, (1, 0, 2))
    arrays = [_arrays(layer, onwards) for layer in layers]
    recurrence = layers[0].recurrence(layers[0].return_sequences)
    if not training:
        walked = [recurrence.foreseen(*each) for each in arrays]
    else:
        steps, *weights = zip(*arrays, strict=True)
        last, outputs = recurrence.trained(tf.stack(steps, 1), *(tf.stack(weight) for weight in weights))
        walked = list(zip(tf.unstack(last), tf.unstack(outputs, axis=1), strict=True))
    if not recurrence.every:
        return [(last, last) for last, _ in walked]
    return [(last, tf.transpose(outputs, (1, 0, 2))) for last, outputs in walked]


def _arrays(layer: Any, onwards: Any) -> tuple[Any, ...]:
    """Give steps (time, batch, features) in the order they are walked, and kernel, recurrent kernel, bias."""
    cell = layer.cell
    weights = (cell.kernel, cell.recurrent_kernel, cell.bias)
    kernel, recurrent, bias = (tf.identity(keras.ops.convert_to_tensor(weight)) for weight in weights)
    steps = tf.reverse(onwards, (0,)) if layer.go_backwards else onwards
    return steps, kernel, recurrent, tf.reshape(bias, (-1, bias.shape[-1]))
