"""Every layer kind, declared once: fields, output shape, weights, range, and its Keras call."""

from __future__ import annotations

import math
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from tsrnn_gui.core import formula, formula_shapes
from tsrnn_gui.core.layer_base import (
    RANGES,
    UNBOUNDED,
    Activation,
    CellActivation,
    KerasCall,
    Layer,
    Rate,
    Units,
    expect_sequence,
    size_from,
    slid,
)
from tsrnn_gui.core.pooling import (
    AveragePooling1D,
    GlobalAveragePooling1D,
    GlobalMaxPooling1D,
    MaxPooling1D,
)
from tsrnn_gui.core.recurrent import GRU, LSTM, SimpleRNN
from tsrnn_gui.core.remedies import remove_here, set_here
from tsrnn_gui.core.shapes import Range, Shape, ShapeError
from tsrnn_gui.core.stepwise import (
    ActivationLayer,
    BatchNormalization,
    LayerNormalization,
    Masking,
    RepeatVector,
    TimeDistributedDense,
)

__all__ = [
    "GRU",
    "KINDS",
    "LSTM",
    "UNBOUNDED",
    "Activation",
    "ActivationLayer",
    "AnyLayer",
    "AveragePooling1D",
    "BatchNormalization",
    "Conv1D",
    "Dense",
    "Dropout",
    "ExpandDims",
    "Flatten",
    "Formula",
    "GlobalAveragePooling1D",
    "GlobalMaxPooling1D",
    "KerasCall",
    "Layer",
    "LayerNormalization",
    "Masking",
    "MaxPooling1D",
    "RepeatVector",
    "Scale",
    "SimpleRNN",
    "Stack",
    "TimeDistributedDense",
]


class Dense(Layer, frozen=True, tag="dense"):
    """A weighted sum of all features for each unit; at every step alike when it reads a sequence."""

    units: Units = 1
    activation: CellActivation = "linear"

    title: ClassVar[str] = "Dense"
    masking: ClassVar[bool] = True
    keras_arguments: ClassVar[tuple[str, ...] | None] = ("units", "activation", "use_bias")

    def label(self) -> str:
        return f"Dense {self.units}"

    def output_shape(self, shape: Shape) -> Shape:
        if not shape:
            raise ShapeError(f"{self.label()} needs at least one feature.")
        size_from(shape, self.label())
        return (*shape[:-1], self.units)

    def weight_count(self, shape: Shape) -> int:
        return self.units * ((shape[-1] or 0) + 1)

    def output_range(self, given: Range) -> Range:
        return RANGES.get(self.activation, UNBOUNDED)

    def keras_call(self, shape: Shape) -> KerasCall:
        arguments: dict[str, Any] = {"units": self.units}
        if self.activation != "linear":
            arguments["activation"] = self.activation
        return KerasCall("Dense", arguments)


class Dropout(Layer, frozen=True, tag="dropout"):
    """Switches off a random share of its input while training, nothing afterwards."""

    rate: Rate = 0.2

    title: ClassVar[str] = "Dropout"
    masking: ClassVar[bool] = True
    keras_arguments: ClassVar[tuple[str, ...] | None] = ("rate", "noise_shape", "seed")
    group: ClassVar[str] = "Regularisation"

    def label(self) -> str:
        return f"Dropout {self.rate:g}"

    def output_range(self, given: Range) -> Range:
        """While training, what is kept is divided by 1 − rate; a forecast passes unchanged."""
        return given

    def keras_call(self, shape: Shape) -> KerasCall:
        return KerasCall("Dropout", {"rate": self.rate})


Padding = Annotated[
    Literal["valid", "same", "causal"],
    Meta(title="Padding", description="valid shortens the window, same and causal keep its length."),
]


class Conv1D(Layer, frozen=True, tag="conv1d"):
    """Slides ``filters`` kernels of ``kernel_size`` steps along time."""

    filters: Annotated[int, Meta(ge=1, le=4096, title="Filters", description="Kernels learned.")] = 32
    kernel_size: Annotated[
        int, Meta(ge=1, le=4096, title="Kernel size", description="Steps of time a kernel sees at once.")
    ] = 3
    strides: Annotated[
        int, Meta(ge=1, le=4096, title="Strides", description="Steps the kernel moves each time.")
    ] = 1
    padding: Padding = "causal"
    activation: CellActivation = "relu"
    dilation_rate: Annotated[
        int, Meta(ge=1, le=4096, title="Dilation", description="Steps between those that a kernel sees.")
    ] = 1

    title: ClassVar[str] = "Conv1D"
    keras_arguments: ClassVar[tuple[str, ...] | None] = ("filters", "kernel_size", "strides", "padding")
    keras_defaults: ClassVar[dict[str, Any]] = {"padding": "valid", "activation": "linear"}
    group: ClassVar[str] = "Convolution"

    def label(self) -> str:
        return f"Conv1D {self.filters} × {self.kernel_size}"

    def output_shape(self, shape: Shape) -> Shape:
        time, _ = expect_sequence(shape, self.label())
        if self.strides > 1 and self.dilation_rate > 1:
            raise ShapeError(
                f"{self.label()} cannot have strides and dilation at once.",
                set_here("Set strides of layer {n} to 1", strides=1),
                set_here("Set dilation of layer {n} to 1", dilation_rate=1),
            )
        span = (self.kernel_size - 1) * self.dilation_rate + 1
        fits = set_here(f"Use a kernel of {time} on layer {{n}}", kernel_size=time, dilation_rate=1)
        return (slid(time, span, self.strides, self.padding, self.label(), fits), self.filters)

    def weight_count(self, shape: Shape) -> int:
        return self.filters * (self.kernel_size * (shape[-1] or 0) + 1)

    def output_range(self, given: Range) -> Range:
        return RANGES.get(self.activation, UNBOUNDED)

    def keras_call(self, shape: Shape) -> KerasCall:
        arguments: dict[str, Any] = {"filters": self.filters, "kernel_size": self.kernel_size}
        if self.strides != 1:
            arguments["strides"] = self.strides
        if self.padding != "valid":
            arguments["padding"] = self.padding
        if self.dilation_rate != 1:
            arguments["dilation_rate"] = self.dilation_rate
        if self.activation != "linear":
            arguments["activation"] = self.activation
        return KerasCall("Conv1D", arguments)


class Flatten(Layer, frozen=True, tag="flatten"):
    """Lays all steps and features side by side as one vector."""

    title: ClassVar[str] = "Flatten"
    keras_arguments: ClassVar[tuple[str, ...] | None] = ("data_format",)
    group: ClassVar[str] = "Shape"

    def output_shape(self, shape: Shape) -> Shape:
        sizes = [size for size in shape if size is not None]
        return (math.prod(sizes) if len(sizes) == len(shape) else None,)

    def doubt(self, shape: Shape) -> ShapeError | None:
        if None not in shape or len(shape) == 1:
            return None
        return ShapeError(
            "Flatten does not know the length of the window, because the input leaves it open: "
            "a layer after it cannot count its weights.",
            remove_here,
        )

    def keras_call(self, shape: Shape) -> KerasCall:
        return KerasCall("Flatten", {})


class ExpandDims(Layer, frozen=True, tag="expand_dims"):
    """The lesson's first Lambda, ``tf.expand_dims(x, axis)``: adds an axis of size 1."""

    axis: Annotated[
        int,
        Meta(ge=-3, le=3, title="Axis", description="Where the new axis goes; −1 makes it the features."),
    ] = -1

    title: ClassVar[str] = "expand_dims"
    group: ClassVar[str] = "Formulas"

    def label(self) -> str:
        return f"expand_dims(x, {self.axis})".replace("-", "−")

    def place(self, shape: Shape) -> int:
        """Give the index of the new axis in the shape without batch."""
        return self.axis - 1 if self.axis >= 0 else len(shape) + 1 + self.axis

    def output_shape(self, shape: Shape) -> Shape:
        place, rank = self.place(shape), len(shape) + 1
        if not 0 <= place <= len(shape):
            raise ShapeError(
                f"{self.label()} would put an axis before the batch or past the last one: "
                f"the input has {rank} axes with the batch.",
                set_here("Use axis −1 on layer {n}", axis=-1),
            )
        return (*shape[:place], 1, *shape[place:])

    def keras_call(self, shape: Shape) -> KerasCall:
        """Reshape gives the same numbers and can be saved without code."""
        target = tuple(-1 if n is None else n for n in self.output_shape(shape))
        return KerasCall("Reshape", {"target_shape": target})

    def lambda_source(self) -> str:
        return f"lambda x: tf.expand_dims(x, axis={self.axis})"


class Scale(Layer, frozen=True, tag="scale"):
    """The lesson's last Lambda, ``x * factor``: lifts tanh's −1 … 1 to the size of the data."""

    factor: Annotated[float, Meta(title="Factor", description="Number that everything is multiplied by.")] = (
        100.0
    )

    title: ClassVar[str] = "x × factor"
    masking: ClassVar[bool] = True
    group: ClassVar[str] = "Formulas"

    def label(self) -> str:
        return f"x × {self.factor:g}"

    def output_range(self, given: Range) -> Range:
        ends = [end * self.factor if end else 0.0 for end in given]
        return (min(ends), max(ends)) if self.factor else (0.0, 0.0)

    def keras_call(self, shape: Shape) -> KerasCall:
        return KerasCall("Rescaling", {"scale": self.factor})

    def lambda_source(self) -> str:
        return f"lambda x: x * {self.factor!r}"


class Formula(Layer, frozen=True, tag="formula"):
    """A Lambda of the user's own, in the closed vocabulary of ``core.formula``."""

    text: Annotated[
        str,
        Meta(max_length=1000, title="Formula", description="Such as lambda x: x[:, 1:] - x[:, :-1]"),
    ] = "lambda x: tf.math.log1p(tf.abs(x))"

    title: ClassVar[str] = "Formula"
    group: ClassVar[str] = "Formulas"
    portable: ClassVar[bool] = False

    def label(self) -> str:
        text = " ".join(self.text.split()).removeprefix("lambda x: ")
        return text if len(text) <= 40 else f"{text[:39]}…"

    def output_shape(self, shape: Shape) -> Shape:
        try:
            return formula_shapes.output_shape(self.text, shape)
        except ValueError as error:
            raise ShapeError(f"Formula: {error}", remove_here) from error

    def output_range(self, given: Range) -> Range:
        return UNBOUNDED

    def keras_call(self, shape: Shape) -> KerasCall:
        return KerasCall("Formula", {"text": self.text})

    def lambda_source(self) -> str:
        """What is not understood is printed as text, which is no code."""
        try:
            return formula.printed(formula.parsed(self.text))
        except formula.FormulaError:
            return repr(self.text)


AnyLayer = (
    SimpleRNN
    | LSTM
    | GRU
    | Dense
    | TimeDistributedDense
    | ActivationLayer
    | Dropout
    | LayerNormalization
    | BatchNormalization
    | Masking
    | Conv1D
    | MaxPooling1D
    | AveragePooling1D
    | GlobalMaxPooling1D
    | GlobalAveragePooling1D
    | Flatten
    | RepeatVector
    | ExpandDims
    | Scale
    | Formula
)
KINDS: tuple[type[Layer], ...] = AnyLayer.__args__
Stack = tuple[AnyLayer, ...]
