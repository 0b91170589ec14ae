"""The engine's owner: starts it in the background, sends it runs, and starts it anew when it is gone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.order import Order
from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.app.spare_engine import SpareEngine
from tsrnn_gui.app.training_worker import EngineStarter, TrainingWorker
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.wire.client import Engine
from tsrnn_gui.wire.messages import Event, Failed, Finished, Started

_BUSY = ("training", "forecasting", "paused", "stopping", "exporting", "measuring")
_LENT = ("exporting", "measuring")
_FAREWELL_MS = 1_200
_WORDS = {
    "idle": "Engine not started",
    "starting": "Engine starting…",
    "training": "Training",
    "forecasting": "Forecasting",
    "paused": "Training paused",
    "stopping": "Stopping…",
    "exporting": "Exporting…",
    "measuring": "Trying the design…",
    "gone": "Engine not running",
}


class Trainer(QObject):
    """Trains and forecasts on one engine, one run at a time.

    ``state`` is one of idle, starting, ready, training, forecasting, paused, stopping, exporting, measuring,
    gone. A run asked for while the engine starts waits for it. ``shown`` is the run that the panels look at.
    """

    state_changed = Signal(str)
    run_started = Signal(object)
    run_ended = Signal(object)
    shown_changed = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        parent: QObject | None = None,
        make_engine: Callable[[], Engine] = Engine,
        most_bytes: int | None = None,
    ) -> None:
        super().__init__(parent)
        self.state = "idle"
        self.shown: RunLog | None = None
        self._make_engine = make_engine
        self._engine: Engine | None = None
        self._spare = SpareEngine(make_engine, self, most_bytes)
        self._spare.warm.connect(self._swap_if_idle)
        self._starters: list[EngineStarter] = []
        self._worker: TrainingWorker | None = None
        self._borrower: QThread | None = None
        self._waiting: tuple[Order, RunLog, Path | None] | None = None
        self._log: RunLog | None = None
        self._death: Failed | None = None
        self._ends = False
        self._voice = ThreadPoolExecutor(1, "engine-voice")
        self._ended = False

    # ---- what is so

    @property
    def busy(self) -> bool:
        """Whether a run is under way or waits for the engine."""
        return self.state in _BUSY or self._waiting is not None

    @property
    def running(self) -> RunLog | None:
        """The run under way."""
        return self._log

    @property
    def engine_words(self) -> str:
        """Say for the status bar how the engine is."""
        ready = self._engine.ready if self._engine else None
        if self.state == "ready" and ready is not None:
            version = ".".join(ready.tensorflow.split(".")[:2])
            cores = f"{ready.cores} core{'' if ready.cores == 1 else 's'}"
            return f"Engine ready · TensorFlow {version} · {cores}"
        if self.state == "starting" and self._waiting is not None:
            return "Engine starting… the run begins as soon as it is ready"
        return _WORDS.get(self.state, "")

    # ---- the engine

    def start(self) -> None:
        """Start the engine in the background unless one is there."""
        if self._engine is None or self.state == "gone":
            self._fresh_engine()

    def restart(self) -> None:
        """End the engine, and a run with it, and start a fresh one."""
        if self._worker is not None and self._engine is not None:
            self._engine.kill()
        else:
            self._fresh_engine()

    def shutdown(self) -> None:
        """End the engine and all threads; takes at most three seconds.

        A run under way is stopped, which keeps what it learned, if that is done within a second.
        """
        self._ended, self._waiting = True, None
        self.blockSignals(True)
        if self._worker is not None and self._log is not None and self._engine is not None:
            self._voice.submit(self._engine.stop_run, self._log.run)
            self._worker.wait(_FAREWELL_MS)
        engine, self._engine = self._engine, None
        for starter in self._starters:
            starter.cancel()
        if engine is not None:
            closing = threading.Thread(target=engine.close, args=(1.5,), daemon=True)
            closing.start()
            closing.join(1.8)
            engine.kill()
        for thread in (*self._starters, self._worker, self._borrower):
            if thread is not None:
                thread.wait(1000)
        self._spare.shutdown()
        self._voice.shutdown(wait=False, cancel_futures=True)

    def _fresh_engine(self) -> None:
        if self._ended:  # a run that died of the end asks for another
            return
        for old in self._starters:
            old.cancel()
        if self._engine is not None:
            threading.Thread(target=self._engine.close, args=(1.0,), daemon=True).start()
        self._engine = self._make_engine()
        self._spare.begin_anew()
        starter = EngineStarter(self._engine, self)
        starter.ready.connect(self._take_engine)
        starter.failed.connect(self._mourn_engine)
        starter.finished.connect(self._forget_starters)
        self._starters.append(starter)
        self._enter("starting")
        starter.start()

    def _forget_starters(self) -> None:
        for starter in [starter for starter in self._starters if starter.isFinished()]:
            self._starters.remove(starter)
            starter.deleteLater()

    def _take_engine(self, engine: Engine) -> None:
        if engine is not self._engine:
            return
        self._enter("ready")
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            self._send(*waiting)

    def _mourn_engine(self, engine: Engine, error: TsrnnError) -> None:
        if engine is not self._engine:
            return
        failure = Failed(text=error.text, hint=error.hint, details=error.details, engine_gone=True)
        waiting, self._waiting = self._waiting, None
        self._enter("gone")
        self.failed.emit(failure)
        if waiting is not None:
            self._end(waiting[1], failure)

    # ---- runs

    def train(self, document: Document) -> None:
        """Train the document's experiment; does nothing while busy or while something is wrong."""
        project = document.project
        if self.busy or project.series is None or document.verdict.errors:
            return
        order = Order(project.series, project.experiment, project.future_steps)
        log = RunLog(order.run, order.series, order.experiment, self)
        self.carry_out(order, log, document)

    def forecast_again(self, log: RunLog, document: Document) -> None:
        """Forecast with the weights that ``log``'s run kept, as far as the project now says."""
        if self.busy:
            return
        try:
            kept = document.file.checkpoint(log.run)
        except TsrnnError as error:
            self.tell(error)
            return
        if kept is None:
            self.failed.emit(Failed(text="The weights of this run were not kept.", hint="Train again."))
            return
        order = Order(log.series, log.experiment, document.project.future_steps, kept[1], log.run)
        self.carry_out(order, log, document)

    def carry_out(self, order: Order, log: RunLog, document: Document) -> None:
        """Carry out ``order`` as soon as the engine is ready, telling ``log`` and the document's file."""
        self._begin(order, log, None if document.file.read_only else document.path)

    def tell(self, error: TsrnnError) -> None:
        """Let ``error`` be shown."""
        self.failed.emit(Failed(text=error.text, hint=error.hint, details=error.details))

    def stop(self) -> None:
        """Stop the run and keep what it learned."""
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            self._end(waiting[1], Finished(waiting[1].run, reason="stopped", epochs_done=0, best_epoch=None))
            self._enter(self.state)
        elif self.state in ("training", "paused", "forecasting"):
            self._say("stopping", "stop_run")

    def pause(self) -> None:
        """Hold the run."""
        if self.state == "training":
            self._say("paused", "pause")

    def resume(self) -> None:
        """Go on with a held run."""
        if self.state == "paused":
            self._say("training", "resume")

    def lend(self, make: Callable[[Engine], QThread], state: str = "exporting") -> bool:
        """Give the idle engine to the thread that ``make`` makes, until it ends; False where none is idle.

        The trainer is in ``state`` meanwhile.
        """
        if self.state != "ready" or self._engine is None:
            return False
        borrower = self._borrower = make(self._engine)
        borrower.finished.connect(self._take_back)
        self._enter(state)
        borrower.start()
        return True

    def _take_back(self) -> None:
        self._borrower = None
        if self.state not in _LENT or self._engine is None:
            return
        if self._engine.alive:
            self._enter("ready")
        else:
            self._fresh_engine()

    def show_run(self, log: RunLog | None) -> None:
        """Let all panels look at ``log``."""
        if log is not self.shown:
            old, self.shown = self.shown, log
            self.shown_changed.emit(log)
            if old is not None and old is not self._log:
                old.deleteLater()

    def follow(self, path: Path) -> None:
        """Record the run under way in the copy of its project at ``path``."""
        if self._worker is not None:
            self._worker.move_to(path)

    def _begin(self, order: Order, log: RunLog, path: Path | None) -> None:
        self._waiting = (order, log, path)
        self._log = log
        self.show_run(log)
        self.run_started.emit(log)
        if self._engine is None or not (self.state == "starting" or self._engine.alive):
            self._fresh_engine()
        elif self.state == "ready":
            self._take_engine(self._engine)
        else:
            self._enter(self.state)

    def _send(self, order: Order, log: RunLog, path: Path | None) -> None:
        assert self._engine is not None
        worker = self._worker = TrainingWorker(self._engine, order, path, self)
        worker.news.connect(self._on_event)
        worker.judged.connect(log.judge)
        worker.unrecorded.connect(self.tell)
        worker.finished.connect(self._on_worker_finished)
        self._enter("training" if order.trains else "forecasting")
        worker.start()

    def _say(self, state: str, word: str) -> None:
        """Speaking into the pipe may block, so not in the window's thread."""
        assert self._engine is not None and self._log is not None
        self._voice.submit(getattr(self._engine, word), self._log.run)
        self._enter(state)

    def _on_event(self, event: Event) -> None:
        if self._log is not None:
            self._log.apply(event)
        match event:
            case Started() if self.state == "stopping":
                self._say("stopping", "stop_run")  # the first word may have come before the run
            case Failed():
                self._death = event
            case Finished():
                self._ends = event.engine_ends
                self._spare.consider(event.memory_bytes)
            case _:
                pass

    def _on_worker_finished(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.deleteLater()
        log, failure, self._death = self._log, self._death, None
        gone = failure is not None and failure.engine_gone
        ends, self._ends = self._ends, False
        self._log = None
        self._enter("gone" if gone else "idle" if ends else "ready")
        if failure is not None:
            self.failed.emit(failure)
        if log is not None:
            self.run_ended.emit(log)
        if gone or ends:
            self._fresh_engine()

    def _end(self, log: RunLog, ending: Finished | Failed) -> None:
        self._log = None
        log.apply(ending)
        self.run_ended.emit(log)

    def _swap_if_idle(self) -> None:
        if self.state == "ready":
            self._enter("ready")

    def _enter(self, state: str) -> None:
        if state == "ready":  # nothing runs on it: the moment for a warm spare
            self._engine = self._spare.taken(self._engine)
        self.state = state
        self.state_changed.emit(state)
