"""Large files are read in bounded memory, with progress, and stop when told to."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from tsrnn_gui.files.readers import Cancelled, preview, read

ROWS = 1_000_000


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "million.csv"
    times = np.arange(ROWS) * np.timedelta64(1, "m") + np.datetime64("2020-01-01T00:00")
    with path.open("w") as stream:
        stream.write("time,a,b\n")
        stream.writelines(f"{when},{row / 8},{-row}\n" for row, when in enumerate(times.astype(str)))
    return path


@pytest.mark.slow
def test_that_a_million_rows_are_read_in_seconds_and_little_memory(million: Path) -> None:
    shares: list[float] = []
    tracemalloc.start()
    started = time.monotonic()
    series = read(million, progress=shares.append)
    seconds = time.monotonic() - started
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert series.values.shape == (ROWS, 2) and str(series.step) == "minute"
    assert series.column("a")[-1] == (ROWS - 1) / 8
    assert peak < 3 * million.stat().st_size
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert seconds < 60


@pytest.mark.slow
def test_that_a_preview_reads_only_the_head(million: Path) -> None:
    started = time.monotonic()
    assert preview(million).problem is None
    assert time.monotonic() - started < 0.5


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.02, 0.3, 1.0])
def test_that_cancelling_takes_no_longer_than_half_a_second(million: Path, after: float) -> None:
    started = time.monotonic()
    with pytest.raises(Cancelled):
        read(million, cancelled=lambda: time.monotonic() - started > after)
    assert time.monotonic() - started < after + 0.5
