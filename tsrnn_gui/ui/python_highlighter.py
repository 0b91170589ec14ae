"""Colours for Python code: keywords, numbers, texts and comments."""

from __future__ import annotations

import keyword
import re

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from tsrnn_gui.ui.theme import theme

_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("accent", re.compile(rf"\b({'|'.join(keyword.kwlist)})\b")),
    ("naive", re.compile(r"\b\d[\d_.]*(?:e[+-]?\d+)?\b")),
    ("good", re.compile(r"\"[^\"]*\"|'[^']*'")),
    ("faint", re.compile(r"#.*$")),
)


class PythonHighlighter(QSyntaxHighlighter):
    """Colours a document as it is shown, in the theme's colours."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        theme().changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        for name, pattern in _RULES:
            look = QTextCharFormat()
            look.setForeground(theme().colour(name))
            for found in pattern.finditer(text):
                self.setFormat(found.start(), found.end() - found.start(), look)
