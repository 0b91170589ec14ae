"""The forecast view: plot, table and scores of what a run foresees, and the way to take them away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.exporting import ForecastTable, export, table_of
from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.app.trainer import Trainer
from tsrnn_gui.core.fields import Field
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.ui.cards import card, told_row
from tsrnn_gui.ui.export_button import ExportButton
from tsrnn_gui.ui.forecast_model import ForecastModel, ScoresModel
from tsrnn_gui.ui.forecast_plot import ForecastPlot
from tsrnn_gui.ui.number_edit import NumberEdit
from tsrnn_gui.ui.run_view import RunView
from tsrnn_gui.ui.tables import quiet_table
from tsrnn_gui.ui.target_choice import TargetChoice
from tsrnn_gui.ui.toned import set_tone
from tsrnn_gui.ui.training_panel import report_of, sentence_tone

STEPS = Field(
    "future_steps",
    "Steps beyond the end",
    "How far beyond the last row to forecast",
    "int",
    24,
    low=0,
    high=100_000,
)
_SHARING_COLUMNS = 4
_EMPTY = (
    "<p style='font-size:17px'>No forecast yet</p><p>Train the stack: when the run ends, its forecast of the "
    "validation part<br>and of what comes after the last row is drawn here. A run that was stopped before<br>"
    "an epoch was judged has none: continue it.</p>"
)


class ForecastPanel(RunView):
    """Shows the forecast of the run that is looked at."""

    def __init__(self, document: Document, trainer: Trainer, parent: QWidget | None = None) -> None:
        super().__init__(document, trainer, parent)
        self.setObjectName("forecast_panel")
        self.model, self.scores = ForecastModel(self), ScoresModel(self)
        self.target, self.steps, self.export_button = TargetChoice(), NumberEdit(STEPS), ExportButton()
        self.again = QPushButton("Forecast again")
        self._sentence, self._note, self._told = QLabel(), QLabel(), QLabel()
        self.plot = ForecastPlot(
            "forecast_plot",
            "The end of the validation part, and beyond",
            future=True,
        )
        self.table = quiet_table("forecast_table", "Forecast as a table", self.model, stretched=None)
        self.scores_table = quiet_table("scores_table", "Scores beside the simple rules", self.scores)
        self._shown: tuple[object, ...] = ()
        self._lay_out()
        self._connect()
        self.begin()

    def _lay_out(self) -> None:
        empty = QLabel(_EMPTY)
        empty.setObjectName("forecast_empty")
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_tone(empty, "faint")
        whole = QWidget()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(whole)
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._plot_card(), 11)
        layout.addWidget(self._tables(), 9)

    def _plot_card(self) -> QFrame:
        frame, layout = card()
        self._sentence.setObjectName("forecast_sentence")
        layout.addLayout(told_row("Forecast", self._sentence, self.target))
        row = QHBoxLayout()
        row.setSpacing(8)
        label = QLabel(STEPS.title)
        set_tone(label, "faint")
        label.setBuddy(self.steps)
        self.steps.setFixedWidth(72)
        self.again.setObjectName("forecast_again")
        self.again.setProperty("fix", True)
        self.again.setToolTip("Forecast with this run's weights, as far as the field says")
        self._note.setObjectName("forecast_note")
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        set_tone(self._note, "faint")
        for widget in (label, self.steps, self.again):
            row.addWidget(widget)
        row.addWidget(self._note, 1)
        row.addWidget(self.export_button)
        layout.addLayout(row)
        layout.addWidget(self.plot, 1)
        return frame

    def _tables(self) -> QSplitter:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setHandleWidth(8)
        split.setChildrenCollapsible(False)
        for title, table, side in (
            ("Table", self.table, self._told),
            ("Scores on the validation part", self.scores_table, QLabel()),
        ):
            frame, layout = card()
            layout.addLayout(told_row(title, side))
            layout.addWidget(table, 1)
            split.addWidget(frame)
        self._told.setObjectName("export_told")
        set_tone(self._told, "faint")
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        return split

    def _connect(self) -> None:
        self.target.activated.connect(self.refresh)
        self.steps.edited.connect(self._set_steps)
        self.steps.returnPressed.connect(self._forecast_again)
        self.again.clicked.connect(self._forecast_again)
        self.export_button.done.connect(self._tell_saved)
        self.export_button.failed.connect(self._tell_failed)

    # ---- what the window may ask

    def ask_export(self) -> None:
        """Let a file name be chosen for the table, then write it."""
        self.refresh()
        self.export_button.ask()

    def export_to(self, path: Path) -> None:
        """Write the table of the run that is looked at to ``path``, now. Raises TsrnnError."""
        export(self._table(), path)

    def _table(self) -> ForecastTable:
        if self.log is None:
            raise TsrnnError("There is no forecast yet.", hint="Train the stack first.")
        return table_of(self.log)

    # ---- what is seen

    def draw(self) -> None:
        """Bring everything up to date."""
        log = self.log
        self.steps.set_value(self.document.project.future_steps)
        there = log is not None and log.forecast is not None
        self._stack.setCurrentIndex(1 if there else 0)
        if log is None or log.forecast is None:
            self.export_button.table = None
            return
        target = self.target.show_run(log)
        report = report_of(log, target)
        self._sentence.setText(report.sentence if report else "")
        set_tone(self._sentence, sentence_tone(report))
        self.scores.show_report(report)
        self.plot.show_run(log, target)
        self._show_table(log)
        self._show_reach(log)

    def _show_table(self, log: RunLog) -> None:
        key = (log.run, log.forecast, log.reports)
        if key == self._shown:
            return
        self._shown = key
        table = self.export_button.table = self._table()
        self.model.show_table(table)
        share = len(table.columns) <= _SHARING_COLUMNS
        mode = QHeaderView.ResizeMode.Stretch if share else QHeaderView.ResizeMode.ResizeToContents
        self.table.horizontalHeader().setSectionResizeMode(mode)
        self._told.clear()
        self.table.scrollToBottom()
        ahead = len(log.future)
        if ahead:
            first = max(len(table.rows) - ahead - 3, 0)
            self.table.scrollTo(self.model.index(first, 0), self.table.ScrollHint.PositionAtTop)

    def _show_reach(self, log: RunLog) -> None:
        assert log.forecast is not None
        wanted, made = self.document.project.future_steps, len(log.future)
        cut_short = getattr(log.ending, "reason", "") == "stopped"
        limited = bool(log.forecast.future_limit) and made < wanted and not cut_short
        self.again.setVisible(wanted != made and not limited)
        self.again.setEnabled(not self.trainer.busy and not STEPS.wrong(wanted))
        note = log.forecast.future_limit
        if not note and log.forecast.recursive and made:
            note = "Beyond the horizon the network reads its own forecasts: trust later steps less."
        self._note.setText(note)
        self._note.setToolTip(note)

    def _set_steps(self, steps: int) -> None:
        if not STEPS.wrong(steps):
            project = replace(self.document.project, future_steps=steps)
            self.document.edit("Change steps beyond the end", project, "future_steps")

    def _forecast_again(self) -> None:
        if self.log is not None and self.again.isVisibleTo(self) and self.again.isEnabled():
            self.trainer.forecast_again(self.log, self.document)

    def _tell_saved(self, path: Path) -> None:
        set_tone(self._told, "good")
        self._told.setText(f"Saved as {path.name}")
        self._told.setToolTip(str(path))

    def _tell_failed(self, error: TsrnnError) -> None:
        set_tone(self._told, "bad")
        self._told.setText(error.text)
        self._told.setToolTip(error.hint)
