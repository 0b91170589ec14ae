"""The import preview: guesses shown, changed, and the file read in a thread."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox

from tsrnn_gui.ui.import_dialog import ImportDialog


def _open(qtbot, path):
    dialog = ImportDialog(path)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.table.columnCount() > 0 or not dialog.open_button.isEnabled())
    return dialog


def _write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "자료.csv"
    path.write_bytes(text.encode(encoding))
    return path


def _rows(count=30):
    return "\n".join(f"2020-01-{day:02d};{day},5;x" for day in range(1, count + 1))


def test_that_korean_headers_semicolons_and_decimal_commas_are_guessed_and_read(tmp_path, qtbot):
    dialog = _open(qtbot, _write(tmp_path, f"날짜;기온;메모\n{_rows()}\n", "cp949"))
    assert dialog.table.horizontalHeaderItem(0).text() == "날짜\ntime"
    assert dialog.boxes["encoding"].box.currentData() == "cp949"
    assert dialog.boxes["delimiter"].box.currentData() == ";"
    assert dialog.boxes["decimal"].box.currentData() == ","
    with qtbot.waitSignal(dialog.accepted):
        qtbot.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton)
    assert dialog.series.columns == ("기온",)
    assert dialog.series.values[1, 0] == 2.5


def test_that_a_changed_guess_changes_what_is_read(tmp_path, qtbot):
    rows = "\n".join(f"{month:02d}/{day:02d}/2020,{day}" for month in (1, 2) for day in range(1, 12))
    dialog = _open(qtbot, _write(tmp_path, f"date,v\n{rows}\n"))
    box = dialog.boxes["date_order"].box
    assert {box.itemData(i) for i in range(box.count())} == {"dmy", "mdy"}
    with qtbot.waitSignal(
        dialog._reading.done if dialog._reading else dialog.accepted, raising=False, timeout=1
    ):
        pass
    box.setCurrentIndex(box.findData("mdy"))
    box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: dialog._preview.options.date_order == "mdy")
    with qtbot.waitSignal(dialog.accepted):
        qtbot.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton)
    assert str(dialog.series.times[1]).startswith("2020-01-02")


def test_that_a_file_that_is_no_table_is_told_and_cannot_be_opened(tmp_path, qtbot):
    path = tmp_path / "x.csv"
    path.write_bytes(bytes(range(256)) * 20)
    dialog = _open(qtbot, path)
    qtbot.waitUntil(lambda: not dialog.open_button.isEnabled())
    cancel = dialog.buttons.button(QDialogButtonBox.StandardButton.Cancel)
    with qtbot.waitSignal(dialog.rejected):
        qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
