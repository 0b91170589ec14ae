"""Exported scripts: each runs by itself and prints the scores of the run it was made from."""

import ast
import json
import os
import re
import runpy
import subprocess
import sys

import msgspec
import numpy as np
import pytest

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.keras_experiment import experiment_source
from tsrnn_gui.core.keras_source import read_source
from tsrnn_gui.core.layers import (
    GRU,
    LSTM,
    BatchNormalization,
    Conv1D,
    Dense,
    Dropout,
    ExpandDims,
    Flatten,
    Scale,
    SimpleRNN,
)
from tsrnn_gui.core.plan import SGD, Adam, Plan
from tsrnn_gui.core.presets import PRESETS
from tsrnn_gui.core.runs import reports
from tsrnn_gui.core.schedules import Cosine, Exponential, ReduceOnPlateau
from tsrnn_gui.core.script import CODE_EXPORTS, Recipe, script
from tsrnn_gui.core.series import Series
from tsrnn_gui.core.windows import Windowing
from tsrnn_gui.files.series_csv import series_csv
from tsrnn_gui.wire.messages import Array, Data, Train

LESSON = (ExpandDims(), SimpleRNN(9, return_sequences=True), SimpleRNN(9), Dense(1), Scale(100.0))


def cut(**more):
    return Windowing(**({"inputs": ("a",), "targets": ("a",), "window": 8, "split": 120} | more))


def plan(**more):
    return Plan(**({"epochs": 4, "batch": 32, "keep_best": False} | more))


RUNS = {
    "lesson": Experiment(
        cut(scaling="none", features_axis=False),
        LESSON,
        plan(loss="huber", optimizer=SGD(0.9), learning_rate=1e-6, schedule=Exponential(20.0)),
    ),
    "relative": Experiment(
        cut(scaling="window_relative"),
        (GRU(8), Dense(1)),
        plan(schedule=Cosine(), clip_norm=1.0, keep_best=True, optimizer=Adam()),
    ),
    "sequence of two": Experiment(
        cut(scaling="standard", horizon=2, open_length=True),
        (LSTM(5, return_sequences=True, bidirectional=True), Dense(2)),
        plan(loss="mse", shuffle=False),
    ),
    "gaps, 'two' columns": Experiment(
        cut(scaling="minmax", inputs=("a", "b"), targets=("b",), missing="linear", stride=2),
        (Conv1D(4, 3), Flatten(), Dense(1)),
        plan(schedule=ReduceOnPlateau(0.5, 1), patience=2, keep_best=True, epochs=6),
    ),
    "normalised": Experiment(
        cut(scaling="standard"),
        (SimpleRNN(6, return_sequences=True), BatchNormalization(momentum=0.9), Flatten(), Dense(1)),
        plan(optimizer=SGD(0.9), learning_rate=1e-3, loss="mse"),
    ),
    "dropout": Experiment(cut(scaling="standard"), (Dropout(0.3), SimpleRNN(6), Dense(1)), plan()),
}
PRESET_RUNS = {
    preset.name: Experiment(
        msgspec.structs.replace(
            preset.experiment.windowing, inputs=("a",), targets=("a",), window=8, split=120
        ),
        preset.experiment.stack,
        msgspec.structs.replace(preset.experiment.plan, epochs=2),
    )
    for preset in PRESETS
}


def _series(name):
    time = np.arange(160.0)
    values = np.stack([50 + 20 * np.sin(time / 7), 30 + 9 * np.cos(time / 5) + 0.01 * time], axis=1)
    values += np.random.default_rng(7).normal(0, 3, values.shape)
    if "gaps" in name:
        values[[3, 50, 51, 130], 1] = np.nan
    return Series(name, values, ("a", "b"), time.astype(int))


@pytest.mark.slow
@pytest.mark.parametrize("portable", [False, True])
@pytest.mark.parametrize("runs", [RUNS, PRESET_RUNS], ids=["runs", "presets"])
def test_that_scripts_print_the_scores_of_their_runs(bench, pick, tmp_path, runs, portable):
    wanted, paths = {}, []
    for number, (name, experiment) in enumerate(runs.items()):
        series = _series(name)
        bench.events = []
        data = Data(Array.of(series.values), series.columns)
        bench.service.serve(Train(name, experiment=experiment, data=data, future_steps=5))
        made, finished = pick(bench.events, "ForecastMade")[-1], pick(bench.events, "Finished")[-1]
        wanted[name] = reports(series, experiment, made.origins.unpacked(), made.validation.unpacked())[0]
        used = (*experiment.windowing.inputs, *experiment.windowing.targets)
        (tmp_path / f"{number}.csv").write_bytes(series_csv(series, used))
        recipe = Recipe(experiment, f"{number}.csv", name, finished.epochs_done, 5)
        paths.append(tmp_path / f"{number}.py")
        paths[-1].write_text(script(recipe, portable), encoding="utf-8")
    run = "import runpy, sys; [runpy.run_path(path) for path in sys.argv[1:]]"
    done = subprocess.run(
        [sys.executable, "-c", run, *map(str, paths)],
        capture_output=True,
        text=True,
        cwd="/",
        timeout=300,
        env={**os.environ, "PYTHONPATH": "", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONUTF8": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = re.findall(r": MAE (\S+) MSE (\S+) RMSE (\S+) MASE (\S+) naive MAE (\S+)", done.stdout)
    assert len(found) == len(runs)
    for (name, report), numbers in zip(wanted.items(), found, strict=True):
        if name == "dropout":  # the run draws for whole batches, fit for what is left of the last one
            continue
        mine = report.network
        truth = (mine.mae, mine.mse, mine.rmse, mine.mase, report.naive.mae)
        np.testing.assert_allclose([float(n) for n in numbers], truth, rtol=1e-4, err_msg=name)


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("entry", CODE_EXPORTS, ids=lambda entry: entry.key)
def test_that_every_export_is_python_that_reads_back_as_its_stack(name, entry):
    code = entry.write(Recipe(RUNS[name], 'it\'s "here".csv', 'a "name"\n"""'))
    if entry.key == "notebook":
        assert json.loads(code)["nbformat"] == 4
    else:
        ast.parse(code)
    (found,) = read_source(code)
    assert found.experiment.stack == RUNS[name].stack
    assert found.experiment.plan.loss == RUNS[name].plan.loss
    assert found.experiment.plan.optimizer == RUNS[name].plan.optimizer


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_that_every_preset_makes_a_script(preset):
    for entry in CODE_EXPORTS:
        assert entry.write(Recipe(preset.experiment, "series.csv"))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.shuffle=True. was passed", "ignore:Your input ran out of data")
@pytest.mark.filterwarnings("ignore:Do not pass an .input_shape")
@pytest.mark.parametrize("portable", [False, True])
def test_that_every_experiment_in_the_lessons_words_runs(portable, tmp_path):
    lesson = [preset.experiment for preset in PRESETS[1:]]
    gru = Experiment(
        cut(scaling="minmax", horizon=3, stride=2),
        (GRU(4), Dense(3)),
        plan(schedule=ReduceOnPlateau(0.5, 1), patience=2, keep_best=True, clip_norm=1.0),
    )
    for experiment in (*lesson, gru):
        columns = {"inputs": (), "targets": (), "split": 120}
        windowing = msgspec.structs.replace(experiment.windowing, **columns)
        short = msgspec.structs.replace(experiment.plan, epochs=2)
        said = msgspec.structs.replace(experiment, windowing=windowing, plan=short)
        path = tmp_path / "lesson.py"
        path.write_text(experiment_source(said, portable), encoding="utf-8")
        made = runpy.run_path(str(path), {"series": _series("lesson").values[:, 0]})
        assert len(made["history"].history["loss"]) == 2
        assert all(np.isfinite(made["history"].history["val_loss"]))
