"""The series as the compiled programs read it: padded to few sizes, windows as start rows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tsrnn_gui.core.windows import Prepared, Starts

_SMALLEST = 64
_ALIGNMENT = 64


def bucket(size: int) -> int:
    """Round ``size`` up by at most an eighth, so that programs fit series of similar length."""
    if size <= _SMALLEST:
        return _SMALLEST
    step = 1 << ((size - 1).bit_length() - 4)
    return -(-size // step) * step


@dataclass(frozen=True, eq=False)
class Resident:
    """Inputs (rows, features), targets (rows, targets) and the targets' scale, as tensors."""

    inputs: tf.Tensor
    targets: tf.Tensor
    scale: tf.Tensor


def laid_down(prepared: Prepared) -> tuple[Prepared, Resident]:
    """Lay the arrays down once for the run; what is returned reads them where they lie.

    Columns that are both input and target in the same order are held once.
    """
    rows, shared = len(prepared.inputs), prepared.targets is prepared.inputs
    inputs = _padded(prepared.inputs)
    targets = inputs if shared else _padded(prepared.targets)
    first = _tensor(inputs)
    arrays = Resident(first, first if shared else _tensor(targets), tf.constant(prepared.scale, tf.float32))
    observed = np.empty(0, np.bool_)  # the windows are chosen: a long series lets go of it
    return replace(prepared, inputs=inputs[:rows], targets=targets[:rows], observed=observed), arrays


def _padded(values: NDArray[np.float32]) -> NDArray[np.float32]:
    padded = _aligned((bucket(len(values)), values.shape[1]), np.float32)
    padded[: len(values)] = values
    return padded


def epoch_batches(starts: Starts, batch: int, plan_seed: int, epoch: int, shuffle: bool) -> tf.Tensor:
    """Lay ``starts`` out as (batches, batch) in the order of ``epoch``; pads weigh nothing.

    The order is that of ``default_rng([plan_seed, epoch]).permutation``, so it depends on nothing else.
    """
    padded = _aligned((bucket(-(-len(starts) // batch)) * batch,), np.int32)
    padded[: len(starts)] = starts
    padded[len(starts) :] = starts[0]
    if shuffle:
        np.random.default_rng([plan_seed, epoch]).shuffle(padded[: len(starts)])
    return _tensor(padded.reshape(-1, batch))


def _aligned(shape: tuple[int, ...], kind: type[Any]) -> NDArray[Any]:
    """Give an array that begins where TensorFlow can read it in place."""
    size = math.prod(shape) * np.dtype(kind).itemsize
    room = np.zeros(size + _ALIGNMENT, np.uint8)
    skip = -room.ctypes.data % _ALIGNMENT
    return np.asarray(room[skip : skip + size].view(kind).reshape(shape))


def _tensor(values: NDArray[Any]) -> tf.Tensor:
    """Give ``values`` as a tensor without a copy; they must not change any more."""
    return tf.experimental.dlpack.from_dlpack(values.__dlpack__())
