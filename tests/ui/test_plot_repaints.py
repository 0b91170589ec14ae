"""How often plots are painted, and what has broken with some PySide6 releases: references to None."""

import sys

import numpy as np
import pytest
from pyqtgraph.widgets.GraphicsView import GraphicsView
from PySide6.QtWidgets import QApplication

from tsrnn_gui.core.series import Series
from tsrnn_gui.ui.plots import Plot
from tsrnn_gui.ui.series_plot import SeriesPlot


def test_that_200_repaints_keep_the_references_to_none(document, qtbot):
    values = np.random.default_rng(0).normal(size=(2000, 1))
    document.take_series(Series("s", values, ("a",), np.arange(2000)))
    plot = SeriesPlot(document)
    qtbot.addWidget(plot)
    plot.resize(800, 400)
    plot.show()
    plot.grab()
    before = sys.getrefcount(None)
    for step in range(200):
        plot.plot.setXRange(0, 1000 + step)
        plot.grab()
    # immortal since 3.12: the count cannot fall there, and the fault cannot happen
    assert sys.getrefcount(None) > before - 500


@pytest.mark.parametrize("change", ["data", "range"])
def test_that_a_change_is_painted_once(change, qtbot, monkeypatch):
    painted, paint = [], GraphicsView.paintEvent
    monkeypatch.setattr(
        GraphicsView, "paintEvent", lambda view, event: (painted.append(view), paint(view, event))[1]
    )
    plot = Plot("plot", "plot")
    plot.add("curve", "curve", "truth")
    plot.view.getViewBox().setAutoVisible(y=True)
    qtbot.addWidget(plot)
    plot.resize(500, 300)
    plot.set("curve", np.arange(100), np.linspace(1, 2, 100))
    with qtbot.waitExposed(plot):
        plot.show()
    _run_events()
    for step in range(5):
        painted.clear()
        if change == "data":
            plot.set("curve", np.arange(110 + step), np.linspace(1, 2 + step / 100, 110 + step))
            plot.settle()
        else:
            plot.view.setXRange(10 + step, 60 + step)
        _run_events()
        assert len(painted) == 1


def _run_events():
    for _ in range(5):
        QApplication.processEvents()
