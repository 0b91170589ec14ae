"""Keeps a long series in the project file and looks it over, in a thread, before the project has it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

from tsrnn_gui.app.looking import looked, view_key
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.project import Project
from tsrnn_gui.core.survey import look_over
from tsrnn_gui.files.project_file import ProjectFile
from tsrnn_gui.files.readers import Cancelled


class SeriesTaking(QThread):
    """Makes the series of ``project`` ready; exactly one of ``done``, ``failed`` and ``cancelled`` follows.

    ``path`` is the file that will hold it, None where nothing can be written. ``done`` carries the key
    and the view of ``project``, which cost nothing any more.
    """

    progressed = Signal(float)
    done = Signal(object, object)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(self, project: Project, path: Path | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self._path = path

    def cancel(self) -> None:
        """Ask it to end; it looks between steps."""
        self.requestInterruption()

    def run(self) -> None:
        try:
            view = self._made_ready()
        except Cancelled:
            self.cancelled.emit()
        except TsrnnError as error:
            self.failed.emit(error)
        except MemoryError:
            self.failed.emit(TsrnnError("The series does not fit into memory.", "Choose fewer columns."))
        except Exception as error:
            details = f"{type(error).__name__}: {error}"
            self.failed.emit(TsrnnError("The series could not be taken over.", "Read it again.", details))
        else:
            self.done.emit(view_key(self.project), view)

    def _made_ready(self) -> object:
        project, w = self.project, self.project.experiment.windowing
        assert project.series is not None
        look_over(project.series, dict.fromkeys((*w.targets, *w.inputs)), self._between)
        self._tell(0.2)
        view = looked(project)
        self._tell(0.4)
        if self._path is not None:
            with ProjectFile.open(self._path) as file:
                file.keep_series(project.series, lambda share: self._tell(0.4 + 0.6 * share))
        return view

    def _tell(self, share: float) -> None:
        self._between()
        self.progressed.emit(share)

    def _between(self) -> None:
        if self.isInterruptionRequested():
            raise Cancelled
