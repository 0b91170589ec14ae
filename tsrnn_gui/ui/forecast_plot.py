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

_TAIL_AHEAD, _SHORTEST_TAIL = 5, 150


class ForecastPlot(Plot):
    """Draws one target of a run; with ``future`` also what lies beyond the end, with some past before."""

    def __init__(self, name: str, title: str, future: bool = False, parent: QWidget | None = None) -> None:
        self._axis = RowAxis()
        super().__init__(
            name,
            title,
            bottom=self._axis,
            say_x=self._time,
            empty=""
            if future
            else "Drawn here after every epoch, over the truth and “tomorrow equals today”.",
            parent=parent,
        )
        self.view.getViewBox().setAutoVisible(y=True)
        self._future = future
        self._shown: tuple[object, ...] = ()
        self._drawn: tuple[object, int] = (None, 0)
        self.add("truth", "truth", "truth", thin=True)
        self.add("naive", "tomorrow equals today", "naive", "dotted", thin=True)
        self.add("forecast", "forecast", "forecast", whole=future)
        if future:
            self.add("future", "beyond the end", "validation", "dashed")
            self._end = pg.InfiniteLine(angle=90)
            self.mark(self._end)

    def show_run(self, log: RunLog | None, target: str) -> None:
        """Show ``target`` of ``log``; the view is fitted anew only for another run or target."""
        if log is None or log.validation is None or not len(log.origins):
            self.clear()
            self._shown, self._drawn = (), (None, 0)
            return
        key = (log.run, target, len(log.origins), len(log.future) if self._future else 0)
        if key != self._shown:
            self._show_known(log, target)
            self._shown, self._drawn = key, (None, 0)
            self._fit(log)
        place = log.experiment.windowing.targets.index(target)
        news = log.validation is not self._drawn[0] or place != self._drawn[1]
        if news and len(log.validation) == len(log.origins):
            self._drawn = (log.validation, place)
            self.set("forecast", log.origins, log.validation[:, place])
        if self._future:
            self._show_future(log, place)
        self.settle()

    def _fit(self, log: RunLog) -> None:
        """Begin with all of the validation part, or with the end and what lies beyond it."""
        self.show_all()
        rows, ahead = len(log.series), len(log.future)
        tail = max(_TAIL_AHEAD * ahead, _SHORTEST_TAIL)
        if self._future and rows - log.origins[0] > tail:
            self.view.setXRange(rows - tail, rows + ahead, padding=0.02)

    def _show_known(self, log: RunLog, target: str) -> None:
        self._axis.times = RowTimes(log.series, len(log.future))
        rows, first = len(log.series), int(log.origins[0])
        if self._future:
            first = max(0, first - log.experiment.windowing.window)
        self.set("truth", np.arange(first, rows), log.series.column(target)[first:])
        origins = log.origins
        if self._future and len(log.future):
            origins = np.concatenate((origins, [rows]))
        naive = naive_line(log.series, log.experiment, target, origins)
        ahead = np.arange(rows + 1, rows + len(log.future)) if self._future else np.empty(0)
        self.set(
            "naive", np.concatenate((origins, ahead)), np.concatenate((naive, naive[-1:].repeat(len(ahead))))
        )
        self.view.setLabel("left", target)

    def _show_future(self, log: RunLog, place: int) -> None:
        rows = len(log.series)
        self._end.setValue(rows - 1)
        self._end.setVisible(bool(len(log.future)))
        self.set("future", rows + np.arange(len(log.future)), log.future[:, place])

    def _time(self, row: float) -> str:
        return self._axis.times.text(row) if self._axis.times is not None else ""
