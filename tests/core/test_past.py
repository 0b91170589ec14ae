"""What came before a run's own plan, however often it was rewound."""

from __future__ import annotations

import msgspec

from tsrnn_gui.core.past import Past, Stretch, past_until, stretch_at
from tsrnn_gui.core.plan import Plan

FIRST, SECOND = Plan(epochs=100, learning_rate=1e-2), Plan(epochs=60, learning_rate=1e-3)


def test_that_a_run_of_its_own_leaves_one_stretch():
    assert past_until(FIRST, None, 37, origin=37) == Past((Stretch(FIRST, 37),), 37)


def test_that_a_child_adds_its_own_stretch_to_its_parents():
    past = past_until(FIRST, None, 37, origin=37)
    assert past_until(SECOND, past, 50, 0).stretches == (Stretch(FIRST, 37), Stretch(SECOND, 50, 37))


def test_that_going_back_before_the_branch_leaves_the_child_out():
    past = past_until(FIRST, None, 37, origin=37)
    for epochs in (12, 37):
        assert past_until(SECOND, past, epochs, 0) == Past((Stretch(FIRST, epochs),), 0)
        assert stretch_at(SECOND, past, epochs).plan == FIRST
    assert stretch_at(SECOND, past, 38) == Stretch(SECOND, 38, 37)


def test_that_a_past_survives_being_written():
    past = past_until(SECOND, past_until(FIRST, None, 37, 37), 50, 50)
    assert msgspec.json.decode(msgspec.json.encode(past), type=Past) == past
