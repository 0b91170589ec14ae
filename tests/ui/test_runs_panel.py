"""The runs of a project: listed, looked at, used again, deleted."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLabel, QPushButton

from tsrnn_gui.app.run_shelf import RunShelf
from tsrnn_gui.ui.runs_panel import RunsPanel

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


@pytest.fixture
def trainer(make_trainer):
    return make_trainer()


@pytest.fixture
def panel(qtbot, spots_document, trainer):
    panel = RunsPanel(spots_document, trainer, RunShelf(spots_document, trainer))
    panel.tester = QAbstractItemModelTester(panel.model, FATAL)
    qtbot.addWidget(panel)
    panel.resize(920, 690)
    panel.show()
    return panel


def train(qtbot, trainer, document, **plan):
    document.edit_plan("plan", **plan)
    with qtbot.waitSignal(trainer.run_ended, timeout=15_000):
        trainer.train(document)


def shown(panel, row):
    return [panel.model.index(row, column).data() for column in range(panel.model.columnCount())]


def test_that_an_empty_panel_says_what_will_be_there(panel):
    assert panel.findChild(QLabel, "runs_empty").isVisible()


def test_that_a_run_is_listed_with_its_score_beside_naive(qtbot, panel, trainer, spots_document):
    train(qtbot, trainer, spots_document, epochs=3)
    assert panel.model.rowCount() == 1
    number, _, stack, epochs, best, status, mae, naive, weights = shown(panel, 0)
    assert number == "1"
    assert (stack, epochs, best, status, weights) == ("GRU 32 → Dense 1", "3", "3", "completed", "4,961")
    assert float(mae) and float(naive)
    assert "tomorrow equals today" in panel.findChild(QLabel, "run_note").text()


def test_that_selecting_a_run_shows_it_everywhere(qtbot, panel, trainer, spots_document):
    train(qtbot, trainer, spots_document, epochs=2)
    first = trainer.shown.run
    train(qtbot, trainer, spots_document, epochs=4)
    assert panel.selected.id == trainer.shown.run
    panel.table.selectRow(1)
    assert trainer.shown.run == first
    assert len(trainer.shown.epochs) == 2


def test_that_a_runs_experiment_can_be_used_again(qtbot, panel, trainer, spots_document):
    train(qtbot, trainer, spots_document, epochs=2)
    spots_document.edit_plan("other", epochs=99)
    panel.findChild(QPushButton, "use_again").click()
    assert spots_document.project.experiment.plan.epochs == 2


def test_that_using_again_is_offered_as_soon_as_the_experiment_differs(qtbot, panel, trainer, spots_document):
    train(qtbot, trainer, spots_document, epochs=2)
    button = panel.findChild(QPushButton, "use_again")
    assert not button.isEnabled()
    spots_document.edit_plan("other", epochs=99)
    assert button.isEnabled()


def test_that_deleting_asks_on_the_button_itself(qtbot, panel, trainer, spots_document):
    train(qtbot, trainer, spots_document, epochs=2)
    button = panel.findChild(QPushButton, "delete_run")
    button.click()
    assert button.text() == "Delete for good?"
    assert panel.model.rowCount() == 1
    button.click()
    assert panel.model.rowCount() == 0
    assert trainer.shown is None
    assert panel.findChild(QLabel, "runs_empty").isVisible()


def test_that_the_run_under_way_cannot_be_deleted(qtbot, panel, trainer, long_document):
    trainer.train(long_document)
    log = trainer.running
    qtbot.waitUntil(lambda: len(log.epochs) > 0, timeout=10_000)
    panel._shelf.refresh()
    assert shown(panel, 0)[5] == "running"
    assert not panel.findChild(QPushButton, "delete_run").isEnabled()
