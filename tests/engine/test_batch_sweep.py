"""A sweep by batch: plain Keras's steps on the usual batches, one at each rate, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.engine.conftest import windows
from tsrnn_gui.core.layers import GRU, Dense
from tsrnn_gui.core.plan import SGD
from tsrnn_gui.core.schedules import Exponential

STACK = (GRU(units=5), Dense(units=1))


def test_that_each_step_equals_train_on_batch_at_its_rate(
    bench: Any, make: Any, pick: Any, waves: Any
) -> None:
    import keras

    count = 9  # four batches an epoch, the last one smaller, so that the third epoch is begun
    plan = {"epochs": count, "learning_rate": 1e-4, "schedule": Exponential(3.0), "optimizer": SGD(0.9)}
    tried = make(STACK, loss="mse", **plan)
    events = bench.train(tried, waves, every_batch=True)
    ours = pick(events, "EpochEnded")

    keras.utils.set_random_seed(tried.plan.seed)
    model = keras.Sequential([keras.Input((8, 1)), keras.layers.GRU(5), keras.layers.Dense(1)])
    optimizer = keras.optimizers.SGD(1e-4, momentum=0.9)
    model.compile(loss="mse", optimizer=optimizer)
    inputs, wanted = windows(tried, waves)
    theirs = []
    for nth in range(count):
        epoch, place = divmod(nth, 4)
        order = np.random.default_rng([tried.plan.seed, epoch]).permutation(112)[32 * place : 32 * place + 32]
        optimizer.learning_rate = 1e-4 * 10 ** (nth / 3.0)
        model.reset_metrics()
        theirs.append(float(np.asarray(model.train_on_batch(inputs[order], wanted[order])).ravel()[0]))
    np.testing.assert_allclose([event.loss for event in ours], theirs, rtol=1e-5)
    np.testing.assert_allclose([event.learning_rate for event in ours], tried_rates(count), rtol=1e-12)


def tried_rates(count: int) -> list[float]:
    return [1e-4 * 10 ** (nth / 3.0) for nth in range(count)]


def test_that_nothing_is_validated_kept_or_forecast(bench: Any, make: Any, pick: Any, waves: Any) -> None:
    events = bench.train(make(STACK, epochs=5), waves, every_batch=True)
    assert [type(event).__name__ for event in events] == ["Started", *["EpochEnded"] * 5, "Finished"]
    assert all(event.val_loss is None for event in pick(events, "EpochEnded"))
    assert events[-1].reason == "completed"


def test_that_a_loss_beyond_numbers_ends_the_sweep(bench: Any, make: Any, pick: Any, waves: Any) -> None:
    plan = {"epochs": 300, "learning_rate": 1.0, "schedule": Exponential(2.0), "optimizer": SGD(0.9)}
    events = bench.train(make(STACK, loss="mse", **plan), waves, every_batch=True)
    assert events[-1].reason == "exploded"
    assert len(pick(events, "EpochEnded")) < 300


def test_that_a_sweep_stops_when_it_is_told_to(bench: Any, make: Any, pick: Any, waves: Any) -> None:
    def stop(bench: Any, event: Any) -> None:
        if type(event).__name__ == "EpochEnded" and event.epoch == 3:
            bench.stop(event)

    events = bench.train(make(STACK, epochs=500), waves, heard=stop, every_batch=True)
    assert events[-1].reason == "stopped"
    assert events[-1].epochs_done == len(pick(events, "EpochEnded")) == 4


def test_that_a_run_after_a_sweep_is_the_run_without_it(
    bench: Any, make: Any, curve: Any, waves: Any
) -> None:
    tried = make(STACK)
    before = curve(bench.train(tried, waves))
    bench.train(tried, waves, every_batch=True)
    after = curve(bench.train(tried, waves))
    assert after.loss == before.loss


@pytest.mark.parametrize("batch", [111, 500])
def test_that_a_small_or_only_batch_is_a_mean_over_its_windows(
    bench: Any, make: Any, pick: Any, waves: Any, batch: int
) -> None:
    tried = make(STACK, epochs=2, batch=batch, learning_rate=1e-9, shuffle=False)
    losses = [event.loss for event in pick(bench.train(tried, waves, every_batch=True), "EpochEnded")]
    whole = pick(bench.train(make(STACK, epochs=1, batch=batch, learning_rate=1e-9), waves), "EpochEnded")
    weights = (111, 1) if batch == 111 else (112, 0)
    assert np.average(losses, weights=weights) == pytest.approx(whole[0].loss, rel=1e-5)
