"""Keras layer calls in someone's code, read as layers of the stack."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tsrnn_gui.core.fields import Field, fields
from tsrnn_gui.core.formula import parsed, printed
from tsrnn_gui.core.keras_lambdas import layer_of_lambda
from tsrnn_gui.core.keras_values import UNKNOWN, Note, Scope, arguments, is_number
from tsrnn_gui.core.layers import (
    KINDS,
    LSTM,
    AnyLayer,
    Dense,
    ExpandDims,
    Formula,
    Layer,
    Scale,
    TimeDistributedDense,
)

_MOST_LAYERS = 500
_KINDS: dict[str, type[Layer]] = {kind.title: kind for kind in KINDS if kind.keras_arguments is not None}
_ALIASES = {"MaxPool1D": "MaxPooling1D", "AvgPool1D": "AveragePooling1D", "Convolution1D": "Conv1D"}
_ALIASES |= {"GlobalAvgPool1D": "GlobalAveragePooling1D", "GlobalMaxPool1D": "GlobalMaxPooling1D"}
_INPUTS = ("input_shape", "batch_input_shape", "batch_shape", "input_dim", "input_length")
_HARMLESS = ("name", "dtype", "trainable", "unroll", "use_cudnn", "implementation", "seed", "time_major")
_KERAS_DEFAULTS: dict[str, tuple[Any, ...]] = {
    "recurrent_activation": ("sigmoid",),
    "use_bias": (True,),
    "kernel_initializer": ("glorot_uniform",),
    "recurrent_initializer": ("orthogonal",),
    "bias_initializer": ("zeros",),
    "unit_forget_bias": (True,),
    "recurrent_dropout": (0,),
    "return_state": (False,),
    "go_backwards": (False,),
    "stateful": (False,),
    "reset_after": (True,),
    "backward_layer": (None,),
    "weights": (None,),
    "padding": ("valid",),
    "data_format": (None, "channels_last"),
    "keepdims": (False,),
    "axis": (-1, [-1]),
    "epsilon": (1e-3,),
    "center": (True,),
    "scale": (True,),
    "beta_initializer": ("zeros",),
    "gamma_initializer": ("ones",),
    "groups": (1,),
    "noise_shape": (None,),
    "offset": (0,),
    "mask": (None,),
    "output_shape": (None,),
    "arguments": (None,),
    "moving_mean_initializer": ("zeros",),
    "moving_variance_initializer": ("ones",),
    "renorm": (False,),
    "synchronized": (False,),
}
_OF_WRAPPERS = ("bidirectional", "merge_mode")
_INSTEAD = {
    "go_backwards": "left out: every window is read from its first step to its last",
    "stateful": "left out: every window begins with an empty state",
    "return_state": "left out: the output alone is passed on",
    "recurrent_dropout": "left out: only what is read is dropped out",
    "axis": "left out: the features are brought to one size (axis −1)",
}
"""What happens in the place of an argument that is not supported, where more can be said."""


@dataclass
class Draft:
    """A model while its code is being read; ``shape`` is its input without batch, as the code says it."""

    name: str
    line: int
    layers: list[AnyLayer] = field(default_factory=list)
    shape: list[Any] | None = None
    notes: list[Note] = field(default_factory=list)
    compiled: ast.Call | None = None
    fitted: ast.Call | None = None
    plan: dict[str, Any] = field(default_factory=dict)
    windowing: dict[str, Any] = field(default_factory=dict)
    whole: bool = True


def is_layer(node: ast.expr, scope: Scope) -> bool:
    """Say whether ``node`` calls a layer that there is here."""
    name = scope.called(node)
    name = _ALIASES.get(name, name)
    return name in _KINDS or name in _SPECIAL


def read_layer(node: ast.expr, draft: Draft, scope: Scope) -> None:
    """Put the layer that ``node`` makes at the end of ``draft``; what is not understood is noted."""
    scope.step()
    node = scope.resolved(node)
    name = scope.called(node)
    if not isinstance(node, ast.Call) or not name:
        return scope.note(node, "left out: it is no layer that can be read")
    if len(draft.layers) >= _MOST_LAYERS:
        return scope.note(node, f"left out: a stack has at most {_MOST_LAYERS} layers", name)
    name = _ALIASES.get(name, name)
    if name in ("Input", "InputLayer"):
        return _read_input(node, draft, scope)
    _take_input_shape(node, draft, scope)
    layer = _SPECIAL[name](node, scope) if name in _SPECIAL else _plain(name, node, scope)
    if layer is not None:
        draft.layers.append(layer)
    return None


def _plain(name: str, node: ast.Call, scope: Scope) -> AnyLayer | None:
    kind = _KINDS.get(name)
    if kind is None:
        scope.note(node, "left out: there is no such layer here")
        return None
    given = _given(kind, node, scope)
    return kind(**given)  # type: ignore[return-value]


def _given(kind: type[Layer], node: ast.Call, scope: Scope) -> dict[str, Any]:
    """Read the arguments of ``kind`` from the call; start from what Keras takes where it is silent."""
    known = {f.name: f for f in fields(kind) if f.name not in _OF_WRAPPERS}
    given = dict(kind.keras_defaults)
    said = set()
    for name, value, place in arguments(node, kind.keras_arguments or (), scope):
        said.add(name)
        if name in known:
            fallback = kind.keras_defaults.get(name, known[name].default)
            given[name] = _field(known[name], value, fallback, place, scope)
        elif not (name in _INPUTS or name in _HARMLESS or _is_default(name, value, given, scope)):
            scope.note(place, _INSTEAD.get(name, "left out: it is not supported"))
    first = (kind.keras_arguments or ("",))[0]
    if first in ("units", "filters") and first not in said:
        scope.note(node, f"{first} is not said: {known[first].default} is used")
    return given


def _is_default(name: str, node: ast.expr, given: dict[str, Any], scope: Scope) -> bool:
    if name == "strides" and "pool_size" in given:
        return _number_in(scope.value(node)) in (None, given["pool_size"])
    known = _KERAS_DEFAULTS.get(name)
    if known is None and name.endswith(("_regularizer", "_constraint")):
        known = (None,)
    value = scope.value(node)
    return known is not None and any(value == default and value is not UNKNOWN for default in known)


def _field(declared: Field, node: ast.expr, fallback: Any, place: ast.AST, scope: Scope) -> Any:
    """Read one argument; a value that the field cannot hold is noted and its default taken."""
    value = scope.value(node)
    match declared.kind:
        case "choice":
            value = _choice(value, node, scope)
            fits = value in declared.choices
        case "bool":
            value = bool(value) if value in (0, 1) and value is not UNKNOWN else value
            fits = isinstance(value, bool)
        case "int":
            value = _number_in(value)
            fits = isinstance(value, int) and not isinstance(value, bool) and not declared.wrong(value)
        case "float":
            value = float(value) if is_number(value) else value
            fits = isinstance(value, float) and not declared.wrong(value)
        case _:
            fits = False
    if fits:
        return value
    why = "is not known here" if value is UNKNOWN else "is not possible here"
    scope.note(place, f"{declared.name} {why}: {fallback} is used")
    return fallback


def _choice(value: Any, node: ast.expr, scope: Scope) -> Any:
    """Read a named function: as text, as ``tf.nn.relu`` or None for none at all."""
    if value is None:
        return "linear"
    if value is UNKNOWN and isinstance(node, ast.Attribute | ast.Name):
        return scope.dotted(node).rpartition(".")[2]
    return value


def _number_in(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _bidirectional(node: ast.Call, scope: Scope) -> AnyLayer | None:
    inner: ast.expr | None = None
    merged: dict[str, Any] = {}
    for name, value, place in arguments(node, ("layer", "merge_mode", "weights", "backward_layer"), scope):
        if name == "layer":
            inner = scope.resolved(value)
        elif name == "merge_mode":
            declared = next(f for f in fields(LSTM) if f.name == name)
            merged[name] = _field(declared, value, "concat", place, scope)
        elif name not in (*_INPUTS, *_HARMLESS) and not _is_default(name, value, {}, scope):
            scope.note(place, "left out: backwards the same layer is used")
    kind = _KINDS.get(scope.called(inner)) if inner is not None else None
    if kind is None or "bidirectional" not in kind.__struct_fields__ or not isinstance(inner, ast.Call):
        scope.note(node, "left out: only a recurrent layer can be bidirectional")
        return None
    return kind(**(_given(kind, inner, scope) | {"bidirectional": True} | merged))  # type: ignore[return-value]


def _time_distributed(node: ast.Call, scope: Scope) -> AnyLayer | None:
    inner = scope.resolved(node.args[0]) if node.args else None
    if not isinstance(inner, ast.Call) or scope.called(inner) != "Dense":
        scope.note(node, "left out: only Dense can be applied at every step")
        return None
    return TimeDistributedDense(**_given(Dense, inner, scope))


def _lambda(node: ast.Call, scope: Scope) -> AnyLayer | None:
    function: ast.expr | None = None
    for name, value, place in arguments(node, ("function", "output_shape", "mask", "arguments"), scope):
        if name == "function":
            function = value
        elif name not in (*_INPUTS, *_HARMLESS, "output_shape") and not _is_default(name, value, {}, scope):
            scope.note(place, "left out: it is not supported")
    layer = None if function is None else layer_of_lambda(function, scope)
    if layer is None:
        scope.note(node, "left out: this formula is not understood")
    return layer


def _reshape(node: ast.Call, scope: Scope) -> AnyLayer | None:
    for name, value, _ in arguments(node, ("target_shape",), scope):
        if name != "target_shape":
            continue
        shape = scope.value(value)
        if isinstance(shape, list) and len(shape) == 2 and shape[1] == 1:
            return ExpandDims()
        if isinstance(shape, list) and len(shape) == 2 and shape[0] == 1:
            return ExpandDims(axis=1)
        if isinstance(shape, list) and shape and all(isinstance(n, int) and n > 0 for n in shape):
            return Formula(f"lambda x: tf.reshape(x, {[-1, *shape]})")
    scope.note(node, "left out: its sizes must all be known here")
    return None


def _rescaling(node: ast.Call, scope: Scope) -> AnyLayer | None:
    scale: Any = UNKNOWN
    offset: Any = 0
    for name, value, place in arguments(node, ("scale", "offset"), scope):
        if name == "scale":
            scale = scope.value(value)
        elif name == "offset":
            offset = scope.value(value)
        elif name not in (*_INPUTS, *_HARMLESS) and not _is_default(name, value, {}, scope):
            scope.note(place, "left out: it is not supported")
    if not (is_number(scale) and is_number(offset)):
        scope.note(node, "left out: its factor is not known here")
        return None
    if offset:
        return Formula(printed(parsed(f"x * ({float(scale)!r}) + ({float(offset)!r})")))
    return Scale(factor=float(scale))


_SPECIAL: dict[str, Callable[[ast.Call, Scope], AnyLayer | None]] = {
    "Bidirectional": _bidirectional,
    "TimeDistributed": _time_distributed,
    "Lambda": _lambda,
    "Reshape": _reshape,
    "Rescaling": _rescaling,
}


def _read_input(node: ast.Call, draft: Draft, scope: Scope) -> None:
    positional = ("shape", "batch_size") if scope.called(node) == "Input" else ("input_shape", "batch_size")
    for name, value, _ in arguments(node, positional, scope):
        if name in ("shape", "input_shape"):
            _set_shape(value, 0, draft, scope)
        elif name in ("batch_shape", "batch_input_shape"):
            _set_shape(value, 1, draft, scope)


def _take_input_shape(node: ast.Call, draft: Draft, scope: Scope) -> None:
    """Read ``input_shape=…`` of the first layer, or of the layer within its wrapper."""
    for keyword in node.keywords:
        if keyword.arg in _INPUTS and (draft.layers or draft.shape is not None):
            scope.note(keyword, "left out: only the first layer says what it reads")
        elif keyword.arg in ("input_shape", "batch_input_shape", "batch_shape"):
            _set_shape(keyword.value, int(keyword.arg != "input_shape"), draft, scope)
        elif keyword.arg in _INPUTS:
            scope.note(keyword, "left out: say input_shape instead")
    for inner in node.args[:1]:
        if scope.called(node) in ("Bidirectional", "TimeDistributed") and isinstance(inner, ast.Call):
            _take_input_shape(inner, draft, scope)


def _set_shape(node: ast.expr, skipped: int, draft: Draft, scope: Scope) -> None:
    resolved = scope.resolved(node)
    if isinstance(resolved, ast.List | ast.Tuple):
        draft.shape = [_size(part, scope) for part in resolved.elts[skipped:]]
        return
    shape = scope.value(node)
    shape = [shape] if isinstance(shape, int) else shape
    if isinstance(shape, list):
        draft.shape = shape[skipped:]
    else:
        scope.note(node, "the shape of the input is not known here")


def _size(node: ast.expr, scope: Scope) -> Any:
    value = scope.value(node)
    return scope.excerpt(node) if value is UNKNOWN else value
