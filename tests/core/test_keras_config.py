"""The configuration inside a .keras file: what is read, what is named, and what is refused."""

import json

import pytest

from tsrnn_gui.core.keras_config import read_config, with_scaling
from tsrnn_gui.core.layers import GRU, LSTM, Conv1D, Dense
from tsrnn_gui.core.plan import SGD
from tsrnn_gui.core.problems import TsrnnError


def _layer(kind, module="keras.layers", registered=None, **config):
    return {"module": module, "class_name": kind, "config": config, "registered_name": registered}


INPUT = _layer("InputLayer", batch_shape=[None, 20, 1], dtype="float32", name="input")


def _model(*layers, **more):
    config = {"name": "sequential", "layers": [INPUT, *layers]}
    return {"module": "keras", "class_name": "Sequential", "config": config, **more}


def _read(model):
    return read_config(json.dumps(model).encode(), "their.keras")


def test_that_layers_and_plan_are_read():
    optimizer = _layer(
        "SGD", "keras.optimizers", learning_rate=0.0010000000474974513, momentum=0.9, nesterov=False
    )
    stack = (_layer("LSTM", units=4, return_sequences=True), _layer("GRU", units=3, activation="relu"))
    compiled = {"optimizer": optimizer, "loss": "mae", "metrics": ["accuracy"]}
    found = _read(_model(*stack, _layer("Dense", units=3, activation="linear"), compile_config=compiled))
    assert found.experiment.stack == (LSTM(4, return_sequences=True), GRU(3, activation="relu"), Dense(3))
    windowing, plan = found.experiment.windowing, found.experiment.plan
    assert (windowing.window, windowing.features_axis, windowing.horizon) == (20, True, 3)
    assert (plan.loss, plan.optimizer, plan.learning_rate) == ("mae", SGD(0.9), 0.001)
    assert found.notes == ()


def test_that_what_is_outside_the_vocabulary_is_named_with_its_layer():
    found = _read(
        _model(
            _layer(
                "Conv1D", filters=2, kernel_size=[3], groups=1, data_format="channels_last", padding="same"
            ),
            _layer("MultiHeadAttention", num_heads=2, key_dim=4),
            _layer("Dense", module="their.package", registered="theirs>Dense", units=1),
            _layer("LSTM", units=2, recurrent_activation="hard_sigmoid", unit_forget_bias=False),
            _layer("Dense", units=1, kernel_regularizer=_layer("L2", "keras.regularizers", l2=0.01)),
        )
    )
    assert found.experiment.stack == (Conv1D(2, 3, padding="same", activation="linear"), LSTM(2), Dense(1))
    said = [str(note) for note in found.notes]
    assert (
        "layer 2: MultiHeadAttention(num_heads=2, key_dim=4): left out: there is no such layer here" in said
    )
    assert "layer 3: custom_Dense(): left out: there is no such layer here" in said
    assert "layer 4: recurrent_activation='hard_sigmoid': left out: it is not supported" in said
    assert "layer 5: kernel_regularizer='l2': left out: it is not supported" in said


def _chained(*layers):
    chain, before = [], None
    for place, layer in enumerate((INPUT, *layers)):
        history = {"class_name": "__keras_tensor__", "config": {"keras_history": [before, 0, 0]}}
        nodes = [{"args": [history], "kwargs": {"mask": None}}] if before else []
        before = f"layer_{place}"
        chain.append({**layer, "name": before, "inbound_nodes": nodes})
    return {"module": "keras", "class_name": "Functional", "config": {"layers": chain}}


def test_that_a_functional_model_is_read_where_its_layers_follow_each_other():
    model = _chained(_layer("GRU", units=3), _layer("Dense", units=1))
    assert _read(model).experiment.stack == (GRU(3), Dense(1))
    model["config"]["layers"][2]["inbound_nodes"][0]["args"][0]["config"]["keras_history"][0] = "layer_0"
    with pytest.raises(TsrnnError, match="branch or join"):
        _read(model)


LAMBDA = {"class_name": "__lambda__", "config": {"code": "4wEAAAAAAAAA", "defaults": None, "closure": None}}


@pytest.mark.parametrize(
    "model",
    [
        _model(_layer("Lambda", name="lambda_1", function=LAMBDA)),
        _model(_layer("TimeDistributed", layer=_layer("Lambda", name="lambda_1", function=LAMBDA))),
        _model(_layer("Dense", units=1, activation=LAMBDA)),
        _model(_layer("Dense", units=1), compile_config={"optimizer": "adam", "loss": LAMBDA}),
    ],
)
def test_that_a_lambda_anywhere_is_refused_as_code(model):
    with pytest.raises(TsrnnError, match=r"holds a Lambda.*neither run nor read") as told:
        _read(model)
    assert "Reshape" in told.value.hint


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x80\x04cos\nsystem\n",
        b"[]",
        b"{}",
        b'{"class_name": "Sequential", "config": {"layers": []}}',
        b'{"class_name": "Sequential", "config": {"layers": [1, null]}}',
        b'{"class_name": "Sequential", "config": {"layers": [{"class_name": 3, "config": {}}]}}',
        b"[" * 100_000,
        b'{"config": ' * 20_000 + b"1" + b"}" * 20_000,
        b"\xff\xfe{",
    ],
)
def test_that_what_is_no_configuration_is_refused(raw):
    with pytest.raises(TsrnnError):
        read_config(raw, "their.keras")


@pytest.mark.parametrize(
    "layer",
    [
        _layer("Dense", units=10**30),
        _layer("Dense", units={"class_name": "Dense", "config": {"units": {}}}),
        _layer("Dense", units=[[[[[[1]]]]]] * 2000),
        _layer("Dense", units="__import__('os').system('true')"),
        _layer("__import__('os')", units=1),
        _layer("Bidirectional", layer=_layer("Bidirectional", layer=_layer("LSTM", units=1))),
        _layer("Bidirectional", layer=3, backward_layer=[]),
        _layer("InputLayer", batch_shape="everything"),
        _layer("Dense", **{"units": 2, "not an identifier": 1, "*": 2}),
    ],
)
def test_that_odd_values_are_noted_and_never_run(layer):
    found = _read(_model(layer, _layer("Dense", units=1)))
    assert found.experiment.stack[-1] == Dense(1)


def test_that_a_configuration_without_end_is_refused():
    with pytest.raises(TsrnnError, match="too long for a model"):
        _read(_model(_layer("Dense", units=[1] * 250_000)))


NOTE = {"window": 9, "horizon": 2, "scaling": "minmax", "missing": "linear", "offset": [1.0], "format": 1}


def test_that_the_note_of_an_export_says_how_it_was_scaled():
    found = _read(_model(_layer("GRU", units=2), _layer("Dense", units=2)))
    told = with_scaling(found, json.dumps(NOTE).encode())
    windowing = told.experiment.windowing
    assert (windowing.window, windowing.horizon, windowing.scaling, windowing.missing) == (
        9,
        2,
        "minmax",
        "linear",
    )
    assert told.scaled and not found.scaled


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[" * 99_999, b"\xff", b"[1]", *(json.dumps(NOTE | odd).encode() for odd in (
        {"window": 0}, {"window": "9"}, {"horizon": 10**9}, {"scaling": "__import__"}, {"missing": None}
    ))]
)  # fmt: skip
def test_that_a_note_that_is_none_changes_nothing(raw):
    found = _read(_model(_layer("GRU", units=2), _layer("Dense", units=2)))
    assert with_scaling(found, raw) == found
