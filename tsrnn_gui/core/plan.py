"""How a stack is trained: loss, optimizer, rate, epochs, stopping and seed."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from tsrnn_gui.core.layers import KerasCall
from tsrnn_gui.core.schedules import AnySchedule, Constant

Loss = Literal["huber", "mse", "mae"]
LOSSES: dict[str, KerasCall] = {
    "huber": KerasCall("Huber", {}),
    "mse": KerasCall("MeanSquaredError", {}),
    "mae": KerasCall("MeanAbsoluteError", {}),
}


class Optimizer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """A rule that turns gradients into steps of the weights."""

    title: ClassVar[str]

    def keras_call(self, learning_rate: float, clip_norm: float | None) -> KerasCall:
        """Give the Keras optimizer with this rate, clipping the norm of all gradients together."""
        arguments: dict[str, Any] = {"learning_rate": learning_rate, **msgspec.structs.asdict(self)}
        if clip_norm is not None:
            arguments["global_clipnorm"] = clip_norm
        return KerasCall(self.title, arguments)


class SGD(Optimizer, frozen=True, tag="sgd"):
    """Stochastic gradient descent, as the lesson trains."""

    momentum: Annotated[
        float, Meta(ge=0.0, lt=1.0, title="Momentum", description="Share of the last step kept in the next.")
    ] = 0.9
    nesterov: Annotated[
        bool, Meta(title="Nesterov", description="Look at the gradient where the momentum leads.")
    ] = False

    title: ClassVar[str] = "SGD"


class Adam(Optimizer, frozen=True, tag="adam"):
    """Steps scaled by running means of gradient and squared gradient (Kingma & Ba 2015)."""

    title: ClassVar[str] = "Adam"


class RMSprop(Optimizer, frozen=True, tag="rmsprop"):
    """Steps scaled by a running mean of the squared gradient (Tieleman & Hinton 2012)."""

    title: ClassVar[str] = "RMSprop"


AnyOptimizer = SGD | Adam | RMSprop
OPTIMIZERS: tuple[type[Optimizer], ...] = AnyOptimizer.__args__


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One training run's settings; two runs with equal plans and seeds give equal numbers."""

    epochs: Annotated[
        int, Meta(ge=1, le=1_000_000, title="Epochs", description="Times every training window is seen.")
    ] = 40
    batch: Annotated[
        int, Meta(ge=1, le=1_000_000, title="Batch", description="Windows that one step learns from.")
    ] = 32
    loss: Annotated[Loss, Meta(title="Loss", description="What training makes small.")] = "mae"
    optimizer: AnyOptimizer = Adam()
    learning_rate: Annotated[
        float, Meta(gt=0.0, le=100.0, title="Learning rate", description="Size of the optimizer's steps.")
    ] = 3e-3
    schedule: AnySchedule = Constant()
    shuffle: Annotated[
        bool, Meta(title="Shuffle", description="Show the windows in a new order each epoch.")
    ] = True
    clip_norm: Annotated[
        Annotated[float, Meta(gt=0.0, le=1e6)] | None,
        Meta(title="Clip gradient norm", description="Longest step's gradient, all weights together."),
    ] = None
    patience: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)] | None,
        Meta(title="Stop early after", description="Epochs without a better validation loss; off to never."),
    ] = None
    give_up_after: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)] | None,
        Meta(title="Give up after", description="Epochs with a loss above 4 times its best; off to never."),
    ] = 5
    keep_best: Annotated[
        bool, Meta(title="Keep the best epoch", description="End with the weights of the best epoch.")
    ] = True
    seed: Annotated[
        int, Meta(ge=0, le=2_147_483_647, title="Seed", description="Fixes every random choice of the run.")
    ] = 42
