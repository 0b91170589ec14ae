"""Keras code in the window: pasted, chosen among several, shown as it changes, copied and saved."""

import ast
import json

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from tsrnn_gui.app.settings import load_settings
from tsrnn_gui.core.keras_source import read_source
from tsrnn_gui.core.layers import GRU, LSTM, Dense, SimpleRNN
from tsrnn_gui.ui.application import opened_window
from tsrnn_gui.ui.model_choice_dialog import ModelChoiceDialog

ONE = """
model = tf.keras.models.Sequential([
    tf.keras.layers.LSTM(8, input_shape=[None, 1], stateful=True),
    tf.keras.layers.Dense(1),
])
model.compile(loss="mse", optimizer="adam")
model.fit(train_set, epochs=7)
"""
TWO = ONE + "other = tf.keras.Sequential([tf.keras.layers.GRU(3, input_shape=[9, 1]), Odd()])\n"
WRONG = TWO + "m = Sequential([Lambda(lambda x: tf.expand_dims(x, axis=1), input_shape=[None]), GRU(3)])\n"


@pytest.fixture
def window(qtbot, home):
    made = opened_window(None, None, load_settings())
    made.show()
    qtbot.waitExposed(made)
    with qtbot.waitSignal(made.document.changed, timeout=10_000):
        made.open_sample("course-week3")
    yield made
    made.close()
    made.document.file.close()
    made.deleteLater()


def _notice(window):
    return window.findChild(QLabel, "notice_text").text()


def _stack(window):
    return window.document.project.experiment.stack


def test_that_a_whole_model_that_is_pasted_becomes_the_experiment(window, clipboard):
    clipboard.setText(ONE)
    window.actions_by_name["paste"].trigger()
    assert _stack(window) == (LSTM(8), Dense(1))
    assert window.document.project.experiment.plan.epochs == 7
    assert "1 piece of the code was not taken as written." in _notice(window)
    window.document.undo_stack.undo()
    assert _stack(window) != (LSTM(8), Dense(1))


def test_that_layers_that_are_pasted_are_put_behind_the_selected_one(window, clipboard):
    before = _stack(window)
    window.stack_panel.select(1)
    clipboard.setText("tf.keras.layers.GRU(5, return_sequences=True),")
    window.paste()
    assert _stack(window) == (before[0], GRU(5, return_sequences=True), *before[1:])


def test_that_of_several_models_one_is_chosen_with_its_notes_before_anything_is_replaced(
    window, qtbot, clipboard
):
    before = _stack(window)
    clipboard.setText(TWO)
    window.paste()
    dialog = window.findChild(ModelChoiceDialog)
    assert _stack(window) == before
    assert [dialog.list.item(row).text() for row in range(2)] == ["model", "other"]
    assert "stateful=True" in dialog.about.toPlainText()
    assert "7 epochs" in dialog.about.toPlainText()
    assert "To be mended" not in dialog.about.toPlainText()
    dialog.list.setCurrentRow(1)
    assert "Odd(): left out" in dialog.about.toPlainText()
    assert _stack(window) == before
    dialog.accept()
    assert _stack(window) == (GRU(3),)


def test_that_the_choice_says_what_is_wrong_with_a_model(window, clipboard):
    clipboard.setText(WRONG)
    window.paste()
    dialog = window.findChild(ModelChoiceDialog)
    dialog.list.setCurrentRow(2)
    assert "axis 1 turns the unknown window into features" in dialog.about.toPlainText()
    dialog.reject()


def test_that_code_that_cannot_be_read_is_told_and_changes_nothing(window, clipboard):
    before = window.document.project
    clipboard.setText("model = tf.keras.Sequential([tf.keras.layers.Dense(1)")
    window.paste()
    assert "line 1" in _notice(window)
    clipboard.setText("a = Input((9, 1))\nmodel = tf.keras.Model(a, Add()([a, a]))")
    window.paste()
    assert "joins several tensors" in _notice(window)
    clipboard.setText("hello")
    window.paste()
    assert "no layers on the clipboard" in _notice(window)
    assert window.document.project == before


def test_that_a_copied_experiment_is_keras_code_and_the_same_experiment(window, clipboard):
    wanted = window.document.project.experiment
    window.actions_by_name["copy_experiment"].trigger()
    code = clipboard.text()
    ast.parse(code)
    (found,) = read_source(code)
    assert found.experiment.stack == wanted.stack
    assert found.experiment.plan.epochs == wanted.plan.epochs
    window.document.edit_stack("x", (SimpleRNN(3), Dense(1)))
    window.paste()
    assert window.document.project.experiment == wanted


def test_that_the_code_follows_the_stack_in_each_spelling(window, qtbot):
    window.tabs.setCurrentWidget(window.code_panel)
    panel = window.code_panel
    qtbot.waitUntil(lambda: "tf.keras.layers.GRU(32" in panel.text.toPlainText())
    window.document.edit_stack("x", (GRU(33), Dense(1)))
    assert "tf.keras.layers.GRU(33" in panel.text.toPlainText()
    marked = [mark.cursor.block().text() for mark in panel.text.extraSelections()]
    assert any("GRU(33" in text for text in marked)
    assert len(marked) <= 2
    panel.spelling.setCurrentIndex(2)
    panel.spelling.activated.emit(2)
    assert "# %% Build the network" in panel.text.toPlainText()
    panel.copy_button.click()
    assert QApplication.clipboard().text() == panel.text.toPlainText()


def test_that_the_code_is_saved_with_the_series_that_it_reads(window, qtbot, tmp_path):
    window.tabs.setCurrentWidget(window.code_panel)
    panel = window.code_panel
    with qtbot.waitSignal(panel.saved, timeout=10_000):
        panel.save(tmp_path / "mine.py")
    assert "mine_series.csv" in (tmp_path / "mine.py").read_text(encoding="utf-8")
    assert (tmp_path / "mine_series.csv").read_text(encoding="utf-8").count("\n") > 1000
    qtbot.waitUntil(lambda: panel._saving is None)
    panel.spelling.setCurrentIndex(2)
    with qtbot.waitSignal(panel.saved, timeout=10_000):
        panel.save(tmp_path / "other.ipynb")
    assert json.loads((tmp_path / "other.ipynb").read_text(encoding="utf-8"))["nbformat"] == 4
    qtbot.waitUntil(lambda: panel._saving is None)
    with qtbot.waitSignal(panel.failed, timeout=10_000):
        panel.save(tmp_path / "nowhere" / "mine.ipynb")
    qtbot.waitUntil(lambda: panel._saving is None)
