"""A window on one project: opens series, code and projects, and saves copies, whatever its panels are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QMainWindow

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.project_opening import OpenProject, new_path, opened_or_raised, unnamed
from tsrnn_gui.app.saved_weights import SavedWeights
from tsrnn_gui.app.settings import Settings
from tsrnn_gui.app.trainer import Trainer
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.series import Series
from tsrnn_gui.files.project_file import SUFFIX
from tsrnn_gui.ui.notice_bar import NoticeBar

if TYPE_CHECKING:
    from tsrnn_gui.app.code_opening import Found
    from tsrnn_gui.app.series_reading import SeriesReading
    from tsrnn_gui.files.samples import Sample
    from tsrnn_gui.ui.import_dialog import ImportDialog

_PROJECT_FILTER = f"tsrnn projects (*{SUFFIX})"
_CODE_FILTER = "Keras code and models (*.py *.ipynb *.md *.keras)"


class ProjectWindow(QMainWindow):
    """Holds the document of the project that is open; ``code_taken`` is called when code was taken over."""

    def __init__(self, opened: OpenProject, trainer: Trainer, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self._live_in(opened)
        self.document = Document(opened.file, self)
        self.document.named = not unnamed(opened.path)
        self.trainer = trainer
        self.saved_weights = SavedWeights(self.document, trainer)
        self.notices = NoticeBar()
        self._readings: list[SeriesReading] = []
        self.setAcceptDrops(True)

    def code_taken(self) -> None:
        """Learn that the experiment is someone's code now."""

    # ---- news

    def tell(self, error: object) -> None:
        """Show an error or a failure as a notice."""
        self.notices.tell(
            getattr(error, "text", str(error)), getattr(error, "hint", ""), getattr(error, "details", "")
        )

    def _tell_if_read_only(self) -> None:
        if self._opened.owner:
            self.notices.tell(
                f"This project is open in {self._opened.owner}.",
                "You can look at it here; use Save as… to go on in a copy.",
            )
        elif self.document.file.read_only:
            self.notices.tell("This project cannot be written here.", "Use Save as… to go on in a copy.")

    # ---- the series

    def ask_series(self) -> None:
        """Let a data file be chosen and opened."""
        from tsrnn_gui.files.readers import file_filter

        start = str(Path(self.settings.recent_series[0]).parent) if self.settings.recent_series else ""
        name, _ = QFileDialog.getOpenFileName(self, "Open series", start, file_filter())
        if name:
            self.open_series(Path(name))

    def open_series(self, path: Path) -> None:
        """Preview ``path`` and take its series when it is opened."""
        from tsrnn_gui.ui.import_dialog import ImportDialog

        dialog = ImportDialog(path, self)
        dialog.finished.connect(lambda result: self._take_imported(dialog, path, result))
        dialog.open()

    def _take_imported(self, dialog: ImportDialog, path: Path, result: int) -> None:
        if result == QDialog.DialogCode.Accepted and dialog.series is not None:
            self.settings.remember("recent_series", path)
            self.take_series(dialog.series)
        dialog.deleteLater()

    def show_samples(self) -> None:
        """Let a sample be chosen."""
        from tsrnn_gui.ui.samples_dialog import SamplesDialog

        dialog = SamplesDialog(self)
        dialog.accepted.connect(lambda: self.open_sample(dialog.chosen.name if dialog.chosen else ""))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def open_sample(self, name: str) -> None:
        """Open the sample called ``name``."""
        from tsrnn_gui.app.series_reading import sample_reading
        from tsrnn_gui.files.samples import sample

        try:
            entry = sample(name)
        except TsrnnError as error:
            self.tell(error)
            return
        reading = sample_reading(entry.name, self)
        reading.done.connect(lambda series: self.take_series(series, entry))
        reading.failed.connect(self.tell)
        reading.finished.connect(lambda: self._readings.remove(reading))
        self._readings.append(reading)
        reading.start()

    def take_series(self, series: Series, entry: Sample | None = None) -> None:
        """Make ``series``, read from a file or from the sample ``entry``, the project's."""
        fields: dict[str, object] = {"missing": "refuse"}
        if entry is not None:
            fields = {"inputs": entry.columns[:1], "targets": entry.columns[:1], "missing": entry.missing}
        self.notices.hide()
        self.document.take_series(series, entry.split if entry else None, **fields)
        if entry is not None and entry.missing != "refuse":
            self.notices.tell(
                "Missing values of this sample are filled by repeating the last one.",
                "Change it beside Missing; filled values are never scored.",
            )

    # ---- code

    def ask_code(self) -> None:
        """Let Keras code be chosen and opened."""
        name, _ = QFileDialog.getOpenFileName(self, "Open Keras code", "", _CODE_FILTER)
        if name:
            self.open_code(Path(name))

    def open_code(self, path: Path) -> None:
        """Take the experiment out of someone's Keras code; nothing of it is run."""
        from tsrnn_gui.app.code_opening import found_in

        try:
            found = found_in(path)
        except TsrnnError as error:
            self.tell(error)
            return
        self._offer_code(found, path.name)

    def _offer_code(self, found: Sequence[Found], source: str) -> None:
        """Take the one model there is; of several let one be chosen before anything is replaced."""
        if len(found) == 1:
            self._take_code(found[0])
            return
        from tsrnn_gui.ui.model_choice_dialog import ModelChoiceDialog

        dialog = ModelChoiceDialog(found, source, self)
        dialog.accepted.connect(lambda: self._take_code(dialog.chosen))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take_code(self, found: Found) -> None:
        from tsrnn_gui.app.code_opening import fitted

        project = self.document.project
        self.document.edit(f"Take over {found.name}", project.with_experiment(fitted(found, project)))
        self.code_taken()
        self.notices.hide()
        if self.saved_weights.take(found):
            self.notices.tell(
                "The model's weights are at hand: Model › Forecast with opened weights.",
                "" if found.scaled else "First choose the scaling that it was trained with.",
                "\n".join(map(str, found.notes)),
            )
        elif found.notes:
            count = len(found.notes)
            self.notices.tell(
                f"{count} piece{'s' if count > 1 else ''} of the code {'were' if count > 1 else 'was'} not "
                "taken as written.",
                "Details say which, and what was done instead.",
                "\n".join(map(str, found.notes)),
            )

    # ---- projects

    def new_project(self) -> None:
        """Begin an empty project; the present one stays where it is."""
        self._switch(lambda: OpenProject(new_path(), create=True))

    def ask_project(self) -> None:
        """Let a project be chosen and opened."""
        name, _ = QFileDialog.getOpenFileName(self, "Open project", "", _PROJECT_FILTER)
        if name:
            self.open_project(Path(name))

    def open_project(self, path: Path) -> None:
        """Open the project at ``path``."""
        if path.resolve() == self.document.path.resolve():
            self.come_forward()
            return
        self._switch(lambda: opened_or_raised(path))

    def come_forward(self) -> None:
        """Be seen and have the keyboard; somebody wants the project that is open here."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def _live_in(self, opened: OpenProject) -> None:
        self._opened = opened
        if opened.door is not None:
            opened.door.knocked.connect(self.come_forward)

    def _switch(self, make: Callable[[], OpenProject | None]) -> None:
        """Go over to the project that is made; None means that another window has it and has come forward."""
        try:
            opened = make()
            if opened is None:
                return
            self.document.switch_to(opened.file, named=not unnamed(opened.path))
        except TsrnnError as error:
            self.tell(error)
            return
        self._opened.release()
        self._live_in(opened)
        self._remember_project()
        self._tell_if_read_only()

    def _remember_project(self) -> None:
        self.settings.last_project = str(self.document.path)
        if self.document.named or self.document.project.series is not None:
            self.settings.remember("recent_projects", self.document.path)
        else:
            self.settings.save()

    def ask_save_as(self) -> None:
        """Let a name be chosen and go on there."""
        path = self._ask_path("Save as")
        if path is not None:
            self.save_as(path)

    def save_as(self, path: Path) -> None:
        """Go on in a copy at ``path``."""
        try:
            self.document.save_as(path)
        except TsrnnError as error:
            self.tell(error)
            return
        self._opened.release()
        self._live_in(OpenProject(path))
        self._opened.file.close()
        self._remember_project()

    def ask_save_copy(self) -> None:
        """Let a name be chosen, write a copy there and stay."""
        path = self._ask_path("Save a copy")
        if path is not None:
            try:
                self.document.save_copy(path)
            except TsrnnError as error:
                self.tell(error)

    def _ask_path(self, title: str) -> Path | None:
        proposed = str(Path.home() / f"{self.document.title}{SUFFIX}")
        name, _ = QFileDialog.getSaveFileName(self, title, proposed, _PROJECT_FILTER)
        if not name:
            return None
        return Path(name) if name.endswith(SUFFIX) else Path(f"{name}{SUFFIX}")

    # ---- files that are dropped

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _dropped(event)
        if path is not None:
            event.acceptProposedAction()
            self.open_path(path)

    def open_path(self, path: Path) -> None:
        """Open a project or a series, as its name says."""
        from tsrnn_gui.app.code_opening import CODE_SUFFIXES

        if path.suffix.lower() == SUFFIX:
            self.open_project(path)
        elif path.suffix.lower() in CODE_SUFFIXES:
            self.open_code(path)
        else:
            self.open_series(path)


def _dropped(event: QDropEvent) -> Path | None:
    from tsrnn_gui.app.code_opening import CODE_SUFFIXES
    from tsrnn_gui.files.readers import SUFFIXES

    urls = event.mimeData().urls()
    if len(urls) != 1 or not urls[0].isLocalFile():
        return None
    path = Path(urls[0].toLocalFile())
    return path if path.suffix.lower() in (*SUFFIXES, *CODE_SUFFIXES, SUFFIX) else None
