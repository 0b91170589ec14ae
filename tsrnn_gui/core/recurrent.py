"""Recurrent layers: read the window step by step and carry a state."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from tsrnn_gui.core.layer_base import (
    RANGES,
    UNBOUNDED,
    Bidirectional,
    CellActivation,
    KerasCall,
    Layer,
    Rate,
    ReturnSequences,
    Units,
    expand_last_axis,
    expect_sequence,
)
from tsrnn_gui.core.shapes import Range, Shape, ShapeError, described

MergeMode = Annotated[
    Literal["concat", "sum", "mul", "ave"],
    Meta(
        title="Merge",
        description="How the two directions become one output: side by side, sum, product or mean.",
        extra={"needs": "bidirectional"},
    ),
]


class _Recurrent(Layer, frozen=True):
    """Reads (batch, time, features) step by step, carrying a state of ``units`` numbers."""

    units: Units = 32
    return_sequences: ReturnSequences = False
    bidirectional: Bidirectional = False
    activation: CellActivation = "tanh"
    dropout: Rate = 0.0
    merge_mode: MergeMode = "concat"

    group: ClassVar[str] = "Recurrent"
    keras_arguments: ClassVar[tuple[str, ...] | None] = ("units", "activation")
    masking: ClassVar[bool] = True
    gates: ClassVar[int]
    biases: ClassVar[int] = 1
    bounded_gate: ClassVar[bool] = False

    def __post_init__(self) -> None:
        """One direction has nothing to merge, so that equal layers are equal values."""
        if not self.bidirectional and self.merge_mode != "concat":
            msgspec.structs.force_setattr(self, "merge_mode", "concat")

    def label(self) -> str:
        name = f"{self.title} {self.units}"
        merged = "" if self.merge_mode == "concat" else f" ({self.merge_mode})"
        return f"Bidirectional {name}{merged}" if self.bidirectional else name

    def output_shape(self, shape: Shape) -> Shape:
        time, _ = expect_sequence(shape, self.label())
        width = self.units * (2 if self.bidirectional and self.merge_mode == "concat" else 1)
        return (time, width) if self.return_sequences else (width,)

    def masks(self, masked: bool) -> bool:
        return masked and self.return_sequences

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
            expand_last_axis,
        )

    def output_range(self, given: Range) -> Range:
        """A gate between 0 and 1 multiplies an LSTM's output, so zero is always in reach."""
        low, high = RANGES.get(self.activation, UNBOUNDED)
        low, high = (min(low, 0.0), max(high, 0.0)) if self.bounded_gate else (low, high)
        match self.merge_mode:
            case "sum":
                return 2 * low, 2 * high
            case "mul":
                ends = [a * b if a and b else 0.0 for a, b in ((low, low), (low, high), (high, high))]
                return min(ends), max(ends)
        return low, high

    def keras_call(self, shape: Shape) -> KerasCall:
        arguments: dict[str, Any] = {"units": self.units}
        if self.activation != "tanh":
            arguments["activation"] = self.activation
        if self.return_sequences:
            arguments["return_sequences"] = True
        if self.dropout:
            arguments["dropout"] = self.dropout
        call = KerasCall(self.title, arguments)
        if not self.bidirectional:
            return call
        merged = {} if self.merge_mode == "concat" else {"merge_mode": self.merge_mode}
        return KerasCall("Bidirectional", {"layer": call, **merged})


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
