"""A problem in the place where it arose: its sentence and its fixes as buttons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from tsrnn_gui.core.problems import Fix, Problem
from tsrnn_gui.ui.flow_layout import FlowLayout


class ProblemCard(QFrame):
    """One problem; ``fix_chosen`` carries the Fix whose button was pressed."""

    fix_chosen = Signal(object)

    def __init__(self, problem: Problem, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("problem")
        self.setProperty("severity", problem.severity)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(6)
        text = QLabel(problem.text)
        text.setWordWrap(True)
        text.setObjectName("problem_text")
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        text.setSizePolicy(policy)
        layout.addWidget(text)
        if problem.fixes:
            row = QWidget()
            buttons = FlowLayout(row, spacing=6)
            for fix in problem.fixes:
                buttons.addWidget(self._button(fix))
            layout.addWidget(row)

    def _button(self, fix: Fix) -> QPushButton:
        button = QPushButton(fix.label)
        button.setObjectName("fix")
        button.setProperty("fix", True)
        button.clicked.connect(lambda: self.fix_chosen.emit(fix))
        return button


class ProblemList(QWidget):
    """The first few problems of a panel, hidden when there is none."""

    fix_chosen = Signal(object)

    def __init__(self, most: int = 2, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most = most
        self._shown: tuple[Problem, ...] = ()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self.hide()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show ``problems``, errors first; rebuilt only when they differ."""
        ordered = tuple(sorted(problems, key=lambda problem: problem.severity == "warning"))[: self._most]
        if ordered == self._shown:
            return
        self._shown = ordered
        while (item := self._layout.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for problem in ordered:
            card = ProblemCard(problem)
            card.fix_chosen.connect(self.fix_chosen)
            self._layout.addWidget(card)
        self.setVisible(bool(ordered))


def heading_row(title: str, *widgets: QWidget) -> QHBoxLayout:
    """Make a card's first line: its heading at the left, ``widgets`` at the right."""
    row = QHBoxLayout()
    row.setSpacing(8)
    label = QLabel(title)
    label.setObjectName("heading")
    row.addWidget(label)
    row.addStretch(1)
    for widget in widgets:
        row.addWidget(widget)
    return row
