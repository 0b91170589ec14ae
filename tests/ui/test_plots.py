"""Plots: readable ticks, values under the crosshair, gaps, and no leak of a repaint."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QLabel

from tsrnn_gui.ui.log_axis import as_powers, log_ticks, number_text
from tsrnn_gui.ui.number_axes import CountAxis, ValueAxis, count_step
from tsrnn_gui.ui.plots import Plot
from tsrnn_gui.ui.theme import theme


@pytest.fixture
def plot(qtbot):
    plot = Plot("p", "Loss, log scale", "epoch", log=True, say_x="epoch {:g}".format, empty="Nothing yet.")
    plot.add("training", "training", "forecast")
    plot.add("validation", "validation", "validation", "dashed")
    plot.resize(560, 240)
    qtbot.addWidget(plot)
    plot.show()
    return plot


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (5, 50, ["5", "10", "20", "50"]),
        (0.08, 0.4, ["0.1", "0.2", "0.3", "0.4"]),
        (0.3, 0.8, ["0.4", "0.6", "0.8"]),
        (1e-8, 1e-5, ["10⁻⁸", "10⁻⁷", "10⁻⁶", "10⁻⁵"]),
        (1.0, 1.2, ["1", "1.05", "1.1", "1.15"]),
        (1e-20, 1, ["10⁻²⁰", "10⁻¹⁶", "10⁻¹²", "10⁻⁸", "0.0001", "1"]),
    ],
)
def test_that_powers_of_ten_are_labelled_with_round_numbers(low, high, texts):
    found = log_ticks(math.log10(low), math.log10(high), 5)
    assert [text for _, text in found] == texts


def test_that_a_range_without_extent_has_no_ticks():
    assert log_ticks(1.0, 1.0, 5) == []
    assert log_ticks(math.nan, 1.0, 5) == []


def test_that_small_numbers_are_written_as_powers():
    assert [number_text(v) for v in (1e-8, 3e-8, 0.0001, 20_000.0)] == ["10⁻⁸", "3·10⁻⁸", "0.0001", "20,000"]


def test_that_what_has_no_logarithm_leaves_a_gap():
    powers = as_powers(np.array([10.0, 0.0, -1.0, np.nan, np.inf, 100.0]))
    assert np.array_equal(powers, [1, np.nan, np.nan, np.nan, np.nan, 2], equal_nan=True)


def test_that_the_crosshair_reads_off_all_curves(plot):
    plot.set("training", np.arange(1, 6), np.array([5.0, 4.0, 3.0, 2.0, 1.0]))
    plot.set("validation", np.arange(1, 6), np.array([6.0, 5.0, np.nan, 3.0, 2.0]))
    assert plot.reading(1.9) == "epoch 2 · training 4 · validation 5"
    assert plot.reading(3.1) == "epoch 3 · training 3"


def test_that_the_header_shows_the_reading_and_then_the_title_again(qtbot, plot):
    plot.set("training", np.arange(1, 6), np.array([5.0, 4.0, 3.0, 2.0, 1.0]))
    plot.grab()
    header = plot.findChild(QLabel, "p_header")
    box = plot.view.getViewBox()
    plot.view.scene().sigMouseMoved.emit(box.mapViewToScene(QPointF(2.0, 0.5)))
    assert header.text().startswith("epoch 2 · training 4")
    plot.view.scene().sigMouseMoved.emit(QPointF(-50.0, -50.0))
    assert header.text() == "Loss, log scale"


def test_that_an_empty_plot_says_what_will_be_there(plot):
    assert plot.findChild(QLabel, "p_empty").isVisible()
    plot.set("training", np.arange(1, 3), np.ones(2))
    assert not plot.findChild(QLabel, "p_empty").isVisible()
    assert plot.legend.accessibleName() == "Legend: training"
    plot.clear()
    assert plot.findChild(QLabel, "p_empty").isVisible()


def test_that_curves_change_with_the_scheme(plot):
    plot.set("training", np.arange(1, 3), np.ones(2))
    light = plot.curves["training"].pen.color()
    theme().set_scheme("dark")
    assert plot.curves["training"].pen.color() != light
    assert plot.curves["training"].item.opts["pen"].color() == plot.curves["training"].pen.color()


def test_that_long_curves_are_drawn_with_thin_pens(plot):
    plot.set("training", np.arange(100), np.ones(100))
    assert plot.curves["training"].item.opts["pen"].width() == 2
    plot.set("training", np.arange(50_000), np.ones(50_000))
    assert plot.curves["training"].item.opts["pen"].width() == 1


def test_that_two_hundred_repaints_lose_no_reference_to_none(plot):
    plot.resize(240, 140)
    plot.set("training", np.arange(1, 400), np.random.default_rng(0).uniform(1, 9, 399))
    plot.grab()
    before = sys.getrefcount(None)
    for repaint in range(200):
        plot.set("validation", np.arange(1, 6), np.full(5, 1.0 + repaint))
        plot.grab()
    assert sys.getrefcount(None) > before - 100


@pytest.mark.parametrize(("span", "step"), [(3, 1), (12, 2), (40, 10), (1000, 200), (1e6, 200_000)])
def test_that_epochs_are_counted_in_whole_numbers(span, step):
    assert count_step(span, 6) == step


def test_that_values_are_labelled_with_thousands_separated(qapp):
    axis = ValueAxis()
    assert axis.tickStrings([11_000.0, 13_500.0], 1.0, 500.0) == ["11,000", "13,500"]
    assert axis.tickStrings([0.25, 0.5], 1.0, 0.05) == ["0.25", "0.50"]


def test_that_the_grid_lies_below_the_curves(qtbot):
    plot = Plot("p", "Title", log=True, bottom=CountAxis())
    qtbot.addWidget(plot)
    box = plot.view.getViewBox()
    assert all(plot.view.getAxis(side).zValue() < box.zValue() for side in ("left", "bottom"))
