"""Every sample opens as what it says it is."""

from __future__ import annotations

import numpy as np
import pytest

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files.samples import SAMPLES, open_sample, sample
from tsrnn_gui.paths import RESOURCES

EXPECTED = {
    "course-week3": (1461, 1, "1"),
    "course-assignment": (1461, 1, "1"),
    "course-exercise": (3651, 1, "1"),
    "sunspots": (3126, 1, "month"),
    "mauna_loa_co2_weekly": (2284, 1, "week"),
    "seattle_weather_daily": (1461, 4, "day"),
    "seattle_temperature_hourly": (8759, 1, "hour (irregular)"),
    "us_employment_monthly": (120, 23, "month"),
    "us_macro_quarterly": (203, 12, "quarter"),
    "elnino_monthly_wide": (732, 1, "month"),
    "nile_annual": (100, 1, "year"),
    "iowa_electricity_annual_long": (17, 3, "year"),
    "eu_electrical_equipment_monthly": (257, 1, "month"),
}


@pytest.mark.parametrize("name", [entry.name for entry in SAMPLES])
def test_that_a_sample_opens_with_its_rows_columns_and_step(name: str) -> None:
    series, entry = open_sample(name), sample(name)
    assert (*series.values.shape, str(series.step)) == EXPECTED[name]
    assert set(entry.columns) <= set(series.columns)
    assert entry.split is None or entry.split < len(series)
    assert bool(np.isnan(series.values).any()) == (entry.missing != "refuse")
    assert series.source == f"sample:{name}" and len(series.sha256) == 64


def test_that_every_file_in_the_sample_folder_is_a_sample() -> None:
    files = {path.name for path in (RESOURCES / "samples").glob("*.csv")}
    assert files == {entry.file for entry in SAMPLES if entry.file}


def test_that_the_course_series_equals_the_published_one_to_the_bit() -> None:
    values = open_sample("course-week3").column("value").astype(np.float32)
    first = np.array([52.48357, 49.35275, 53.314735, 57.711823, 48.934444], np.float32)
    last = np.array([91.37325, 88.32383, 122.30772], np.float32)
    np.testing.assert_array_equal(values[:5], first)
    np.testing.assert_array_equal(values[-3:], last)
    assert values.mean() == np.float32(53.954445)


@pytest.mark.parametrize(
    ("name", "error"),
    [("course-week3", 5.938), ("course-assignment", 3.813), ("course-exercise", 3.701), ("sunspots", 14.119)],
)
def test_that_tomorrow_equals_today_scores_what_was_measured(name: str, error: float) -> None:
    series, split = open_sample(name), sample(name).split
    assert split is not None
    values = series.values[split - 1 :, 0]
    assert np.abs(np.diff(values)).mean() == pytest.approx(error, abs=5e-4)


def test_that_an_unknown_sample_names_its_neighbours() -> None:
    with pytest.raises(TsrnnError) as caught:
        open_sample("sunspot")
    assert "sunspots" in caught.value.hint
    with pytest.raises(TsrnnError):
        open_sample("")


def test_that_underscores_and_file_names_find_a_sample_too() -> None:
    assert sample("sunspots_monthly") is sample("sunspots")
    assert sample("mauna-loa-co2-weekly") is sample("mauna_loa_co2_weekly")
