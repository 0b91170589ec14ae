"""Finds out where a run exploded, by taking its last steps again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from tsrnn_gui.core.explosions import Explosion
from tsrnn_gui.engine.data import Resident
from tsrnn_gui.engine.programs import Programs, Snapshot


@dataclass(frozen=True, eq=False)
class Blast:
    """A chunk after which something was wrong: what it began with, its steps from ``start`` to ``reached``.

    ``batches`` (batches, batch) are the epoch's first rows of windows. Where ``finite``, the loss of every
    step was a number, and only what the last one made of the weights was not of use.
    """

    epoch: int
    rate: float
    before: Snapshot
    batches: Any
    start: int
    reached: int
    finite: bool

    @property
    def cause(self) -> int:
        """The last step with a finite loss; its update spoilt what came after, unless it was the first."""
        last = self.reached - 1
        return last if self.finite else max(last - 1, self.start)


def examined(blast: Blast, programs: Programs, resident: Resident, count: int) -> Explosion:
    """Tell of the step that spoilt the weights; leaves the programs' variables where that step began."""
    programs.put(blast.before)
    arrays = (resident.inputs, resident.targets, resident.scale, blast.batches, np.float32(blast.rate))
    counts = (np.int32(count), np.int32(blast.start), np.int32(blast.cause), np.float64(0), np.float64(0))
    programs.train(*arrays, *counts)
    size = blast.batches.shape[1]
    starts = blast.batches.numpy()[blast.cause, : min(size, count - blast.cause * size)]
    losses, norms = programs.gradient_norms(resident.inputs, resident.targets, starts)
    worst = np.argsort(np.where(np.isfinite(losses), -losses, -math.inf), kind="stable")
    return Explosion(
        "not_finite",
        blast.epoch,
        blast.rate,
        step=blast.cause,
        windows=tuple(int(start) for start in starts[worst]),
        norms=norms,
    )
