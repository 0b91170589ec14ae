"""Labels whose tone follows what they say."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel


def set_tone(label: QLabel, tone: str) -> None:
    """Give ``label`` the style sheet's ``tone``; styled again only when it differs."""
    if label.property("tone") != tone:
        label.setProperty("tone", tone)
        label.style().unpolish(label)
        label.style().polish(label)
