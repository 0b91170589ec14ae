"""The white cards that panels are made of."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget


def card() -> tuple[QFrame, QVBoxLayout]:
    """Make an empty card and give its layout too."""
    frame = QFrame()
    frame.setObjectName("card")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(12, 10, 12, 8)
    layout.setSpacing(8)
    return frame, layout


def told_row(title: str, words: QLabel, *widgets: QWidget) -> QHBoxLayout:
    """Make a card's first line: heading, ``words`` that wrap rather than widen the card, ``widgets``."""
    row = QHBoxLayout()
    row.setSpacing(12)
    heading = QLabel(title)
    heading.setObjectName("heading")
    words.setWordWrap(True)
    words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    row.addWidget(heading)
    row.addWidget(words, 1)
    for widget in widgets:
        row.addWidget(widget)
    return row
