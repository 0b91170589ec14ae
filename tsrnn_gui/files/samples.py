"""The sample series that ship with the program: files with known licences, and the course's formulas."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.series import Series, infer_step
from tsrnn_gui.files.readers import read
from tsrnn_gui.paths import RESOURCES

MissingRule = Literal["refuse", "linear", "previous"]
_GENERATED = "Generated from a formula of this program; no licence needed."


@dataclass(frozen=True)
class CourseFormula:
    """A trend, a yearly season and normal noise (seeded), all in float32; see ``course_values``."""

    rows: int
    base: float
    slope: float
    amplitude: float
    noise: float
    seed: int
    season: Callable[[NDArray[np.float32]], NDArray[np.floating[Any]]]


@dataclass(frozen=True)
class Sample:
    """A series to try things on; ``split`` rows are for training, None where any split will do."""

    name: str
    title: str
    description: str
    unit: str
    licence: str
    columns: tuple[str, ...]
    file: str = ""
    formula: CourseFormula | None = None
    split: int | None = None
    missing: MissingRule = "refuse"
    season: int | None = None


def _gentle(place: NDArray[np.float32]) -> NDArray[np.floating[Any]]:
    return np.where(place < 0.4, np.cos(place * 2 * np.pi), 1 / np.exp(3 * place))


def _sharp(place: NDArray[np.float32]) -> NDArray[np.floating[Any]]:
    return np.where(place < 0.1, np.cos(place * 6 * np.pi), 2 / np.exp(9 * place))


def course_values(formula: CourseFormula) -> NDArray[np.float32]:
    """Give the values of ``formula``, shape (rows,), float32 as the course computes them."""
    time = np.arange(formula.rows, dtype=np.float32)
    season = formula.amplitude * formula.season(np.asarray((time % 365) / 365, dtype=np.float32))
    values = np.asarray(formula.base + formula.slope * time + season, dtype=np.float32)
    values += np.random.RandomState(formula.seed).randn(formula.rows) * formula.noise
    return values


SAMPLES: tuple[Sample, ...] = (
    Sample(
        "course-week3",
        "Course, week 3",
        "Trend, yearly season and noise; three jumps no window can foresee.",
        "no unit, day",
        _GENERATED,
        ("value",),
        split=1000,
        season=365,
        formula=CourseFormula(1461, 10, 0.05, 40, 5, 42, _gentle),
    ),
    Sample(
        "course-assignment",
        "Course, assignment",
        "A sharp yearly season under mild noise.",
        "no unit, day",
        _GENERATED,
        ("value",),
        split=1100,
        season=365,
        formula=CourseFormula(1461, 10, 0.005, 50, 3, 51, _sharp),
    ),
    Sample(
        "course-exercise",
        "Course, exercise",
        "The assignment's series over ten years.",
        "no unit, day",
        _GENERATED,
        ("value",),
        split=3000,
        season=365,
        formula=CourseFormula(3651, 10, 0.005, 40, 3, 51, _sharp),
    ),
    Sample(
        "sunspots",
        "Sunspots",
        "Monthly mean sunspot numbers 1749–2009; a cycle of about eleven years.",
        "sunspot number, month",
        "NOAA National Geophysical Data Center, public domain.",
        ("sunspots",),
        "sunspots_monthly.csv",
        split=2500,
        season=132,
    ),
    Sample(
        "mauna_loa_co2_weekly",
        "CO₂ at Mauna Loa",
        "Weekly carbon dioxide in the air 1958–2001; 59 weeks are empty.",
        "ppm, week",
        "NOAA, public domain.",
        ("co2",),
        "mauna_loa_co2_weekly.csv",
        missing="previous",
    ),
    Sample(
        "seattle_weather_daily",
        "Seattle weather",
        "Rain, temperatures and wind by day, 2012–2015.",
        "mm, °C, m/s, day",
        "NOAA, public domain.",
        ("temp_max",),
        "seattle_weather_daily.csv",
    ),
    Sample(
        "seattle_temperature_hourly",
        "Seattle temperature",
        "Temperature by hour, 2010; one hour missing in spring.",
        "°F, hour",
        "NOAA, public domain.",
        ("temp",),
        "seattle_temperature_hourly.csv",
    ),
    Sample(
        "us_employment_monthly",
        "US employment",
        "Employment by sector and month, 2006–2015.",
        "thousand persons, month",
        "US Bureau of Labor Statistics, public domain.",
        ("nonfarm",),
        "us_employment_monthly.csv",
    ),
    Sample(
        "us_macro_quarterly",
        "US economy",
        "Twelve macroeconomic series by quarter, 1959–2009.",
        "various, quarter",
        "Public domain.",
        ("realgdp",),
        "us_macro_quarterly.csv",
    ),
    Sample(
        "elnino_monthly_wide",
        "El Niño",
        "Sea surface temperature by month, 1950–2010, from one row a year.",
        "°C, month",
        "NOAA, public domain.",
        ("value",),
        "elnino_monthly_wide.csv",
    ),
    Sample(
        "nile_annual",
        "Nile",
        "Yearly flow of the Nile at Aswan, 1871–1970.",
        "10⁸ m³, year",
        "Public domain.",
        ("volume",),
        "nile_annual.csv",
    ),
    Sample(
        "iowa_electricity_annual_long",
        "Iowa electricity",
        "Electricity made from three sources, 2001–2017, from a long table.",
        "GWh, year",
        "US Energy Information Administration, public domain.",
        ("Fossil Fuels",),
        "iowa_electricity_annual_long.csv",
    ),
    Sample(
        "eu_electrical_equipment_monthly",
        "EU electrical equipment",
        "Turnover index by month, 1995–2016.",
        "index, month",
        "Eurostat, public domain; cite the source.",
        ("STS.M.I7.W.TOVT.NS0016.4.000",),
        "eu_electrical_equipment_monthly.csv",
    ),
)


def sample(name: str) -> Sample:
    """Give the sample called ``name``. Raises TsrnnError naming the nearest ones."""
    names = [entry.name for entry in SAMPLES]
    wanted = name.strip().lower().replace("_", "-")
    for entry in SAMPLES:
        if wanted in (entry.name.replace("_", "-"), Path(entry.file).stem.replace("_", "-")) and wanted:
            return entry
    near = difflib.get_close_matches(wanted, names, n=3, cutoff=0.4)
    near += [other for other in names if wanted and wanted in other and other not in near]
    raise TsrnnError(
        f"There is no sample “{name}”.",
        f"Did you mean {' or '.join(near)}?" if near else f"The samples are: {', '.join(names)}.",
    )


def open_sample(name: str) -> Series:
    """Read or generate the sample called ``name``."""
    entry = sample(name)
    series = _generated(entry, entry.formula) if entry.formula else read(RESOURCES / "samples" / entry.file)
    return replace(
        series, name=entry.name, source=f"sample:{entry.name}", season=entry.season or series.season
    )


def _generated(entry: Sample, formula: CourseFormula) -> Series:
    values = course_values(formula).astype(np.float64).reshape(-1, 1)
    times = np.arange(formula.rows, dtype=np.int64)
    digest = hashlib.sha256(values.tobytes()).hexdigest()
    return Series(entry.name, values, entry.columns, times, infer_step(times), sha256=digest)
