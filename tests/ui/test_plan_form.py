"""The form of the plan: a cell a declared field, undoable edits, nothing clamped in silence."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QComboBox, QLineEdit

from tsrnn_gui.core.plan import SGD, Adam
from tsrnn_gui.core.schedules import Exponential, ReduceOnPlateau
from tsrnn_gui.ui.loss_plots import planned_rates
from tsrnn_gui.ui.plan_form import PlanForm, plan_words


@pytest.fixture
def form(qtbot, spots_document):
    form = PlanForm(spots_document)
    qtbot.addWidget(form)
    form.resize(900, 120)
    form.show()
    return form


def plan(document):
    return document.project.experiment.plan


def choose(form, name, text):
    combo = form.findChild(QComboBox, name)
    combo.setCurrentIndex(combo.findText(text))
    combo.activated.emit(combo.currentIndex())


def type_into(qtbot, form, name, text):
    edit = form.findChild(QLineEdit, name)
    edit.selectAll()
    qtbot.keyClicks(edit, text)
    return edit


def test_that_typing_a_number_is_one_undoable_step(qtbot, form, spots_document):
    type_into(qtbot, form, "plan_epochs", "120")
    assert plan(spots_document).epochs == 120
    spots_document.undo_stack.undo()
    assert plan(spots_document).epochs == 5
    assert form.findChild(QLineEdit, "plan_epochs").text() == "5"


def test_that_a_number_out_of_bounds_is_marked_and_told_but_not_changed(qtbot, form, spots_document):
    edit = type_into(qtbot, form, "plan_epochs", "0")
    assert edit.property("invalid") is True
    assert edit.text() == "0"
    assert "Epochs is 0, but must be ≥ 1." in [p.text for p in spots_document.verdict.errors]


def test_that_choosing_an_optimizer_shows_its_parameters(qtbot, form, spots_document):
    momentum = form.findChild(QLineEdit, "plan_sgd_momentum")
    assert not momentum.isVisible()
    choose(form, "plan_optimizer", "SGD")
    assert plan(spots_document).optimizer == SGD()
    assert momentum.isVisible()
    type_into(qtbot, form, "plan_sgd_momentum", "0.5")
    assert plan(spots_document).optimizer == SGD(momentum=0.5)
    spots_document.undo_stack.undo()
    spots_document.undo_stack.undo()
    assert isinstance(plan(spots_document).optimizer, Adam)
    assert not momentum.isVisible()


def test_that_choosing_a_schedule_shows_its_parameters(qtbot, form, spots_document):
    choose(form, "plan_schedule", "Reduce on plateau")
    assert plan(spots_document).schedule == ReduceOnPlateau()
    assert form.findChild(QLineEdit, "plan_plateau_patience").isVisible()
    type_into(qtbot, form, "plan_plateau_patience", "9")
    assert plan(spots_document).schedule.patience == 9
    assert plan(spots_document).patience is None


def test_that_an_optional_number_left_empty_is_off(qtbot, form, spots_document):
    edit = type_into(qtbot, form, "plan_patience", "7")
    assert plan(spots_document).patience == 7
    edit.clear()
    edit.textEdited.emit("")
    assert plan(spots_document).patience is None
    assert edit.placeholderText() == "off"


def test_that_every_editor_has_a_name_and_a_tip(form):
    for cell in form.cells.values():
        assert cell.editor.accessibleName()
        assert cell.editor.toolTip()


def test_that_the_plan_is_said_in_a_line(spots_document):
    assert plan_words(plan(spots_document)) == "5 epochs · batch 32 · MAE · Adam at 0.003 · cosine"


def test_that_the_sweep_is_drawn_before_the_run(spots_document):
    spots_document.edit_plan("sweep", epochs=100, learning_rate=1e-8, schedule=Exponential(20.0))
    epochs, rates = planned_rates(plan(spots_document))
    assert (epochs[0], epochs[-1]) == (1, 100)
    assert rates[20] == pytest.approx(1e-7)


def test_that_a_million_epochs_are_drawn_with_few_points(spots_document):
    spots_document.edit_plan("many", epochs=1_000_000)
    epochs, _ = planned_rates(plan(spots_document))
    assert len(epochs) == 500
