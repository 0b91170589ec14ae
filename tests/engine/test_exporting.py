"""Networks taken away as files: each opened by its own program and held against the engine's forecasts."""

import importlib.util
import io
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.layers import (
    GRU,
    LSTM,
    BatchNormalization,
    Conv1D,
    Dense,
    Flatten,
    Formula,
    Masking,
    SimpleRNN,
)
from tsrnn_gui.core.model_formats import MODEL_FORMATS
from tsrnn_gui.core.plan import Plan
from tsrnn_gui.core.presets import PRESETS
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.windows import Windowing
from tsrnn_gui.wire.messages import Array, Data, Export, Train

ONNX = importlib.util.find_spec("onnxruntime") and importlib.util.find_spec("tf2onnx")
needs_onnx = pytest.mark.skipif(not ONNX, reason="the extra onnx is not installed")
FORMATS = [pytest.param(f.key, marks=[needs_onnx] if f.key == "onnx" else []) for f in MODEL_FORMATS]
PLAN = Plan(epochs=1, keep_best=False)


def _cut(**more):
    return Windowing(**({"inputs": ("a",), "targets": ("a",), "window": 12, "split": 120} | more))


def _preset(experiment):
    given = experiment.windowing
    return Experiment(_cut(scaling=given.scaling, features_axis=given.features_axis), experiment.stack, PLAN)


RUNS = {preset.name: _preset(preset.experiment) for preset in PRESETS}
RUNS["two columns, three ahead"] = Experiment(
    _cut(inputs=("a", "b"), targets=("b", "a"), horizon=3, scaling="minmax", missing="linear"),
    (Conv1D(4, 3), LSTM(5, return_sequences=True, activation="relu"), Flatten(), Dense(6)),
    PLAN,
)
RUNS["level of another column"] = Experiment(
    _cut(inputs=("a",), targets=("b",), missing="previous"), (SimpleRNN(4), Dense(1)), PLAN
)
RUNS["masked"] = Experiment(
    _cut(scaling="standard"),
    (
        Masking(0.5),
        LSTM(3, return_sequences=True, bidirectional=True, merge_mode="sum"),
        BatchNormalization(),
        GRU(4),
        Dense(1),
    ),
    PLAN,
)
RUNS["formula"] = Experiment(
    _cut(scaling="standard"), (Formula("lambda x: x[:, 1:] - x[:, :-1]"), GRU(4), Dense(1, "gelu")), PLAN
)


class Runs:
    """Every experiment trained once, without compiling, when it is first asked for."""

    def __init__(self, bench, pick):
        self.bench, self.pick = bench, pick
        self.kept = {}
        time = np.arange(160.0)
        values = np.stack([50 + 20 * np.sin(time / 7), 30 + 9 * np.cos(time / 5) + 0.01 * time], axis=1)
        self.values = values + np.random.default_rng(7).normal(0, 3, values.shape)

    def data(self, experiment):
        values = self.values.copy()
        if experiment.windowing.missing != "refuse":
            values[[3, 50, 51, 159], 1] = np.nan
        return values

    def trained(self, name):
        if name not in self.kept:
            experiment = RUNS[name]
            data = Data(Array.of(self.data(experiment)), ("a", "b"))
            self.bench.events, self.bench.service.compile_from = [], 10**9
            self.bench.heard = lambda bench, event: None
            try:
                request = Train(f"export-{name}", experiment=experiment, data=data, future_steps=7)
                self.bench.service.serve(request)
            finally:
                self.bench.service.compile_from = 0
            events = self.bench.events
            state = self.pick(events, "Checkpoint")[-1].state
            self.kept[name] = (experiment, data, state, self.pick(events, "ForecastMade")[-1])
        return self.kept[name]

    def exported(self, name, key):
        experiment, data, state, _ = self.trained(name)
        self.bench.events = []
        self.bench.service.serve(Export("e", experiment=experiment, data=data, state=state, format=key))
        (event,) = self.bench.events
        return event


@pytest.fixture(scope="module")
def runs(bench, pick):
    return Runs(bench, pick)


def _keras(path):
    import keras

    model = keras.models.load_model(path, safe_mode=True)
    return lambda x: np.asarray(model(x))


def _saved(path):
    import tensorflow as tf

    zipfile.ZipFile(path).extractall(path.parent / "saved")
    loaded = tf.saved_model.load(str(path.parent / "saved"))
    return lambda x: loaded.serve(x).numpy()


def _onnx(path):
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return lambda x: session.run(None, {session.get_inputs()[0].name: x})[0]


OPENERS = {".keras": _keras, ".zip": _saved, ".onnx": _onnx}


def _by_hand(values, about, run, origins):
    """Scale, cut, run and scale back as the note beside the file says, a window at a time."""
    columns = [*about["inputs"], *(n for n in about["targets"] if n not in about["inputs"])]
    out = [columns.index(name) for name in about["targets"]]
    rows = values[:, ["ab".index(name) for name in columns]].copy()
    for column in rows.T:
        known = np.isfinite(column)
        column[~known] = np.interp(np.flatnonzero(~known), np.flatnonzero(known), column[known])
    rows = (rows - about["offset"]) / about["scale"]
    past = np.stack([rows[first - about["window"] : first] for first in origins])
    level = (
        past[:, -about["level_steps"] :].mean(axis=1, keepdims=True)
        if about["level_steps"]
        else 0 * past[:, :1]
    )
    windows = (past - level)[:, :, : len(about["inputs"])].astype(np.float32)
    made = run(windows if about["features_axis"] else windows[:, :, 0])
    made = (made[:, -1] if about["sequence"] else made).reshape(len(past), about["horizon"], -1)
    return (made + level[:, :, out]) * np.array(about["scale"])[out] + np.array(about["offset"])[out]


QUICK = ("recommended", "two columns, three ahead", "formula")


@pytest.mark.parametrize("key", FORMATS)
@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in RUNS]
)
def test_that_an_exported_network_forecasts_as_the_engine_does(runs, tmp_path, name, key):
    if name == "formula" and key == "keras":
        return  # refused, as tried below
    event = runs.exported(name, key)
    assert event.difference <= 1e-5
    assert event.windows == runs.trained(name)[3].origins.shape[0] > 20
    for ending, content in event.files.items():
        (tmp_path / f"model{ending}").write_bytes(content)
    experiment, _, _, made = runs.trained(name)
    if key == "numpy":
        _as_a_program(runs, tmp_path, experiment, made)
        return
    ending = next(iter(event.files))
    about = json.loads(event.files[f"{ending}.json"])
    read = OPENERS[ending](tmp_path / f"model{ending}")
    if experiment.windowing.missing == "previous":
        return  # by hand, only straight lines are drawn
    mine = _by_hand(runs.data(experiment), about, read, made.origins.unpacked())
    spread = np.abs(made.validation.unpacked()).max()
    np.testing.assert_allclose(mine, made.validation.unpacked(), rtol=0, atol=2e-5 * spread)


def _as_a_program(runs, folder, experiment, made):
    """Run the file alone, where our package cannot be found, and compare what it prints."""
    values = runs.data(experiment)
    rows = [",".join("" if np.isnan(v) else repr(float(v)) for v in row) for row in values]
    (folder / "series.csv").write_text("\n".join(["a,b", *rows]), encoding="utf-8")
    wanted = made.future.unpacked()
    assert len(wanted) == (7 if set(experiment.windowing.inputs) <= set(experiment.windowing.targets) else 1)
    command = [sys.executable, "-I", "model.py", "series.csv", "--steps", str(len(wanted))]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    header, *lines = done.stdout.splitlines()
    assert header == ",".join(("step", *experiment.windowing.targets))
    found = np.array([[float(cell) for cell in line.split(",")[1:]] for line in lines])
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5 * np.abs(wanted).max())


def test_that_a_formula_without_a_layer_of_keras_is_refused_by_name(runs):
    with pytest.raises(TsrnnError, match="Layer 1, “x\\[:, 1:\\] - x\\[:, :-1\\]”, is a formula") as refused:
        runs.exported("formula", "keras")
    assert "SavedModel" in refused.value.hint


def test_that_a_keras_file_holds_no_code_and_no_class_of_ours(runs):
    files = runs.exported("simple-rnn", "keras").files
    config = zipfile.ZipFile(io.BytesIO(files[".keras"])).read("config.json").decode()
    assert "Lambda" not in config and "tsrnn" not in config
    assert '"Reshape"' in config and '"Rescaling"' in config


@needs_onnx
def test_that_what_onnx_does_not_know_is_refused_by_its_name(runs, monkeypatch):
    monkeypatch.setitem(
        RUNS,
        "log1p",
        Experiment(
            _cut(scaling="standard"), (Formula("lambda x: tf.math.log1p(tf.abs(x))"), GRU(2), Dense(1)), PLAN
        ),
    )
    with pytest.raises(TsrnnError, match="ONNX has no operation Log1p"):
        runs.exported("log1p", "onnx")


def test_that_missing_packages_for_onnx_are_told_with_a_way_out(runs, monkeypatch):
    from tsrnn_gui.engine import export_formats

    monkeypatch.setattr(export_formats, "_ONNX", ("tf2onnx_that_is_not_there", "onnxruntime_neither"))
    with pytest.raises(TsrnnError, match="tf2onnx_that_is_not_there and onnxruntime_neither are not") as told:
        runs.exported("recommended", "onnx")
    assert 'pip install "tsrnn-gui[onnx]"' in told.value.hint


def test_that_a_file_that_forecasts_something_else_is_not_handed_out(runs, monkeypatch):
    from tsrnn_gui.engine import export_formats

    honest = export_formats.Trained.model

    def shifted(trained, calls):
        model = honest(trained, calls)
        model.set_weights([w + 1e-3 for w in model.get_weights()])
        return model

    monkeypatch.setattr(export_formats.Trained, "model", shifted)
    with pytest.raises(TsrnnError, match=r"differ by .* was not written"):
        runs.exported("recommended", "keras")


def test_that_no_room_for_temporary_files_is_told(runs, monkeypatch, tmp_path):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(TsrnnError, match="could not be made"):
        runs.exported("recommended", "keras")
