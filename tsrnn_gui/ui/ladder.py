"""The ladder: the network's mean absolute error among those of the simple rules, worst first."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from tsrnn_gui.core.runs import Report, Rung
from tsrnn_gui.ui.figures import four_figures
from tsrnn_gui.ui.theme import tabular_font, theme


class Ladder(QLabel):
    """Shows one report's rungs as a small table."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ladder")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setFont(tabular_font(self.font()))
        self.setToolTip("Mean absolute errors in the series' units on the same points; lower is better.")
        self._report: Report | None = None
        theme().changed.connect(self._write)

    def show_report(self, report: Report | None) -> None:
        """Show ``report``, or nothing."""
        if report != self._report:
            self._report = report
            self._write()

    def _write(self) -> None:
        if self._report is None:
            self.clear()
            return
        rows = "".join(_row(rung) for rung in self._report.ladder)
        head = f"<span style='color:{theme().colours.faint}'>Mean absolute error</span>"
        self.setText(f"{head}<table cellspacing='0' cellpadding='2'>{rows}</table>")
        words = ", ".join(f"{rung.title} {error_text(rung)}" for rung in self._report.ladder)
        self.setAccessibleName(f"Mean absolute errors: {words}")


def error_text(rung: Rung) -> str:
    """Write a rung's MAE to four digits."""
    return four_figures(rung.scores.mae)


def _row(rung: Rung) -> str:
    mine = rung.key == "network"
    colour = theme().colours.forecast if mine else theme().colours.text
    weight = 600 if mine else 400
    style = f"style='color:{colour};font-weight:{weight}'"
    return (
        f"<tr><td align='right' {style}>{error_text(rung)}&nbsp;</td>"
        f"<td {style}>{escape(rung.title)}</td></tr>"
    )
