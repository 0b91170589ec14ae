"""Everything the window and the engine say to each other, as one typed union each way."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.explosions import Explosion
from tsrnn_gui.core.past import Past
from tsrnn_gui.core.series import Series


class Array(msgspec.Struct, frozen=True):
    """A numpy array on the wire: dtype name, shape and C-ordered bytes, read in place from its frame."""

    dtype: Literal["float32", "float64", "int32", "int64", "bool"]
    shape: tuple[int, ...]
    data: memoryview

    @classmethod
    def of(cls, values: NDArray[np.generic]) -> Array:
        """Pack ``values``."""
        return cls(values.dtype.name, values.shape, memoryview(np.ascontiguousarray(values).tobytes()))  # type: ignore[arg-type]

    def unpacked(self) -> NDArray[np.generic]:
        """Give the values back, read-only. Raises ValueError if size and bytes disagree."""
        return np.frombuffer(self.data, dtype=self.dtype).reshape(self.shape)


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """Something said; ``run`` names the run it belongs to, empty for none."""

    run: str = ""


# ---- requests


class Data(msgspec.Struct, frozen=True):
    """The series as it lies in memory: float64 (rows, columns), NaN for missing."""

    values: Array
    columns: tuple[str, ...]

    @classmethod
    def read_by(cls, experiment: Experiment, series: Series) -> Data:
        """Pack the columns that ``experiment`` reads; copies them, so not for the window's thread."""
        wanted = {*experiment.windowing.inputs, *experiment.windowing.targets}
        places = [place for place, name in enumerate(series.columns) if name in wanted]
        return cls(Array.of(series.values[:, places]), tuple(series.columns[place] for place in places))


class Train(Message, frozen=True, tag="train", kw_only=True):
    """Train ``experiment`` on ``data``.

    ``resume`` continues from a checkpoint's state. ``past`` says by which plans the epochs before this
    plan's own are trained: those that come after ``resume`` are trained again, and told of by Progress
    alone. With ``future_steps`` > 0 the run ends with a forecast that far beyond the data.

    With ``every_batch`` the plan's epochs are single batches in their usual order, each told with its loss
    alone: nothing is validated, kept or forecast.
    """

    experiment: Experiment
    data: Data
    future_steps: int = 0
    resume: bytes = b""
    past: Past | None = None
    every_batch: bool = False


class Forecast(Message, frozen=True, tag="forecast", kw_only=True):
    """Forecast with the weights of a checkpoint's state, without training.

    Or with those that Keras ``saved`` with a model, an HDF5 file: Checkpoint then tells them as a state.
    """

    experiment: Experiment
    data: Data
    state: bytes = b""
    future_steps: int = 0
    saved: bytes = b""


class Export(Message, frozen=True, tag="export", kw_only=True):
    """Write the network with the weights of a checkpoint's state in the form called ``format``.

    ``core.model_formats`` lists the forms. The answer is Exported, or Failed where there is no such file.
    """

    experiment: Experiment
    data: Data
    state: bytes
    format: str


class Describe(Message, frozen=True, tag="describe", kw_only=True):
    """Ask what Keras itself makes of a stack: shapes and weights (tests, diagnostics)."""

    experiment: Experiment


class Estimate(Message, frozen=True, tag="estimate", kw_only=True):
    """Make the programs of ``experiment`` ready and take a few steps, to say how long an epoch will take.

    Whoever trains the same design next need not wait for the compiler again.
    """

    experiment: Experiment
    data: Data


class Stop(Message, frozen=True, tag="stop"):
    """Stop the run after the present chunk and keep what was learned."""


class Pause(Message, frozen=True, tag="pause"):
    """Hold the run after the present chunk until Continue or Stop."""


class Continue(Message, frozen=True, tag="continue"):
    """Go on after a pause."""


Request = Train | Forecast | Export | Describe | Estimate | Stop | Pause | Continue


# ---- events


class Ready(Message, frozen=True, tag="ready", kw_only=True):
    """The engine is warm and waits for a request."""

    tensorflow: str
    keras: str
    cores: int
    pid: int


class Started(Message, frozen=True, tag="started", kw_only=True):
    """The model is built; ``compiled`` says whether training runs as one compiled program."""

    weights: int
    steps_per_epoch: int
    training_windows: int
    validation_windows: int
    first_epoch: int = 0
    compiled: bool = True


class Progress(Message, frozen=True, tag="progress", kw_only=True):
    """Where the run stands inside an epoch (from 0) or while compiling (``step`` 0).

    ``towards`` is given while epochs are trained again: as many as will then have been.
    """

    epoch: int
    step: int
    steps: int
    towards: int | None = None


class EpochEnded(Message, frozen=True, tag="epoch", kw_only=True):
    """One epoch's numbers: losses on the network's scale, MAE in the series' units (mean over targets).

    For sequence targets the loss is over all steps, the MAE is of the last step's forecast.
    ``learning_rate`` is the rate this epoch used. ``best`` says that it is the best epoch so far.
    Numbers that are not finite are None.
    """

    epoch: int
    loss: float | None
    mae: float | None
    val_loss: float | None
    val_mae: float | None
    learning_rate: float
    seconds: float
    best: bool = False


class ValidationForecast(Message, frozen=True, tag="validation", kw_only=True):
    """One-step forecasts of the validation part after ``epoch``, in units: float64 (windows, targets)."""

    epoch: int
    values: Array


class Checkpoint(Message, frozen=True, tag="checkpoint", kw_only=True):
    """All that is needed to go on after ``epoch`` and ``step`` steps of the next (msgpack).

    That is weights, optimizer, random states and what the rules remember.
    """

    epoch: int
    best: bool
    state: bytes
    step: int = 0


class ForecastMade(Message, frozen=True, tag="forecast_made", kw_only=True):
    """Forecasts in the series' units by the weights that were kept.

    ``origins`` int64 (windows,) are the rows that the first forecast step stands for; ``validation``
    float64 (windows, horizon, targets); ``future`` float64 (steps, targets), ``recursive`` where
    forecasts were fed back in; ``future_limit`` says why fewer steps than asked for were made.
    """

    epoch: int
    origins: Array
    validation: Array
    future: Array
    recursive: bool = False
    future_limit: str = ""


class Exported(Message, frozen=True, tag="exported", kw_only=True):
    """A network's files, by what their names end in, the first the network itself.

    They were opened again and run on ``windows`` windows of the validation part: what came out differs from
    the engine's own outputs by ``difference`` of the largest of them at most.
    """

    files: dict[str, bytes]
    difference: float
    windows: int

    @property
    def sentence(self) -> str:
        """Say how it was tried."""
        return (
            f"Opened again on {self.windows:,} windows: differs by {self.difference:.0e} at most."
            if self.difference
            else f"Opened again on {self.windows:,} windows: no difference."
        )


class Described(Message, frozen=True, tag="described", kw_only=True):
    """Keras's own shapes (without batch) and weights a layer, or the error it raised."""

    shapes: tuple[tuple[int | None, ...], ...] = ()
    weights: tuple[int, ...] = ()
    error: str = ""


class Estimated(Message, frozen=True, tag="estimated", kw_only=True):
    """Seconds an epoch takes once everything is ready, validation included; None when it was stopped."""

    seconds_an_epoch: float | None = None


class Finished(Message, frozen=True, tag="finished", kw_only=True):
    """The run is over. ``exploded`` kept the last good weights; ForecastMade tells whose weights stay.

    A run that was stopped before its first step sends no ForecastMade, and no Checkpoint but that of the
    epoch where it left another plan. One that was stopped where forecasting the validation part would have
    kept it for long sends no ForecastMade either, nor one whose steps were given up to stop in time:
    ``engine_ends`` then, and another has to be started.
    ``memory_bytes`` is what the engine holds now (0 where unknown), so that it can be replaced in time.
    """

    reason: Literal["completed", "stopped", "early", "exploded"]
    epochs_done: int
    best_epoch: int | None
    advice: str = ""
    explosion: Explosion | None = None
    memory_bytes: int = 0
    engine_ends: bool = False


class Failed(Message, frozen=True, tag="failed", kw_only=True):
    """The request could not be carried out; the engine serves on unless it is gone."""

    text: str
    hint: str = ""
    details: str = ""
    engine_gone: bool = False


Event = (
    Ready
    | Started
    | Progress
    | EpochEnded
    | ValidationForecast
    | Checkpoint
    | ForecastMade
    | Exported
    | Described
    | Estimated
    | Finished
    | Failed
)
ENDINGS = (Finished, Failed, Exported, Described, Estimated)

_encoder = msgspec.msgpack.Encoder()
_requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_events: msgspec.msgpack.Decoder[Event] = msgspec.msgpack.Decoder(Event)


def encoded(message: Request | Event) -> bytes:
    """Write ``message`` as msgpack."""
    return _encoder.encode(message)


def decoded_request(data: bytes | bytearray) -> Request:
    """Read a request. Raises msgspec.DecodeError or msgspec.ValidationError."""
    return _requests.decode(data)


def decoded_event(data: bytes | bytearray) -> Event:
    """Read an event. Raises msgspec.DecodeError or msgspec.ValidationError."""
    return _events.decode(data)
