"""Keras code in and out: what is read, what is said of the rest, and that nothing is ever run."""

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsrnn_gui.core.experiment import verdict
from tsrnn_gui.core.fields import wrong_fields
from tsrnn_gui.core.keras_source import read_source, stack_source
from tsrnn_gui.core.layers import (
    GRU,
    KINDS,
    LSTM,
    BatchNormalization,
    Conv1D,
    Dense,
    ExpandDims,
    Formula,
    Masking,
    Scale,
    SimpleRNN,
)
from tsrnn_gui.core.plan import SGD, Adam
from tsrnn_gui.core.presets import PRESETS
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.schedules import Exponential, ReduceOnPlateau
from tsrnn_gui.core.windows import Windowing

# The shapes of a page's blocks, indentation broken as pages break it.
PAGE = """\
# A lesson

- stacked

\t```
\tmodel = tf.keras.models.Sequential([
  \ttf.keras.layers.SimpleRNN(40, return_sequences=True, input_shape = [None,1]),
  \ttf.keras.layers.SimpleRNN(40),
  \ttf.keras.layers.Dense(1),
\t])
\t```

- sweep

\t```
\ttrain_set = windowed_dataset(x_train, window_size, batch_size=128,
\t\tshuffle_buffer=shuffle_buffer_size)

\tmodel = tf.keras.models.Sequential([
\t\t\ttf.keras.layers.Lambda(lambda x: tf.expand_dims(x, axis=1), input_shape=[None]),
\t\t\ttf.keras.layers.SimpleRNN(40),
\t\t\ttf.keras.layers.Dense(1),
\t\t\ttf.keras.layers.Lambda(lambda x: x * 100.0)
\t\t])

\tlr_schedule = tf.keras.callbacks.LearningRateScheduler(lambda epoch: 1e-8 * 10**(epoch / 20))
\toptimizer = tf.keras.optimizers.SGD(learning_rate=1e-8, momentum=0.9)
\tmodel.compile(loss=tf.kears.losses.Huber(),
\t\t\t\t\toptimizer=optimizer,
\t\t\t\t\tmetrics=["mae"])
\thistory = model.fit(train_set, epochs=100, callbacks=[lr_schedule])
\t```
"""


def test_that_every_block_of_a_page_loads_and_axis_1_is_a_problem():
    plain, sweep = read_source(PAGE)
    assert plain.experiment.stack == (SimpleRNN(40, return_sequences=True), SimpleRNN(40), Dense(1))
    assert (plain.experiment.windowing.features_axis, plain.experiment.windowing.open_length) == (True, True)
    assert sweep.experiment.stack == (ExpandDims(1), SimpleRNN(40), Dense(1), Scale(100.0))
    plan = sweep.experiment.plan
    assert (plan.batch, plan.epochs, plan.loss, plan.shuffle) == (128, 100, "huber", True)
    assert (plan.optimizer, plan.learning_rate, plan.schedule) == (SGD(0.9), 1e-8, Exponential(20.0))
    assert not verdict(plain.experiment).errors
    assert verdict(sweep.experiment).errors[0].fixes[0].label == "Use axis −1 on layer 1"
    said = [str(note) for note in sweep.notes]
    assert any("tf.kears" in text and "read as tf.keras" in text for text in said)
    assert any("window_size" in text and "20 is used" in text for text in said)


SCRIPT = """
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers as L
from keras.optimizers import Adam as Best
split_time = 1000
class G:
    WINDOW = 30
UNITS, batch = 16 * 2, 64
data = tf.data.Dataset.from_tensor_slices(series)
data = data.window(G.WINDOW + 1, shift=2, drop_remainder=True)
data = data.flat_map(lambda w: w.batch(G.WINDOW + 1))
data = data.map(lambda w: (w[:-1], w[-1]))
data = data.shuffle(1000).batch(batch).prefetch(1)
net = keras.Sequential(name="my 'net'")
net.add(L.Input(shape=(G.WINDOW, 1)))
for n in range(2):
    net.add(L.Bidirectional(L.LSTM(units=UNITS, return_sequences=True)))
net.add(L.Conv1D(8, 5, padding="causal", activation=tf.nn.relu))
net.add(L.GlobalNonsense(3))
net.add(L.LSTM(4, recurrent_dropout=0.5))
net.add(L.Dense(1, kernel_regularizer="l2"))
net.compile(Best(clipnorm=1.0), "mean_absolute_error", metrics=["mape", keras.metrics.RMSE()])
calls = keras.callbacks
early = calls.EarlyStopping(patience=4, restore_best_weights=True)
net.fit(data, epochs=7, callbacks=[calls.ReduceLROnPlateau(patience=3), early, calls.TensorBoard()])
"""


def test_that_a_script_with_variables_loops_and_a_data_chain_is_read():
    (found,) = read_source(SCRIPT)
    experiment = found.experiment
    assert found.name == "net"
    assert experiment.stack == (
        LSTM(32, return_sequences=True, bidirectional=True),
        LSTM(32, return_sequences=True, bidirectional=True),
        Conv1D(8, 5, padding="causal", activation="relu"),
        LSTM(4),
        Dense(1),
    )
    w, plan = experiment.windowing, experiment.plan
    assert (w.window, w.stride, w.split, w.scaling, w.features_axis) == (30, 2, 1000, "none", True)
    assert (w.target, w.open_length) == ("value", False)
    assert (plan.batch, plan.epochs, plan.loss, plan.optimizer) == (64, 7, "mae", Adam())
    assert (plan.schedule, plan.patience, plan.keep_best) == (ReduceOnPlateau(0.1, 3), 4, True)


def test_that_what_is_not_understood_is_listed_with_line_text_and_what_was_done():
    (found,) = read_source(SCRIPT)
    said = {note.text: note for note in found.notes}
    lines = SCRIPT.split("\n")
    for text in ("recurrent_dropout=0.5", "kernel_regularizer='l2'", "clipnorm=1.0", "'mape'"):
        assert text.replace("'", '"') in lines[said[text].line - 1]
        assert said[text].done
    assert "left out" in said["L.GlobalNonsense(3)"].done
    assert "left out" in said["calls.TensorBoard()"].done
    assert len(found.notes) == 6


def test_that_directions_are_merged_as_said_and_what_recurrent_layers_cannot_do_here_is_told():
    code = """
m = Sequential()
m.add(Masking(mask_value=-1, input_shape=(20, 1)))
m.add(Bidirectional(LSTM(4, return_sequences=True), merge_mode="sum"))
m.add(Bidirectional(LSTM(4, return_sequences=True), merge_mode=None))
m.add(BatchNormalization(axis=-1, momentum=0.9, epsilon=1e-5, center=False))
m.add(GRU(3, go_backwards=True, stateful=True))
m.add(Dense(1))
"""
    (found,) = read_source(code)
    assert found.experiment.stack == (
        Masking(-1.0),
        LSTM(4, return_sequences=True, bidirectional=True, merge_mode="sum"),
        LSTM(4, return_sequences=True, bidirectional=True),
        BatchNormalization(epsilon=1e-5, momentum=0.9),
        GRU(3),
        Dense(1),
    )
    said = {note.text: (note.line, note.done) for note in found.notes}
    assert said["merge_mode=None"] == (5, "merge_mode is not possible here: concat is used")
    assert said["center=False"][0] == 6
    assert said["go_backwards=True"] == (
        7,
        "left out: every window is read from its first step to its last",
    )
    assert said["stateful=True"] == (7, "left out: every window begins with an empty state")


def test_that_a_function_that_makes_a_model_is_read_with_its_arguments():
    code = """
def windowed_dataset(series, window_size=24, batch_size=16, shuffle_buffer=100):
    ds = tf.data.Dataset.from_tensor_slices(series).window(window_size + 1, shift=1)
    ds = ds.map(lambda w: (w[:-1], w[1:]))
    return ds
def create(units, factor=10.0):
    model = Sequential([SimpleRNN(units, return_sequences=True)])
    model.add(Dense(1)); model.add(Lambda(lambda v: factor * v))
    return model
net = create(12)
net.compile(loss="mse", optimizer="sgd")
net.fit(windowed_dataset(s), epochs=3, batch_size=None)
"""
    (found,) = read_source(code)
    assert found.experiment.stack == (SimpleRNN(12, return_sequences=True), Dense(1), Scale(10.0))
    assert found.name == "net"
    w = found.experiment.windowing
    assert (w.window, w.target, found.experiment.plan.batch) == (24, "sequence", 16)
    assert found.experiment.plan.optimizer == SGD(momentum=0.0)


def test_that_functions_that_call_those_that_make_a_model_are_read_too():
    code = """
class G:
    SPLIT_TIME: int = 1100
def bare():
    model = Sequential([Dense(1, input_shape=[None])])
    return model
def sweep(data):
    model = bare()
    model.compile(loss="huber", optimizer=SGD(momentum=0.9))
    return model.fit(data, epochs=100)
def create():
    model = bare()
    model.compile(loss="mse", optimizer=SGD(learning_rate=1e-5))
    return model
history = sweep(windowed_dataset(series, 30, 64, 1000))
net = create()
net.fit(windowed_dataset(series, 20, 32, 1000), epochs=50)
"""
    swept, made = read_source(code)
    assert (swept.experiment.plan.loss, swept.experiment.plan.epochs) == ("huber", 100)
    assert (swept.experiment.windowing.window, swept.experiment.plan.batch) == (30, 64)
    assert (made.name, made.experiment.plan.learning_rate, made.experiment.plan.epochs) == ("net", 1e-5, 50)
    assert made.experiment.windowing.window == 20
    assert made.experiment.windowing.split == 1100


def test_that_a_notebook_is_read_with_the_cells_of_its_lines():
    cells = [
        {"cell_type": "markdown", "source": ["# model = Sequential("]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "!pip install x\n", "window_size = 12\n"]},
        {"cell_type": "code", "source": "m = Sequential([LSTM(3, input_shape=[window_size, 1]),\n Odd(1)])"},
        {"cell_type": "code", "source": "this is not Python ("},
    ]
    (found,) = read_source(json.dumps({"cells": cells, "nbformat": 4, "metadata": {}}))
    assert found.experiment.windowing.window == 12
    odd = next(note for note in found.notes if note.text == "Odd(1)")
    assert (odd.cell, odd.line) == (3, 2)
    assert any(note.cell == 4 and "breaks off" in note.done for note in found.notes)
    assert str(odd).startswith("cell 3, line 2: Odd(1)")


def test_that_the_shape_of_the_input_says_axes_and_length():
    def cut(shape):
        return read_source(f"m = Sequential([Dense(1, input_shape={shape})])")[0].experiment.windowing

    seen = {
        shape: (cut(shape).features_axis, cut(shape).open_length) for shape in ("[None]", "[w]", "[None, 1]")
    }
    assert seen == {"[None]": (False, True), "[w]": (False, False), "[None, 1]": (True, True)}
    assert cut("(24, 1)").window == 24
    (found,) = read_source("m = Sequential([Dense(1, batch_input_shape=(32, 9))])")
    assert (found.experiment.windowing.window, found.experiment.windowing.features_axis) == (9, False)


def test_that_broken_code_says_the_line_and_code_without_a_model_says_so():
    with pytest.raises(TsrnnError, match="line 3"):
        read_source("x = 1\ny = 2\nmodel = Sequential([Dense(1)\n")
    with pytest.raises(TsrnnError, match="no Keras model"):
        read_source("print('hello')")
    with pytest.raises(TsrnnError, match="not a notebook"):
        read_source('{"cells": [[')


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
@pytest.mark.parametrize("portable", [False, True])
def test_that_every_preset_goes_out_and_in_again(preset, portable):
    code = stack_source(preset.experiment.stack, preset.experiment.windowing, portable)
    assert ("Lambda" in code) == (not portable and preset.name != "recommended")
    found = read_source(code)[0].experiment
    assert found.stack == preset.experiment.stack
    assert found.windowing == Windowing(
        scaling="none", features_axis=preset.experiment.windowing.features_axis
    )


FORMULAS = ("lambda x: x[:, 1:] - x[:, :-1]", "lambda x: -tf.exp(x) / 2", "no formula", "os.system('ls')")
_kinds = [st.from_type(kind) for kind in KINDS if kind is not Formula]
_layers = st.one_of([*_kinds, st.sampled_from(FORMULAS).map(Formula)]).filter(
    lambda layer: not wrong_fields(layer)
)
_windowings = st.builds(
    Windowing,
    window=st.integers(1, 1000),
    features_axis=st.booleans(),
    open_length=st.booleans(),
    scaling=st.just("none"),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_layers, min_size=1, max_size=8).map(tuple), _windowings)
def test_that_what_is_printed_reads_back_as_the_same(stack, windowing):
    (found,) = read_source(stack_source(stack, windowing))
    assert found.experiment.stack == stack
    read = found.experiment.windowing
    assert (read.features_axis, read.open_length) == (windowing.features_axis, windowing.open_length)
    assert windowing.open_length or read.window == windowing.window


HOSTILE = r"""
import json, os, sys
from tsrnn_gui.core.keras_source import read_source
from tsrnn_gui.core.fields import fields
from tsrnn_gui.core.layers import KINDS
from tsrnn_gui.core.plan import OPTIMIZERS
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.schedules import SCHEDULES
texts = json.load(sys.stdin)
for text in (*texts, json.dumps({"cells": []})):  # our own annotations are read at first use
    try:
        read_source(text)
    except TsrnnError:
        pass
for kind in (*KINDS, *OPTIMIZERS, *SCHEDULES):
    fields(kind)
assert not os.path.exists("owned")
bad = []
armed = True
def hook(event, arguments):
    if not armed:
        return
    if event == "compile":
        if sys._getframe(1).f_code.co_name != "parse":
            bad.append(event + " " + repr(arguments)[:150])
    elif event == "open" and arguments[0] == "<unknown>":
        pass  # the parser looks for the line to show in its error; there is no such file
    elif event in ("exec", "open", "import", "os.system") or event.startswith(
        ("subprocess", "socket", "os.", "marshal", "pickle", "ctypes", "shutil")):
        bad.append(event + " " + repr(arguments)[:150])
sys.addaudithook(hook)
for text in texts:
    try:
        read_source(text)
    except TsrnnError:
        pass
armed = False
print(sorted(set(bad)), os.path.exists("owned"))
"""
TEXTS = [
    "m = Sequential([LSTM(__import__('os').system('touch owned'))])",
    "m = Sequential([Lambda(lambda x: __import__('os').system('touch owned') or x, input_shape=[None])])",
    "exec('open(\"owned\", \"w\")')\nm = Sequential([Dense(eval('1'))])",
    "m = Sequential([Dense(10**10**10), Dense(9**9999999), Dense(-(2**4000)), Dense(1 << 10**9)])",
    "m = Sequential([Dense(" + "9" * 5000 + ")])",
    "m = Sequential([Dense(" + "(" * 5000 + "1" + ")" * 5000 + ")])",
    "m = Sequential([Dense(" + "-" * 20000 + "1)])",
    "m = Sequential([Dense(" + "1+" * 20000 + "1)])",
    "m = Sequential([Dense(" + "a." * 20000 + "b)])",
    "m = Sequential([Lambda(lambda x: " + "x*" * 20000 + "2)])",
    "a = b\nb = a\nc = a + b\nm = Sequential([Dense(a), Dense(c)])\nm.compile(a, b)\nm.fit(a, epochs=b)",
    "".join(f"a{i + 1} = a{i} + a{i}\n" for i in range(60)) + "m = Sequential([Dense(a60)])",
    "def f():\n    return f()\ndef g():\n    m = Sequential([Dense(1)])\n    g()\n    return g()\ng()",
    "for i in r:\n  for j in range(64):\n    for k in range(64):\n      m = Sequential([Dense(1)] * 9)",
    "m = Sequential([Dense(1, name='a\"b\\'c\\n\\x00'), Dense(1, activation='\"; import os #')])",
    "m = Sequential([Dense(1)])\x00",
    "@__import__('os').system\ndef f(x=__import__('os').system('touch owned')): Sequential()\n",
    "m = Sequential(**{'layers': [Dense(1)]}, *[1])\nm.fit(*a, **k)\nm.compile(**k)\nm.add()",
    "match x:\n  case Sequential(): pass\n" * 50,
    '{"cells": ' + "[" * 100000,
    "\\N{BELL}\ud800 Sequential",
    "a = Input((9, 1))\nm = Model(a, " + "Dense(1)(" * 70 + "a" + ")" * 70 + ")",
    "a = Input((9, 1))\n" + "a = a + a\na = a * 2\na = Dense(1)(a)\n" * 400 + "m = Model(a, a)",
    "a = b(a)(a)\nb = a\na = b(a)(b)\nm = Model(a, b)\nm = Model(m, m)",
    "for i in range(60):\n for j in range(60):\n  for k in range(60):\n   m = Model(i, j)\n"
    + "   a = 1\n" * 2000,
    ">>> m = Sequential([Lambda(lambda x: __import__('os').system('touch owned'))])",
    "series = (series - __import__('os').system('touch owned')) / series.std()\nm = Sequential([Dense(1)])",
    "lambda: (yield)\nm = Sequential([Lambda(lambda *x: x), Lambda(lambda: 1), Lambda(f'{x}')])",
]


def test_that_hostile_code_is_never_run(tmp_path):
    # a process of its own, because an audit hook can never be taken off again
    done = subprocess.run(
        [sys.executable, "-c", HOSTILE],
        input=json.dumps(TEXTS),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path), "PYTHONUTF8": "1"},
        check=False,
    )
    assert done.stdout == "[] False\n", done.stderr[-2000:]


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("()[]{}=.,:*-+'\"\n\t `#0a1Sequential LSTMDense"), max_size=200))
def test_that_any_text_gives_models_or_one_sentence(text):
    try:
        assert read_source(f"m = Sequential()\n{text}") is not None
    except TsrnnError as error:
        assert error.text and error.hint
