"""A training run: chunks of steps, epochs, and the rules between them."""

from __future__ import annotations

import math
import time
from concurrent.futures import Future, wait
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np

from tsrnn_gui.core.explosions import Explosion, explosion_problem
from tsrnn_gui.core.past import Stretch
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.windows import Floats, Prepared
from tsrnn_gui.engine import state as states
from tsrnn_gui.engine.blasts import Blast, examined
from tsrnn_gui.engine.chunks import Chunks
from tsrnn_gui.engine.data import Resident, epoch_batches
from tsrnn_gui.engine.forecast import forecast_made
from tsrnn_gui.engine.memory import resident_bytes
from tsrnn_gui.engine.programs import Programs, Snapshot
from tsrnn_gui.engine.reporter import Reporter
from tsrnn_gui.engine.retracing import Retracing
from tsrnn_gui.engine.rules import diverged, improved, rate_of, reduce_on_plateau, stops_early
from tsrnn_gui.engine.state import State
from tsrnn_gui.engine.steering import Emit, Steering
from tsrnn_gui.engine.validation import Validated, Validation
from tsrnn_gui.wire.messages import Finished, Started, Train

Reason = Literal["completed", "stopped", "early", "exploded"]


@dataclass
class Place:
    """How far an epoch has come: steps taken, sums over their windows, seconds they took."""

    step: int = 0
    loss_sum: float = 0.0
    error_sum: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Trained:
    """An epoch whose steps are all taken, the ``last`` of them in one chunk, and which is being validated."""

    epoch: int
    rate: float
    place: Place
    snapshot: Snapshot
    judging: Future[Validated | None]
    last: Blast | None


class Training:
    """One run, from its request to its last event.

    A stop keeps the steps of the unfinished epoch, and its checkpoint goes on from there. Steps of large
    models may take long: those under way are given up then, which is the end of the engine. An
    explosion goes back to the end of the last epoch whose numbers were finite. A run that is stopped
    while it compiles has learned nothing: it leaves no checkpoint and no forecast.
    """

    def __init__(
        self,
        request: Train,
        prepared: Prepared,
        resident: Resident,
        programs: Programs,
        state: State,
        emit: Emit,
        steering: Steering,
        stretch: Stretch | None = None,
    ) -> None:
        if not len(prepared.training):
            raise TsrnnError("The training part has no window.", hint="Shorten the window or the horizon.")
        self._request = request
        self._plan = request.experiment.plan
        self._stretch = stretch or Stretch(self._plan, self._plan.epochs)
        self._branched_at = request.past.until if request.past is not None else 0
        self._prepared, self._resident = prepared, resident
        self._programs = programs
        self._state = state
        self._emit = emit
        self._steering = steering
        self._report = Reporter(request.run, emit)
        self._validation = Validation(programs, self._prepared, self._resident)
        self._count = len(prepared.training)
        self._steps = -(-self._count // self._plan.batch)
        self._chunks = Chunks()
        self._outputs: dict[int, Floats] = {}
        states.fit_to(state, self._count, self._plan.batch)
        self._place = Place(state.step, state.loss_sum, state.error_sum, state.seconds)
        self._snapshot = programs.snapshot()
        self._unjudged: Trained | None = None
        self._abandoned = False
        self._ahead: tuple[int, Any] | None = None
        self._blast: Blast | None = None
        self._explosion: Explosion | None = None

    def run(self) -> None:
        """Train and tell; the last event is Finished."""
        if not self._ready():
            self._end("stopped")
            return
        self._finish(self._epochs())

    def retrace(self) -> bool:
        """Train to the end of the stretch, telling of progress alone; False, and Finished, when stopped."""
        self._report = Retracing(self._request.run, self._emit, self._branched_at)
        ended = self._epochs() if self._ready() else "stopped"
        if ended == "exploded":
            raise TsrnnError(
                "Epochs that were trained before cannot be trained again: the loss grew beyond numbers.",
                hint="Begin a new run.",
            )
        if ended == "stopped":
            self._state.epochs_done = self._branched_at
            self._end(ended)
        return ended != "stopped"

    def tell_start(self) -> None:
        """Say that the run begins, before anything is compiled."""
        state = self._state
        self._emit(
            Started(
                self._request.run,
                weights=self._programs.model.count_params(),
                steps_per_epoch=self._steps,
                training_windows=self._count,
                validation_windows=len(self._prepared.validation),
                first_epoch=max(state.epochs_done, self._branched_at),
                compiled=state.compiled,
            )
        )

    def _ready(self) -> bool:
        """Compile; False when stopped meanwhile."""
        state = self._state
        self._report.progress(state.epochs_done, state.step, self._steps)
        states.take(state, self._programs)
        return self._programs.compile(self._try_nothing, self._validation.compile, self._stopped)

    def _stopped(self) -> bool:
        return self._steering.stopped(self._request.run)

    def _epochs(self) -> Reason:
        """Train epoch after epoch, each judged while the next is trained already."""
        epoch, ended = self._state.epochs_done, None
        while epoch < self._stretch.until and not ended:
            ended = self._epoch(epoch)
            epoch += 1
        return ended or self._settled() or "completed"

    def _epoch(self, epoch: int) -> Reason | None:
        """Train one epoch, or what is left of it; give a reason to end the run.

        What the plan does next may depend on how the last epoch is judged: then that is waited for.
        """
        if self._plan.schedule.adaptive:
            ended = self._settled()
            if ended:
                return ended
        rate = rate_of(epoch, self._plan, self._state, self._stretch.origin)
        ended = self._train(epoch, rate)
        if ended == "stopped":
            return self._stop_here()
        if ended:
            return self._settled() or ended
        ended = self._settled()
        if ended:
            return ended
        if epoch + 1 < self._stretch.until:  # before the validation wants the interpreter as well
            self._ahead = epoch + 1, self._batches(epoch + 1)
        self._unjudged, self._place = self._trained(epoch, rate), Place()
        return None

    def _train(self, epoch: int, rate: float) -> Reason | None:
        """Take the steps of ``epoch`` that are left, a chunk at a time."""
        place, run = self._place, self._request.run
        batches, self._ahead = self._batches(epoch), None
        while place.step < self._steps:
            ended = self._settled() if self._steering.paused(run) or self._is_judged() else None
            if ended:
                return ended
            self._steering.hold(run)
            if self._stopped():
                return "stopped"
            before = self._snapshot
            begun = time.perf_counter()
            stop = min(place.step + self._chunks.size, self._steps)
            chunk = partial(self._chunk, batches, rate, place.step, stop)
            taken = chunk() if self._chunks.soon_over else self._steering.unless_stopped(run, chunk)
            if taken is None:
                return "stopped"
            step, loss, error, self._snapshot = taken
            finite = self._snapshot.finite
            seconds = time.perf_counter() - begun
            self._blast = Blast(epoch, rate, before, batches, place.step, step, math.isfinite(loss))
            if not (finite and math.isfinite(loss)):
                return "exploded"
            self._chunks.took(step - place.step, seconds)
            place.step, place.loss_sum, place.error_sum = step, loss, error
            place.seconds += seconds
            self._report.progress(epoch, step, self._steps)
        return None

    def _batches(self, epoch: int) -> Any:
        if self._ahead is not None and self._ahead[0] == epoch:
            return self._ahead[1]
        plan = self._plan
        return epoch_batches(self._prepared.training, plan.batch, plan.seed, epoch, plan.shuffle)

    def _trained(self, epoch: int, rate: float) -> Trained:
        """Keep how ``epoch`` ended, and let it be validated."""
        judging = self._validation.begin(self._snapshot, lambda: self._abandoned)
        last, self._blast = self._blast, None
        return Trained(epoch, rate, self._place, self._snapshot, judging, last)

    def _is_judged(self) -> bool:
        return self._unjudged is not None and self._unjudged.judging.done()

    def _settled(self) -> Reason | None:
        """Wait until the last epoch is judged and close it; give a reason to end the run.

        A stop is patient for a moment. An epoch that is not judged by then is left with all its steps
        taken, and a checkpoint goes on by judging it.
        """
        trained = self._unjudged
        if trained is None:
            return None
        begun = time.perf_counter()
        while not wait((trained.judging,), timeout=0.02).done:
            self._abandoned = self._steering.impatient(self._request.run)
        validated = trained.judging.result()
        self._unjudged = None
        trained.place.seconds += time.perf_counter() - begun
        if validated is None:
            self._leave(trained.place, trained.snapshot)
            return "stopped"
        if not math.isfinite(validated.loss or 0.0):
            self._blast = trained.last
            self._explosion = Explosion("not_finite", trained.epoch, trained.rate)
            return "exploded"
        self._judge(trained, validated)
        if diverged(self._state, self._plan, trained.place.loss_sum / self._count):
            self._blast, self._explosion = None, Explosion("diverged", trained.epoch, trained.rate)
            return "exploded"
        return "early" if stops_early(self._state, trained.epoch, self._plan) else None

    def _stop_here(self) -> Reason:
        """Keep the steps of the epoch under way that were taken, if the one before it can be judged."""
        ended = self._settled()
        if not ended:
            self._leave(self._place, self._snapshot)
        return ended or "stopped"

    def _leave(self, place: Place, snapshot: Snapshot) -> None:
        """Let the state be that of an epoch's middle."""
        state = self._state
        state.step, state.loss_sum, state.error_sum = place.step, place.loss_sum, place.error_sum
        state.seconds = place.seconds
        states.take(state, self._programs, snapshot)

    def _try_nothing(self) -> None:
        """Take no step, which compiles for arrays of these sizes."""
        batches = epoch_batches(self._prepared.training, self._plan.batch, 0, 0, shuffle=False)
        self._chunk(batches, self._plan.learning_rate, 0, 0)

    def _chunk(self, batches: Any, rate: float, start: int, stop: int) -> tuple[int, float, float, Snapshot]:
        arrays, place = self._resident, self._place
        step, loss, error, values = self._programs.train(
            *(arrays.inputs, arrays.targets, arrays.scale, batches, np.float32(rate)),
            *(np.int32(self._count), np.int32(start), np.int32(stop)),
            *(np.float64(place.loss_sum), np.float64(place.error_sum)),
        )
        return int(step), float(loss), float(error), self._programs.snapshot(values)

    def _judge(self, trained: Trained, validated: Validated) -> None:
        """Close an epoch: note it in the state, apply the rules, tell it."""
        state, epoch, place = self._state, trained.epoch, trained.place
        state.step, state.loss_sum, state.error_sum, state.seconds = 0, 0.0, 0.0, 0.0
        state.epochs_done = epoch + 1
        states.take(state, self._programs, trained.snapshot)
        best = validated.loss is not None and improved(state, epoch, validated.loss)
        if best:
            state.best_variables = state.variables
        self._outputs = {e: o for e, o in self._outputs.items() if e == state.best_epoch}
        self._outputs[epoch] = validated.outputs
        if validated.loss is not None:
            reduce_on_plateau(state, self._plan, validated.loss)
        loss, mae = place.loss_sum / self._count, place.error_sum / self._count
        self._report.epoch_ended(epoch, loss, mae, validated, trained.rate, place.seconds, best)
        self._report.validated(epoch, self._validation, validated.outputs)
        self._report.checkpoint(state)

    def _finish(self, reason: Reason) -> None:
        """Send the last state, forecast with the weights that are kept, and end."""
        state = self._state
        if reason == "exploded":
            self._look_into()
        self._report.flush()
        if not self._branched_at or state.step or state.epochs_done > self._branched_at:
            self._report.checkpoint(state, always=True)
        self._forecast(reason)
        self._end(reason)

    def _look_into(self) -> None:
        """Find out where the run exploded, and go back to weights that are good."""
        state = self._state
        if self._blast is not None:
            self._explosion = examined(self._blast, self._programs, self._resident, self._count)
        if self._explosion is not None and self._explosion.kind == "diverged" and state.best_variables:
            state.variables = state.best_variables

    def _end(self, reason: Reason) -> None:
        self._emit(
            Finished(
                self._request.run,
                reason=reason,
                epochs_done=self._state.epochs_done,
                best_epoch=self._state.best_epoch,
                advice=self._advice() if reason == "exploded" else "",
                explosion=self._explosion,
                memory_bytes=resident_bytes(),
                engine_ends=self._steering.gave_up,
            )
        )

    def _forecast(self, reason: Reason) -> None:
        """Outputs are known where the kept weights are those of an epoch's end.

        A stop is patient for a moment with those that are not: then there is a checkpoint to go on
        from, and no forecast. Neither is there one where steps were given up, which hold the variables.
        """
        if self._steering.gave_up:
            return
        state, diverged = self._state, self._explosion is not None and self._explosion.kind == "diverged"
        keep_best = self._plan.keep_best or diverged
        epoch = states.keep(self._programs, state, keep_best)
        whole = state.step == 0 or (keep_best and bool(state.best_variables))
        known = self._outputs.get(epoch) if whole else None

        def late() -> bool:
            return reason == "stopped" and self._steering.impatient(self._request.run, times=2)

        made = forecast_made(
            self._request, epoch, self._programs, self._prepared, self._validation, late, known
        )
        if made is not None:
            self._emit(made)

    def _advice(self) -> str:
        explosion = self._explosion
        if explosion is None:
            return ""
        experiment = self._request.experiment
        problem = explosion_problem(explosion, experiment, experiment)
        return f"{problem.text} {problem.fixes[0].label}."
