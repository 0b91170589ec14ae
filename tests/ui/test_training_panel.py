"""The training view, driven by an engine without TensorFlow."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QProgressBar, QToolButton

from tsrnn_gui.app.run_shelf import RunShelf
from tsrnn_gui.ui.training_panel import TrainingPanel


@pytest.fixture
def trainer(make_trainer):
    return make_trainer()


@pytest.fixture
def panel(qtbot, spots_document, trainer):
    panel = TrainingPanel(spots_document, trainer)
    qtbot.addWidget(panel)
    panel.resize(920, 690)
    panel.show()
    return panel


def train(qtbot, trainer, document):
    with qtbot.waitSignal(trainer.run_ended, timeout=15_000):
        trainer.train(document)


def words(panel, name):
    return panel.findChild(QLabel, name).text()


def test_that_before_a_run_the_schedule_is_drawn_and_the_next_step_said(panel):
    assert words(panel, "run_words") == "Nothing trained yet: press Train to begin."
    assert len(panel.rate_plot.curves["planned"].x) == 5
    assert not len(panel.loss_plot.curves["training"].x)


def test_that_a_plan_edit_redraws_the_schedule(panel, spots_document):
    spots_document.edit_plan("more", epochs=50)
    assert len(panel.rate_plot.curves["planned"].x) == 50


def test_that_every_epoch_of_a_run_is_drawn(qtbot, panel, trainer, spots_document):
    train(qtbot, trainer, spots_document)
    assert np.array_equal(panel.loss_plot.curves["training"].x, [1, 2, 3, 4, 5])
    assert len(panel.loss_plot.curves["validation"].y) == 5
    assert len(panel.rate_plot.curves["used"].x) == 5
    assert panel.loss_plot.curves["best"].x.tolist() == [5.0]
    assert words(panel, "run_words").startswith("Finished 5 epochs")
    assert panel.findChild(QProgressBar).value() == panel.findChild(QProgressBar).maximum()


def test_that_the_validation_forecast_stands_beside_tomorrow_equals_today(
    qtbot, panel, trainer, spots_document
):
    train(qtbot, trainer, spots_document)
    curves = panel.forecast_plot.curves
    series = spots_document.project.series
    split = spots_document.project.experiment.windowing.split
    assert np.array_equal(curves["truth"].y, series.values[split:, 0])
    assert np.array_equal(curves["naive"].y, series.values[split - 1 : -1, 0])
    assert np.array_equal(curves["forecast"].x, curves["naive"].x)
    assert panel.forecast_plot.reading(split).startswith("1765-01 · truth")


def test_that_the_ladder_and_its_sentence_are_shown(qtbot, panel, trainer, spots_document):
    train(qtbot, trainer, spots_document)
    assert "this network" in words(panel, "ladder")
    assert "tomorrow equals today" in words(panel, "ladder")
    assert words(panel, "run_sentence") == trainer.shown.reports[0].sentence


def test_that_the_error_in_units_can_be_shown_instead_of_the_loss(qtbot, panel, trainer, spots_document):
    train(qtbot, trainer, spots_document)
    combo = panel.findChild(QComboBox, "quantity")
    combo.setCurrentIndex(1)
    combo.activated.emit(1)
    expected = [epoch.val_mae for epoch in trainer.shown.epochs]
    assert panel.loss_plot.curves["validation"].y.tolist() == expected


def test_that_a_hidden_panel_catches_up_when_it_is_shown(qtbot, panel, trainer, spots_document):
    panel.hide()
    train(qtbot, trainer, spots_document)
    assert not len(panel.loss_plot.curves["training"].x)
    panel.show()
    assert len(panel.loss_plot.curves["training"].x) == 5


def test_that_an_exploded_loss_leaves_a_gap_and_says_what_to_do(qtbot, spots_document, make_trainer):
    trainer = make_trainer("explodes")
    panel = TrainingPanel(spots_document, trainer)
    qtbot.addWidget(panel)
    panel.show()
    train(qtbot, trainer, spots_document)
    assert "exploded in epoch 4" in words(panel, "run_words")
    assert "Try a smaller learning rate." in words(panel, "run_words")
    assert np.isnan(panel.loss_plot.curves["training"].y[-1])


def test_that_the_plan_can_be_folded_away(qtbot, panel):
    button = panel.findChild(QToolButton, "plan_button")
    assert panel.plan_form.isVisible()
    button.click()
    assert not panel.plan_form.isVisible()


def test_that_an_opened_project_shows_the_curves_of_its_last_run(
    qtbot, panel, trainer, spots_document, make_trainer
):
    train(qtbot, trainer, spots_document)
    other = make_trainer()
    again = TrainingPanel(spots_document, other)
    qtbot.addWidget(again)
    again.show()
    shelf = RunShelf(spots_document, other, again)
    assert shelf.records
    assert len(again.loss_plot.curves["training"].x) == 5
    assert len(again.forecast_plot.curves["forecast"].x)
