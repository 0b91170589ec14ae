"""One curve of a plot: its values, its name for the legend, and its pen in both schemes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QPen

from tsrnn_gui.ui.theme import theme

SHORT = 2_000
_ONE_STROKE = 100
_WIDE = {"solid": 1_000, "dashed": 250, "dotted": 250}
_STYLES = {
    "solid": Qt.PenStyle.SolidLine,
    "dashed": Qt.PenStyle.DashLine,
    "dotted": Qt.PenStyle.DotLine,
}
Floats = NDArray[np.float64]


class Curve:
    """A line called ``title`` in the theme's ``colour``; ``style`` is solid, dashed or dotted.

    Short lines are smooth and, unless ``thin``, two pixels wide; long ones take one pixel, which draws
    many times faster. With ``marks`` the points are drawn instead of the line. A solid line of
    more than a few points is drawn piece by piece: as one stroke, two pixels take many times as long where
    it goes up and down. Where points lie far apart the joints would be seen: ``whole`` is for those.
    """

    def __init__(
        self,
        title: str,
        colour: str,
        style: str = "solid",
        thin: bool = False,
        marks: bool = False,
        whole: bool = False,
    ) -> None:
        self.title = title
        self._colour = colour
        self._style = style
        self._thin = thin
        self._marks = marks
        self._whole = whole
        self.x: Floats = np.empty(0)
        self.y: Floats = np.empty(0)
        self.item: Any = pg.PlotDataItem(autoDownsample=True, downsampleMethod="peak", clipToView=True)
        self.recolour()

    @property
    def pen(self) -> QPen:
        """The pen that the curve is drawn with now."""
        width = 1 if self._thin or not self._is_short else 2
        pen: QPen = pg.mkPen(theme().colour(self._colour), width=width, style=_STYLES[self._style])
        return pen

    @property
    def _is_short(self) -> bool:
        return len(self.x) <= _WIDE[self._style]

    def show(self, x: Floats, y: Floats, drawn: Floats) -> None:
        """Show ``y`` over ``x``; ``drawn`` is where the plot puts ``y``. NaN leaves a gap."""
        was_short = self._is_short
        self.x, self.y = x, y
        finite = bool(np.isfinite(drawn).all())
        pieces = self._style == "solid" and not self._whole and len(x) > _ONE_STROKE
        self.item.curve.setSegmentedLineMode("on" if pieces else "off")
        self.item.setData(
            x,
            drawn,
            connect="all" if finite else "finite",
            skipFiniteCheck=finite,
            antialias=len(x) <= SHORT,
        )
        if was_short != self._is_short:
            self.recolour()

    def recolour(self) -> None:
        """Take up the theme's colour."""
        if self._marks:
            self.item.setPen(None)
            self.item.setSymbol("o")
            self.item.setSymbolSize(8)
            self.item.setSymbolPen(pg.mkPen(theme().colour("card"), width=1))
            self.item.setSymbolBrush(pg.mkBrush(theme().colour(self._colour)))
        else:
            self.item.setPen(self.pen)

    def nearest(self, x: float) -> tuple[float, float] | None:
        """Give the point nearest to ``x`` along the axis, None without a finite one there."""
        if not len(self.x) or self._marks:
            return None
        place = int(np.clip(np.searchsorted(self.x, x), 0, len(self.x) - 1))
        if place and abs(self.x[place - 1] - x) <= abs(self.x[place] - x):
            place -= 1
        return (float(self.x[place]), float(self.y[place])) if np.isfinite(self.y[place]) else None
