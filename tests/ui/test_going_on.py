"""Continue what was broken off, and go on from any epoch: in the real window with the real engine."""

from __future__ import annotations

import os
import signal

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from tsrnn_gui.app.settings import load_settings
from tsrnn_gui.core.layers import GRU, Dense
from tsrnn_gui.core.schedules import Constant
from tsrnn_gui.files.project_file import ProjectFile
from tsrnn_gui.ui.application import opened_window
from tsrnn_gui.ui.go_on_dialog import GoOnDialog

_LONG_MS = 200_000
_EPOCHS = 40
_TOLD = ("epoch", "loss", "mae", "val_loss", "val_mae", "learning_rate", "best")


@pytest.fixture
def open_window(qtbot, home):
    """Open windows on a project; all are closed at the end."""
    made = []

    def open_one(path=None):
        window = opened_window(path, None, load_settings())
        made.append(window)
        window.trainer.start()
        window.show()
        qtbot.waitExposed(window)
        return window

    yield open_one
    for window in made:
        if window.isVisible():
            window.close()
        window.deleteLater()


@pytest.fixture
def window(open_window, qtbot, tmp_path):
    window = open_window()
    with qtbot.waitSignal(window.document.changed, timeout=20_000):
        window.open_sample("course-week3")
    window.save_as(tmp_path / "a.tsrnn")
    window.document.edit_stack("smaller", (GRU(16), Dense(1)))
    window.document.edit_plan("plan", epochs=_EPOCHS, learning_rate=1e-3, patience=None)
    return window


def press(window, name):
    action = window.actions_by_name[name]
    assert action.isEnabled(), action.toolTip()
    action.trigger()


def trained(window, qtbot, name="train"):
    """Press ``name`` and wait until the run has ended."""
    with qtbot.waitSignal(window.trainer.run_ended, timeout=_LONG_MS):
        press(window, name)
    return window.trainer.shown


def learning(window, qtbot, epochs):
    """Train, and come back when ``epochs`` have ended."""
    press(window, "train")
    log = window.trainer.shown
    qtbot.waitUntil(lambda: len(log.epochs) >= epochs, timeout=_LONG_MS)
    return log


def type_into(qtbot, edit, text):
    edit.selectAll()
    qtbot.keyClicks(edit, text)


def numbers(log):
    return [[getattr(epoch, name) for name in _TOLD] for epoch in log.epochs]


def test_that_a_run_stopped_and_reopened_is_continued_to_what_it_would_have_been(window, open_window, qtbot):
    log = learning(window, qtbot, 2)
    press(window, "pause")
    assert window.trainer.state == "paused"
    press(window, "pause")
    with qtbot.waitSignal(window.trainer.run_ended, timeout=_LONG_MS):
        press(window, "stop")
    assert log.ending.reason == "stopped"
    assert 2 <= len(log.epochs) < _EPOCHS
    told, path = numbers(log), window.document.path
    assert window.actions_by_name["continue_run"].isEnabled()
    window.close()

    again = open_window(path)
    assert again.trainer.shown.run == log.run
    rest = trained(again, qtbot, "continue_run")
    assert rest.run == log.run
    assert rest.ending.reason == "completed"
    assert [epoch.epoch for epoch in rest.epochs] == list(range(_EPOCHS))
    assert numbers(rest)[: len(told)] == told
    assert not again.actions_by_name["continue_run"].isEnabled()
    assert "complete" in again.actions_by_name["continue_run"].toolTip()

    whole = trained(again, qtbot)
    assert numbers(rest) == numbers(whole)
    records = {record.id: record for record in again.document.file.runs()}
    assert [record.status for record in records.values()] == ["completed", "completed"]
    assert records[rest.run].reports == records[whole.run].reports
    assert records[rest.run].epochs_done == _EPOCHS


def test_that_a_run_goes_on_from_an_epoch_with_a_tenth_of_the_rate(window, qtbot):
    window.document.edit_plan("constant", schedule=Constant(), epochs=30)
    parent = trained(window, qtbot)
    before = numbers(parent)
    press(window, "go_on")
    dialog = window.findChild(GoOnDialog)
    epoch, rate = (dialog.findChild(QLineEdit, f"go_on_{name}") for name in ("epoch", "learning_rate"))
    assert epoch.text() == str(parent.best.epoch + 1)
    type_into(qtbot, epoch, "99")
    assert "has 30 epochs" in dialog.words.text()
    assert not dialog.begin.isEnabled()
    type_into(qtbot, epoch, "12")
    assert window.training_panel.loss_plot._proposed_line.value() == 12
    type_into(qtbot, rate, "0.0001")
    assert "after epoch 12 of this one with rate 0.0001 and trains to epoch 30" in dialog.words.text()
    with qtbot.waitSignal(window.trainer.run_ended, timeout=_LONG_MS):
        dialog.findChild(QPushButton, "go_on_begin").click()
    child = window.trainer.shown
    assert child.run != parent.run
    assert numbers(child)[:12] == before[:12]
    assert [epoch.learning_rate for epoch in child.epochs[12:]] == [1e-4] * 18
    assert child.ending.reason == "completed"
    assert window.training_panel.loss_plot._branch_line.value() == 12
    assert window.runs_panel.model.index(0, 0).data() == "2 · from run 1, epoch 12"
    with ProjectFile.open(window.document.path, read_only=True) as file:
        old, new = file.runs()
        assert (new.parent, new.epochs_done, old.epochs_done) == (old.id, 30, 30)
        assert file.nearest_epochs(new.id, 12) == 12
    window.shelf.delete(parent.run)
    assert window.runs_panel.model.index(0, 0).data() == "2 · from a deleted run, epoch 12"
    with ProjectFile.open(window.document.path, read_only=True) as file:
        assert file.nearest_epochs(child.run, 11) == 0  # the parent is gone: from the very start
        assert file.nearest_epochs(child.run, 12) == 12
    window.show_go_on(5)
    dialog = window._go_on
    assert "Epochs 1 to 5 are trained again first" in dialog.words.text()
    with qtbot.waitSignal(window.trainer.run_ended, timeout=_LONG_MS):
        type_into(qtbot, dialog.form.editor("epochs"), "6")
        type_into(qtbot, dialog.form.editor("learning_rate"), "0.0005")
        dialog.begin.click()
    grandchild = window.trainer.shown
    assert numbers(grandchild)[:5] == before[:5]
    assert grandchild.epochs[5].learning_rate == 5e-4
    assert len(grandchild.epochs) == 6


def test_that_a_run_whose_engine_was_killed_is_continued(window, qtbot):
    log = learning(window, qtbot, 3)
    with qtbot.waitSignal(window.trainer.run_ended, timeout=_LONG_MS):
        os.kill(window.trainer._engine.pid, signal.SIGKILL)
    assert 3 <= len(log.epochs) < _EPOCHS
    told = numbers(log)
    rest = trained(window, qtbot, "continue_run")
    assert rest is log
    assert rest.ending.reason == "completed"
    assert numbers(rest)[: len(told)] == told
    assert len(rest.epochs) == _EPOCHS
    (record,) = window.document.file.runs()
    assert (record.status, record.note, record.epochs_done) == ("completed", "", _EPOCHS)


def test_that_what_cannot_be_done_says_why(window, qtbot):
    for name in ("continue_run", "go_on"):
        assert "No run is shown" in window.actions_by_name[name].toolTip()
    buttons = window.training_panel.going_on
    assert not buttons.continue_run.isEnabled() and not buttons.go_on.isEnabled()
    assert not window.findChild(QLabel, "go_on_words")
