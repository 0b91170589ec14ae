"""The parts of a script that repeats a run, each as Python text."""

from __future__ import annotations

from textwrap import dedent, indent

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.keras_printer import call_source, stack_source
from tsrnn_gui.core.plan import LOSSES, Plan
from tsrnn_gui.core.schedules import Cosine, Exponential, ReduceOnPlateau
from tsrnn_gui.core.windows import LEVEL_STEPS, Windowing


def reading(experiment: Experiment, csv_name: str) -> str:
    """Read the columns from the CSV; fill what is missing as the experiment says."""
    w = experiment.windowing
    head = f"""\
        import csv
        from pathlib import Path

        import numpy as np
        import tensorflow as tf

        CSV = Path(globals().get("__file__", "here")).resolve().parent / {csv_name!r}
        INPUTS = {list(w.inputs)!r}
        TARGETS = {list(w.targets)!r}

        with open(CSV, encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))


        def columns(names):
            return np.array([[float(row[name] or "nan") for name in names] for row in rows], dtype=np.float64)

    """
    if w.missing == "refuse":
        return dedent(head) + dedent("""
            given, actual = columns(INPUTS), columns(TARGETS)
            observed = np.ones(len(rows), dtype=bool)
        """)
    fill = (
        "np.interp(place, place[known], values[known, column])"
        if w.missing == "linear"
        else 'values[known, column][np.maximum(np.searchsorted(place[known], place, side="right") - 1, 0)]'
    )
    return dedent(head) + dedent(f"""
        def filled(values):
            place, result = np.arange(len(values)), values.copy()
            for column in range(values.shape[1]):
                known = np.isfinite(values[:, column])
                result[~known, column] = ({fill})[~known]
            return result


        observed = np.isfinite(columns(TARGETS)).all(axis=1)  # filled values are not scored
        given, actual = filled(columns(INPUTS)), filled(columns(TARGETS))
    """)


_FITS = {
    "none": "np.zeros(values.shape[1]), np.ones(values.shape[1])",
    "standard": "part.mean(axis=0), positive(part.std(axis=0))",
    "minmax": "part.min(axis=0), positive(np.ptp(part, axis=0))",
    "window_relative": "part.mean(axis=0), positive(spread(part))",
}
_SPREAD = f"""
def spread(part):
    # how far a row is from the mean of the {LEVEL_STEPS} rows before it
    sums = np.cumsum(np.vstack((np.zeros(part.shape[1]), part)), axis=0)
    level = (sums[{LEVEL_STEPS}:-1] - sums[: -{LEVEL_STEPS} - 1]) / {LEVEL_STEPS}
    return np.sqrt(np.mean((part[{LEVEL_STEPS}:] - level) ** 2, axis=0))

"""


def scaling(experiment: Experiment) -> str:
    """Fit offset and scale on the rows before the split."""
    w = experiment.windowing
    return (
        f"split_time = {w.split}\n\n"
        + (_SPREAD if w.scaling == "window_relative" else "")
        + dedent(f"""
        def positive(scale):
            return np.where((scale > 0) & np.isfinite(scale), scale, 1.0)


        def fitted(values):
            part = values[:split_time]
            return {_FITS[w.scaling]}


        input_offset, input_scale = fitted(given)
        offset, scale = fitted(actual)
        inputs = ((given - input_offset) / input_scale).astype(np.float32)
        targets = ((actual - offset) / scale).astype(np.float32)
        """)
    )


def windows(experiment: Experiment, sequence: bool) -> str:
    """Cut windows and targets; training targets end before the split, validation targets begin at it."""
    w = experiment.windowing
    level = min(LEVEL_STEPS, w.window) if w.scaling == "window_relative" else 0
    ahead = "np.arange(1, window_size + 1)[:, None] + np.arange(horizon)" if sequence else (
        "window_size + np.arange(horizon)"
    )  # fmt: skip
    shape = "(len(first), window_size, -1)" if sequence else "(len(first), -1)"
    relative = f"""
            past = targets[first[:, None] + np.arange(window_size - {level}, window_size)]
            level = past.mean(axis=1)
            wanted -= level.reshape(len(first), *[1] * (wanted.ndim - 2), -1)
            x = x - x[:, -{level}:].mean(axis=1, keepdims=True)"""
    flat = "" if w.features_axis else "\n            x = x[:, :, 0]"
    return dedent(f"""\
        window_size = {w.window}
        horizon = {w.horizon}


        def cut(first):
            x = inputs[first[:, None] + np.arange(window_size)]
            wanted = targets[first.reshape(-1, *[1] * {2 if sequence else 1}) + ({ahead})]
            level = np.zeros((len(first), len(TARGETS)), np.float32){relative if level else ""}{flat}
            return x, wanted.reshape{shape}, level


        def whole(first):
            return first[[observed[f + window_size : f + window_size + horizon].all() for f in first]]


        train_first = whole(np.arange(0, split_time - window_size - horizon + 1, {w.stride}))
        last = len(rows) - window_size - horizon
        valid_first = whole(np.arange(max(split_time - window_size, 0), last + 1))
        x_train, y_train, _ = cut(train_first)
        x_valid, y_valid, valid_level = cut(valid_first)
    """)


def network(experiment: Experiment, portable: bool) -> str:
    """Build, seeded as the run was, and compile."""
    plan = experiment.plan
    built = stack_source(experiment.stack, experiment.windowing, portable).split("\n\n", 1)[1]
    optimizer = call_source(
        plan.optimizer.keras_call(plan.learning_rate, plan.clip_norm), "tf.keras.optimizers"
    )
    loss = call_source(LOSSES[plan.loss], "tf.keras.losses")
    return (
        f"SEED = {plan.seed}\ntf.keras.utils.set_random_seed(SEED)\n{built}\n"
        f"optimizer = {optimizer}\nmodel.compile(loss={loss}, optimizer=optimizer)\n"
    )


def _rate(plan: Plan) -> str:
    start = repr(plan.learning_rate)
    match plan.schedule:
        case Exponential(epochs_per_decade=decade) if decade:
            return f"{start} * 10 ** min(epoch / {decade!r}, 300.0)"
        case Cosine(floor=floor):
            share = f"0.5 * (1 + np.cos(np.pi * min(epoch / {plan.epochs}, 1.0)))"
            return f"{start} * ({floor!r} + {1 - floor!r} * {share})"
    return start


def training(experiment: Experiment, trained: int) -> str:
    """Train epoch by epoch in the run's own order; keep, stop and lower the rate as it did."""
    plan = experiment.plan
    adaptive = isinstance(plan.schedule, ReduceOnPlateau)
    judged = plan.keep_best or plan.patience is not None or adaptive
    order = "np.random.default_rng([SEED, epoch]).permutation(len(x_train))"
    head, body = ["best_loss, best_weights, stale = None, None, 0"] if judged else [], [
        f"order = {order if plan.shuffle else 'np.arange(len(x_train))'}",
        f"optimizer.learning_rate = {'rate' if adaptive else f'float({_rate(plan)})'}",
        f"model.fit(x_train[order], y_train[order], batch_size={plan.batch}, shuffle=False, verbose=0)",
    ]  # fmt: skip
    if adaptive:
        head.append(f"rate, plateau_loss, plateau_stale = {plan.learning_rate!r}, None, 0")
    if judged:
        body += ["val_loss = model.evaluate(x_valid, y_valid, batch_size=512, verbose=0)", "stale += 1"]
        body.append("if best_loss is None or val_loss < best_loss:")
        body.append("    best_loss, best_weights, stale = val_loss, model.get_weights(), 0")
    body += _lowered(plan)
    if plan.patience is not None:
        body += [f"if stale >= {plan.patience} and epoch > 0:", "    break"]
    if any(getattr(layer, "rate", 0) or getattr(layer, "dropout", 0) for layer in experiment.stack):
        head.insert(0, "# dropout draws other numbers here than in tsrnn_gui: the scores differ a little")
    tail = ["if best_weights is not None:", "    model.set_weights(best_weights)"] if plan.keep_best else []
    loop = indent("\n".join(body), "    ")
    return "\n".join([*head, f"for epoch in range({trained}):", loop, *tail]) + "\n"


def _lowered(plan: Plan) -> list[str]:
    schedule = plan.schedule
    if not isinstance(schedule, ReduceOnPlateau):
        return []
    floor = repr(schedule.min_rate)
    return [
        "if plateau_loss is None or val_loss + 1e-4 < plateau_loss:",
        "    plateau_loss, plateau_stale = val_loss, 0",
        "else:",
        "    plateau_stale += 1",
        f"    if plateau_stale >= {schedule.patience} and np.float32(rate) > np.float32({floor}):",
        f"        rate = max(float(np.float32(rate)) * {schedule.factor!r}, {floor})",
        "        plateau_stale = 0",
    ]


def scoring(experiment: Experiment, sequence: bool) -> str:
    """Print MAE, MSE, RMSE and MASE of every target, and the naive rule's MAE."""
    last = "[:, -1]" if sequence else ""
    return dedent(f"""\
        def in_units(outputs, level):
            outputs = outputs{last}.reshape(len(outputs), horizon, len(TARGETS))
            return (outputs + level[:, None, :]) * scale + offset


        forecast = in_units(model.predict(x_valid, batch_size=512, verbose=0), valid_level)
        ahead = valid_first[:, None] + window_size + np.arange(horizon)
        for place, name in enumerate(TARGETS):
            truth = actual[ahead, place]
            error = forecast[:, :, place].astype(np.float64) - truth
            naive = actual[valid_first + window_size - 1, place][:, None] - truth
            training = np.where(observed, actual[:, place], np.nan)[:split_time]
            steps = np.abs(np.diff(training))
            mae, mse = np.abs(error).mean(), (error**2).mean()
            print(f"{{name}}: MAE {{mae:.8g}} MSE {{mse:.8g}} RMSE {{mse**0.5:.8g}}", end=" ")
            print(f"MASE {{mae / np.nanmean(steps):.8g}} naive MAE {{np.abs(naive).mean():.8g}}")
    """)


def future(experiment: Experiment, sequence: bool, steps: int) -> str:
    """Forecast what follows the last row; beyond the horizon by feeding forecasts back."""
    w = experiment.windowing
    fed = all(name in w.targets for name in w.inputs)
    many = steps if fed else min(steps, w.horizon)
    relative = _relative(w)
    return dedent(f"""\
        window, back, made = inputs[-window_size:], targets[-window_size:], []
        while sum(map(len, made)) < {many}:
            x, level = window[None], np.zeros(len(TARGETS), np.float32){relative}
            outputs = model.predict(x{"" if w.features_axis else "[:, :, 0]"}, verbose=0)
            made.append(outputs{"[:, -1]" if sequence else ""}.reshape(horizon, -1) + level)
            fed_back = np.zeros((horizon, len(INPUTS)), np.float32)
            for column, name in enumerate(INPUTS):
                if name in TARGETS:
                    fed_back[:, column] = made[-1][:, TARGETS.index(name)]
            window = np.concatenate((window, fed_back))[-window_size:]
            back = np.concatenate((back, made[-1]))[-window_size:]
        if made:
            print((np.concatenate(made)[:{many}] * scale + offset).round(6))
    """)


def _relative(windowing: Windowing) -> str:
    if windowing.scaling != "window_relative":
        return ""
    level = min(LEVEL_STEPS, windowing.window)
    return f"""
            level = back[-{level}:].mean(axis=0)
            x = x - x[:, -{level}:].mean(axis=1, keepdims=True)"""
