"""A long series is taken over and looked at in a thread: progress, cancel, undo, and one file at the end."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QThread

from tsrnn_gui.app.document import Document
from tsrnn_gui.core.series import Series
from tsrnn_gui.core.survey import LONG, looked_over
from tsrnn_gui.files.project_file import ProjectFile


def long_series(name="long", rows=LONG + 1):
    return Series(name, np.sin(np.arange(rows) / 9)[:, None], ("v",), np.arange(rows))


@pytest.fixture
def document(tmp_path, qapp):
    made = Document(ProjectFile.create(tmp_path / "p.tsrnn"))
    yield made
    made.close()


def taken(qtbot, document, series):
    with qtbot.waitSignal(document.taken, timeout=30_000):
        document.take_series(series)


def test_that_a_long_series_is_written_and_looked_at_outside_the_windows_thread(qtbot, document, monkeypatch):
    here, seen = QThread.currentThread(), []
    real = ProjectFile.keep_series
    monkeypatch.setattr(
        ProjectFile, "keep_series", lambda *given: seen.append(QThread.currentThread()) or real(*given)
    )
    series = long_series()
    document.take_series(series)
    assert document.project.series is None
    with qtbot.waitSignal(document.taken, timeout=30_000):
        pass
    assert document.project.series is series and not document.looking
    assert seen and here not in seen
    assert looked_over(series, ("v",))
    assert document.verdict.counts.validation > 0 and not document.verdict.errors
    assert np.array_equal(document.file.load().series.values, series.values)


def test_that_taking_is_one_undoable_step_and_keeps_edits_made_meanwhile(qtbot, document):
    series = long_series()
    document.take_series(series)
    document.edit_plan("epochs", epochs=7)
    with qtbot.waitSignal(document.taken, timeout=30_000):
        pass
    assert document.project.experiment.plan.epochs == 7
    assert document.file.load().experiment.plan.epochs == 7
    document.undo_stack.undo()
    assert document.project.series is None and document.project.experiment.plan.epochs == 7
    document.undo_stack.redo()
    assert document.project.series is series and not document.looking


def test_that_a_cancelled_taking_leaves_what_there_was_and_keeps_edits_made_meanwhile(qtbot, document):
    told = []
    document.taking.connect(told.append)
    document.take_series(long_series())
    document.edit_plan("epochs", epochs=9)
    document.cancel_taking()
    assert document.project.series is None
    qtbot.waitUntil(lambda: document.file.load().experiment.plan.epochs == 9, timeout=30_000)
    assert told[0] is not None and told[-1] is None


def test_that_a_file_that_cannot_be_written_is_told_and_leaves_what_there_was(qtbot, document, monkeypatch):
    from tsrnn_gui.core.problems import TsrnnError

    def full(self, series, progress):
        raise TsrnnError("The disk is full.", hint="Free some space.")

    monkeypatch.setattr(ProjectFile, "keep_series", full)
    with qtbot.waitSignal(document.failed, timeout=30_000) as got:
        document.take_series(long_series())
    assert got.args[0].text == "The disk is full."
    assert document.project.series is None


def test_that_an_edit_of_the_windows_is_looked_at_in_a_thread_and_nothing_trains_before(qtbot, document):
    taken(qtbot, document, long_series())
    counts = []
    document.changed.connect(lambda _: counts.append(document.verdict.counts.training))
    with qtbot.waitSignal(document.changed, check_params_cb=lambda _: not document.looking, timeout=30_000):
        document.edit_windowing("window", window=50)
        assert document.looking and document.verdict.errors
    assert not document.verdict.errors
    assert counts[0] == counts[-1] == document.project.experiment.windowing.split - 50


def test_that_a_short_series_is_there_at_once(document):
    document.take_series(long_series(rows=300))
    assert len(document.project.series) == 300 and not document.looking
