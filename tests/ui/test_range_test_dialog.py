"""The range test's window, driven by an engine without TensorFlow."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton

from tests.conftest import play
from tsrnn_gui.app.project_opening import OpenProject, new_path
from tsrnn_gui.app.range_testing import RangeTesting
from tsrnn_gui.app.settings import Settings
from tsrnn_gui.core.range_curves import RangeCurves
from tsrnn_gui.core.range_test import RANGE_TESTS, BatchRangeTest, RangeTest
from tsrnn_gui.core.schedules import Constant, Exponential
from tsrnn_gui.ui.main_window import MainWindow
from tsrnn_gui.ui.range_plot import RangePlot, rate_text
from tsrnn_gui.ui.range_test_dialog import RangeTestDialog

SHORT = RangeTest(1e-5, 4.0, 20)


@pytest.fixture
def dialog(qtbot, spots_document):
    dialog = RangeTestDialog(spots_document, RangeTesting(make_engine=play))
    qtbot.addWidget(dialog)
    dialog.show()
    yield dialog
    dialog.close()


def run(qtbot, dialog, state="completed"):
    with qtbot.waitSignal(dialog.testing.state_changed, check_params_cb=lambda s: s == state, timeout=15_000):
        dialog.start()


def words(dialog, name="range_words"):
    return dialog.findChild(QLabel, name).text()


def button(dialog, name):
    return dialog.findChild(QPushButton, name)


def bowl(seeds=1):
    curves = RangeCurves(RangeTest(seeds=seeds))
    for nth in range(seeds):
        for epoch in range(90):
            curves.add(nth, (2.0 + nth) * (1.5 + np.cos(epoch / 22)))
        curves.explode(nth)
    return curves


def test_that_it_first_says_what_will_be_tried(dialog):
    assert words(dialog).startswith("The rate climbs from 10⁻⁸ to ")
    assert button(dialog, "run").isEnabled() and not button(dialog, "stop").isEnabled()
    assert not button(dialog, "use_valley").isEnabled()


def test_that_a_run_is_drawn_and_suggests_rates(qtbot, dialog):
    dialog.choose(SHORT)
    run(qtbot, dialog)
    assert len(dialog.plot.curves["raw0"].x) == len(dialog.plot.curves["smoothed"].x) == 20
    assert dialog.plot.curves["raw0"].x[0] == pytest.approx(-5)
    assert words(dialog) == "Finished 20 epochs."
    assert button(dialog, "use_valley").isEnabled()


def test_that_a_rate_is_used_as_one_undoable_step(qtbot, dialog, spots_document):
    spots_document.edit_plan("sweep", schedule=Exponential(20.0))
    dialog.choose(SHORT)
    run(qtbot, dialog)
    before = spots_document.project
    button(dialog, "use_minimum_over_10").click()
    plan = spots_document.project.experiment.plan
    assert (plan.learning_rate, plan.schedule) == (dialog.rules["minimum_over_10"].rate, Constant())
    assert button(dialog, "use_minimum_over_10").text() == "In use"
    spots_document.undo_stack.undo()
    assert spots_document.project == before
    assert button(dialog, "use_minimum_over_10").isEnabled()


def test_that_another_schedule_than_the_climb_stays(qtbot, dialog, spots_document):
    schedule = spots_document.project.experiment.plan.schedule
    dialog.choose(SHORT)
    run(qtbot, dialog)
    button(dialog, "use_valley").click()
    assert spots_document.project.experiment.plan.schedule == schedule


def test_that_what_is_wrong_with_the_experiment_or_a_field_is_said_and_run_is_off(dialog, spots_document):
    spots_document.edit_stack("none", ())
    assert not button(dialog, "run").isEnabled()
    assert words(dialog) == spots_document.verdict.errors[0].text == button(dialog, "run").toolTip()
    spots_document.undo_stack.undo()
    assert button(dialog, "run").isEnabled()
    dialog.form.edited.emit("seeds", 9)
    assert words(dialog).startswith("Seeds is 9")
    assert not button(dialog, "run").isEnabled()


def test_that_the_quick_test_is_by_batch_and_keeps_the_seeds(qtbot, dialog):
    dialog.form.edited.emit("seeds", 2)
    kind = dialog.findChild(QComboBox, "range_kind")
    kind.setCurrentIndex(kind.findData("batch"))
    kind.activated.emit(kind.currentIndex())
    run(qtbot, dialog)
    assert dialog.testing.curves.test == BatchRangeTest(seeds=2)
    assert words(dialog) == f"Finished {2 * RANGE_TESTS['batch'].epochs:,} batches."
    assert dialog.plot.curves["raw0"].title == "each batch"


def test_that_closing_ends_the_test_and_opening_again_shows_it(qtbot, dialog):
    dialog.start()
    dialog.close()
    assert dialog.testing.state == "stopped"
    dialog.show()
    assert words(dialog).startswith("Stopped after")


def test_that_another_project_starts_with_an_empty_picture(qtbot, dialog, spots_document):
    dialog.choose(SHORT)
    run(qtbot, dialog)
    spots_document.opened.emit(spots_document.project)
    assert dialog.testing.curves is None
    assert not len(dialog.plot.curves["raw0"].x)
    assert not button(dialog, "use_valley").isEnabled()


def test_that_a_failed_test_says_why(qtbot, spots_document):
    dialog = RangeTestDialog(spots_document, RangeTesting(make_engine=lambda: play("refuses")))
    qtbot.addWidget(dialog)
    run(qtbot, dialog, "failed")
    assert words(dialog) == "The network is too large. Use fewer units."
    dialog.close()


def test_that_seeds_are_a_band_and_the_unstable_part_is_shaded(qtbot):
    plot = RangePlot()
    qtbot.addWidget(plot)
    plot.show_curves(bowl(3))
    assert plot._band.isVisible() and plot._unstable.isVisible()
    assert len(plot.curves["high"].x) == 91
    assert "seeds" in plot.reading(-6.0)
    plot.show_curves(bowl())
    assert not plot._band.isVisible()
    plot.show_curves(None)
    assert not plot._unstable.isVisible()
    assert plot.reading(-6.0) == ""


@pytest.mark.parametrize(
    ("rate", "text"), [(1e-8, "10⁻⁸"), (8.9e-4, "8.9·10⁻⁴"), (0.05, "0.05"), (1.0, "1"), (9.96e-4, "10⁻³")]
)
def test_that_rates_are_written_alike(rate, text):
    assert rate_text(rate) == text


def test_that_a_loss_flying_off_does_not_flatten_the_rest(qtbot):
    plot = RangePlot()
    qtbot.addWidget(plot)
    plot.show()
    curves = RangeCurves(RangeTest(1e-6, 8.0, 30))
    for loss in (5.0, 4.0, 3.0, 2.0, 2.0, 1e12, None):
        curves.add(0, loss)
    plot.show_curves(curves)
    low, high = plot.view.getViewBox().viewRange()[1]
    assert -1 < low < np.log10(2) and np.log10(5) < high < 4
    plot.show_curves(None)


def test_that_the_windows_command_opens_it_and_the_window_closes_it(qtbot, make_trainer, spots):
    window = MainWindow(OpenProject(new_path(), create=True), make_trainer(), Settings())
    qtbot.addWidget(window)
    window.show()
    action = window.actions_by_name["range_test"]
    assert not action.isEnabled() and action.toolTip().startswith("No series is open")
    window.document.take_series(spots)
    action.trigger()
    dialog = window.findChild(RangeTestDialog)
    assert dialog.isVisible()
    window.close()
    assert not dialog.isVisible()
