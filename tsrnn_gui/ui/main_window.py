"""The main window: series and stack at the left, what came of them at the right."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication
from PySide6.QtWidgets import (
    QDockWidget,
    QLabel,
    QLayout,
    QMenu,
    QMessageBox,
    QScrollArea,
    QSizePolicy,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tsrnn_gui import __version__
from tsrnn_gui.app.document import Document
from tsrnn_gui.app.estimating import Estimator
from tsrnn_gui.app.going_on import continue_run, why_not_go_on
from tsrnn_gui.app.project_opening import OpenProject, unnamed
from tsrnn_gui.app.run_shelf import RunShelf
from tsrnn_gui.app.saved_weights import SavedWeights
from tsrnn_gui.app.settings import Settings
from tsrnn_gui.app.trainer import Trainer
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.series import Series
from tsrnn_gui.core.survey import is_long
from tsrnn_gui.ui.commands import make_actions, refresh_actions
from tsrnn_gui.ui.late_tabs import LateTabs
from tsrnn_gui.ui.project_window import ProjectWindow
from tsrnn_gui.ui.run_export import RunExport
from tsrnn_gui.ui.series_panel import SeriesPanel
from tsrnn_gui.ui.stack_panel import StackPanel
from tsrnn_gui.ui.taking_bar import TakingBar
from tsrnn_gui.ui.theme import theme

if TYPE_CHECKING:
    from tsrnn_gui.ui.code_panel import CodePanel
    from tsrnn_gui.ui.forecast_panel import ForecastPanel
    from tsrnn_gui.ui.go_on_dialog import GoOnDialog
    from tsrnn_gui.ui.range_test_dialog import RangeTestDialog
    from tsrnn_gui.ui.runs_panel import RunsPanel
    from tsrnn_gui.ui.series_plot import SeriesPlot
    from tsrnn_gui.ui.training_panel import TrainingPanel

_LEFT_WIDTH = 430
_BREATH_MS = 5
_TOOLBAR = ("open_series", "samples", "undo", "redo", "", "range_test", "train", "pause", "stop")


class MainWindow(ProjectWindow):
    """One project in one window; commands of ui/commands.py call its public methods."""

    document: Document
    trainer: Trainer
    series_panel: SeriesPanel
    stack_panel: StackPanel
    settings: Settings
    run_export: RunExport
    estimator: Estimator
    saved_weights: SavedWeights
    menus: dict[str, QMenu]

    def __init__(self, opened: OpenProject, trainer: Trainer, settings: Settings) -> None:
        super().__init__(opened, trainer, settings)
        self.setObjectName("main_window")
        self.shelf = RunShelf(self.document, trainer, self)
        self.run_export = RunExport(self.document, trainer, self)
        self.estimator = Estimator(self.document, trainer, self)
        self._range_test: RangeTestDialog | None = None
        self._go_on: GoOnDialog | None = None
        self.actions_by_name: dict[str, QAction] = make_actions(self)
        self._panels()
        self._toolbar()
        self._status()
        self._connect()
        self.resize(1366, 768)
        self._recent_menus()
        self._first_layout = self.saveState()
        self._restore()
        self._refresh()
        self._tell_if_read_only()

    # ---- construction

    def _panels(self) -> None:
        self.series_panel = SeriesPanel(self.document)
        self.stack_panel = StackPanel(self.document)
        self.tabs = LateTabs()
        self.tabs.add_late("Series", self._make_series)
        self.tabs.add_late("Training", self._make_training)
        self.tabs.add_late("Forecast", self._make_forecast)
        self.tabs.add_late("Runs", self._make_runs)
        self.tabs.add_late("Code", self._make_code)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(2, 2, 8, 8)
        layout.setSpacing(4)
        layout.addWidget(self.notices)
        layout.addWidget(self.tabs)
        self.setCentralWidget(centre)
        left = Qt.DockWidgetArea.LeftDockWidgetArea
        docks = [
            _dock(*each) for each in (("Series", self.series_panel), ("Stack", _scrolling(self.stack_panel)))
        ]
        for dock in docks:
            self.addDockWidget(left, dock)
        self.setCorner(Qt.Corner.BottomLeftCorner, left)
        self.resizeDocks(docks, [_LEFT_WIDTH] * 2, Qt.Orientation.Horizontal)
        self.resizeDocks(docks, [200, 500], Qt.Orientation.Vertical)
        self._docks = docks
        for dock in docks:
            self.menus["&View"].addAction(dock.toggleViewAction())

    # what is not seen at first is imported and made after the window is shown

    def _make_series(self) -> SeriesPlot:
        from tsrnn_gui.ui.batch_marks import BatchMarks
        from tsrnn_gui.ui.series_plot import SeriesPlot

        made = SeriesPlot(self.document)
        BatchMarks(made.plot, self.document, self.trainer)
        return made

    def _make_training(self) -> TrainingPanel:
        from tsrnn_gui.ui.training_panel import TrainingPanel

        panel = TrainingPanel(self.document, self.trainer, self.estimator)
        panel.going_on.continue_asked.connect(self.continue_run)
        panel.going_on.go_on_asked.connect(self.show_go_on)
        panel.loss_plot.go_on_asked.connect(self.show_go_on)
        return panel

    def _make_forecast(self) -> ForecastPanel:
        from tsrnn_gui.ui.forecast_panel import ForecastPanel

        return ForecastPanel(self.document, self.trainer)

    def _make_runs(self) -> RunsPanel:
        from tsrnn_gui.ui.runs_panel import RunsPanel

        panel = RunsPanel(self.document, self.trainer, self.shelf)
        panel.going_on.continue_asked.connect(self.continue_run)
        panel.going_on.go_on_asked.connect(self.show_go_on)
        return panel

    def _make_code(self) -> CodePanel:
        from tsrnn_gui.ui.code_panel import CodePanel

        panel = CodePanel(self.document)
        panel.saved.connect(self.notices.tell)
        panel.failed.connect(self.tell)
        return panel

    @property
    def code_panel(self) -> CodePanel:
        """The experiment as Keras code."""
        return self.tabs.made("Code")  # type: ignore[return-value]

    @property
    def series_plot(self) -> SeriesPlot:
        """The series on its time axis."""
        return self.tabs.made("Series")  # type: ignore[return-value]

    @property
    def training_panel(self) -> TrainingPanel:
        """The view of the run."""
        return self.tabs.made("Training")  # type: ignore[return-value]

    @property
    def forecast_panel(self) -> ForecastPanel:
        """The view of the forecast."""
        return self.tabs.made("Forecast")  # type: ignore[return-value]

    @property
    def runs_panel(self) -> RunsPanel:
        """The list of the runs."""
        return self.tabs.made("Runs")  # type: ignore[return-value]

    def _toolbar(self) -> None:
        bar = QToolBar("Main")
        bar.setObjectName("toolbar")
        bar.setMovable(False)
        for name in _TOOLBAR:
            if not name:
                space = QWidget()
                space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
                bar.addWidget(space)
                continue
            bar.addAction(self.actions_by_name[name])
        self.addToolBar(bar)
        button = bar.widgetForAction(self.actions_by_name["train"])
        assert isinstance(button, QToolButton)
        button.setProperty("primary", True)
        button.style().unpolish(button)
        button.style().polish(button)
        self.train_button = button

    def _status(self) -> None:
        self._engine_words, self._saved_words = QLabel(), QLabel("All changes saved")
        self._engine_words.setObjectName("engine_words")
        self._saved_words.setObjectName("saved_words")
        self.statusBar().addWidget(self._engine_words)
        self.statusBar().addWidget(self._saved_words)
        taking = TakingBar(self.document)
        self.statusBar().setMinimumHeight(taking.sizeHint().height() + 4)
        self.statusBar().addPermanentWidget(taking)

    def _connect(self) -> None:
        document, trainer = self.document, self.trainer
        document.changed.connect(lambda _: self._refresh())
        document.opened.connect(lambda _: self._refresh())
        document.undo_stack.indexChanged.connect(self._refresh_edit)
        document.saved.connect(self._show_saved)
        document.taken.connect(self._series_taken)
        document.failed.connect(self.tell)
        self.shelf.failed.connect(self.tell)
        self.run_export.failed.connect(self.tell)
        self.run_export.done.connect(self.notices.tell)
        self.estimator.failed.connect(self.tell)
        trainer.state_changed.connect(lambda _: self._refresh())
        trainer.failed.connect(self.tell)
        trainer.run_ended.connect(lambda _: self._refresh())
        trainer.shown_changed.connect(lambda _: self._refresh())

    def _recent_menus(self) -> None:
        before = self.actions_by_name["save_as"]
        for title, kind, run in (
            ("Recent projects", "recent_projects", self.open_project),
            ("Recent series", "recent_series", self.open_series),
        ):
            menu = self.menuBar().addMenu(title)
            self.menuBar().removeAction(menu.menuAction())
            self.menus["&File"].insertMenu(before, menu)
            menu.aboutToShow.connect(lambda menu=menu, kind=kind, run=run: self._fill_recent(menu, kind, run))

    def _fill_recent(self, menu: QMenu, kind: str, run: Callable[[Path], None]) -> None:
        menu.clear()
        for text in getattr(self.settings, kind):
            path = Path(text)
            where = "not named yet" if unnamed(path) else str(path.parent)
            action = menu.addAction(f"{path.stem}   {where}")
            action.setEnabled(path.exists())
            action.triggered.connect(lambda _=False, path=path: run(path))
        if menu.isEmpty():
            menu.addAction("None yet").setEnabled(False)

    # ---- news

    def _show_saved(self, saved: bool) -> None:
        read_only = self.document.file.read_only
        words = (
            "All changes saved" if saved else "Read only: changes are not kept" if read_only else "Not saved"
        )
        self._saved_words.setText(words)

    def _refresh(self) -> None:
        refresh_actions(self, self.actions_by_name)
        self._engine_words.setText(self.trainer.engine_words)
        self.actions_by_name["pause"].setText("Continue" if self.trainer.state == "paused" else "&Pause")
        self.setWindowTitle(f"{self.document.title} — tsrnn")
        self._refresh_edit()

    def _refresh_edit(self) -> None:
        stack = self.document.undo_stack
        for name, verb, can, text in (
            ("undo", "Undo", stack.canUndo(), stack.undoText()),
            ("redo", "Redo", stack.canRedo(), stack.redoText()),
        ):
            action = self.actions_by_name[name]
            action.setEnabled(can)
            action.setToolTip(f"{verb} {text[:1].lower()}{text[1:]}" if can else f"Nothing to {verb.lower()}")

    def _series_taken(self, series: Series) -> None:
        """All panels have just followed a long series: what waits meanwhile goes first.

        Without any delay Qt would go on here before it looks at its other timers.
        """
        if is_long(series):
            QTimer.singleShot(_BREATH_MS, self, self._show_taken)
        else:
            self._show_taken()

    def _show_taken(self) -> None:
        if not self.trainer.busy:
            self.trainer.show_run(None)  # a forecast of another series would only mislead
        self.tabs.setCurrentWidget(self.series_plot)

    def save(self) -> None:
        """Every edit is saved; a project without a name is asked for one."""
        if self.document.named:
            self._show_saved(not self.document.file.read_only)
        else:
            self.ask_save_as()

    def code_taken(self) -> None:
        """Select what is most likely to be looked at first."""
        self.stack_panel.select(1)

    # ---- the model

    def can_train(self) -> bool:
        """Whether nothing is wrong and nothing runs."""
        return not self.document.verdict.errors and not self.trainer.busy

    def why_not_train(self) -> str:
        """Say the first thing that is wrong."""
        errors = self.document.verdict.errors
        return errors[0].text if errors else "A run is under way"

    def train(self) -> None:
        """Train the stack."""
        self.tabs.setCurrentWidget(self.training_panel)
        self.trainer.train(self.document)

    def use_saved_weights(self) -> None:
        """Forecast with the weights of the model that was opened."""
        self.notices.hide()
        self.tabs.setCurrentWidget(self.forecast_panel)
        self.saved_weights.use()

    def continue_run(self) -> None:
        """Train what is left of the run that is shown."""
        self.tabs.setCurrentWidget(self.training_panel)
        continue_run(self.trainer, self.document)

    def show_go_on(self, epoch: int = 0) -> None:
        """Ask how to go on from an epoch (from 1) of the run that is shown; 0 leaves it open."""
        from tsrnn_gui.ui.go_on_dialog import GoOnDialog

        log = self.trainer.shown
        if log is None or why_not_go_on(self.trainer, self.document):
            return
        self.tabs.setCurrentWidget(self.training_panel)
        if self._go_on is not None:
            self._go_on.close()
        dialog = self._go_on = GoOnDialog(self.document, self.trainer, log, epoch or None, self)
        dialog.proposed.connect(self.training_panel.loss_plot.propose)
        dialog.finished.connect(self._leave_go_on)
        self.training_panel.loss_plot.propose(dialog.rewind.after)
        dialog.move(self.training_panel.forecast_plot.mapToGlobal(QPoint(24, 0)))
        dialog.show()

    def _leave_go_on(self) -> None:
        self.training_panel.loss_plot.propose(None)
        if self._go_on is not None:
            self._go_on.deleteLater()
            self._go_on = None

    def show_range_test(self) -> None:
        """Show the range test beside the window."""
        from tsrnn_gui.ui.range_test_dialog import RangeTestDialog

        if self._range_test is None:
            self._range_test = RangeTestDialog(self.document, parent=self)
        self._range_test.show()
        self._range_test.raise_()
        self._range_test.activateWindow()

    def pause_or_resume(self) -> None:
        """Hold the run, or go on with it."""
        if self.trainer.state == "paused":
            self.trainer.resume()
        else:
            self.trainer.pause()

    def has_forecast(self) -> bool:
        """Whether there is a forecast to take away."""
        return self.trainer.shown is not None and self.trainer.shown.forecast is not None

    def export_forecast(self) -> None:
        """Let a name be chosen for the forecast's table."""
        self.tabs.setCurrentWidget(self.forecast_panel)
        self.forecast_panel.ask_export()

    def paste(self) -> None:
        """Paste layers behind the selected one, or take a whole model; say so when there is neither."""
        from tsrnn_gui.app.layer_clipboard import models_from

        try:
            found = models_from(QGuiApplication.clipboard().mimeData())
        except TsrnnError as error:
            self.tell(error)
            return
        if found:
            self._offer_code(found, "the clipboard")
        elif not self.stack_panel.paste():
            self.notices.tell(
                "There are no layers on the clipboard.", "Copy some in a stack, or Keras code anywhere."
            )

    def copy_experiment(self) -> None:
        """Put the experiment on the clipboard as Keras code."""
        from tsrnn_gui.app.layer_clipboard import experiment_mime

        project = self.document.project
        QGuiApplication.clipboard().setMimeData(experiment_mime(project))
        self.notices.tell(
            "The experiment is on the clipboard as Keras code.", "Paste it in an editor or in another window."
        )

    # ---- the window

    def set_scheme(self, scheme: str) -> None:
        """Choose the colours."""
        self.settings.colour_scheme = scheme
        self.settings.save()
        theme().set_scheme(scheme)
        refresh_actions(self, self.actions_by_name)

    def reset_layout(self) -> None:
        """Put the panels back where they were at first."""
        self.restoreState(self._first_layout)

    def show_about(self) -> None:
        """Say what this is and whose work it stands on."""
        box = QMessageBox(QMessageBox.Icon.NoIcon, "About tsrnn", "", parent=self)
        box.setTextFormat(Qt.TextFormat.RichText)
        box.setText(
            f"<h3>tsrnn_gui {__version__}</h3><p>Recurrent networks for time series, judged honestly.</p>"
            "<p>MIT licence. Built on TensorFlow and Keras (Apache 2.0), PySide6 (LGPL 3), "
            "pyqtgraph (MIT), numpy (BSD), pyarrow (Apache 2.0) and msgspec (BSD).</p>"
        )
        box.open()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.trainer.busy and not self._may_leave():
            event.ignore()
            return
        self.settings.geometry = _as_text(self.saveGeometry())
        self.settings.layout = _as_text(self.saveState())
        self._remember_project()
        self.document.undo_stack.indexChanged.disconnect(self._refresh_edit)
        for reading in self._readings:
            reading.wait(5000)
        self.forecast_panel.export_button.finish()
        self.code_panel.finish()
        if self._range_test is not None:
            self._range_test.close()
        self.trainer.shutdown()
        self.run_export.finish()
        self.document.close()
        self._opened.release()
        super().closeEvent(event)

    def _may_leave(self) -> bool:
        """The one question: a run under way ends with the window, its finished epochs are kept."""
        box = QMessageBox(QMessageBox.Icon.Question, "Quit", "A run is under way.", parent=self)
        box.setInformativeText("Its finished epochs are kept. Quit now?")
        leave = box.addButton("Quit", QMessageBox.ButtonRole.AcceptRole)
        box.addButton("Go on training", QMessageBox.ButtonRole.RejectRole)
        box.exec()
        return box.clickedButton() is leave

    def _restore(self) -> None:
        if self.settings.geometry:
            self.restoreGeometry(_as_bytes(self.settings.geometry))
        if self.settings.layout:
            self.restoreState(_as_bytes(self.settings.layout))


def _dock(title: str, widget: QWidget) -> QDockWidget:
    dock = QDockWidget(title)
    dock.setObjectName(f"dock_{title.lower()}")
    dock.setTitleBarWidget(QWidget())
    frame = QWidget()
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(8, 6, 2, 2)
    layout.setSizeConstraint(QLayout.SizeConstraint.SetMinAndMaxSize)  # what one panel leaves, the other has
    layout.addWidget(widget)
    dock.setWidget(frame)
    return dock


def _scrolling(widget: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(widget)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area


def _as_text(data: QByteArray) -> str:
    return base64.b64encode(data.data()).decode()


def _as_bytes(text: str) -> QByteArray:
    return QByteArray(base64.b64decode(text))
