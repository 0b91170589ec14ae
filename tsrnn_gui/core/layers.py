"""Every layer kind, declared once: fields, output shape, weights, range, and its Keras call."""

from __future__ import annotations

import math
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from tsrnn_gui.core.remedies import insert_here, remove_here, return_sequences_upstream, set_here
from tsrnn_gui.core.shapes import Range, Remedy, Shape, ShapeError, described

Activation = Literal["tanh", "relu", "sigmoid", "linear", "elu", "selu", "softplus", "gelu"]
_RANGES: dict[str, Range] = {
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
    keras_defaults: ClassVar[dict[str, Any]] = {}
    """What Keras takes where its code is silent and this kind's own default is another."""

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

    def keras_call(self, shape: Shape) -> KerasCall:
        """Give the Keras layer this one stands for when it reads ``shape``."""
        raise TypeError(f"{type(self).__name__} has no Keras layer")

    def lambda_source(self) -> str:
        """Write the layer as the lesson's Lambda, such as ``lambda x: x * 100.0``; empty if it is none."""
        return ""


def _size_from(shape: Shape, name: str) -> int:
    if shape[-1] is None:
        raise ShapeError(
            f"{name} must know how many features each step has, but the input leaves that open "
            "(expand_dims on axis 1 turns the unknown window into features).",
            _expand_last_axis,
        )
    return shape[-1]


def _expand_last_axis(stack: tuple[Any, ...], index: int) -> Any:
    for place in range(index):
        if isinstance(stack[place], ExpandDims) and stack[place].axis != -1:
            return set_here("Use axis −1 on layer {n}", axis=-1)(stack, place)
    return None


def expect_sequence(shape: Shape, name: str) -> tuple[int | None, int]:
    """Read ``shape`` as (time, features); raise ShapeError with fixes where it is not that."""
    if len(shape) == 2:
        return shape[0], _size_from(shape, name)
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
        if isinstance(stack[place], ExpandDims):
            return remove_here(stack, place)
    return None


def _expand_input(stack: tuple[Any, ...], index: int) -> Any:
    """Only sensible while nothing but the window itself has been read."""
    if any(not isinstance(layer, Dropout | Scale) for layer in stack[:index]):
        return None
    return insert_here("Add expand_dims(x, −1) before layer {n}", ExpandDims())(stack, index)


class _Recurrent(Layer, frozen=True):
    """Reads (batch, time, features) step by step, carrying a state of ``units`` numbers."""

    units: Units = 32
    return_sequences: ReturnSequences = False
    bidirectional: Bidirectional = False
    activation: CellActivation = "tanh"
    dropout: Rate = 0.0

    group: ClassVar[str] = "Recurrent"
    keras_arguments: ClassVar[tuple[str, ...] | None] = ("units", "activation")
    gates: ClassVar[int]
    biases: ClassVar[int] = 1
    bounded_gate: ClassVar[bool] = False

    def label(self) -> str:
        name = f"{self.title} {self.units}"
        return f"Bidirectional {name}" if self.bidirectional else name

    def output_shape(self, shape: Shape) -> Shape:
        time, _ = expect_sequence(shape, self.label())
        width = self.units * (2 if self.bidirectional else 1)
        return (time, width) if self.return_sequences else (width,)

    def weight_count(self, shape: Shape) -> int:
        features = shape[-1] or 0
        one = self.gates * self.units * (features + self.units + self.biases)
        return 2 * one if self.bidirectional else one

    def doubt(self, shape: Shape) -> ShapeError | None:
        if shape[0] != 1:
            return None
        return ShapeError(
            f"{self.label()} is given one time step of {described(shape[1:])[2:]}: it sees no time, "
            "only one moment with the whole window as features.",
            _expand_last_axis,
        )

    def output_range(self, given: Range) -> Range:
        """A gate between 0 and 1 multiplies an LSTM's output, so zero is always in reach."""
        low, high = _RANGES.get(self.activation, UNBOUNDED)
        return (min(low, 0.0), max(high, 0.0)) if self.bounded_gate else (low, high)

    def keras_call(self, shape: Shape) -> KerasCall:
        arguments: dict[str, Any] = {"units": self.units}
        if self.activation != "tanh":
            arguments["activation"] = self.activation
        if self.return_sequences:
            arguments["return_sequences"] = True
        if self.dropout:
            arguments["dropout"] = self.dropout
        call = KerasCall(self.title, arguments)
        return KerasCall("Bidirectional", {"layer": call}) if self.bidirectional else call


class SimpleRNN(_Recurrent, frozen=True, tag="simple_rnn"):
    """The plain recurrent cell: its state is its output, and the influence of early steps fades."""

    title: ClassVar[str] = "SimpleRNN"
    gates: ClassVar[int] = 1


class LSTM(_Recurrent, frozen=True, tag="lstm"):
    """Long short-term memory: a cell state beside the hidden state keeps early steps alive."""

    title: ClassVar[str] = "LSTM"
    gates: ClassVar[int] = 4
    bounded_gate: ClassVar[bool] = True


class GRU(_Recurrent, frozen=True, tag="gru"):
    """Gated recurrent unit (the variant Keras calls reset_after, with two biases a gate)."""

    title: ClassVar[str] = "GRU"
    gates: ClassVar[int] = 3
    biases: ClassVar[int] = 2
    bounded_gate: ClassVar[bool] = True


class Dense(Layer, frozen=True, tag="dense"):
    """A weighted sum of all features for each unit; at every step alike when it reads a sequence."""

    units: Units = 1
    activation: CellActivation = "linear"

    title: ClassVar[str] = "Dense"
    keras_arguments: ClassVar[tuple[str, ...] | None] = ("units", "activation", "use_bias")

    def label(self) -> str:
        return f"Dense {self.units}"

    def output_shape(self, shape: Shape) -> Shape:
        if not shape:
            raise ShapeError(f"{self.label()} needs at least one feature.")
        _size_from(shape, self.label())
        return (*shape[:-1], self.units)

    def weight_count(self, shape: Shape) -> int:
        return self.units * ((shape[-1] or 0) + 1)

    def output_range(self, given: Range) -> Range:
        return _RANGES.get(self.activation, UNBOUNDED)

    def keras_call(self, shape: Shape) -> KerasCall:
        arguments: dict[str, Any] = {"units": self.units}
        if self.activation != "linear":
            arguments["activation"] = self.activation
        return KerasCall("Dense", arguments)


class Dropout(Layer, frozen=True, tag="dropout"):
    """Switches off a random share of its input while training, nothing afterwards."""

    rate: Rate = 0.2

    title: ClassVar[str] = "Dropout"
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

    title: ClassVar[str] = "Conv1D"
    keras_arguments: ClassVar[tuple[str, ...] | None] = ("filters", "kernel_size", "strides", "padding")
    keras_defaults: ClassVar[dict[str, Any]] = {"padding": "valid", "activation": "linear"}
    group: ClassVar[str] = "Convolution"

    def label(self) -> str:
        return f"Conv1D {self.filters} × {self.kernel_size}"

    def output_shape(self, shape: Shape) -> Shape:
        time, _ = expect_sequence(shape, self.label())
        fits = set_here(f"Use a kernel of {time} on layer {{n}}", kernel_size=time)
        return (_slid(time, self.kernel_size, self.strides, self.padding, self.label(), fits), self.filters)

    def weight_count(self, shape: Shape) -> int:
        return self.filters * (self.kernel_size * (shape[-1] or 0) + 1)

    def output_range(self, given: Range) -> Range:
        return _RANGES.get(self.activation, UNBOUNDED)

    def keras_call(self, shape: Shape) -> KerasCall:
        arguments: dict[str, Any] = {"filters": self.filters, "kernel_size": self.kernel_size}
        if self.strides != 1:
            arguments["strides"] = self.strides
        if self.padding != "valid":
            arguments["padding"] = self.padding
        if self.activation != "linear":
            arguments["activation"] = self.activation
        return KerasCall("Conv1D", arguments)


class MaxPooling1D(Layer, frozen=True, tag="max_pooling1d"):
    """Keeps the largest value of every ``pool_size`` neighbouring steps."""

    pool_size: Annotated[
        int, Meta(ge=1, le=4096, title="Pool size", description="Steps that become one.")
    ] = 2

    title: ClassVar[str] = "MaxPooling1D"
    keras_arguments: ClassVar[tuple[str, ...] | None] = ("pool_size", "strides", "padding")
    group: ClassVar[str] = "Convolution"

    def label(self) -> str:
        return f"MaxPooling1D {self.pool_size}"

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 2:
            expect_sequence(shape, self.label())
        time, features = shape
        fits = set_here(f"Use a pool of {time} on layer {{n}}", pool_size=time)
        return (_slid(time, self.pool_size, self.pool_size, "valid", self.label(), fits), features)

    def keras_call(self, shape: Shape) -> KerasCall:
        return KerasCall("MaxPooling1D", {"pool_size": self.pool_size})


def _slid(time: int | None, size: int, stride: int, padding: str, name: str, fits: Remedy) -> int | None:
    if time is None:
        return None
    if padding != "valid":
        return -(-time // stride)
    if size > time:
        raise ShapeError(f"{name} spans {size} steps, but only {time} arrive.", fits, remove_here)
    return (time - size) // stride + 1


class Flatten(Layer, frozen=True, tag="flatten"):
    """Lays all steps and features side by side as one vector."""

    title: ClassVar[str] = "Flatten"
    keras_arguments: ClassVar[tuple[str, ...] | None] = ("data_format",)
    group: ClassVar[str] = "Shape"

    def output_shape(self, shape: Shape) -> Shape:
        sizes = [size for size in shape if size is not None]
        if len(sizes) < len(shape):
            raise ShapeError(
                "Flatten must know the length of the window, but the input leaves it open: "
                "the layer after it could not count its weights.",
                remove_here,
            )
        return (math.prod(sizes),)

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


AnyLayer = SimpleRNN | LSTM | GRU | Dense | Dropout | Conv1D | MaxPooling1D | Flatten | ExpandDims | Scale
KINDS: tuple[type[Layer], ...] = AnyLayer.__args__
Stack = tuple[AnyLayer, ...]
