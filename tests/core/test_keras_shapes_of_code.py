"""The ways in which people write models besides the lesson's: each is read, or told with its line."""

import pytest

from tsrnn_gui.core.keras_source import read_source
from tsrnn_gui.core.layers import GRU, LSTM, Dense, ExpandDims, Scale
from tsrnn_gui.core.problems import TsrnnError

CHAIN = """
from tensorflow.keras import Model, layers
inputs = layers.Input(shape=(30,), name="window")
x = tf.expand_dims(inputs, axis=-1)
x = layers.LSTM(8, return_sequences=True)(x)
recurrent = layers.GRU(4)
x = recurrent(x)
outputs = layers.Dense(1)(x) * 100.0
net = Model(inputs=inputs, outputs=[outputs])
net.compile("adam", "mae")
net.fit(x_train, y_train, epochs=20, batch_size=16, validation_split=0.2)
"""


def test_that_a_chain_of_the_functional_api_is_a_stack():
    (found,) = read_source(CHAIN.replace("layers.Dense(1)(x) * 100.0", "layers.Dense(1)(x)"))
    assert found.name == "net"
    assert found.experiment.stack == (ExpandDims(), LSTM(8, return_sequences=True), GRU(4), Dense(1))
    w, plan = found.experiment.windowing, found.experiment.plan
    assert (w.window, w.features_axis, plan.epochs, plan.batch, plan.loss) == (30, False, 20, 16, "mae")
    (note,) = found.notes
    assert (note.line, note.text) == (11, "validation_split=0.2")


def test_that_layers_within_one_another_and_sums_in_between_are_read():
    code = """
def build(units):
    i = Input((20, 1))
    o = Dense(1)(GRU(units)(i))
    o = o * 100.0
    return Model(i, o)
m = build(7)
"""
    (found,) = read_source(code)
    assert found.experiment.stack == (GRU(7), Dense(1), Scale(100.0))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("a = Input((9, 1))\nb = Add()([LSTM(3)(a), GRU(3)(a)])\nModel(a, b)\nm = Model(a, b)", "line 4"),
        ("a = Input((9, 1))\nb = LSTM(3)(a)\nm = Model(a, b + Dense(3)(b))", "line 3"),
        ("a = Input((9, 1))\nb = LSTM(3)(a)\nc = GRU(3)(a)\nd = b + c\nm = Model(a, d)", "b \\+ c joins"),
        ("a = Input((9, 1))\nm = Model(a, [LSTM(3)(a), GRU(3)(a)])", "several outputs"),
        ("m = Model(a, b)", "its outputs are not known here"),
        ("class My(tf.keras.Model):\n    def call(self, x):\n        return x", "My is a class of its own"),
    ],
)
def test_that_a_model_that_is_no_stack_is_told_with_what_to_do(code, said):
    with pytest.raises(TsrnnError, match=said) as refused:
        read_source(code)
    assert "Sequential" in refused.value.hint


def test_that_a_model_that_is_no_stack_is_noted_beside_one_that_is():
    found = read_source("a = Input((9, 1))\nm = Model(a, Add()([a, a]))\nn = Sequential([GRU(3), Dense(1)])")
    assert [model.name for model in found] == ["n"]
    assert any(note.line == 2 and "joins several" in note.done for note in found[0].notes)


def test_that_layers_by_themselves_are_a_piece_of_a_stack():
    (found,) = read_source("tf.keras.layers.LSTM(32, return_sequences=True),\ntf.keras.layers.Dense(1),")
    assert found.experiment.stack == (LSTM(32, return_sequences=True), Dense(1))
    assert not found.whole
    with pytest.raises(TsrnnError, match="no Keras model"):
        read_source("print(len(series))")


def test_that_a_list_of_layers_may_grow_before_it_is_a_model():
    (found,) = read_source(
        "parts = [GRU(3, input_shape=(9, 1))]\nparts.append(Dense(1))\nm = Sequential(parts)"
    )
    assert found.experiment.stack == (GRU(3), Dense(1))


def test_that_a_console_with_its_answers_is_read():
    (found,) = read_source(
        ">>> m = Sequential([\n...     GRU(3, input_shape=(9, 1)),\n... ])\n<Model m>\n>>> m.add(Odd())"
    )
    assert found.experiment.stack == (GRU(3),)
    assert any(note.line == 5 and note.text == "Odd()" for note in found.notes)


def test_that_sizes_and_splits_that_only_the_data_know_are_told_as_written():
    code = """
split_time = int(len(series) * 0.8)
m = Sequential([GRU(3, input_shape=(x.shape[1], 1)), Dense(1)])
m.compile("adam", "mse")
for turn in range(100):
    m.fit(x, y, epochs=1)
"""
    (found,) = read_source(code)
    said = [str(note) for note in found.notes]
    assert any("line 2: int(len(series) * 0.8): the rows are not known" in text for text in said)
    assert any("x.shape[1] is not set here" in text for text in said)
    assert any(text.startswith("line 5: range(100)") for text in said)
    assert found.experiment.plan.epochs == 100
