"""Where validation forecasts start, and the judge that works the simple rules out once."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from tsrnn_gui.core import baselines
from tsrnn_gui.core.experiment import Experiment, defaults_for
from tsrnn_gui.core.runs import naive_line, reports
from tsrnn_gui.core.validation import Judge, validation_origins


@pytest.fixture
def experiment(spots):
    return defaults_for(spots, Experiment())


def test_that_forecasts_start_at_the_split_and_leave_filled_rows_out(spots, experiment):
    origins = validation_origins(spots, experiment.windowing)
    assert (origins[0], origins[-1]) == (experiment.windowing.split, len(spots) - 1)
    spots.values[200, 0] = np.nan
    assert 200 not in validation_origins(spots, experiment.windowing)


def test_that_the_judge_says_what_the_reports_say(spots, experiment):
    origins = validation_origins(spots, experiment.windowing)
    judge = Judge(spots, experiment)
    naive = naive_line(spots, experiment, "spots", origins)[:, None]
    first = judge.judged(naive)
    second = judge.judged(naive + 1)
    assert first == reports(spots, experiment, origins, naive[:, None, :])
    assert second == reports(spots, experiment, origins, (naive + 1)[:, None, :])
    assert first[0].network == first[0].naive


def test_that_a_longer_horizon_is_judged_on_its_first_step(spots, experiment):
    windowing = msgspec.structs.replace(experiment.windowing, horizon=5)
    judge = Judge(spots, msgspec.structs.replace(experiment, windowing=windowing))
    (report,) = judge.judged(np.zeros((len(judge.origins), 1)))
    assert report.points == len(judge.origins)


def test_that_forecasts_that_do_not_fit_the_windows_are_not_judged(spots, experiment):
    assert Judge(spots, experiment).judged(np.zeros((3, 1))) == ()


def test_that_the_linear_rule_fitted_by_blocks_is_the_one_fitted_at_once(monkeypatch, spots):
    values = spots.values[:, 0]
    task = baselines.Task(values, 190, np.arange(190, 240), 3, 12, 20)
    at_once = baselines.baselines(task)["autoregression"][1]
    monkeypatch.setattr(baselines, "_BLOCK", 37)
    by_blocks = baselines.baselines(task)["autoregression"][1]
    assert np.allclose(at_once, by_blocks, rtol=1e-9)
