"""A button that chooses columns by name from a menu."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget


class ColumnsButton(QToolButton):
    """Chooses one or more columns from a menu; ``chosen`` carries their names in the series' order."""

    chosen = Signal(tuple)

    def __init__(self, name: str, tip: str, none: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._none = none
        self.setObjectName(name)
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self._shown: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def show_columns(self, columns: Sequence[str], chosen: Sequence[str]) -> None:
        """Offer ``columns`` with ``chosen`` marked."""
        key = (tuple(columns), tuple(chosen))
        if key == self._shown:
            return
        self._shown = key
        self.setText(f"{_shortened(chosen) if chosen or not self._none else 'none'} ▾")
        self._menu.clear()
        if self._none:
            action = self._menu.addAction(self._none)
            action.setCheckable(True)
            action.setChecked(not chosen)
            action.triggered.connect(lambda: self.chosen.emit(()))
        for name in columns[:200]:
            action = self._menu.addAction(name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name in chosen)
            action.triggered.connect(lambda _=False, name=name: self._toggle(name))

    def _toggle(self, name: str) -> None:
        columns, chosen = self._shown
        now = set(chosen) ^ {name}
        self.chosen.emit(tuple(column for column in columns if column in now))


def _shortened(names: Sequence[str]) -> str:
    if not names:
        return "choose"
    first = names[0] if len(names[0]) <= 18 else f"{names[0][:17]}…"
    return first if len(names) == 1 else f"{first} + {len(names) - 1}"
