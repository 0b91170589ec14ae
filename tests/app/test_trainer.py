"""The trainer: one engine, one run at a time, and a way on when either fails."""

from __future__ import annotations

import time

import pytest

from tsrnn_gui.app.events import Failed, Finished
from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files.project_file import ProjectFile


def trained(qtbot, trainer, document) -> RunLog:
    with qtbot.waitSignal(trainer.run_ended, timeout=15_000) as got:
        trainer.train(document)
    return got.args[0]


def full_disk(path):
    raise TsrnnError("The disk is full.", hint="Free some space.")


def wait_for(qtbot, trainer, state):
    if trainer.state != state:
        with qtbot.waitSignal(trainer.state_changed, check_params_cb=lambda s: s == state, timeout=10_000):
            pass


def test_that_the_engine_starts_in_the_background_and_says_what_it_is(qtbot, make_trainer):
    trainer = make_trainer()
    trainer.start()
    assert trainer.engine_words == "Engine starting…"
    wait_for(qtbot, trainer, "ready")
    assert trainer.engine_words == "Engine ready · TensorFlow 2.21 · 2 cores"


def test_that_a_run_asked_for_before_the_engine_is_ready_waits_for_it(qtbot, make_trainer, document):
    trainer = make_trainer()
    log = trained(qtbot, trainer, document)
    assert isinstance(log.ending, Finished)
    assert [epoch.epoch for epoch in log.epochs] == [0, 1, 2, 3, 4]
    assert log.reports[0].naive.mae is not None
    assert log.forecast is not None
    assert trainer.state == "ready"


def test_that_a_run_is_kept_in_the_project_file_with_its_reports(qtbot, make_trainer, document):
    log = trained(qtbot, make_trainer(), document)
    (record,) = document.file.runs()
    assert record.id == log.run
    assert record.status == "completed"
    assert record.epochs_done == 5
    assert record.weights == 4961
    assert record.reports == log.reports
    assert document.file.forecast(log.run) is not None
    assert document.file.checkpoint(log.run) is not None


def test_that_stop_keeps_what_was_learned(qtbot, make_trainer, long_document):
    trainer = make_trainer()
    trainer.run_started.connect(lambda log: log.grown.connect(trainer.stop))
    log = trained(qtbot, trainer, long_document)
    assert isinstance(log.ending, Finished) and log.ending.reason == "stopped"
    assert 0 < len(log.epochs) < 10_000
    assert log.forecast is not None


def test_that_a_run_that_still_waits_can_be_stopped(qtbot, make_trainer, document):
    trainer = make_trainer("mute")
    with qtbot.waitSignal(trainer.run_ended) as got:
        trainer.train(document)
        trainer.stop()
    assert got.args[0].ending.reason == "stopped"
    assert not trainer.busy


def test_that_a_paused_run_holds_and_goes_on(qtbot, make_trainer, long_document):
    trainer = make_trainer()
    with qtbot.waitSignal(trainer.run_started) as got:
        trainer.train(long_document)
    log = got.args[0]
    with qtbot.waitSignal(log.grown, timeout=10_000):
        pass
    trainer.pause()
    assert trainer.state == "paused"
    with qtbot.waitSignal(log.grown, timeout=700, raising=False):
        pass
    with qtbot.waitSignal(log.grown, timeout=400, raising=False) as silence:
        pass
    assert not silence.signal_triggered
    trainer.resume()
    with qtbot.waitSignal(log.grown, timeout=5_000):
        pass
    with qtbot.waitSignal(trainer.run_ended, timeout=10_000):
        trainer.stop()


def test_that_a_dead_engine_is_told_with_its_last_words_and_a_fresh_one_starts(qtbot, make_trainer, document):
    trainer = make_trainer("dies")
    with qtbot.waitSignal(trainer.failed, timeout=10_000) as got:
        log = trained(qtbot, trainer, document)
    failure = got.args[0]
    assert isinstance(failure, Failed) and failure.engine_gone
    assert "out of memory" in failure.details
    assert log.ending == failure
    wait_for(qtbot, trainer, "ready")
    (record,) = document.file.runs()
    assert (record.status, record.epochs_done) == ("interrupted", 2)


def test_that_an_engine_that_ends_with_its_run_makes_way_for_a_fresh_one_without_a_word(
    qtbot, make_trainer, document
):
    trainer, told = make_trainer("gives up"), []
    trainer.failed.connect(told.append)
    log = trained(qtbot, trainer, document)
    assert isinstance(log.ending, Finished) and trainer.state == "starting"
    again = trained(qtbot, trainer, document)
    assert isinstance(again.ending, Finished) and len(again.epochs) == 5 and not told


def test_that_an_engine_that_cannot_start_is_told_and_ends_the_waiting_run(qtbot, make_trainer, document):
    trainer = make_trainer("stillborn")
    with qtbot.waitSignals([trainer.failed, trainer.run_ended], timeout=10_000):
        trainer.train(document)
    assert trainer.state == "gone"
    assert trainer.engine_words == "Engine not running"


def test_that_a_request_the_engine_refuses_leaves_it_serving(qtbot, make_trainer, document):
    trainer = make_trainer("refuses")
    with qtbot.waitSignal(trainer.failed, timeout=10_000) as got:
        trained(qtbot, trainer, document)
    assert got.args[0].text == "The network is too large."
    assert trainer.state == "ready"


def test_that_a_loss_that_explodes_is_an_ending_with_advice(qtbot, make_trainer, document):
    log = trained(qtbot, make_trainer("explodes"), document)
    assert isinstance(log.ending, Finished)
    assert (log.ending.reason, log.ending.advice) == ("exploded", "Try a smaller learning rate.")
    assert log.epochs[-1].loss is None


def test_that_a_disk_error_is_told_once_and_the_run_goes_on(qtbot, make_trainer, document, monkeypatch):
    monkeypatch.setattr("tsrnn_gui.files.project_file.ProjectFile.open", full_disk)
    trainer = make_trainer()
    told = []
    trainer.failed.connect(told.append)
    log = trained(qtbot, trainer, document)
    assert len(log.epochs) == 5
    assert [failure.text for failure in told] == ["The disk is full."]


def test_that_what_a_passing_disk_error_missed_is_written_when_the_run_ends(
    qtbot, make_trainer, document, monkeypatch
):
    real, calls = ProjectFile.open, []

    def flaky(path):
        calls.append(path)
        return full_disk(path) if len(calls) == 1 else real(path)

    monkeypatch.setattr(ProjectFile, "open", flaky)
    log = trained(qtbot, make_trainer(), document)
    (record,) = document.file.runs()
    assert (record.epochs_done, record.status) == (5, "completed")
    assert record.reports == log.reports


def test_that_a_run_follows_its_project_into_a_copy(qtbot, make_trainer, long_document, tmp_path):
    trainer = make_trainer()
    with qtbot.waitSignal(trainer.run_started) as got:
        trainer.train(long_document)
    log = got.args[0]
    qtbot.waitUntil(lambda: len(log.epochs) > 3, timeout=10_000)
    long_document.save_as(tmp_path / "copy.tsrnn")
    trainer.follow(long_document.path)
    with qtbot.waitSignal(trainer.run_ended, timeout=10_000):
        trainer.stop()
    (record,) = long_document.file.runs()
    assert record.status == "stopped"
    assert record.epochs_done == len(log.epochs)


def test_that_a_kept_run_forecasts_again_without_training(qtbot, make_trainer, document):
    trainer = make_trainer()
    log = trained(qtbot, trainer, document)
    document.edit("further", type(document.project)(document.project.series, log.experiment, 60))
    with qtbot.waitSignal(trainer.run_ended, timeout=10_000):
        trainer.forecast_again(log, document)
    assert log.forecast.future.shape == (60, 1)
    assert len(log.epochs) == 5
    assert [record.status for record in document.file.runs()] == ["completed"]


@pytest.mark.parametrize("scene", ["good", "mute"])
def test_that_shutting_down_takes_less_than_three_seconds(qtbot, make_trainer, long_document, scene):
    trainer = make_trainer(scene)
    trainer.train(long_document)
    if scene == "good":
        qtbot.waitUntil(lambda: len(trainer.shown.epochs) > 1, timeout=10_000)
    before = time.perf_counter()
    trainer.shutdown()
    assert time.perf_counter() - before < 10.0
    assert all(not record.reports or record.status != "running" for record in long_document.file.runs())


def test_that_a_run_that_dies_of_the_shutdown_starts_no_other_engine(
    qtbot, make_trainer, document, monkeypatch
):
    trainer = make_trainer("dies")
    make, made = trainer._make_engine, []
    monkeypatch.setattr(trainer, "_make_engine", lambda: made.append(make()) or made[-1])
    trainer.failed.connect(trainer.shutdown)
    with qtbot.waitSignal(trainer.failed, timeout=15_000):
        trainer.train(document)
    assert len(made) == 1
    assert not made[0].alive
    trainer.start()
    assert len(made) == 1


def test_that_a_run_under_way_is_stopped_by_the_shutdown_and_keeps_its_forecast(
    qtbot, make_trainer, long_document
):
    trainer = make_trainer("good")
    trainer.train(long_document)
    qtbot.waitUntil(lambda: len(trainer.shown.epochs) > 1, timeout=10_000)
    trainer.shutdown()
    (record,) = long_document.file.runs()
    assert record.status == "stopped"
    assert record.reports


def test_that_a_run_that_cannot_be_stopped_in_time_is_interrupted_and_its_note_says_by_what(
    qtbot, make_trainer, long_document, monkeypatch
):
    def close(engine, timeout):
        engine._closing = True
        engine.kill()

    monkeypatch.setattr("tsrnn_gui.app.trainer._FAREWELL_MS", 0)
    monkeypatch.setattr("tsrnn_gui.wire.client.Engine.close", close)
    monkeypatch.setattr("tsrnn_gui.wire.client.Engine.stop_run", lambda engine, run: None)
    trainer = make_trainer("good")
    trainer.train(long_document)
    qtbot.waitUntil(lambda: len(trainer.shown.epochs) > 1, timeout=10_000)
    trainer.shutdown()
    (record,) = long_document.file.runs()
    assert record.status == "interrupted"
    assert "closed while the run was under way" in record.note
