"""The guesses of an import, one entry each: how it is offered and what it sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QToolButton, QWidget

from tsrnn_gui.app.series_reading import Preview, ReadOptions
from tsrnn_gui.ui.column_menu import ColumnsButton

Choice = tuple[str, Any]


@dataclass(frozen=True)
class Guess:
    """One guess: the option it sets, its title, and the choices a preview leaves.

    ``columns`` guesses choose any of the file's columns instead.
    """

    name: str
    title: str
    choices: Callable[[Preview], Sequence[Choice]] = lambda preview: ()
    columns: bool = False
    none: str = ""


_ORDERS = {"ymd": "year month day", "dmy": "day month year", "mdy": "month day year"}

GUESSES: tuple[Guess, ...] = (
    Guess(
        "encoding",
        "Encoding",
        lambda p: [(name, name) for name in ("utf-8", "utf-8-sig", "utf-16", "cp949", "cp1252")],
    ),
    Guess(
        "delimiter",
        "Columns are parted by",
        lambda p: [("comma", ","), ("semicolon", ";"), ("tab", "\t"), ("bar |", "|"), ("spaces", " ")],
    ),
    Guess("decimal", "Decimal mark", lambda p: [("point 1.5", "."), ("comma 1,5", ",")]),
    Guess("header", "First row", lambda p: [("has names", True), ("is data", False)]),
    Guess("sheet", "Sheet", lambda p: [(name, name) for name in p.sheets]),
    Guess(
        "layout",
        "Layout",
        lambda p: [("a row a time", "columns"), ("a category column", "long"), ("a row a year", "wide")],
    ),
    Guess("time_columns", "Time from", columns=True, none="none: number the rows"),
    Guess(
        "date_order",
        "Dates are",
        lambda p: [(_ORDERS[order], order) for order in (p.date_orders or tuple(_ORDERS))],
    ),
    Guess("value_columns", "Values from", columns=True),
    Guess(
        "bad_cells",
        "Text among numbers",
        lambda p: [("is refused", "refuse"), ("counts as missing", "missing")],
    ),
    Guess(
        "bad_lines", "Rows that do not fit", lambda p: [("are refused", "refuse"), ("are left out", "skip")]
    ),
)


class GuessBox(QWidget):
    """Shows one guess and lets it be changed; ``changed`` carries the new options."""

    changed = Signal(object)
    shown = Signal(bool)

    def __init__(self, guess: Guess, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.guess = guess
        self._options = ReadOptions()
        self.box: QComboBox | QToolButton
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        if guess.columns:
            self.box = ColumnsButton(guess.name, guess.title, guess.none)
            self.box.chosen.connect(self._set)
        else:
            self.box = QComboBox()
            self.box.setMinimumContentsLength(11)
            self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            self.box.activated.connect(self._pick)
        self.box.setObjectName(guess.name)
        self.box.setAccessibleName(guess.title)
        layout.addWidget(self.box)
        self.setFocusProxy(self.box)

    def show_guess(self, preview: Preview, asked: ReadOptions) -> None:
        """Show what ``preview`` settled on; ``asked`` are the options chosen by hand so far."""
        self._options = asked
        value = getattr(preview.options, self.guess.name)
        if isinstance(self.box, ColumnsButton):
            self.box.show_columns(preview.columns, value or ())
            return
        assert isinstance(self.box, QComboBox)
        choices = list(self.guess.choices(preview))
        if value is not None and all(value != choice for _, choice in choices):
            choices.append((str(value), value))
        self.box.clear()
        for words, choice in choices:
            self.box.addItem(words, choice)
        self.box.setCurrentIndex(next((i for i, c in enumerate(choices) if c[1] == value), -1))
        self.box.setEnabled(value is not None and len(choices) > 1)
        self.shown.emit(bool(choices))

    def _pick(self, index: int) -> None:
        assert isinstance(self.box, QComboBox)
        self._set(self.box.itemData(index))

    def _set(self, value: Any) -> None:
        self.changed.emit(replace(self._options, **{self.guess.name: value}))
