"""The series on its time axis, with the split to drag and a bracket for window and horizon."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from tsrnn_gui.app.document import Document
from tsrnn_gui.core.envelope import Envelope
from tsrnn_gui.core.project import Project
from tsrnn_gui.core.series import Series
from tsrnn_gui.core.survey import looked_over, outline_of
from tsrnn_gui.ui.calendar_ticks import RowTimes
from tsrnn_gui.ui.quick_axis import QuickAxis
from tsrnn_gui.ui.settled_view import SettledView
from tsrnn_gui.ui.theme import theme

pg.setConfigOptions(antialias=True)
_TICK_WIDTH = 110
_MOST_CURVES = 8
_FEWEST_POINTS = 1200
_COLOURS = ("truth", "forecast", "validation", "naive", "split", "accent", "doubt", "bad")


class RowAxis(QuickAxis):
    """A bottom axis over rows that is labelled with their times."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.times: RowTimes | None = None

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """Place one level of ticks."""
        if self.times is None:
            return []
        found = self.times.ticks(minVal, maxVal, max(int(size / _TICK_WIDTH), 2))
        self._texts = dict(found)
        return [(1.0, [row for row, _ in found])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Label the ticks that were placed."""
        return [self._texts.get(value, "") for value in values]


class SeriesPlot(QWidget):
    """Draws the chosen columns; dragging the split edits the document as one step."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._shown: tuple[Series | None, tuple[str, ...]] = (None, ())
        self._curves: list[Any] = []
        self._envelopes: list[Envelope] = []
        self.axis = RowAxis()
        axes = {"bottom": self.axis, "left": QuickAxis("left")}
        self.plot = pg.PlotWidget(axisItems=axes, viewBox=SettledView())
        self.plot.setObjectName("series_plot")
        self.plot.setAccessibleName("The series over time")
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=True, y=False)
        self.plot.showGrid(x=True, y=True, alpha=0.15)
        self.split = pg.InfiniteLine(
            movable=True, label="validation →", labelOpts={"position": 0.95, "anchors": [(0, 0.5), (0, 0.5)]}
        )
        self.split.setHoverPen(pg.mkPen(theme().colour("split"), width=3))
        self.window_bracket = pg.LinearRegionItem(movable=False)
        self.horizon_bracket = pg.LinearRegionItem(movable=False)
        self._reading = QLabel(" ")
        self._reading.setProperty("tone", "faint")
        self._reading.setObjectName("series_reading")
        self._empty = QLabel(
            "<p style='font-size:17px'>Start with a series</p>"
            "<p>Open a file with <b>Open series…</b>, drop one anywhere on this window,<br>"
            "or choose <b>Samples</b> to try the program on data that ships with it.</p>"
        )
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setProperty("tone", "faint")
        self._lay_out()
        self.split.sigPositionChangeFinished.connect(self._drop_split)
        self.split.sigDragged.connect(self._drag_split)
        self.plot.getViewBox().sigXRangeChanged.connect(lambda *_: self._outline())
        self.plot.scene().sigMouseMoved.connect(self._read_off)
        document.changed.connect(self._follow)
        document.opened.connect(self._follow)
        theme().changed.connect(self._colour)
        self._colour()
        self._follow(document.project)

    def _lay_out(self) -> None:
        drawn = QWidget()
        layout = QVBoxLayout(drawn)
        layout.setContentsMargins(8, 8, 8, 4)
        layout.addWidget(self._reading)
        layout.addWidget(self.plot)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(drawn)
        self._stack.addWidget(self._empty)
        for item in (self.window_bracket, self.horizon_bracket):
            item.setZValue(-10)
            self.plot.addItem(item)
        self.plot.addItem(self.split)
        self.plot.addLegend(offset=(10, 10))

    def _follow(self, project: Project) -> None:
        series = project.series
        self._stack.setCurrentIndex(0 if series is not None else 1)
        if series is None:
            return
        w = project.experiment.windowing
        names = tuple(name for name in dict.fromkeys((*w.targets, *w.inputs)) if name in series.columns)
        if self._document.looking and not looked_over(series, names):
            return  # drawn when the look is over
        if (series, names) != self._shown:
            self._draw(series, names, fresh=series is not self._shown[0])
        self.split.setBounds((0, len(series)))
        if not self.split.moving:
            self.split.setValue(w.split)
        self._place_brackets(w.split, w.window, w.horizon)

    def _place_brackets(self, split: int, window: int, horizon: int) -> None:
        self.window_bracket.setRegion((split - window - 0.5, split - 0.5))
        self.horizon_bracket.setRegion((split - 0.5, split + horizon - 0.5))

    def _draw(self, series: Series, names: tuple[str, ...], fresh: bool) -> None:
        self._shown = (series, names)
        self.axis.times = RowTimes(series)
        for curve in self._curves:
            self.plot.removeItem(curve)
        self._curves, self._envelopes = [], []
        self._envelopes = [outline_of(series, name) for name in names[:_MOST_CURVES]]
        for place, name in enumerate(names[:_MOST_CURVES]):
            pen = pg.mkPen(theme().colour(_COLOURS[place]), width=1)
            curve = pg.PlotDataItem(name=name, connect="finite", pen=pen)
            self.plot.addItem(curve)
            self._curves.append(curve)
        self.plot.setLabel("left", names[0] if len(names) == 1 else "")
        if fresh:
            self.plot.getViewBox().setLimits(xMin=-0.05 * len(series), xMax=1.05 * len(series), minXRange=5)
            self.plot.setXRange(0, len(series), padding=0.02)
        self._scale_values()
        self._outline()

    def _scale_values(self) -> None:
        low = min((envelope.low for envelope in self._envelopes), default=0.0)
        high = max((envelope.high for envelope in self._envelopes), default=1.0)
        self.plot.setYRange(low, high if high > low else low + 1.0, padding=0.05)

    def _outline(self) -> None:
        """Draw as much of each curve as the width can show, whatever its length."""
        (first, last), _ = self.plot.getViewBox().viewRange()
        most = max(2 * self.plot.width(), _FEWEST_POINTS)
        for curve, envelope in zip(self._curves, self._envelopes, strict=True):
            rows, values = envelope.outline(first, last, most)
            # Blocks are upright strokes, which smoothing makes no finer, only many times slower.
            curve.setData(rows, values, antialias=len(rows) < _FEWEST_POINTS)

    # ---- the split

    def _drag_split(self) -> None:
        w = self._document.project.experiment.windowing
        self._place_brackets(round(self.split.value()), w.window, w.horizon)

    def _drop_split(self) -> None:
        split = round(self.split.value())
        if split != self._document.project.experiment.windowing.split:
            self._document.edit_windowing("Move the split", "windowing.split", split=split)

    # ---- looks

    def _read_off(self, position: QPointF) -> None:
        series, names = self._shown
        if series is None or self.axis.times is None:
            return
        row = round(self.plot.getViewBox().mapSceneToView(position).x())
        if not 0 <= row < len(series):
            return
        values = (f"{name} {series.column(name)[row]:,.6g}" for name in names[:_MOST_CURVES])
        self._reading.setText(f"{self.axis.times.text(row)} · {' · '.join(values)} · row {row:,}")

    def _colour(self) -> None:
        t = theme()
        self.plot.setBackground(t.colour("card"))
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(pg.mkPen(t.colour("grid")))
            axis.setTextPen(pg.mkPen(t.colour("faint")))
        self.split.setPen(pg.mkPen(t.colour("split"), width=2))
        self.split.label.setColor(t.colour("split"))
        for item, name, alpha in (
            (self.window_bracket, "forecast", 50),
            (self.horizon_bracket, "naive", 90),
        ):
            colour = t.colour(name)
            colour.setAlpha(alpha)
            item.setBrush(colour)
            for line in item.lines:
                line.setPen(pg.mkPen(t.colour(name), width=1))
        for place, curve in enumerate(self._curves):
            curve.setPen(pg.mkPen(t.colour(_COLOURS[place]), width=1))
        legend = self.plot.getPlotItem().legend
        legend.setLabelTextColor(t.colour("text"))
        for _, label in legend.items:
            label.setText(label.text)
