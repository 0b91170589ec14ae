"""What is asked of the engine for one run, before it is put into bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.past import Past
from tsrnn_gui.core.runs import Epoch
from tsrnn_gui.core.series import Series
from tsrnn_gui.wire.messages import Data, Forecast, Train


@dataclass(frozen=True)
class Order:
    """Train ``experiment`` on ``series``; with a checkpoint's ``state``, forecast with it instead.

    So too with the weights that Keras ``saved`` with a model, which makes a run of its own.

    ``resume`` is a checkpoint's state to train on from, ``past`` what came before the experiment's own
    plan. A run that leaves its ``parent`` takes the epochs ``before`` over from it.
    With ``every_batch`` each batch is an epoch, for a range test.
    """

    series: Series
    experiment: Experiment
    future_steps: int = 0
    state: bytes = b""
    run: str = field(default_factory=lambda: uuid4().hex)
    resume: bytes = b""
    past: Past | None = None
    parent: str = ""
    before: tuple[Epoch, ...] = ()
    every_batch: bool = False
    saved: bytes = b""

    @property
    def trains(self) -> bool:
        """Whether weights are to be learned rather than used."""
        return not (self.state or self.saved)

    @property
    def makes_run(self) -> bool:
        """Whether a run comes of it that is kept, rather than another forecast of one that is there."""
        return not self.state

    def request(self) -> Train | Forecast:
        """Pack what the engine is asked; copies the series, so not for the window's thread."""
        data = Data.read_by(self.experiment, self.series)
        if self.trains:
            return Train(
                self.run,
                experiment=self.experiment,
                data=data,
                future_steps=self.future_steps,
                resume=self.resume,
                past=self.past,
                every_batch=self.every_batch,
            )
        return Forecast(
            self.run,
            experiment=self.experiment,
            data=data,
            state=self.state,
            saved=self.saved,
            future_steps=self.future_steps,
        )
