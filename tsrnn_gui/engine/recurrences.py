"""What recurrent layers do at each moment, and the way back through them.

Backpropagation through time is written out instead of derived: what the loop must carry is small, the
gradients of the weights become one product over all steps after it, and the program is compiled in half
the time. Layers of one kind that read the same windows, as the two directions of a Bidirectional layer
do, are walked side by side in one loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

Moment = Callable[..., tuple[Any, ...]]
Outputs = tuple[Any, Any]
Trained = tuple[Outputs, Callable[[Any, Any], tuple[Any, ...]]]


class Recurrence:
    """A loop over moments in which ``every`` output counts, or the last alone.

    It is given ``steps`` (time, ways, batch, features), ``kernel`` (ways, features, gates), ``recurrent``
    (ways, units, gates) and ``bias`` (ways, 1 or 2, gates) of layers that are walked side by side, and
    gives the last output (ways, batch, units) and all of them (time, …). What is not trained may be
    without ways. States begin at zero, and arrays that lie beside states have one more than moments.
    """

    states = 1

    def __init__(self, every: bool) -> None:
        self.every = every

    def foreseen(self, steps: Any, kernel: Any, recurrent: Any, bias: Any) -> Outputs:
        """Walk without keeping anything for a way back."""
        moment = self.moment(steps, kernel, recurrent, bias)
        start = _zeros(steps, recurrent.shape[-2])
        told = tf.TensorArray(start.dtype, steps.shape[0], element_shape=start.shape)

        def onward(t: Any, told: Any, *states: Any) -> Any:
            states, _ = moment(t, *states)
            return told.write(t, states[0]) if self.every else told, *states

        told, last, *_ = _loop(steps.shape[0], onward, told, *(self.states * [start]))
        return last, told.stack() if self.every else None

    def trained(self, *arrays: Any) -> Outputs:
        """Walk, and know the way back."""
        outputs: Outputs = tf.custom_gradient(self.walked)(*arrays)
        return outputs

    def moment(self, steps: Any, kernel: Any, recurrent: Any, bias: Any) -> Moment:
        """Give what leads from (t, *states) to (states, what the way back needs); states[0] is the output."""
        raise NotImplementedError

    def walked(self, steps: Any, kernel: Any, recurrent: Any, bias: Any) -> Trained:
        """Give the outputs and the function from their gradients to those of the four arrays."""
        raise NotImplementedError

    def wanted_of(self, dh: Any, wanted: Any, t: Any) -> Any:
        """Add what the outputs of moment ``t`` are to answer for, where they go anywhere."""
        return dh + tf.gather(wanted, t) if self.every else dh


class SimpleRecurrence(Recurrence):
    """h = tanh(x W + h U + b)."""

    def moment(self, steps: Any, kernel: Any, recurrent: Any, bias: Any) -> Moment:
        given = _given(steps, kernel, bias)

        def moment(t: Any, h: Any) -> Any:
            return (tf.tanh(given(t) + tf.matmul(h, recurrent)),), None

        return moment

    def walked(self, steps: Any, kernel: Any, recurrent: Any, bias: Any) -> Trained:
        count, start = steps.shape[0], _zeros(steps, recurrent.shape[-2])
        moment = self.moment(steps, kernel, recurrent, bias)

        def onward(t: Any, h: Any, told: Any) -> Any:
            (h,), _ = moment(t, h)
            return h, told.write(t + 1, h)

        last, told = _loop(count, onward, start, _states(count, start))
        hidden = told.stack()

        def gradient(wanted_last: Any, wanted: Any) -> tuple[Any, ...]:
            transposed = _transposed(recurrent)

            def back(t: Any, dh: Any, *told: Any) -> Any:
                h = tf.gather(hidden, t + 1)
                da = self.wanted_of(dh, wanted, t) * (1 - h * h)
                return tf.matmul(da, transposed), *_written(told, t, da)

            _, *told = _loop_back(count, back, wanted_last, *_beginnings(count, start))
            da = [room.stack() for room in told]
            du, dw, db = _gradients_of_weights((hidden, _with_end(steps)), da)
            return _gradient_of_steps(kernel, da), dw, du, db

        return (last, hidden[1:]), gradient


class LstmRecurrence(Recurrence):
    """Gates i, f, g, o of x W + h U + b; c = f c + i g, h = o tanh(c)."""

    states = 2

    def moment(self, steps: Any, kernel: Any, recurrent: Any, bias: Any) -> Moment:
        units = recurrent.shape[-2]
        half = _lstm_halves(units)
        given, product = _given(steps, kernel * half, bias * half), recurrent * half

        def moment(t: Any, h: Any, c: Any) -> Any:
            gates = tf.tanh(given(t) + tf.matmul(h, product)) * half + (1 - half)
            i, f, g, o = _parts(gates, units)
            c = f * c + i * g
            return (o * tf.tanh(c), c), gates

        return moment

    def walked(self, steps: Any, kernel: Any, recurrent: Any, bias: Any) -> Trained:
        count, units = steps.shape[0], recurrent.shape[-2]
        start, wide = _zeros(steps, units), _zeros(steps, 4 * units)
        moment = self.moment(steps, kernel, recurrent, bias)

        def onward(t: Any, h: Any, c: Any, cells: Any, kept: Any) -> Any:
            (h, c), gates = moment(t, h, c)
            return h, c, cells.write(t + 1, c), kept.write(t + 1, gates)

        last, _, *told = _loop(count, onward, start, start, _states(count, start), _states(count, wide))
        cells, gates = (room.stack() for room in told)
        bent = tf.tanh(cells)
        hidden = gates[..., 3 * units :] * bent

        def gradient(wanted_last: Any, wanted: Any) -> tuple[Any, ...]:
            i, f, g, o = _parts(gates[1:], units)
            now, before, following = bent[1:], cells[:-1], _with_end(f[1:])
            transposed, into_cell = _transposed(recurrent), o * (1 - now * now)
            slopes = tf.concat(
                [g * i * (1 - i), before * f * (1 - f), i * (1 - g * g), now * o * (1 - o)], -1
            )

            def back(t: Any, dh: Any, dc: Any, *told: Any) -> Any:
                dh = self.wanted_of(dh, wanted, t)
                dc = dc * tf.gather(following, t) + dh * tf.gather(into_cell, t)
                da = tf.concat([dc, dc, dc, dh], -1) * tf.gather(slopes, t)
                return tf.matmul(da, transposed), dc, *_written(told, t, da)

            _, _, *told = _loop_back(count, back, wanted_last, start, *_beginnings(count, wide))
            da = [room.stack() for room in told]
            du, dw, db = _gradients_of_weights((hidden, _with_end(steps)), da)
            return _gradient_of_steps(kernel, da), dw, du, db

        return (last, hidden[1:]), gradient


class GruRecurrence(Recurrence):
    """Gates z, r and candidate g, reset after the product; h = z h + (1 − z) g."""

    def moment(self, steps: Any, kernel: Any, recurrent: Any, bias: Any) -> Moment:
        units = recurrent.shape[-2]
        half = _halves(units, (0.5, 0.5, 1.0))
        given = _given(steps, kernel * half, bias[..., :1, :] * half)
        product, offset = recurrent * half, bias[..., 1:, :] * half

        def moment(t: Any, h: Any) -> Any:
            x, m = given(t), tf.matmul(h, product) + offset
            zr = tf.tanh(x[..., : 2 * units] + m[..., : 2 * units]) * 0.5 + 0.5
            z, r = zr[..., :units], zr[..., units:]
            remembered = m[..., 2 * units :]
            g = tf.tanh(x[..., 2 * units :] + r * remembered)
            return (z * h + (1 - z) * g,), (zr, g, remembered)

        return moment

    def walked(self, steps: Any, kernel: Any, recurrent: Any, bias: Any) -> Trained:
        count, units, ways = steps.shape[0], recurrent.shape[-2], steps.shape[1]
        start, wide = _zeros(steps, units), _zeros(steps, 4 * units)
        moment = self.moment(steps, kernel, recurrent, bias)

        def onward(t: Any, h: Any, told: Any, memories: Any) -> Any:
            (h,), kept = moment(t, h)
            return h, told.write(t + 1, h), memories.write(t + 1, tf.concat(kept, -1))

        last, *told = _loop(count, onward, start, _states(count, start), _states(count, wide))
        hidden, kept = (room.stack() for room in told)

        def gradient(wanted_last: Any, wanted: Any) -> tuple[Any, ...]:
            transposed = _transposed(recurrent)

            def back(t: Any, dh: Any, *told: Any) -> Any:
                z, r, g, remembered = _parts(tf.gather(kept, t + 1), units)
                dh = self.wanted_of(dh, wanted, t)
                dg = dh * (1 - z) * (1 - g * g)
                dz = dh * (tf.gather(hidden, t) - g) * z * (1 - z)
                dr = dg * remembered * r * (1 - r)
                da, dm = tf.concat([dz, dr, dg], -1), tf.concat([dz, dr, dg * r], -1)
                inner, outer = _written(told[:ways], t, da), _written(told[ways:], t, dm)
                return dh * z + tf.matmul(dm, transposed), *inner, *outer

            narrow = wide[..., units:]
            rooms = (*_beginnings(count, narrow), *_beginnings(count, narrow))
            _, *told = _loop_back(count, back, wanted_last, *rooms)
            arrays = [room.stack() for room in told]
            da, dm = arrays[:ways], arrays[ways:]
            dw, db = _gradients_of_weights((_with_end(steps),), da)
            du, dm_sums = _gradients_of_weights((hidden,), dm)
            return _gradient_of_steps(kernel, da), dw, du, tf.concat([db, dm_sums], 1)

        return (last, hidden[1:]), gradient


def _loop(steps: int, body: Callable[..., Any], *carried: Any) -> Any:
    """Run ``body(moment, *carried)`` from the first moment to the last and give what it carries then."""

    def more(t: Any, *_: Any) -> Any:
        return t < steps

    def once(t: Any, *given: Any) -> Any:
        return t + 1, *body(t, *given)

    return tf.while_loop(more, once, (tf.constant(0), *carried))[1:]


def _loop_back(steps: int, body: Callable[..., Any], *carried: Any) -> Any:
    """Run ``body(moment, *carried)`` from the last moment to the first."""
    return _loop(steps, lambda t, *given: body(steps - 1 - t, *given), *carried)


def _states(count: int, start: Any) -> Any:
    """Make room for one array beside every state: the first state is ``start``."""
    return tf.TensorArray(start.dtype, count + 1, element_shape=start.shape).write(0, start)


def _beginnings(count: int, like: Any) -> list[Any]:
    """Make room for one array beside the state each moment begins with, and zeros beside the last state.

    Every way has a room to itself: what is multiplied as a whole afterwards then lies together.
    """
    room = tf.TensorArray(like.dtype, count + 1, element_shape=like.shape[1:])
    return [room.write(count, tf.zeros_like(way)) for way in tf.unstack(like)]


def _written(rooms: Sequence[Any], t: Any, value: Any) -> list[Any]:
    return [room.write(t, each) for room, each in zip(rooms, tf.unstack(value), strict=True)]


def _transposed(matrices: Any) -> Any:
    return tf.transpose(matrices, (0, 2, 1))


def _given(steps: Any, kernel: Any, bias: Any) -> Callable[[Any], Any]:
    """Give what enters at a moment from outside; with several features, one product for all moments."""
    if steps.shape[-1] == 1:
        return lambda t: tf.gather(steps, t) * kernel + bias
    entering = _products(steps, kernel) + bias
    return lambda t: tf.gather(entering, t)


def _zeros(steps: Any, width: int) -> Any:
    shape = tf.shape(steps) if None in steps.shape else steps.shape
    return tf.zeros((*(shape[n] for n in range(1, len(steps.shape) - 1)), width), steps.dtype)


def _gradients_of_weights(beside: Sequence[Any], da: Sequence[Any]) -> list[Any]:
    """Give the gradients of the matrices that arrays ``beside`` were multiplied by, and of a bias of one row.

    The gradient of what enters the activations, ``da``, lies beside them, (time + 1, batch, gates) for
    each way. Side by side with a column of ones they make one matrix product of many.
    """
    sums = []
    for gradients, *parts in zip(da, *(tf.unstack(array, axis=1) for array in beside), strict=True):
        rows = [_rows(part) for part in parts]
        together = tf.pad(tf.concat(rows, 1), ((0, 0), (0, 1)), constant_values=1.0)
        sums.append(tf.matmul(together, _rows(gradients), transpose_a=True))
    return list(tf.split(tf.stack(sums), [*(array.shape[-1] for array in beside), 1], 1))


def _gradient_of_steps(kernel: Any, da: Sequence[Any]) -> Any:
    matrices = tf.unstack(_transposed(kernel))
    return tf.stack([_product(way[:-1], matrix) for way, matrix in zip(da, matrices, strict=True)], 1)


def _with_end(steps: Any) -> Any:
    """Lay zeros beside the last state, which leads to no moment."""
    return tf.pad(steps, ((0, 1), *([(0, 0)] * (len(steps.shape) - 1))))


def _products(steps: Any, kernel: Any) -> Any:
    """Multiply every step of each way, where there are ways, by its matrix at once."""
    if len(kernel.shape) == 2:
        return _product(steps, kernel)
    ways = zip(tf.unstack(steps, axis=1), tf.unstack(kernel), strict=True)
    return tf.stack([_product(*way) for way in ways], 1)


def _product(steps: Any, matrix: Any) -> Any:
    """Multiply every step by ``matrix`` at once."""
    shape = tf.shape(steps) if None in steps.shape else steps.shape
    return tf.reshape(tf.matmul(_rows(steps), matrix), (shape[0], shape[1], matrix.shape[1]))


def _rows(steps: Any) -> Any:
    return tf.reshape(steps, (-1, steps.shape[2]))


def _lstm_halves(units: int) -> Any:
    return _halves(units, (0.5, 0.5, 1.0, 0.5))


def _parts(gates: Any, units: int) -> tuple[Any, ...]:
    return tuple(tf.split(gates, gates.shape[-1] // units, -1))


def _halves(units: int, factors: tuple[float, ...]) -> Any:
    """A sigmoid is a tanh of half its argument, halved and lifted; so one tanh serves all gates.

    Halving is exact in floating point, so it may be done to the weights beforehand.
    """
    return tf.constant(np.repeat(np.asarray(factors, np.float32), units))
