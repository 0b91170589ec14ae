"""Simple rules and scores, against numbers worked out by hand and published ones."""

import numpy as np
import pytest

from tsrnn_gui.core.baselines import Task, baselines
from tsrnn_gui.core.experiment import Experiment, defaults_for
from tsrnn_gui.core.runs import reports
from tsrnn_gui.core.scores import scores
from tsrnn_gui.files.samples import open_sample


def _task(horizon=1, season=4):
    values = np.arange(40, dtype=float)
    return Task(values, 30, np.arange(30, 40 - horizon + 1), horizon, season, 5)


def test_that_rules_forecast_a_straight_line_as_they_must():
    found = {key: made for key, (_, made) in baselines(_task(horizon=2)).items()}
    assert found["naive"][0].tolist() == [29, 29]
    assert found["seasonal_naive"][0].tolist() == [26, 27]
    assert found["moving_average"][0].tolist() == [27, 27]
    assert np.allclose(found["autoregression"][0], [30, 31])


def test_that_a_rule_reads_nothing_from_its_origin_on():
    one, two = _task(horizon=3), _task(horizon=3)
    two.values[30:] = 1e6
    for key, (_, made) in baselines(one).items():
        assert np.allclose(made[0], baselines(two)[key][1][0]), key


@pytest.mark.parametrize(
    ("sample", "split", "naive", "linear"),
    [("course-week3", 1000, 5.938, 4.955), ("sunspots", 2500, 14.119, 12.83)],
)
def test_that_published_baselines_come_out(sample, split, naive, linear):
    series = open_sample(sample)
    experiment = defaults_for(series, Experiment(), split)
    origins = np.arange(split, len(series))
    (report,) = reports(series, experiment, origins, np.zeros((len(origins), 1, 1)))
    by_key = {rung.key: rung.scores.mae for rung in report.rules}
    assert by_key["naive"] == pytest.approx(naive, abs=5e-4)
    assert by_key["autoregression"] == pytest.approx(linear, abs=5e-3)


def test_that_scores_are_finite_or_absent():
    flat = np.full(10, 5.0)
    found = scores(flat, flat, flat)
    assert (found.mae, found.mase) == (0.0, None)
    assert scores(flat, np.full(10, np.nan), flat).mae is None
    assert scores(flat, np.full(10, 1e300), np.arange(10.0)).mse is None


def test_that_the_sentence_warns_of_a_forecast_worse_than_naive():
    series = open_sample("course-week3")
    experiment = defaults_for(series, Experiment(), 1000)
    origins = np.arange(1000, 1461)
    (bad,) = reports(series, experiment, origins, np.zeros((461, 1, 1)))
    assert "do not use" in bad.sentence
    truth = series.values[origins][:, None, :]
    (good,) = reports(series, experiment, origins, truth)
    assert good.ladder[-1].key == "network"
    assert "100 % better" in good.sentence
