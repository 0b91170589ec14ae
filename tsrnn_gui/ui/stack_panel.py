"""The stack editor: a table of layers with live shapes, the selected layer's form, problems with fixes."""

from __future__ import annotations

from itertools import groupby

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QMenu,
    QSizePolicy,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.layer_clipboard import layers_from, mime_of
from tsrnn_gui.core.layers import KINDS, AnyLayer, Layer, Stack
from tsrnn_gui.core.presets import PRESETS, Preset, with_preset
from tsrnn_gui.core.remedies import changed, inserted, removed
from tsrnn_gui.ui.param_form import ParamForm
from tsrnn_gui.ui.problem_card import ProblemList, heading_row
from tsrnn_gui.ui.stack_model import StackModel
from tsrnn_gui.ui.theme import tabular_font

_TARGET_WORDS = {"target": {"auto": "automatic", "value": "what follows", "sequence": "shifted"}}
_ROW_HEIGHT = 26


class StackPanel(QFrame):
    """Edits the document's stack; ``row`` of the table is selected, its layer's form shown below."""

    _row: int

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._document = document
        self.model = StackModel(document, self)
        self.table = self._table()
        self.problems = ProblemList(most=2)
        self.problems.setObjectName("stack_problems")
        self.form = ParamForm(columns=2, words=_TARGET_WORDS)
        self.form.setObjectName("layer_form")
        self._about = QLabel()
        self._about.setProperty("tone", "faint")
        self._about.setWordWrap(True)
        self._lay_out()
        self.model.dropped.connect(self._drop)
        self.model.modelReset.connect(lambda: self.select(self._row))
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_form())
        self.problems.fix_chosen.connect(document.apply_fix)
        self.form.edited.connect(self._set_field)
        document.changed.connect(self._follow)
        document.opened.connect(lambda _: self.select(1))
        self._row = 1
        self.select(1)
        self._follow()

    # ---- selection

    @property
    def selected_layers(self) -> list[int]:
        """The selected layers' places in the stack, in order."""
        rows = {index.row() for index in self.table.selectionModel().selectedRows()}
        return sorted(row - 1 for row in rows if self.model.is_layer(row))

    def select(self, row: int) -> None:
        """Select ``row`` of the table, or the nearest there is."""
        row = min(max(row, 0), self.model.rowCount() - 1)
        flags = QItemSelectionModel.SelectionFlag
        self.table.selectionModel().setCurrentIndex(
            self.model.index(row, 0), flags.ClearAndSelect | flags.Rows
        )

    # ---- edits

    def add(self, kind: type[Layer]) -> None:
        """Put a new layer of ``kind`` after the selected row, before the target."""
        place = min(self._row, len(self._stack))
        self._edit(f"Add {kind.title}", inserted(self._stack, place, kind()), place + 1)

    def remove_selected(self) -> None:
        """Take the selected layers out."""
        stack, places = self._stack, self.selected_layers
        if places:
            for place in reversed(places):
                stack = removed(stack, place)
            self._edit(_counted("Remove", places), stack, places[0] + 1)

    def duplicate_selected(self) -> None:
        """Put copies of the selected layers after them."""
        places = self.selected_layers
        if places:
            copies = tuple(self._stack[place] for place in places)
            stack = inserted(self._stack, places[-1] + 1, *copies)
            self._edit(_counted("Duplicate", places), stack, places[-1] + 2)

    def move_selected(self, by: int) -> None:
        """Move the one selected layer up (−1) or down (1)."""
        places = self.selected_layers
        if len(places) == 1 and 0 <= places[0] + by < len(self._stack):
            layer = self._stack[places[0]]
            stack = inserted(removed(self._stack, places[0]), places[0] + by, layer)
            self._edit(f"Move {layer.label()}", stack, places[0] + by + 1)

    def copy_selected(self) -> None:
        """Put the selected layers on the clipboard, all of them when none is selected."""
        layers = tuple(self._stack[place] for place in self.selected_layers) or self._stack
        QGuiApplication.clipboard().setMimeData(mime_of(layers))

    def cut_selected(self) -> None:
        """Copy, then remove."""
        if self.selected_layers:
            self.copy_selected()
            self.remove_selected()

    def paste(self) -> bool:
        """Insert the clipboard's layers after the selected row; say whether there were any."""
        layers = layers_from(QGuiApplication.clipboard().mimeData())
        if layers:
            place = min(self._row, len(self._stack))
            self._edit("Paste", inserted(self._stack, place, *layers), place + len(layers))
        return bool(layers)

    def use_preset(self, preset: Preset) -> None:
        """Take over a preset's stack, plan and scaling."""
        project = self._document.project
        self._row = 1
        self._document.edit(
            f"Use {preset.title}", project.with_experiment(with_preset(project.experiment, preset))
        )

    @property
    def _stack(self) -> Stack:
        return self._document.project.experiment.stack

    def _edit(self, text: str, stack: Stack, row: int) -> None:
        self._row = row
        self._document.edit_stack(text, stack)
        self.select(row)

    def _drop(self, stack: Stack, place: int) -> None:
        self._edit("Move layers", stack, place + 1)

    def _set_field(self, name: str, value: object) -> None:
        row, merge = self._row, f"{self._row}.{name}"
        if self.model.is_layer(row):
            label = self._stack[row - 1].title
            self._document.edit_stack(
                f"Change {name} of {label}", changed(self._stack, row - 1, **{name: value}), f"layer.{merge}"
            )
        else:
            self._document.edit_windowing(f"Change {name}", merge=f"windowing.{name}", **{name: value})

    # ---- showing

    def _follow(self) -> None:
        verdict = self._document.verdict
        found = [row.problem for row in verdict.rows] + [verdict.contract.problem]
        self.problems.show_problems([problem for problem in found if problem])
        self._about.setVisible(not any(found))  # a problem needs the room more
        rows = min(self.model.rowCount(), 12)
        self.table.setMinimumHeight(min(rows, 9) * _ROW_HEIGHT + 30)
        self.table.setMaximumHeight(self.model.rowCount() * _ROW_HEIGHT + 34)
        self._show_form()

    def _show_form(self) -> None:
        current = self.table.selectionModel().currentIndex()
        self._row = current.row() if current.isValid() else 0
        windowing = self._document.project.experiment.windowing
        if self.model.is_layer(self._row) and self._row <= len(self._stack):
            layer: AnyLayer = self._stack[self._row - 1]
            self._about.setText((type(layer).__doc__ or "").split("\n")[0].replace("`", ""))
            self.form.show_value(layer)
        elif self._row == 0:
            self._about.setText("What the first layer reads: one window for each of a batch.")
            self.form.show_value(windowing, ("window", "features_axis", "open_length"))
        else:
            self._about.setText("What the last layer's output is compared with while training.")
            self.form.show_value(windowing, ("target", "horizon"))

    # ---- construction

    def _table(self) -> QTableView:
        table = QTableView()
        table.setObjectName("stack")
        table.setAccessibleName("Layers of the stack")
        table.setModel(self.model)
        table.setFont(tabular_font(table.font()))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        table.setDefaultDropAction(Qt.DropAction.MoveAction)
        table.setDragDropOverwriteMode(False)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return table

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(heading_row("Stack", self._layer_button(), self._preset_button()))
        layout.addWidget(self.table)
        layout.addWidget(self.problems)
        layout.addWidget(self._about)
        layout.addWidget(self.form)
        layout.addStretch(1)

    def _layer_button(self) -> QToolButton:
        menu = QMenu(self)
        for group, kinds in groupby(KINDS, key=lambda kind: kind.group):
            menu.addSection(group)
            for kind in kinds:
                action = menu.addAction(kind.title)
                action.setObjectName(f"add_{kind.__struct_config__.tag}")
                action.setToolTip((kind.__doc__ or "").split("\n")[0])
                action.triggered.connect(lambda _=False, kind=kind: self.add(kind))
        menu.setToolTipsVisible(True)
        return _menu_button("+ Layer", "add_layer", "Add a layer after the selected row", menu)

    def _preset_button(self) -> QToolButton:
        menu = QMenu(self)
        for preset in PRESETS:
            action = QAction(preset.title, menu)
            action.setObjectName(f"preset_{preset.name}")
            action.setToolTip(preset.description)
            action.triggered.connect(lambda _=False, preset=preset: self.use_preset(preset))
            menu.addAction(action)
        menu.setToolTipsVisible(True)
        return _menu_button("Presets", "presets", "Take over a stack with its plan", menu)


def _menu_button(text: str, name: str, tip: str, menu: QMenu) -> QToolButton:
    button = QToolButton()
    button.setText(f"{text} ▾")
    button.setObjectName(name)
    button.setToolTip(tip)
    button.setMenu(menu)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    return button


def _counted(verb: str, places: list[int]) -> str:
    return f"{verb} layer" if len(places) == 1 else f"{verb} {len(places)} layers"
