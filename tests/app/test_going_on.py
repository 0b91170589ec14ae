"""Going on from a run that is shown: what may be done, what is ordered, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tsrnn_gui.app.going_on import continue_run, go_on, why_not_continue, why_not_go_on
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.rewinding import Rewind
from tsrnn_gui.files.project_file import ProjectFile


def rewind_of(log, after, rate=1e-5):
    return replace(
        Rewind.offered(log.experiment, log.past, tuple(log.epochs), after), rate=rate, until=after + 3
    )


def learning(qtbot, trainer, document, epochs):
    trainer.train(document)
    log = trainer.running
    qtbot.waitUntil(lambda: len(log.epochs) >= epochs, timeout=15_000)
    return log


def test_that_a_paused_run_is_stopped_and_left(qtbot, make_trainer, long_document):
    trainer = make_trainer()
    log = learning(qtbot, trainer, long_document, 4)
    assert "under way" in why_not_go_on(trainer, long_document)
    trainer.pause()
    assert not why_not_go_on(trainer, long_document)
    ended = []
    trainer.run_ended.connect(ended.append)
    go_on(trainer, long_document, log, rewind_of(log, 3))
    qtbot.waitUntil(lambda: len(ended) == 2, timeout=15_000)
    assert ended[0] is log and log.ending.reason == "stopped"
    child = ended[1]
    assert [epoch.epoch for epoch in child.epochs] == list(range(6))
    assert child.epochs[:3] == log.epochs[:3]
    old, new = long_document.file.runs()
    assert (new.parent, new.past, new.status) == (old.id, child.past, "completed")
    assert long_document.file.epochs(new.id) == child.epochs


def test_that_a_paused_run_is_continued_where_it_holds(qtbot, make_trainer, long_document):
    trainer = make_trainer()
    learning(qtbot, trainer, long_document, 2)
    trainer.pause()
    continue_run(trainer, long_document)
    assert trainer.state == "training"
    with qtbot.waitSignal(trainer.run_ended, timeout=10_000):
        trainer.stop()


@pytest.mark.parametrize(("scene", "words"), [("good", "complete"), ("explodes", "exploded")])
def test_that_a_run_that_is_over_is_not_continued(qtbot, make_trainer, document, scene, words):
    trainer = make_trainer(scene)
    with qtbot.waitSignal(trainer.run_ended, timeout=15_000):
        trainer.train(document)
    assert words in why_not_continue(trainer, document)
    assert not why_not_go_on(trainer, document)
    continue_run(trainer, document)
    assert not trainer.busy


def test_that_a_project_that_cannot_be_written_says_so(qtbot, make_trainer, document):
    trainer = make_trainer()
    with qtbot.waitSignal(trainer.run_ended, timeout=15_000) as got:
        trainer.train(document)
    document.file.close()
    document.file = ProjectFile.open(document.path, read_only=True)
    for why_not in (why_not_continue, why_not_go_on):
        assert "reading only" in why_not(trainer, document)
    go_on(trainer, document, got.args[0], rewind_of(got.args[0], 2))
    assert not trainer.busy


def test_that_a_file_that_cannot_be_read_is_told(qtbot, make_trainer, document, monkeypatch):
    trainer = make_trainer()
    with qtbot.waitSignal(trainer.run_ended, timeout=15_000) as got:
        trainer.train(document)

    def unreadable(*_):
        raise TsrnnError("The disk is gone.")

    monkeypatch.setattr(ProjectFile, "nearest_state", unreadable)
    with qtbot.waitSignal(trainer.failed) as told:
        go_on(trainer, document, got.args[0], rewind_of(got.args[0], 2))
    assert told.args[0].text == "The disk is gone."
    assert not trainer.busy
