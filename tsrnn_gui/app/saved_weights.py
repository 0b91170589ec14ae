"""The weights of a saved model that was opened: used on the open series, without training."""

from __future__ import annotations

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.order import Order
from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.app.trainer import Trainer
from tsrnn_gui.core.keras_source import Found
from tsrnn_gui.core.layers import Stack


class SavedWeights:
    """Holds the weights of the model opened last, for as long as its stack is the document's."""

    def __init__(self, document: Document, trainer: Trainer) -> None:
        self._document = document
        self._trainer = trainer
        self._stack: Stack | None = None
        self._weights = b""

    def take(self, found: Found) -> bool:
        """Hold the weights of ``found``; False where it has none that can be used."""
        self._stack = found.experiment.stack if found.weights else None
        self._weights = found.weights
        return bool(found.weights)

    def why_not(self) -> str:
        """Say why they cannot be used now, or nothing."""
        document = self._document
        if self._stack is None:
            return "Open a .keras model first"
        if document.project.experiment.stack != self._stack:
            return "The stack is no longer that of the opened model"
        if document.verdict.errors:
            return document.verdict.errors[0].text
        return "A run is under way" if self._trainer.busy else ""

    def use(self) -> None:
        """Forecast with them, as a run of its own; does nothing where they cannot be used."""
        project = self._document.project
        if self.why_not() or project.series is None:
            return
        order = Order(project.series, project.experiment, project.future_steps, saved=self._weights)
        log = RunLog(order.run, order.series, order.experiment, self._trainer)
        self._trainer.carry_out(order, log, self._document)
