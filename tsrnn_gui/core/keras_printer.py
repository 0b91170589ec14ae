"""Keras code out: a stack as the lesson writes it, or with layers that can be saved without code."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tsrnn_gui.core.experiment import input_shape
from tsrnn_gui.core.layers import KerasCall, Layer
from tsrnn_gui.core.shapes import Shape, ShapeError
from tsrnn_gui.core.windows import Windowing


def stack_source(
    stack: Sequence[Layer], windowing: Windowing | None = None, portable: bool = False, name: str = "model"
) -> str:
    """Print ``stack`` as Keras code, the input's shape with it where ``windowing`` says it.

    The lesson's spelling has Lambdas; the portable one has Reshape and Rescaling in their place. So has
    the lesson's where a Lambda would forget which steps Masking leaves out.
    """
    lines: list[str] = []
    shape = None if windowing is None else input_shape(windowing)
    given = shape or (None,)
    inside = shape is not None and not portable and len(stack) > 0
    if shape is not None and not inside:
        lines.append(f"tf.keras.Input(shape=[{_sizes(shape)}])")
    masked = False
    for place, layer in enumerate(stack):
        more = f", input_shape=[{_sizes(given)}]" if inside and not place else ""
        written = layer_source(layer, shape, portable or (masked and layer.masking))
        masked = layer.masks(masked)
        lines.append(f"{written[:-1]}{more})" if written[-2] != "(" else f"{written[:-1]}{more[2:]})")
        shape = _after(layer, shape)
    body = "".join(f"    {line},\n" for line in lines)
    head = "" if windowing is None else f"window_size = {windowing.window}\n\n"
    return f"{head}{name} = tf.keras.models.Sequential([\n{body}])\n"


def layer_source(layer: Layer, shape: Shape | None, portable: bool = False) -> str:
    """Print one layer that reads ``shape``; a Lambda wherever its portable form needs a shape not known."""
    formula = layer.lambda_source()
    if formula and not (portable and layer.portable):
        return f"tf.keras.layers.Lambda({formula})"
    try:
        return call_source(layer.keras_call(shape or ()), "tf.keras.layers")
    except ShapeError:
        return f"tf.keras.layers.Lambda({formula})"


def call_source(call: KerasCall, module: str) -> str:
    """Print a declared call: ``tf.keras.layers.LSTM(32, return_sequences=True)``."""
    first = True
    parts = []
    for name, value in call.arguments.items():
        written = call_source(value, module) if isinstance(value, KerasCall) else number_source(value)
        bare = first and name in (
            "units",
            "layer",
            "rate",
            "filters",
            "pool_size",
            "target_shape",
            "scale",
            "n",
            "activation",
        )
        parts.append(written if bare else f"{name}={written}")
        first = False
    return f"{module}.{call.name}({', '.join(parts)})"


def number_source(value: Any) -> str:
    """Print a number so that it reads back as the same."""
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)


def _sizes(shape: Shape) -> str:
    first = "None" if shape[0] is None else "window_size"
    return ", ".join((first, *(str(size) for size in shape[1:])))


def _after(layer: Layer, shape: Shape | None) -> Shape | None:
    if shape is None:
        return None
    try:
        return layer.output_shape(shape)
    except ShapeError:
        return None
