"""The live check against Keras itself: shapes, weights and refusals of random stacks."""

import warnings

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tsrnn_gui.core.experiment import Experiment, input_shape
from tsrnn_gui.core.fields import wrong_fields
from tsrnn_gui.core.layers import KINDS, Dense, ExpandDims, Masking, SimpleRNN
from tsrnn_gui.core.stack import check
from tsrnn_gui.core.windows import Windowing

# reshape and squeeze are stricter here: TensorFlow would mix windows, or only notice on the data
FORMULAS = (
    "lambda x: x * 2 + 1",
    "lambda x: x[:, -1:]",
    "lambda x: x[:, 1:] - x[:, :-1]",
    "lambda x: x[:, 0]",
    "lambda x: x[..., tf.newaxis]",
    "lambda x: x[:, 2::2]",
    "lambda x: tf.reduce_mean(x, axis=1, keepdims=True)",
    "lambda x: x - tf.reduce_max(x, axis=-1, keepdims=True)",
    "lambda x: tf.reduce_sum(x, axis=[1, 2])",
    "lambda x: tf.math.log1p(tf.abs(x)) / tf.sqrt(tf.square(x) + 1)",
    "lambda x: tf.clip_by_value(-x, -1, 2) ** 2",
    "lambda x: tf.transpose(x, [0, 2, 1])",
    "lambda x: tf.concat([x, tf.tanh(x)], axis=-1)",
    "lambda x: tf.concat([x, x[:, :1]], axis=1)",
    "lambda x: tf.expand_dims(tf.cast(x, tf.float32), axis=1)",
)


def _small(kind):
    """Keep sizes small, so that Keras builds quickly; every field of every kind still varies."""
    sizes = {
        name: st.integers(1, 7)
        for name in ("units", "filters", "kernel_size", "pool_size", "n")
        if name in kind.__struct_fields__
    }
    if "strides" in kind.__struct_fields__:
        sizes["strides"] = sizes["dilation_rate"] = st.integers(1, 3)
    if "factor" in kind.__struct_fields__:
        sizes["factor"] = st.floats(-1e3, 1e3)
    if "text" in kind.__struct_fields__:
        sizes["text"] = st.sampled_from(FORMULAS)
    if "mask_value" in kind.__struct_fields__:
        sizes["mask_value"] = st.floats(-1e3, 1e3)
    for name in ("rate", "dropout"):
        if name in kind.__struct_fields__:
            sizes[name] = st.floats(0, 0.9)
    return st.builds(kind, **sizes).filter(lambda layer: not wrong_fields(layer))


_stacks = st.lists(st.one_of([_small(kind) for kind in KINDS]), min_size=1, max_size=5).map(tuple)
_windowings = st.builds(
    Windowing,
    inputs=st.sampled_from([("a",), ("a", "b")]),
    window=st.integers(1, 12),
    features_axis=st.booleans(),
    open_length=st.booleans(),
).filter(lambda w: w.features_axis or len(w.inputs) == 1)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(_stacks, _windowings)
@example((ExpandDims(1), SimpleRNN(3), Dense(1)), Windowing(features_axis=False, open_length=True))
@example((ExpandDims(1), SimpleRNN(3), Dense(1)), Windowing(features_axis=False))
def test_that_shapes_weights_and_refusals_are_those_of_keras(stack, windowing):
    from tsrnn_gui.engine.service import described
    from tsrnn_gui.wire.messages import Describe

    stack = (*stack, Dense(1))  # what Keras only notices when weights are counted, it notices here
    rows = check(stack, input_shape(windowing))
    said = described(Describe("", experiment=Experiment(windowing, stack)))
    refused = any(row.problem and row.problem.severity == "error" for row in rows)
    empty = any(0 in shape for shape in said.shapes)  # Keras builds even on no step at all
    assert refused == (bool(said.error) or empty), said.error
    if not refused:
        assert [row.shape for row in rows] == list(said.shapes)
        assert [row.weights for row in rows] == list(said.weights)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(_stacks)
def test_that_steps_left_out_are_forgotten_where_keras_forgets_them(stack):
    from tsrnn_gui.engine.build import stacked

    stack = (Masking(), *stack)
    if any(row.problem and row.problem.severity == "error" for row in check(stack, (6, 2))):
        return
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        model = stacked(stack, (6, 2))
    said = [row for row in check(stack, (6, 2)) if row.problem and "Masking leaves" in row.problem.text]
    heard = {str(warning.message) for warning in told if "does not support masking" in str(warning.message)}
    assert len(said) == len(heard)
    masked = False
    for layer, made in zip(stack, model.layers, strict=True):
        masked = layer.masks(masked)
        assert masked == (getattr(made.output, "_keras_mask", None) is not None)
