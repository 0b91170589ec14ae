"""``compile`` and ``fit`` in someone's code, read as the plan of a run."""

from __future__ import annotations

import ast
from typing import Any

from tsrnn_gui.core.fields import fields
from tsrnn_gui.core.keras_layers import Draft
from tsrnn_gui.core.keras_schedules import schedule_of
from tsrnn_gui.core.keras_values import UNKNOWN, Scope, arguments, is_number
from tsrnn_gui.core.plan import SGD, Adam, Optimizer, Plan, RMSprop
from tsrnn_gui.core.schedules import Exponential, ReduceOnPlateau

_LOSSES = {
    **dict.fromkeys(("mse", "meansquarederror", "mean_squared_error"), "mse"),
    **dict.fromkeys(("mae", "meanabsoluteerror", "mean_absolute_error"), "mae"),
    **dict.fromkeys(("huber", "huber_loss", "huberloss"), "huber"),
}
_SHOWN = {*_LOSSES, "rmse", "rootmeansquarederror", "root_mean_squared_error"}
_OPTIMIZERS: dict[str, tuple[type[Optimizer], float]] = {
    "sgd": (SGD, 1e-2),
    "adam": (Adam, 1e-3),
    "rmsprop": (RMSprop, 1e-3),
}
_COMPILE = ("optimizer", "loss", "loss_weights", "metrics")
_FIT = ("x", "y", "batch_size", "epochs", "verbose", "callbacks")
_UNSEEN = {
    "run_eagerly",
    "steps_per_execution",
    "jit_compile",
    "auto_scale_loss",
    "verbose",
    "name",
    "x",
    "y",
}
_UNSEEN |= {"validation_data", "validation_batch_size", "workers", "max_queue_size", "use_multiprocessing"}
_OPTIMIZER_DEFAULTS: dict[str, Any] = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "rho": 0.9}
_OPTIMIZER_DEFAULTS |= {"amsgrad": False, "centered": False, "weight_decay": None, "clipnorm": None}
_OPTIMIZER_DEFAULTS |= {"decay": 0.0, "clipvalue": None, "momentum": 0.0, "use_ema": False}


def silent_plan() -> dict[str, Any]:
    """Give what Keras does where the code is silent, with the course's loss."""
    return {"loss": "mse", "optimizer": RMSprop(), "learning_rate": 1e-3, "keep_best": False}


def read_compile(node: ast.Call, draft: Draft, scope: Scope) -> None:
    """Take optimizer and loss over into ``draft``'s plan."""
    if draft.compiled is not None:
        scope.note(node, "the model is compiled again: this one is used")
    draft.compiled = node
    for name in ("optimizer", "learning_rate", "clip_norm", "loss"):
        draft.plan.pop(name, None)
    for name, value, place in arguments(node, _COMPILE, scope):
        if name == "optimizer":
            draft.plan |= _optimizer(value, scope)
        elif name == "loss":
            draft.plan["loss"] = _loss(value, scope)
        elif name == "metrics":
            _metrics(value, scope)
        elif name not in _UNSEEN:
            scope.note(place, "left out: it is not supported")


def _optimizer(node: ast.expr, scope: Scope) -> dict[str, Any]:
    node = scope.resolved(node)
    name = _name(node, scope)
    if name.lower() not in _OPTIMIZERS:
        scope.note(node, "there is no such optimizer here: Adam is used")
    kind, rate = _OPTIMIZERS.get(name.lower(), (Adam, 1e-3))
    found: dict[str, Any] = {"learning_rate": rate, "clip_norm": None}
    own: dict[str, Any] = {"momentum": 0.0} if kind is SGD else {}
    known = {f.name: f for f in fields(kind)}
    for argument, value_node, place in (
        arguments(node, ("learning_rate",), scope) if isinstance(node, ast.Call) else ()
    ):
        value = scope.value(value_node)
        if argument in ("learning_rate", "lr"):
            found["learning_rate"] = _rate(value, rate, place, scope)
        elif argument == "global_clipnorm" and _positive(value):
            found["clip_norm"] = float(value)
        elif argument in known and value is not UNKNOWN and not known[argument].wrong(value):
            own[argument] = bool(value) if known[argument].kind == "bool" else float(value)
        elif argument != "name" and value != _OPTIMIZER_DEFAULTS.get(argument, UNKNOWN):
            scope.note(place, "left out: it is not supported")
    return found | {"optimizer": kind(**own)}


def _rate(value: Any, usual: float, place: ast.AST, scope: Scope) -> float:
    if _positive(value) and value <= 100:
        return float(value)
    scope.note(place, f"this learning rate is not understood: {usual:g} is used")
    return usual


def _positive(value: Any) -> bool:
    return is_number(value) and 0 < value <= 1e6


def _loss(node: ast.expr, scope: Scope) -> str:
    node = scope.resolved(node)
    found = _LOSSES.get(_name(node, scope).lower())
    if found is None:
        scope.note(node, "there is no such loss here: mse is used")
        return "mse"
    for name, value, place in arguments(node, ("delta",), scope) if isinstance(node, ast.Call) else ():
        if name not in ("name", "reduction") and not (name == "delta" and scope.value(value) == 1):
            scope.note(place, "left out: it is not supported")
    return found


def _metrics(node: ast.expr, scope: Scope) -> None:
    """What is shown is always the same; what would be missed is noted."""
    node = scope.resolved(node)
    for part in node.elts if isinstance(node, ast.List | ast.Tuple) else [node]:
        if _name(scope.resolved(part), scope).lower() not in _SHOWN:
            scope.note(part, "this metric is not shown: MAE, MSE, RMSE and MASE are")


def _name(node: ast.expr, scope: Scope) -> str:
    """Name an object however it is said: ``"sgd"``, ``SGD()`` or ``optimizers.SGD``."""
    if isinstance(node, ast.Call):
        return scope.called(node)
    value = scope.value(node)
    return value if isinstance(value, str) else scope.dotted(node).rpartition(".")[2]


def read_fit(node: ast.Call, draft: Draft, scope: Scope) -> None:
    """Take epochs, batch and callbacks over into ``draft``'s plan."""
    if draft.fitted is not None:
        scope.note(node, "the model is trained again: this training is used")
    draft.fitted = node
    for name in ("schedule", "patience", "give_up_after", "batch", "shuffle"):
        draft.plan.pop(name, None)
    draft.plan |= {"epochs": 1, "keep_best": False}
    for name, value, place in arguments(node, _FIT, scope):
        match name:
            case "epochs":
                _whole("epochs", value, place, draft, scope)
            case "batch_size":
                _whole("batch", value, place, draft, scope)
            case "shuffle":
                draft.plan["shuffle"] = scope.value(value) is not False
            case "callbacks":
                _callbacks(value, draft, scope)
            case "validation_split":
                scope.note(place, "the split of the open series is used: it says where validation begins")
            case _ if name not in _UNSEEN:
                scope.note(place, "left out: it is not supported")

    patience = draft.plan.get("patience")
    if patience is not None and patience >= draft.plan["epochs"]:
        draft.plan["patience"] = None  # it never stops early, but may keep the best epoch
    schedule = draft.plan.get("schedule")
    if isinstance(schedule, Exponential) and schedule.epochs_per_decade > 0:
        draft.plan["give_up_after"] = None  # a sweep is meant to go on until the loss flies off


def _whole(name: str, node: ast.expr, place: ast.AST, draft: Draft, scope: Scope) -> None:
    value = scope.value(node)
    default = getattr(Plan(), name)
    if isinstance(value, int) and 1 <= value <= 1_000_000:
        draft.plan[name] = value
    elif value is not None:
        draft.plan[name] = default
        scope.note(place, f"{name} is not known here: {default} is used")


def _callbacks(node: ast.expr, draft: Draft, scope: Scope) -> None:
    if scope.value(node) in ([], None):
        return
    node = scope.resolved(node)
    for part in node.elts if isinstance(node, ast.List | ast.Tuple) else [node]:
        call = scope.resolved(part)
        name = scope.called(call)
        if name == "LearningRateScheduler" and isinstance(call, ast.Call):
            _scheduler(call, draft, scope)
        elif name == "EarlyStopping" and isinstance(call, ast.Call):
            _early_stopping(call, draft, scope)
        elif name == "ReduceLROnPlateau" and isinstance(call, ast.Call):
            _plateau(call, draft, scope)
        else:
            scope.note(part, "left out: this callback is not supported")


def _scheduler(call: ast.Call, draft: Draft, scope: Scope) -> None:
    for name, value, _ in arguments(call, ("schedule", "verbose"), scope):
        if name != "schedule":
            continue
        found = schedule_of(value, scope)
        if found is None:
            scope.note(value, "this schedule is not understood: the rate stays as it is")
        else:
            draft.plan["learning_rate"], draft.plan["schedule"] = found


def _early_stopping(call: ast.Call, draft: Draft, scope: Scope) -> None:
    draft.plan["patience"] = 1
    for name, node, place in arguments(call, ("monitor", "min_delta", "patience"), scope):
        value = scope.value(node)
        if name == "patience" and isinstance(value, int) and 0 <= value <= 1_000_000:
            draft.plan["patience"] = max(value, 1)
        elif name == "restore_best_weights" and isinstance(value, bool):
            draft.plan["keep_best"] = value
        elif (name, value) not in (("monitor", "val_loss"), ("mode", "auto"), ("mode", "min")) and not (
            name == "verbose" or (name == "min_delta" and value == 0)
        ):
            scope.note(place, "left out: the validation loss decides")


def _plateau(call: ast.Call, draft: Draft, scope: Scope) -> None:
    given: dict[str, Any] = {"factor": 0.1, "patience": 10}
    known = {f.name: f for f in fields(ReduceOnPlateau)}
    for name, node, place in arguments(call, ("monitor", "factor", "patience"), scope):
        value, own = scope.value(node), "min_rate" if name == "min_lr" else name
        if own in known and is_number(value) and not known[own].wrong(value):
            given[own] = int(value) if own == "patience" else float(value)
        elif (name, value) not in (("monitor", "val_loss"), ("mode", "auto"), ("mode", "min")) and (
            name not in ("verbose", "min_delta") and (name, value) != ("cooldown", 0)
        ):
            scope.note(place, "left out: the validation loss decides")
    draft.plan["schedule"] = ReduceOnPlateau(**given)
