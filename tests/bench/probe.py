"""Measures how long the event loop makes an event wait, by a timer that ought to tick every 2 ms."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer

_TICK_MS = 2


@dataclass(frozen=True)
class Waits:
    """Milliseconds that an event waited which came at any tick: the middle, 99 of 100, the longest.

    ``own`` are the same two of what the window's thread itself computed in the gaps, which another
    program on the machine does not lengthen.
    """

    p50: float
    p99: float
    longest: float
    own_p99: float
    own_longest: float
    seconds: float

    def row(self, name: str) -> str:
        """Write a line of the table."""
        numbers = (self.p50, self.p99, self.longest, self.own_p99, self.own_longest, self.seconds)
        return f"| {name} | {' | '.join(f'{number:.1f}' for number in numbers)} |"


HEAD = "| scene | p50 ms | p99 ms | longest ms | own p99 | own longest | s |\n|---|---|---|---|---|---|---|"


class Probe(QObject):
    """Notes the gaps between its ticks; a gap of n ticks counts as the n waits that fell into it.

    Without that a stall of a second would be one late tick among hundreds, and no percentile would show
    it. Nothing is subtracted: an event loop that does nothing gives about the tick itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self, interval=_TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._gaps: list[tuple[float, float]] = []
        self._last = self._computed = 0.0

    def start(self) -> None:
        """Begin to note."""
        self._gaps, self._last, self._computed = [], time.perf_counter(), time.thread_time()
        self._timer.start()

    def stop(self) -> Waits:
        """Give what was noted since the start."""
        self._tick()
        self._timer.stop()
        return waits(np.array(self._gaps))

    def _tick(self) -> None:
        now, computed = time.perf_counter(), time.thread_time()
        self._gaps.append((1e3 * (now - self._last), 1e3 * (computed - self._computed)))
        self._last, self._computed = now, computed


def waits(gaps: np.ndarray) -> Waits:
    """Read (gap, computed) pairs in ms as waits: a gap of g ms made events wait g, g − 2, g − 4 … ms."""
    (p50, p99, longest), (_, own_p99, own_longest) = (_read(column) for column in gaps.T)
    return Waits(p50, p99, longest, own_p99, own_longest, float(gaps[:, 0].sum()) / 1e3)


def _read(gaps: np.ndarray) -> tuple[float, float, float]:
    counts = np.maximum(gaps // _TICK_MS, 1).astype(int)
    places = np.concatenate([np.arange(count) for count in counts])
    each = np.repeat(gaps, counts) - places * _TICK_MS
    p50, p99 = np.percentile(each, (50, 99))
    return float(p50), float(p99), float(each.max())
