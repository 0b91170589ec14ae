"""Whole experiments out as Keras code and in again, in the lesson's spelling and in the portable one."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tsrnn_gui.core.experiment import Experiment, input_shape, is_sequence
from tsrnn_gui.core.fields import wrong_fields
from tsrnn_gui.core.keras_experiment import experiment_source, is_sayable
from tsrnn_gui.core.keras_source import read_source
from tsrnn_gui.core.layers import GRU, KINDS, Dense, ExpandDims, Formula
from tsrnn_gui.core.plan import OPTIMIZERS, Plan
from tsrnn_gui.core.presets import PRESETS
from tsrnn_gui.core.schedules import Constant, Exponential, ReduceOnPlateau
from tsrnn_gui.core.stack import check
from tsrnn_gui.core.windows import Windowing


def _right(value):
    return not wrong_fields(value)


_layers = st.one_of([st.from_type(kind) for kind in KINDS if kind is not Formula]).filter(_right)
_stacks = st.lists(_layers, min_size=1, max_size=6).map(tuple)
_windowings = st.builds(
    Windowing,
    window=st.integers(1, 10_000),
    stride=st.integers(1, 50),
    horizon=st.integers(1, 30),
    split=st.integers(1, 2**31 - 1),
    target=st.sampled_from(["auto", "value", "sequence"]),
    scaling=st.sampled_from(["none", "standard", "minmax"]),
    features_axis=st.booleans(),
    open_length=st.booleans(),
)
_rates = st.floats(1e-12, 100.0)
_schedules = st.one_of(
    st.just(Constant()),
    st.integers(-9999, 9999).filter(bool).map(lambda n: Exponential(n / 10)),
    st.builds(ReduceOnPlateau).filter(_right),
)
_plans = st.builds(
    Plan,
    epochs=st.integers(1, 10_000),
    batch=st.integers(1, 10_000),
    loss=st.sampled_from(["mse", "mae", "huber"]),
    optimizer=st.one_of([st.from_type(kind) for kind in OPTIMIZERS]).filter(_right),
    learning_rate=_rates,
    schedule=_schedules,
    shuffle=st.booleans(),
    clip_norm=st.none() | st.floats(1e-6, 1e6),
    patience=st.none() | st.integers(1, 10_000),
    keep_best=st.booleans(),
    seed=st.integers(0, 2**31 - 1),
)
_experiments = st.builds(Experiment, _windowings, _stacks, _plans).filter(is_sayable)


def _as_said(experiment):
    """What the code says in other words: what auto came to, and patience that can never be used up.

    Keras never gives up by itself: a sweep is left to fly off, another run as by default.
    """
    w, plan = experiment.windowing, experiment.plan
    w = msgspec.structs.replace(w, target="sequence" if is_sequence(experiment) else "value")
    if plan.patience is not None and plan.patience >= plan.epochs:
        plan = msgspec.structs.replace(plan, patience=None)
    rising = isinstance(plan.schedule, Exponential) and plan.schedule.epochs_per_decade > 0
    plan = msgspec.structs.replace(plan, give_up_after=None if rising else Plan().give_up_after)
    return msgspec.structs.replace(experiment, windowing=w, plan=plan)


@settings(max_examples=400, deadline=None)
@given(_experiments)
def test_that_an_experiment_in_the_lessons_words_reads_back_as_itself_without_a_note(experiment):
    (found,) = read_source(experiment_source(experiment))
    assert found.experiment == _as_said(experiment)
    assert not found.notes


@settings(max_examples=300, deadline=None)
@given(_experiments)
def test_that_the_portable_spelling_reads_back_with_reshapes_in_place_of_expand_dims(experiment):
    w = msgspec.structs.replace(experiment.windowing, open_length=False)
    experiment = _as_said(msgspec.structs.replace(experiment, windowing=w))
    rows = check(experiment.stack, input_shape(w))
    if not is_sayable(experiment) or any(row.shape is None or None in row.shape for row in rows):
        return
    (found,) = read_source(experiment_source(experiment, portable=True))
    again = check(found.experiment.stack, input_shape(w))
    assert [row.shape for row in again] == [row.shape for row in rows]
    for mine, read in zip(experiment.stack, found.experiment.stack, strict=True):
        assert read == mine or (isinstance(mine, ExpandDims) and isinstance(read, ExpandDims | Formula))
    assert found.experiment.plan == experiment.plan
    assert found.experiment.windowing == experiment.windowing


def test_that_every_preset_of_the_lesson_is_said_in_its_words():
    for preset in PRESETS[1:]:
        w = msgspec.structs.replace(preset.experiment.windowing, split=1000)
        experiment = msgspec.structs.replace(preset.experiment, windowing=w)
        assert is_sayable(experiment)
        (found,) = read_source(experiment_source(experiment))
        assert found.experiment == _as_said(experiment)


def test_that_scaling_seeds_and_chains_of_other_peoples_code_are_read():
    code = """
tf.random.set_seed(51)
mean, std = series[:1000].mean(), series[:1000].std()
series = (series - mean) / std
data = tf.data.Dataset.from_tensor_slices(series).window(30 + 5, shift=1, drop_remainder=True)
data = data.flat_map(lambda w: w.batch(35)).map(lambda w: (w[:-5], w[-5:])).batch(16)
m = Sequential([GRU(3, input_shape=(None, 1)), Dense(5)])
m.compile("adam", "mse")
m.fit(data, epochs=3)
"""
    (found,) = read_source(code)
    w = found.experiment.windowing
    assert (w.scaling, w.window, w.horizon, found.experiment.plan.seed) == ("standard", 30, 5, 51)
    assert found.experiment.stack == (GRU(3), Dense(5))
    (found,) = read_source("s = MinMaxScaler()\nm = Sequential([Dense(1, input_shape=[9])])")
    assert found.experiment.windowing.scaling == "minmax"
    assert any("training part only" in note.done for note in found.notes)
