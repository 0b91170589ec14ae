"""What is read off all rows of a series is read once, and where the rows end a look may be broken off."""

from __future__ import annotations

import numpy as np
import pytest

from tsrnn_gui.core import survey
from tsrnn_gui.core.series import Series, facts


def series(values, times=None):
    values = np.asarray(values, dtype=np.float64)
    values = values[:, None] if values.ndim == 1 else values
    times = np.arange(len(values)) if times is None else times
    return Series("s", values, tuple("abc"[: values.shape[1]]), times)


def test_that_facts_and_outline_are_worked_out_once(monkeypatch):
    made, calls = series([1.0, np.nan, 3.0]), []
    monkeypatch.setattr(survey, "facts", lambda *given: calls.append(given) or facts(*given))
    assert not survey.looked_over(made, ("a",))
    survey.look_over(made, ("a",))
    assert survey.looked_over(made, ("a",))
    assert survey.facts_of(made, "a") is survey.facts_of(made, "a")
    assert survey.outline_of(made, "a").high == 3.0
    assert len(calls) == 1


def test_that_a_look_is_broken_off_between_two_steps():
    def raising():
        raise InterruptedError

    made = series([1.0, 2.0])
    with pytest.raises(InterruptedError):
        survey.look_over(made, ("a",), raising)
    assert not survey.looked_over(made, ("a",))


@pytest.mark.parametrize(
    ("values", "counts"),
    [([1, 2, 3, 4], True), ([5, 5, 5], True), ([1, 2, 4], False), ([1, 2], False), ([1, np.nan, 3], False)],
)
def test_that_a_column_that_only_counts_is_told_from_one_that_does_not(values, counts):
    assert survey.only_counts(series(values), "a") is counts


def test_that_a_late_step_out_of_line_is_seen_behind_the_first_block():
    values = np.arange(2.5 * survey._FIRST_BLOCK)
    assert survey.only_counts(series(values), "a")
    values[survey._FIRST_BLOCK + 1 :] += 1
    assert not survey.only_counts(series(values), "a")


def test_that_times_ascend_or_do_not():
    assert survey.ascending(series([1, 2, 3], np.array([1, 1, 4])))
    assert not survey.ascending(series([1, 2, 3], np.array([1, 3, 2])))
