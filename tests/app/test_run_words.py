"""How a run is told in a line."""

from __future__ import annotations

import pytest

from tsrnn_gui.app.events import EpochEnded, Failed, Finished, Progress, Started
from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.app.run_words import run_words, seconds_words


@pytest.fixture
def log(document):
    return RunLog("r", document.project.series, document.project.experiment)


def begun(log, epochs=0):
    log.apply(Started(weights=1, steps_per_epoch=30, training_windows=9, validation_windows=9))
    for epoch in range(epochs):
        log.apply(
            EpochEnded(
                epoch=epoch,
                loss=1.0,
                mae=1.0,
                val_loss=1.0,
                val_mae=1.0,
                learning_rate=0.1,
                seconds=2.0,
                best=epoch == 0,
            )
        )
    return log


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.05, "0.05 s"),
        (3.21, "3.2 s"),
        (42.4, "42 s"),
        (125, "2 min 5 s"),
        (1800, "30 min"),
        (3780, "1 h 3 min"),
    ],
)
def test_that_durations_are_said_as_a_person_would(seconds, words):
    assert seconds_words(seconds) == words


def test_that_a_run_before_its_first_epoch_says_what_it_waits_for(log):
    assert run_words(log, "starting") == "Waiting for the engine…"
    assert run_words(log, "training") == "Preparing…"
    assert run_words(begun(log), "training") == "Compiling the network…"


def test_that_a_run_says_epoch_step_pace_and_time_left(log):
    begun(log, 2).apply(Progress(epoch=2, step=15, steps=30))
    assert run_words(log, "training") == "epoch 3 of 5 · step 15 of 30 · 2.0 s an epoch · 5.0 s left"
    assert run_words(log, "paused").startswith("Paused · epoch 3 of 5")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("completed", "Finished 3 epochs · epoch 1 was the best and is kept"),
        ("stopped", "Stopped after 3 epochs · epoch 1 was the best and is kept"),
        ("exploded", "The loss exploded in epoch 3 · epoch 1 was the best and is kept"),
    ],
)
def test_that_endings_say_what_is_kept(log, reason, words):
    begun(log, 3).apply(Finished(reason=reason, epochs_done=3, best_epoch=0))
    assert run_words(log, "ready") == words


def test_that_a_failure_is_told_with_its_hint(log):
    log.apply(Failed(text="The network is too large.", hint="Use fewer units."))
    assert run_words(log, "ready") == "The network is too large. Use fewer units."


def test_that_going_back_is_said_while_epochs_are_trained_again(log):
    begun(log, 3).apply(Progress(epoch=1, step=4, steps=30, towards=3))
    assert run_words(log, "training") == "Going back to epoch 3… · training epoch 2 again"
    assert run_words(log, "stopping").startswith("Stopping · Going back to epoch 3…")


def test_that_a_run_taken_up_again_compiles_before_its_next_epoch(log):
    begun(log, 3).apply(Finished(reason="stopped", epochs_done=3, best_epoch=0))
    log.take_up()
    assert run_words(log, "training") == "Preparing…"
    log.apply(Started(weights=1, steps_per_epoch=30, training_windows=9, validation_windows=9, first_epoch=2))
    assert [epoch.epoch for epoch in log.epochs] == [0, 1]
    assert run_words(log, "training") == "Compiling the network…"
    log.apply(Progress(epoch=2, step=15, steps=30))
    assert run_words(log, "training").startswith("epoch 3 of 5 · step 15 of 30")
