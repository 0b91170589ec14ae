"""A whole experiment in the lesson's own words: windowed_dataset, Sequential, compile and fit."""

from __future__ import annotations

from textwrap import dedent

from tsrnn_gui.core.experiment import Experiment, is_sequence
from tsrnn_gui.core.keras_printer import call_source, stack_source
from tsrnn_gui.core.layers import KerasCall
from tsrnn_gui.core.plan import LOSSES, Plan
from tsrnn_gui.core.schedules import Constant, Exponential, ReduceOnPlateau

_SHUFFLED = 1000
_SCALES = {
    "standard": "part.mean(axis=0), part.std(axis=0)",
    "minmax": "part.min(axis=0), part.max(axis=0) - part.min(axis=0)",
}


def is_sayable(experiment: Experiment) -> bool:
    """Say whether the lesson's words can say all of ``experiment``; a script of its own can always.

    They know one column without gaps, scaled as a whole or not at all, and the rates that Keras's
    callbacks set.
    """
    w, schedule = experiment.windowing, experiment.plan.schedule
    return (
        len(w.inputs) <= 1
        and w.targets == w.inputs
        and w.missing == "refuse"
        and w.scaling in ("none", *_SCALES)
        and w.split > 0
        and (w.horizon == 1 or not is_sequence(experiment))
        and isinstance(schedule, Constant | Exponential | ReduceOnPlateau)
        and not (isinstance(schedule, Exponential) and not schedule.epochs_per_decade)
    )


def experiment_source(experiment: Experiment, portable: bool = False) -> str:
    """Print ``experiment`` for a notebook that holds the values as ``series``, one number a step."""
    built = stack_source(experiment.stack, experiment.windowing, portable).split("\n\n", 1)[1]
    return "\n".join((_data(experiment), built, _training(experiment.plan)))


def _data(experiment: Experiment) -> str:
    w, plan = experiment.windowing, experiment.plan
    buffer = f"shuffle_buffer_size = {_SHUFFLED}\n" if plan.shuffle else ""
    head = f"""\
        import numpy as np
        import tensorflow as tf

        tf.keras.utils.set_random_seed({plan.seed})
        split_time = {w.split}
        window_size = {w.window}
        batch_size = {plan.batch}
    """
    given = "\n# series: the values in their order\nseries = np.asarray(series, dtype=np.float32)\n"
    scaled = f"""\
        part = series[:split_time]
        offset, scale = {_SCALES.get(w.scaling)}
        series = (series - offset) / scale
    """
    called = "window_size, batch_size" + ", shuffle_buffer_size" * plan.shuffle
    sets = f"""

        train_set = windowed_dataset(series[:split_time], {called})
        valid_set = windowed_dataset(series[split_time - window_size:], {called})
    """
    axis = "series = series[:, np.newaxis]\n" if w.features_axis else ""
    scaling = dedent(scaled) if w.scaling in _SCALES else ""
    return dedent(head) + buffer + given + scaling + axis + _windowed(experiment) + dedent(sets)


def _windowed(experiment: Experiment) -> str:
    w = experiment.windowing
    last = "1:" if is_sequence(experiment) else "-1" if w.horizon == 1 else f"-{w.horizon}:"
    last += ", 0" if w.horizon > 1 and w.features_axis else ""
    buffer = ", shuffle_buffer" * experiment.plan.shuffle
    shuffled = "\n            dataset = dataset.shuffle(shuffle_buffer)" * experiment.plan.shuffle
    return dedent(f"""

        def windowed_dataset(series, window_size, batch_size{buffer}):
            dataset = tf.data.Dataset.from_tensor_slices(series)
            dataset = dataset.window(window_size + {w.horizon}, shift={w.stride}, drop_remainder=True)
            dataset = dataset.flat_map(lambda window: window.batch(window_size + {w.horizon})){shuffled}
            dataset = dataset.map(lambda window: (window[:-{w.horizon}], window[{last}]))
            return dataset.batch(batch_size).prefetch(1)
    """)


def _training(plan: Plan) -> str:
    optimizer = plan.optimizer.keras_call(plan.learning_rate, plan.clip_norm)
    callbacks = "".join(f"    {written},\n" for written in _callbacks(plan))
    return (
        f"optimizer = {call_source(optimizer, 'tf.keras.optimizers')}\n"
        f"model.compile(loss={call_source(LOSSES[plan.loss], 'tf.keras.losses')}, "
        f'optimizer=optimizer, metrics=["mae"])\n'
        f"callbacks = [\n{callbacks}]\n"
        f"history = model.fit(train_set, epochs={plan.epochs}, validation_data=valid_set, "
        f"callbacks=callbacks)\n"
    )


def _callbacks(plan: Plan) -> list[str]:
    """A run that never stops early keeps its best epoch with a patience that it cannot use up."""
    calls, schedule = [], plan.schedule
    if isinstance(schedule, ReduceOnPlateau):
        arguments = {"factor": schedule.factor, "patience": schedule.patience, "min_lr": schedule.min_rate}
        calls.append(call_source(KerasCall("ReduceLROnPlateau", arguments), "tf.keras.callbacks"))
    if plan.patience is not None or plan.keep_best:
        patience = plan.epochs if plan.patience is None else plan.patience
        arguments = {"patience": patience, "restore_best_weights": plan.keep_best}
        calls.append(call_source(KerasCall("EarlyStopping", arguments), "tf.keras.callbacks"))
    if isinstance(schedule, Exponential):
        rate = f"{plan.learning_rate!r} * 10**(epoch / {schedule.epochs_per_decade!r})"
        calls.append(f"tf.keras.callbacks.LearningRateScheduler(lambda epoch: {rate})")
    return calls
