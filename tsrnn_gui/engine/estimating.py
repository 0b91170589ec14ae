"""How long an epoch will take, found by taking a few steps of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np

from tsrnn_gui.core.plan import Plan
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.windows import Prepared
from tsrnn_gui.engine.chunks import Chunks
from tsrnn_gui.engine.data import Resident, epoch_batches
from tsrnn_gui.engine.programs import Programs
from tsrnn_gui.engine.validation import Validation

_TRIES = 4


def seconds_an_epoch(
    programs: Programs, prepared: Prepared, resident: Resident, plan: Plan, stopped: Callable[[], bool]
) -> float | None:
    """Measure some steps and a part of the validation; None when ``stopped``. Spoils the weights."""
    if not len(prepared.training):
        raise TsrnnError("The training part has no window.", hint="Shorten the window or the horizon.")
    validation = Validation(programs, prepared, resident)
    batches = epoch_batches(prepared.training, plan.batch, plan.seed, 0, plan.shuffle)
    count = len(prepared.training)
    steps = -(-count // plan.batch)

    def taken(stop: int) -> int:
        arrays = (resident.inputs, resident.targets, resident.scale, batches, np.float32(plan.learning_rate))
        counts = (np.int32(count), np.int32(0), np.int32(stop), np.float64(0), np.float64(0))
        return int(programs.train(*arrays, *counts)[0])

    if not programs.compile(lambda: taken(0), validation.compile, stopped):
        return None
    chunks, step_s = Chunks(), 0.0
    for _ in range(_TRIES):
        begun = time.perf_counter()
        done = taken(min(chunks.size, steps))
        seconds = time.perf_counter() - begun
        chunks.took(done, seconds)
        step_s = seconds / max(done, 1)
        if stopped():
            return None
    training, validating = step_s * steps, validation.seconds(stopped)
    if validating is None:
        return None
    beside = (os.cpu_count() or 1) > 1
    return max(training, validating) if beside else training + validating
