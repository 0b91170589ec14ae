"""Where on the series the batch lay with which a run exploded."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QObject

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.app.trainer import Trainer
from tsrnn_gui.ui.theme import theme

_TICK_HEIGHT = 0.05
_ALPHA = 70


class BatchMarks(QObject):
    """Marks the window with the largest loss as a region and where the others begin as ticks below.

    Shown while the panels look at a run that exploded on the series that is open.
    """

    def __init__(self, plot: pg.PlotWidget, document: Document, trainer: Trainer) -> None:
        super().__init__(plot)
        self._document, self._trainer = document, trainer
        self.worst = pg.LinearRegionItem(movable=False)
        self.worst.setZValue(-5)
        self._label = pg.InfLineLabel(self.worst.lines[0], "exploded here", position=0.1)
        self.others = pg.VTickGroup(yrange=[0, _TICK_HEIGHT])
        for item in (self.worst, self.others):
            item.hide()
            plot.addItem(item, ignoreBounds=True)
        trainer.shown_changed.connect(lambda _: self._follow())
        trainer.run_ended.connect(lambda _: self._follow())
        document.changed.connect(lambda _: self._follow())
        document.opened.connect(lambda _: self._follow())
        theme().changed.connect(self._colour)
        self._colour()
        self._follow()

    def _follow(self) -> None:
        log = self._trainer.shown
        shown = log is not None and self._has_place(log)
        for item in (self.worst, self.others):
            item.setVisible(shown)
        if log is None or log.explosion is None or not shown:
            return
        first, *others = log.explosion.windows
        self.worst.setRegion((first - 0.5, first + log.experiment.windowing.window - 0.5))
        self.others.setXVals(others)

    def _has_place(self, log: RunLog) -> bool:
        found = log.explosion
        return found is not None and bool(found.windows) and log.series is self._document.project.series

    def _colour(self) -> None:
        colour = theme().colour("bad")
        self._label.setColor(colour)
        self.others.setPen(pg.mkPen(colour, width=1))
        for line in self.worst.lines:
            line.setPen(pg.mkPen(colour, width=1))
        faint = theme().colour("bad")
        faint.setAlpha(_ALPHA)
        self.worst.setBrush(faint)
