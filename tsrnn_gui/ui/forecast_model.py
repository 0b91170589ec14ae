"""Item models of a forecast: its table, and its scores beside those of the simple rules."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from tsrnn_gui.app.exporting import ForecastTable
from tsrnn_gui.core.runs import Report, Rung
from tsrnn_gui.ui.figures import four_figures
from tsrnn_gui.ui.theme import theme

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_DIGITS = 5
_LOOKED_AT = 500


class ForecastModel(QAbstractTableModel):
    """Rows of a ForecastTable, numbers with as many decimals as their size calls for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table = ForecastTable((), [])
        self._decimals = 0
        self._dates_only = True

    def show_table(self, table: ForecastTable) -> None:
        """Show ``table``."""
        self.beginResetModel()
        self._table = table
        few = table.rows[:: max(len(table.rows) // _LOOKED_AT, 1)]
        numbers = [abs(c) for row in few for c in row[1:] if isinstance(c, float) and c]
        size = math.ceil(math.log10(max(numbers))) if numbers else 0
        self._decimals = min(max(_DIGITS - size, 0), 8)
        times = [row[0] for row in table.rows[:_LOOKED_AT] if isinstance(row[0], np.datetime64)]
        self._dates_only = all(time == time.astype("datetime64[D]") for time in times)
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """As many as the table has."""
        return 0 if parent.isValid() else len(self._table.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """As many as the table has."""
        return 0 if parent.isValid() else len(self._table.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give a cell's text or alignment."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if index.column() else _LEFT
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        cell = self._table.rows[index.row()][index.column()]
        if cell is None:
            return "–" if index.column() else ""
        if isinstance(cell, np.datetime64):
            return str(cell.astype("datetime64[D]" if self._dates_only else "datetime64[s]")).replace(
                "T", " "
            )
        return f"{cell:,.{self._decimals}f}" if index.column() else f"{int(cell):,}"

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Name a column."""
        if orientation != Qt.Orientation.Horizontal or section >= len(self._table.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._table.columns[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section else _LEFT
        return None


class ScoresModel(QAbstractTableModel):
    """MAE, MSE, RMSE and MASE of the network and of every rule, best MAE first."""

    columns = ("", "MAE", "MSE", "RMSE", "MASE")
    tips = (
        "",
        "Mean absolute error, in the series' units",
        "Mean squared error",
        "Root of the mean squared error, in the series' units",
        "MAE over that of “tomorrow equals today” on the training part (Hyndman & Koehler 2006)",
    )

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rungs: tuple[Rung, ...] = ()
        theme().changed.connect(self._recolour)

    def show_report(self, report: Report | None) -> None:
        """Show ``report``, or nothing."""
        rungs = report.ladder[::-1] if report is not None else ()
        if rungs != self._rungs:
            self.beginResetModel()
            self._rungs = rungs
            self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """One a rung."""
        return 0 if parent.isValid() else len(self._rungs)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """The name and four scores."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give a cell's text or looks."""
        if not index.isValid():
            return None
        rung = self._rungs[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            if index.column() == 0:
                return rung.title
            return four_figures(getattr(rung.scores, self.columns[index.column()].lower()))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if index.column() else _LEFT
        if rung.key == "network" and role == Qt.ItemDataRole.ForegroundRole:
            return theme().colour("forecast")
        if rung.key == "network" and role == Qt.ItemDataRole.FontRole:
            font = QFont()
            font.setBold(True)
            return font
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Name a score, and say what it is."""
        if orientation != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tips[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section else _LEFT
        return None

    def _recolour(self) -> None:
        if self._rungs:
            last = self.index(len(self._rungs) - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last, [Qt.ItemDataRole.ForegroundRole])
