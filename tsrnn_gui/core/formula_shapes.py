"""The shape that a formula puts out, worked out from its tree; the batch axis must come through whole."""

from __future__ import annotations

import math
from typing import Any, Literal

from tsrnn_gui.core.formula import parsed
from tsrnn_gui.core.formula_tree import Binary, Called, Given, Negated, Node, Sliced
from tsrnn_gui.core.shapes import Shape

Size = int | None | Literal["batch"]
Sizes = tuple[Size, ...]
_MOST_AXES = 6


class _Misfit(Exception):
    """The formula is understood, but not for this shape."""


def output_shape(text: str, shape: Shape) -> Shape:
    """Give the shape without batch that ``text`` puts out for ``shape``.

    Raises ValueError: FormulaError where the text is not understood, another where the shape does not fit.
    """
    try:
        found = _shape(parsed(text), ("batch", *shape))
    except _Misfit as error:
        raise ValueError(str(error)) from error
    if not found or found[0] != "batch" or "batch" in found[1:]:
        raise ValueError("The formula must put out one result for each window.")
    return tuple(size for size in found[1:] if size != "batch")


def _shape(node: Node, given: Sizes) -> Sizes:
    match node:
        case Given():
            return given
        case Negated(part=part):
            return _shape(part, given)
        case Binary(left=left, right=right):
            return _broadcast(_shape(left, given), _shape(right, given))
        case Sliced(part=part, entries=entries):
            return _sliced(_shape(part, given), entries)
        case Called():
            return _called(node, [_shape(part, given) for part in node.parts])
    return ()


def _broadcast(left: Sizes, right: Sizes) -> Sizes:
    rank = max(len(left), len(right))
    one: Sizes = (1,) * (rank - len(left)) + left
    two: Sizes = (1,) * (rank - len(right)) + right
    sizes: list[Size] = []
    for a, b in zip(one, two, strict=True):
        if a == b or b == 1:
            sizes.append(a)
        elif a == 1:
            sizes.append(b)
        elif "batch" in (a, b):
            raise _Misfit("The formula joins the windows of a batch with another axis.")
        elif a is None or b is None:
            sizes.append(b if a is None else a)
        else:
            raise _Misfit(f"The formula joins axes of {a} and {b}, which do not fit.")
    return tuple(sizes)


def _axis(axis: int, rank: int) -> int:
    place = axis + rank if axis < 0 else axis
    if not 0 <= place < rank:
        raise _Misfit(f"The formula names axis {axis}, but there are {rank} with the batch.")
    return place


def _sliced(sizes: Sizes, entries: tuple[Any, ...]) -> Sizes:
    if sum(entry is ... for entry in entries) > 1:
        raise _Misfit("A slice can say “...” only once.")
    taken = sum(entry is not None and entry is not ... for entry in entries)
    if taken > len(sizes):
        raise _Misfit(f"The slice names {taken} axes, but there are {len(sizes)} with the batch.")
    found: list[Size] = []
    place = 0
    for entry in entries:
        if entry is None:
            found.append(1)
            continue
        if entry is ...:
            found += sizes[place : place + len(sizes) - taken]
            place += len(sizes) - taken
            continue
        found += _cut(sizes[place], entry)
        place += 1
    return _few((*found, *sizes[place:]))


def _cut(size: Size, entry: Any) -> list[Size]:
    if size == "batch":
        if entry != (None, None, None):
            raise _Misfit("A slice must leave the batch whole: begin it with “:”.")
        return ["batch"]
    if isinstance(entry, int):
        if size is not None and not -size <= entry < size:
            raise _Misfit(f"The slice takes place {entry} of {size}.")
        return []
    if size is None or entry == (None, None, None):
        return [size]
    left = len(range(*slice(*entry).indices(size)))
    if not left:
        raise _Misfit(f"The slice leaves nothing of {size}.")
    return [left]


def _few(sizes: Sizes) -> Sizes:
    if len(sizes) > _MOST_AXES:
        raise _Misfit(f"The formula makes more than {_MOST_AXES} axes.")
    return sizes


def _called(node: Called, shapes: list[Sizes]) -> Sizes:
    sizes = shapes[0]
    match node.name, node.options:
        case (("mean" | "max" | "min" | "sum"), (axes, keep)):
            return _reduced(sizes, axes if isinstance(axes, tuple) else (axes,), keep)
        case "expand_dims", (axis,):
            place = _axis(axis, len(sizes) + 1)
            return _few((*sizes[:place], 1, *sizes[place:]))
        case "squeeze", (axis,):
            place = _axis(axis, len(sizes))
            if sizes[place] != 1:
                raise _Misfit(f"squeeze needs an axis of size 1, but axis {axis} is not.")
            return (*sizes[:place], *sizes[place + 1 :])
        case "reshape", (target,):
            return _few(_reshaped(sizes, target))
        case "transpose", (order,):
            if sorted(order) != list(range(len(sizes))):
                raise _Misfit(f"transpose must name each of the {len(sizes)} axes once, the batch as 0.")
            return tuple(sizes[place] for place in order)
        case "concat", (axis,):
            return _joined(shapes, axis)
    return sizes


def _reduced(sizes: Sizes, axes: tuple[int, ...], keep: bool) -> Sizes:
    places = [_axis(axis, len(sizes)) for axis in axes]
    if len(set(places)) < len(places):
        raise _Misfit("The formula reduces an axis twice.")
    if any(sizes[place] == "batch" for place in places):
        raise _Misfit("The formula mixes the windows of a batch: leave axis 0 out.")
    kept = (1 if place in places else size for place, size in enumerate(sizes))
    return tuple(kept) if keep else tuple(s for place, s in enumerate(sizes) if place not in places)


def _reshaped(sizes: Sizes, target: tuple[int, ...]) -> Sizes:
    """Only −1 in front keeps the batch, and only if the rest holds as many numbers as before."""
    known = [size for size in sizes if isinstance(size, int)]
    if not sizes or sizes[0] != "batch" or not target or target[0] != -1 or min(target[1:], default=1) < 1:
        raise _Misfit("reshape must keep the batch: begin the shape with −1, the others 1 or more.")
    if len(known) < len(sizes) - 1:
        raise _Misfit("reshape must know every size, but the input leaves one open.")
    if math.prod(known) != math.prod(target[1:]):
        raise _Misfit(f"reshape cannot lay {math.prod(known)} numbers out as {math.prod(target[1:])}.")
    return ("batch", *target[1:])


def _joined(shapes: list[Sizes], axis: int) -> Sizes:
    rank = len(shapes[0])
    if not rank or any(len(sizes) != rank for sizes in shapes):
        raise _Misfit("concat needs parts with the same number of axes.")
    place = _axis(axis, rank)
    if any(sizes[place] == "batch" for sizes in shapes):
        raise _Misfit("concat would join windows of the batch: use another axis.")
    found: list[Size] = []
    for other in range(rank):
        column = [sizes[other] for sizes in shapes]
        if other == place:
            numbers = [size for size in column if isinstance(size, int)]
            found.append(sum(numbers) if len(numbers) == len(column) else None)
            continue
        different = {size for size in column if size is not None}
        if len(different) > 1:
            raise _Misfit("concat needs parts that agree on every other axis.")
        found.append(next(iter(different), None))
    return tuple(found)
