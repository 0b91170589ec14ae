"""Files that Keras itself saved, read back by their configuration alone."""

import itertools

import pytest

from tsrnn_gui.core.fields import fields
from tsrnn_gui.core.keras_config import read_config
from tsrnn_gui.core.layers import GRU, KINDS, Dense, Dropout, ExpandDims, Formula, Scale
from tsrnn_gui.core.presets import PRESETS
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files.keras_archive import read_archive

OTHER = {"units": (5,), "filters": (6,), "kernel_size": (2,), "pool_size": (3,), "n": (3,), "rate": (0.3,)}
OTHER |= {"dropout": (0.0, 0.25), "factor": (-2.5,), "axis": (-1, 1), "strides": (2,), "epsilon": (0.01,)}
PORTABLE = [kind for kind in KINDS if kind.portable]


def _variants(kind):
    """Every switch and choice of ``kind``, and numbers that are not their defaults."""
    values = []
    for field in fields(kind):
        choices = (False, True) if field.kind == "bool" else field.choices if field.kind == "choice" else ()
        values.append(OTHER.get(field.name) or choices or (field.default,))
    names = [field.name for field in fields(kind)]
    made = (kind(**dict(zip(names, chosen, strict=True))) for chosen in itertools.product(*values))
    return list(dict.fromkeys(made))[::7] or [kind()]


def _saved(stack, shape, path):
    from tsrnn_gui.engine.build import stacked

    model = stacked(stack, shape)
    model.save(path)
    return read_config(read_archive(path).config, path.name)


@pytest.mark.parametrize("kind", PORTABLE, ids=lambda kind: kind.title)
def test_that_every_layer_is_read_back_as_it_was_saved(kind, tmp_path):
    vector = kind.title == "RepeatVector" or kind is ExpandDims
    for layer in _variants(kind):
        found = _saved((layer,), (12,) if vector else (12, 2), tmp_path / "saved.keras")
        assert found.experiment.stack == (layer,), [str(note) for note in found.notes]
        said = [str(note) for note in found.notes if note.place]
        assert not said


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_that_every_preset_is_read_back_with_its_window(preset, tmp_path):
    shape = (20, 1) if preset.experiment.windowing.features_axis else (20,)
    found = _saved(preset.experiment.stack, shape, tmp_path / "saved.keras").experiment
    assert found.stack == preset.experiment.stack
    assert found.windowing.window == 20
    assert found.windowing.features_axis == preset.experiment.windowing.features_axis


def test_that_the_plan_it_was_compiled_with_is_read(tmp_path):
    import keras

    model = keras.Sequential([keras.Input((None, 1)), keras.layers.GRU(4), keras.layers.Dense(2)])
    model.compile(optimizer=keras.optimizers.SGD(1e-3, momentum=0.9), loss=keras.losses.Huber())
    model.save(tmp_path / "saved.keras")
    found = read_config(read_archive(tmp_path / "saved.keras").config, "saved.keras")
    plan, windowing = found.experiment.plan, found.experiment.windowing
    assert (plan.loss, plan.optimizer.momentum, plan.learning_rate) == ("huber", 0.9, 0.001)
    assert (windowing.horizon, windowing.open_length) == (2, True)
    assert [note for note in found.notes if note.unit == "compile"] == []


def test_that_a_functional_chain_is_read(tmp_path):
    import keras

    given = keras.Input((20,))
    made = keras.layers.Reshape((20, 1))(given)
    made = keras.layers.Dropout(0.5)(keras.layers.GRU(3)(made))
    made = keras.layers.Rescaling(100.0)(keras.layers.Dense(1)(made))
    keras.Model(given, made).save(tmp_path / "saved.keras")
    found = read_config(read_archive(tmp_path / "saved.keras").config, "saved.keras")
    assert found.experiment.stack == (ExpandDims(), GRU(3), Dropout(0.5), Dense(1), Scale(100.0))


def test_that_a_lambda_that_keras_saved_is_refused(tmp_path):
    import keras

    model = keras.Sequential([keras.Input((20, 1)), keras.layers.Lambda(lambda x: x * 2.0, name="twice")])
    model.save(tmp_path / "saved.keras")
    with pytest.raises(TsrnnError, match=r"holds a Lambda .“twice”."):
        read_config(read_archive(tmp_path / "saved.keras").config, "saved.keras")


def test_that_a_layer_of_ours_is_named_and_not_made(tmp_path):
    found = _saved((Formula("lambda x: x ** 2"), GRU(2), Dense(1)), (8, 1), tmp_path / "saved.keras")
    assert found.experiment.stack == (GRU(2), Dense(1))
    assert "layer 1: custom_Formula(): left out" in str(found.notes[0])
