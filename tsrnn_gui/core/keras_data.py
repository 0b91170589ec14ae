"""How someone's code cuts windows: a ``windowed_dataset`` call, its tf.data chain, and the split."""

from __future__ import annotations

import ast
from typing import Any

from tsrnn_gui.core.keras_values import UNKNOWN, Code, Scope, arguments
from tsrnn_gui.core.windows import Scaling

DEFAULT_WINDOW = 20
_WINDOWED = ("series", "window_size", "batch_size", "shuffle_buffer")
_FROM_ARRAY = ("data", "targets", "sequence_length", "sequence_stride", "sampling_rate", "batch_size")
_SPLITS = ("split_time", "split", "split_at", "train_size", "split_index", "n_train")
_MOST = 1_000_000


def read_data(node: ast.expr, scope: Scope) -> dict[str, Any] | None:
    """Give what ``node`` says of windows (``window``, ``batch``, ``shuffle`` …), None if it makes none."""
    node = scope.resolved(node)
    if isinstance(node, ast.Call):
        name = scope.called(node)
        if name == "timeseries_dataset_from_array":
            return _from_array(node, scope)
        if isinstance(node.func, ast.Name) and "window" in name and "dataset" in name:
            return _windowed(node, scope)
        if isinstance(node.func, ast.Attribute):
            return _chain(node, scope)
    return None


def _windowed(node: ast.Call, scope: Scope) -> dict[str, Any]:
    """Bind the call as its definition does, or as the course defines it."""
    defined = scope.functions.get(scope.called(node))
    names: tuple[str, ...] = _WINDOWED
    said: dict[str, ast.expr] = {}
    if defined is not None:
        parameters = defined.args.args
        names = tuple(parameter.arg for parameter in parameters)
        defaults = defined.args.defaults
        said = dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
    said |= {name: value for name, value, _ in arguments(node, names, scope)}
    found: dict[str, Any] = {}
    for name, value in said.items():
        if "window" in name:
            _take("window", value, found, scope)
        elif "batch" in name:
            _take("batch", value, found, scope)
        elif "shuffle" in name:
            found["shuffle"] = scope.value(value) not in (0, None, False)
    body = {} if defined is None else _body_of(defined, scope)
    both = body | found
    return both | {"shuffle": False} if body.get("shuffle") is False else both


def _body_of(defined: ast.FunctionDef, scope: Scope) -> dict[str, Any]:
    """Read from the definition what its calls leave unsaid: stride and target."""
    inner = Scope(scope.cell, dict(scope.names), scope.aliases, {}, [], scope.steps)
    found: dict[str, Any] = {}
    for node in ast.walk(defined):
        scope.step()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found |= _link(node, inner)
    kept = {name: value for name, value in found.items() if name in ("stride", "target", "horizon")}
    return kept | {"shuffle": "shuffle" in found} if "stride" in found else kept


def _take(name: str, node: ast.expr, found: dict[str, Any], scope: Scope, less: int = 0) -> None:
    value = scope.value(node)
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value - less <= _MOST:
        found[name] = value - less
    else:
        usual = DEFAULT_WINDOW if name == "window" else 32
        found[name] = usual
        scope.note(node, f"the {name} is not known here: {usual} is used")


def _from_array(node: ast.Call, scope: Scope) -> dict[str, Any]:
    found: dict[str, Any] = {"batch": 128, "shuffle": False}
    for name, value, place in arguments(node, _FROM_ARRAY, scope):
        match name:
            case "sequence_length":
                _take("window", value, found, scope)
            case "batch_size":
                _take("batch", value, found, scope)
            case "sequence_stride":
                _take("stride", value, found, scope)
            case "shuffle":
                found["shuffle"] = bool(scope.value(value))
            case "sampling_rate" if scope.value(value) != 1:
                scope.note(place, "left out: every row is read")
    return found


def _chain(node: ast.Call, scope: Scope) -> dict[str, Any] | None:
    """Follow ``dataset.window(…).map(…).batch(…)`` back to its start; a later name carries it on."""
    links: list[ast.Call] = []
    start: ast.expr = node
    while isinstance(start, ast.Call) and isinstance(start.func, ast.Attribute) and len(links) < 60:
        links.append(start)
        start = start.func.value
    found: dict[str, Any] = {}
    known = scope.names.get(scope.dotted(start))
    if isinstance(known, dict):
        found |= known
    elif not any(link.func.attr == "window" for link in links):  # type: ignore[attr-defined]
        names = [scope.dotted(link.func) for link in links]
        return {} if any("Dataset.from_tensor" in name for name in names) else None
    for link in reversed(links):
        more = _link(link, scope)
        if "window" in found and more.get("horizon", 1) > 1:  # one step more was taken off already
            more["window"] = max(found["window"] - more["horizon"] + 1, 1)
        found |= more
    return found


def _link(node: ast.Call, scope: Scope) -> dict[str, Any]:
    found: dict[str, Any] = {}
    attribute = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    match attribute:
        case "window":
            found["stride"] = 1
            for name, value, _ in arguments(node, ("size", "shift"), scope):
                if name == "size":
                    _take("window", value, found, scope, less=1)
                elif name == "shift" and scope.value(value) is not UNKNOWN:
                    _take("stride", value, found, scope)
        case "batch" if node.args:
            _take("batch", node.args[0], found, scope)
        case "shuffle":
            found["shuffle"] = True
        case "map" if node.args:
            found |= _target(node.args[0], scope)
    return found


def _target(function: ast.expr, scope: Scope) -> dict[str, Any]:
    """Read ``lambda w: (w[:-1], w[-1])``: what follows the window, or the window shifted."""
    function = scope.resolved(function)
    if not (isinstance(function, ast.Lambda) and isinstance(function.body, ast.Tuple)):
        return {}
    match function.body.elts:
        case [_, ast.Subscript(slice=ast.Slice(lower=ast.expr() as lower, upper=None))] | [
            _,
            ast.Subscript(slice=ast.Tuple(elts=[ast.Slice(lower=ast.expr() as lower, upper=None), *_])),
        ]:
            first = scope.value(lower)
            if first == 1:
                return {"target": "sequence"}
            if isinstance(first, int) and -100_000 <= first < 0:
                return {"target": "value", "horizon": -first}
        case [_, ast.Subscript()]:
            return {"target": "value"}
    return {}


_SCALERS: dict[str, Scaling] = {"MinMaxScaler": "minmax", "StandardScaler": "standard"}


def read_scaling(target: ast.expr, node: ast.expr, scope: Scope) -> Scaling | None:
    """Read ``series = (series - mean) / std`` or a scaler; what is read is fitted on the training part."""
    scaler = _SCALERS.get(scope.called(node))
    if scaler is not None:
        scope.note(node, "the values are scaled so, fitted on the training part only")
        return scaler
    match node:
        case ast.BinOp(left=ast.BinOp(left=ast.Name(id=name), op=ast.Sub()), op=ast.Div(), right=size) if (
            isinstance(target, ast.Name) and target.id == name
        ):
            said = {part.attr for part in ast.walk(scope.resolved(size)) if isinstance(part, ast.Attribute)}
            return (
                "standard" if "std" in said else "minmax" if {"min", "max"} <= said or "ptp" in said else None
            )
    return None


def read_split(target: ast.expr, node: ast.expr, scope: Scope) -> None:
    """Keep where the training part ends: ``split_time = 1000`` or ``x_train = series[:1000]``."""
    name = scope.dotted(target).rpartition(".")[2].lower()
    value: Any = UNKNOWN
    if name in _SPLITS:
        value = scope.value(node)
    elif "train" in name and isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        value = scope.value(node.slice.upper) if node.slice.lower is None else UNKNOWN
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31:
        scope.names["split of the data"] = value
    elif name in _SPLITS and value is UNKNOWN and not isinstance(scope.names.get(name), int):
        scope.names[scope.dotted(target)] = Code(node)
        scope.note(node, "the rows are not known here: the split of the open series is used")
