"""Training whose epochs are single batches: the quick learning-rate range test."""

from __future__ import annotations

import math
import time

import numpy as np

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.windows import Prepared
from tsrnn_gui.engine.data import Resident, epoch_batches
from tsrnn_gui.engine.memory import resident_bytes
from tsrnn_gui.engine.programs import Programs
from tsrnn_gui.engine.steering import Emit, Steering
from tsrnn_gui.wire.messages import EpochEnded, Finished, Started, Train


class BatchSweep:
    """Takes one optimizer step at each rate of the plan's schedule, over the batches in their usual order.

    Each step is told as an epoch whose loss is that batch's before the step. Nothing is validated, kept
    or forecast; a loss that is not finite ends the sweep.
    """

    def __init__(
        self,
        request: Train,
        prepared: Prepared,
        resident: Resident,
        programs: Programs,
        emit: Emit,
        steering: Steering,
    ) -> None:
        if not len(prepared.training):
            raise TsrnnError("The training part has no window.", hint="Shorten the window or the horizon.")
        self._request, self._plan = request, request.experiment.plan
        self._starts, self._checked = prepared.training, len(prepared.validation)
        self._resident = resident
        self._programs, self._emit, self._steering = programs, emit, steering
        self._steps = -(-len(self._starts) // self._plan.batch)

    def run(self) -> None:
        """Sweep and tell; the last event is Finished."""
        self._emit(
            Started(
                self._request.run,
                weights=self._programs.model.count_params(),
                steps_per_epoch=1,
                training_windows=len(self._starts),
                validation_windows=self._checked,
            )
        )
        ready = self._programs.compile(lambda: self._step(0, 0, 0.0), lambda: None, self._stopped)
        done, reason = 0, "completed"
        while ready and done < self._plan.epochs and not self._stopped():
            if not self._take(done):
                reason = "exploded"
                break
            done += 1
        if reason == "completed" and done < self._plan.epochs:
            reason = "stopped"
        self._programs.settle()
        self._emit(
            Finished(
                self._request.run,
                reason=reason,  # type: ignore[arg-type]
                epochs_done=done,
                best_epoch=None,
                memory_bytes=resident_bytes(),
            )
        )

    def _stopped(self) -> bool:
        return self._steering.stopped(self._request.run)

    def _take(self, nth: int) -> bool:
        """Take the ``nth`` step and tell its loss; False where it is not finite."""
        begun = time.perf_counter()
        rate = self._plan.schedule.rate(self._plan.learning_rate, nth, self._plan.epochs)
        loss, error, finite = self._step(nth, 1, rate)
        place = nth % self._steps
        windows = min(len(self._starts) - place * self._plan.batch, self._plan.batch)
        if not math.isfinite(loss):
            return False
        self._emit(
            EpochEnded(
                self._request.run,
                epoch=nth,
                loss=loss / windows,
                mae=error / windows if math.isfinite(error) else None,
                val_loss=None,
                val_mae=None,
                learning_rate=rate,
                seconds=time.perf_counter() - begun,
            )
        )
        return finite

    def _step(self, nth: int, count: int, rate: float) -> tuple[float, float, bool]:
        """Take ``count`` steps from the ``nth`` batch of all on; give sums and whether all is finite."""
        epoch, place = divmod(nth, self._steps)
        plan, arrays = self._plan, self._resident
        batches = epoch_batches(self._starts, plan.batch, plan.seed, epoch, plan.shuffle)
        _, loss, error, values = self._programs.train(
            *(arrays.inputs, arrays.targets, arrays.scale, batches, np.float32(rate)),
            *(np.int32(len(self._starts)), np.int32(place), np.int32(place + count)),
            *(np.float64(0.0), np.float64(0.0)),
        )
        return float(loss), float(error), self._programs.snapshot(values).finite
