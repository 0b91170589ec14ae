"""A plot with our look: title, legend, hairline grid, and a crosshair that reads off the values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from tsrnn_gui.ui.legend import Legend
from tsrnn_gui.ui.log_axis import LogAxis, as_powers
from tsrnn_gui.ui.number_axes import ValueAxis
from tsrnn_gui.ui.plot_curve import Curve
from tsrnn_gui.ui.settled_view import SettledView
from tsrnn_gui.ui.theme import theme

pg.setConfigOptions(useOpenGL=False)


class Plot(QWidget):
    """Curves over a common axis; ``log`` puts them on powers of ten.

    Over the plot, the title gives way to the values at the crosshair; ``say_x`` writes the place on the
    horizontal axis. Without any points the plot gives way to the words ``empty``. A double click shows
    everything again.
    """

    def __init__(
        self,
        name: str,
        title: str,
        x_label: str = "",
        log: bool = False,
        bottom: pg.AxisItem | None = None,
        say_x: Callable[[float], str] = "{:g}".format,
        empty: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.log = log
        self.curves: dict[str, Curve] = {}
        self._title, self._say_x = title, say_x
        axes = {"left": LogAxis() if log else ValueAxis()}
        if bottom is not None:
            axes["bottom"] = bottom
        self._box = SettledView()
        self.view = pg.PlotWidget(axisItems=axes, viewBox=self._box)
        self.view.setAccessibleName(title)
        self.header, self.legend = QLabel(title), Legend()
        self.header.setObjectName(f"{name}_header")
        self.header.setProperty("tone", "faint")
        self._empty = QLabel(empty)
        self._empty.setObjectName(f"{name}_empty")
        self._crosshair = pg.InfiniteLine(angle=90)
        self._crosshair.hide()
        self.vertical: list[Any] = []
        self._lay_out()
        self._set_up_view(x_label)
        theme().changed.connect(self._recolour)
        self._recolour()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(12)
        self.header.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.header.setMinimumHeight(self.legend.fontMetrics().height() + 2)
        row.addWidget(self.header, 1)
        row.addWidget(self.legend)
        layout.addLayout(row)
        self._stack = QStackedLayout()
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setProperty("tone", "faint")
        for widget in (self._empty, self.view):
            widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
            widget.setMinimumHeight(90)
            self._stack.addWidget(widget)
        layout.addLayout(self._stack, 1)

    def _set_up_view(self, x_label: str) -> None:
        view = self.view
        view.setMenuEnabled(False)
        view.hideButtons()
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        view.showGrid(x=True, y=True, alpha=0.18)
        for side in ("left", "bottom"):
            axis = view.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickLength=-3, maxTickLevel=1)
        if x_label:
            view.setLabel("bottom", x_label)
        self._stack.setCurrentIndex(0 if self._empty.text() else 1)
        view.addItem(self._crosshair, ignoreBounds=True)
        view.scene().sigMouseMoved.connect(self._read_off)
        view.scene().sigMouseClicked.connect(self._clicked)
        view.installEventFilter(self)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        for text, run in (("Show everything", self.show_all), ("Copy picture", self.copy_picture)):
            action = QAction(text, self)
            action.triggered.connect(run)
            self.addAction(action)

    # ---- what is drawn

    def add(self, key: str, title: str, colour: str, style: str = "solid", **looks: bool) -> Curve:
        """Add an empty curve called ``key``; ``looks`` are those of Curve."""
        curve = self.curves[key] = Curve(title, colour, style, **looks)
        self.view.addItem(curve.item)
        return curve

    def name(self, key: str, title: str) -> None:
        """Call the curve ``key`` otherwise."""
        if self.curves[key].title != title:
            self.curves[key].title = title
            self.legend.show_curves(list(self.curves.values()))

    def set(self, key: str, x: NDArray[Any], y: NDArray[Any]) -> None:
        """Show ``y`` over ``x`` on the curve ``key``; on a log axis only what is above zero is seen."""
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        self.curves[key].show(x, y, as_powers(y) if self.log else y)
        self.legend.show_curves(list(self.curves.values()))
        seen = any(len(curve.x) for curve in self.curves.values())
        self._stack.setCurrentIndex(1 if seen or not self._empty.text() else 0)

    def settle(self) -> None:
        """Fit the axes to the curves; called when all that changes is set, it spares a second painting."""
        self._box.settle()

    def clear(self) -> None:
        """Empty all curves."""
        for key in self.curves:
            self.set(key, np.empty(0), np.empty(0))

    def mark(self, line: Any) -> None:
        """Add an upright line that is coloured with the theme."""
        self.vertical.append(line)
        self.view.addItem(line, ignoreBounds=True)
        self._recolour()

    def set_title(self, title: str) -> None:
        """Say what is drawn."""
        self._title = title
        self.view.setAccessibleName(title)
        if not self._crosshair.isVisible():
            self.header.setText(title)

    def show_all(self) -> None:
        """Fit both axes to the curves, and follow them from now on."""
        self.view.enableAutoRange()

    def copy_picture(self) -> None:
        """Put a picture of the plot on the clipboard."""
        QGuiApplication.clipboard().setPixmap(self.grab())

    # ---- reading off

    def reading(self, x: float) -> str:
        """Write the values of all curves nearest to ``x``."""
        found = [(curve.title, point) for curve in self.curves.values() if (point := curve.nearest(x))]
        if not found:
            return ""
        place = min((point[0] for _, point in found), key=lambda at: abs(at - x))
        values = [f"{title} {point[1]:,.5g}" for title, point in found if point[0] == place]
        return " · ".join((self._say_x(place), *values))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Put the title back when the mouse leaves."""
        if event.type() == QEvent.Type.Leave:
            self._crosshair.hide()
            self.legend.show()
            self._show_header(self._title, "faint")
        return bool(super().eventFilter(watched, event))

    def _read_off(self, position: QPointF) -> None:
        box = self.view.getViewBox()
        x = box.mapSceneToView(position).x()
        words = self.reading(x) if box.sceneBoundingRect().contains(position) else ""
        self._crosshair.setVisible(bool(words))
        self._crosshair.setValue(x)
        self._show_header(words or self._title, "" if words else "faint")
        self.legend.setVisible(not words)

    def _show_header(self, text: str, tone: str) -> None:
        self.header.setText(text)
        if self.header.property("tone") != tone:
            self.header.setProperty("tone", tone)
            self.header.style().polish(self.header)

    def _clicked(self, event: Any) -> None:
        if event.double():
            self.show_all()

    def _recolour(self) -> None:
        t = theme()
        self.view.setBackground(t.colour("card"))
        for side in ("left", "bottom"):
            axis = self.view.getAxis(side)
            axis.setPen(pg.mkPen(t.colour("grid")))
            axis.setTextPen(pg.mkPen(t.colour("faint")))
        self._crosshair.setPen(pg.mkPen(t.colour("faint"), width=1))
        for line in self.vertical:
            line.setPen(pg.mkPen(t.colour("faint"), width=1, style=Qt.PenStyle.DashLine))
            if getattr(line, "label", None) is not None:
                line.label.setColor(t.colour("faint"))
                line.label.fill = pg.mkBrush(t.colour("card"))  # a word on a curve is hard to read
        for curve in self.curves.values():
            curve.recolour()
