"""Collects Python's garbage in one thread only: the one that owns the windows."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_BETWEEN_MS = 200


def collect_due() -> None:
    """Collect the oldest generation that is due by Python's own thresholds, and the younger with it."""
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > gc.get_threshold()[generation]:
            gc.collect(generation)
            return


class GarbageCollecting(QObject):
    """Stands in for Python's automatic collection for as long as it lives.

    That runs in whichever thread happens to allocate. There it would delete widgets and threads that the
    window's thread was deleting or painting at the same time, which ends the process.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=_BETWEEN_MS)
        self._timer.timeout.connect(collect_due)
        self._timer.start()
