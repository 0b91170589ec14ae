"""Finds out how long training will take by a few steps of it; the design is then compiled already."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from PySide6.QtCore import QObject, QThread, Signal

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.run_words import seconds_words
from tsrnn_gui.app.trainer import Trainer
from tsrnn_gui.core.estimates import memory_bytes, same_work
from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.series import Series
from tsrnn_gui.wire.client import Engine
from tsrnn_gui.wire.messages import Data, Estimate, Estimated, Failed


@dataclass(frozen=True, eq=False)
class Found:
    """What was measured: seconds an epoch of ``experiment`` on ``series``."""

    experiment: Experiment
    series: Series
    seconds_an_epoch: float


class Estimator(QObject):
    """Says what the plan will need; ``changed`` tells of a measurement, ``failed`` why there is none."""

    changed = Signal()
    failed = Signal(object)

    def __init__(self, document: Document, trainer: Trainer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._trainer = document, trainer
        self._found: Found | None = None

    @property
    def why_not(self) -> str:
        """Say why nothing can be measured now, or nothing."""
        errors = self._document.verdict.errors
        if errors:
            return errors[0].text
        return "" if self._trainer.state == "ready" else "The engine is not free"

    def measure(self) -> None:
        """Have the engine take a few steps; does nothing where it may not."""
        series, experiment = self._document.project.series, self._document.project.experiment
        if series is not None and not self.why_not:
            self._trainer.lend(lambda engine: self._visit(engine, series, experiment), "measuring")

    @property
    def words(self) -> str:
        """Say what the plan will take, as far as it is known; nothing while something is wrong."""
        project, verdict = self._document.project, self._document.verdict
        if project.series is None or verdict.errors:
            return ""
        memory = memory_bytes(project.experiment, verdict, len(project.series))
        parts = (
            [f"{verdict.weights:,} weights", f"about {size_words(memory)} of memory"]
            if memory is not None
            else []
        )
        found = self._fitting(project.experiment, project.series)
        if found is not None:
            whole = seconds_words(project.experiment.plan.epochs * found.seconds_an_epoch)
            parts.append(f"about {whole} ({seconds_words(found.seconds_an_epoch)} an epoch)")
        return " · ".join(parts)

    def _fitting(self, experiment: Experiment, series: Series) -> Found | None:
        found = self._found
        fits = found is not None and found.series is series and same_work(found.experiment, experiment)
        return found if fits else None

    def _visit(self, engine: Engine, series: Series, experiment: Experiment) -> Visit:
        visit = Visit(engine, series, experiment, self._trainer)
        visit.measured.connect(self._take)
        visit.refused.connect(self.failed)
        return visit

    def _take(self, found: Found) -> None:
        self._found = found
        self.changed.emit()


class Visit(QThread):
    """Has ``engine`` try the design; ``measured`` carries what was Found, ``refused`` a TsrnnError."""

    measured = Signal(object)
    refused = Signal(object)

    def __init__(
        self, engine: Engine, series: Series, experiment: Experiment, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._engine, self._series, self._experiment = engine, series, experiment

    def run(self) -> None:
        data = Data.read_by(self._experiment, self._series)
        request = Estimate(uuid4().hex, experiment=self._experiment, data=data)
        for event in self._engine.ask(request):
            match event:
                case Estimated(seconds_an_epoch=float(seconds)):
                    self.measured.emit(Found(self._experiment, self._series, seconds))
                case Failed():
                    self.refused.emit(TsrnnError(event.text, event.hint, event.details))


def size_words(size: int) -> str:
    """Write a number of bytes as a person would."""
    if size < 1e9:
        return f"{max(size / 1e6, 1):.0f} MB"
    return f"{size / 1e9:.1f} GB"
