"""Takes the run that is shown away: asks for form and name, works in the background, says what came of it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.run_exporting import (
    CodeExport,
    ModelFormat,
    RunExporting,
    Taken,
    code_written,
    model_written,
)
from tsrnn_gui.app.trainer import Trainer
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.ui.run_export_dialog import RunExportDialog


class RunExport(QObject):
    """One export at a time; ``done`` carries a sentence, ``failed`` a TsrnnError."""

    done = Signal(str)
    failed = Signal(object)

    def __init__(self, document: Document, trainer: Trainer, window: QWidget) -> None:
        super().__init__(window)
        self._document = document
        self._trainer = trainer
        self._window = window
        self._working: list[RunExporting] = []

    def why_not(self) -> str:
        """Say why nothing can be exported now, or nothing."""
        shown = self._trainer.shown
        if shown is None or shown.forecast is None:
            return "Train a stack first"
        if self._trainer.busy:
            return "Something is under way"
        return "" if self._trainer.state == "ready" else "The engine is not ready yet"

    def ask(self) -> None:
        """Let a form be chosen, then a name."""
        shown = self._trainer.shown
        if shown is None or self.why_not():
            return
        dialog = RunExportDialog(shown.experiment, self._window)
        dialog.picked.connect(self._ask_name)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_name(self, entry: ModelFormat | CodeExport) -> None:
        dialog = QFileDialog(self._window, f"Export: {entry.title}")
        dialog.setObjectName("run_export_name")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"{entry.title} (*{entry.suffix})")
        dialog.setDefaultSuffix(entry.suffix.lstrip("."))
        dialog.selectFile(f"{self._document.title}{entry.suffix}")
        dialog.fileSelected.connect(lambda name: self.write(entry, Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write(self, entry: ModelFormat | CodeExport, path: Path) -> None:
        """Write the run that is shown to ``path``."""
        shown = self._trainer.shown
        if shown is None:
            return
        path = path if path.suffix.lower() == entry.suffix else path.with_name(path.name + entry.suffix)
        try:
            kept = self._document.file.checkpoint(shown.run)
            if kept is None:
                raise TsrnnError("The weights of this run were not kept.", hint="Train again.")
        except TsrnnError as error:
            self.failed.emit(error)
            return
        run = Taken.of(shown, kept[1], self._document.project.future_steps)
        if isinstance(entry, CodeExport):
            self._begin(partial(code_written, entry, run, path)).start()
            return
        written = partial(model_written, entry, run, path)
        if not self._trainer.lend(lambda engine: self._begin(partial(written, engine))):
            self.failed.emit(TsrnnError("The engine is not ready.", hint="Export again in a moment."))

    def _begin(self, job: partial[str]) -> RunExporting:
        working = RunExporting(job, self)
        working.done.connect(self.done)
        working.failed.connect(self.failed)
        working.finished.connect(self._forget_done)
        self._working.append(working)
        return working

    def _forget_done(self) -> None:
        for working in [working for working in self._working if working.isFinished()]:
            self._working.remove(working)
            working.deleteLater()

    def finish(self) -> None:
        """Wait until all is written; for the end of the program, after the engine's."""
        for working in self._working:
            working.wait(5000)
