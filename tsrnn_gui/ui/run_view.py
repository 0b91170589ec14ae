"""What looks at a run: follows the trainer's choice, and draws only while it is seen."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.app.trainer import Trainer


class RunView(QWidget):
    """Calls ``draw`` when the run that is looked at, the project or the trainer's state is another."""

    def __init__(self, document: Document, trainer: Trainer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.trainer = trainer
        self.log: RunLog | None = None
        self._stale = True
        document.changed.connect(self.refresh)
        document.opened.connect(self.refresh)
        trainer.state_changed.connect(self.refresh)
        trainer.run_ended.connect(self.refresh)
        trainer.shown_changed.connect(self._look_at)

    def draw(self) -> None:
        """Bring what is seen up to date, changing only what differs."""

    def refresh(self) -> None:
        """Draw now, or as soon as it can be seen."""
        self._stale = not self.isVisible()
        if not self._stale:
            self.draw()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        if self._stale:
            self._stale = False
            self.draw()

    def _look_at(self, log: RunLog | None) -> None:
        if self.log is not None:
            self.log.grown.disconnect(self.refresh)
        self.log = log
        if log is not None:
            log.grown.connect(self.refresh)
        self.refresh()

    def begin(self) -> None:
        """Take up the run that is looked at already; called when everything is built."""
        self._look_at(self.trainer.shown)
