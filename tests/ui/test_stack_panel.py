"""The stack editor driven as a person drives it: menus, keys, forms, fixes, undo."""

import pytest
from PySide6.QtCore import QMimeData, QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QPushButton

from tsrnn_gui.core.layers import GRU, LSTM, Dense, ExpandDims, Scale, SimpleRNN
from tsrnn_gui.files.samples import open_sample
from tsrnn_gui.ui.stack_panel import StackPanel


@pytest.fixture
def panel(document, qtbot):
    document.take_series(open_sample("course-week3"), 1000)
    made = StackPanel(document)
    tester = QAbstractItemModelTester(made.model, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    assert tester.model() is made.model
    qtbot.addWidget(made)
    made.show()
    return made


def _choose(panel, button, name):
    from PySide6.QtWidgets import QToolButton

    menu = panel.findChild(QToolButton, button).menu()
    next(action for action in menu.actions() if action.objectName() == name).trigger()


def _texts(panel, column):
    return [panel.model.index(row, column).data() for row in range(panel.model.rowCount())]


def _fixes(panel):
    return [b for b in panel.problems.findChildren(QPushButton, "fix") if b.isVisible()]


@pytest.mark.parametrize(
    ("preset", "stack"),
    [
        (
            "preset_simple-rnn",
            (ExpandDims(), SimpleRNN(40, return_sequences=True), SimpleRNN(40), Dense(1), Scale(100.0)),
        ),
        ("preset_bilstm", (ExpandDims(), LSTM(32, bidirectional=True), Dense(1), Scale(100.0))),
    ],
)
def test_that_a_preset_is_taken_over_and_undone(panel, document, preset, stack):
    before = document.project
    _choose(panel, "presets", preset)
    assert document.project.experiment.stack == stack
    assert document.verdict.problems == ()
    document.undo_stack.undo()
    assert document.project == before


def test_that_the_lessons_stack_is_built_by_clicks_and_keys(panel, document, qtbot):
    panel.select(1)
    panel.remove_selected()
    panel.select(1)
    panel.remove_selected()
    assert document.project.experiment.stack == ()
    for name in ("add_simple_rnn", "add_simple_rnn", "add_dense"):
        _choose(panel, "add_layer", name)
    for row in (1, 2):
        panel.select(row)
        units = panel.form.editors["units"]
        units.selectAll()
        qtbot.keyClicks(units, "40")
    assert [problem.text for problem in document.verdict.errors]
    qtbot.waitUntil(lambda: bool(_fixes(panel)))
    (first, *_) = _fixes(panel)
    assert first.text() == "Set return_sequences on layer 1"
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert document.project.experiment.stack == (
        SimpleRNN(40, return_sequences=True),
        SimpleRNN(40),
        Dense(1),
    )
    assert document.verdict.errors == ()
    assert _texts(panel, 1) == ["32 × 20 × 1", "32 × 20 × 40", "32 × 40", "32 × 1", "32 × 1"]
    assert _texts(panel, 2)[1:] == ["1,680", "3,240", "41", "4,961"]


def test_that_shapes_follow_while_typing_and_a_wrong_number_is_told(panel, document, qtbot):
    panel.select(1)
    units = panel.form.editors["units"]
    units.selectAll()
    qtbot.keyClicks(units, "7")
    assert _texts(panel, 1)[1] == "32 × 7"
    units.selectAll()
    qtbot.keyClicks(units, "0")
    assert _texts(panel, 3)[1] == "●"
    assert units.property("invalid")
    assert "must be ≥ 1" in panel.model.problem(1).text
    qtbot.waitUntil(lambda: bool(_fixes(panel)))
    qtbot.mouseClick(_fixes(panel)[0], Qt.MouseButton.LeftButton)
    assert document.project.experiment.stack[0] == GRU(32)


def test_that_typing_a_number_is_one_undo_step(panel, document, qtbot):
    count = document.undo_stack.count()
    panel.select(1)
    units = panel.form.editors["units"]
    units.selectAll()
    qtbot.keyClicks(units, "128")
    assert document.undo_stack.count() == count + 1
    document.undo_stack.undo()
    assert document.project.experiment.stack[0] == GRU(32)


def test_that_layers_are_copied_pasted_duplicated_moved_and_removed(panel, document, clipboard):
    panel.select(1)
    panel.copy_selected()
    panel.select(2)
    assert panel.paste()
    assert document.project.experiment.stack == (GRU(32), Dense(1), GRU(32))
    panel.move_selected(-1)
    assert document.project.experiment.stack == (GRU(32), GRU(32), Dense(1))
    panel.duplicate_selected()
    assert len(document.project.experiment.stack) == 4
    panel.remove_selected()
    panel.cut_selected()
    assert (
        document.project.experiment.stack == (GRU(32), GRU(32)) or len(document.project.experiment.stack) == 2
    )
    while document.undo_stack.canUndo() and document.project.series is not None:
        document.undo_stack.undo()
    assert document.project.experiment.stack == (GRU(32), Dense(1))


def test_that_foreign_text_on_the_clipboard_is_not_pasted(panel, document, clipboard):
    before = document.project
    clipboard.setText('[{"kind": "os.system"}]')
    assert not panel.paste()
    assert document.project == before


def test_that_a_layer_is_dragged_to_another_place(panel, document):
    _choose(panel, "presets", "preset_simple-rnn")
    data = panel.model.mimeData([panel.model.index(5, 0)])
    assert not panel.model.dropMimeData(data, Qt.DropAction.MoveAction, 1, 0, QModelIndex())
    labels = [layer.label() for layer in document.project.experiment.stack]
    assert labels[:2] == ["x × 100", "expand_dims(x, −1)"]
    assert not panel.model.dropMimeData(QMimeData(), Qt.DropAction.MoveAction, 1, 0, QModelIndex())


def test_that_returning_sequences_to_the_end_is_said_in_the_contract_row(panel, document):
    _choose(panel, "presets", "preset_sequence-to-sequence")
    assert _texts(panel, 0)[-1] == "Target: the window shifted by one"
    assert _texts(panel, 1)[-1] == "32 × 20 × 1"


def test_that_axes_are_named_in_the_tooltip(panel):
    tip = panel.model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "batch × time × features"


def test_that_a_formula_is_typed_and_checked_at_each_key(panel, document, qtbot):
    panel.select(1)
    _choose(panel, "add_layer", "add_formula")
    text = panel.form.editors["text"]
    place = 1
    text.selectAll()
    qtbot.keyClicks(text, "lambda x: x * 2.0 + ")
    assert document.verdict.rows[place].problem is not None
    qtbot.keyClicks(text, "1.0")
    assert document.verdict.rows[place].problem is None
