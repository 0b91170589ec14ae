"""The white cards that panels are made of."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout


def card() -> tuple[QFrame, QVBoxLayout]:
    """Make an empty card and give its layout too."""
    frame = QFrame()
    frame.setObjectName("card")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(12, 10, 12, 8)
    layout.setSpacing(8)
    return frame, layout
