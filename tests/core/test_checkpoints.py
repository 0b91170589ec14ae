"""The thinning rule: few checkpoints, never without the newest and the best, and none far away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsrnn_gui.core.checkpoints import MOST, MOST_BYTES, Mark, spacing, staying

MEGABYTE = 1 << 20


@st.composite
def runs(draw: st.DrawFn) -> list[Mark]:
    """A run's checkpoints in order: with gaps, some of them the best so far, all of one size."""
    gaps = draw(st.lists(st.integers(1, 40), min_size=1, max_size=120))
    size = draw(st.sampled_from([0, 1, 3 * MEGABYTE, 5 * MEGABYTE, 40 * MEGABYTE, 65 * MEGABYTE]))
    epochs = [sum(gaps[: place + 1]) - 1 for place in range(len(gaps))]
    return [Mark(epoch, best=draw(st.booleans()), size=size) for epoch in epochs]


def thinned_as_they_come(marks: list[Mark]) -> frozenset[Mark]:
    held: frozenset[Mark] = frozenset()
    for mark in marks:
        held = staying([*held, mark])
    return held


@given(runs())
def test_that_a_run_never_keeps_more_than_the_bound(marks):
    kept = thinned_as_they_come(marks)
    assert len(kept) <= MOST + 2
    bests = [mark for mark in marks if mark.best]
    others = kept - {marks[-1], *bests[-1:]}
    assert sum(mark.size for mark in others) <= MOST_BYTES


@given(runs())
def test_that_the_newest_and_the_newest_best_are_always_there(marks):
    bests = [mark for mark in marks if mark.best]
    assert {marks[-1], *bests[-1:]} <= thinned_as_they_come(marks)


@given(runs())
def test_that_what_was_kept_once_is_never_further_back_than_k_epochs(marks):
    kept, every = thinned_as_they_come(marks), spacing(marks)
    for mark in marks if every else ():
        assert any(mark.epoch - every < other.epoch <= mark.epoch for other in kept)


@given(runs())
def test_that_thinning_as_they_come_is_thinning_at_the_end(marks):
    assert thinned_as_they_come(marks) == staying(marks)


@given(runs(), st.integers(1, 30))
def test_that_one_inside_an_epoch_stays_only_while_it_is_the_newest(marks, step):
    inside = Mark(marks[-1].epoch, step=step)
    assert inside in staying([*marks, inside])
    assert inside not in staying([*marks, inside, Mark(inside.epoch + 1)])


@pytest.mark.parametrize(
    ("epochs", "size", "every"),
    [(16, 1, 1), (17, 1, 2), (100, 1, 8), (100, 10 * MEGABYTE, 32), (100, 65 * MEGABYTE, 0)],
)
def test_that_k_is_the_smallest_power_of_two_that_fits(epochs, size, every):
    assert spacing([Mark(epoch, size=size) for epoch in range(epochs)]) == every
