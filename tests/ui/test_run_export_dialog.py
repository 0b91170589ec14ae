"""The dialog for taking a run away says what each form is for, and why one cannot be had."""

import pytest
from PySide6.QtWidgets import QLabel, QListWidget

from tsrnn_gui.app.run_exporting import CODE_EXPORTS, MODEL_FORMATS
from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.layers import Dense, Formula
from tsrnn_gui.core.presets import RECOMMENDED
from tsrnn_gui.core.windows import Windowing
from tsrnn_gui.ui.run_export_dialog import RunExportDialog


@pytest.fixture
def shown(qtbot):
    def show(experiment):
        dialog = RunExportDialog(experiment)
        qtbot.addWidget(dialog)
        return (
            dialog,
            dialog.findChild(QListWidget, "export_formats"),
            dialog.findChild(QLabel, "export_about"),
        )

    return show


def test_that_every_form_is_offered_with_what_it_is_for(qtbot, shown):
    dialog, choices, about = shown(RECOMMENDED.experiment)
    for row, entry in enumerate((*MODEL_FORMATS, *CODE_EXPORTS)):
        choices.setCurrentRow(row)
        assert entry.purpose and entry.purpose.replace("“", "") in about.text().replace("“", "")
        assert f"NAME{entry.suffix} and NAME{entry.beside}" in about.text()
        assert dialog.export_button.isEnabled()
        with qtbot.waitSignal(dialog.picked) as got:
            dialog.export_button.click()
        assert got.args == [entry]


def test_that_a_form_that_cannot_hold_the_stack_says_why_and_is_not_offered(shown):
    stack = (Formula("lambda x: x ** 2"), Dense(1))
    dialog, choices, about = shown(Experiment(Windowing(features_axis=False), stack))
    assert "Layer 1" in about.text() and "is a formula" in about.text()
    assert not dialog.export_button.isEnabled()
    choices.setCurrentRow(1)
    assert dialog.export_button.isEnabled()
