"""A form made from a value's declared fields: one editor a field, nothing to register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QLineEdit, QWidget

from tsrnn_gui.core.fields import Field, fields
from tsrnn_gui.ui.number_edit import NumberEdit
from tsrnn_gui.ui.theme import fixed_font


class ChoiceEdit(QComboBox):
    """One of a few named choices."""

    edited = Signal(object)

    def __init__(self, field: Field, words: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(field.name)
        self.setAccessibleName(field.title)
        self.setToolTip(field.description)
        for choice in field.choices:
            self.addItem(words.get(choice, choice), choice)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.activated.connect(lambda index: self.edited.emit(self.itemData(index)))

    def set_value(self, value: Any) -> None:
        """Show ``value``."""
        self.setCurrentIndex(self.findData(value))


class FlagEdit(QCheckBox):
    """Yes or no."""

    edited = Signal(object)

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field.title, parent)
        self.setObjectName(field.name)
        self.setAccessibleName(field.title)
        self.setToolTip(field.description)
        self.clicked.connect(lambda checked: self.edited.emit(checked))

    def set_value(self, value: Any) -> None:
        """Show ``value``."""
        self.setChecked(bool(value))


class TextEdit(QLineEdit):
    """A text, passed on at each key: the check says what is wrong with it."""

    edited = Signal(object)

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(field.name)
        self.setAccessibleName(field.title)
        self.setToolTip(field.description)
        self.setFont(fixed_font())
        self.textEdited.connect(self.edited.emit)

    def set_value(self, value: Any) -> None:
        """Show ``value`` unless it is what stands there already."""
        if self.text() != value:
            self.setText(value)


Editor = NumberEdit | ChoiceEdit | FlagEdit | TextEdit


class ParamForm(QWidget):
    """Shows the fields of one value; ``edited`` carries (field name, new value)."""

    edited = Signal(str, object)

    def __init__(
        self,
        columns: int = 2,
        words: Mapping[str, Mapping[str, str]] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns = columns
        self._words = words or {}
        self._shown: tuple[type, tuple[str, ...]] | None = None
        self.editors: dict[str, Editor] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        for column in range(columns):
            self._grid.setColumnStretch(2 * column + 1, 1)

    def show_value(self, value: msgspec.Struct, names: Sequence[str] | None = None) -> None:
        """Show ``value``'s fields ``names`` (all of them by default); rebuilds only for another kind."""
        declared = [f for f in fields(type(value)) if f.kind in ("int", "float", "bool", "choice", "text")]
        chosen = declared if names is None else [f for n in names for f in declared if f.name == n]
        key = (type(value), tuple(field.name for field in chosen))
        if key != self._shown:
            self._build(chosen)
            self._shown = key
        for field in chosen:
            self.editors[field.name].set_value(getattr(value, field.name))
            self.editors[field.name].setEnabled(not field.needs or bool(getattr(value, field.needs)))

    def clear(self) -> None:
        """Show nothing."""
        self._build([])
        self._shown = None

    def _build(self, chosen: Sequence[Field]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.editors = {}
        flags_last = sorted(chosen, key=lambda field: field.kind == "bool")
        for place, field in enumerate(flags_last):
            self._add(field, *divmod(place, self._columns))

    def _add(self, field: Field, row: int, column: int) -> None:
        editor = self._editor(field)
        self.editors[field.name] = editor
        editor.edited.connect(lambda value, name=field.name: self.edited.emit(name, value))
        if isinstance(editor, FlagEdit):
            self._grid.addWidget(editor, row, 2 * column, 1, 2)
            return
        label = QLabel(field.title)
        label.setProperty("tone", "faint")
        label.setBuddy(editor)
        self._grid.addWidget(label, row, 2 * column)
        wide = 2 * self._columns - 1 if isinstance(editor, TextEdit) else 1
        self._grid.addWidget(editor, row, 2 * column + 1, 1, wide)

    def _editor(self, field: Field) -> Editor:
        if field.kind == "bool":
            return FlagEdit(field)
        if field.kind == "text":
            return TextEdit(field)
        if field.kind == "choice":
            return ChoiceEdit(field, self._words.get(field.name, {}))
        return NumberEdit(field)
