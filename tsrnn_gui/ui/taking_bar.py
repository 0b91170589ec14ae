"""Tells across the top of the window that a long series is being taken over, and lets it be cancelled."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.series_taking import SeriesTaking

_PARTS = 1000
_WIDTH = 220


class TakingBar(QFrame):
    """Seen only while ``document`` takes a series over."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.text, self.progress, cancel = QLabel(), QProgressBar(), QPushButton("Cancel")
        self.text.setObjectName("taking_text")
        self.progress.setAccessibleName("Share of the series that is taken over")
        self.progress.setRange(0, _PARTS)
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(_WIDTH)
        cancel.setObjectName("cancel_taking")
        cancel.clicked.connect(document.cancel_taking)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.addWidget(self.text, 1)
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
