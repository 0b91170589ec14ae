"""A series written as a CSV from which the very same numbers are read again."""

from __future__ import annotations

import csv
import io
import math

from tsrnn_gui.core.series import Series


def series_csv(series: Series, columns: tuple[str, ...]) -> bytes:
    """Write the time axis and ``columns``, every digit of them; missing values are empty cells."""
    chosen = tuple(dict.fromkeys(columns))
    title = "time" if series.dated else "index"
    while title in chosen:
        title += " axis"
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((title, *chosen))
    values = series.values[:, [series.columns.index(name) for name in chosen]].tolist()
    for time, row in zip(series.times, values, strict=True):
        cells = (repr(value) if math.isfinite(value) else "" for value in row)
        writer.writerow((str(time).replace("T", " ").removesuffix(".000000"), *cells))
    return text.getvalue().encode()
