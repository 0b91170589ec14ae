"""Looks over a long series in a thread, so that the window need not: what the check must know of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from PySide6.QtCore import QObject, Signal

from tsrnn_gui.core.experiment import DataView
from tsrnn_gui.core.problems import Problem
from tsrnn_gui.core.project import Project
from tsrnn_gui.core.survey import look_over
from tsrnn_gui.core.windows import window_counts

Key = tuple[object, ...]


def view_key(project: Project) -> Key:
    """Name what a view of the data depends on."""
    experiment = project.experiment
    return (project.series, experiment.windowing, experiment.plan.batch)


def looked(project: Project) -> DataView:
    """Look at the data with all that the panels show of them; for a thread that may take its time."""
    series, w = project.series, project.experiment.windowing
    if series is not None:
        look_over(series, [name for name in dict.fromkeys((*w.targets, *w.inputs)) if name in series.columns])
    return project.data_view()


def provisional(project: Project) -> DataView:
    """What arithmetic alone can tell until the look is over; nothing is trained before."""
    assert project.series is not None
    counts = window_counts(len(project.series), project.experiment.windowing, project.experiment.plan.batch)
    return DataView(counts, None, (Problem("The series is being looked over…"),))


class Looking(QObject):
    """Works on one look at a time; of those asked for meanwhile only the newest is carried out.

    ``found`` carries the key of the project that was looked at and its view.
    """

    found = Signal(object, object)
    _ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = ThreadPoolExecutor(1, "looking")
        self._wanted: Project | None = None
        self._busy = False
        self._ended.connect(self._next)

    def ask(self, project: Project) -> None:
        """Look at ``project`` as soon as the present look is over."""
        self._wanted = project
        if not self._busy:
            self._next()

    def close(self) -> None:
        """Let nothing more be heard."""
        self._wanted = None
        self.blockSignals(True)
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _next(self) -> None:
        project, self._wanted = self._wanted, None
        self._busy = project is not None
        if project is not None:
            self._thread.submit(self._look, project)

    def _look(self, project: Project) -> None:
        try:
            view = looked(project)
        except Exception as error:  # told as a problem: a look that fails must not leave the window waiting
            view = DataView(problems=(Problem(f"The series could not be looked over: {error}."),))
        self.found.emit(view_key(project), view)
        self._ended.emit()
