"""Formulas: what is understood, the shapes they put out, and that anything else is refused at its column."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsrnn_gui.core.formula import FormulaError, parsed, printed
from tsrnn_gui.core.formula_shapes import output_shape
from tsrnn_gui.core.formula_tree import FUNCTIONS
from tsrnn_gui.core.keras_source import read_source, stack_source
from tsrnn_gui.core.layers import ExpandDims, Formula, Scale
from tsrnn_gui.core.stack import check

SHAPES = {
    "lambda x: tf.expand_dims(x, axis=-1)": ((20,), (20, 1)),
    "x * 100.0": ((1,), (1,)),
    "lambda x: x[:, -1:]": ((20, 3), (1, 3)),
    "lambda x: x[:, 1:] - x[:, :-1]": ((20, 3), (19, 3)),
    "lambda x: x[:, -1]": ((20, 3), (3,)),
    "lambda v: v[..., tf.newaxis]": ((None,), (None, 1)),
    "lambda x: x[:, ::2]": ((7, 1), (4, 1)),
    "lambda x: tf.reduce_mean(x, axis=1, keepdims=True)": ((20, 3), (1, 3)),
    "lambda x: keras.ops.max(x, axis=[1, 2])": ((20, 3), ()),
    "lambda x: x - tf.reduce_sum(x, 1, keepdims=True)": ((None, 3), (None, 3)),
    "lambda x: tf.math.log1p(tf.abs(x)) ** 2 / 3 + tf.sqrt(tf.square(x))": ((5,), (5,)),
    "lambda x: tf.clip_by_value(-x, -1.0, 1)": ((5,), (5,)),
    "lambda x: tf.squeeze(x, axis=-1)": ((20, 1), (20,)),
    "lambda x: tf.reshape(x, (-1, 4, 5))": ((20, 1), (4, 5)),
    "lambda x: tf.transpose(x, [0, 2, 1])": ((None, 3), (3, None)),
    "lambda x: tf.concat([x, tf.tanh(x)], axis=-1)": ((None, 3), (None, 6)),
    "lambda x: tf.cast(x, tf.float32)": ((2, 2), (2, 2)),
}


@pytest.mark.parametrize("text", SHAPES)
def test_that_formulas_put_out_the_shape_they_should_and_print_as_they_read(text):
    given_shape, wanted = SHAPES[text]
    assert output_shape(text, given_shape) == wanted
    again = printed(parsed(text))
    assert parsed(again) == parsed(text)
    assert printed(parsed(again)) == again


REFUSED = {
    "lambda x: __import__('os').system('ls')": 11,
    "lambda x: x.numpy()": 11,
    "lambda x: y": 11,
    "lambda x, y: x": 1,
    "x +": 4,
    "x * 1e999": 5,
    "x * (10 ** 400)": 6,
    "x + 1 / 0": 5,
    "tf.io.read_file(x)": 1,
    "tf.py_function(x)": 1,
    "lambda x: (lambda y: y)(x)": 11,
    "[y for y in x]": 1,
    "tf.exp(x, name='a')": 11,
    "tf.cast(x, tf.int32)": 12,
    "x if x else x": 1,
    "x @ x": 1,
    "tf.reduce_mean(x)": 1,
}


@pytest.mark.parametrize("text", REFUSED)
def test_that_anything_else_is_refused_at_its_column(text):
    with pytest.raises(FormulaError) as refused:
        parsed(text)
    assert abs(refused.value.column - REFUSED[text]) <= 2, refused.value
    (row,) = check((Formula(text),), (20, 1))
    assert "column" in row.problem.text
    assert read_source(stack_source((Formula(text),)))[0].experiment.stack == (Formula(text),)


@pytest.mark.parametrize(
    ("text", "shape", "said"),
    [
        ("tf.reduce_mean(x, axis=0)", (20, 1), "axis 0"),
        ("x[1:]", (20, 1), "whole"),
        ("x[:, 30]", (20, 1), "place 30 of 20"),
        ("x[:, 20:]", (20, 1), "nothing"),
        ("x[:, 1:] - x", (20, 1), "19 and 20"),
        ("tf.transpose(x, [1, 0, 2])", (20, 1), "one result for each window"),
        ("tf.reshape(x, [20, -1])", (20, 1), "begin the shape"),
        ("tf.reshape(x, [-1, 7])", (20, 1), "20 numbers out as 7"),
        ("tf.squeeze(x, 1)", (20, 1), "size 1"),
        ("3.0", (20, 1), "one result for each window"),
        ("tf.concat([x, x], 0)", (20, 1), "another axis"),
        ("x[:, tf.newaxis, tf.newaxis, tf.newaxis, tf.newaxis]", (20, 1), "more than 6"),
        ("tf.expand_dims(x, 9)", (20, 1), "axis 9"),
    ],
)
def test_that_what_does_not_fit_the_shape_is_a_problem(text, shape, said):
    (row,) = check((Formula(text),), shape)
    assert row.shape is None
    assert said in row.problem.text


def test_that_lambdas_in_code_become_formulas_with_their_numbers_put_in():
    code = """
k = 3.5
def undo(v):
    return v * k + 1
m = Sequential([
    Lambda(lambda t: tf.expand_dims(t, -1), input_shape=[None]),
    Lambda(lambda t: t[:, 1:] - t[:, :-1]),
    Lambda(undo),
    Lambda(lambda t: 2 * t),
    Lambda(lambda t: tf.py_function(t)),
])
"""
    (found,) = read_source(code)
    assert found.experiment.stack == (
        ExpandDims(),
        Formula("lambda x: x[:, 1:] - x[:, :-1]"),
        Formula("lambda x: x * 3.5 + 1"),
        Scale(2.0),
    )
    assert any("tf.py_function(t)" in note.text and "vocabulary" in note.done for note in found.notes)


_numbers = st.one_of(st.integers(-99, 99), st.floats(-1e6, 1e6)).map(lambda n: f"({n!r})")
_texts = st.recursive(
    st.one_of(st.just("x"), _numbers),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner).map(
            lambda t: f"({' '.join(t)})"
        ),
        inner.map(lambda t: f"-{t}"),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), inner).map(lambda t: f"tf.{t[0]}({t[1]}, axis=-1)"),
        st.tuples(st.sampled_from(["exp", "abs", "tanh"]), inner).map(lambda t: f"tf.{t[0]}({t[1]})"),
        st.tuples(inner, st.sampled_from(["[:, -1:]", "[..., 0]", "[:, 1:-1]"])).map("".join),
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(_texts)
def test_that_every_tree_prints_as_a_lambda_that_reads_back_as_it(text):
    try:
        tree = parsed(text)
    except FormulaError:
        return
    assert parsed(printed(tree)) == tree
    layer = Formula(printed(tree))
    (read,) = read_source(stack_source((layer,)))[0].experiment.stack
    assert read == layer or isinstance(read, ExpandDims | Scale)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("()[]:.,x0123+-*/ -1tf.explog'\"_\n\x00é=lambda"), max_size=60))
def test_that_any_text_is_understood_or_refused(text):
    (row,) = check((Formula(text),), (20, 1))
    assert (row.shape is None) == (row.problem is not None)
