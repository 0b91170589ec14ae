"""Layers that gather several steps of time into one."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from tsrnn_gui.core.layer_base import KerasCall, Layer, expect_sequence, slid
from tsrnn_gui.core.remedies import set_here
from tsrnn_gui.core.shapes import Shape

PoolSize = Annotated[int, Meta(ge=1, le=4096, title="Pool size", description="Steps that become one.")]


class _Pooling(Layer, frozen=True):
    """Makes one step of every ``pool_size`` neighbouring ones."""

    pool_size: PoolSize = 2

    group: ClassVar[str] = "Convolution"
    keras_arguments: ClassVar[tuple[str, ...] | None] = ("pool_size", "strides", "padding")

    def label(self) -> str:
        return f"{self.title} {self.pool_size}"

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 2:
            expect_sequence(shape, self.label())
        time, features = shape
        fits = set_here(f"Use a pool of {time} on layer {{n}}", pool_size=time)
        return (slid(time, self.pool_size, self.pool_size, "valid", self.label(), fits), features)

    def keras_call(self, shape: Shape) -> KerasCall:
        return KerasCall(self.title, {"pool_size": self.pool_size})


class MaxPooling1D(_Pooling, frozen=True, tag="max_pooling1d"):
    """Keeps the largest value of every ``pool_size`` neighbouring steps."""

    title: ClassVar[str] = "MaxPooling1D"


class AveragePooling1D(_Pooling, frozen=True, tag="average_pooling1d"):
    """Keeps the mean of every ``pool_size`` neighbouring steps."""

    title: ClassVar[str] = "AveragePooling1D"


class _GlobalPooling(Layer, frozen=True):
    """Makes one vector of all steps."""

    group: ClassVar[str] = "Convolution"
    keras_arguments: ClassVar[tuple[str, ...] | None] = ("data_format", "keepdims")

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 2:
            expect_sequence(shape, self.label())
        return (shape[-1],)

    def keras_call(self, shape: Shape) -> KerasCall:
        return KerasCall(self.title, {})


class GlobalMaxPooling1D(_GlobalPooling, frozen=True, tag="global_max_pooling1d"):
    """Keeps each feature's largest value over all steps."""

    title: ClassVar[str] = "GlobalMaxPooling1D"


class GlobalAveragePooling1D(_GlobalPooling, frozen=True, tag="global_average_pooling1d"):
    """Keeps each feature's mean over all steps."""

    title: ClassVar[str] = "GlobalAveragePooling1D"
    masking: ClassVar[bool] = True

    def masks(self, masked: bool) -> bool:
        return False
