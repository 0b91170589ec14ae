"""Carries out a learning-rate range test: an engine and a thread a seed, nothing recorded."""

from __future__ import annotations

import os
from collections.abc import Callable

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from tsrnn_gui.app.order import Order
from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.range_curves import RangeCurves
from tsrnn_gui.core.range_test import RangeTest
from tsrnn_gui.core.series import Series
from tsrnn_gui.wire.client import Engine
from tsrnn_gui.wire.messages import EpochEnded, Event, Failed, Finished, Started

_BUSY = ("starting", "running")
_REPAINT_MS = 40


class RangeWorker(QThread):
    """Carries out ``order`` on ``engine``, which ends with it; ``news`` carries (seed, event)."""

    news = Signal(int, object)

    def __init__(self, engine: Engine, order: Order, nth: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._order = order
        self._nth = nth
        self._cancelled = False

    def cancel(self) -> None:
        """End the engine, also if it has no process yet; nothing more is told."""
        self._cancelled = True
        self._engine.kill()

    def run(self) -> None:
        try:
            self._engine.start()
            if self._cancelled:
                self._engine.kill()
            for event in self._engine.ask(self._order.request()):
                self._tell(event)
        except TsrnnError as error:
            self._tell(Failed(text=error.text, hint=error.hint, details=error.details))
        self._engine.close(1.0)

    def _tell(self, event: Event) -> None:
        if not self._cancelled and isinstance(event, Started | EpochEnded | Finished | Failed):
            self.news.emit(self._nth, event)


class RangeTesting(QObject):
    """One range test at a time; ``state`` is idle, starting, running, completed, stopped, exploded or failed.

    ``grown`` comes at most 25 times a second while ``curves`` grow, and once at the end.
    """

    state_changed = Signal(str)
    grown = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None, make_engine: Callable[[], Engine] = Engine) -> None:
        super().__init__(parent)
        self.state = "idle"
        self.curves: RangeCurves | None = None
        self._make_engine = make_engine
        self._waiting: list[RangeWorker] = []
        self._workers: list[RangeWorker] = []
        self._retired: list[RangeWorker] = []
        self._endings: set[str] = set()
        self._soon = QTimer(self, singleShot=True, interval=_REPAINT_MS)
        self._soon.timeout.connect(self.grown)

    @property
    def busy(self) -> bool:
        """Whether a test is under way."""
        return self.state in _BUSY

    def start(self, series: Series, experiment: Experiment, test: RangeTest) -> None:
        """Begin ``test``, as many seeds at once as there are cores; does nothing while busy."""
        if self.busy:
            return
        self.curves, self._endings = RangeCurves(test), set()
        orders = (
            Order(series, test.experiment_for(experiment, nth), every_batch=test.by_batch)
            for nth in range(test.seeds)
        )
        self._waiting = [
            RangeWorker(self._make_engine(), order, nth, self) for nth, order in enumerate(orders)
        ]
        for worker in self._waiting:
            worker.news.connect(self._take)
            worker.finished.connect(self._after_worker)
        self._enter("starting")
        self.grown.emit()
        self._fill_up()

    def stop(self) -> None:
        """End the test; what was drawn stays."""
        if self.busy:
            self._drop_all()
            self._end("stopped")

    def forget(self) -> None:
        """End the test and drop its curves."""
        self._drop_all()
        self.curves = None
        self._end("idle")

    def shutdown(self) -> None:
        """End the test and wait for its threads, which end with their engines."""
        self.stop()
        for worker in list(self._retired):
            worker.wait(3000)

    def _fill_up(self) -> None:
        while self._waiting and len(self._workers) < (os.cpu_count() or 1):
            worker = self._waiting.pop(0)
            self._workers.append(worker)
            worker.start()

    def _drop_all(self) -> None:
        """The pipes are not written to, as that may block: without a record there is nothing to keep."""
        for worker in self._waiting:
            worker.deleteLater()
        for worker in self._workers:
            worker.cancel()
        self._retired += self._workers
        self._waiting, self._workers = [], []

    def _take(self, nth: int, event: Event) -> None:
        if self.curves is None or self.sender() not in self._workers:
            return
        match event:
            case Started() if self.state == "starting":
                self._enter("running")
            case EpochEnded():
                self.curves.add(nth, event.loss)
            case Finished():
                self._endings.add(event.reason)
                if event.reason == "exploded":
                    self.curves.explode(nth)
            case Failed():
                self._drop_all()
                self._end("failed")
                self.failed.emit(event)
            case _:
                pass
        if not self._soon.isActive():
            self._soon.start()

    def _after_worker(self) -> None:
        worker = self.sender()
        assert isinstance(worker, RangeWorker)
        if worker in self._retired:
            self._retired.remove(worker)
        if worker in self._workers:
            self._workers.remove(worker)
            self._fill_up()
            if not self._workers:
                self._end("exploded" if "exploded" in self._endings else "completed")
        worker.deleteLater()

    def _end(self, state: str) -> None:
        self._soon.stop()
        self._enter(state)
        self.grown.emit()

    def _enter(self, state: str) -> None:
        self.state = state
        self.state_changed.emit(state)
