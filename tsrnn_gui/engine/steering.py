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
PATIENCE_S = 0.3
_LOOK_S = 0.02
_working = ThreadPoolExecutor(1, "work")


class Steering:
    """What was asked of each run; written by the thread that reads, read by the one that trains.

    ``gave_up`` says that work is left running which nothing can end but the end of the process.
    """

    def __init__(self) -> None:
        self.gave_up = False
        self._changed = threading.Condition()
        self._stopped: set[str] = set()
        self._paused: set[str] = set()

    def heard(self, message: Stop | Pause | Continue) -> None:
        """Take note of ``message``; a run may be told before it begins."""
        with self._changed:
            match message:
                case Stop():
                    self._stopped.add(message.run)
                case Pause():
                    self._paused.add(message.run)
                case Continue():
                    self._paused.discard(message.run)
            self._changed.notify_all()

    def stopped(self, run: str) -> bool:
        """Say whether ``run`` was told to stop."""
        return run in self._stopped

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
        under_way, stopped_at = _working.submit(work), None
        while not wait((under_way,), timeout=_LOOK_S).done:
            if self.stopped(run):
                stopped_at = stopped_at or time.perf_counter()
                if time.perf_counter() - stopped_at > PATIENCE_S:
                    self.gave_up = True
                    return None
        return under_way.result()

    def forget(self, run: str) -> None:
        """Drop what was asked of a run that is over."""
        with self._changed:
            self._stopped.discard(run)
            self._paused.discard(run)
