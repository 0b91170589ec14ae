"""Keras's recurrent layers with loops of our own: the same numbers, in less time.

Backpropagation through time is written out instead of derived: what the loop must carry is small, the
gradients of the weights become one product over all steps after it, and the program is compiled in half
the time. Weights, configuration and everything around the loop stay Keras's; a layer that does more than
the loops here know (another activation, dropout, a mask) runs Keras's own.

Shapes are (batch, time, features) outside and (time, batch, features) within.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

Cells = Callable[..., tuple[Any, ...]]


class _Loop:
    """What the three layers share: whether the loop here may be used, and the way in and out of it."""

    gates: int

    def inner_loop(self, sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
        """Give (last output, outputs, states) as Keras's loop does; states begin at zero."""
        if mask is not None or not _known(self) or sequences.shape[1] is None:
            return super().inner_loop(sequences, initial_state, mask, training)  # type: ignore[misc]
        cell: Any = self.cell  # type: ignore[attr-defined]
        weights = [cell.kernel, cell.recurrent_kernel, *([cell.bias] if cell.use_bias else [])]
        kernel, recurrent, *bias = (tf.identity(keras.ops.convert_to_tensor(weight)) for weight in weights)
        steps = tf.transpose(sequences, (1, 0, 2))
        went = Way(sequences.shape[1], self.go_backwards)  # type: ignore[attr-defined]
        states = self.steps_taken(went, steps, kernel, recurrent, *bias)
        outputs = states[0]
        last = outputs[went.last]
        if went.backwards:
            outputs = tf.reverse(outputs, (0,))
        return last, tf.transpose(outputs, (1, 0, 2)), [state[went.last] for state in states]

    def steps_taken(self, way: Way, *arrays: Any) -> tuple[Any, ...]:
        """Give each state at every step, (time, batch, units), in the order of time."""
        raise NotImplementedError


def _known(layer: Any) -> bool:
    cell, k = layer.cell, keras.activations
    return bool(
        cell.activation is k.tanh
        and getattr(cell, "recurrent_activation", k.sigmoid) is k.sigmoid
        and getattr(cell, "reset_after", True)
        and cell.use_bias
        and not cell.dropout
        and not cell.recurrent_dropout
        and not layer.stateful
        and not layer.zero_output_for_mask
    )


@dataclass(frozen=True)
class Way:
    """The order in which ``steps`` moments are walked through."""

    steps: int
    backwards: bool

    @property
    def last(self) -> int:
        """The moment that is walked through last."""
        return 0 if self.backwards else self.steps - 1

    def walked(self, body: Callable[..., Any], *carried: Any) -> Any:
        """Run ``body(moment, *carried)`` along the way and give what it carries at the end."""
        return self._loop(0 if not self.backwards else self.steps - 1, self._sign, body, carried)

    def walked_back(self, body: Callable[..., Any], *carried: Any) -> Any:
        """Run ``body(moment, *carried)`` against the way."""
        return self._loop(self.last, -self._sign, body, carried)

    def before(self, states: Any) -> Any:
        """Give the state that each moment began with; the first began with zeros."""
        zeros = tf.zeros_like(states[:1])
        parts = [states[1:], zeros] if self.backwards else [zeros, states[:-1]]
        return tf.concat(parts, 0)

    @property
    def _sign(self) -> int:
        return -1 if self.backwards else 1

    def _loop(self, first: int, sign: int, body: Callable[..., Any], carried: Any) -> Any:
        def more(done: Any, *_: Any) -> Any:
            return done < self.steps

        def once(done: Any, *given: Any) -> Any:
            return done + 1, *body(first + sign * done, *given)

        return tf.while_loop(more, once, (tf.constant(0), *carried), maximum_iterations=self.steps)[1:]


@keras.saving.register_keras_serializable("tsrnn_gui")  # Bidirectional copies its layer by name
class SimpleRNN(_Loop, keras.layers.SimpleRNN):  # type: ignore[misc]
    """h = tanh(x W + h U + b)."""

    def steps_taken(self, way: Way, *arrays: Any) -> tuple[Any, ...]:
        return (_simple(way)(*arrays),)


@keras.saving.register_keras_serializable("tsrnn_gui")  # Bidirectional copies its layer by name
class LSTM(_Loop, keras.layers.LSTM):  # type: ignore[misc]
    """Gates i, f, g, o of x W + h U + b; c = f c + i g, h = o tanh(c)."""

    def steps_taken(self, way: Way, *arrays: Any) -> tuple[Any, ...]:
        return tuple(_lstm(way)(*arrays))


@keras.saving.register_keras_serializable("tsrnn_gui")  # Bidirectional copies its layer by name
class GRU(_Loop, keras.layers.GRU):  # type: ignore[misc]
    """Gates z, r and candidate g, reset after the product; h = z h + (1 − z) g."""

    def steps_taken(self, way: Way, *arrays: Any) -> tuple[Any, ...]:
        return (_gru(way)(*arrays),)


LAYERS = {"SimpleRNN": SimpleRNN, "LSTM": LSTM, "GRU": GRU}
"""Keras's name of each layer that is replaced here."""


def _simple(way: Way) -> Any:
    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def outputs(steps: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
        given = _product(steps, kernel) + bias
        start = tf.zeros_like(given[0])

        def onward(t: Any, h: Any, told: Any) -> Any:
            h = tf.tanh(tf.gather(given, t) + tf.matmul(h, recurrent))
            return h, told.write(t, h)

        _, told = way.walked(onward, start, _room(way, start))
        hidden = told.stack()

        def gradient(wanted: Any) -> Any:
            transposed = tf.transpose(recurrent)

            def back(t: Any, dh: Any, told: Any) -> Any:
                h = tf.gather(hidden, t)
                da = (dh + tf.gather(wanted, t)) * (1 - h * h)
                return tf.matmul(da, transposed), told.write(t, da)

            _, told = way.walked_back(back, start, _room(way, start))
            return _weights_gradient(steps, kernel, way.before(hidden), told.stack())

        return hidden, gradient

    return outputs


def _lstm(way: Way) -> Any:
    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def outputs(steps: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
        units = recurrent.shape[0]
        half = _halves(units, (0.5, 0.5, 1.0, 0.5))
        given = _product(steps, kernel * half) + bias * half
        product = recurrent * half
        start = tf.zeros_like(given[0, :, :units])

        def onward(t: Any, h: Any, c: Any, *told: Any) -> Any:
            gates = tf.tanh(tf.gather(given, t) + tf.matmul(h, product)) * half + (1 - half)
            i, f, g, o = _parts(gates, units)
            c = f * c + i * g
            h = o * tf.tanh(c)
            news = (h, c, gates)
            return h, c, *(room.write(t, new) for room, new in zip(told, news, strict=True))

        rooms = (_room(way, start), _room(way, start), _room(way, given[0]))
        _, _, *told = way.walked(onward, start, start, *rooms)
        hidden, cell, gates = (room.stack() for room in told)

        def gradient(wanted_h: Any, wanted_c: Any) -> Any:
            del wanted_c  # no layer gives its cell state away
            transposed, cell_before = tf.transpose(recurrent), way.before(cell)

            def back(t: Any, dh: Any, dc: Any, told: Any) -> Any:
                i, f, g, o = _parts(tf.gather(gates, t), units)
                squashed = tf.tanh(tf.gather(cell, t))
                dh += tf.gather(wanted_h, t)
                dc += dh * o * (1 - squashed * squashed)
                da = tf.concat(
                    [
                        dc * g * i * (1 - i),
                        dc * tf.gather(cell_before, t) * f * (1 - f),
                        dc * i * (1 - g * g),
                        dh * squashed * o * (1 - o),
                    ],
                    axis=1,
                )
                return tf.matmul(da, transposed), dc * f, told.write(t, da)

            *_, told = way.walked_back(back, start, start, _room(way, given[0]))
            return _weights_gradient(steps, kernel, way.before(hidden), told.stack())

        return (hidden, cell), gradient

    return outputs


def _gru(way: Way) -> Any:
    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def outputs(steps: Any, kernel: Any, recurrent: Any, biases: Any) -> Any:
        units = recurrent.shape[0]
        half = _halves(units, (0.5, 0.5, 1.0))
        given = _product(steps, kernel * half) + biases[0] * half
        product, offset = recurrent * half, biases[1] * half
        start = tf.zeros_like(given[0, :, :units])

        def onward(t: Any, h: Any, told: Any, memories: Any) -> Any:
            x, m = tf.gather(given, t), tf.matmul(h, product) + offset
            zr = tf.tanh(x[:, : 2 * units] + m[:, : 2 * units]) * 0.5 + 0.5
            z, r = zr[:, :units], zr[:, units:]
            remembered = m[:, 2 * units :]
            g = tf.tanh(x[:, 2 * units :] + r * remembered)
            h = z * h + (1 - z) * g
            return h, told.write(t, h), memories.write(t, tf.concat([zr, g, remembered], axis=1))

        wide = tf.concat([given[0], start], axis=1)
        _, told, memories = way.walked(onward, start, _room(way, start), _room(way, wide))
        hidden, kept = told.stack(), memories.stack()

        def gradient(wanted: Any) -> Any:
            transposed, before = tf.transpose(recurrent), way.before(hidden)

            def back(t: Any, dh: Any, inner: Any, outer: Any) -> Any:
                z, r, g, remembered = _parts(tf.gather(kept, t), units)
                dh += tf.gather(wanted, t)
                dg = dh * (1 - z) * (1 - g * g)
                dz = dh * (tf.gather(before, t) - g) * z * (1 - z)
                dr = dg * remembered * r * (1 - r)
                da, dm = tf.concat([dz, dr, dg], axis=1), tf.concat([dz, dr, dg * r], axis=1)
                return dh * z + tf.matmul(dm, transposed), inner.write(t, da), outer.write(t, dm)

            _, inner, outer = way.walked_back(back, start, _room(way, given[0]), _room(way, given[0]))
            dx, dw, _, db = _weights_gradient(steps, kernel, before, inner.stack())
            rows = _rows(outer.stack())
            du = tf.matmul(_rows(before), rows, transpose_a=True)
            return dx, dw, du, tf.stack([db, tf.reduce_sum(rows, axis=0)])

        return hidden, gradient

    return outputs


def _weights_gradient(steps: Any, kernel: Any, before: Any, da: Any) -> tuple[Any, Any, Any, Any]:
    """Lead the gradient of what enters the activations, (time, batch, gates), back to all arguments."""
    rows = _rows(da)
    return (
        _product(da, tf.transpose(kernel)),
        tf.matmul(_rows(steps), rows, transpose_a=True),
        tf.matmul(_rows(before), rows, transpose_a=True),
        tf.reduce_sum(rows, axis=0),
    )


def _product(steps: Any, matrix: Any) -> Any:
    """Multiply every step by ``matrix`` at once; with a single feature that is no matrix product."""
    if steps.shape[2] == 1:
        return steps * matrix[0]
    shape = tf.shape(steps) if None in steps.shape else steps.shape
    return tf.reshape(tf.matmul(_rows(steps), matrix), (shape[0], shape[1], matrix.shape[1]))


def _rows(steps: Any) -> Any:
    return tf.reshape(steps, (-1, steps.shape[2]))


def _parts(gates: Any, units: int) -> tuple[Any, ...]:
    return tuple(gates[:, first : first + units] for first in range(0, gates.shape[1], units))


def _halves(units: int, factors: tuple[float, ...]) -> Any:
    """A sigmoid is a tanh of half its argument, halved and lifted; so one tanh serves all gates.

    Halving is exact in floating point, so it may be done to the weights beforehand.
    """
    return tf.constant(np.repeat(np.asarray(factors, np.float32), units))


def _room(way: Way, like: Any) -> Any:
    """Make room for an array like ``like`` at every step."""
    return tf.TensorArray(like.dtype, way.steps, element_shape=like.shape)
