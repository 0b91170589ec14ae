"""The columns of a run's epochs follow its list."""

from __future__ import annotations

import numpy as np

from tsrnn_gui.app.epoch_table import EpochTable
from tsrnn_gui.core.runs import Epoch


def epochs(count, loss=1.0):
    return [Epoch(n, loss + n, None, None, None, 0.1, 0.1, best=n % 300 == 7) for n in range(count)]


def test_that_a_growing_list_is_followed_and_old_columns_stay_as_they_were():
    table, grown = EpochTable(), epochs(700)
    table.follow(grown[:200])
    early = table.column("loss")
    table.follow(grown)
    assert len(early) == 200
    assert np.array_equal(table.column("loss"), 1.0 + np.arange(700))
    assert np.isnan(table.column("mae")).all()
    assert table.best is grown[607]


def test_that_another_list_is_read_anew():
    table = EpochTable()
    table.follow(epochs(50))
    table.follow(epochs(20, loss=5.0))
    assert np.array_equal(table.column("loss"), 5.0 + np.arange(20))
    assert table.best.loss == 12.0
