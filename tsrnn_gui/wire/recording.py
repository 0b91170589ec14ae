"""Keeps a run's events in whatever keeps runs; the window and the command line both come here."""

from __future__ import annotations

from typing import Protocol

from tsrnn_gui.core.explosions import Explosion
from tsrnn_gui.core.runs import Epoch
from tsrnn_gui.wire.messages import (
    Checkpoint,
    EpochEnded,
    Event,
    Failed,
    Finished,
    ForecastMade,
    Started,
    encoded,
)


class RunKeeper(Protocol):
    """What a project file offers to one that records a run."""

    def keep_start(self, run: str, weights: int, first_epoch: int) -> None: ...
    def keep_epoch(self, run: str, epoch: Epoch) -> None: ...
    def keep_checkpoint(self, run: str, epoch: int, best: bool, state: bytes, step: int) -> None: ...
    def keep_forecast(self, run: str, epoch: int, blob: bytes) -> None: ...
    def end_run(
        self, run: str, status: str, best_epoch: int | None, note: str, explosion: Explosion | None = None
    ) -> None: ...


def record(event: Event, keeper: RunKeeper) -> None:
    """Write ``event`` down as one committed transaction; news that needs no keeping is passed by."""
    match event:
        case Started():
            keeper.keep_start(event.run, event.weights, event.first_epoch)
        case EpochEnded():
            keeper.keep_epoch(event.run, epoch_of(event))
        case Checkpoint():
            keeper.keep_checkpoint(event.run, event.epoch, event.best, event.state, event.step)
        case ForecastMade():
            keeper.keep_forecast(event.run, event.epoch, encoded(event))
        case Finished():
            keeper.end_run(event.run, event.reason, event.best_epoch, event.advice, event.explosion)
        case Failed():
            status = "interrupted" if event.engine_gone else "failed"
            keeper.end_run(event.run, status, None, event.text)
        case _:
            pass


def epoch_of(event: EpochEnded) -> Epoch:
    """Give the numbers of ``event`` as they are kept."""
    return Epoch(
        event.epoch,
        event.loss,
        event.mae,
        event.val_loss,
        event.val_mae,
        event.learning_rate,
        event.seconds,
        event.best,
    )
