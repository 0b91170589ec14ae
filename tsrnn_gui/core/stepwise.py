"""Layers that treat every step alike, or make steps out of a vector."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from tsrnn_gui.core.layer_base import (
    RANGES,
    UNBOUNDED,
    CellActivation,
    KerasCall,
    Layer,
    Units,
    size_from,
)
from tsrnn_gui.core.remedies import remove_here
from tsrnn_gui.core.shapes import Range, Shape, ShapeError, described


class TimeDistributedDense(Layer, frozen=True, tag="time_distributed_dense"):
    """One Dense layer applied at every step; needs a time axis, where Dense takes a vector as well."""

    units: Units = 1
    activation: CellActivation = "linear"

    title: ClassVar[str] = "TimeDistributed Dense"
    masking: ClassVar[bool] = True

    def label(self) -> str:
        return f"TimeDistributed Dense {self.units}"

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) < 2:
            raise ShapeError(
                f"{self.label()} works at every step, but is given {described(shape)}.", remove_here
            )
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
        return KerasCall("TimeDistributed", {"layer": KerasCall("Dense", arguments)})


class ActivationLayer(Layer, frozen=True, tag="activation"):
    """Passes every number through a function."""

    activation: CellActivation = "relu"

    title: ClassVar[str] = "Activation"
    masking: ClassVar[bool] = True
    keras_arguments: ClassVar[tuple[str, ...] | None] = ("activation",)

    def label(self) -> str:
        return f"Activation {self.activation}"

    def output_range(self, given: Range) -> Range:
        return given if self.activation == "linear" else RANGES.get(self.activation, UNBOUNDED)

    def keras_call(self, shape: Shape) -> KerasCall:
        return KerasCall("Activation", {"activation": self.activation})


Epsilon = Annotated[
    float,
    Meta(gt=0.0, le=1.0, title="Epsilon", description="Added to the variance, against divisions by 0."),
]


class _Normalization(Layer, frozen=True):
    """Brings features to mean 0 and spread 1, then learns a factor and an offset for each."""

    epsilon: Epsilon = 1e-3

    group: ClassVar[str] = "Regularisation"
    keras_arguments: ClassVar[tuple[str, ...] | None] = ("axis", "epsilon")
    masking: ClassVar[bool] = True
    weights_a_feature: ClassVar[int] = 2

    def output_shape(self, shape: Shape) -> Shape:
        if not shape:
            raise ShapeError(f"{self.label()} needs at least one feature.", remove_here)
        size_from(shape, self.label())
        return shape

    def weight_count(self, shape: Shape) -> int:
        return self.weights_a_feature * (shape[-1] or 0)

    def output_range(self, given: Range) -> Range:
        return UNBOUNDED

    def keras_call(self, shape: Shape) -> KerasCall:
        return KerasCall(self.title, {} if self.epsilon == 1e-3 else {"epsilon": self.epsilon})


class LayerNormalization(_Normalization, frozen=True, tag="layer_normalization"):
    """Brings the features of each step to mean 0 and spread 1, then learns a factor and an offset."""

    title: ClassVar[str] = "LayerNormalization"


class BatchNormalization(_Normalization, frozen=True, tag="batch_normalization"):
    """Brings each feature to mean 0 and spread 1 over its batch; forecasts use moving averages instead."""

    momentum: Annotated[
        float,
        Meta(ge=0.0, lt=1.0, title="Momentum", description="Share of the moving averages kept at each step."),
    ] = 0.99

    title: ClassVar[str] = "BatchNormalization"
    keras_arguments: ClassVar[tuple[str, ...] | None] = ("axis", "momentum", "epsilon")
    mixes_windows: ClassVar[bool] = True
    weights_a_feature: ClassVar[int] = 4

    def keras_call(self, shape: Shape) -> KerasCall:
        arguments: dict[str, Any] = {} if self.momentum == 0.99 else {"momentum": self.momentum}
        return KerasCall(self.title, arguments | super().keras_call(shape).arguments)


class Masking(Layer, frozen=True, tag="masking"):
    """Leaves out steps whose features all equal ``mask_value``, as far as the layers behind know of it."""

    mask_value: Annotated[
        float, Meta(title="Value", description="Steps that hold nothing but this number are left out.")
    ] = 0.0

    title: ClassVar[str] = "Masking"
    group: ClassVar[str] = "Shape"
    keras_arguments: ClassVar[tuple[str, ...] | None] = ("mask_value",)
    masking: ClassVar[bool] = True

    def label(self) -> str:
        return f"Masking {self.mask_value:g}"

    def doubt(self, shape: Shape) -> ShapeError | None:
        if len(shape) > 1:
            return None
        return ShapeError(
            f"{self.label()} leaves out whole windows here, because there is no time axis yet.", remove_here
        )

    def masks(self, masked: bool) -> bool:
        return True

    def output_range(self, given: Range) -> Range:
        """What is left out is put out as 0."""
        return min(given[0], 0.0), max(given[1], 0.0)

    def keras_call(self, shape: Shape) -> KerasCall:
        return KerasCall("Masking", {"mask_value": self.mask_value} if self.mask_value else {})


class RepeatVector(Layer, frozen=True, tag="repeat_vector"):
    """Repeats a vector as ``n`` steps: what a decoder reads."""

    n: Annotated[int, Meta(ge=1, le=4096, title="Steps", description="Times the vector is repeated.")] = 1

    title: ClassVar[str] = "RepeatVector"
    group: ClassVar[str] = "Shape"
    keras_arguments: ClassVar[tuple[str, ...] | None] = ("n",)

    def label(self) -> str:
        return f"RepeatVector {self.n}"

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise ShapeError(f"{self.label()} reads a vector, but is given {described(shape)}.", remove_here)
        return (self.n, *shape)

    def keras_call(self, shape: Shape) -> KerasCall:
        return KerasCall("RepeatVector", {"n": self.n})
