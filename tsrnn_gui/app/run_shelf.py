"""The runs that a project keeps, and which of them is looked at."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QObject, Signal

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.app.trainer import Trainer
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.runs import RunRecord
from tsrnn_gui.core.series import Series
from tsrnn_gui.files.series_blob import series_key


class RunShelf(QObject):
    """Lists ``records``, newest first, of the document's file; ``changed`` when the list is another.

    An opened project shows its last run again. A run under way follows its project into a copy, and is
    stopped when another project is opened.
    """

    changed = Signal(object)
    failed = Signal(object)

    def __init__(self, document: Document, trainer: Trainer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._trainer = trainer
        self.records: list[RunRecord] = []
        document.opened.connect(self._on_opened)
        trainer.run_started.connect(self.refresh)
        trainer.run_ended.connect(self.refresh)
        self._on_opened()

    def refresh(self) -> None:
        """Read the list again."""
        try:
            records = self._document.file.runs()[::-1]
        except (TsrnnError, msgspec.MsgspecError) as error:
            self._tell(error)
            return
        if records != self.records:
            self.records = records
            self.changed.emit(records)

    def show(self, run: str) -> None:
        """Let the panels look at the run called ``run``."""
        running, shown = self._trainer.running, self._trainer.shown
        if shown is not None and shown.run == run:
            return
        if running is not None and running.run == run:
            self._trainer.show_run(running)
            return
        record = next((record for record in self.records if record.id == run), None)
        if record is None:
            return
        try:
            log = RunLog.from_file(self._document.file, record, self._series(record), self._trainer)
        except (TsrnnError, msgspec.MsgspecError, ValueError) as error:
            self._tell(error)
        else:
            self._trainer.show_run(log)

    def delete(self, run: str) -> None:
        """Remove a run and all that was kept of it; the one under way stays."""
        running = self._trainer.running
        if running is not None and running.run == run:
            return
        try:
            self._document.file.delete_run(run)
        except TsrnnError as error:
            self._tell(error)
            return
        self.refresh()
        if self._trainer.shown is not None and self._trainer.shown.run == run:
            self._show_last()

    def use_again(self, run: str) -> None:
        """Make the run's experiment the project's, as one step that can be undone."""
        record = next((record for record in self.records if record.id == run), None)
        if record is not None:
            project = self._document.project.with_experiment(record.experiment)
            self._document.edit("Use a run's experiment", project)

    def _on_opened(self) -> None:
        running = self._trainer.running
        self.records = []
        if running is None:
            self._mark_interrupted()
        self.refresh()
        if running is not None and any(record.id == running.run for record in self.records):
            self._trainer.follow(self._document.path)
            return
        if running is not None:
            self._trainer.stop()
        if not self.records:
            self.changed.emit([])
        self._show_last()

    def _show_last(self) -> None:
        if not self.records:
            self._trainer.show_run(None)
            return
        shown = self._trainer.shown
        if shown is None or all(record.id != shown.run for record in self.records):
            self.show(self.records[0].id)

    def _mark_interrupted(self) -> None:
        try:
            self._document.file.mark_interrupted()
        except TsrnnError as error:
            self._tell(error)

    def _series(self, record: RunRecord) -> Series:
        present = self._document.project.series
        if present is not None and series_key(present) == record.series_key:
            return present
        return self._document.file.series(record.series_key)

    def _tell(self, error: Exception) -> None:
        if not isinstance(error, TsrnnError):
            hint, details = "Delete it, or train again.", str(error)
            error = TsrnnError("A kept run cannot be read.", hint, details)
        self.failed.emit(error)
