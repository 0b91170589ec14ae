"""The item model of the runs that a project keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tsrnn_gui.app.run_words import status_words
from tsrnn_gui.core.runs import RunRecord
from tsrnn_gui.ui.figures import four_figures

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


@dataclass(frozen=True)
class Column:
    """One column: its title, what it says of a run, and whether that is a number."""

    title: str
    text: Callable[[RunRecord], str]
    number: bool = True
    tip: str = ""


def _started(run: RunRecord) -> str:
    return f"{datetime.fromisoformat(run.created).astimezone():%Y-%m-%d %H:%M}"


def stack_words(run: RunRecord) -> str:
    """Name the layers of a run's stack from first to last."""
    return " → ".join(layer.label() for layer in run.experiment.stack)


def _best(run: RunRecord) -> str:
    return "–" if run.best_epoch is None else f"{run.best_epoch + 1:,}"


def _mae(run: RunRecord) -> str:
    return four_figures(run.reports[0].network.mae) if run.reports else "–"


def _naive(run: RunRecord) -> str:
    return four_figures(run.reports[0].naive.mae) if run.reports else "–"


def _named(run: RunRecord) -> str:
    if run.past is None:
        return f"{run.number}"
    parent = "a deleted run" if run.parent_number is None else f"run {run.parent_number}"
    return f"{run.number} · from {parent}, epoch {run.past.until:,}"


COLUMNS: tuple[Column, ...] = (
    Column("Run", _named, number=False, tip="Its number, and the run and epoch that it went on from"),
    Column("Started", _started, number=False),
    Column("Stack", stack_words, number=False),
    Column("Epochs", lambda run: f"{run.epochs_done:,}"),
    Column("Best", _best, tip="The epoch with the smallest validation loss"),
    Column("Status", status_words, number=False),
    Column("MAE", _mae, tip="Mean absolute error of the network, in the series' units"),
    Column("Naive", _naive, tip="Mean absolute error of “tomorrow equals today” on the same points"),
    Column("Weights", lambda run: "–" if run.weights is None else f"{run.weights:,}"),
)


class RunsModel(QAbstractTableModel):
    """A row a run, newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: list[RunRecord] = []

    def show_runs(self, runs: Sequence[RunRecord]) -> None:
        """Show ``runs``."""
        self.beginResetModel()
        self._runs = list(runs)
        self.endResetModel()

    def run_at(self, row: int) -> RunRecord | None:
        """Give the run in ``row``."""
        return self._runs[row] if 0 <= row < len(self._runs) else None

    def row_of(self, run: str) -> int:
        """Give the row of the run called ``run``, −1 if it is not there."""
        return next((row for row, record in enumerate(self._runs) if record.id == run), -1)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """One a run."""
        return 0 if parent.isValid() else len(self._runs)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """As COLUMNS says."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give a cell's text, alignment or tip."""
        if not index.isValid():
            return None
        run, column = self._runs[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(run)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            judged = [f"{report.target}: {report.sentence}" for report in run.reports]
            return "\n".join((stack_words(run), *judged, *([run.note] if run.note else [])))
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Name a column."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section].title
        if role == Qt.ItemDataRole.ToolTipRole:
            return COLUMNS[section].tip
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(COLUMNS[section])
        return None


def _alignment(column: Column) -> int:
    side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
