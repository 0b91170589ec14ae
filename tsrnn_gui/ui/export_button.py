"""Saves a forecast in any of the formats there are, and says where it went."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from tsrnn_gui.app.exporting import EXPORTERS, Exporting, ForecastTable, save_filter


class ExportButton(QToolButton):
    """A button with a menu entry a format; ``done`` carries the path, ``failed`` a TsrnnError."""

    done = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("export_button")
        self.setText("Export…")
        self.setToolTip("Save the table of this forecast")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.table: ForecastTable | None = None
        self._writing: list[Exporting] = []
        menu = QMenu(self)
        for entry in EXPORTERS:
            action = menu.addAction(f"{entry.title}…")
            action.setObjectName(f"export_{entry.key}")
            action.triggered.connect(lambda _=False, key=entry.key: self.ask(key))
        self.setMenu(menu)

    def ask(self, key: str | None = None) -> None:
        """Let a file name be chosen, then write."""
        if self.table is None:
            return
        entry = next((entry for entry in EXPORTERS if entry.key == key), EXPORTERS[0])
        dialog = QFileDialog(self, "Export the forecast")
        dialog.setObjectName("export_dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(save_filter().split(";;"))
        dialog.selectNameFilter(f"{entry.title} (*{entry.suffix})")
        dialog.setDefaultSuffix(entry.suffix.lstrip("."))
        dialog.filterSelected.connect(lambda text: dialog.setDefaultSuffix(_suffix(text)))
        dialog.selectFile(f"{_plain(self.table.title)}{entry.suffix}")
        dialog.fileSelected.connect(lambda name: self.write(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write(self, path: Path) -> None:
        """Write the table to ``path`` in the background."""
        if self.table is None:
            return
        writing = Exporting(self.table, path, parent=self)
        writing.done.connect(self.done)
        writing.failed.connect(self.failed)
        writing.finished.connect(self._forget_done)
        self._writing.append(writing)
        writing.start()

    def _forget_done(self) -> None:
        for writing in [writing for writing in self._writing if writing.isFinished()]:
            self._writing.remove(writing)
            writing.deleteLater()

    def finish(self) -> None:
        """Wait until all is written; for the end of the program."""
        for writing in self._writing:
            writing.wait()


def _suffix(name_filter: str) -> str:
    return name_filter.rpartition("*.")[2].rstrip(")")


def _plain(title: str) -> str:
    return "".join(c if c.isalnum() or c in " -_" else "-" for c in title).strip()
