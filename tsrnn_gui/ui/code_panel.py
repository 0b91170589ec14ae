"""The experiment as Keras code, written anew while it changes, the changed lines marked."""

from __future__ import annotations

import difflib
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QGuiApplication, QShowEvent, QTextCursor, QTextFormat
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.run_exporting import CODE_EXPORTS, CodeExport, RunExporting, Taken, code_written
from tsrnn_gui.core.script import recipe_of
from tsrnn_gui.ui.problem_card import heading_row
from tsrnn_gui.ui.python_highlighter import PythonHighlighter
from tsrnn_gui.ui.theme import fixed_font, theme


class CodePanel(QWidget):
    """Shows a script that does on its own what the experiment does; written only while it is seen.

    ``saved`` carries a sentence, ``failed`` a TsrnnError.
    """

    saved = Signal(str)
    failed = Signal(object)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("code_panel")
        self._document = document
        self.spelling = QComboBox()
        self.spelling.setObjectName("spelling")
        self.spelling.setAccessibleName("Spelling of the code")
        for entry in CODE_EXPORTS:
            self.spelling.addItem(entry.spelling, entry)
        self.copy_button = QPushButton("Copy")
        self.copy_button.setObjectName("copy_code")
        self.save_button = QPushButton("Save…")
        self.save_button.setObjectName("save_code")
        self._saving: RunExporting | None = None
        self._about = QLabel()
        self._about.setObjectName("about_code")
        self._about.setProperty("tone", "faint")
        self.text = QPlainTextEdit()
        self.text.setObjectName("code")
        self.text.setAccessibleName("The experiment as Keras code")
        self.text.setReadOnly(True)
        self.text.setFont(fixed_font())
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._highlighter = PythonHighlighter(self.text.document())
        self._lay_out()
        self.spelling.activated.connect(self.refresh)
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        self.save_button.clicked.connect(self.ask_save)
        document.changed.connect(self.refresh)
        document.opened.connect(self.refresh)

    def _lay_out(self) -> None:
        card = QFrame()
        card.setObjectName("card")
        inner = QVBoxLayout(card)
        inner.setContentsMargins(12, 10, 12, 12)
        inner.setSpacing(8)
        inner.addLayout(heading_row("Code", self.spelling, self.copy_button, self.save_button))
        inner.addWidget(self._about)
        inner.addWidget(self.text, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Write the code of the present experiment, or say what is in the way."""
        if not self.isVisible():
            return
        project, errors = self._document.project, self._document.verdict.errors
        fine = not errors and project.series is not None
        self.copy_button.setEnabled(fine)
        self.save_button.setEnabled(fine)
        if not fine:
            self._about.setText(
                f"The code is written once this is mended: {errors[0].text}" if errors else ""
            )
            return
        recipe = recipe_of(project)
        self._about.setText(f"Needs tensorflow and numpy, and reads {recipe.csv_name}: Save… writes both.")
        self._show(self.entry.text(recipe))

    @property
    def entry(self) -> CodeExport:
        """The spelling that is shown."""
        return CODE_EXPORTS[max(self.spelling.currentIndex(), 0)]

    def ask_save(self) -> None:
        """Let a name be chosen for the code; the series goes beside it."""
        suffix = self.entry.suffix
        proposed = str(Path.home() / f"{self._document.title}{suffix}")
        name, _ = QFileDialog.getSaveFileName(
            self, "Save the code", proposed, f"{self.entry.title} (*{suffix})"
        )
        if name:
            self.save(Path(name if name.endswith(suffix) else f"{name}{suffix}"))

    def save(self, path: Path) -> None:
        """Write the code at ``path`` and the series that it reads beside it."""
        project = self._document.project
        if project.series is None or self._saving is not None:
            return
        entry, epochs = self.entry, project.experiment.plan.epochs  # an experiment, no run: all it plans
        run = Taken(project.series, project.experiment, b"", epochs, project.future_steps)
        self._saving = RunExporting(lambda: code_written(entry, run, path), self)
        self._saving.done.connect(self.saved)
        self._saving.failed.connect(self.failed)
        self._saving.finished.connect(self._forget_saving)
        self._saving.start()

    def _forget_saving(self) -> None:
        if self._saving is not None:
            self._saving.deleteLater()
        self._saving = None

    def finish(self) -> None:
        """Wait for what is being written."""
        if self._saving is not None:
            self._saving.wait(5000)

    def _show(self, code: str) -> None:
        before = self.text.toPlainText()
        if code == before:
            return
        place = self.text.verticalScrollBar().value()
        self.text.setPlainText(code)
        self.text.verticalScrollBar().setValue(place)
        self._mark(before, code)

    def _mark(self, before: str, code: str) -> None:
        colour = QColor(theme().colour("accent"))
        colour.setAlpha(45)
        marks = []
        if before:
            matcher = difflib.SequenceMatcher(None, before.splitlines(), code.splitlines(), autojunk=False)
            for kind, _, _, first, last in matcher.get_opcodes():
                if kind in ("replace", "insert"):
                    marks += [self._line_mark(line, colour) for line in range(first, last)]
        self.text.setExtraSelections(marks)
        if marks:
            self.text.setTextCursor(QTextCursor(marks[0].cursor))
            self.text.centerCursor()

    def _line_mark(self, line: int, colour: QColor) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        mark.cursor = QTextCursor(self.text.document().findBlockByNumber(line))
        mark.format.setBackground(colour)
        mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
        return mark
