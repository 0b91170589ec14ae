"""One run as the command line orders it from the engine and keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.past import Past
from tsrnn_gui.core.runs import Epoch
from tsrnn_gui.core.series import Series
from tsrnn_gui.files.project_file import ProjectFile
from tsrnn_gui.wire.messages import Data, Forecast, Train


@dataclass(frozen=True)
class Job:
    """Train ``experiment`` on ``series``, from the state ``resume`` where one is given.

    With the weights that Keras ``saved`` with a model, forecast with them instead.

    A run that leaves its ``parent`` takes the epochs ``before`` over from it; one that is ``known`` to
    the project goes on under its own name.
    """

    series: Series
    experiment: Experiment
    future_steps: int
    run: str = field(default_factory=lambda: uuid4().hex)
    resume: bytes = b""
    past: Past | None = None
    parent: str = ""
    before: tuple[Epoch, ...] = ()
    known: bool = False
    saved: bytes = b""

    def request(self) -> Train | Forecast:
        """Give what the engine is asked."""
        data = Data.read_by(self.experiment, self.series)
        if self.saved:
            return Forecast(
                self.run,
                experiment=self.experiment,
                data=data,
                saved=self.saved,
                future_steps=self.future_steps,
            )
        return Train(
            self.run,
            experiment=self.experiment,
            data=data,
            future_steps=self.future_steps,
            resume=self.resume,
            past=self.past,
        )

    def begin_in(self, file: ProjectFile) -> None:
        """Write down that the run begins, or goes on."""
        if self.known:
            file.take_up_run(self.run)
            return
        file.begin_run(self.run, self.experiment, self.series, self.parent, self.past, self.before)
