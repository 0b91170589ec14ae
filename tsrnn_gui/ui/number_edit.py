"""A field for one number: typed freely, stepped with the arrow keys, never silently clamped."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

from tsrnn_gui.core.fields import Field

_DOCUMENTS_KEYS = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)


class NumberEdit(QLineEdit):
    """Shows ``field``'s number; ``edited`` carries each number typed, None for an optional left empty.

    A number out of bounds is marked and passed on, so that the check can say what is wrong with it.
    """

    edited = Signal(object)

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = field
        self._value: float | int | None = None
        self.setObjectName(field.name)
        self.setAccessibleName(field.title)
        self.setToolTip(_tip(field))
        if field.optional:
            self.setPlaceholderText("off")
        self.textEdited.connect(self._take)
        self.editingFinished.connect(self._tidy)

    def set_value(self, value: float | int | None) -> None:
        """Show ``value`` unless it is what stands there already."""
        self._value = value
        if self._parsed() != (True, value):
            self.setText(written_number(value))
        self._mark(self._field.wrong(value))

    def event(self, event: QEvent) -> bool:
        """Undo and redo belong to the document, whose steps are these edits."""
        overriding = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if overriding and any(event.matches(keys) for keys in _DOCUMENTS_KEYS):  # type: ignore[attr-defined]
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down step: integers by one, other numbers along 1, 2, 5, 10."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        direction = steps.get(Qt.Key(event.key()))
        if direction is None or self._value is None:
            super().keyPressEvent(event)
            return
        value = self._value + direction if self._field.kind == "int" else _stepped(self._value, direction)
        if not self._field.wrong(value):
            self.setText(written_number(value))
            self._take()

    def _take(self) -> None:
        known, value = self._parsed()
        if not known:
            self._mark(f"{self._field.title} is not a number yet.")
            return
        self._value = value
        self._mark(self._field.wrong(value))
        self.edited.emit(value)

    def _tidy(self) -> None:
        self.setText(written_number(self._value))
        self._mark(self._field.wrong(self._value))

    def _parsed(self) -> tuple[bool, float | int | None]:
        text = self.text().strip().replace(",", "").replace("−", "-").replace("\u2009", "")
        if not text:
            return (self._field.optional, None)
        try:
            return True, int(text) if self._field.kind == "int" else float(text)
        except ValueError:
            return False, None

    def _mark(self, wrong: str) -> None:
        if bool(self.property("invalid")) != bool(wrong):
            self.setProperty("invalid", bool(wrong))
            self.style().unpolish(self)
            self.style().polish(self)
        self.setToolTip(wrong or _tip(self._field))


def written_number(value: float | int | None) -> str:
    """Write ``value`` as a person would: thousands separated, small rates as 1e-6."""
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value:,}"
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value):,}"
    return f"{value:g}"


def _stepped(value: float, direction: int) -> float:
    if value <= 0:
        return value + 0.1 * direction
    ladder = (1.0, 2.0, 5.0, 10.0)
    power = 10.0 ** math.floor(math.log10(value) + 1e-9)
    digits = value / power
    if direction > 0:
        return float(f"{next(s for s in ladder if s > digits * 1.0001) * power:.6g}")
    lower = [s for s in ladder if s < digits * 0.9999]
    return float(f"{(lower[-1] if lower else 0.5) * power:.6g}")


def _tip(field: Field) -> str:
    bounds = []
    if field.low > -math.inf:
        bounds.append(f"{'>' if field.open_bottom else '≥'} {field.low:g}")
    if field.high < math.inf:
        bounds.append(f"{'<' if field.open_top else '≤'} {field.high:g}")
    return f"{field.description} ({', '.join(bounds)})" if bounds else field.description
