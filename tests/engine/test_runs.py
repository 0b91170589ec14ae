"""What a run promises besides its numbers: the same again, resumable, stoppable, kept at its best."""

from __future__ import annotations

import threading
import time
from typing import Any

import msgspec
import numpy as np
import pytest

from tsrnn_gui.core.layers import GRU, Dense, Dropout, Scale
from tsrnn_gui.core.plan import SGD, Adam
from tsrnn_gui.core.schedules import Cosine, ReduceOnPlateau
from tsrnn_gui.engine.service import COMPILE_FROM
from tsrnn_gui.wire.messages import Stop

STACK = (GRU(6), Dense(1))
WITH_DROPOUT = (GRU(6, dropout=0.2), Dropout(0.3), Dense(1))


def _after(experiment: Any, epochs: int) -> Any:
    return msgspec.structs.replace(experiment, plan=msgspec.structs.replace(experiment.plan, epochs=epochs))


@pytest.fixture
def plainly(bench: Any) -> Any:
    """The same service, told never to compile."""
    bench.service.compile_from = 10**12
    yield bench
    bench.service.compile_from = 0


def test_that_two_runs_with_one_seed_are_equal_to_the_last_bit(
    bench: Any, make: Any, curve: Any, waves: Any
) -> None:
    one, other = (curve(bench.train(make(WITH_DROPOUT), waves)) for _ in range(2))
    assert one.loss == other.loss
    assert one.val_loss == other.val_loss
    for a, b in zip(one.weights, other.weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_that_another_seed_gives_another_run(bench: Any, make: Any, curve: Any, waves: Any) -> None:
    one, other = (curve(bench.train(make(STACK, seed=seed), waves)) for seed in (1, 2))
    assert one.loss != other.loss
    assert not np.array_equal(one.weights[0], other.weights[0])


def test_that_dropout_takes_other_inputs_at_each_step(bench: Any, make: Any, curve: Any, waves: Any) -> None:
    """With a rate of nearly nothing the weights stay, so that only the dropped inputs tell epochs apart."""
    run = curve(bench.train(make(WITH_DROPOUT, learning_rate=1e-12, shuffle=False), waves))
    assert len(set(run.loss)) == 3
    assert max(run.val_loss) == pytest.approx(min(run.val_loss), rel=1e-6)


def test_that_chunks_of_any_length_give_the_same_numbers(
    bench: Any, make: Any, curve: Any, waves: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = curve(bench.train(make(WITH_DROPOUT), waves))
    monkeypatch.setattr("tsrnn_gui.engine.chunks.Chunks.took", lambda self, steps, seconds: None)
    by_ones = curve(bench.train(make(WITH_DROPOUT), waves))
    assert whole.loss == by_ones.loss


@pytest.mark.parametrize("schedule", [Cosine(), ReduceOnPlateau(patience=1)])
def test_that_a_resumed_run_equals_an_uninterrupted_one(
    bench: Any, make: Any, curve: Any, pick: Any, waves: Any, schedule: Any
) -> None:
    tried = make(WITH_DROPOUT, epochs=6, schedule=schedule, learning_rate=0.05, patience=4)
    whole = bench.train(tried, waves)
    stopped = bench.train(
        tried, waves, lambda b, e: b.stop(e) if type(e).__name__ == "EpochEnded" and e.epoch == 2 else None
    )
    assert pick(stopped, "Finished")[0].reason == "stopped"
    rest = bench.train(tried, waves, resume=pick(stopped, "Checkpoint")[-1].state)
    assert 3 <= pick(rest, "Started")[0].first_epoch <= 4  # the next epoch is under way while one is judged
    again = [*pick(stopped, "EpochEnded"), *pick(rest, "EpochEnded")]
    kept = ("epoch", "loss", "mae", "val_loss", "val_mae", "learning_rate", "best")
    for one, other in zip(again, pick(whole, "EpochEnded"), strict=True):
        assert [getattr(one, n) for n in kept] == [getattr(other, n) for n in kept]
    for a, b in zip(curve(rest).weights, curve(whole).weights, strict=True):
        np.testing.assert_array_equal(a, b)
    one, other = (
        msgspec.structs.replace(pick(run, "Finished")[0], run="", memory_bytes=0) for run in (rest, whole)
    )
    assert one == other


def test_that_a_run_stopped_inside_an_epoch_goes_on_from_that_very_step(
    bench: Any, make: Any, curve: Any, pick: Any, waves: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tsrnn_gui.engine.chunks.Chunks.took", lambda self, steps, seconds: None)
    monkeypatch.setattr("tsrnn_gui.engine.throttle.Throttle.open", True)
    tried = make(WITH_DROPOUT)
    whole = curve(bench.train(tried, waves))
    stopped = bench.train(
        tried, waves, lambda b, e: b.stop(e) if getattr(e, "step", 0) == 2 and e.epoch == 1 else None
    )
    assert len(pick(stopped, "EpochEnded")) == 1
    rest = curve(bench.train(tried, waves, resume=pick(stopped, "Checkpoint")[-1].state))
    assert rest.loss == whole.loss[1:]
    for a, b in zip(rest.weights, whole.weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_that_a_stop_does_not_wait_for_a_long_validation_part_and_leaves_a_checkpoint(
    bench: Any, make: Any, pick: Any, waves: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tsrnn_gui.engine.chunks.Chunks.took", lambda self, steps, seconds: None)
    monkeypatch.setattr("tsrnn_gui.engine.throttle.Throttle.open", True)

    def within_the_first_epoch(b: Any, event: Any) -> None:
        if getattr(event, "step", 0) == 2:
            b.stop(event)

    assert pick(bench.train(make(STACK), waves, within_the_first_epoch), "ForecastMade")
    monkeypatch.setattr("tsrnn_gui.engine.steering._PATIENCE_S", -1.0)
    events = bench.train(make(STACK), waves, within_the_first_epoch)
    assert pick(events, "Finished")[0].reason == "stopped"
    assert not pick(events, "ForecastMade")
    rest = bench.train(make(STACK), waves, resume=pick(events, "Checkpoint")[-1].state)
    assert len(pick(rest, "EpochEnded")) == 3
    assert pick(rest, "ForecastMade")


def test_that_a_stop_gives_up_a_step_that_takes_long_and_keeps_those_before_it(
    bench: Any, make: Any, curve: Any, pick: Any, waves: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tsrnn_gui.engine.programs import Programs

    monkeypatch.setattr("tsrnn_gui.engine.chunks.Chunks.took", lambda self, steps, seconds: None)
    monkeypatch.setattr("tsrnn_gui.engine.throttle.Throttle.open", True)
    whole = curve(bench.train(make(WITH_DROPOUT), waves))
    long_enough, real = threading.Event(), Programs.snapshot

    def long(programs: Any, values: Any = ()) -> Any:
        """What a chunk ends with, of the third step of the second epoch."""
        told = pick(bench.events, "Progress")
        if values and told and (told[-1].epoch, told[-1].step) == (1, 2):
            bench.stop(told[-1])
            long_enough.wait(30)
        return real(programs, values)

    monkeypatch.setattr(Programs, "snapshot", long)
    stopped = bench.train(make(WITH_DROPOUT), waves)
    assert bench.steering.gave_up and not long_enough.is_set()
    long_enough.set()
    monkeypatch.setattr(Programs, "snapshot", real)
    bench.steering.gave_up = False
    ending = pick(stopped, "Finished")[0]
    assert (ending.reason, ending.engine_ends, ending.epochs_done) == ("stopped", True, 1)
    assert not pick(stopped, "ForecastMade")
    rest = curve(bench.train(make(WITH_DROPOUT), waves, resume=pick(stopped, "Checkpoint")[-1].state))
    assert rest.loss == whole.loss[1:]
    for a, b in zip(rest.weights, whole.weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_that_a_run_stopped_inside_an_epoch_begins_it_anew_with_other_batches(
    bench: Any, make: Any, pick: Any, waves: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tsrnn_gui.engine.chunks.Chunks.took", lambda self, steps, seconds: None)
    monkeypatch.setattr("tsrnn_gui.engine.throttle.Throttle.open", True)
    stopped = bench.train(
        make(STACK, batch=8), waves, lambda b, e: b.stop(e) if getattr(e, "step", 0) == 12 else None
    )
    assert not pick(stopped, "EpochEnded")
    rest = bench.train(make(STACK, batch=32), waves, resume=pick(stopped, "Checkpoint")[-1].state)
    assert pick(rest, "Progress")[1].step == 1
    assert len(pick(rest, "EpochEnded")) == 3


def test_that_a_finished_run_can_be_given_more_epochs(
    bench: Any, make: Any, curve: Any, pick: Any, waves: Any
) -> None:
    tried = make(STACK, epochs=5)
    whole = curve(bench.train(tried, waves))
    first = bench.train(_after(tried, 3), waves)
    more = curve(bench.train(tried, waves, resume=pick(first, "Checkpoint")[-1].state))
    assert more.loss == whole.loss[3:]


def test_that_a_resumed_run_may_go_on_with_another_rate(bench: Any, make: Any, pick: Any, waves: Any) -> None:
    tried = make(STACK, schedule=ReduceOnPlateau())
    first = bench.train(_after(tried, 2), waves)
    slower = make(STACK, schedule=ReduceOnPlateau(), learning_rate=1e-4)
    more = bench.train(slower, waves, resume=pick(first, "Checkpoint")[-1].state)
    assert [e.learning_rate for e in pick(more, "EpochEnded")] == [1e-4]


def test_that_a_checkpoint_of_another_stack_is_refused_in_words(
    bench: Any, make: Any, pick: Any, waves: Any
) -> None:
    from tsrnn_gui.core.problems import TsrnnError

    state = pick(bench.train(make(STACK), waves), "Checkpoint")[-1].state
    with pytest.raises(TsrnnError, match="another stack"):
        bench.train(make((GRU(7), Dense(1))), waves, resume=state)
    with pytest.raises(TsrnnError, match="cannot be read"):
        bench.train(make(STACK), waves, resume=b"\x81garbage")


def test_that_the_same_design_is_not_built_or_compiled_again(
    bench: Any, make: Any, waves: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.train(make(STACK), waves)
    built: list[Any] = []
    monkeypatch.setattr("tsrnn_gui.engine.programs.Programs.__init__", lambda *a: built.append(a))
    bench.train(make(STACK, seed=5, learning_rate=0.5, epochs=4, schedule=Cosine()), waves)
    assert not built


def test_that_few_epochs_run_without_compiling_and_give_the_same_curve(
    bench: Any, plainly: Any, make: Any, curve: Any, pick: Any, waves: Any
) -> None:
    plain = plainly.train(make(STACK), waves)
    bench.service.compile_from = 0
    compiled = bench.train(make(STACK), waves)
    assert [pick(run, "Started")[0].compiled for run in (plain, compiled)] == [False, True]
    np.testing.assert_allclose(curve(plain).loss, curve(compiled).loss, rtol=1e-4)


def test_that_compiling_is_chosen_by_the_work_asked_for(bench: Any, make: Any, pick: Any, waves: Any) -> None:
    bench.service.compile_from = COMPILE_FROM
    try:
        few = bench.train(make(STACK, epochs=2), waves)
        many = bench.train(make(STACK, epochs=160), waves)
    finally:
        bench.service.compile_from = 0
    assert not pick(few, "Started")[0].compiled
    assert pick(many, "Started")[0].compiled


def test_that_an_explosion_ends_the_run_with_the_last_finite_weights_and_advice(
    bench: Any, make: Any, curve: Any, pick: Any, waves: Any
) -> None:
    stack = (GRU(6), Dense(1), Scale(100.0))
    tried = make(stack, optimizer=SGD(0.9), loss="mse", learning_rate=1.0, epochs=50)
    events = bench.train(tried, waves)
    done = pick(events, "Finished")[0]
    assert done.reason == "exploded"
    assert "0.1" in done.advice or "1.0e-01" in done.advice
    assert done.epochs_done == len(pick(events, "EpochEnded")) < 50
    assert all(np.isfinite(weights).all() for weights in curve(events).weights)
    assert np.isfinite(pick(events, "ForecastMade")[0].validation.unpacked()).all()


def test_that_an_explosion_names_its_step_its_batch_and_the_gradient_of_each_layer(
    bench: Any, make: Any, pick: Any, waves: Any
) -> None:
    stack = (GRU(6), Dense(1), Scale(100.0))
    tried = make(stack, optimizer=SGD(0.9), loss="mse", learning_rate=1.0, epochs=50)
    events = bench.train(tried, waves)
    found = pick(events, "Finished")[0].explosion
    assert (found.kind, found.rate) == ("not_finite", 1.0)
    assert found.epoch == len(pick(events, "EpochEnded"))
    order = np.random.default_rng([tried.plan.seed, found.epoch]).permutation(112)
    batch = order[found.step * 32 : (found.step + 1) * 32]
    assert sorted(found.windows) == sorted(batch)
    assert [place for place, _ in found.norms] == [0, 1]
    gru, dense = (norm for _, norm in found.norms)
    assert 0 <= gru < np.inf  # gates that are saturated pass no gradient on
    assert 0 < dense < np.inf


def test_that_a_loss_that_does_not_come_back_ends_the_run_with_the_best_weights(
    bench: Any, make: Any, curve: Any, pick: Any, waves: Any
) -> None:
    from tsrnn_gui.core.schedules import Exponential

    climbing = {"optimizer": SGD(0.9), "learning_rate": 1e-5, "schedule": Exponential(4.0), "epochs": 60}
    stack = (GRU(6), Dense(1), Scale(100.0))
    patient = bench.train(make(stack, loss="mae", give_up_after=None, **climbing), waves)
    assert pick(patient, "Finished")[0].reason == "completed"
    losses = [epoch.loss for epoch in pick(patient, "EpochEnded")]
    far = [loss > 4 * min(losses[: place + 1]) for place, loss in enumerate(losses)]
    wanted = next(place for place in range(3, len(far)) if all(far[place - 2 : place + 1]))
    events = bench.train(make(stack, loss="mae", give_up_after=3, **climbing), waves)
    done = pick(events, "Finished")[0]
    assert (done.reason, done.explosion.kind, done.explosion.epoch) == ("exploded", "diverged", wanted)
    best = bench.train(
        make(stack, loss="mae", **{**climbing, "epochs": 60}, give_up_after=3, keep_best=True), waves
    )
    kept = pick(best, "ForecastMade")[0]
    assert kept.epoch == done.best_epoch
    again = pick(events, "ForecastMade")[0]
    np.testing.assert_array_equal(again.validation.unpacked(), kept.validation.unpacked())


def test_that_an_exploding_sweep_keeps_every_epoch_before_it(
    bench: Any, make: Any, pick: Any, waves: Any
) -> None:
    from tsrnn_gui.core.schedules import Exponential

    tried = make(
        (GRU(6), Dense(1), Scale(100.0)),
        optimizer=SGD(0.9), loss="mse", learning_rate=1e-8, epochs=100, schedule=Exponential(5.0),
    )  # fmt: skip
    events = bench.train(tried, waves)
    epochs = pick(events, "EpochEnded")
    assert pick(events, "Finished")[0].reason == "exploded"
    assert 20 < len(epochs) < 100
    assert all(e.loss is not None and np.isfinite(e.loss) for e in epochs)


@pytest.mark.parametrize("keep_best", [True, False])
def test_that_the_forecast_comes_from_the_weights_the_plan_keeps(
    bench: Any, make: Any, pick: Any, waves: Any, keep_best: bool
) -> None:
    tried = make(STACK, epochs=12, learning_rate=0.5, keep_best=keep_best, optimizer=Adam())
    events = bench.train(tried, waves)
    epochs, made = pick(events, "EpochEnded"), pick(events, "ForecastMade")[0]
    best = min(epochs, key=lambda e: e.val_loss).epoch
    assert best != 11
    assert made.epoch == (best if keep_best else 11)
    assert pick(events, "Finished")[0].best_epoch == best
    origins, foreseen = made.origins.unpacked(), made.validation.unpacked()[:, 0, 0]
    mae = np.abs(foreseen - waves[origins, 0]).mean()
    assert mae == pytest.approx(epochs[made.epoch].val_mae, rel=1e-5)


def test_that_a_forecast_from_a_checkpoint_equals_the_runs_own(
    bench: Any, make: Any, pick: Any, waves: Any
) -> None:
    from tsrnn_gui.wire.messages import Array, Data, Forecast

    tried = make(STACK, keep_best=True)
    events = bench.train(tried, waves, future_steps=5)
    state = pick(events, "Checkpoint")[-1].state
    data = Data(Array.of(waves), ("a",))
    bench.events = []
    bench.service.serve(Forecast(events[-1].run, experiment=tried, data=data, state=state, future_steps=5))
    assert bench.events[:-1] == pick(events, "ForecastMade")
    assert pick(bench.events, "Finished") == bench.events[-1:]


def test_that_a_stop_before_the_first_step_still_ends_in_order(
    bench: Any, make: Any, pick: Any, waves: Any
) -> None:
    events = bench.train(make((GRU(9), Dense(1))), waves, lambda b, e: b.stop(e))
    assert [type(e).__name__ for e in events] == ["Started", "Progress", "Finished"]
    assert (events[-1].reason, events[-1].epochs_done) == ("stopped", 0)
    again = bench.train(make((GRU(9), Dense(1))), waves)
    assert len(pick(again, "EpochEnded")) == 3


def test_that_a_paused_run_holds_until_it_is_told_to_go_on(
    bench: Any, make: Any, pick: Any, waves: Any
) -> None:
    def heard(b: Any, event: Any) -> None:
        if type(event).__name__ == "EpochEnded" and event.epoch == 0:
            b.pause(event)
            threading.Timer(0.4, b.go_on, [event]).start()

    begun = time.perf_counter()
    events = bench.train(make(STACK), waves, heard)
    assert time.perf_counter() - begun > 0.4
    assert sum(e.seconds for e in pick(events, "EpochEnded")) < 0.4
    assert pick(events, "Finished")[0].reason == "completed"


def test_that_a_stop_ends_a_pause(bench: Any, make: Any, pick: Any, waves: Any) -> None:
    def heard(b: Any, event: Any) -> None:
        if type(event).__name__ == "EpochEnded" and event.epoch == 0:
            b.pause(event)
            threading.Timer(0.1, b.stop, [event]).start()

    assert pick(bench.train(make(STACK), waves, heard), "Finished")[0].reason == "stopped"


def test_that_the_first_and_the_last_validation_forecast_are_always_sent(
    bench: Any, make: Any, pick: Any, waves: Any
) -> None:
    events = bench.train(make(STACK, epochs=40), waves)
    sent = [e.epoch for e in pick(events, "ValidationForecast")]
    assert (sent[0], sent[-1]) == (0, 39)
    assert len(sent) < 40
    last = pick(events, "ValidationForecast")[-1].values.unpacked()
    np.testing.assert_array_equal(last, pick(events, "ForecastMade")[0].validation.unpacked()[:, 0])


def test_that_mae_is_in_units_and_the_loss_is_not(bench: Any, make: Any, pick: Any, waves: Any) -> None:
    standard, none = (
        pick(bench.train(make(STACK, {"scaling": scaling}, loss="mae"), waves), "EpochEnded")[-1]
        for scaling in ("standard", "none")
    )
    assert standard.val_mae == pytest.approx(standard.val_loss * waves[:120].std(), rel=1e-5)
    assert none.val_mae == pytest.approx(none.val_loss, rel=1e-6)


def test_that_a_run_without_validation_windows_trains_and_says_so(
    bench: Any, make: Any, pick: Any, waves: Any
) -> None:
    events = bench.train(make(STACK, {"split": 160}), waves, future_steps=2)
    assert [e.val_loss for e in pick(events, "EpochEnded")] == [None] * 3
    assert pick(events, "Finished")[0].best_epoch is None
    assert pick(events, "ForecastMade")[0].future.unpacked().shape == (2, 1)


@pytest.mark.parametrize("scaling", ["none", "standard", "minmax", "window_relative"])
@pytest.mark.parametrize("size", [1e30, 1e-30, 0.0])
def test_that_numbers_of_any_size_give_finite_numbers_or_none(
    bench: Any, plainly: Any, make: Any, pick: Any, waves: Any, size: float, scaling: str
) -> None:
    events = plainly.train(make(STACK, {"scaling": scaling}, loss="mse"), waves * size, future_steps=2)
    done = pick(events, "Finished")[0]
    assert done.reason == ("exploded" if (scaling, size) == ("none", 1e30) else "completed")
    for epoch in pick(events, "EpochEnded"):
        numbers = (epoch.loss, epoch.mae, epoch.val_loss, epoch.val_mae)
        assert all(number is None or np.isfinite(number) for number in numbers)
    made = pick(events, "ForecastMade")[0]
    assert np.isfinite(made.validation.unpacked()).all()
    assert np.isfinite(made.future.unpacked()).all()


def test_that_a_finished_run_tells_how_much_memory_the_engine_holds(
    bench: Any, plainly: Any, make: Any, pick: Any, waves: Any
) -> None:
    """TensorFlow alone is some hundred megabytes; this process is not that large by accident."""
    assert 2e8 < pick(plainly.train(make(STACK), waves), "Finished")[0].memory_bytes < 1e11


def test_that_an_estimate_is_measured_and_leaves_no_trace_in_the_run_that_follows(
    bench: Any, make: Any, curve: Any, waves: Any
) -> None:
    tried = make(WITH_DROPOUT, epochs=3)
    before = curve(bench.train(tried, waves))
    (estimated,) = bench.estimate(tried, waves)
    assert estimated.seconds_an_epoch > 0
    after = curve(bench.train(tried, waves))
    assert (after.loss, after.val_loss) == (before.loss, before.val_loss)
    for one, other in zip(after.weights, before.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_that_a_stopped_estimate_says_nothing(bench: Any, make: Any, waves: Any) -> None:
    bench.steering.heard(Stop("guess"))
    (estimated,) = bench.estimate(make(WITH_DROPOUT), waves)
    bench.steering.forget("guess")
    assert estimated.seconds_an_epoch is None
