"""The validation part under the present weights: loss, mean absolute error and outputs."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.core.windows import Floats, Prepared, in_units
from tsrnn_gui.engine.data import Resident
from tsrnn_gui.engine.programs import Programs, Snapshot

_beside = ThreadPoolExecutor(1, "validate")
_LARGEST, _SMALLEST = 512, 16
_PRODUCTS = 5e8  # a batch, about: some hundredths of a second, after which a stop is heard


@dataclass(frozen=True, eq=False)
class Validated:
    """Means over the validation windows; ``outputs`` float32 (windows, horizon, targets), scaled.

    For sequence targets ``loss`` is over all steps of a window, ``mae`` (in units) and ``outputs``
    are of its last step, whose forecast lies beyond the window. Without windows there is no number.
    """

    loss: float | None
    mae: float | None
    outputs: Floats


class Validation:
    """Runs the validation windows batch after batch."""

    def __init__(self, programs: Programs, prepared: Prepared, resident: Resident) -> None:
        self._programs = programs
        self._prepared = prepared
        self._arrays = (resident.inputs, resident.targets, resident.scale)
        fitting = _PRODUCTS / max(programs.model.count_params() * programs.form.window, 1)
        self._batch = int(min(_LARGEST, max(_SMALLEST, fitting)))

    def compile(self) -> None:
        """Make the program ready by running it on one window."""
        self._programs.evaluate(*self._arrays, np.zeros(1, np.int32), *self._programs.variables)

    def begin(self, snapshot: Snapshot, stopped: Callable[[], bool]) -> Future[Validated | None]:
        """Validate beside the thread that trains on, on another core where there is one.

        What a checkpoint will need of the snapshot is copied there as well.
        """

        def beside() -> Validated | None:
            validated = self.run(stopped, snapshot)
            snapshot.packed  # noqa: B018  kept by the snapshot
            return validated

        return _beside.submit(beside)

    def run(
        self, stopped: Callable[[], bool] = lambda: False, snapshot: Snapshot | None = None
    ) -> Validated | None:
        """Validate by ``snapshot`` or the present weights; None when ``stopped`` says so between batches."""
        starts = self._prepared.validation.astype(np.int32)
        shape = (len(starts), self._prepared.horizon, self._prepared.targets.shape[1])
        outputs = np.empty((shape[0], shape[1] * shape[2]), np.float32)
        loss = error = 0.0
        if not self._programs.settle(stopped, "validate"):
            return None
        values = (snapshot or self._programs.snapshot()).variables
        for first in range(0, len(starts), self._batch):
            if stopped():
                return None
            part = starts[first : first + self._batch]
            sums = self._programs.evaluate(*self._arrays, part, *values)
            loss, error = loss + float(sums[0]), error + float(sums[1])
            outputs[first : first + len(part)] = sums[2].numpy()
        if not len(starts):
            return Validated(None, None, outputs.reshape(shape))
        return Validated(loss / len(starts), error / len(starts), outputs.reshape(shape))

    def seconds(self, stopped: Callable[[], bool]) -> float | None:
        """Say how long a run over all windows would take, from one batch; None when ``stopped``."""
        count = len(self._prepared.validation)
        if not count or not self._programs.settle(stopped, "validate"):
            return None if count else 0.0
        batch = self._prepared.validation[: self._batch].astype(np.int32)
        values = self._programs.snapshot().variables
        begun = time.perf_counter()
        float(self._programs.evaluate(*self._arrays, batch, *values)[0])
        return (time.perf_counter() - begun) * count / len(batch)

    def in_units(self, outputs: Floats) -> NDArray[np.float64]:
        """Lead outputs (windows, horizon, targets) back to the series' units."""
        return in_units(self._prepared, outputs, self._prepared.validation)
