"""The layer of a formula, computed by walking its tree; no code is ever made from its text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from tsrnn_gui.core.formula import parsed
from tsrnn_gui.core.formula_tree import Binary, Called, Given, Negated, Node, Number, Sliced

_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "+": ops.add,
    "-": ops.subtract,
    "*": ops.multiply,
    "/": ops.divide,
    "**": ops.power,
}
_CALLS: dict[str, Callable[..., Any]] = {
    "exp": ops.exp,
    "log": ops.log,
    "log1p": ops.log1p,
    "sqrt": ops.sqrt,
    "abs": ops.abs,
    "tanh": ops.tanh,
    "square": ops.square,
    "clip": ops.clip,
    "mean": ops.mean,
    "max": ops.max,
    "min": ops.min,
    "sum": ops.sum,
    "expand_dims": ops.expand_dims,
    "squeeze": ops.squeeze,
    "reshape": ops.reshape,
    "transpose": ops.transpose,
    "cast": ops.cast,
}


class Formula(keras.layers.Layer):  # type: ignore[misc]
    """Puts out what the formula ``text`` makes of its input; raises FormulaError for any other text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._tree = parsed(text)

    def call(self, inputs: Any) -> Any:
        return _walked(self._tree, inputs)


def _walked(node: Node, given: Any) -> Any:
    match node:
        case Given():
            return given
        case Number(value=value):
            return ops.convert_to_tensor(float(value), given.dtype)
        case Negated(part=part):
            return ops.negative(_walked(part, given))
        case Binary(sign=sign, left=left, right=right):
            return _SIGNS[sign](_walked(left, given), _walked(right, given))
        case Sliced(part=part, entries=entries):
            index = tuple(slice(*entry) if isinstance(entry, tuple) else entry for entry in entries)
            return _walked(part, given)[index]
        case Called(name="concat", parts=parts, options=(axis,)):
            return ops.concatenate([_walked(part, given) for part in parts], axis=axis)
        case Called(name=name, parts=parts, options=options):
            return _CALLS[name](_walked(parts[0], given), *options)
    raise TypeError(f"{type(node).__name__} is no part of a formula")
