"""Reads a series or its preview in a thread, with progress and Cancel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files.readers import Cancelled, Preview, ReadOptions, preview, read
from tsrnn_gui.files.samples import open_sample

__all__ = ["Preview", "ReadOptions", "SeriesReading", "preview_reading", "sample_reading", "series_reading"]


class SeriesReading(QThread):
    """Runs one piece of reading; exactly one of ``done``, ``failed`` and ``cancelled`` follows."""

    progressed = Signal(float)
    done = Signal(object)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(self, work: Callable[[SeriesReading], Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work

    def cancel(self) -> None:
        """Ask the reading to end; it looks between chunks."""
        self.requestInterruption()

    def run(self) -> None:
        try:
            result = self._work(self)
        except Cancelled:
            self.cancelled.emit()
        except TsrnnError as error:
            self.failed.emit(error)
        except MemoryError:
            self.failed.emit(TsrnnError("The file does not fit into memory.", "Choose fewer columns."))
        except Exception as error:
            self.failed.emit(
                TsrnnError(
                    "The file could not be read.",
                    "Save it as CSV with one row a time, and open that.",
                    f"{type(error).__name__}: {error}",
                )
            )
        else:
            self.done.emit(result)


def series_reading(path: Path, options: ReadOptions, parent: QObject | None = None) -> SeriesReading:
    """Make the reading of all of ``path``."""
    return SeriesReading(
        lambda thread: read(path, options, thread.progressed.emit, thread.isInterruptionRequested), parent
    )


def preview_reading(path: Path, options: ReadOptions, parent: QObject | None = None) -> SeriesReading:
    """Make the reading of the head of ``path``."""
    return SeriesReading(lambda thread: preview(path, options), parent)


def sample_reading(name: str, parent: QObject | None = None) -> SeriesReading:
    """Make the reading of the sample ``name``."""
    return SeriesReading(lambda thread: open_sample(name), parent)
