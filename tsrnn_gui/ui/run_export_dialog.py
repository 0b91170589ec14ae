"""What a run can be taken away as: the network for other programs, or the code that trains it."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, Signal
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

from tsrnn_gui.app.run_exporting import CODE_EXPORTS, MODEL_FORMATS, CodeExport, ModelFormat
from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.problems import TsrnnError


class RunExportDialog(QDialog):
    """Lets a format be chosen for ``experiment``; ``picked`` carries its entry."""

    picked = Signal(object)

    def __init__(self, experiment: Experiment, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run_export_dialog")
        self.setWindowTitle("Export model")
        self.resize(680, 330)
        self._experiment = experiment
        self.chosen: ModelFormat | CodeExport | None = None
        self.list = QListWidget()
        self.list.setObjectName("export_formats")
        self.list.setAccessibleName("Formats")
        self.list.setSpacing(1)
        entries: list[ModelFormat | CodeExport] = [*MODEL_FORMATS, *CODE_EXPORTS]
        for entry in entries:
            item = QListWidgetItem(entry.title)
            item.setData(Qt.ItemDataRole.UserRole, entry)
            self.list.addItem(item)
        self.about = QLabel()
        self.about.setObjectName("export_about")
        self.about.setWordWrap(True)
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.about.setTextFormat(Qt.TextFormat.RichText)
        self._buttons()
        self.list.currentItemChanged.connect(lambda *_: self._show())
        self.list.itemDoubleClicked.connect(lambda _: self.export_button.click())
        self.list.setCurrentRow(0)

    def _buttons(self) -> None:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.export_button = buttons.addButton("Export…", QDialogButtonBox.ButtonRole.AcceptRole)
        self.export_button.setObjectName("export_chosen")
        buttons.accepted.connect(self.accept)
        self.accepted.connect(lambda: self.picked.emit(self.chosen))
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.list, 4)
        row.addWidget(self.about, 4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.addLayout(row, 1)
        layout.addWidget(buttons)

    def _show(self) -> None:
        item = self.list.currentItem()
        entry = self.chosen = item.data(Qt.ItemDataRole.UserRole) if item else None
        if entry is None:
            return
        files = f"Writes NAME{entry.suffix} and NAME{entry.beside}"
        tried = "; opened again and tried on the validation part first." if _is_model(entry) else "."
        problem = _problem(entry, self._experiment)
        parts = [f"<h3>{escape(entry.title)}</h3>", f"<p>{escape(entry.purpose)}</p>"]
        parts.append(f"<p>{escape(problem)}</p>" if problem else f"<p>{escape(files + tried)}</p>")
        self.about.setText("".join(parts))
        self.export_button.setEnabled(not problem)


def _is_model(entry: ModelFormat | CodeExport) -> bool:
    return isinstance(entry, ModelFormat)


def _problem(entry: ModelFormat | CodeExport, experiment: Experiment) -> str:
    """Say why ``experiment`` has no such form, or nothing."""
    if isinstance(entry, CodeExport):
        return ""
    try:
        entry.check(experiment)
    except TsrnnError as error:
        return f"{error.text} {error.hint}"
    return ""
