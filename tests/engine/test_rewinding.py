"""Going back to any epoch: what comes again is what was there, and another plan goes on from it."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from tsrnn_gui.core.layers import GRU, Dense, Dropout
from tsrnn_gui.core.past import Past, past_until
from tsrnn_gui.core.plan import SGD
from tsrnn_gui.core.schedules import Constant, Cosine, ReduceOnPlateau

STACK = (GRU(6, dropout=0.2), Dropout(0.3), Dense(1))
TOLD = ("epoch", "loss", "mae", "val_loss", "val_mae", "learning_rate", "best")


def numbers(events: list[Any]) -> list[list[Any]]:
    return [[getattr(e, n) for n in TOLD] for e in events if type(e).__name__ == "EpochEnded"]


def changed(experiment: Any, **plan: Any) -> Any:
    return msgspec.structs.replace(experiment, plan=msgspec.structs.replace(experiment.plan, **plan))


def after(tried: Any, epochs: int, origin: int = 0) -> Past:
    return past_until(tried.plan, None, epochs, origin)


@pytest.fixture
def telling_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every checkpoint and every step is told, however quick they come."""
    monkeypatch.setattr("tsrnn_gui.engine.throttle.Throttle.open", True)
    monkeypatch.setattr("tsrnn_gui.engine.chunks.Chunks.took", lambda self, steps, seconds: None)


def state_after(pick: Any, events: list[Any], epochs: int) -> bytes:
    """Give the checkpoint after ``epochs``, nothing for the very start."""
    return next((c.state for c in pick(events, "Checkpoint") if c.epoch + 1 == epochs), b"")


def assert_same_weights(curve: Any, one: list[Any], other: list[Any]) -> None:
    for a, b in zip(curve(one).weights, curve(other).weights, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("schedule", [Constant(), Cosine(), ReduceOnPlateau(patience=1)])
@pytest.mark.parametrize("held", [0, 2, 4])
def test_that_a_rewound_run_with_the_same_plan_equals_the_uninterrupted_one(
    bench: Any, make: Any, curve: Any, pick: Any, waves: Any, telling_all: None, schedule: Any, held: int
) -> None:
    tried = make(STACK, epochs=7, schedule=schedule, learning_rate=0.05, patience=4)
    whole = bench.train(tried, waves)
    again = bench.train(tried, waves, resume=state_after(pick, whole, held), past=after(tried, 4))
    assert numbers(again) == numbers(whole)[4:]
    assert_same_weights(curve, again, whole)
    one, other = (
        msgspec.structs.replace(pick(run, "Finished")[0], run="", memory_bytes=0) for run in (again, whole)
    )
    assert one == other


@pytest.mark.parametrize("held", [0, 2, 3])
def test_that_another_rate_gives_a_run_whose_schedule_changes_the_rate_there(
    bench: Any, make: Any, curve: Any, pick: Any, waves: Any, telling_all: None, monkeypatch: Any, held: int
) -> None:
    tried = make(STACK, epochs=6)
    first = bench.train(tried, waves)
    slower = changed(tried, learning_rate=1e-3)
    rewound = bench.train(
        slower, waves, resume=state_after(pick, first, held), past=after(tried, 3, origin=3)
    )
    monkeypatch.setattr(Constant, "rate", lambda self, start, epoch, epochs: start if epoch < 3 else 1e-3)
    whole = bench.train(tried, waves)
    assert numbers(rewound) == numbers(whole)[3:]
    assert_same_weights(curve, rewound, whole)


def test_that_a_new_schedule_counts_from_the_epoch_it_begins_after(
    bench: Any, make: Any, pick: Any, waves: Any
) -> None:
    tried = make(STACK, epochs=4)
    cosine = changed(tried, epochs=7, learning_rate=1e-3, schedule=Cosine())
    rewound = bench.train(cosine, waves, past=after(tried, 2, origin=2))
    rates = [e.learning_rate for e in pick(rewound, "EpochEnded")]
    assert rates == [Cosine().rate(1e-3, epoch, 5) for epoch in range(5)]


@pytest.mark.parametrize(
    "other",
    [
        {"optimizer": SGD(0.5)},
        {"seed": 7},
        pytest.param({"batch": 16}, marks=pytest.mark.slow),
        pytest.param({"loss": "mse"}, marks=pytest.mark.slow),
        pytest.param({"clip_norm": 0.1}, marks=pytest.mark.slow),
    ],
)
def test_that_any_other_plan_goes_on_from_the_same_weights_wherever_they_come_from(
    bench: Any, make: Any, curve: Any, pick: Any, waves: Any, telling_all: None, other: Any
) -> None:
    tried = make(STACK, epochs=4)
    first = bench.train(tried, waves)
    new, past = changed(tried, epochs=5, **other), after(tried, 3, origin=3)
    runs = [bench.train(new, waves, resume=state_after(pick, first, held), past=past) for held in (0, 1, 3)]
    assert numbers(runs[0]) == numbers(runs[1]) == numbers(runs[2])
    assert [e.epoch for e in pick(runs[0], "EpochEnded")] == [3, 4]
    assert_same_weights(curve, runs[0], runs[1])
    assert_same_weights(curve, runs[0], runs[2])
    branch = [pick(run, "Checkpoint")[0] for run in runs]
    assert {(c.epoch, c.step) for c in branch} == {(2, 0)}
    assert numbers(runs[0])[0] != numbers(first)[3]


def test_that_a_child_of_a_child_is_trained_again_from_the_very_start(
    bench: Any, make: Any, curve: Any, waves: Any
) -> None:
    first = make(STACK, epochs=4)
    second = changed(first, learning_rate=1e-3, batch=16, epochs=6)
    past = after(first, 2, origin=2)
    child = bench.train(second, waves, past=past)
    grandchild = bench.train(second, waves, past=past_until(second.plan, past, 4, origin=2))
    assert numbers(grandchild) == numbers(child)[2:]
    assert_same_weights(curve, grandchild, child)


def test_that_going_back_is_told_by_progress_alone(
    bench: Any, make: Any, pick: Any, waves: Any, telling_all: None
) -> None:
    tried = make(STACK, epochs=5)
    events = bench.train(tried, waves, past=after(tried, 3))
    assert [type(e).__name__ for e in events[:2]] == ["Started", "Progress"]
    assert pick(events, "Started")[0].first_epoch == 3
    assert len(pick(events, "Started")) == 1
    before = events[: [type(e).__name__ for e in events].index("Checkpoint")]
    back = [e for e in before if type(e).__name__ == "Progress" and e.towards is not None]
    assert {e.epoch for e in back} == {0, 1, 2}
    assert {e.towards for e in back} == {3}
    assert not pick(before, "EpochEnded") and not pick(before, "ValidationForecast")
    assert all(e.towards is None for e in pick(events, "Progress") if e.epoch >= 3)


def test_that_a_run_stopped_on_its_way_back_has_learned_nothing_of_its_own(
    bench: Any, make: Any, pick: Any, waves: Any, telling_all: None
) -> None:
    tried = make(STACK, epochs=5)
    stop = lambda b, e: b.stop(e) if type(e).__name__ == "Progress" and e.epoch == 1 else None  # noqa: E731
    events = bench.train(tried, waves, stop, past=after(tried, 3))
    assert {type(e).__name__ for e in events} == {"Started", "Progress", "Finished"}
    assert (events[-1].reason, events[-1].epochs_done) == ("stopped", 3)


def test_that_a_stopped_child_resumes_as_if_it_had_not_been_stopped(
    bench: Any, make: Any, curve: Any, pick: Any, waves: Any, telling_all: None
) -> None:
    tried = make(STACK, epochs=4, schedule=ReduceOnPlateau(patience=1))
    past, slower = after(tried, 2, origin=2), changed(tried, learning_rate=1e-3, epochs=6)
    whole = bench.train(slower, waves, past=past)
    for epoch, step in ((2, 1), (3, 0), (4, 2)):

        def stop(b: Any, e: Any, epoch: int = epoch, step: int = step) -> None:
            if type(e).__name__ == "Progress" and e.towards is None and (e.epoch, e.step) == (epoch, step):
                b.stop(e)
            if type(e).__name__ == "EpochEnded" and not step and e.epoch == epoch:
                b.stop(e)

        stopped = bench.train(slower, waves, stop, past=past)
        rest = bench.train(slower, waves, resume=pick(stopped, "Checkpoint")[-1].state, past=past)
        assert numbers(stopped) + numbers(rest) == numbers(whole)
        assert_same_weights(curve, rest, whole)


def test_that_a_run_that_stopped_early_has_patience_again(
    bench: Any, make: Any, pick: Any, waves: Any
) -> None:
    tried = make(STACK, epochs=60, learning_rate=0.3, patience=2)
    first = bench.train(tried, waves)
    done = pick(first, "Finished")[0]
    assert (done.reason, done.epochs_done < 60) == ("early", True)
    further = changed(tried, learning_rate=1e-12)
    state = pick(first, "Checkpoint")[-1].state
    rest = bench.train(further, waves, resume=state, past=after(tried, done.epochs_done, done.epochs_done))
    assert len(pick(rest, "EpochEnded")) == 2


def test_that_a_rewound_run_is_compiled_where_its_own_epochs_pay_for_it(
    bench: Any, make: Any, pick: Any, waves: Any
) -> None:
    from tsrnn_gui.engine.service import COMPILE_FROM

    bench.service.compile_from = COMPILE_FROM
    try:
        few = make(STACK, epochs=2)
        first = bench.train(few, waves)
        state = pick(first, "Checkpoint")[-1].state
        more = changed(few, learning_rate=1e-3, epochs=160)
        stop = lambda b, e: b.stop(e)  # noqa: E731
        again = bench.train(more, waves, stop, resume=state, past=after(few, 2, origin=2))
    finally:
        bench.service.compile_from = 0
    assert [pick(run, "Started")[0].compiled for run in (first, again)] == [False, True]
