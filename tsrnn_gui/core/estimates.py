"""What a run will need, as far as it can be told before it begins."""

from __future__ import annotations

import math

from tsrnn_gui.core.experiment import Experiment, Verdict

_NUMBER = 4
_COPIES = 6
"""Weights, their gradient, the optimizer's two memories, the last state and the best."""
_SERIES = 3
"""The series comes as float64 and is laid down as float32, for inputs and targets."""
_DECISIVE = ("epochs", "batch", "loss", "optimizer", "clip_norm", "shuffle")


def memory_bytes(experiment: Experiment, verdict: Verdict, rows: int) -> int | None:
    """Say about how much memory training takes beside TensorFlow's own; None while a shape is unknown.

    What each layer puts out is held for the way back, and a recurrent layer's gates at every step with it.
    """
    weights, windowing = verdict.weights, experiment.windowing
    if weights is None:
        return None
    shape, held = verdict.input_shape, 0
    for layer, row in zip(experiment.stack, verdict.rows, strict=True):
        time = (shape[0] if shape else None) or windowing.window
        gates = getattr(layer, "gates", None)
        states = (gates + 2) * getattr(layer, "units", 0) if gates else 0
        ways = 2 if getattr(layer, "bidirectional", False) else 1
        shape = row.shape or ()
        held += math.prod(size or windowing.window for size in shape) + ways * time * states
    columns = len({*windowing.inputs, *windowing.targets})
    return (
        _COPIES * _NUMBER * weights
        + 2 * _NUMBER * experiment.plan.batch * held
        + _SERIES * 8 * rows * columns
    )


def same_work(one: Experiment, other: Experiment) -> bool:
    """Say whether an epoch of both takes as long, on the same series."""
    return (
        one.windowing == other.windowing
        and one.stack == other.stack
        and all(getattr(one.plan, name) == getattr(other.plan, name) for name in _DECISIVE)
    )
