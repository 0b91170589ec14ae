"""A stack as calls of Keras's own layers, which can be saved without code; formulas where there are such."""

from __future__ import annotations

from typing import Any

from tsrnn_gui.core.formula import FormulaError, parsed, printed
from tsrnn_gui.core.formula_shapes import output_shape
from tsrnn_gui.core.formula_tree import Binary, Called, Given, Negated, Node, Number, Sliced
from tsrnn_gui.core.layers import Formula, KerasCall, Layer, Stack
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.shapes import Shape

_WHOLE = (None, None, None)
_ACTIVATIONS = {"tanh": "tanh", "exp": "exponential"}
_POOLS = {"mean": "GlobalAveragePooling1D", "max": "GlobalMaxPooling1D"}


def plain_calls(stack: Stack, shape: Shape) -> list[list[KerasCall]]:
    """Give the call of each layer of ``stack``, which reads windows of ``shape``."""
    calls = []
    for layer in stack:
        calls.append([layer.keras_call(shape)])
        shape = layer.output_shape(shape)
    return calls


def portable_calls(stack: Stack, shape: Shape) -> list[list[KerasCall]]:
    """Give the calls that each layer comes to without code, none or several for a formula.

    Raises TsrnnError that names the first layer for which there are none.
    """
    calls = []
    for place, layer in enumerate(stack, 1):
        found = _of_layer(layer, shape)
        if found is None:
            raise TsrnnError(
                f"Layer {place}, “{layer.label()}”, is a formula that no layer of Keras stands for: "
                "a Keras file could hold it only as code.",
                hint="Export to SavedModel or to NumPy, which keep formulas.",
            )
        calls.append(found)
        shape = layer.output_shape(shape)
    return calls


def _of_layer(layer: Layer, shape: Shape) -> list[KerasCall] | None:
    if layer.portable:
        return [layer.keras_call(shape)]
    return _chain(parsed(layer.text), shape) if isinstance(layer, Formula) else None


def _chain(node: Node, shape: Shape) -> list[KerasCall] | None:
    """Read ``node`` as one layer after another, from the inside out; None where it is not that."""
    if isinstance(node, Given):
        return []
    part = _part(node)
    before = None if part is None else _chain(part, shape)
    if part is None or before is None:
        return None
    try:
        read = output_shape(printed(part), shape)
        step = _step(node, read, output_shape(printed(node), shape))
    except (ValueError, FormulaError):
        return None
    return None if step is None else before + step


def _part(node: Node) -> Node | None:
    """Give the one part of ``node`` that is not a number."""
    match node:
        case Negated(part=part) | Sliced(part=part) | Called(parts=(part,)):
            return part
        case Binary(left=part, right=Number()) | Binary(left=Number(), right=part):
            return part
    return None


def _step(node: Node, read: Shape, made: Shape) -> list[KerasCall] | None:
    """Give what turns ``read`` into ``made`` as ``node`` does to its part."""
    match node:
        case Negated():
            return _rescaling(-1.0, 0.0)
        case Binary(sign="*", left=Number(value=value)) | Binary(sign="*", right=Number(value=value)):
            return _rescaling(value, 0.0)
        case Binary(sign="/", right=Number(value=value)) if value:
            return _rescaling(1 / value, 0.0)
        case Binary(sign="+", left=Number(value=value)) | Binary(sign="+", right=Number(value=value)):
            return _rescaling(1.0, value)
        case Binary(sign="-", right=Number(value=value)):
            return _rescaling(1.0, -value)
        case Binary(sign="-", left=Number(value=value)):
            return _rescaling(-1.0, value)
        case Sliced(entries=entries):
            return _cropped(entries, read, made)
        case Called(name=name, options=options):
            return _function(name, options, read, made)
    return None


def _rescaling(scale: float, offset: float) -> list[KerasCall]:
    return [KerasCall("Rescaling", {"scale": float(scale), "offset": float(offset)})]


def _function(name: str, options: tuple[Any, ...], read: Shape, made: Shape) -> list[KerasCall] | None:
    if name in _ACTIVATIONS:
        return [KerasCall("Activation", {"activation": _ACTIVATIONS[name]})]
    if name in ("expand_dims", "squeeze", "reshape") and None not in made:
        return [KerasCall("Reshape", {"target_shape": made})]
    if name == "transpose" and options[0][0] == 0:
        return [KerasCall("Permute", {"dims": options[0][1:]})]
    if name in _POOLS and len(read) == 2 and options[0] in (1, -2, (1,), (-2,)):
        return [KerasCall(_POOLS[name], {"keepdims": True} if options[1] else {})]
    return [] if name == "cast" else None


def _cropped(entries: tuple[Any, ...], read: Shape, made: Shape) -> list[KerasCall] | None:
    """A run of steps, or one step, of a sequence whose length is known."""
    if len(read) != 2 or len(entries) < 2 or read[0] is None or None in made:
        return None
    if any(entry not in (_WHOLE, ...) for entry in (entries[0], *entries[2:])) or entries[0] is ...:
        return None
    cut = entries[1]
    if isinstance(cut, int):
        cut = (cut, cut + 1 or None, None)
    if not isinstance(cut, tuple) or cut[2] not in (None, 1):
        return None
    start, stop, _ = slice(*cut).indices(read[0])
    crop = KerasCall("Cropping1D", {"cropping": (start, read[0] - stop)})
    return [crop] if len(made) == 2 else [crop, KerasCall("Reshape", {"target_shape": made})]
