"""The experiment as Keras code, written anew while it changes, the changed lines marked."""

from __future__ import annotations

import difflib
from pathlib import Path

from PySide6.QtGui import QColor, QGuiApplication, QShowEvent, QTextCursor, QTextFormat
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from tsrnn_gui.app.document import Document
from tsrnn_gui.core.script import Recipe, script
from tsrnn_gui.ui.problem_card import heading_row
from tsrnn_gui.ui.python_highlighter import PythonHighlighter
from tsrnn_gui.ui.theme import fixed_font, theme


class CodePanel(QWidget):
    """Shows a script that does on its own what the experiment does; written only while it is seen."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("code_panel")
        self._document = document
        self.spelling = QComboBox()
        self.spelling.setObjectName("spelling")
        self.spelling.setAccessibleName("Spelling of the code")
        self.spelling.addItem("as the lesson writes it", False)
        self.spelling.addItem("portable (no Lambda)", True)
        self.copy_button = QPushButton("Copy")
        self.copy_button.setObjectName("copy_code")
        self._about = QLabel()
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
        document.changed.connect(self.refresh)
        document.opened.connect(self.refresh)

    def _lay_out(self) -> None:
        card = QFrame()
        card.setObjectName("card")
        inner = QVBoxLayout(card)
        inner.setContentsMargins(12, 10, 12, 12)
        inner.setSpacing(8)
        inner.addLayout(heading_row("Code", self.spelling, self.copy_button))
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
        if errors or project.series is None:
            self._about.setText(f"No code while something is wrong: {errors[0].text}" if errors else "")
            return
        name = Path(project.series.source or project.series.name).name.removeprefix("sample:")
        csv_name = f"{Path(name).stem}.csv"
        recipe = Recipe(project.experiment, csv_name, project.series.name, future_steps=project.future_steps)
        self._about.setText(
            f"Needs tensorflow and numpy, and reads {csv_name} "
            "(tsrnn export PROJECT --to script writes both)."
        )
        self._show(script(recipe, bool(self.spelling.currentData())))

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
