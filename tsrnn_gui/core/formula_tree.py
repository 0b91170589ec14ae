"""Formulas of a Lambda layer: a closed vocabulary and the small tree that is walked and never run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LONGEST = 1000


class FormulaError(ValueError):
    """A formula is not understood; ``column`` (from 1) is where in its text."""

    def __init__(self, text: str, column: int = 1) -> None:
        super().__init__(f"{text} (column {column})")
        self.column = column


@dataclass(frozen=True)
class Node:
    """A part of a formula."""


@dataclass(frozen=True)
class Given(Node):
    """What the layer is given: x."""


@dataclass(frozen=True)
class Number(Node):
    """A finite number."""

    value: float


@dataclass(frozen=True)
class Binary(Node):
    """Two parts joined by ``+ - * / **``."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Negated(Node):
    """Minus a part."""

    part: Node


@dataclass(frozen=True)
class Sliced(Node):
    """``part[…]``: each entry an index, None for a new axis, ``...``, or (start, stop, step)."""

    part: Node
    entries: tuple[Any, ...]


@dataclass(frozen=True)
class Called(Node):
    """A function of the vocabulary; ``options`` in the order of its declaration."""

    name: str
    parts: tuple[Node, ...]
    options: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Option:
    """An argument that is no tensor: its names, what it may be, and its default (... for none)."""

    names: tuple[str, ...]
    kind: str
    default: Any = ...


@dataclass(frozen=True)
class Function:
    """A function: how it is printed, what else it is called, its options; ``many`` takes a list first."""

    printed: str
    names: tuple[str, ...]
    options: tuple[Option, ...] = ()
    many: bool = False


_AXIS = Option(("axis",), "axis")
_REDUCED = (Option(("axis",), "axes"), Option(("keepdims", "keep_dims"), "flag", False))
FUNCTIONS: dict[str, Function] = {
    "exp": Function("tf.exp", ("exp",)),
    "log": Function("tf.math.log", ("log",)),
    "log1p": Function("tf.math.log1p", ("log1p",)),
    "sqrt": Function("tf.sqrt", ("sqrt",)),
    "abs": Function("tf.abs", ("abs", "absolute")),
    "tanh": Function("tf.tanh", ("tanh",)),
    "square": Function("tf.square", ("square",)),
    "clip": Function(
        "tf.clip_by_value",
        ("clip_by_value", "clip"),
        (
            Option(("clip_value_min", "x_min", "min_value"), "number"),
            Option(("clip_value_max", "x_max", "max_value"), "number"),
        ),
    ),
    "mean": Function("tf.reduce_mean", ("reduce_mean", "mean"), _REDUCED),
    "max": Function("tf.reduce_max", ("reduce_max", "max"), _REDUCED),
    "min": Function("tf.reduce_min", ("reduce_min", "min"), _REDUCED),
    "sum": Function("tf.reduce_sum", ("reduce_sum", "sum"), _REDUCED),
    "expand_dims": Function("tf.expand_dims", ("expand_dims",), (_AXIS,)),
    "squeeze": Function("tf.squeeze", ("squeeze",), (_AXIS,)),
    "reshape": Function("tf.reshape", ("reshape",), (Option(("shape", "newshape"), "sizes"),)),
    "transpose": Function("tf.transpose", ("transpose",), (Option(("perm", "axes"), "sizes"),)),
    "concat": Function("tf.concat", ("concat", "concatenate"), (_AXIS,), many=True),
    "cast": Function("tf.cast", ("cast",), (Option(("dtype",), "dtype"),)),
}
