"""The gallery of sample series: what each is, its step and its licence, before it is opened."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tsrnn_gui.files.samples import SAMPLES, Sample


class SamplesDialog(QDialog):
    """Lets one sample be chosen; ``chosen`` is there once the dialog was accepted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("samples_dialog")
        self.setWindowTitle("Samples")
        self.resize(720, 430)
        self.chosen: Sample | None = None
        self.list = QListWidget()
        self.list.setObjectName("samples")
        self.list.setAccessibleName("Sample series")
        self.list.setSpacing(1)
        for entry in SAMPLES:
            item = QListWidgetItem(entry.title)
            item.setData(Qt.ItemDataRole.UserRole, entry)
            self.list.addItem(item)
        self._about = QLabel()
        self._about.setWordWrap(True)
        self._about.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._about.setTextFormat(Qt.TextFormat.RichText)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.list, 3)
        row.addWidget(self._about, 4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.addLayout(row, 1)
        layout.addWidget(buttons)
        self.list.currentItemChanged.connect(lambda *_: self._show())
        self.list.itemDoubleClicked.connect(lambda _: self.accept())
        self.list.setCurrentRow(0)

    def choose(self, name: str) -> None:
        """Select the sample called ``name``."""
        for row, entry in enumerate(SAMPLES):
            if entry.name == name:
                self.list.setCurrentRow(row)

    def _show(self) -> None:
        item = self.list.currentItem()
        self.chosen = item.data(Qt.ItemDataRole.UserRole) if item else None
        if self.chosen is not None:
            s = self.chosen
            parts = [f"<h3>{s.title}</h3>", f"<p>{s.description}</p>"]
            if s.unit:
                parts.append(f"<p>Unit: {s.unit}</p>")
            parts.append(f"<p><small>{s.licence}</small></p>")
            self._about.setText("".join(parts))
