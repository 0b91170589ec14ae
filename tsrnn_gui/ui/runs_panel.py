"""The runs that a project keeps: look at one again, use its experiment again, delete it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.app.run_shelf import RunShelf
from tsrnn_gui.app.trainer import Trainer
from tsrnn_gui.core.runs import RunRecord
from tsrnn_gui.ui.going_on_buttons import GoingOnButtons
from tsrnn_gui.ui.problem_card import heading_row
from tsrnn_gui.ui.runs_model import RunsModel
from tsrnn_gui.ui.tables import quiet_table
from tsrnn_gui.ui.toned import set_tone

_EMPTY = (
    "<p style='font-size:17px'>No runs yet</p><p>Every run that you train is kept here with its stack, "
    "its curves,<br>its scores and its forecast, so that it can be looked at and used again.</p>"
)


class RunsPanel(QWidget):
    """Lists the runs; the selected one is what Training and Forecast show."""

    def __init__(
        self, document: Document, trainer: Trainer, shelf: RunShelf, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("runs_panel")
        self._document, self._trainer, self._shelf = document, trainer, shelf
        self.model = RunsModel(self)
        self.table = quiet_table("runs_table", "Runs of this project", self.model, stretched=2)
        self.use_again, self.delete = QPushButton("Use this experiment again"), QPushButton("Delete")
        self.going_on = GoingOnButtons(document, trainer)
        self._note = QLabel()
        self._asked = ""
        self._name()
        self._lay_out()
        self._connect()
        self._follow(shelf.records)

    def _name(self) -> None:
        self.use_again.setObjectName("use_again")
        self.use_again.setToolTip("Put this run's stack, windows and plan back; can be undone")
        self.delete.setObjectName("delete_run")
        self.delete.setToolTip("Remove this run with its curves, weights and forecast")
        self._note.setObjectName("run_note")
        self._note.setWordWrap(True)
        set_tone(self._note, "faint")

    def _lay_out(self) -> None:
        card = QFrame()
        card.setObjectName("card")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(12, 10, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(heading_row("Runs", self.going_on, self.use_again, self.delete))
        layout.addWidget(self.table, 1)
        layout.addWidget(self._note)
        empty = QLabel(_EMPTY)
        empty.setObjectName("runs_empty")
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_tone(empty, "faint")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(card)

    def _connect(self) -> None:
        self._shelf.changed.connect(self._follow)
        self._trainer.shown_changed.connect(self._select_shown)
        self._trainer.state_changed.connect(self._enable)
        self._document.changed.connect(self._enable)
        self.table.selectionModel().selectionChanged.connect(self._show_selected)
        self.use_again.clicked.connect(self._use_selected)
        self.delete.clicked.connect(self._delete_selected)

    @property
    def selected(self) -> RunRecord | None:
        """The run whose row is selected."""
        rows = self.table.selectionModel().selectedRows()
        return self.model.run_at(rows[0].row()) if rows else None

    def _follow(self, records: list[RunRecord]) -> None:
        self.model.show_runs(records)
        self._stack.setCurrentIndex(1 if records else 0)
        self._select_shown(self._trainer.shown)

    def _select_shown(self, log: RunLog | None) -> None:
        row = self.model.row_of(log.run) if log is not None else -1
        if row >= 0 and (self.selected is None or log is None or self.selected.id != log.run):
            self.table.selectRow(row)
        self._enable()

    def _show_selected(self) -> None:
        run = self.selected
        if run is not None:
            self._shelf.show(run.id)
        self._enable()

    def _enable(self) -> None:
        run, running = self.selected, self._trainer.running
        under_way = run is not None and running is not None and running.run == run.id
        self.use_again.setEnabled(run is not None and not self._is_present(run))
        self.delete.setEnabled(run is not None and not under_way)
        if run is None or run.id != self._asked:
            self._asked = ""
            self.delete.setText("Delete")
        self._note.setText(_about(run) if run is not None else "")

    def _is_present(self, run: RunRecord) -> bool:
        return run.experiment == self._document.project.experiment

    def _use_selected(self) -> None:
        if self.selected is not None:
            self._shelf.use_again(self.selected.id)
            self._enable()

    def _delete_selected(self) -> None:
        """What cannot be undone is asked for twice, on the button itself."""
        run = self.selected
        if run is None:
            return
        if self._asked != run.id:
            self._asked = run.id
            self.delete.setText("Delete for good?")
            return
        self._asked = ""
        self._shelf.delete(run.id)


def _about(run: RunRecord) -> str:
    judged = [
        report.sentence if len(run.reports) == 1 else f"{report.target}: {report.sentence}"
        for report in run.reports
    ]
    return "  ".join((*judged, *([run.note] if run.note else [])))
