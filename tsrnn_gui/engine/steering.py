"""How a run is steered from outside while it works: stop, pause and go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from tsrnn_gui.wire.messages import Continue, Event, Pause, Stop

Emit = Callable[[Event], None]
T = TypeVar("T")
_PATIENCE_S = 0.3
_LOOK_S = 0.02
_working = ThreadPoolExecutor(1, "work")


class Steering:
    """What was asked of each run; written by the thread that reads, read by the one that trains.

    ``gave_up`` says that work is left running which nothing can end but the end of the process.
    """

    def __init__(self) -> None:
        self.gave_up = False
        self._changed = threading.Condition()
        self._stopped: dict[str, float] = {}
        self._paused: set[str] = set()

    def heard(self, message: Stop | Pause | Continue) -> None:
        """Take note of ``message``; a run may be told before it begins."""
        with self._changed:
            match message:
                case Stop():
                    self._stopped.setdefault(message.run, time.perf_counter())
                case Pause():
                    self._paused.add(message.run)
                case Continue():
                    self._paused.discard(message.run)
            self._changed.notify_all()

    def stopped(self, run: str) -> bool:
        """Say whether ``run`` was told to stop."""
        return run in self._stopped

    def impatient(self, run: str, times: float = 1.0) -> bool:
        """Say whether the stop of ``run`` has been waited for too long, or ``times`` as long."""
        stopped_at = self._stopped.get(run)
        return stopped_at is not None and time.perf_counter() - stopped_at > times * _PATIENCE_S

    def paused(self, run: str) -> bool:
        """Say whether ``run`` is to be held."""
        return run in self._paused

    def hold(self, run: str) -> None:
        """Wait while ``run`` is paused; a stop ends the pause."""
        with self._changed:
            self._changed.wait_for(lambda: run not in self._paused or run in self._stopped)

    def unless_stopped(self, run: str, work: Callable[[], T]) -> T | None:
        """Give what ``work`` gives; None where a stop of ``run`` would have waited for it too long.

        A program under way cannot be broken off. It is given up then, with all that it would have done.
        """
        under_way = _working.submit(work)
        while not wait((under_way,), timeout=_LOOK_S).done:
            if self.impatient(run):
                self.gave_up = True
                return None
        return under_way.result()

    def forget(self, run: str) -> None:
        """Drop what was asked of a run that is over."""
        with self._changed:
            self._stopped.pop(run, None)
            self._paused.discard(run)
