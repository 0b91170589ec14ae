"""Layers on the clipboard are Keras code for everyone else, and Keras code there is layers here."""

import pytest
from PySide6.QtCore import QMimeData

from tsrnn_gui.app.layer_clipboard import MIME, layers_from, mime_of, models_in
from tsrnn_gui.core.presets import PRESETS


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_that_copied_layers_are_keras_code_and_come_back_from_it(preset):
    copied = mime_of(preset.experiment.stack, preset.experiment.windowing)
    assert copied.text().startswith("window_size = 20")
    assert layers_from(copied) == preset.experiment.stack
    text = QMimeData()
    text.setText(copied.text())
    assert layers_from(text) == preset.experiment.stack


def test_that_pasted_code_tells_its_notes_and_other_text_is_no_model():
    (found,) = models_in("m = Sequential([Dense(1, input_shape=[None]), Strange(2)])")
    assert any(note.text == "Strange(2)" for note in found.notes)
    assert models_in("Sequential(") == models_in("hello") == ()
    broken = QMimeData()
    broken.setData(MIME, b"Sequential([Dense(1)])")
    assert layers_from(broken) == ()
