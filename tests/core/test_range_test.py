"""The range test: what it asks of the engine, and what is read off its curve."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsrnn_gui.core.plan import Plan
from tsrnn_gui.core.presets import PRESETS, RECOMMENDED
from tsrnn_gui.core.range_curves import RangeCurves
from tsrnn_gui.core.range_test import (
    RANGE_TESTS,
    BatchRangeTest,
    RangeTest,
    Suggestions,
    minimum_over_10,
    smoothed,
    unstable_edge,
    valley,
)
from tsrnn_gui.core.schedules import Exponential

LESSON = RANGE_TESTS["epoch"]
losses_ = st.lists(
    st.one_of(st.none(), st.floats(0.0, 1e30), st.sampled_from([math.nan, math.inf, 1.0])), max_size=120
)
known_ = st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=120)


def bowl(turn=1e-4, edge=5e-4):
    """A curve as the lesson's: flat, falling to ``turn``, rising, then far away from ``edge`` on."""
    rates = LESSON.rates()
    powers = np.log10(rates / turn)
    losses = 5.0 + 10.0 / (1 + np.exp(4 * (powers + 1.5))) + np.where(powers > 0, powers**2 * 10, 0)
    losses[rates >= edge] = 200.0
    return rates, losses


def test_that_the_lessons_test_is_the_lessons_sweep():
    sweep = next(preset for preset in PRESETS if preset.name == "simple-rnn-sweep").experiment
    assert LESSON.experiment_for(sweep) == sweep
    assert LESSON.rates()[[0, 20, 99]] == pytest.approx([1e-8, 1e-7, 1e-8 * 10**4.95])


def test_that_only_rate_epochs_and_stopping_differ_from_the_experiment():
    made = RangeTest(1e-6, 8.0, 30).experiment_for(RECOMMENDED.experiment, 2)
    changed = {name for name in Plan.__struct_fields__ if _differs(made.plan, name)}
    assert changed == {"epochs", "learning_rate", "schedule", "keep_best", "give_up_after", "seed"}
    assert made.plan.schedule == Exponential(8.0)
    assert made.plan.seed == RECOMMENDED.experiment.plan.seed + 2
    assert (made.stack, made.windowing) == (RECOMMENDED.experiment.stack, RECOMMENDED.experiment.windowing)


def _differs(plan, name):
    return getattr(plan, name) != getattr(RECOMMENDED.experiment.plan, name)


def test_that_the_rules_find_their_places_on_a_bowl():
    rates, losses = bowl()
    found = Suggestions.of(rates, losses)
    assert found.unstable_edge == pytest.approx(rates[rates >= 5e-4][0])
    assert found.minimum_over_10 == pytest.approx(1e-5, rel=0.6)
    assert 1e-6 < found.valley < 1e-4
    assert found.advice == ""


def test_that_a_loss_that_is_not_finite_is_the_edge():
    rates = LESSON.rates(6)
    assert unstable_edge(rates, [5, 4, 3, 2, None]) == rates[4]
    assert unstable_edge(rates, [None, 4, 3, 2, 2]) is None
    assert unstable_edge(rates, [None]) == rates[0]
    assert unstable_edge(rates, [5, 4, 3, 2, 8.1]) == rates[4]
    assert unstable_edge(rates, []) is None


def test_that_flat_and_short_curves_suggest_nothing():
    rates = LESSON.rates()
    flat = Suggestions.of(rates, [3.0] * 100)
    assert (flat.valley, flat.minimum_over_10, flat.unstable_edge) == (None, None, None)
    assert flat.advice.startswith("The loss hardly fell")
    assert Suggestions.of(rates, [3.0, 2.0]) == Suggestions()
    assert Suggestions.of(rates, []) == Suggestions()
    assert "smaller rate" in Suggestions.of(rates, [None] * 8).advice


def test_that_a_curve_still_falling_at_its_end_asks_for_larger_rates():
    rates = LESSON.rates(40)
    assert "still fell" in Suggestions.of(rates, np.linspace(5, 1, 40)).advice


def test_that_a_minimum_in_the_first_decade_asks_for_a_smaller_start():
    rates = LESSON.rates(40)
    losses = [5, 4, 3, 2, *np.linspace(2, 6, 36)]
    assert "smaller rate" in Suggestions.of(rates, losses).advice


def test_that_noise_on_the_bowl_hardly_moves_the_suggestions():
    rates, losses = bowl()
    plain = Suggestions.of(rates, losses)
    for seed in range(20):
        noisy = losses * np.exp(np.random.default_rng(seed).normal(0, 0.01, len(losses)))
        found = Suggestions.of(rates, noisy)
        assert abs(math.log10(found.minimum_over_10 / plain.minimum_over_10)) < 0.6
        assert found.valley <= rates[np.argmin(losses)] * 2


@given(losses_)
def test_that_any_curve_is_judged_without_error_inside_its_rates(losses):
    rates = LESSON.rates(max(len(losses), 1))
    found = Suggestions.of(rates, losses)
    edge = math.inf if found.unstable_edge is None else found.unstable_edge
    assert found.valley is None or rates[0] <= found.valley < edge
    assert found.minimum_over_10 is None or rates[0] / 10 <= found.minimum_over_10 < edge / 10
    assert found.unstable_edge is None or found.unstable_edge in rates


@given(known_, st.lists(st.none(), max_size=3))
def test_that_smoothing_stays_between_the_extremes_and_keeps_gaps(losses, gap):
    found = smoothed([*losses, *gap])
    assert np.isnan(found[len(losses) :]).all()
    inside = found[: len(losses)]
    assert (inside >= min(losses) * (1 - 1e-9)).all() and (inside <= max(losses) * (1 + 1e-9)).all()


@given(known_)
def test_that_a_falling_curve_stays_falling_when_smoothed(losses):
    falling = sorted(losses, reverse=True)
    found = smoothed(falling)
    assert (np.diff(found) <= 1e-9 * found[:-1]).all()


@given(known_, st.floats(1e-3, 1e3))
def test_that_the_losses_unit_does_not_matter(losses, unit):
    rates = LESSON.rates(len(losses))
    scaled = [loss * unit for loss in losses]
    edges = unstable_edge(rates, losses), unstable_edge(rates, scaled)
    if edges[0] == edges[1] and len(set(losses)) == len(losses) > 20:
        assert (valley(rates, losses) is None) == (valley(rates, scaled) is None)
        assert (minimum_over_10(rates, losses) is None) == (minimum_over_10(rates, scaled) is None)


def test_that_several_seeds_are_one_curve_and_a_band():
    curves = RangeCurves(RangeTest(seeds=2))
    for one, other in ((4.0, 1.0), (9.0, 4.0), (None, 16.0)):
        curves.add(0, one)
        curves.add(1, other)
    curves.add(1, 1.0)
    rates, losses = curves.together()
    assert losses[:2] == pytest.approx([2.0, 6.0]) and math.isnan(losses[2])
    assert [side.tolist()[:2] for side in curves.band()[1:]] == [[1.0, 4.0], [4.0, 9.0]]
    assert curves.done == 7
    assert curves.suggestions().unstable_edge == curves.exploded_at() == rates[2]


def test_that_a_curve_explodes_once():
    curves = RangeCurves(RangeTest())
    assert curves.exploded_at() is None
    curves.add(0, 2.0)
    curves.explode(0)
    curves.explode(0)
    assert len(curves.curve(0)[1]) == 2
    assert curves.exploded_at() == pytest.approx(1e-8 * 10**0.05)


def test_that_single_batches_far_from_their_neighbours_neither_mark_an_edge_nor_break_the_valley():
    test = BatchRangeTest()
    rates = test.rates()
    bowl = 2.0 + np.cos(np.arange(len(rates)) / 40)
    noisy = bowl * np.exp(np.random.default_rng(3).normal(0, 0.5, len(rates)))
    curves = RangeCurves(test)
    for loss in noisy:
        curves.add(0, float(loss))
    found, clean = curves.suggestions(), Suggestions.of(rates, bowl.tolist())
    assert Suggestions.of(rates, noisy.tolist()).unstable_edge is not None
    assert found.unstable_edge is None
    assert abs(np.log10(found.minimum_over_10 / clean.minimum_over_10)) < 0.5
    assert abs(np.log10(found.valley / clean.valley)) < 1.0


def test_that_batches_that_only_stray_suggest_no_rate():
    told = []
    for seed in range(20):
        curves = RangeCurves(BatchRangeTest())
        for loss in np.exp(np.random.default_rng(seed).normal(0, 0.4, 201)):
            curves.add(0, float(loss))
        told.append(curves.suggestions())
    assert sum(found.valley is not None for found in told) <= 2
    assert sum(found.minimum_over_10 is not None for found in told) <= 2
