"""News across the top of the window: a sentence, a hint, details on demand, and a way to close it."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMessageBox, QPushButton, QWidget


class NoticeBar(QFrame):
    """Shows the newest notice until it is closed; never in anybody's way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.text = QLabel()
        self.text.setObjectName("notice_text")
        self.text.setWordWrap(True)
        self._details = ""
        self.details_button = QPushButton("Details…")
        self.details_button.setObjectName("notice_details")
        self.details_button.clicked.connect(self._show_details)
        close = QPushButton("Close")
        close.setObjectName("notice_close")
        close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.details_button)
        layout.addWidget(close)
        self.hide()

    def tell(self, text: str, hint: str = "", details: str = "") -> None:
        """Show ``text`` with what to do about it."""
        self.text.setText(f"{text} {hint}".strip())
        self._details = details
        self.details_button.setVisible(bool(details))
        self.show()

    def _show_details(self) -> None:
        box = QMessageBox(QMessageBox.Icon.NoIcon, "Details", self.text.text(), parent=self)
        box.setDetailedText(self._details)
        box.open()
