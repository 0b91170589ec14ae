"""One run as it is shown: what came of it so far, told at most 25 times a second."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from tsrnn_gui.app.epoch_table import EpochTable
from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.explosions import Explosion
from tsrnn_gui.core.past import Past
from tsrnn_gui.core.runs import Epoch, Report, RunRecord
from tsrnn_gui.core.series import Series
from tsrnn_gui.core.validation import validation_origins
from tsrnn_gui.files.project_file import ProjectFile
from tsrnn_gui.wire.messages import (
    EpochEnded,
    Event,
    Failed,
    Finished,
    ForecastMade,
    Progress,
    Started,
    ValidationForecast,
    decoded_event,
)
from tsrnn_gui.wire.recording import epoch_of

INTERVAL_MS = 40
_RECENT = 5


class RunLog(QObject):
    """Gathers a run's events.

    ``validation`` holds one-step forecasts (windows, targets) that start at ``origins`` (windows,).
    ``grown`` comes soon after news, many at once; ``ended`` carries the ending, after the last ``grown``.
    """

    grown = Signal()
    ended = Signal(object)

    def __init__(
        self, run: str, series: Series, experiment: Experiment, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.run = run
        self.series = series
        self.experiment = experiment
        self.created = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.past: Past | None = None
        self.epochs: list[Epoch] = []
        self._table = EpochTable()
        self.started: Started | None = None
        self.progress: Progress | None = None
        self.origins: NDArray[np.int64] = validation_origins(series, experiment.windowing)
        self.validation: NDArray[np.float64] | None = None
        self.reports: tuple[Report, ...] = ()
        self.forecast: ForecastMade | None = None
        self.ending: Finished | Failed | None = None
        self._soon = QTimer(self, singleShot=True, interval=INTERVAL_MS)
        self._soon.timeout.connect(self.grown)

    @classmethod
    def from_file(
        cls, file: ProjectFile, record: RunRecord, series: Series, parent: QObject | None = None
    ) -> RunLog:
        """Show a kept run again; ``series`` is what it was trained on. Raises TsrnnError."""
        log = cls(record.id, series, record.experiment, parent)
        log.created = record.created
        log.past = record.past
        log.epochs = file.epochs(record.id)
        blob = file.forecast(record.id)
        made = decoded_event(blob) if blob else None
        if isinstance(made, ForecastMade):
            log._take_forecast(made)
        log.reports = record.reports
        log.ending = _ending(record)
        return log

    @property
    def running(self) -> bool:
        """Whether news may still come."""
        return self.ending is None

    @property
    def future(self) -> NDArray[np.float64]:
        """The forecast beyond the end, (steps, targets); no steps while there is none."""
        if self.forecast is None:
            return np.empty((0, len(self.experiment.windowing.targets)))
        return np.asarray(self.forecast.future.unpacked(), dtype=np.float64)

    @property
    def explosion(self) -> Explosion | None:
        """Where the loss grew beyond bounds, if it did."""
        return self.ending.explosion if isinstance(self.ending, Finished) else None

    @property
    def best(self) -> Epoch | None:
        """The best epoch so far."""
        self._table.follow(self.epochs)
        return self._table.best

    def column(self, name: str) -> NDArray[np.float64]:
        """Give the number called ``name`` of every epoch so far, NaN for none, float64 (epochs,)."""
        self._table.follow(self.epochs)
        return self._table.column(name)

    @property
    def seconds_an_epoch(self) -> float | None:
        """How long the latest epochs took, the middle one of a few."""
        recent = sorted(epoch.seconds for epoch in self.epochs[-_RECENT:])
        return recent[len(recent) // 2] if recent else None

    @property
    def seconds_left(self) -> float | None:
        """How long the planned epochs will still take, None before the first ended."""
        pace = self.seconds_an_epoch
        if pace is None:
            return None
        inside = self.progress.step / max(self.progress.steps, 1) if self.progress else 0.0
        return max(0.0, (self.experiment.plan.epochs - len(self.epochs) - inside) * pace)

    @property
    def fresh(self) -> bool:
        """Whether no epoch has ended since the run began or was taken up again."""
        return self.started is None or len(self.epochs) <= self.started.first_epoch

    def take_up(self) -> None:
        """Let a run that had ended go on."""
        self.ending = self.started = self.progress = None

    def apply(self, event: Event) -> None:
        """Take in ``event``; epochs from the first that will be told again on are forgotten."""
        match event:
            case Started():
                self.started = event
                self.epochs = [epoch for epoch in self.epochs if epoch.epoch < event.first_epoch]
            case Progress():
                self.progress = event
            case EpochEnded():
                self.progress = None
                self.epochs.append(epoch_of(event))
            case ValidationForecast():
                self.validation = np.asarray(event.values.unpacked(), dtype=np.float64)
            case ForecastMade():
                self._take_forecast(event)
            case Finished() | Failed():
                self._end(event)
                return
            case _:
                return
        if not self._soon.isActive():
            self._soon.start()

    def judge(self, reports: tuple[Report, ...]) -> None:
        """Take in how the latest forecast was judged."""
        self.reports = reports
        if not self._soon.isActive():
            self._soon.start()

    def _end(self, event: Finished | Failed) -> None:
        self._soon.stop()
        if self.ending is None:
            self.ending = event
        self.grown.emit()
        self.ended.emit(event)

    def _take_forecast(self, event: ForecastMade) -> None:
        self.forecast = event
        self.origins = event.origins.unpacked().astype(np.int64)
        self.validation = np.asarray(event.validation.unpacked(), dtype=np.float64)[:, 0, :]


def _ending(record: RunRecord) -> Finished | Failed:
    match record.status:
        case "completed" | "stopped" | "early" | "exploded":
            return Finished(
                record.id,
                reason=record.status,
                epochs_done=record.epochs_done,
                best_epoch=record.best_epoch,
                advice=record.note,
                explosion=record.explosion,
            )
        case "failed":
            return Failed(record.id, text=record.note or "The run failed.")
        case _:
            return Failed(record.id, text=record.note or "The run was interrupted.", engine_gone=True)
