"""The live check against Keras itself: shapes, weights and refusals of random stacks."""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tsrnn_gui.core.experiment import Experiment, input_shape
from tsrnn_gui.core.fields import wrong_fields
from tsrnn_gui.core.layers import KINDS, Dense, ExpandDims, SimpleRNN
from tsrnn_gui.core.stack import check
from tsrnn_gui.core.windows import Windowing


def _small(kind):
    """Keep sizes small, so that Keras builds quickly; every field of every kind still varies."""
    sizes = {
        name: st.integers(1, 7)
        for name in ("units", "filters", "kernel_size", "pool_size")
        if name in kind.__struct_fields__
    }
    if "strides" in kind.__struct_fields__:
        sizes["strides"] = st.integers(1, 3)
    if "factor" in kind.__struct_fields__:
        sizes["factor"] = st.floats(-1e3, 1e3)
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
    assert refused == bool(said.error), said.error
    if not refused:
        assert [row.shape for row in rows] == list(said.shapes)
        assert [row.weights for row in rows] == list(said.weights)
