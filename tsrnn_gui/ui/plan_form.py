"""The plan as fields that wrap like words: one cell a declared field, the parameters of a kind beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from tsrnn_gui.app.document import Document
from tsrnn_gui.core.fields import Field, fields
from tsrnn_gui.core.plan import OPTIMIZERS, Plan
from tsrnn_gui.core.project import Project
from tsrnn_gui.core.schedules import SCHEDULES
from tsrnn_gui.ui.flow_layout import FlowLayout
from tsrnn_gui.ui.number_edit import NumberEdit, written_number
from tsrnn_gui.ui.param_form import ChoiceEdit, Editor, FlagEdit

_CELL_WIDTH = 80
_WIDTHS = {"schedule": 152, "optimizer": 96, "learning_rate": 100}
_EDITOR_HEIGHT = 28
_ORDER = (
    "epochs",
    "loss",
    "optimizer",
    "learning_rate",
    "schedule",
    "patience",
    "give_up_after",
    "clip_norm",
    "seed",
    "keep_best",
)
_TIPS = {
    "optimizer": "How gradients become steps of the weights",
    "schedule": "How the learning rate moves from epoch to epoch",
}
_LOSSES = {"huber": "Huber", "mse": "MSE", "mae": "MAE"}
_KINDS: dict[str, dict[str, type[msgspec.Struct]]] = {
    name: {kind.__struct_config__.tag: kind for kind in kinds}  # type: ignore[misc]
    for name, kinds in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES))
}


def plan_words(plan: Plan) -> str:
    """Say the plan in a line."""
    parts = [
        f"{plan.epochs:,} epoch{'' if plan.epochs == 1 else 's'}",
        f"batch {plan.batch:,}",
        _LOSSES[plan.loss],
        f"{plan.optimizer.title} at {written_number(plan.learning_rate)}",
        plan.schedule.title.lower(),
    ]
    if plan.patience is not None:
        parts.append(f"stop after {plan.patience:,} without a better one")
    return " · ".join(parts)


class Cell(QWidget):
    """A field's name above its editor; a yes-or-no field carries its name itself."""

    def __init__(self, field: Field, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        if isinstance(editor, FlagEdit):
            layout.addWidget(QLabel())
            layout.addStretch(1)
            layout.addWidget(editor)
            layout.addStretch(1)
            self.setMinimumHeight(QLabel(" ").sizeHint().height() + _EDITOR_HEIGHT)
            return
        label = QLabel(field.title)
        label.setProperty("tone", "faint")
        label.setBuddy(editor)
        editor.setFixedWidth(max(_WIDTHS.get(field.name, _CELL_WIDTH), label.sizeHint().width()))
        layout.addWidget(label)
        layout.addWidget(editor)


class PlanFields(QWidget):
    """The fields ``names`` of a plan, what is out of bounds marked; ``titles`` replace declared ones.

    ``changed`` carries what was done in words, a key that joins steps of one kind, and the new values.
    """

    changed = Signal(str, str, object)

    def __init__(
        self,
        names: Sequence[str] = _ORDER,
        prefix: str = "plan",
        titles: Mapping[str, str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._names, self._prefix = names, prefix
        self._plan = Plan()
        self.cells: dict[tuple[str, str], Cell] = {}
        self._flow = FlowLayout(self, spacing=8)
        declared = {field.name: field for field in fields(Plan)}
        for name in names:
            field = replace(declared[name], title=(titles or {}).get(name, declared[name].title))
            if name in _KINDS:
                self._add_kinds(field)
            else:
                self._add("", field, self._editor(field))

    def editor(self, name: str, kind: str = "") -> Editor:
        """Give the editor of the plan's field ``name``, or of that of a kind of optimizer or schedule."""
        return self.cells[kind, name].editor

    def _add_kinds(self, field: Field) -> None:
        kinds = _KINDS[field.name]
        titles = {tag: kind.title for tag, kind in kinds.items()}  # type: ignore[attr-defined]
        edit = ChoiceEdit(_as_choice(field, tuple(kinds)), titles)
        for row, kind in enumerate(kinds.values()):
            edit.setItemData(row, (kind.__doc__ or "").partition("\n")[0], Qt.ItemDataRole.ToolTipRole)
        self._add("", field, edit)
        for tag, kind in kinds.items():
            for parameter in fields(kind):
                self._add(tag, parameter, self._editor(parameter), of=field.name)

    def _editor(self, field: Field) -> Editor:
        if field.kind == "bool":
            return FlagEdit(field)
        if field.kind == "choice":
            return ChoiceEdit(field, _LOSSES if field.name == "loss" else {})
        return NumberEdit(field)

    def _add(self, kind: str, field: Field, editor: Editor, of: str = "") -> None:
        editor.setObjectName("_".join(part for part in (self._prefix, kind, field.name) if part))
        cell = self.cells[kind, field.name] = Cell(field, editor)
        editor.edited.connect(lambda value: self._edit(of, kind, field, value))
        self._flow.addWidget(cell)

    def _edit(self, of: str, kind: str, field: Field, value: Any) -> None:
        plan = self._plan
        if field.name in _KINDS and not kind:
            if value == getattr(plan, field.name).__struct_config__.tag:
                return
            change = {field.name: _KINDS[field.name][value]()}
        elif of:
            change = {of: msgspec.structs.replace(getattr(plan, of), **{field.name: value})}
        else:
            change = {field.name: value}
        merge = f"plan.{kind}.{field.name}" if field.kind in ("int", "float") else ""
        self.changed.emit(f"Change {field.title.lower()}", merge, change)

    def show_plan(self, plan: Plan) -> None:
        """Show ``plan``'s values."""
        self._plan = plan
        for (kind, name), value in _values(plan, self._names):
            self.cells[kind, name].editor.set_value(value)
        kinds = {"", *(getattr(plan, name).__struct_config__.tag for name in _KINDS)}
        for (kind, _), cell in self.cells.items():
            if cell.isHidden() is (kind in kinds):
                cell.setVisible(kind in kinds)


class PlanForm(PlanFields):
    """Edits the document's plan; what is out of bounds is passed on to the check.

    Batch and shuffle stand with the windows, in the series panel.
    """

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setObjectName("plan_form")
        self._document = document
        self.changed.connect(lambda text, merge, change: document.edit_plan(text, merge, **change))
        document.changed.connect(self._follow)
        document.opened.connect(self._follow)
        self._follow(document.project)

    def _follow(self, project: Project) -> None:
        self.show_plan(project.experiment.plan)


def _values(plan: Plan, names: Sequence[str]) -> Iterator[tuple[tuple[str, str], Any]]:
    for name in names:
        value = getattr(plan, name)
        if name not in _KINDS:
            yield ("", name), value
            continue
        tag = value.__struct_config__.tag
        yield ("", name), tag
        kind: type[msgspec.Struct] = type(value)
        for field in fields(kind):
            yield (tag, field.name), getattr(value, field.name)


def _as_choice(field: Field, choices: tuple[str, ...]) -> Field:
    return Field(field.name, field.title, _TIPS[field.name], "choice", choices[0], choices=choices)
