"""The log of a run: many events, one repaint, and the last one never lost."""

from __future__ import annotations

import numpy as np

from tsrnn_gui.app.events import EpochEnded, Finished, ValidationForecast
from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.wire.messages import Array


def epoch(number: int, best: bool = False) -> EpochEnded:
    return EpochEnded(
        epoch=number, loss=1.0, mae=2.0, val_loss=1.5, val_mae=3.0, learning_rate=0.1, seconds=0.5, best=best
    )


def log_of(document) -> RunLog:
    project = document.project
    return RunLog("r", project.series, project.experiment)


def test_that_a_thousand_events_are_told_as_one(qtbot, document):
    log, told = log_of(document), []
    log.grown.connect(lambda: told.append(len(log.epochs)))
    with qtbot.waitSignal(log.grown):
        for number in range(1000):
            log.apply(epoch(number))
    assert told == [1000]


def test_that_the_ending_comes_after_the_last_growth(qtbot, document):
    log, told = log_of(document), []
    log.grown.connect(lambda: told.append("grown"))
    log.ended.connect(lambda ending: told.append(ending.reason))
    log.apply(epoch(0))
    log.apply(Finished(reason="completed", epochs_done=1, best_epoch=0))
    assert told == ["grown", "completed"]
    assert not log.running


def test_that_the_best_epoch_and_the_time_left_follow_from_the_epochs(qtbot, document):
    log = log_of(document)
    assert log.seconds_left is None
    for number in range(3):
        log.apply(epoch(number, best=number < 2))
    assert log.best.epoch == 1
    assert log.seconds_left == (document.project.experiment.plan.epochs - 3) * 0.5


def test_that_validation_forecasts_start_where_the_windows_end(qtbot, document):
    log = log_of(document)
    assert log.origins[0] == document.project.experiment.windowing.split
    log.apply(ValidationForecast(epoch=0, values=Array.of(np.zeros((len(log.origins), 1)))))
    assert log.validation.shape == (len(log.origins), 1)


def test_that_a_kept_run_is_shown_again_as_it_was(qtbot, make_trainer, document):
    trainer = make_trainer()
    with qtbot.waitSignal(trainer.run_ended, timeout=15_000) as got:
        trainer.train(document)
    lived = got.args[0]
    (record,) = document.file.runs()
    log = RunLog.from_file(document.file, record, document.project.series)
    assert log.epochs == lived.epochs
    assert log.reports == lived.reports
    assert log.ending.reason == "completed"
    assert np.array_equal(log.validation, lived.validation)
    assert log.best.epoch == lived.best.epoch
