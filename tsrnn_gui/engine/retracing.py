"""Going back: epochs of other plans are trained again without a word, up to where a run's own plan begins."""

from __future__ import annotations

import msgspec

from tsrnn_gui.core.past import Stretch
from tsrnn_gui.core.windows import Floats
from tsrnn_gui.engine.reporter import Reporter
from tsrnn_gui.engine.state import State
from tsrnn_gui.engine.steering import Emit
from tsrnn_gui.engine.validation import Validated, Validation
from tsrnn_gui.wire.messages import Progress, Train


class Retracing(Reporter):
    """Tells only how far a run has come on its way to ``towards`` epochs: the rest was told before."""

    def __init__(self, run: str, emit: Emit, towards: int) -> None:
        super().__init__(run, emit)
        self._towards = towards

    def progress(self, epoch: int, step: int, steps: int) -> None:
        """Say where the run stands."""
        if self._progress.open:
            event = Progress(self._run, epoch=epoch, step=step, steps=steps, towards=self._towards)
            self._progress.took(lambda: self._emit(event))

    def epoch_ended(
        self,
        epoch: int,
        loss: float,
        mae: float,
        validated: Validated,
        rate: float,
        seconds: float,
        best: bool,
    ) -> None:
        """These numbers are known."""

    def validated(self, epoch: int, validation: Validation, outputs: Floats) -> None:
        """This forecast is of no use any more."""

    def checkpoint(self, state: State, always: bool = False) -> None:
        """The parent has kept what it wanted to keep."""


def course_of(request: Train) -> tuple[Stretch, ...]:
    """Give everything the run is trained by, from its very start to the end of its own plan."""
    plan, past = request.experiment.plan, request.past
    if past is None:
        return (Stretch(plan, plan.epochs),)
    return (*past.stretches, Stretch(plan, plan.epochs, past.origin))


def under(request: Train, stretch: Stretch) -> Train:
    """Give ``request`` with the plan of ``stretch``."""
    experiment = msgspec.structs.replace(request.experiment, plan=stretch.plan)
    return msgspec.structs.replace(request, experiment=experiment)


def branch(state: State, before: Stretch, after: Stretch, worth_compiling: bool) -> None:
    """Let ``state`` leave one plan for another; what was learned stays. Twice is as good as once.

    A schedule that is counted anew forgets what it has reduced, another loss knows no best epoch, and
    who goes on after an early stop has patience again. More epochs alone change nothing.
    """
    old, new = before.plan, after.plan
    same = msgspec.structs.replace(old, epochs=new.epochs) == new and before.origin == after.origin
    if not same or (old.patience is not None and state.stale >= old.patience):
        state.stale = 0
    if not same:
        state.compiled = state.compiled or worth_compiling
    if (old.learning_rate, old.schedule, before.origin) != (new.learning_rate, new.schedule, after.origin):
        state.start_rate, state.plateau_loss, state.plateau_stale = 0.0, None, 0
    if old.loss != new.loss:
        state.best_epoch = state.best_loss = state.plateau_loss = None
        state.best_variables = ()
