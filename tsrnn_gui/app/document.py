"""The open project: one value, one door for edits, one file that each of them is written to."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from tsrnn_gui.app.looking import Key, Looking, provisional, view_key
from tsrnn_gui.app.project_opening import expect_unused
from tsrnn_gui.app.series_taking import SeriesTaking
from tsrnn_gui.core.experiment import DataView, Experiment, Verdict, defaults_for
from tsrnn_gui.core.layers import Stack
from tsrnn_gui.core.problems import Fix, TsrnnError
from tsrnn_gui.core.project import Project
from tsrnn_gui.core.series import Series
from tsrnn_gui.core.survey import is_long
from tsrnn_gui.files.project_file import ProjectFile

_VIEWS = 4


class Document(QObject):
    """Holds the current ``Project`` and its undo history, and keeps every edit in the project file.

    ``changed`` carries the new project after ``verdict`` was made for it. A long series is looked over in
    a thread: ``looking`` says that the verdict is not yet the last word, and ``changed`` comes again.
    ``taking`` carries the SeriesTaking that is under way, None when it is over; ``taken`` the series.
    """

    changed = Signal(object)
    opened = Signal(object)
    taking = Signal(object)
    taken = Signal(object)
    saved = Signal(bool)
    failed = Signal(object)

    def __init__(self, file: ProjectFile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.file = file
        self.project = file.load()
        self.undo_stack = QUndoStack(self)
        self.named = False
        self.looking = False
        self._looking = Looking(self)
        self._looking.found.connect(self._take_view)
        self._views: OrderedDict[Key, DataView] = OrderedDict()
        self._taking: SeriesTaking | None = None
        self._view = DataView()
        self._pushed: list[_Edit] = []
        self.verdict = self._checked()

    # ---- files

    @property
    def path(self) -> Path:
        """Where the project is kept."""
        return self.file.path

    @property
    def title(self) -> str:
        """What a window title calls the project."""
        if self.named:
            return self.path.stem
        return self.project.series.name if self.project.series else "New project"

    def switch_to(self, file: ProjectFile, named: bool) -> None:
        """Take up another project file; its history starts afresh."""
        project = file.load()
        self.cancel_taking()
        old, self.file = self.file, file
        self.named = named
        old.close()
        self._views.clear()
        self._forget_history()
        self._put(project)
        self.opened.emit(project)

    def save_as(self, path: Path) -> None:
        """Go on in a copy at ``path``. Raises TsrnnError, and then stays where it was."""
        self._copy_to(path)
        file = ProjectFile.open(path)
        old, self.file = self.file, file
        self.named = True
        old.close()
        self.opened.emit(self.project)

    def save_copy(self, path: Path) -> None:
        """Write a copy to ``path`` and stay here. Raises TsrnnError."""
        self._copy_to(path)

    def _copy_to(self, path: Path) -> None:
        if self.file.read_only or path.resolve() != self.path.resolve():  # its own lock is no obstacle
            expect_unused(path)
        self.file.copied_to(path)

    # ---- edits

    def edit(self, text: str, project: Project, merge: str = "") -> None:
        """Make ``project`` the current value as one undoable step; equal ``merge`` keys join."""
        if project != self.project:
            step = _Edit(self, text, project, merge)
            self._pushed.append(step)  # PySide keeps no reference to a pushed command
            self.undo_stack.push(step)
            del self._pushed[: -self.undo_stack.count() - 1]

    def _forget_history(self) -> None:
        self.undo_stack.clear()
        self._pushed.clear()

    def edit_stack(self, text: str, stack: Stack, merge: str = "") -> None:
        """Replace the stack."""
        experiment = msgspec.structs.replace(self.project.experiment, stack=stack)
        self.edit(text, self.project.with_experiment(experiment), merge)

    def edit_windowing(self, text: str, merge: str = "", **fields: Any) -> None:
        """Set ``fields`` of the windowing."""
        experiment = self.project.experiment
        windowing = msgspec.structs.replace(experiment.windowing, **fields)
        self.edit(
            text,
            self.project.with_experiment(msgspec.structs.replace(experiment, windowing=windowing)),
            merge,
        )

    def edit_plan(self, text: str, merge: str = "", **fields: Any) -> None:
        """Set ``fields`` of the plan."""
        experiment = self.project.experiment
        plan = msgspec.structs.replace(experiment.plan, **fields)
        self.edit(text, self.project.with_experiment(msgspec.structs.replace(experiment, plan=plan)), merge)

    def apply_fix(self, fix: Fix) -> None:
        """Carry out what a problem offered."""
        self.edit(fix.label, self.project.with_experiment(fix.applied(self.project.experiment)))

    # ---- another series

    def take_series(self, series: Series, split: int | None = None, **fields: Any) -> None:
        """Put ``series`` in, with columns, split and window that fit it; ``fields`` set the windowing.

        A long series is made ready in a thread first; ``taken`` follows, unless that fails or is cancelled.
        """
        self.cancel_taking()
        if not is_long(series):
            self._put_in(series, split, fields)
            return
        fitted = replace(self.project, series=series, experiment=self._fitted(series, split, fields))
        taking = SeriesTaking(fitted, None if self.file.read_only else self.path, self)
        taking.done.connect(lambda key, view: self._end_taking(taking, split, fields, (key, view)))
        taking.failed.connect(lambda error: self._end_taking(taking, error=error))
        taking.cancelled.connect(lambda: self._end_taking(taking))
        taking.finished.connect(taking.deleteLater)
        self._taking = taking
        self.taking.emit(taking)
        taking.start()

    def cancel_taking(self) -> None:
        """Leave the series that is being taken over; what the project had stays."""
        taking = self._taking
        if taking is not None:
            taking.cancel()
            self._end_taking(taking)

    def _end_taking(
        self,
        taking: SeriesTaking,
        split: int | None = None,
        fields: dict[str, Any] | None = None,
        found: tuple[Key, DataView] | None = None,
        error: TsrnnError | None = None,
    ) -> None:
        if taking is not self._taking:
            return
        self._taking = None
        if found is not None and taking.project.series is not None:
            self._views[found[0]] = found[1]
            self._put_in(taking.project.series, split, fields or {})
        else:
            self._keep_after(taking)
        self.taking.emit(None)
        if error is not None:
            self.failed.emit(error)

    def _keep_after(self, taking: SeriesTaking) -> None:
        """Keep the edits that were held back, once the other connection writes no more."""
        if taking.isRunning():
            taking.finished.connect(self._keep)
        else:
            self._keep()

    def _put_in(self, series: Series, split: int | None, fields: dict[str, Any]) -> None:
        experiment = self._fitted(series, split, fields)
        self.edit(f"Open {series.name}", replace(self.project, series=series, experiment=experiment))
        self.taken.emit(series)

    def _fitted(self, series: Series, split: int | None, fields: dict[str, Any]) -> Experiment:
        experiment = defaults_for(series, self.project.experiment, split)
        windowing = msgspec.structs.replace(experiment.windowing, **fields)
        return msgspec.structs.replace(experiment, windowing=windowing)

    def close(self) -> None:
        """Wait for the threads and close the file; the last to close folds the journal back into it.

        The history ends here: Python might free its steps before Qt frees the list of them.
        """
        self.cancel_taking()
        for taking in self.findChildren(SeriesTaking):
            taking.wait()
            self._keep()
        self._looking.close()
        self._forget_history()
        self.file.close()

    # ---- what follows from the value

    @property
    def view(self) -> DataView:
        """What the check knows of the data."""
        return self._view

    def _checked(self) -> Verdict:
        key = view_key(self.project)
        if key not in self._views and is_long(self.project.series):
            self.looking, self._view = True, provisional(self.project)
            self._looking.ask(self.project)
        else:
            known = self._views.get(key)
            self.looking, self._view = False, known if known is not None else self.project.data_view()
            self._remember(key, self._view)
        return self.project.verdict(self._view)

    def _remember(self, key: Key, view: DataView) -> None:
        self._views[key] = view
        self._views.move_to_end(key)
        while len(self._views) > _VIEWS:
            self._views.popitem(last=False)

    def _take_view(self, key: Key, view: DataView) -> None:
        self._remember(key, view)
        if self.looking and key == view_key(self.project):
            self.verdict = self._checked()
            self.changed.emit(self.project)

    def _put(self, project: Project) -> None:
        self.project = project
        self.verdict = self._checked()
        self._keep()
        self.changed.emit(project)

    def _keep(self) -> None:
        if self.file.read_only or self._taking is not None:
            self.saved.emit(False)
            return
        try:
            self.file.keep(self.project)
        except TsrnnError as error:
            self.saved.emit(False)
            self.failed.emit(error)
        else:
            self.saved.emit(True)


class _Edit(QUndoCommand):
    """One step between two project values."""

    _ids: ClassVar[dict[str, int]] = {}

    def __init__(self, document: Document, text: str, project: Project, merge: str) -> None:
        super().__init__(text)
        self._put: Callable[[Project], None] = document._put
        self._before, self._after = document.project, project
        self._id = self._ids.setdefault(merge, len(self._ids) + 1) if merge else -1

    def id(self) -> int:
        return self._id

    def redo(self) -> None:
        self._put(self._after)

    def undo(self) -> None:
        self._put(self._before)

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Edit) or other._id != self._id:
            return False
        self._after = other._after
        return True
