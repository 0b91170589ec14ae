"""Whatever way a table is written, the same numbers and times come back, or nothing does."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files.readers import preview, read

FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%b-%d-%Y", "%d %B %Y")
FORMATS += ("%Y년 %m월 %d일", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M")
NAMES = {
    "utf-8": "날짜 é",
    "utf-8-sig": "날짜 é",
    "utf-16": "날짜 é",
    "cp949": "날짜 온도",
    "cp1252": "date été",
}


@dataclass(frozen=True)
class Dialect:
    """One way to write a table."""

    delimiter: str
    decimal: str
    encoding: str
    quoting: int
    header: bool
    date_format: str
    line_end: str


def fits(dialect: Dialect) -> bool:
    """Whether the cells cannot be mistaken for delimiters and the text can be encoded."""
    if dialect.encoding == "cp1252" and "년" in dialect.date_format:
        return False
    bare = dialect.quoting != csv.QUOTE_ALL
    return not (bare and dialect.delimiter == " " and " " in dialect.date_format)


DIALECTS = st.builds(
    Dialect,
    st.sampled_from([",", ";", "\t", "|", " "]),
    st.sampled_from([".", ","]),
    st.sampled_from(list(NAMES)),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.booleans(),
    st.sampled_from(FORMATS),
    st.sampled_from(["\n", "\r\n", "\r"]),
).filter(fits)
VALUES = st.lists(st.floats(-1e12, 1e12).map(lambda x: float(repr(x))), min_size=14, max_size=40)


def as_text(value: float, decimal: str) -> str:
    text = repr(value)
    return text.replace(".", decimal)


def table_text(dialect: Dialect, days: list[dt.datetime], values: list[float]) -> str:
    stream = io.StringIO()
    writer = csv.writer(
        stream, delimiter=dialect.delimiter, quoting=dialect.quoting, lineterminator=dialect.line_end
    )  # type: ignore[call-overload]
    if dialect.header:
        writer.writerow([NAMES[dialect.encoding].replace(" ", "_"), "a", "b"])
    for day, value in zip(days, values, strict=True):
        cells = [as_text(value, dialect.decimal), as_text(-value, dialect.decimal)]
        writer.writerow([day.strftime(dialect.date_format), *cells])
    return stream.getvalue()


@settings(max_examples=250, deadline=None)
@given(DIALECTS, VALUES, st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)))
def test_that_a_table_in_any_dialect_reads_back_the_same(
    dialect: Dialect, values: list[float], start: dt.date
) -> None:
    first = dt.datetime.combine(start, dt.time())
    days = [first + dt.timedelta(days=13 * row) for row in range(len(values))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(table_text(dialect, days, values).encode(dialect.encoding))
        series, shown = read(path), preview(path)
        again = read(path, shown.options)
    np.testing.assert_array_equal(series.values, np.column_stack([values, np.negative(values)]))
    np.testing.assert_array_equal(series.times, np.array(days, dtype="datetime64[us]"))
    assert shown.problem is None
    np.testing.assert_array_equal(again.values, series.values)
    np.testing.assert_array_equal(again.times, series.times)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=600), st.sampled_from([".csv", ".xlsx", ".parquet", ".ods", ".xls"]))
def test_that_any_bytes_are_read_or_refused_but_never_crash(content: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"t{suffix}"
        path.write_bytes(content)
        preview(path)
        with contextlib.suppress(TsrnnError):
            assert len(read(path).columns) > 0


CELLS = st.text("0123456789.,-eE $%_' \"\nNaTotl;|\t/:년월가é", max_size=9)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=4).map(",".join), max_size=12).map("\n".join))
def test_that_any_text_is_read_or_refused_but_never_crashes(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(text.encode())
        shown = preview(path)
        try:
            series = read(path)
        except TsrnnError:
            return
        assert shown.problem is None
        assert series.values.shape == (len(series.times), len(series.columns))
        assert len(set(series.columns)) == len(series.columns)
