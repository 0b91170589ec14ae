"""How the learning rate moves from epoch to epoch."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """A rule that gives each epoch its learning rate, counted from epoch 0."""

    title: ClassVar[str]
    adaptive: ClassVar[bool] = False

    def rate(self, start: float, epoch: int, epochs: int) -> float:
        """Give the rate of ``epoch`` (from 0) of ``epochs`` when the plan's rate is ``start``."""
        return start


class Constant(Schedule, frozen=True, tag="constant"):
    """The same rate throughout."""

    title: ClassVar[str] = "Constant"


class Exponential(Schedule, frozen=True, tag="exponential"):
    """``start · 10^(epoch / epochs_per_decade)``: the lesson's learning-rate sweep."""

    epochs_per_decade: Annotated[
        float,
        Meta(title="Epochs a decade", description="Epochs for a tenfold change; negative numbers lower it."),
    ] = 20.0

    title: ClassVar[str] = "Exponential"

    def rate(self, start: float, epoch: int, epochs: int) -> float:
        exponent = epoch / self.epochs_per_decade if self.epochs_per_decade else 0.0
        return float(start * 10.0 ** min(exponent, 300.0))


class Cosine(Schedule, frozen=True, tag="cosine"):
    """Half a cosine from the start down to ``floor`` × start (Loshchilov & Hutter 2017, no restarts)."""

    floor: Annotated[
        float, Meta(ge=0.0, le=1.0, title="Floor", description="Share of the rate left at the last epoch.")
    ] = 0.0

    title: ClassVar[str] = "Cosine"

    def rate(self, start: float, epoch: int, epochs: int) -> float:
        share = 0.5 * (1.0 + math.cos(math.pi * min(epoch / max(epochs, 1), 1.0)))
        return start * (self.floor + (1.0 - self.floor) * share)


class ReduceOnPlateau(Schedule, frozen=True, tag="plateau"):
    """Multiplies the rate by ``factor`` after ``patience`` epochs without a better validation loss."""

    factor: Annotated[
        float, Meta(gt=0.0, lt=1.0, title="Factor", description="What the rate is multiplied by.")
    ] = 0.5
    patience: Annotated[
        int, Meta(ge=1, le=100_000, title="Patience", description="Epochs to wait for a better loss.")
    ] = 5
    min_rate: Annotated[
        float, Meta(ge=0.0, le=10.0, title="Smallest rate", description="The rate is never lowered below.")
    ] = 0.0

    title: ClassVar[str] = "Reduce on plateau"
    adaptive: ClassVar[bool] = True


AnySchedule = Constant | Exponential | Cosine | ReduceOnPlateau
SCHEDULES: tuple[type[Schedule], ...] = AnySchedule.__args__
