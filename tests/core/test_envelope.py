"""The outline of a long curve loses no peak and stays small."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tsrnn_gui.core.envelope import Envelope


@given(st.integers(1, 60_000), st.integers(0, 2**32 - 1), st.data())
def test_that_the_outline_holds_every_extreme_of_its_part_in_few_points(rows, seed, data):
    values = np.random.default_rng(seed).normal(size=rows)
    first = data.draw(st.integers(0, rows - 1))
    last = data.draw(st.integers(first, rows - 1))
    x, y = Envelope(values).outline(first, last, 1000)
    assert len(x) == len(y) <= 1100
    part = values[first : last + 1]
    assert y.min() <= part.min()
    assert y.max() >= part.max()
    assert np.all(np.diff(x) > 0)


def test_that_missing_values_leave_holes_and_no_warning():
    values = np.full(50_000, np.nan)
    values[40_000:] = 3.0
    envelope = Envelope(values)
    _, y = envelope.outline(0, 50_000, 800)
    assert np.isnan(y[:100]).all()
    assert (envelope.low, envelope.high) == (3.0, 3.0)
