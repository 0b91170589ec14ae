"""What the engine can be asked: train, forecast, export, describe."""

from __future__ import annotations

import gc
from copy import copy
from typing import Literal

import numpy as np
import tensorflow as tf

from tsrnn_gui.core.experiment import Experiment, input_shape
from tsrnn_gui.core.past import Stretch
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.shapes import ShapeError
from tsrnn_gui.core.windows import Prepared, prepare
from tsrnn_gui.engine import state as states
from tsrnn_gui.engine.batch_sweep import BatchSweep
from tsrnn_gui.engine.build import stacked, window_shape
from tsrnn_gui.engine.data import Resident, laid_down
from tsrnn_gui.engine.estimating import seconds_an_epoch
from tsrnn_gui.engine.exporting import exported
from tsrnn_gui.engine.forecast import forecast_made
from tsrnn_gui.engine.programs import Programs, Shelf
from tsrnn_gui.engine.reporter import Reporter
from tsrnn_gui.engine.retracing import branch, course_of, under
from tsrnn_gui.engine.saved_weights import put_saved
from tsrnn_gui.engine.state import State
from tsrnn_gui.engine.steering import Emit, Steering
from tsrnn_gui.engine.training import Training
from tsrnn_gui.engine.validation import Validation
from tsrnn_gui.wire.messages import (
    Checkpoint,
    Data,
    Describe,
    Described,
    Estimate,
    Estimated,
    Export,
    Finished,
    Forecast,
    Request,
    Train,
)

# Below this many (epochs × steps × window) compiling costs more time than it saves: measured break-even
# at 2,800 … 7,000 for the lesson's stacks and a GRU. Counted, not timed, so that it never differs.
COMPILE_FROM = 5_000


class Service:
    """Answers requests one after the other; between them only compiled programs are kept."""

    def __init__(self, emit: Emit, steering: Steering, compile_from: int = COMPILE_FROM) -> None:
        self._emit = emit
        self._steering = steering
        self.compile_from = compile_from
        self._shelf = Shelf()

    def warm_up(self) -> None:
        """Compile something tiny, so that the first run does not wait for the compiler to load."""
        tf.function(lambda x: x + 1.0, jit_compile=True, autograph=False)(tf.constant(1.0))

    def serve(self, request: Request) -> None:
        """Answer ``request``; raises whatever went wrong."""
        match request:
            case Train(every_batch=True):
                self._sweep(request)
            case Train():
                self._train(request)
            case Forecast():
                self._forecast(request)
            case Export():
                self._export(request)
            case Describe():
                self._emit(described(request))
            case Estimate():
                self._estimate(request)
        gc.collect()

    def _train(self, request: Train) -> None:
        prepared, resident = _laid_down(request.data, request.experiment)
        course = course_of(request)
        state = states.read(request.resume) if request.resume else State()
        state.compiled = state.compiled if request.resume else self._pays(course[0], prepared)
        ahead = [place for place, stretch in enumerate(course[:-1]) if stretch.until > state.epochs_done]
        for place in (*ahead, len(course) - 1):
            left, stretch = copy(state), course[place]
            leaving = place > 0 and state.epochs_done == course[place - 1].until
            if leaving:
                branch(state, course[place - 1], stretch, self._pays(stretch, prepared))
            training = self._training(under(request, stretch), prepared, resident, state, stretch)
            if place in ahead[:1] or not ahead:
                training.tell_start()
            if place in ahead:
                if not training.retrace():
                    return
                continue
            if leaving and not left.step:  # as the parent was, for whoever leaves there as well
                Reporter(request.run, self._emit).checkpoint(left, always=True)
            training.run()

    def _estimate(self, request: Estimate) -> None:
        prepared, resident = _laid_down(request.data, request.experiment)
        plan = request.experiment.plan
        state = State(compiled=self._pays(Stretch(plan, plan.epochs), prepared))
        programs = self._programs(request.experiment, prepared, state)
        stopped = lambda: self._steering.stopped(request.run)  # noqa: E731
        seconds = seconds_an_epoch(programs, prepared, resident, plan, stopped)
        self._emit(Estimated(request.run, seconds_an_epoch=seconds))

    def _sweep(self, request: Train) -> None:
        """One step a rate is soon done: what compiling costs is saved by long sweeps only."""
        prepared, resident = _laid_down(request.data, request.experiment)
        compiled = request.experiment.plan.epochs * prepared.window >= self.compile_from
        programs = self._programs(request.experiment, prepared, State(compiled=compiled))
        BatchSweep(request, prepared, resident, programs, self._emit, self._steering).run()

    def _training(
        self, request: Train, prepared: Prepared, resident: Resident, state: State, stretch: Stretch
    ) -> Training:
        programs = self._programs(request.experiment, prepared, state)
        if state.variables:
            states.restore(programs, state)
        return Training(request, prepared, resident, programs, state, self._emit, self._steering, stretch)

    def _forecast(self, request: Forecast) -> None:
        prepared, resident = _laid_down(request.data, request.experiment)
        state = State(compiled=False) if request.saved else states.read(request.state)
        programs = self._programs(request.experiment, prepared, state)
        if request.saved:
            self._take_over(request, programs, state)
        epoch = states.keep(programs, state, request.experiment.plan.keep_best)
        validation = Validation(programs, prepared, resident)
        stopped = lambda: self._steering.stopped(request.run)  # noqa: E731
        made = forecast_made(request, epoch, programs, prepared, validation, stopped)
        if made is not None:
            self._emit(made)
        reason: Literal["completed", "stopped"] = "stopped" if made is None else "completed"
        self._emit(Finished(request.run, reason=reason, epochs_done=0, best_epoch=None))

    def _take_over(self, request: Forecast, programs: Programs, state: State) -> None:
        """Make the weights of a saved model those of ``state``, and tell it."""
        experiment = request.experiment
        put_saved(programs.model, experiment.stack, window_shape(experiment), request.saved)
        states.take(state, programs)
        self._emit(Checkpoint(request.run, epoch=-1, best=True, state=states.written(state)))

    def _export(self, request: Export) -> None:
        prepared, resident = _laid_down(request.data, request.experiment)
        state = states.read(request.state)
        programs = self._programs(request.experiment, prepared, state)
        states.keep(programs, state, request.experiment.plan.keep_best)
        if not len(prepared.validation):
            raise TsrnnError(
                "The validation part has no window to try an exported network on.", hint="Move the split."
            )
        validated = Validation(programs, prepared, resident).run()
        assert validated is not None
        self._emit(exported(request, programs.model.get_weights(), prepared, validated.outputs))

    def _pays(self, stretch: Stretch, prepared: Prepared) -> bool:
        """A resumed run stays with what it began with, so that its numbers go on alike."""
        plan = stretch.plan
        steps = plan.epochs * -(-len(prepared.training) // plan.batch)
        return steps * prepared.window >= self.compile_from

    def _programs(self, experiment: Experiment, prepared: Prepared, state: State) -> Programs:
        windows = len(prepared.training)
        return self._shelf.programs(experiment, prepared.level_steps, state.compiled, windows)


def _laid_down(data: Data, experiment: Experiment) -> tuple[Prepared, Resident]:
    """Prepare the series and keep it in one place only: whoever is asked next reads it there."""
    values = data.values.unpacked()
    if values.ndim != 2 or values.shape[1] != len(data.columns):
        raise TsrnnError("The series does not have the columns that were named.")
    floats = np.asarray(values, dtype=np.float64)
    return laid_down(prepare(floats, data.columns, experiment.windowing))


def described(request: Describe) -> Described:
    """Give the shapes and weights that Keras itself finds, or its error."""
    try:
        model = stacked(request.experiment.stack, input_shape(request.experiment.windowing))
    except (ShapeError, ValueError, TypeError) as error:
        return Described(request.run, error=str(error))
    return Described(
        request.run,
        shapes=tuple(tuple(layer.output.shape[1:]) for layer in model.layers),
        weights=tuple(layer.count_params() for layer in model.layers),
    )
