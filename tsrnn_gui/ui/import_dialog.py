"""What was guessed of a file, shown before anything is read, each guess to be changed."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tsrnn_gui.app.series_reading import Preview, ReadOptions, SeriesReading, preview_reading, series_reading
from tsrnn_gui.core.problems import Problem, TsrnnError
from tsrnn_gui.core.series import Series
from tsrnn_gui.ui.import_fields import GUESSES, GuessBox
from tsrnn_gui.ui.problem_card import ProblemCard
from tsrnn_gui.ui.theme import theme

_ROWS = 50
_MOST_COLUMNS = 60


class ImportDialog(QDialog):
    """Previews ``path`` and reads it on Open; ``series`` is there once the dialog was accepted."""

    def __init__(self, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("import_dialog")
        self.setWindowTitle(f"Open {path.name}")
        self.resize(880, 600)
        self.series: Series | None = None
        self._path = path
        self._options = ReadOptions()
        self._preview: Preview | None = None
        self._reading: SeriesReading | None = None
        self._retired: list[SeriesReading] = []
        self.boxes = {guess.name: GuessBox(guess) for guess in GUESSES}
        self.table = _table()
        self._notes = QLabel()
        self._notes.setWordWrap(True)
        self._notes.setProperty("tone", "faint")
        self._problem_place = QVBoxLayout()
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.hide()
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel
        )
        self._lay_out()
        self._connect()
        self._look()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        about = QLabel("This is how the file was understood. Change a guess and the preview follows.")
        about.setProperty("tone", "faint")
        layout.addWidget(about)
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        for place, box in enumerate(self.boxes.values()):
            row, column = divmod(place, 4)
            label = QLabel(box.guess.title)
            label.setProperty("tone", "faint")
            label.setBuddy(box)
            box.shown.connect(label.setVisible)
            box.shown.connect(box.setVisible)
            grid.addWidget(label, row, 2 * column)
            grid.addWidget(box, row, 2 * column + 1)
            grid.setColumnStretch(2 * column + 1, 1)
        layout.addLayout(grid)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._notes)
        layout.addLayout(self._problem_place)
        layout.addWidget(self.progress)
        layout.addWidget(self.buttons)

    def _connect(self) -> None:
        for box in self.boxes.values():
            box.changed.connect(self._change)
        self.buttons.accepted.connect(self._read)
        self.buttons.rejected.connect(self.reject)

    # ---- the preview

    def _change(self, options: ReadOptions) -> None:
        self._options = options
        self._look()

    def _look(self) -> None:
        self._retire()
        reading = preview_reading(self._path, self._options, self)
        reading.done.connect(self._show)
        reading.failed.connect(self._fail)
        self._begin(reading)

    def _show(self, preview: Preview) -> None:
        if self.sender() is not self._reading:
            return
        if not preview.columns and self._preview is not None:
            preview = _with_what_was_seen(preview, self._preview, self._options)
        self._preview = preview
        for box in self.boxes.values():
            box.show_guess(preview, self._options)
        _fill(self.table, preview)
        self._notes.setText("\n".join(preview.notes))
        self._notes.setVisible(bool(preview.notes))
        self._tell(preview.problem.text if preview.problem else "")

    def _tell(self, text: str) -> None:
        while (item := self._problem_place.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if text:
            self._problem_place.addWidget(ProblemCard(Problem(text)))
        self.open_button.setEnabled(not text)

    @property
    def open_button(self) -> QWidget:
        """The button that reads the file."""
        return self.buttons.button(QDialogButtonBox.StandardButton.Open)

    # ---- the reading

    def _read(self) -> None:
        self._retire()
        self.open_button.setEnabled(False)
        self.progress.setValue(0)
        self.progress.show()
        reading = series_reading(self._path, self._options, self)
        reading.progressed.connect(lambda share: self.progress.setValue(int(1000 * share)))
        reading.done.connect(self._take)
        reading.failed.connect(self._fail)
        self._begin(reading)

    def _take(self, series: Series) -> None:
        self.series = series
        self.accept()

    def _fail(self, error: TsrnnError) -> None:
        if self.sender() is self._reading:
            self.progress.hide()
            self._tell(f"{error.text} {error.hint}")

    def _begin(self, reading: SeriesReading) -> None:
        self._reading = reading
        reading.finished.connect(lambda: self._retired.remove(reading) if reading in self._retired else None)
        reading.start()

    def _retire(self) -> None:
        """A reading that is not wanted any more runs out by itself, unheard."""
        if self._reading is not None and self._reading.isRunning():
            self._reading.cancel()
            self._retired.append(self._reading)
        self._reading = None

    def done(self, result: int) -> None:
        """Wait for the threads, which end between two chunks."""
        self._retire()
        for reading in list(self._retired):
            reading.wait(5000)
        super().done(result)


def _with_what_was_seen(preview: Preview, before: Preview, asked: ReadOptions) -> Preview:
    """A guess that cannot work must leave the others to be changed, so they stay as they were."""
    chosen = {f.name: getattr(asked, f.name) for f in fields(asked) if getattr(asked, f.name) is not None}
    return replace(
        preview, columns=before.columns, rows=before.rows, options=replace(before.options, **chosen)
    )


def _table() -> QTableWidget:
    table = QTableWidget()
    table.setObjectName("preview")
    table.setAccessibleName("First rows of the file")
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.verticalHeader().setDefaultSectionSize(22)
    table.verticalHeader().setMinimumWidth(36)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    return table


def _fill(table: QTableWidget, preview: Preview) -> None:
    columns = preview.columns[:_MOST_COLUMNS]
    times, values = preview.options.time_columns or (), preview.options.value_columns or ()
    table.setColumnCount(len(columns))
    table.setRowCount(min(len(preview.rows), _ROWS))
    for place, name in enumerate(columns):
        role = "time" if name in times else "value" if name in values else "not read"
        header = QTableWidgetItem(f"{name}\n{role}")
        table.setHorizontalHeaderItem(place, header)
        for row, cells in enumerate(preview.rows[:_ROWS]):
            item = QTableWidgetItem(cells[place] if place < len(cells) else "")
            if role == "not read":
                item.setForeground(theme().colour("faint"))
            if role == "value":
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            table.setItem(row, place, item)
    table.resizeColumnsToContents()
