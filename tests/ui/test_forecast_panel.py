"""The forecast view: plot, table, scores, steps beyond the end, and export."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.ui.forecast_model import ForecastModel, ScoresModel
from tsrnn_gui.ui.forecast_panel import ForecastPanel

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


@pytest.fixture
def trainer(make_trainer):
    return make_trainer()


@pytest.fixture
def panel(qtbot, spots_document, trainer):
    panel = ForecastPanel(spots_document, trainer)
    panel.testers = [QAbstractItemModelTester(m, FATAL) for m in (panel.model, panel.scores)]
    qtbot.addWidget(panel)
    panel.resize(920, 690)
    panel.show()
    return panel


@pytest.fixture
def forecast(qtbot, panel, trainer, spots_document):
    with qtbot.waitSignal(trainer.run_ended, timeout=15_000):
        trainer.train(spots_document)
    return panel


def text(model, row, column):
    return model.index(row, column).data()


def test_that_without_a_run_the_panel_says_what_to_do(panel):
    assert "Train the stack" in panel.findChild(QLabel, "forecast_empty").text()
    assert panel.findChild(QLabel, "forecast_empty").isVisible()
    with pytest.raises(TsrnnError):
        panel.export_to("nowhere.csv")


def test_that_the_table_holds_the_validation_part_and_what_comes_after(forecast, spots_document):
    model, steps = forecast.model, spots_document.project.future_steps
    validation = len(forecast.log.origins)
    assert model.rowCount() == validation + steps
    assert [model.headerData(c, Qt.Orientation.Horizontal) for c in range(4)] == [
        "time",
        "truth",
        "forecast",
        "naive",
    ]
    assert text(model, 0, 0) == "1765-01-01"
    assert text(model, validation, 0) == "1769-01-01"
    assert text(model, validation, 1) == "–"
    last = spots_document.project.series.values[-1, 0]
    assert text(model, validation, 3) == f"{last:,.2f}"


def test_that_numbers_are_aligned_at_the_right(forecast):
    role = Qt.ItemDataRole.TextAlignmentRole
    assert forecast.model.index(0, 2).data(role) & int(Qt.AlignmentFlag.AlignRight)


def test_that_the_scores_stand_beside_those_of_the_simple_rules(forecast):
    names = [text(forecast.scores, row, 0) for row in range(forecast.scores.rowCount())]
    assert {"this network", "tomorrow equals today"} <= set(names)
    maes = [float(text(forecast.scores, row, 1)) for row in range(len(names))]
    assert maes == sorted(maes)


def test_that_the_plot_goes_on_beyond_the_end(forecast, spots_document):
    rows = len(spots_document.project.series)
    future = forecast.plot.curves["future"]
    assert future.x.tolist() == list(range(rows, rows + 24))
    assert np.array_equal(future.y, forecast.log.future[:, 0])


def test_that_other_steps_are_kept_undoable_and_forecast_on_demand(qtbot, forecast, trainer, spots_document):
    again = forecast.findChild(QPushButton, "forecast_again")
    assert not again.isVisible()
    edit = forecast.findChild(QLineEdit, "future_steps")
    edit.selectAll()
    qtbot.keyClicks(edit, "36")
    assert spots_document.project.future_steps == 36
    assert again.isVisible()
    with qtbot.waitSignal(trainer.run_ended, timeout=10_000):
        again.click()
    assert len(forecast.plot.curves["future"].x) == 36
    assert not again.isVisible()
    spots_document.undo_stack.undo()
    assert spots_document.project.future_steps == 24


def test_that_an_impossible_number_of_steps_is_marked_and_not_taken(qtbot, forecast, spots_document):
    edit = forecast.findChild(QLineEdit, "future_steps")
    edit.selectAll()
    qtbot.keyClicks(edit, "-")
    assert edit.property("invalid") is True
    assert spots_document.project.future_steps == 24


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_that_the_table_is_saved_in_the_background(qtbot, forecast, tmp_path, suffix):
    path = tmp_path / f"forecast{suffix}"
    with qtbot.waitSignal(forecast.export_button.done, timeout=10_000):
        forecast.export_button.write(path)
    assert path.stat().st_size > 500
    assert forecast.findChild(QLabel, "export_told").text() == f"Saved as {path.name}"
    forecast.export_button.finish()


def test_that_a_csv_holds_what_the_table_shows(forecast, tmp_path):
    path = tmp_path / "forecast.csv"
    forecast.export_to(path)
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["time", "truth", "forecast", "naive"]
    assert len(rows) == forecast.model.rowCount() + 1
    assert rows[1][0] == "1765-01-01"


def test_that_a_failed_export_is_told_in_the_panel(qtbot, forecast, tmp_path):
    with qtbot.waitSignal(forecast.export_button.failed, timeout=10_000):
        forecast.export_button.write(tmp_path / "no" / "such" / "folder.csv")
    told = forecast.findChild(QLabel, "export_told")
    assert told.property("tone") == "bad"
    assert told.toolTip()
    forecast.export_button.finish()


def test_that_empty_models_are_sound(qapp):
    for model in (ForecastModel(), ScoresModel()):
        QAbstractItemModelTester(model, FATAL)
        assert model.rowCount() == 0
