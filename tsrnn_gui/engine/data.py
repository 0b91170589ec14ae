"""The series as the compiled programs read it: padded to few sizes, windows as start rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tsrnn_gui.core.windows import Prepared, Starts

_SMALLEST = 64


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


def resident(prepared: Prepared) -> Resident:
    """Lay the arrays down once for the run; columns that are both input and target are shared."""
    inputs = _tensor(prepared.inputs)
    same = prepared.input_targets == tuple(range(prepared.inputs.shape[1]))
    targets = inputs if same else _tensor(prepared.targets)
    return Resident(inputs, targets, tf.constant(prepared.scale, tf.float32))


def _tensor(values: NDArray[np.float32]) -> tf.Tensor:
    padded = np.zeros((bucket(len(values)), values.shape[1]), np.float32)
    padded[: len(values)] = values
    return tf.convert_to_tensor(padded)


def epoch_order(count: int, seed: int, epoch: int, shuffle: bool) -> NDArray[np.int32]:
    """Give the order in which ``epoch`` shows ``count`` windows; it depends on seed and epoch alone."""
    order = np.arange(count, dtype=np.int32)
    return np.random.default_rng([seed, epoch]).permutation(order) if shuffle else order


def batched(starts: Starts, batch: int) -> NDArray[np.int32]:
    """Lay ``starts`` out as (batches, batch), filled up with the first start; pads weigh nothing."""
    padded = np.full(bucket(-(-len(starts) // batch)) * batch, starts[0], np.int32)
    padded[: len(starts)] = starts
    return padded.reshape(-1, batch)
