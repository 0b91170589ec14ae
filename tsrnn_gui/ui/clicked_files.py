"""Files that were clicked while the program runs: macOS tells them to it, others start it again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication


class ClickedFiles(QApplication):
    """The application that hears of clicked files and hands them to ``open_file``."""

    open_file: Callable[[Path], object] = staticmethod(lambda path: None)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and event.file():
            self.open_file(Path(event.file()))
            return True
        return super().event(event)
