"""What every layer kind stands on: its fields' types, the class itself, and what shapes it may refuse."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeGuard

import msgspec
from msgspec import Meta

from tsrnn_gui.core.remedies import insert_here, remove_here, return_sequences_upstream, set_here
from tsrnn_gui.core.shapes import Range, Remedy, Shape, ShapeError, described

if TYPE_CHECKING:
    from tsrnn_gui.core.layers import ExpandDims

Activation = Literal["tanh", "relu", "sigmoid", "linear", "elu", "selu", "softplus", "gelu"]
RANGES: dict[str, Range] = {
    "tanh": (-1.0, 1.0),
    "sigmoid": (0.0, 1.0),
    "relu": (0.0, math.inf),
    "softplus": (0.0, math.inf),
    "elu": (-1.0, math.inf),
    "selu": (-1.7580993408473766, math.inf),
    "gelu": (-0.17, math.inf),
}
UNBOUNDED: Range = (-math.inf, math.inf)

Units = Annotated[int, Meta(ge=1, le=4096, title="Units", description="Numbers the layer puts out a step.")]
ReturnSequences = Annotated[
    bool,
    Meta(title="Return sequences", description="Put out every step of the window instead of the last one."),
]
Bidirectional = Annotated[
    bool, Meta(title="Bidirectional", description="Read the window forwards and backwards, side by side.")
]
Rate = Annotated[
    float,
    Meta(ge=0.0, lt=1.0, title="Dropout", description="Share of inputs switched off at each training step."),
]
CellActivation = Annotated[
    Activation, Meta(title="Activation", description="Function that every output passes through.")
]


class KerasCall(msgspec.Struct, frozen=True):
    """A Keras layer to make: ``keras.layers.<name>(**arguments)``; an argument may be a call itself."""

    name: str
    arguments: dict[str, Any]


class Layer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """One row of the stack; shapes leave out the batch axis, ``None`` is an unknown size."""

    title: ClassVar[str]
    group: ClassVar[str] = "Layers"
    keras_arguments: ClassVar[tuple[str, ...] | None] = None
    """Keras's own order of arguments for the layer called ``title``; None where it has no such layer."""
    portable: ClassVar[bool] = True
    """Whether ``keras_call`` names one of Keras's own layers, which can be saved without code."""
    keras_defaults: ClassVar[dict[str, Any]] = {}
    """What Keras takes where its code is silent and this kind's own default is another."""
    masking: ClassVar[bool] = False
    """Whether steps that Masking leaves out are left out here too, or passed on as such."""
    mixes_windows: ClassVar[bool] = False
    """Whether one window's output depends, while training, on the other windows of its batch."""

    def label(self) -> str:
        """Name the layer in one line, with what sets it apart."""
        return self.title

    def output_shape(self, shape: Shape) -> Shape:
        """Give the shape put out for ``shape``; raise ShapeError if it cannot be read."""
        return shape

    def weight_count(self, shape: Shape) -> int:
        """Count the weights, trained or not, that reading ``shape`` takes."""
        return 0

    def output_range(self, given: Range) -> Range:
        """Bound what can be put out when the input lies within ``given``."""
        return given

    def doubt(self, shape: Shape) -> ShapeError | None:
        """Say what is legal but hardly meant when ``shape`` is read; shown as a warning."""
        return None

    def masks(self, masked: bool) -> bool:
        """Say whether steps are left out behind this layer when they are (``masked``) before it."""
        return masked and self.masking

    def keras_call(self, shape: Shape) -> KerasCall:
        """Give the Keras layer this one stands for when it reads ``shape``."""
        raise TypeError(f"{type(self).__name__} has no Keras layer")

    def lambda_source(self) -> str:
        """Write the layer as the lesson's Lambda, such as ``lambda x: x * 100.0``; empty if it is none."""
        return ""


def size_from(shape: Shape, name: str) -> int:
    if shape[-1] is None:
        raise ShapeError(
            f"{name} must know how many features each step has, but the input leaves that open "
            "(expand_dims on axis 1 turns the unknown window into features).",
            expand_last_axis,
        )
    return shape[-1]


def expand_last_axis(stack: tuple[Any, ...], index: int) -> Any:
    for place in range(index):
        if is_expansion(stack[place]) and stack[place].axis != -1:
            return set_here("Use axis −1 on layer {n}", axis=-1)(stack, place)
    return None


def expect_sequence(shape: Shape, name: str) -> tuple[int | None, int]:
    """Read ``shape`` as (time, features); raise ShapeError with fixes where it is not that."""
    if len(shape) == 2:
        return shape[0], size_from(shape, name)
    if len(shape) > 2:
        raise ShapeError(
            f"{name} reads batch × time × features, but is given {described(shape)}: one axis too many.",
            _remove_expansion,
        )
    raise ShapeError(
        f"{name} reads batch × time × features, but is given {described(shape)}: "
        "the layers before it keep no time axis.",
        return_sequences_upstream,
        _expand_input,
        remove_here,
    )


def _remove_expansion(stack: tuple[Any, ...], index: int) -> Any:
    for place in range(index):
        if is_expansion(stack[place]):
            return remove_here(stack, place)
    return None


def _expand_input(stack: tuple[Any, ...], index: int) -> Any:
    """Only sensible while nothing but the window itself has been read."""
    from tsrnn_gui.core.layers import Dropout, ExpandDims, Scale

    if any(not isinstance(layer, Dropout | Scale) for layer in stack[:index]):
        return None
    return insert_here("Add expand_dims(x, −1) before layer {n}", ExpandDims())(stack, index)


def is_expansion(layer: object) -> TypeGuard[ExpandDims]:
    """Say whether ``layer`` adds an axis."""
    return getattr(type(layer), "title", "") == "expand_dims"


def slid(time: int | None, size: int, stride: int, padding: str, name: str, fits: Remedy) -> int | None:
    """Count the places of ``size`` steps moved by ``stride`` over ``time``; raise ShapeError for none."""
    if time is None:
        return None
    if padding != "valid":
        return -(-time // stride)
    if size > time:
        raise ShapeError(f"{name} spans {size} steps, but only {time} arrive.", fits, remove_here)
    return (time - size) // stride + 1
