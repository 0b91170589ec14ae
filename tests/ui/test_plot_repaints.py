"""Known to break with some PySide6 releases: axis painting that loses references to None."""

import sys

import numpy as np

from tsrnn_gui.core.series import Series
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
