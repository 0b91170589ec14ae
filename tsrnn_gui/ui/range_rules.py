"""The rates that a range test suggests, each with the button that takes it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from tsrnn_gui.ui.range_plot import rate_text

RULES = {"valley": "Valley", "minimum_over_10": "Minimum ÷ 10"}
_TIPS = {
    "valley": "Two thirds down the longest falling stretch of the smoothed curve",
    "minimum_over_10": "A tenth of the rate at which the smoothed curve is lowest",
}


class RuleRow(QWidget):
    """One rule's rate and the button that takes it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rate: float | None = None
        self._value, self.chosen = QLabel("–"), QPushButton("Use this rate")
        self._value.setObjectName(f"rate_{name}")
        self.chosen.setObjectName(f"use_{name}")
        self.chosen.setAutoDefault(False)
        self.chosen.setEnabled(False)
        title = QLabel(RULES[name])
        title.setProperty("tone", "faint")
        self.setToolTip(_TIPS[name])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (title, self._value, self.chosen):
            layout.addWidget(widget)

    def show_rate(self, rate: float | None) -> None:
        """Show ``rate`` to two figures, which is what is used."""
        self.rate = None if rate is None else float(f"{rate:.2g}")
        self._value.setText("–" if self.rate is None else rate_text(self.rate))

    def show_use(self, used: float, climbing: bool) -> None:
        """Offer the rate unless it is the plan's already; ``climbing`` plans only start from theirs."""
        in_use = self.rate is not None and self.rate == used and not climbing
        self.chosen.setText("In use" if in_use else "Use this rate")
        self.chosen.setEnabled(self.rate is not None and not in_use)
