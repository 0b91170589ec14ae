"""Truth, forecast and "tomorrow equals today" on the time axis of the series."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QWidget

from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.core.runs import naive_line
from tsrnn_gui.ui.calendar_ticks import RowTimes
from tsrnn_gui.ui.plots import Plot
from tsrnn_gui.ui.series_plot import RowAxis


class ForecastPlot(Plot):
    """Draws one target of a run; with ``future`` also what lies beyond the end, with some past before."""

    def __init__(self, name: str, title: str, future: bool = False, parent: QWidget | None = None) -> None:
        self._axis = RowAxis()
        super().__init__(name, title, bottom=self._axis, say_x=self._time, parent=parent)
        self._future = future
        self._shown: tuple[object, ...] = ()
        self.add("truth", "truth", "truth")
        self.add("naive", "tomorrow equals today", "naive", "dotted")
        self.add("forecast", "forecast", "forecast")
        if future:
            self.add("future", "beyond the end", "validation", "dashed")
            self._end = pg.InfiniteLine(angle=90)
            self.mark(self._end)

    def show_run(self, log: RunLog | None, target: str) -> None:
        """Show ``target`` of ``log``; the view is fitted anew only for another run or target."""
        if log is None or log.validation is None or not len(log.origins):
            self.clear()
            self._shown = ()
            return
        key = (log.run, target, len(log.origins), len(log.future) if self._future else 0)
        if key != self._shown:
            self._show_known(log, target)
            self._shown = key
            self.show_all()
        place = log.experiment.windowing.targets.index(target)
        if len(log.validation) == len(log.origins):
            self.set("forecast", log.origins, log.validation[:, place])
        if self._future:
            self._show_future(log, place)

    def _show_known(self, log: RunLog, target: str) -> None:
        self._axis.times = RowTimes(log.series, len(log.future))
        rows, first = len(log.series), int(log.origins[0])
        if self._future:
            first = max(0, first - log.experiment.windowing.window)
        self.set("truth", np.arange(first, rows), log.series.column(target)[first:])
        self.set("naive", log.origins, naive_line(log.series, log.experiment, target, log.origins))
        self.view.setLabel("left", target)

    def _show_future(self, log: RunLog, place: int) -> None:
        rows = len(log.series)
        self._end.setValue(rows - 1)
        self._end.setVisible(bool(len(log.future)))
        self.set("future", rows + np.arange(len(log.future)), log.future[:, place])

    def _time(self, row: float) -> str:
        return self._axis.times.text(row) if self._axis.times is not None else ""
