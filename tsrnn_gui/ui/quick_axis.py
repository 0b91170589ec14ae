"""An axis whose grid costs little: pyqtgraph's takes most of the time that a plot needs to be drawn."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QLine
from PySide6.QtGui import QColor, QPainter, QPen

from tsrnn_gui.ui.theme import theme

_BELOW_THE_VIEW = -200.0


class QuickAxis(pg.AxisItem):  # type: ignore[misc]
    """Draws grid and ticks as lines from pixel to pixel in full colours, which need no blending."""

    def setZValue(self, z: float) -> None:
        """Stay below the curves, which full colours would cut."""
        super().setZValue(min(z, _BELOW_THE_VIEW))

    def drawPicture(self, p: QPainter, axisSpec: Any, tickSpecs: Any, textSpecs: Any) -> None:
        """Draw the lines of each pen at once, then axis and words as pyqtgraph does."""
        p.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        lines: dict[int, tuple[QPen, list[QLine]]] = {}
        for pen, begin, end in tickSpecs:
            colour = _over_ground(pen.color())
            same = lines.setdefault(colour.rgba(), (QPen(colour), []))[1]
            same.append(QLine(round(begin.x()), round(begin.y()), round(end.x()), round(end.y())))
        for pen, places in lines.values():
            p.setPen(pen)
            p.drawLines(places)
        super().drawPicture(p, axisSpec, (), textSpecs)


def _over_ground(colour: QColor) -> QColor:
    """Give what ``colour`` looks like on the plot's ground."""
    ground, share = theme().colour("card"), colour.alphaF()
    parts = (
        (colour.red(), ground.red()),
        (colour.green(), ground.green()),
        (colour.blue(), ground.blue()),
    )
    return QColor(*(round(share * above + (1 - share) * below) for above, below in parts))
