"""Tabs whose pages are made after the window is shown, or when somebody asks for them first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QTabWidget, QWidget

_PAUSE_MS = 150


class LateTabs(QTabWidget):
    """Makes one late page at each turn of the event loop, so that the window never waits for them all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tabs")
        self.setDocumentMode(True)
        self._late: dict[str, tuple[QWidget, Callable[[], QWidget]]] = {}
        self._pages: dict[str, QWidget] = {}
        self._turn = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._turn.timeout.connect(self._make_next)
        self.currentChanged.connect(self._make_shown)

    def add_late(self, title: str, make: Callable[[], QWidget]) -> None:
        """Add a tab called ``title`` whose page ``make`` makes later."""
        place = QWidget()
        self._late[title] = (place, make)
        self.addTab(place, title)

    def made(self, title: str) -> QWidget:
        """Give the page called ``title``, making it now if need be."""
        if title not in self._pages:
            place, make = self._late.pop(title)
            page = self._pages[title] = make()
            index = self.indexOf(place)
            shown = self.currentIndex() == index
            self.insertTab(index, page, title)
            if shown:
                self.setCurrentIndex(index)
            self.removeTab(self.indexOf(place))
            place.deleteLater()
        return self._pages[title]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._turn.start()

    def _make_next(self) -> None:
        if self._late:
            self.made(next(iter(self._late)))
            self._turn.start()

    def _make_shown(self, index: int) -> None:
        title = self.tabText(index)
        if title in self._late and self.widget(index) is self._late[title][0]:
            self.made(title)
