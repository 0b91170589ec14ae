"""The live check of a stack: every layer's output shape, or what is wrong with it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from tsrnn_gui.core.fields import wrong_fields
from tsrnn_gui.core.layers import UNBOUNDED, Dense, Layer, Scale, Stack
from tsrnn_gui.core.problems import Fix, Problem
from tsrnn_gui.core.remedies import changed, inserted
from tsrnn_gui.core.shapes import Range, Shape, ShapeError, described

Wanted = Literal["auto", "value", "sequence"]


@dataclass(frozen=True)
class Row:
    """One layer of the stack with the shape it puts out (without batch), or None after a problem."""

    layer: Layer
    shape: Shape | None
    weights: int | None
    problem: Problem | None


@dataclass(frozen=True)
class Target:
    """What the stack's output is compared with: ``width`` numbers a window, or at each of its steps.

    ``range`` is where the training targets lie on the scale that the network sees.
    """

    wanted: Wanted = "auto"
    window: int = 20
    width: int = 1
    range: Range | None = None
    level: bool = False
    words: str = "next value"


@dataclass(frozen=True)
class Contract:
    """The last row: the target's shape, whether it is a sequence, and what does not meet."""

    sequence: bool
    shape: Shape
    words: str
    problem: Problem | None


def check(stack: Stack, shape: Shape | None) -> list[Row]:
    """Give every layer the shape it puts out for input ``shape``, or what is wrong with it.

    Never raises for a stack that can be typed; after a problem the shape is unknown, not guessed.
    """
    rows: list[Row] = []
    masked = False
    for index, layer in enumerate(stack):
        weights, problem = None, _field_problem(stack, index)
        if problem:
            shape = None
        elif shape is not None:
            try:
                given, shape = shape, layer.output_shape(shape)
                weights = layer.weight_count(given)
                problem = _doubt(stack, index, given) or _unmasked(layer, masked)
                masked = layer.masks(masked)
            except ShapeError as error:
                shape, problem = None, _problem(error, stack, index)
        rows.append(Row(layer, shape, weights, problem))
    return rows


def contract(stack: Stack, rows: list[Row], target: Target) -> Contract:
    """Hold the stack's output against ``target``; Keras would train a mismatch by broadcasting."""
    output = rows[-1].shape if rows else None
    sequence = target.wanted == "sequence" or (
        target.wanted == "auto" and output is not None and len(output) == 2
    )
    shape: Shape = (target.window, target.width) if sequence else (target.width,)
    words = "the window shifted by one" if sequence else target.words
    if sequence and target.words != "next value":
        words = f"at every step, {target.words}"
    if not stack:
        return Contract(
            sequence, shape, words, Problem("The stack is empty: add a layer or choose a preset.")
        )
    if output is None:
        return Contract(sequence, shape, words, None)
    return Contract(sequence, shape, words, _mismatch(stack, output, sequence, shape, target))


def output_range(stack: Stack) -> Range:
    """Bound what ``stack`` can put out, whatever its weights."""
    bounds = UNBOUNDED
    for layer in stack:
        bounds = layer.output_range(bounds)
    return bounds


@lru_cache(maxsize=4096)
def _wrong(layer: Layer) -> tuple[tuple[str, object, str], ...]:
    return tuple((field.name, field.default, text) for field, text in wrong_fields(layer))


def _field_problem(stack: Stack, index: int) -> Problem | None:
    wrong = _wrong(stack[index])
    if not wrong:
        return None
    name, default, text = wrong[0]
    label = f"Set {name} of layer {index + 1} to {default}"
    return Problem(f"{stack[index].title}: {text}", (Fix(label, changed(stack, index, **{name: default})),))


def _doubt(stack: Stack, index: int, given: Shape) -> Problem | None:
    doubt = stack[index].doubt(given)
    return None if doubt is None else _problem(doubt, stack, index, severity="warning")


def _unmasked(layer: Layer, masked: bool) -> Problem | None:
    if not masked or layer.masking:
        return None
    return Problem(
        f"{layer.label()} does not know which steps Masking leaves out: it reads them as zeros, and so "
        "does every layer behind it.",
        severity="warning",
    )


def _problem(
    error: ShapeError, stack: Stack, index: int, severity: Literal["error", "warning"] = "error"
) -> Problem:
    fixes = (remedy(stack, index) for remedy in error.remedies)
    return Problem(error.text, tuple(fix for fix in fixes if fix is not None), severity)


def _mismatch(stack: Stack, output: Shape, sequence: bool, shape: Shape, target: Target) -> Problem | None:
    if output == shape or (sequence and output == (None, target.width)):
        return _level_leak(sequence, target) or _out_of_reach(stack, target)
    if sequence and len(output) == 2 and output[1] == target.width:
        return Problem(
            f"The stack puts out {described(output)}, the target has {target.window} steps: "
            "every step of the window needs its own output.",
            tuple(_same_length(stack)),
        )
    text = (
        f"The stack puts out {described(output)}, the target is {described(shape)} ({target.words}). "
        "Keras would train this silently, by repeating one of them."
    )
    return Problem(text, tuple(_fixes(stack, output, sequence, target)))


def _fixes(stack: Stack, output: Shape, sequence: bool, target: Target) -> list[Fix]:
    fixes: list[Fix] = []
    returning = [i for i, layer in enumerate(stack) if getattr(layer, "return_sequences", None)]
    silent = [i for i, layer in enumerate(stack) if getattr(layer, "return_sequences", None) is False]
    if not sequence and len(output) == 2 and returning:
        i = returning[-1]
        stack = changed(stack, i, return_sequences=False)
        fixes.append(Fix(f"Keep only the last step on layer {i + 1}", _widened(stack, output, target)))
    elif sequence and len(output) == 1 and silent:
        i = silent[-1]
        stack = changed(stack, i, return_sequences=True)
        fixes.append(Fix(f"Set return_sequences on layer {i + 1}", _widened(stack, output, target)))
    elif output[-1] != target.width and len(output) == (2 if sequence else 1):
        mended = _widened(stack, output, target)
        last = stack[_head(stack)] if _head(stack) >= 0 else None
        label = f"Set units to {target.width} on layer {_head(stack) + 1}"
        fixes.append(Fix(label if isinstance(last, Dense) else f"Add Dense {target.width}", mended))
    return fixes


def _head(stack: Stack) -> int:
    """Give the place of the last layer that is not a mere factor."""
    return next((i for i in range(len(stack) - 1, -1, -1) if not isinstance(stack[i], Scale)), -1)


def _widened(stack: Stack, output: Shape, target: Target) -> Stack:
    if output[-1] == target.width:
        return stack
    head = _head(stack)
    if head >= 0 and isinstance(stack[head], Dense):
        return changed(stack, head, units=target.width)
    return inserted(stack, head + 1, Dense(units=target.width))


def _same_length(stack: Stack) -> list[Fix]:
    for index, layer in enumerate(stack):
        if getattr(layer, "padding", "causal") == "valid" or getattr(layer, "strides", 1) > 1:
            fixed = changed(stack, index, padding="causal", strides=1)
            return [Fix(f"Keep the length on layer {index + 1} (causal padding)", fixed)]
    return []


def _level_leak(sequence: bool, target: Target) -> Problem | None:
    if not (sequence and target.level):
        return None
    return Problem(
        "Scaling relative to the window uses the window's last values, which its earlier steps must "
        "not know when each of them is a forecast: choose another scaling.",
    )


def _out_of_reach(stack: Stack, target: Target) -> Problem | None:
    """A bounded last activation cannot reach data that lies outside of it."""
    if target.range is None:
        return None
    low, high = output_range(stack)
    wanted_low, wanted_high = target.range
    tolerance = 1e-6 * max(1.0, abs(wanted_high - wanted_low))
    if low <= wanted_low + tolerance and wanted_high - tolerance <= high:
        return None
    size = _round_up(max(abs(wanted_low), abs(wanted_high)))
    fixes = [
        Fix(
            "Add Dense 1" if target.width == 1 else f"Add Dense {target.width}",
            (*stack, Dense(units=target.width)),
        )
    ]
    if low < 0 < high or wanted_low >= 0:
        fixes.append(Fix(f"Add × {size:g}", (*stack, Scale(factor=size))))
    return Problem(
        f"The stack can only put out {_bound(low)} … {_bound(high)}, "
        f"but the target lies between {wanted_low:.4g} and {wanted_high:.4g}.",
        tuple(fixes),
    )


def _bound(end: float) -> str:
    return "−∞" if end == -math.inf else "∞" if end == math.inf else f"{end:g}".replace("-", "−")


def _round_up(size: float) -> float:
    power = 10.0 ** math.floor(math.log10(size)) if 0 < size < math.inf else 1.0
    return float(math.ceil(size / power) * power)
