"""The stack as a table: input, layers, and the contract with the target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from PySide6.QtCore import (
    QAbstractTableModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QBrush

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.layer_clipboard import MIME, layers_from, mime_of
from tsrnn_gui.core.layers import AnyLayer
from tsrnn_gui.core.problems import Problem
from tsrnn_gui.core.shapes import Shape, axes, written
from tsrnn_gui.ui.theme import theme

HEADERS = ("Layer", "Output shape", "Weights", "")
_Index = QModelIndex | QPersistentModelIndex


class StackModel(QAbstractTableModel):
    """Rows are derived from the document's verdict at every change; ``dropped`` carries the new stack."""

    dropped = Signal(object, int)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._layers = len(document.verdict.rows)
        document.changed.connect(self._follow)
        theme().changed.connect(self._repaint)

    # ---- rows

    def is_layer(self, row: int) -> bool:
        """Whether ``row`` of the table is a layer, not the input or the target."""
        return 0 < row <= self._layers

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._layers + 2

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADERS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(index.row(), index.column())
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(index.row(), index.column())
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(index.column())
            case Qt.ItemDataRole.ForegroundRole:
                return QBrush(theme().colour(self._tone(index.row(), index.column())))
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{HEADERS[index.column()] or 'State'}: {self._text(index.row(), index.column())}"
            case _:
                return None

    def problem(self, row: int) -> Problem | None:
        """What is wrong at ``row`` of the table."""
        verdict = self._document.verdict
        if self.is_layer(row):
            return verdict.rows[row - 1].problem
        return verdict.contract.problem if row == self._layers + 1 else None

    def shape(self, row: int) -> Shape | None:
        """The shape at ``row`` without batch, None while it is unknown."""
        verdict = self._document.verdict
        if row == 0:
            return verdict.input_shape
        return verdict.rows[row - 1].shape if self.is_layer(row) else verdict.contract.shape

    def _text(self, row: int, column: int) -> str:
        verdict, batch = self._document.verdict, self._document.project.experiment.plan.batch
        if column == 1:
            shape = self.shape(row)
            return "—" if shape is None else written(shape, batch)
        if column == 3:
            return self._state(row)
        if row == 0:
            return "Input" if column == 0 else ""
        if row == self._layers + 1:
            weights = verdict.weights
            return f"Target: {verdict.contract.words}" if column == 0 else f"{weights:,}" if weights else "—"
        if column == 0:
            layer = verdict.rows[row - 1].layer
            return f"ƒ  {layer.label()}" if layer.group == "Formulas" else layer.label()
        count = verdict.rows[row - 1].weights
        return "—" if count is None else f"{count:,}"

    def _state(self, row: int) -> str:
        problem = self.problem(row)
        if problem is not None:
            return "●" if problem.severity == "error" else "▲"
        if row == 0:
            return ""
        if row == self._layers + 1 and self._document.verdict.weights is None:
            return ""
        return "✓" if self.shape(row) is not None else ""

    def _tip(self, row: int, column: int) -> str:
        problem = self.problem(row)
        if column == 3:
            return problem.text if problem else ""
        if column == 1:
            shape = self.shape(row)
            vector = "time" if row == 0 else "horizon" if row > self._layers else "features"
            return "Unknown after a problem above" if shape is None else axes(shape, vector)
        if column == 2 and row == self._layers + 1:
            return "Weights of the whole stack"
        if column == 0 and row == self._layers + 1:
            return self._text(row, column)
        if column == 0 and self.is_layer(row):
            return (type(self._document.verdict.rows[row - 1].layer).__doc__ or "").strip()
        return ""

    def _tone(self, row: int, column: int) -> str:
        problem = self.problem(row)
        if problem is not None and column in (0, 3):
            return "bad" if problem.severity == "error" else "doubt"
        if column == 3:
            return "good"
        return "text" if self.is_layer(row) else "faint"

    def _follow(self) -> None:
        rows = len(self._document.verdict.rows)
        if rows != self._layers:
            self.beginResetModel()
            self._layers = rows
            self.endResetModel()
        else:
            self._repaint()

    def _repaint(self) -> None:
        self.dataChanged.emit(self.index(0, 0), self.index(self._layers + 1, len(HEADERS) - 1))

    # ---- drag and drop

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        usual = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return usual | Qt.ItemFlag.ItemIsDragEnabled if self.is_layer(index.row()) else usual

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction | Qt.DropAction.CopyAction

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        rows = sorted({index.row() for index in indexes if self.is_layer(index.row())})
        stack = self._document.project.experiment.stack
        data = mime_of(tuple(stack[row - 1] for row in rows))
        data.setData(f"{MIME}-rows", msgspec.json.encode(rows))
        return data

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: _Index
    ) -> bool:
        """Hand the new order to the document; the view must not remove rows itself, so answer no."""
        layers = layers_from(data)
        if not layers:
            return False
        place = row if row >= 0 else parent.row() if parent.isValid() else self._layers + 1
        place = min(max(place - 1, 0), self._layers)
        moved: list[int] = []
        if action == Qt.DropAction.MoveAction and data.hasFormat(f"{MIME}-rows"):
            moved = [r - 1 for r in msgspec.json.decode(data.data(f"{MIME}-rows").data(), type=list[int])]
        stack = list(enumerate(self._document.project.experiment.stack))
        before: list[AnyLayer] = [layer for i, layer in stack[:place] if i not in moved]
        after: list[AnyLayer] = [layer for i, layer in stack[place:] if i not in moved]
        self.dropped.emit((*before, *layers, *after), len(before))
        return False


def _alignment(column: int) -> Qt.AlignmentFlag:
    sides = {0: Qt.AlignmentFlag.AlignLeft, 3: Qt.AlignmentFlag.AlignHCenter}
    return sides.get(column, Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter
