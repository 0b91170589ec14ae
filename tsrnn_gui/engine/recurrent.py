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
        way = Way(sequences.shape[1], self.go_backwards, self.return_sequences)  # type: ignore[attr-defined]
        last, outputs, *states = self.steps_taken(way, steps, kernel, recurrent, *bias)
        if way.backwards:
            outputs = tf.reverse(outputs, (0,))
        return last, tf.transpose(outputs, (1, 0, 2)), [last, *(state[way.last] for state in states)]

    def steps_taken(self, way: Way, *arrays: Any) -> tuple[Any, ...]:
        """Give the last output, then each state at every step, (time, batch, units), in the order of time."""
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
    )


@dataclass(frozen=True)
class Way:
    """The order in which ``steps`` moments are walked through; the last alone may be what counts."""

    steps: int
    backwards: bool
    every: bool = True

    @property
    def last(self) -> int:
        """The moment that is walked through last."""
        return 0 if self.backwards else self.steps - 1

    @property
    def before(self) -> int:
        """Where in an array of ``steps`` + 1 states lies the one that moment 0 begins with."""
        return 1 if self.backwards else 0

    @property
    def after(self) -> int:
        """Where in an array of ``steps`` + 1 states lies the one that moment 0 ends with."""
        return 1 - self.before

    def walked(self, body: Callable[..., Any], *carried: Any) -> Any:
        """Run ``body(moment, *carried)`` along the way and give what it carries at the end."""
        return self._loop(0 if not self.backwards else self.steps - 1, self._sign, body, carried)

    def walked_back(self, body: Callable[..., Any], *carried: Any) -> Any:
        """Run ``body(moment, *carried)`` against the way."""
        return self._loop(self.last, -self._sign, body, carried)

    def states(self, start: Any) -> Any:
        """Make room for one array beside every state: the first state is ``start``."""
        room = tf.TensorArray(start.dtype, self.steps + 1, element_shape=start.shape)
        return room.write(self.steps if self.backwards else 0, start)

    def beginnings(self, used: Any) -> Any:
        """Make room for one array beside the state that each moment begins with, zeros beside the last state.

        It is made where ``used`` lies, (steps + 1, …), which is of no use any more: clearing costs time.
        """
        room = tf.TensorArray(used.dtype, self.steps + 1, element_shape=used.shape[1:]).unstack(used)
        return room.write(0 if self.backwards else self.steps, tf.zeros_like(used[0]))

    def beside_beginnings(self, moments: Any) -> Any:
        """Lay what belongs to moments beside the states that they begin with."""
        none = tf.zeros_like(moments[:1])
        return tf.concat([none, moments] if self.backwards else [moments, none], 0)

    def begun_with(self, states: Any) -> Any:
        """Give what lies beside the state that each moment begins with."""
        return states[self.before : self.before + self.steps]

    def ended_with(self, states: Any) -> Any:
        """Give what lies beside the state that each moment ends with."""
        return states[self.after : self.after + self.steps]

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
        return tuple(_simple(way)(*arrays))


@keras.saving.register_keras_serializable("tsrnn_gui")  # Bidirectional copies its layer by name
class LSTM(_Loop, keras.layers.LSTM):  # type: ignore[misc]
    """Gates i, f, g, o of x W + h U + b; c = f c + i g, h = o tanh(c)."""

    def steps_taken(self, way: Way, *arrays: Any) -> tuple[Any, ...]:
        return tuple(_lstm(way)(*arrays))


@keras.saving.register_keras_serializable("tsrnn_gui")  # Bidirectional copies its layer by name
class GRU(_Loop, keras.layers.GRU):  # type: ignore[misc]
    """Gates z, r and candidate g, reset after the product; h = z h + (1 − z) g."""

    def steps_taken(self, way: Way, *arrays: Any) -> tuple[Any, ...]:
        return tuple(_gru(way)(*arrays))


LAYERS = {"SimpleRNN": SimpleRNN, "LSTM": LSTM, "GRU": GRU}
"""Keras's name of each layer that is replaced here."""


def _simple(way: Way) -> Any:
    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def outputs(steps: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
        given, start = _given(steps, kernel, bias), _zeros(steps, recurrent.shape[0])

        def onward(t: Any, h: Any, told: Any) -> Any:
            h = tf.tanh(given(t) + tf.matmul(h, recurrent))
            return h, told.write(t + way.after, h)

        last, told = way.walked(onward, start, way.states(start))
        hidden = told.stack()

        def gradient(wanted_last: Any, wanted: Any) -> Any:
            transposed = tf.transpose(recurrent)

            def back(t: Any, dh: Any, told: Any) -> Any:
                h = tf.gather(hidden, t + way.after)
                da = _with(dh, wanted, t, way) * (1 - h * h)
                return tf.matmul(da, transposed), told.write(t + way.before, da)

            _, told = way.walked_back(back, wanted_last, way.beginnings(hidden))
            da = told.stack()
            dx, dw, db = _outer_gradient(way, steps, kernel, da)
            return dx, dw, _summed(hidden, da), db

        return (last, way.ended_with(hidden)), gradient

    return outputs


def _lstm(way: Way) -> Any:
    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def outputs(steps: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
        units = recurrent.shape[0]
        half = _halves(units, (0.5, 0.5, 1.0, 0.5))
        given, start, wide = (
            _given(steps, kernel * half, bias * half),
            _zeros(steps, units),
            _zeros(steps, 4 * units),
        )
        product = recurrent * half

        def onward(t: Any, h: Any, c: Any, *told: Any) -> Any:
            squashed = tf.tanh(given(t) + tf.matmul(h, product))
            i, f, g, o = _parts(squashed * half + (1 - half), units)
            c = f * c + i * g
            h = o * tf.tanh(c)
            return (
                h,
                c,
                *(room.write(t + way.after, new) for room, new in zip(told, (c, squashed), strict=True)),
            )

        last, _, *told = way.walked(onward, start, start, way.states(start), way.states(wide))
        cells, squashed = (room.stack() for room in told)
        gates = squashed * half + (1 - half)
        bent = tf.tanh(cells)
        hidden = gates[:, :, 3 * units :] * bent

        def gradient(wanted_last: Any, wanted: Any) -> Any:
            i, f, g, o = _parts(way.ended_with(gates), units)
            now, before = way.ended_with(bent), way.begun_with(cells)
            transposed, into_cell = tf.transpose(recurrent), o * (1 - now * now)
            slopes = tf.concat(
                [g * i * (1 - i), before * f * (1 - f), i * (1 - g * g), now * o * (1 - o)],
                axis=2,
            )

            def back(t: Any, dh: Any, dc: Any, told: Any) -> Any:
                dh = _with(dh, wanted, t, way)
                dc += dh * tf.gather(into_cell, t)
                da = tf.concat([dc, dc, dc, dh], axis=1) * tf.gather(slopes, t)
                return tf.matmul(da, transposed), dc * tf.gather(f, t), told.write(t + way.before, da)

            *_, told = way.walked_back(back, wanted_last, start, way.beginnings(squashed))
            da = told.stack()
            dx, dw, db = _outer_gradient(way, steps, kernel, da)
            return dx, dw, _summed(hidden, da), db

        return (last, way.ended_with(hidden)), gradient

    return outputs


def _gru(way: Way) -> Any:
    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def outputs(steps: Any, kernel: Any, recurrent: Any, biases: Any) -> Any:
        units = recurrent.shape[0]
        half = _halves(units, (0.5, 0.5, 1.0))
        given, start = _given(steps, kernel * half, biases[0] * half), _zeros(steps, units)
        product, offset = recurrent * half, biases[1] * half

        def onward(t: Any, h: Any, told: Any, memories: Any) -> Any:
            x, m = given(t), tf.matmul(h, product) + offset
            zr = tf.tanh(x[:, : 2 * units] + m[:, : 2 * units]) * 0.5 + 0.5
            z, r = zr[:, :units], zr[:, units:]
            remembered = m[:, 2 * units :]
            g = tf.tanh(x[:, 2 * units :] + r * remembered)
            h = z * h + (1 - z) * g
            slot = t + way.after
            return h, told.write(slot, h), memories.write(slot, tf.concat([zr, g, remembered], axis=1))

        wide = _zeros(steps, 4 * units)
        last, *told = way.walked(onward, start, way.states(start), way.states(wide))
        hidden, kept = (room.stack() for room in told)

        def gradient(wanted_last: Any, wanted: Any) -> Any:
            transposed = tf.transpose(recurrent)

            def back(t: Any, dh: Any, inner: Any, outer: Any) -> Any:
                z, r, g, remembered = _parts(tf.gather(kept, t + way.after), units)
                dh = _with(dh, wanted, t, way)
                dg = dh * (1 - z) * (1 - g * g)
                dz = dh * (tf.gather(hidden, t + way.before) - g) * z * (1 - z)
                dr = dg * remembered * r * (1 - r)
                da, dm = tf.concat([dz, dr, dg], axis=1), tf.concat([dz, dr, dg * r], axis=1)
                slot = t + way.before
                return dh * z + tf.matmul(dm, transposed), inner.write(slot, da), outer.write(slot, dm)

            room = way.beginnings(tf.zeros_like(kept[:, :, : 3 * units]))
            _, inner, outer = way.walked_back(back, wanted_last, room, room)
            dm = outer.stack()
            dx, dw, db = _outer_gradient(way, steps, kernel, inner.stack())
            return dx, dw, _summed(hidden, dm), tf.stack([db, tf.reduce_sum(dm, axis=(0, 1))])

        return (last, way.ended_with(hidden)), gradient

    return outputs


def _given(steps: Any, kernel: Any, bias: Any) -> Callable[[Any], Any]:
    """Give what enters at a moment from outside; with several features, one product for all moments."""
    if steps.shape[2] == 1:
        return lambda t: tf.gather(steps, t) * kernel[0] + bias
    entering = _product(steps, kernel) + bias
    return lambda t: tf.gather(entering, t)


def _zeros(steps: Any, width: int) -> Any:
    return tf.zeros((steps.shape[1] or tf.shape(steps)[1], width), steps.dtype)


def _with(dh: Any, wanted: Any, t: Any, way: Way) -> Any:
    """Add what the outputs of moment ``t`` are to answer for, where they go anywhere."""
    return dh + tf.gather(wanted, t) if way.every else dh


def _outer_gradient(way: Way, steps: Any, kernel: Any, da: Any) -> tuple[Any, Any, Any]:
    """Lead the gradient of what enters the activations back to steps, kernel and bias.

    It lies beside the state that each moment begins with, (time + 1, batch, gates). A column of ones
    beside a single feature makes one matrix product of what were two slow sums.
    """
    dx = _product(way.begun_with(da), tf.transpose(kernel))
    beside = way.beside_beginnings(steps)
    if steps.shape[2] == 1:
        both = _summed(tf.concat([beside, tf.ones_like(beside)], axis=2), da)
        return dx, both[:1], both[1]
    return dx, _summed(beside, da), tf.reduce_sum(da, axis=(0, 1))


def _summed(left: Any, right: Any) -> Any:
    """Multiply leftᵀ by right at every step and sum over the steps: one matrix product of all rows."""
    return tf.matmul(_rows(left), _rows(right), transpose_a=True)


def _product(steps: Any, matrix: Any) -> Any:
    """Multiply every step by ``matrix`` at once."""
    shape = tf.shape(steps) if None in steps.shape else steps.shape
    return tf.reshape(tf.matmul(_rows(steps), matrix), (shape[0], shape[1], matrix.shape[1]))


def _rows(steps: Any) -> Any:
    return tf.reshape(steps, (-1, steps.shape[2]))


def _parts(gates: Any, units: int) -> tuple[Any, ...]:
    return tuple(gates[..., first : first + units] for first in range(0, gates.shape[-1], units))


def _halves(units: int, factors: tuple[float, ...]) -> Any:
    """A sigmoid is a tanh of half its argument, halved and lifted; so one tanh serves all gates.

    Halving is exact in floating point, so it may be done to the weights beforehand.
    """
    return tf.constant(np.repeat(np.asarray(factors, np.float32), units))
