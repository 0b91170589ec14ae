"""The thread that reads one run's events from the engine, keeps them, and passes them on."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QThread, QTimer, Signal

from tsrnn_gui.app.order import Order
from tsrnn_gui.app.recorder import Recorder
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.runs import Report, reports
from tsrnn_gui.core.validation import Judge
from tsrnn_gui.wire.client import Engine
from tsrnn_gui.wire.messages import Array, Event, ForecastMade, ValidationForecast

_TOGETHER_MS = 20


class TrainingWorker(QThread):
    """Carries out ``order`` on ``engine``, recording into the project at ``path``.

    ``news`` carries each event, ``judged`` the reports of each validation forecast, ``unrecorded`` the
    first TsrnnError of a file that could not be written. Events that come faster than 50 times a second
    are told together, in their order; all are told before ``finished``.
    """

    news = Signal(object)
    judged = Signal(object)
    unrecorded = Signal(object)
    _heard = Signal()

    def __init__(
        self, engine: Engine, order: Order, path: Path | None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._order = order
        self._recorder = Recorder(path, order, self.unrecorded.emit)
        self._untold: deque[Event | tuple[Report, ...]] = deque()
        self._soon = QTimer(self, singleShot=True, interval=_TOGETHER_MS)
        self._heard.connect(self._soon.start)
        self._soon.timeout.connect(self._tell)
        self.finished.connect(self._tell)

    def move_to(self, path: Path) -> None:
        """Go on recording in a copy of the project."""
        self._recorder.move_to(path)

    def run(self) -> None:
        recorder = self._recorder
        judge = Judge(self._order.series, self._order.experiment)
        recorder.begin()
        for event in self._engine.ask(self._order.request()):
            recorder.keep(event)
            found = self._reports(event, judge)
            if found and isinstance(event, ForecastMade):
                recorder.keep(found)
            self._hand_over(event)
            if found:
                self._hand_over(found)
        recorder.close()

    def _hand_over(self, news: Event | tuple[Report, ...]) -> None:
        """Waking the window's thread for every event would cost more than what it then does."""
        first = not self._untold
        self._untold.append(news)
        if first:
            self._heard.emit()

    def _tell(self) -> None:
        """In the window's thread: tell what was handed over."""
        for _ in range(len(self._untold)):
            news = self._untold.popleft()
            if isinstance(news, tuple):
                self.judged.emit(news)
            else:
                self.news.emit(news)
        if self._untold:
            self._soon.start()

    def _reports(self, event: Event, judge: Judge) -> tuple[Report, ...]:
        match event:
            case ValidationForecast():
                return judge.judged(_floats(event.values))
            case ForecastMade():
                return self._final(event, judge)
            case _:
                return ()

    def _final(self, made: ForecastMade, judge: Judge) -> tuple[Report, ...]:
        """One step ahead, the rules are known already; working them out again would take as long."""
        order, values = self._order, _floats(made.validation)
        origins = made.origins.unpacked().astype(np.int64)
        if order.experiment.windowing.horizon == 1 and np.array_equal(origins, judge.origins):
            return judge.judged(values[:, 0, :])
        return reports(order.series, order.experiment, origins, values)


class EngineStarter(QThread):
    """Starts ``engine`` and waits until it is warm; ``ready`` carries the engine, ``failed`` why not."""

    ready = Signal(object)
    failed = Signal(object, object)

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._cancelled = False

    def cancel(self) -> None:
        """End the engine, also if it has no process yet; ``failed`` follows."""
        self._cancelled = True
        self._engine.kill()

    def run(self) -> None:
        try:
            self._engine.start()
            if self._cancelled:
                self._engine.kill()
            self._engine.wait_ready()
        except TsrnnError as error:
            self.failed.emit(self._engine, error)
        else:
            self.ready.emit(self._engine)


def _floats(array: Array) -> NDArray[np.float64]:
    return np.asarray(array.unpacked(), dtype=np.float64)
