"""A saved model that is opened: its weights forecast as a run of its own while the stack is its own."""

import json
import zipfile

import pytest

from tsrnn_gui.app.code_opening import fitted, found_in
from tsrnn_gui.app.events import Finished
from tsrnn_gui.app.run_words import run_words
from tsrnn_gui.app.saved_weights import SavedWeights
from tsrnn_gui.core.layers import GRU, Dense


def _layer(kind, **config):
    return {"class_name": kind, "module": "keras.layers", "config": config}


def _keras_file(path, *layers, weights=b"weights"):
    config = {"layers": [_layer("InputLayer", batch_shape=[None, 12, 1]), *layers]}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps({"class_name": "Sequential", "config": config}))
        if weights:
            archive.writestr("model.weights.h5", weights)
    return path


GRU_THEN_DENSE = (_layer("GRU", units=3, kernel_initializer=_layer("HeNormal")), _layer("Dense", units=1))


@pytest.fixture
def opened(tmp_path, document, make_trainer):
    """Open a saved model in the document, and hold its weights."""
    (found,) = found_in(_keras_file(tmp_path / "their.keras", *GRU_THEN_DENSE))
    document.edit("Take it over", document.project.with_experiment(fitted(found, document.project)))
    saved = SavedWeights(document, make_trainer())
    assert saved.take(found)
    return saved


def test_that_its_weights_make_a_run_that_is_kept(qtbot, opened, document):
    trainer = opened._trainer
    with qtbot.waitSignal(trainer.run_ended, timeout=15_000) as got:
        opened.use()
        assert opened.why_not() == "A run is under way"
    log = got.args[0]
    assert isinstance(log.ending, Finished) and not log.epochs
    assert run_words(log, trainer.state) == "Forecast with the weights of a saved model"
    (record,) = document.file.runs()
    assert (record.status, record.epochs_done) == ("completed", 0)
    assert record.experiment.stack == (GRU(3), Dense(1))
    assert record.reports == log.reports != ()
    assert document.file.checkpoint(log.run)[1] == b"weights"
    with qtbot.waitSignal(trainer.run_ended, timeout=15_000):
        trainer.forecast_again(log, document)
    assert len(document.file.runs()) == 1


def test_that_they_are_not_used_for_another_stack(opened, document):
    assert opened.why_not() == ""
    document.edit_stack("widen", (GRU(4), Dense(1)))
    assert opened.why_not() == "The stack is no longer that of the opened model"
    document.undo_stack.undo()
    assert opened.why_not() == ""


@pytest.mark.parametrize(
    ("layers", "weights"),
    [
        ((*GRU_THEN_DENSE, _layer("Softmax")), b"weights"),
        ((_layer("GRU", units=3, recurrent_activation="hard_sigmoid"), _layer("Dense", units=1)), b"weights"),
        (GRU_THEN_DENSE, b""),
    ],
)
def test_that_weights_are_held_only_where_the_stack_is_all_of_the_model(tmp_path, layers, weights):
    (found,) = found_in(_keras_file(tmp_path / "their.keras", *layers, weights=weights))
    assert found.weights == b""
    assert found.experiment.stack == (GRU(3), Dense(1))
