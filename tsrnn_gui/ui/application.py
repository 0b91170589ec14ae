"""Starts the application: theme, settings, the project to begin with, and the crash dialog."""

from __future__ import annotations

import gc
import signal
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from tsrnn_gui.app.garbage import GarbageCollecting
from tsrnn_gui.app.project_opening import OpenProject, new_path, opened_or_raised
from tsrnn_gui.app.settings import Settings, load_settings
from tsrnn_gui.app.trainer import Trainer
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files.project_file import SUFFIX
from tsrnn_gui.files.series_blob import load_libraries
from tsrnn_gui.ui.clicked_files import ClickedFiles
from tsrnn_gui.ui.demo import Demo
from tsrnn_gui.ui.main_window import MainWindow
from tsrnn_gui.ui.theme import icon, theme

_SIGNAL_CHECK_MS = 300
_SWITCH_S = 0.0005
_SETTLED_MS = 200


def run(file: Path | None, sample: str | None, demo: Path | None) -> int:
    """Show the window and run until it is closed."""
    app = _application()
    prepare_interpreter(app)
    app.setApplicationName("tsrnn")
    app.setDesktopFileName("tsrnn_gui")
    app.setWindowIcon(icon("tsrnn"))
    settings = load_settings()
    theme().set_scheme(settings.colour_scheme)
    window = opened_window(file, sample if demo is None else "", settings)
    if window is None:
        return 0
    sys.excepthook = lambda *error: _crash(window, *error)
    ticker = _ended_by_signals(window)
    window.show()
    QTimer.singleShot(0, window.trainer.start)
    QTimer.singleShot(_SETTLED_MS, threading.Thread(target=load_libraries, name="load").start)
    _begin_with(window, file, sample)
    if isinstance(app, ClickedFiles):
        app.open_file = window.open_path
    showing = Demo(window, demo, sample or "sunspots") if demo is not None else None
    code = app.exec()
    ticker.stop()
    return showing.code if showing is not None else code


def _application() -> QApplication:
    """Elsewhere than on macOS clicked files come on the command line."""
    return (ClickedFiles if sys.platform == "darwin" else QApplication)(sys.argv[:1])


def prepare_interpreter(app: QApplication) -> None:
    """Let the window's thread in ten times sooner than Python would while another thread computes.

    A repaint goes in and out of Python dozens of times, and each time may wait for its turn. What the
    imports made stays for good, so the collector need not look through it.
    """
    sys.setswitchinterval(_SWITCH_S)
    gc.freeze()
    GarbageCollecting(app)


def opened_window(file: Path | None, sample: str | None, settings: Settings) -> MainWindow | None:
    """Make the window with the project to begin with; a project that fails to open becomes a notice.

    None if another window has the project ``file``; that window has come forward.
    """
    wanted = file if file is not None and file.suffix.lower() == SUFFIX else None
    failure: TsrnnError | None = None
    opened: OpenProject | None = None
    try:
        if wanted is not None:
            opened = opened_or_raised(wanted)
            if opened is None:
                return None
            opened.file.load()
        elif file is None and sample is None and settings.last_project:
            opened = _left_alone(Path(settings.last_project))
    except TsrnnError as error:
        failure, opened = error, None
    window = MainWindow(opened or OpenProject(new_path(), create=True), Trainer(), settings)
    window.trainer.setParent(window)
    if failure is not None:
        window.tell(failure)
    return window


def _left_alone(last: Path) -> OpenProject | None:
    """Open the last project again, unless it is gone or another window still has it."""
    if not last.exists():
        return None
    opened = OpenProject(last)
    if opened.owner:
        opened.file.close()
        return None
    opened.file.load()
    return opened


def _begin_with(window: MainWindow, file: Path | None, sample: str | None) -> None:
    if file is not None and file.suffix.lower() != SUFFIX:
        window.open_series(file)
    elif sample:
        window.open_sample(sample)


def _ended_by_signals(window: MainWindow) -> QTimer:
    """Let Python see SIGINT and SIGTERM now and then, and leave without a question."""

    def leave(number: int, frame: object) -> None:
        window.trainer.stop()
        window.trainer.shutdown()
        QApplication.exit(0)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    ticker = QTimer(window, interval=_SIGNAL_CHECK_MS)
    ticker.timeout.connect(lambda: None)
    ticker.start()
    return ticker


def _crash(
    window: MainWindow, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Nothing is lost, as every edit is in the file; say so and offer the report."""
    report = "".join(traceback.format_exception(kind, error, trace))
    sys.stderr.write(report)
    box = QMessageBox(QMessageBox.Icon.Warning, "Something went wrong", "", parent=window)
    box.setText("The program met a fault of its own. Your project is saved up to the last edit.")
    box.setInformativeText("You can go on. Please pass the report on to the developers.")
    box.setDetailedText(report)
    box.open()
