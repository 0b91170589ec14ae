"""The names of a plot's curves beside samples of their lines, outside the plot so that nothing is covered."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tsrnn_gui.ui.plot_curve import Curve
from tsrnn_gui.ui.theme import theme

_LINE, _GAP, _BETWEEN = 22, 5, 14


class Legend(QWidget):
    """Draws a line and a name for every curve that has both a title and points."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves: list[Curve] = []
        self._key: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Show the names of ``curves``; laid out again only when they differ."""
        self._curves = [curve for curve in curves if curve.title and len(curve.x)]
        key = tuple(curve.title for curve in self._curves)
        if key != self._key:
            self._key = key
            self.setAccessibleName(f"Legend: {', '.join(key)}")
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """As wide as all entries in one line."""
        words = self.fontMetrics()
        width = sum(_LINE + _GAP + words.horizontalAdvance(title) + _BETWEEN for title in self._key)
        return QSize(max(width - _BETWEEN, 0), words.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the entries from left to right."""
        painter = QPainter(self)
        words, middle, x = self.fontMetrics(), self.height() / 2, 0.0
        for curve in self._curves:
            painter.setPen(curve.pen)
            painter.drawLine(QPointF(x, middle), QPointF(x + _LINE, middle))
            painter.setPen(theme().colour("faint"))
            width = words.horizontalAdvance(curve.title)
            left = int(x + _LINE + _GAP)
            painter.drawText(left, 0, width + 2, self.height(), Qt.AlignmentFlag.AlignVCenter, curve.title)
            x = left + width + _BETWEEN
        painter.end()
