"""A second engine that is warmed up while the first one still serves, once that one holds much memory.

What TensorFlow compiled for a design stays with its process until the process ends.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from tsrnn_gui.app.training_worker import EngineStarter
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.wire.client import Engine

MOST_BYTES = 3 << 30
_SHARE = 4
_GROWTH = 1.5


class SpareEngine(QObject):
    """Starts an engine when the one that serves holds more than ``most_bytes``; ``warm`` says it is ready.

    An engine whose very first run needs that much is left alone until it has grown by half: a long series
    is no reason to compile anew for every run.
    """

    warm = Signal()

    def __init__(
        self, make_engine: Callable[[], Engine], parent: QObject | None = None, most_bytes: int | None = None
    ) -> None:
        super().__init__(parent)
        self._make_engine = make_engine
        self._most = most_bytes if most_bytes is not None else bound()
        self._first = 0
        self._starter: EngineStarter | None = None
        self._engine: Engine | None = None

    def consider(self, memory_bytes: int) -> None:
        """Learn what the engine that serves holds after a run."""
        self._first = self._first or memory_bytes
        if memory_bytes <= max(self._most, _GROWTH * self._first) or self._starter is not None:
            return
        starter = self._starter = EngineStarter(self._make_engine(), self)
        starter.ready.connect(self._take)
        starter.failed.connect(self._give_up)
        starter.start()

    def taken(self, serving: Engine | None) -> Engine | None:
        """Give the spare in place of ``serving``, which is then ended; ``serving`` while none is warm."""
        if self._engine is None:
            return serving
        engine, self._engine = self._engine, None
        self._forget()
        self._first = 0
        if serving is not None:
            threading.Thread(target=serving.close, args=(1.0,), daemon=True).start()
        return engine

    def begin_anew(self) -> None:
        """Learn that a fresh engine serves."""
        self._first = 0

    def shutdown(self) -> None:
        """End the spare and its thread."""
        starter, self._engine = self._starter, None
        if starter is not None:
            starter.cancel()
            starter.wait(1000)

    def _take(self, engine: Engine) -> None:
        self._engine = engine
        self.warm.emit()

    def _give_up(self, engine: Engine, error: TsrnnError) -> None:
        """The engine that serves goes on; the next run tries again."""
        self._forget()

    def _forget(self) -> None:
        starter, self._starter = self._starter, None
        if starter is not None:
            starter.wait(1000)
            starter.deleteLater()


def bound() -> int:
    """Give the bytes an engine may hold: 3 GB, at most a quarter of the machine's memory."""
    whole = _machine_bytes()
    return min(MOST_BYTES, whole // _SHARE) if whole else MOST_BYTES


def _machine_bytes() -> int:
    """Give the machine's memory, 0 where the system does not say."""
    if sys.platform == "win32":
        return _on_windows()
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 0


class _Status(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows API; only the whole of the physical memory is read."""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        *((name, ctypes.c_uint64) for name in ("whole", "free", "a", "b", "c", "d", "e")),
    ]


def _on_windows() -> int:
    status = _Status(size=ctypes.sizeof(_Status))
    known = ctypes.CDLL("kernel32").GlobalMemoryStatusEx(ctypes.byref(status))
    return int(status.whole) if known else 0
