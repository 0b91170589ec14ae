"""The shelf of kept runs: shown again, deleted, used again."""

from __future__ import annotations

import pytest

from tsrnn_gui.app.run_shelf import RunShelf
from tsrnn_gui.core.project import Project
from tsrnn_gui.files.project_file import ProjectFile


@pytest.fixture
def shelf(qtbot, make_trainer, document):
    trainer = make_trainer()
    shelf = RunShelf(document, trainer)
    shelf.trainer = trainer
    with qtbot.waitSignal(trainer.run_ended, timeout=15_000):
        trainer.train(document)
    return shelf


def test_that_a_run_is_on_the_shelf_when_it_ended(shelf):
    assert [record.status for record in shelf.records] == ["completed"]


def test_that_an_opened_project_shows_its_last_run(qtbot, shelf, document, make_trainer):
    other = make_trainer()
    again = RunShelf(document, other)
    assert other.shown.run == again.records[0].id
    assert len(other.shown.epochs) == 5


def test_that_another_project_shows_none_of_these_runs(shelf, document, tmp_path):
    document.switch_to(ProjectFile.create(tmp_path / "new.tsrnn", Project()), named=False)
    assert shelf.records == []
    assert shelf.trainer.shown is None


def test_that_a_deleted_run_is_gone_from_file_and_view(shelf, document):
    shelf.delete(shelf.records[0].id)
    assert document.file.runs() == []
    assert shelf.trainer.shown is None


def test_that_using_a_run_again_is_one_undoable_step(shelf, document):
    run = shelf.records[0]
    document.edit_plan("other", epochs=77)
    shelf.use_again(run.id)
    assert document.project.experiment == run.experiment
    document.undo_stack.undo()
    assert document.project.experiment.plan.epochs == 77


def test_that_opening_another_project_stops_the_run(qtbot, shelf, document, spots, tmp_path):
    document.edit_plan("longer", epochs=10_000)
    trainer, old = shelf.trainer, document.path
    trainer.train(document)
    log = trainer.running
    qtbot.waitUntil(lambda: len(log.epochs) > 1, timeout=10_000)
    with qtbot.waitSignal(trainer.run_ended, timeout=10_000):
        document.switch_to(ProjectFile.create(tmp_path / "new.tsrnn", Project(spots)), named=False)
    assert shelf.records == []
    with ProjectFile.open(old) as file:
        assert [record.status for record in file.runs()] == ["completed", "stopped"]


def test_that_runs_cut_off_by_a_crash_are_marked_when_opened(qtbot, document, make_trainer):
    document.file.begin_run("cut", document.project.experiment, document.project.series)
    shelf = RunShelf(document, make_trainer())
    assert shelf.records[0].status == "interrupted"
