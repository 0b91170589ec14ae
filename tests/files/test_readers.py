"""Tables of every usual kind become the series they mean."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.series import Series
from tsrnn_gui.files.readers import ReadOptions, preview, read

GUESS = ReadOptions()


def series_of(
    folder: Path, content: str | bytes, name: str = "t.csv", options: ReadOptions = GUESS
) -> Series:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(path, options)


def dated(folder: Path, *cells: str, header: str = "date") -> list[str]:
    body = "".join(f"{cell};{row}\n" for row, cell in enumerate(cells))
    series = series_of(folder, f"{header};x\n{body}")
    assert series.column("x").tolist() == list(range(len(cells)))
    assert series.dated
    return [str(time)[:19] for time in series.times]


DAYS = ["2020-01-13T00:00:00", "2020-01-14T00:00:00", "2020-01-15T00:00:00"]


@pytest.mark.parametrize(
    "cells",
    [
        ("2020-01-13", "2020-01-14", "2020-01-15"),
        ("2020/01/13", "2020/1/14", "2020/01/15"),
        ("2020. 1. 13.", "2020. 1. 14.", "2020. 1. 15."),
        ("20200113", "20200114", "20200115"),
        ("13/01/2020", "14/01/2020", "15/01/2020"),
        ("01/13/2020", "01/14/2020", "01/15/2020"),
        ("13.01.20", "14.01.20", "15.01.20"),
        ("Jan-13-2020", "Jan-14-2020", "Jan-15-2020"),
        ("13-Jan-2020", "14-Jan-2020", "15-Jan-2020"),
        ("January 13, 2020", "January 14, 2020", "January 15, 2020"),
        ("2020년 1월 13일", "2020년 1월 14일", "2020년 1월 15일"),
        ("43843", "43844", "43845"),
        ("1578873600", "1578960000", "1579046400"),
        ("1578873600000", "1578960000000", "1579046400000"),
        ("Mon, 13 Jan 2020", "Tue, 14 Jan 2020", "Wed, 15 Jan 2020"),
    ],
)
def test_that_dates_are_read_as_they_are_usually_written(tmp_path: Path, cells: tuple[str, ...]) -> None:
    assert dated(tmp_path, *cells) == DAYS


@pytest.mark.parametrize(
    ("cells", "first", "step"),
    [
        (("1749-01", "1749-02", "1749-03"), "1749-01-01", "month"),
        (("202001", "202002", "202003"), "2020-01-01", "month"),
        (("Jan 2020", "Feb 2020", "Mar 2020"), "2020-01-01", "month"),
        (("01/2020", "02/2020", "03/2020"), "2020-01-01", "month"),
        (("2020Q1", "2020Q2", "2020Q3"), "2020-01-01", "quarter"),
        (("Q1 2020", "Q2 2020", "Q3 2020"), "2020-01-01", "quarter"),
        (("1871", "1872", "1873"), "1871-01-01", "year"),
        (("0001-01-01", "0002-01-01", "0003-01-01"), "0001-01-01", "year"),
        (("2299-01-01", "2300-01-01", "2301-01-01"), "2299-01-01", "year"),
        (("2020-01-01 00:00", "2020-01-01 01:00", "2020-01-01 02:00"), "2020-01-01", "hour"),
        (("1/1/2020 1:15 PM", "1/1/2020 2:15 PM", "1/1/2020 3:15 PM"), "2020-01-01T13:15", "hour"),
        (
            ("2020-01-01T00:00:00Z", "2020-01-01T00:15:00Z", "2020-01-01T00:30:00Z"),
            "2020-01-01",
            "15 minutes",
        ),
        (("2020-01-01 오후 1:00", "2020-01-01 오후 2:00", "2020-01-01 오후 3:00"), "2020-01-01T13", "hour"),
    ],
)
def test_that_the_step_follows_from_the_dates(
    tmp_path: Path, cells: tuple[str, ...], first: str, step: str
) -> None:
    body = "".join(f"{cell};1\n" for cell in cells)
    series = series_of(tmp_path, f"date;x\n{body}")
    assert (series.times[0], str(series.step)) == (np.datetime64(first, "us"), step)
    assert series.times.dtype == np.dtype("datetime64[us]")


def test_that_one_offset_stays_and_changing_offsets_become_utc(tmp_path: Path) -> None:
    assert dated(tmp_path, "2020-01-01T09:00+09:00", "2020-01-01T10:00+09:00")[0] == "2020-01-01T09:00:00"
    mixed = dated(tmp_path, "2020-03-29T01:00+01:00", "2020-03-29T03:00+02:00", "2020-03-29T04:00+02:00")
    assert mixed == ["2020-03-29T00:00:00", "2020-03-29T01:00:00", "2020-03-29T02:00:00"]


def test_that_mixed_day_and_month_orders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TsrnnError, match="line 6: “02/25/2020”"):
        dated(tmp_path, "20/01/2020", "21/01/2020", "22/01/2020", "23/01/2020", "02/25/2020")


def test_that_an_ambiguous_order_is_noted_and_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("date,x\n01/02/2020,1\n02/02/2020,2\n03/02/2020,3\n")
    assert preview(path).date_orders == ("dmy", "mdy")
    assert any("day-month-year was taken" in note for note in read(path).notes)
    assert str(read(path, ReadOptions(date_order="mdy")).times[0])[:10] == "2020-01-02"


def test_that_a_late_row_settles_the_order(tmp_path: Path) -> None:
    days = np.arange("2020-01-01", "2024-03-01", dtype="datetime64[D]").astype(object)
    firsts = [day for day in days if day.day <= 12] + [days[-1]]
    body = "".join(f"{day:%m/%d/%Y},1\n" for day in firsts)
    path = tmp_path / "t.csv"
    path.write_text("date,x\n" + body)
    assert preview(path).options.date_order is None
    assert str(read(path, preview(path).options).times[1])[:10] == "2020-01-02"


def test_that_rows_stay_in_the_files_order(tmp_path: Path) -> None:
    series = series_of(tmp_path, "date,x\n2020-01-03,3\n2020-01-01,1\n2020-01-01,1\n2020-01-02,2\n")
    assert series.column("x").tolist() == [3, 1, 1, 2]
    assert any("more than once: 1;" in note for note in series.notes)
    assert any("before the row above: 1;" in note for note in series.notes)


def test_that_without_a_date_the_rows_are_numbered(tmp_path: Path) -> None:
    series = series_of(tmp_path, "a,b\n5,1\n7,2\n6,3\n")
    assert series.times.tolist() == [0, 1, 2] and series.times.dtype == np.int64
    assert series.columns == ("a", "b")


def test_that_year_and_quarter_make_a_date(tmp_path: Path) -> None:
    series = series_of(tmp_path, "x,year,quarter\n1,1999,4\n2,2000,1\n3,2000,2\n")
    assert str(series.step) == "quarter" and series.columns == ("x",)
    chosen = series_of(
        tmp_path, "x,year,quarter\n1,1999,4\n2,2000,1\n", options=ReadOptions(time_columns=("year",))
    )
    assert chosen.columns == ("x", "quarter")


def test_that_date_and_hour_columns_make_a_time(tmp_path: Path) -> None:
    series = series_of(tmp_path, "date,time,x\n2020-01-01,22:00,1\n2020-01-01,23:00,2\n2020-01-02,00:00,3\n")
    assert str(series.times[2])[:16] == "2020-01-02T00:00" and str(series.step) == "hour"


def test_that_a_first_column_of_years_needs_no_name(tmp_path: Path) -> None:
    series = series_of(tmp_path, "1990,5.5\n1991,6.5\n1992,7.5\n")
    assert series.columns == ("column 2",) and str(series.step) == "year"


def test_that_numbers_like_years_stay_values(tmp_path: Path) -> None:
    series = series_of(tmp_path, "pressure,x\n1990,5.5\n1985,6.5\n1995,7.5\n")
    assert series.columns == ("pressure", "x")


def test_that_marks_of_missing_values_are_counted(tmp_path: Path) -> None:
    marks = ["", "NA", "NaN", "n/a", "-", ".", "null"]
    body = "".join(f"2020-01-{row + 1:02d},{mark},1\n" for row, mark in enumerate([*marks, "5"]))
    series = series_of(tmp_path, "date,x,y\n" + body)
    assert np.isnan(series.column("x")).tolist() == [True] * 7 + [False]
    assert any("7 missing values (x 7)" in note for note in series.notes)


def test_that_infinity_counts_as_missing(tmp_path: Path) -> None:
    series = series_of(tmp_path, "x,y\n1,1\n-inf,1\nInfinity,1\n1e999,1\n")
    assert np.isnan(series.column("x")).sum() == 3
    assert any("3 infinite values" in note for note in series.notes)


def test_that_whole_numbers_beyond_exactness_are_noted(tmp_path: Path) -> None:
    assert any("rounded" in note for note in series_of(tmp_path, "x\n9007199254740993\n2\n").notes)


def test_that_blank_lines_are_counted(tmp_path: Path) -> None:
    series = series_of(tmp_path, "date,x\n2020-01-01,1\n\n2020-01-02,2\n,\n\n")
    assert len(series) == 2 and any("3 blank lines" in note for note in series.notes)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("date;x\n2020-01-01;1.234,5\n2020-01-02;2,5\n", 1234.5),
        ("date;x\n2020-01-01;1 234,5\n2020-01-02;2,5\n", 1234.5),
        ("date;x\n2020-01-01;1\u00a0234,5\n2020-01-02;2,5\n", 1234.5),
        ('date,x\n2020-01-01,"1,234.5"\n2020-01-02,2.5\n', 1234.5),
        ('date,x\n2020-01-01,"1,234"\n2020-01-02,999\n', 1234),
        ("date;x\n2020-01-01;1'234.5\n2020-01-02;2\n", 1234.5),
        ("date\tx\n2020-01-01\t-5,25\n2020-01-02\t2,5\n", -5.25),
        ("date|x\n2020-01-01|−5.25\n2020-01-02|2.5\n", -5.25),
        ("date x\n2020-01-01   5e3\n2020-01-02  2.5\n", 5000),
    ],
)
def test_that_decimal_and_thousands_marks_are_understood(tmp_path: Path, text: str, value: float) -> None:
    assert series_of(tmp_path, text).column("x")[0] == value


def test_that_an_undecidable_mark_is_noted_and_can_be_set(tmp_path: Path) -> None:
    text = "date;x\n2020-01-01;1,234\n2020-01-02;2,345\n"
    assert any("“1,234” was read as" in note for note in series_of(tmp_path, text).notes)
    assert series_of(tmp_path, text, options=ReadOptions(thousands=",")).column("x")[0] == 1234
    assert series_of(tmp_path, text, options=ReadOptions(decimal=",")).column("x")[0] == 1.234


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp949"])
def test_that_korean_headers_survive_every_encoding(tmp_path: Path, encoding: str) -> None:
    text = "날짜,전력 사용량,온도\n2020년 1월 1일,5,1\n2020년 1월 2일,6,2\n"
    series = series_of(tmp_path, text.encode(encoding))
    assert series.columns == ("전력 사용량", "온도") and series.dated


def test_that_western_letters_are_not_taken_for_korean(tmp_path: Path) -> None:
    series = series_of(tmp_path, "Année;Été °C;Größe\n2001;1,5;2\n2002;2,5;3\n2003;3,5;4\n".encode("cp1252"))
    assert series.columns == ("Été °C", "Größe")


def test_that_an_encoding_shown_late_in_the_file_is_found(tmp_path: Path) -> None:
    body = "".join(f"{i},a\n" for i in range(400_000)) + "5,서울\n"
    assert len(series_of(tmp_path, ("x,city\n" + body).encode("cp949"))) == 400_001


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_that_every_line_end_is_read(tmp_path: Path, end: str) -> None:
    text = end.join(["date,x", "2020-01-01,1", "2020-01-02,2"])
    assert series_of(tmp_path, text).column("x").tolist() == [1, 2]


def test_that_repeated_and_empty_names_become_distinct(tmp_path: Path) -> None:
    series = series_of(tmp_path, "date,x,x,\n2020-01-01,1,2,3\n2020-01-02,1,2,3\n")
    assert series.columns == ("x", "x (2)", "column 4")


def test_that_a_title_above_the_table_is_left_out_and_noted(tmp_path: Path) -> None:
    series = series_of(tmp_path, "Report of the plant\n\ndate,x\n2020-01-01,1\n2020-01-02,2\n")
    assert series.columns == ("x",) and any("above the table, left out: 2" in note for note in series.notes)


def test_that_a_category_column_becomes_columns(tmp_path: Path) -> None:
    text = "year,kind,x\n2001,a,1\n2002,a,2\n2001,b,3\n"
    series = series_of(tmp_path, text + "2003,a,9\n2003,b,8\n")
    assert (
        series.columns == ("a", "b") and str(series.values.tolist()) == "[[1.0, 3.0], [2.0, nan], [9.0, 8.0]]"
    )
    assert any("1 times have no row" in note for note in series.notes)


def test_that_a_row_a_year_is_laid_end_to_end(tmp_path: Path) -> None:
    header = "Year," + ",".join(str(month) for month in range(1, 13))
    text = f"{header}\n2001,{','.join('123456789')},10,11,12\n2002,13,14,,,,,,,,,,\n"
    series = series_of(tmp_path, text)
    assert series.column("value").tolist() == list(range(1, 15)) and str(series.step) == "month"
    assert any("10 empty months" in note for note in series.notes)


def test_that_the_series_knows_its_file(tmp_path: Path) -> None:
    content = b"x,y\n1,2\n3,4\n"
    series = series_of(tmp_path, content, "my data.csv")
    assert series.name == "my data" and series.source == str(tmp_path / "my data.csv")
    assert series.sha256 == hashlib.sha256(content).hexdigest()


def test_that_a_preview_taken_back_as_options_reads_the_same(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("날짜;값;비고\n2020-01-01;1.234,5;a\n2020-01-02;2,5;b\n", encoding="cp949")
    shown = preview(path)
    assert shown.problem is None and shown.columns == ("날짜", "값", "비고")
    assert shown.rows[0] == ("2020-01-01", "1.234,5", "a")
    assert (
        replace(read(path, shown.options), notes=()).column("값").tolist() == read(path).column("값").tolist()
    )


def test_that_a_workbook_is_read_with_its_dates_and_sheets(tmp_path: Path) -> None:
    import datetime as dt

    import xlsxwriter

    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Empty")
        sheet = book.add_worksheet("Data")
        form = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["day", "x", "note"])
        for row in range(1, 5):
            sheet.write_datetime(row, 0, dt.datetime(2020, 1, row), form)
            sheet.write_number(row, 1, row / 8)
            sheet.write_string(row, 2, "n")
    series = read(path)
    assert series.column("x").tolist() == [row / 8 for row in range(1, 5)] and str(series.step) == "day"
    assert preview(path).sheets == ("Empty", "Data") and preview(path).options.sheet == "Data"
    with pytest.raises(TsrnnError, match="no sheet “Other”"):
        read(path, ReadOptions(sheet="Other"))


def test_that_parquet_is_read_exactly(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    times = np.arange("2020-01-01", "2020-03-01", dtype="datetime64[D]").astype("datetime64[ns]")
    values = np.random.default_rng(1).normal(size=len(times))
    values[3] = np.nan
    table = pyarrow.table({"when": times, "x": values, "word": ["w"] * len(times)})
    pyarrow.parquet.write_table(table, tmp_path / "t.parquet")
    series = read(tmp_path / "t.parquet")
    np.testing.assert_array_equal(series.column("x"), values)
    np.testing.assert_array_equal(series.times, times.astype("datetime64[us]"))


def test_that_quoted_commas_between_commas_part_thousands(tmp_path: Path) -> None:
    series = series_of(tmp_path, 'date,x\n2020-01-01,"1,234"\n2020-01-02,"12,345"\n')
    assert series.column("x").tolist() == [1234, 12345]
    assert any("“1,234” was read as 1234" in note for note in series.notes)


def test_that_a_point_before_three_digits_is_noted_where_commas_do_not_part_cells(tmp_path: Path) -> None:
    series = series_of(tmp_path, "date;x\n2020-01-01;1.234\n2020-01-02;999\n")
    assert any("“1.234” was read as 1.234" in note for note in series.notes)


@pytest.mark.parametrize(
    "text", ["date,x,\n2020-01-01,1,\n2020-01-02,2,\n", "date,x\n2020-01-01,1,\n2020-01-02,2,\n"]
)
def test_that_a_delimiter_at_the_end_makes_no_column(tmp_path: Path, text: str) -> None:
    series = series_of(tmp_path, text)
    assert series.columns == ("x",) and series.dated


def test_that_an_unnamed_or_named_row_number_is_no_value(tmp_path: Path) -> None:
    for name in ("", "t", "index"):
        series = series_of(tmp_path, f"{name},value\n0,5\n1,6\n2,7\n")
        assert series.columns == ("value",) and not series.dated
        assert any("only numbers the rows" in note for note in series.notes)


def test_that_identifiers_are_no_years(tmp_path: Path) -> None:
    assert not series_of(tmp_path, "id,x\n1001,2.5\n1002,3.5\n1003,4.5\n").dated
    assert not series_of(tmp_path, "item,x\n1001,2.5\n1002,3.5\n1003,4.5\n").dated
