"""Shapes without the batch axis, and the error a layer raises when one does not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tsrnn_gui.core.layers import Layer
    from tsrnn_gui.core.problems import Fix

Shape = tuple[int | None, ...]
Range = tuple[float, float]
Remedy = Callable[[tuple["Layer", ...], int], "Fix | None"]

_AXES = {1: ("features",), 2: ("time", "features")}


class ShapeError(Exception):
    """A layer cannot read the shape it is given; ``remedies`` build the fixes from stack and place."""

    def __init__(self, text: str, *remedies: Remedy) -> None:
        super().__init__(text)
        self.text = text
        self.remedies = remedies


def axes(shape: Shape, vector_axis: str = "features") -> str:
    """Name the axes of ``shape`` with the batch in front: ``batch × time × features``."""
    names = (vector_axis,) if len(shape) == 1 else _AXES.get(len(shape))
    if names is None:
        names = tuple(f"axis {i}" for i in range(1, len(shape) + 1))
    return " × ".join(("batch", *names))


def written(shape: Shape, batch: int | None = None) -> str:
    """Write ``shape`` with its batch as numbers, ``?`` for what is unknown: ``32 × 20 × 1``."""
    return " × ".join("?" if n is None else f"{n}" for n in (batch, *shape))


def described(shape: Shape) -> str:
    """Say in words what ``shape`` is: ``a vector of 40``, ``20 steps of 1 feature``."""
    if not shape:
        return "a single number"
    if len(shape) == 1:
        return f"a vector of {_number(shape[0])}"
    if len(shape) == 2:
        features = shape[1]
        return f"{_number(shape[0])} steps of {_number(features)} feature{'' if features == 1 else 's'}"
    return f"an array of {written(shape[:1])[4:]} × {written(shape[1:])[4:]}"


def _number(size: int | None) -> str:
    return "unknown size" if size is None else f"{size}"
