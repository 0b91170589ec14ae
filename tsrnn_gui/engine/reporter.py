"""What a run tells, and how often: epochs always, costly events no more than is of use."""

from __future__ import annotations

import math
from collections.abc import Callable

from tsrnn_gui.core.windows import Floats
from tsrnn_gui.engine.state import State, written
from tsrnn_gui.engine.steering import Emit
from tsrnn_gui.engine.throttle import Throttle
from tsrnn_gui.engine.validation import Validated, Validation
from tsrnn_gui.wire.messages import Array, Checkpoint, EpochEnded, Progress, ValidationForecast


class Reporter:
    """Sends one run's events.

    Progress and validation forecasts go out at most ten times a second, checkpoints at most twice,
    and none of them for more than a tenth of the time. So an epoch that lasts half a second or
    longer always leaves a checkpoint, quicker ones do in turn. The first validation forecast is
    always sent; ``flush`` sends the last one, and ``checkpoint`` with ``always`` the last state.
    """

    def __init__(self, run: str, emit: Emit) -> None:
        self._run = run
        self._emit = emit
        self._progress = Throttle(0.1)
        self._forecasts = Throttle(0.1)
        self._checkpoints = Throttle(0.5)
        self._held: Callable[[], None] | None = None

    def progress(self, epoch: int, step: int, steps: int) -> None:
        """Say where the run stands."""
        if self._progress.open:
            event = Progress(self._run, epoch=epoch, step=step, steps=steps)
            self._progress.took(lambda: self._emit(event))

    def epoch_ended(
        self,
        epoch: int,
        loss: float,
        mae: float,
        validated: Validated,
        rate: float,
        seconds: float,
        best: bool,
    ) -> None:
        """Tell an epoch's numbers."""
        self._emit(
            EpochEnded(
                self._run,
                epoch=epoch,
                loss=_finite(loss),
                mae=_finite(mae),
                val_loss=_finite(validated.loss),
                val_mae=_finite(validated.mae),
                learning_rate=rate,
                seconds=seconds,
                best=best,
            )
        )

    def validated(self, epoch: int, validation: Validation, outputs: Floats) -> None:
        """Show the one-step forecasts of ``epoch``, or hold them until they may go or are the last."""

        def send() -> None:
            values = Array.of(validation.in_units(outputs)[:, 0])
            self._emit(ValidationForecast(self._run, epoch=epoch, values=values))

        self._held = send
        if self._forecasts.open:
            self.flush()

    def flush(self) -> None:
        """Send the validation forecast that was held back, if any."""
        if self._held is not None:
            self._forecasts.took(self._held)
            self._held = None

    def checkpoint(self, state: State, always: bool = False) -> None:
        """Send ``state``; it is best where no epoch so far was better than its last."""

        def send() -> None:
            last = state.epochs_done - 1
            best = state.step == 0 and state.best_epoch == last
            packed = written(state)
            self._emit(Checkpoint(self._run, epoch=last, best=best, state=packed, step=state.step))

        if always or self._checkpoints.open:
            self._checkpoints.took(send)


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None
