"""The series panel and the plot: facts, fields, missing values, the split dragged."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from tsrnn_gui.core.series import Series, infer_step
from tsrnn_gui.files.samples import SAMPLES, open_sample
from tsrnn_gui.ui.calendar_ticks import RowTimes
from tsrnn_gui.ui.series_panel import SeriesPanel
from tsrnn_gui.ui.series_plot import SeriesPlot


@pytest.fixture
def panel(document, qtbot):
    made = SeriesPanel(document)
    qtbot.addWidget(made)
    made.show()
    return made


def _said(panel, name):
    return panel.findChild(QLabel, name).text()


def test_that_without_a_series_the_panel_says_what_to_do(panel):
    assert "Open a file" in _said(panel, "series_facts")


def test_that_facts_and_counts_are_told(panel, document):
    document.take_series(open_sample("sunspots"), 2500)
    facts = _said(panel, "series_facts")
    for part in ("3,126 rows", "step month", "1749-01 – 2009-06", "none missing", "0 … 253.8"):
        assert part in facts
    assert "2,480 windows · 78 steps an epoch · 626 validation windows" in _said(panel, "window_counts")
    assert "15 % of a season of 132" in _said(panel, "window_counts")


def test_that_counts_follow_while_a_window_is_typed(panel, document, qtbot):
    document.take_series(open_sample("course-week3"), 1000)
    window = panel.form.editors["window"]
    window.selectAll()
    qtbot.keyClicks(window, "30")
    assert "970 windows" in _said(panel, "window_counts")
    window.selectAll()
    qtbot.keyClicks(window, "2000")
    assert "1461 rows < window 2000 + horizon 1 + 1" in document.verdict.errors[0].text
    qtbot.mouseClick(panel.problems.findChild(QPushButton, "fix"), Qt.MouseButton.LeftButton)
    assert document.verdict.errors == ()


def test_that_missing_values_are_refused_until_a_rule_is_chosen(panel, document, qtbot):
    document.take_series(open_sample("mauna_loa_co2_weekly"))
    assert "59 values are missing" in document.verdict.errors[0].text
    buttons = {b.text(): b for b in panel.problems.findChildren(QPushButton, "fix")}
    qtbot.mouseClick(buttons["Repeat the last value"], Qt.MouseButton.LeftButton)
    assert document.project.experiment.windowing.missing == "previous"
    assert document.verdict.errors == ()


def test_that_the_dragged_split_is_one_undoable_edit(document, qtbot):
    document.take_series(open_sample("course-week3"), 1000)
    plot = SeriesPlot(document)
    qtbot.addWidget(plot)
    plot.split.setValue(900.4)
    plot.split.sigPositionChangeFinished.emit(plot.split)
    assert document.project.experiment.windowing.split == 900
    document.undo_stack.undo()
    assert plot.split.value() == 1000


@pytest.mark.parametrize("name", [sample.name for sample in SAMPLES])
def test_that_every_sample_has_readable_ticks(name):
    series = open_sample(name)
    times = RowTimes(series, future=24)
    ticks = times.ticks(0, len(series), 8)
    assert 2 <= len(ticks) <= 12
    assert all(text for _, text in ticks)
    rows = [row for row, _ in ticks]
    assert rows == sorted(set(rows))


def test_that_ticks_stand_on_round_years():
    ticks = RowTimes(open_sample("sunspots")).ticks(0, 3126, 8)
    assert [text for _, text in ticks] == ["1750", "1800", "1850", "1900", "1950", "2000"]
    assert ticks[0][0] == pytest.approx(12)


def test_that_unsorted_times_are_still_labelled():
    times = np.array(["2020-01-02", "2020-01-01", "2020-01-03"] * 5, dtype="datetime64[us]")
    series = Series("s", np.zeros((15, 1)), ("a",), times, infer_step(times))
    assert RowTimes(series).ticks(0, 14, 5)[0][1] == "2020-01-02"
    assert dataclasses.replace(series).dated
