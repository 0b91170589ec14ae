"""Keeps a run's events in the project file; a failing disk is told once and never stops the run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tsrnn_gui.app.order import Order
from tsrnn_gui.core.checkpoints import Mark, staying
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.runs import Report
from tsrnn_gui.files.project_file import ProjectFile
from tsrnn_gui.wire.messages import ENDINGS, Checkpoint, Event, ForecastMade, Progress, ValidationForecast
from tsrnn_gui.wire.recording import record

_PASSING = (Progress, ValidationForecast)


class Recorder:
    """Writes what ``order`` brings to the file at ``path``; used by the worker's thread alone.

    What could not be written is tried again when the run ends. ``move_to`` may be called by any thread:
    the whole story so far is then told to the other file as well.
    """

    def __init__(self, path: Path | None, order: Order, tell: Callable[[TsrnnError], None]) -> None:
        self._wanted = path
        self._order = order
        self._tell = tell
        self._file: ProjectFile | None = None
        self._news: list[Event | tuple[Report, ...]] = []
        self._written = 0
        self._failing = self._told = False

    def move_to(self, path: Path) -> None:
        """Go on in a copy of the project."""
        self._wanted = path

    def begin(self) -> None:
        """Write down that the run begins."""
        self._write()

    def keep(self, news: Event | tuple[Report, ...]) -> None:
        """Write ``news``: an event, or how the forecast was judged."""
        if isinstance(news, _PASSING) or not (self._order.makes_run or _lasting(news)):
            return
        if isinstance(news, Checkpoint):
            self._forget_older(news)
        self._news.append(news)
        if not self._failing or isinstance(news, ENDINGS):
            self._write()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self) -> None:
        try:
            file = self._opened()
            for news in self._news[self._written :]:
                if isinstance(news, tuple):
                    file.keep_reports(self._order.run, news)
                else:
                    record(news, file)
                self._written += 1
        except TsrnnError as error:
            self._failing = True
            if not self._told:
                self._told = True
                self._tell(error)
        else:
            self._failing = False

    def _opened(self) -> ProjectFile:
        if self._wanted is None:
            raise TsrnnError(
                "This project is open for reading only: the run is shown but not kept.",
                hint="Save the project under another name to keep what comes.",
            )
        if self._file is None or self._file.path != self._wanted:
            self.close()
            file = ProjectFile.open(self._wanted)
            self._file, self._written = file, 0
            if self._order.makes_run:
                self._begin_in(file)
        return self._file

    def _begin_in(self, file: ProjectFile) -> None:
        order = self._order
        if any(run.id == order.run for run in file.runs()):
            file.take_up_run(order.run)
            return
        file.begin_run(order.run, order.experiment, order.series, order.parent, order.past, order.before)

    def _forget_older(self, new: Checkpoint) -> None:
        """Keep in memory what the file keeps."""
        told = [*(news for news in self._news if isinstance(news, Checkpoint)), new]
        stay = staying({_place(made): _mark(made) for made in told}.values())
        for place in reversed(range(len(self._news))):
            old = self._news[place]
            if isinstance(old, Checkpoint) and (_place(old) == _place(new) or _mark(old) not in stay):
                del self._news[place]
                self._written -= place < self._written


def _place(made: Checkpoint) -> tuple[int, int]:
    return made.epoch, made.step


def _mark(made: Checkpoint) -> Mark:
    return Mark(made.epoch, made.step, made.best, len(made.state))


def _lasting(news: Event | tuple[Report, ...]) -> bool:
    """A forecast made later changes neither how its run went nor how it ended."""
    return isinstance(news, ForecastMade | tuple)
