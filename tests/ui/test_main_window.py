"""The whole road in the real window with the real engine, and what may go wrong on it."""

import csv
import os
import signal
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton

from tsrnn_gui.app.project_opening import OpenProject
from tsrnn_gui.app.settings import load_settings
from tsrnn_gui.core.layers import Dense, SimpleRNN
from tsrnn_gui.core.model_formats import MODEL_FORMATS
from tsrnn_gui.core.presets import PRESETS
from tsrnn_gui.files.project_file import ProjectFile
from tsrnn_gui.ui.application import opened_window
from tsrnn_gui.ui.batch_marks import BatchMarks

_LONG_MS = 120_000


@pytest.fixture
def window(qtbot, home):
    made = opened_window(None, None, load_settings())
    made.trainer.start()
    made.show()
    qtbot.waitExposed(made)
    yield made
    assert not made.trainer.busy
    made.close()
    made.document.file.close()
    made.deleteLater()


def _open_sample(window, qtbot, name):
    with qtbot.waitSignal(window.document.changed, timeout=10_000):
        window.open_sample(name)


def _train(window, qtbot, epochs):
    window.document.edit_plan("Change epochs", epochs=epochs)
    with qtbot.waitSignal(window.trainer.run_ended, timeout=_LONG_MS):
        window.actions_by_name["train"].trigger()
    return window.trainer.shown


def _notice(window):
    return window.findChild(QLabel, "notice_text").text()


def test_that_the_road_from_a_sample_to_a_saved_forecast_works(window, qtbot, tmp_path):
    assert not window.actions_by_name["train"].isEnabled()
    assert "No series" in window.actions_by_name["train"].toolTip()
    _open_sample(window, qtbot, "sunspots")
    assert window.actions_by_name["train"].isEnabled()
    log = _train(window, qtbot, 2)
    assert [epoch.epoch for epoch in log.epochs] == [0, 1]
    qtbot.waitUntil(lambda: bool(log.reports))
    assert log.reports[0].network.mae < log.reports[0].naive.mae
    window.forecast_panel.export_to(tmp_path / "f.csv")
    with (tmp_path / "f.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["time", "truth", "forecast", "naive"]
    future = [row for row in rows if row[1] == ""]
    assert [row[0] for row in future[:2]] == ["2009-07-01", "2009-08-01"]
    assert len(future) == 24
    assert all(np.isfinite(float(row[2])) for row in future)


def test_that_the_trained_network_is_taken_away_and_its_agreement_told(window, qtbot, tmp_path):
    assert window.actions_by_name["export_model"].toolTip().startswith("Train a stack first")
    _open_sample(window, qtbot, "nile_annual")
    _train(window, qtbot, 1)
    assert window.actions_by_name["export_model"].isEnabled()
    numpy = next(form for form in MODEL_FORMATS if form.key == "numpy")
    with qtbot.waitSignal(window.run_export.done, timeout=_LONG_MS):
        window.run_export.write(numpy, tmp_path / "nile")
        assert not window.actions_by_name["export_model"].isEnabled()
        assert window.trainer.engine_words == "Exporting…"
    assert {path.name for path in tmp_path.glob("nile*")} == {"nile.py", "nile.npz"}
    assert "Opened again on 20 windows: differs by" in _notice(window)
    qtbot.waitUntil(lambda: window.trainer.state == "ready")


def test_that_a_broken_stack_disables_train_until_the_fix_is_taken_or_undone(window, qtbot):
    _open_sample(window, qtbot, "course-week3")
    window.stack_panel.use_preset(PRESETS[1])
    train = window.actions_by_name["train"]
    assert train.isEnabled()
    window.stack_panel.select(2)
    window.stack_panel.form.editors["return_sequences"].click()
    assert not train.isEnabled()
    assert "reads batch × time × features" in train.toolTip()
    window.document.undo_stack.undo()
    assert train.isEnabled()
    window.document.undo_stack.redo()
    problem = window.document.verdict.errors[0]
    window.document.apply_fix(problem.fixes[0])
    assert train.isEnabled()


def test_that_a_stopped_run_keeps_what_it_learned(window, qtbot):
    _open_sample(window, qtbot, "course-week3")
    window.document.edit_plan("Change epochs", epochs=100_000)
    window.actions_by_name["train"].trigger()
    log = window.trainer.shown
    qtbot.waitUntil(lambda: len(log.epochs) >= 3, timeout=_LONG_MS)
    with qtbot.waitSignal(window.trainer.run_ended, timeout=20_000):
        window.actions_by_name["stop"].trigger()
    assert log.ending.reason == "stopped"
    assert log.forecast is not None
    assert len(log.future) == 24
    with ProjectFile.open(window.document.path, read_only=True) as file:
        (run,) = file.runs()
        assert run.status == "stopped"
        assert run.epochs_done == len(log.epochs)
        assert file.checkpoint(run.id) is not None


def test_that_a_killed_engine_is_told_and_the_next_run_works(window, qtbot):
    _open_sample(window, qtbot, "course-week3")
    window.document.edit_plan("Change epochs", epochs=100_000)
    window.actions_by_name["train"].trigger()
    log = window.trainer.shown
    qtbot.waitUntil(lambda: len(log.epochs) >= 2, timeout=_LONG_MS)
    with qtbot.waitSignal(window.trainer.failed, timeout=20_000):
        os.kill(window.trainer._engine.pid, signal.SIGKILL)
    assert "engine ended unexpectedly" in _notice(window)
    assert window.isVisible()
    again = _train(window, qtbot, 1)
    assert len(again.epochs) == 1
    with ProjectFile.open(window.document.path, read_only=True) as file:
        first, second = file.runs()
    assert (first.status, second.status) == ("interrupted", "completed")
    assert first.epochs_done >= 2


def test_that_a_rate_too_high_stops_with_advice(window, qtbot):
    _open_sample(window, qtbot, "course-week3")
    window.stack_panel.use_preset(PRESETS[1])
    window.document.edit_plan("Change loss and rate", loss="mse", learning_rate=10.0)
    log = _train(window, qtbot, 20)
    assert log.ending.reason == "exploded"
    assert "rate" in log.ending.advice
    assert window.shelf.records[0].explosion == log.explosion
    marks = window.series_plot.findChild(BatchMarks)
    assert marks.worst.isVisible()
    assert marks.worst.getRegion()[0] == log.explosion.windows[0] - 0.5
    slower = next(fix for fix in window.training_panel.findChildren(QPushButton, "fix"))
    slower.click()
    assert window.document.project.experiment.plan.learning_rate == pytest.approx(1.0)
    again = _train(window, qtbot, 1)
    assert not marks.worst.isVisible() or again.explosion


def test_that_save_as_goes_on_in_the_new_file(window, qtbot, tmp_path):
    _open_sample(window, qtbot, "nile_annual")
    window.save_as(tmp_path / "강.tsrnn")
    window.document.edit_stack("x", (SimpleRNN(3), Dense(1)))
    with ProjectFile.open(tmp_path / "강.tsrnn", read_only=True) as file:
        assert file.load().experiment.stack == (SimpleRNN(3), Dense(1))
    assert window.windowTitle().startswith("강")


def test_that_a_project_opened_twice_is_read_only_the_second_time(window, qtbot, tmp_path):
    window.save_as(tmp_path / "a.tsrnn")
    second = OpenProject(tmp_path / "a.tsrnn")
    assert second.file.read_only
    assert str(os.getpid()) in second.owner
    second.file.close()


def test_that_what_is_no_project_is_told_and_the_old_one_stays(window, tmp_path):
    before = window.document.path
    (tmp_path / "no.tsrnn").write_text("hello")
    window.open_project(tmp_path / "no.tsrnn")
    assert "not a tsrnn project" in _notice(window)
    assert window.document.path == before


def test_that_a_dropped_file_is_previewed_and_opened(window, qtbot, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("t,v\n" + "".join(f"2020-01-{d:02d},{d * d}\n" for d in range(1, 29)))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)
    from tsrnn_gui.ui.import_dialog import ImportDialog

    dialog = window.findChild(ImportDialog)
    qtbot.waitUntil(lambda: dialog.table.columnCount() == 2 and dialog.open_button.isEnabled())
    with qtbot.waitSignal(window.document.changed):
        dialog.open_button.click()
    assert window.document.project.series.columns == ("v",)
    assert Path(load_settings().recent_series[0]) == path


def test_that_a_project_reopened_shows_its_last_run(window, qtbot, tmp_path):
    _open_sample(window, qtbot, "nile_annual")
    log = _train(window, qtbot, 2)
    qtbot.waitUntil(lambda: bool(log.reports))
    window.save_as(tmp_path / "a.tsrnn")
    window.new_project()
    assert window.document.project.series is None
    window.open_project(tmp_path / "a.tsrnn")
    shown = window.trainer.shown
    assert shown.run == log.run
    assert shown.reports == log.reports
    assert len(shown.epochs) == 2


def test_that_someones_keras_code_becomes_the_experiment_and_is_shown_as_code_again(window, qtbot, tmp_path):
    _open_sample(window, qtbot, "course-week3")
    path = tmp_path / "model.py"
    path.write_text(
        "model = tf.keras.models.Sequential([\n"
        "  tf.keras.layers.Lambda(lambda x: tf.expand_dims(x, axis=-1), input_shape=[20]),\n"
        "  tf.keras.layers.SimpleRNN(7),\n"
        "  tf.keras.layers.Dense(1),\n"
        "  tf.keras.layers.Lambda(lambda x: x * 100.0)])\n"
    )
    window.open_path(path)
    assert [layer.label() for layer in window.document.project.experiment.stack] == [
        "expand_dims(x, −1)",
        "SimpleRNN 7",
        "Dense 1",
        "x × 100",
    ]
    window.tabs.setCurrentIndex(window.tabs.count() - 1)
    code = window.findChild(QPlainTextEdit, "code")
    qtbot.waitUntil(lambda: "SimpleRNN(7" in code.toPlainText())
    stack = window.document.project.experiment.stack
    window.document.edit_stack("x", (stack[0], SimpleRNN(9), *stack[2:]))
    assert "SimpleRNN(9" in code.toPlainText()
    assert code.extraSelections()


def test_that_code_without_a_model_is_told(window, tmp_path):
    path = tmp_path / "x.py"
    path.write_text("print('hello')\n")
    before = window.document.project
    window.open_path(path)
    assert window.document.project == before
    assert _notice(window)


def test_that_an_estimate_is_told_before_training(window, qtbot):
    _open_sample(window, qtbot, "nile_annual")
    window.tabs.setCurrentWidget(window.training_panel)
    qtbot.waitUntil(lambda: window.trainer.state == "ready", timeout=_LONG_MS)
    words = window.training_panel.findChild(QLabel, "plan_words")
    assert "an epoch" not in words.text()
    with qtbot.waitSignal(window.estimator.changed, timeout=_LONG_MS):
        window.actions_by_name["measure"].trigger()
    assert "an epoch" in words.text() and "weights" in words.text() and "MB" in words.text()
    qtbot.waitUntil(lambda: window.trainer.state == "ready", timeout=_LONG_MS)
    assert len(_train(window, qtbot, 1).epochs) == 1
