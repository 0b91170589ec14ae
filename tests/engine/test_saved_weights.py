"""The weights of a saved model: taken over where every array is as expected, refused otherwise."""

import io

import h5py
import numpy as np
import pytest

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.keras_config import read_config
from tsrnn_gui.core.layers import (
    GRU,
    LSTM,
    BatchNormalization,
    Conv1D,
    Dense,
    Dropout,
    ExpandDims,
    LayerNormalization,
    Scale,
    SimpleRNN,
    TimeDistributedDense,
)
from tsrnn_gui.core.plan import Plan
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.windows import Windowing
from tsrnn_gui.files.keras_archive import read_archive
from tsrnn_gui.wire.messages import Array, Data, Export, Forecast

STACK = (
    ExpandDims(),
    Conv1D(4, 3),
    Dense(5),
    BatchNormalization(),
    LSTM(3, return_sequences=True, bidirectional=True, merge_mode="sum"),
    TimeDistributedDense(4),
    LayerNormalization(),
    GRU(3, return_sequences=True, dropout=0.2),
    SimpleRNN(4, return_sequences=True),
    SimpleRNN(3),
    Dropout(0.1),
    Dense(2),
    Scale(30.0),
)
WINDOWING = Windowing(
    inputs=("a",), targets=("a",), window=12, horizon=2, split=120, scaling="none", features_axis=False
)
EXPERIMENT = Experiment(WINDOWING, STACK, Plan())


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A model that Keras saved, with statistics of its own; and what it forecasts, to compare with."""
    from tsrnn_gui.engine.build import stacked

    model = stacked(STACK, (12,))
    draw = np.random.default_rng(4)
    model.set_weights([draw.uniform(0.1, 0.5, weight.shape) for weight in model.get_weights()])
    path = tmp_path_factory.mktemp("saved") / "their.keras"
    model.save(path)
    return model, read_archive(path, weights=True)


def _asked(bench, values, weights, experiment=EXPERIMENT):
    bench.events = []
    data = Data(Array.of(values), ("a",))
    bench.service.serve(Forecast("theirs", experiment=experiment, data=data, saved=weights, future_steps=5))
    return bench.events


def test_that_a_saved_model_forecasts_as_it_did_in_keras(bench, pick, waves, saved):
    model, archive = saved
    assert read_config(archive.config, "their.keras").experiment.stack == STACK
    events = _asked(bench, waves, archive.weights)
    assert [type(event).__name__ for event in events] == ["Checkpoint", "ForecastMade", "Finished"]
    (made,) = pick(events, "ForecastMade")
    windows = np.stack([waves[origin - 12 : origin, 0] for origin in made.origins.unpacked()])
    wanted = np.asarray(model(windows.astype(np.float32)))
    np.testing.assert_allclose(made.validation.unpacked()[:, :, 0], wanted, rtol=2e-5)
    assert made.epoch == -1 and made.future.shape == (5, 1)


def test_that_the_state_it_comes_to_can_be_used_again(bench, pick, waves, saved):
    events = _asked(bench, waves, saved[1].weights)
    state, first = pick(events, "Checkpoint")[0].state, pick(events, "ForecastMade")[0]
    data, bench.events = Data(Array.of(waves), ("a",)), []
    bench.service.serve(Forecast("again", experiment=EXPERIMENT, data=data, state=state, future_steps=5))
    (again,) = pick(bench.events, "ForecastMade")
    assert np.array_equal(again.validation.unpacked(), first.validation.unpacked())
    bench.events = []
    bench.service.serve(Export("out", experiment=EXPERIMENT, data=data, state=state, format="numpy"))
    assert pick(bench.events, "Exported")[0].difference <= 1e-5


def _changed(weights, change):
    packed = io.BytesIO(weights)
    with h5py.File(packed, "r+") as file:
        change(file)
    return packed.getvalue()


def _replaced(file, **how):
    values = file["layers/dense/vars/0"][()]
    del file["layers/dense/vars/0"]
    file["layers/dense/vars"].create_dataset("0", **({"data": values} | how))


def _linked(file, link):
    del file["layers/dense/vars/0"]
    file["layers/dense/vars/0"] = link


HOSTILE = {
    "a missing array": lambda file: file.__delitem__("layers/dense/vars/0"),
    "another shape": lambda file: _replaced(file, data=np.zeros((4, 6))),
    "far too large": lambda file: _replaced(file, data=None, shape=(1 << 40,), dtype="f4"),
    "unfolding": lambda file: _replaced(file, compression="gzip", chunks=(1, 1)),
    "text": lambda file: _replaced(file, data=np.full((4, 5), b"x")),
    "not finite": lambda file: _replaced(file, data=np.full((4, 5), np.nan)),
    "another file": lambda file: _linked(file, h5py.ExternalLink("/etc/hostname", "/x")),
    "a soft link": lambda file: _linked(file, h5py.SoftLink("/layers/dense_1/vars/0")),
    "a group": lambda file: (
        file.__delitem__("layers/dense/vars/0"),
        file.create_group("layers/dense/vars/0"),
    ),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE.keys())
def test_that_odd_arrays_are_refused_at_their_layer(bench, waves, saved, change):
    with pytest.raises(TsrnnError, match="do not fit: what layer 3 needs"):
        _asked(bench, waves, _changed(saved[1].weights, change))


@pytest.mark.parametrize("weights", [b"x", b"\x89HDF\r\n\x1a\n" + bytes(2000), b"\x80\x04."])
def test_that_what_is_no_hdf5_is_refused(bench, waves, weights):
    with pytest.raises(TsrnnError, match="cannot be read"):
        _asked(bench, waves, weights)


def test_that_an_array_stored_outside_the_file_is_refused(bench, waves, saved, tmp_path):
    (tmp_path / "outside").write_bytes(bytes(80))

    def change(file):
        _replaced(file, data=None, shape=(4, 5), dtype="f4", external=[(str(tmp_path / "outside"), 0, 80)])

    with pytest.raises(TsrnnError, match="what layer 3 needs is no plain array"):
        _asked(bench, waves, _changed(saved[1].weights, change))
