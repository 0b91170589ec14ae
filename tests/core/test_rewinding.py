"""What leaving a run after one of its epochs comes to, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.past import Stretch
from tsrnn_gui.core.plan import Plan
from tsrnn_gui.core.rewinding import Rewind
from tsrnn_gui.core.runs import Epoch
from tsrnn_gui.core.schedules import Constant, Cosine, ReduceOnPlateau

PLAN = Plan(epochs=100, learning_rate=1e-2)


def told(count, plan=PLAN, best=-1, rate=None):
    return [
        Epoch(
            e,
            1.0,
            1.0,
            1.0,
            1.0,
            rate or plan.schedule.rate(plan.learning_rate, e, plan.epochs),
            0.1,
            e <= best,
        )
        for e in range(count)
    ]


def leaving(plan=PLAN, count=100, after=None, best=36):
    return Rewind.offered(Experiment(plan=plan), None, told(count, plan, best), after)


def test_that_the_best_epoch_is_proposed_with_its_rate_and_schedule():
    rewind = leaving()
    assert (rewind.after, rewind.rate, rewind.schedule, rewind.until) == (37, 1e-2, Constant(), 100)
    assert leaving(best=-1).after == 100


def test_that_a_finished_run_is_proposed_to_train_as_long_again():
    rewind = leaving(after=100)
    assert rewind.until == 200
    assert rewind.problem is None
    assert rewind.plan == Plan(epochs=200, learning_rate=1e-2)


def test_that_another_rate_is_a_plan_whose_schedule_counts_from_there():
    rewind = replace(leaving(), rate=1e-4)
    assert rewind.plan.learning_rate == 1e-4
    assert rewind.new_past.stretches == (Stretch(PLAN, 37, 0),)
    assert rewind.new_past.origin == 37
    assert rewind.sentence == (
        "A new run begins after epoch 37 of this one with rate 0.0001 and trains to epoch 100; "
        "this run stays as it is."
    )


@pytest.mark.parametrize("schedule", [Cosine(), ReduceOnPlateau()])
def test_that_what_is_left_alone_goes_on_as_before(schedule):
    plan = Plan(epochs=100, learning_rate=1e-2, schedule=schedule)
    rewind = leaving(plan, count=60)
    assert rewind.as_before
    assert (rewind.plan, rewind.new_past.origin) == (plan, 0)
    assert "as before" in rewind.sentence


def test_that_a_schedule_over_more_epochs_is_counted_anew():
    plan = Plan(epochs=100, learning_rate=1e-2, schedule=Cosine())
    rewind = replace(leaving(plan), until=150)
    assert not rewind.as_before
    assert rewind.new_past.origin == 37
    assert rewind.plan.learning_rate == pytest.approx(Cosine().rate(1e-2, 37, 100))


def test_that_a_finished_cosine_is_proposed_the_rate_that_a_longer_one_has_there():
    plan = Plan(epochs=100, learning_rate=1e-2, schedule=Cosine())
    rewind = leaving(plan, after=100)
    assert (rewind.until, rewind.as_before, rewind.problem) == (200, False, None)
    assert (rewind.plan.learning_rate, rewind.new_past.origin) == (pytest.approx(5e-3), 100)
    assert "with rate 0.005 (cosine)" in rewind.sentence


def test_that_a_reduced_rate_is_what_the_next_epoch_used():
    plan = Plan(epochs=100, learning_rate=1e-2, schedule=ReduceOnPlateau())
    rewind = Rewind.offered(Experiment(plan=plan), None, told(60, plan, rate=1e-3), 50)
    assert rewind.rate == 1e-3
    assert rewind.plan.learning_rate == 1e-2
    back_up = replace(rewind, rate=1e-2)
    assert not back_up.as_before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"after": 0}, "has 100 epochs"),
        ({"after": 101}, "has 100 epochs"),
        ({"rate": 0.0}, "Learning rate is 0"),
        ({"rate": float("inf")}, "finite"),
        ({"until": 37}, "ends before it begins"),
        ({"until": 2_000_000}, "Epochs is 2e+06"),
        ({"schedule": Cosine(floor=2.0)}, "Floor is 2"),
        ({}, "same numbers"),
    ],
)
def test_that_what_is_out_of_bounds_is_a_problem(change, words):
    assert words in replace(leaving(), **change).problem.text


def test_that_going_back_before_the_branch_of_a_child_is_by_its_parents_plan():
    child = replace(leaving(), rate=1e-4)
    epochs = told(60)
    again = Rewind.offered(child.new_experiment, child.new_past, epochs, 20)
    assert again.problem is None
    assert replace(again, until=37).problem is not None
    assert (again.rate, again.before.plan) == (1e-2, PLAN)
    later = Rewind.offered(child.new_experiment, child.new_past, epochs, 50)
    assert (later.rate, later.before.origin) == (1e-4, 37)
