"""Tells in the status bar that a long series is being taken over, and lets it be cancelled."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.series_taking import SeriesTaking

_PARTS = 1000
_WIDTH = 220


class TakingBar(QFrame):
    """Seen only while ``document`` takes a series over.

    Its place keeps its height without it: a bar that pushed the plots aside would paint them twice more.
    """

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text, self.progress, cancel = QLabel(), QProgressBar(), QToolButton()
        self.text.setObjectName("taking_text")
        self.progress.setAccessibleName("Share of the series that is taken over")
        self.progress.setRange(0, _PARTS)
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(_WIDTH)
        cancel.setObjectName("cancel_taking")
        cancel.setText("Cancel")
        cancel.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        cancel.clicked.connect(document.cancel_taking)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self.text)
        layout.addWidget(self.progress)
        layout.addWidget(cancel)
        document.taking.connect(self._follow)
        self.hide()

    def _follow(self, taking: SeriesTaking | None) -> None:
        self.setVisible(taking is not None)
        if taking is None or taking.project.series is None:
            return
        series = taking.project.series
        self.text.setText(f"Reading {series.name}: {len(series):,} rows…")
        self.progress.setValue(0)
        taking.progressed.connect(lambda share: self.progress.setValue(int(_PARTS * share)))
