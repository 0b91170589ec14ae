"""What is no table, or a broken one, is refused in one sentence with its place."""

from __future__ import annotations

import os
import threading
import time
import zipfile
from pathlib import Path

import pytest

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files.readers import SUFFIXES, Cancelled, ReadOptions, file_filter, preview, read

GUESS = ReadOptions()


def written(folder: Path, content: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path, options: ReadOptions = GUESS) -> str:
    with pytest.raises(TsrnnError) as caught:
        read(path, options)
    assert caught.value.hint
    assert preview(path, options).problem is not None
    return caught.value.text


def test_that_a_missing_file_is_told(tmp_path: Path) -> None:
    assert "gone.csv was not found" in refusal(tmp_path / "gone.csv")


def test_that_a_folder_is_no_file(tmp_path: Path) -> None:
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    assert "is a folder" in refusal(folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_that_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    path = tmp_path / "pipe.csv"
    os.mkfifo(path)
    started = time.monotonic()
    assert "pipe" in refusal(path)
    assert time.monotonic() - started < 1


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no devices here")
def test_that_an_endless_device_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "zero.csv"
    link.symlink_to("/dev/zero")
    assert "device" in refusal(link)


def test_that_a_loop_of_links_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "loop.csv"
    link.symlink_to(link)
    assert "cannot be opened" in refusal(link)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_that_an_empty_file_of_any_kind_is_refused(tmp_path: Path, suffix: str) -> None:
    assert "is empty" in refusal(written(tmp_path, b"", "e" + suffix))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_that_random_bytes_of_any_kind_are_refused(tmp_path: Path, suffix: str) -> None:
    refusal(written(tmp_path, bytes(range(256)) * 40, "r" + suffix))


def test_that_a_binary_file_is_named_so(tmp_path: Path) -> None:
    assert "binary" in refusal(written(tmp_path, b"\x7fELF\x02\x01\x01" + bytes(500) + os.urandom(500)))


def test_that_prose_is_no_table(tmp_path: Path) -> None:
    refusal(written(tmp_path, "Once upon a time, there was a king.\nHe had, as kings have, a crown.\n"))


def test_that_blank_lines_alone_are_no_table(tmp_path: Path) -> None:
    assert "no rows" in refusal(written(tmp_path, "\n\n  \n"))


def test_that_a_header_without_rows_is_told(tmp_path: Path) -> None:
    refusal(written(tmp_path, "date,value\n"))


def test_that_an_unknown_kind_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(TsrnnError) as caught:
        read(written(tmp_path, "a\n1\n", "t.mat"))
    assert ".csv" in caught.value.hint and ".parquet" in caught.value.hint


def test_that_text_among_numbers_is_told_with_line_column_and_count(tmp_path: Path) -> None:
    rows = [f"2020-01-{day:02d},{day}" for day in range(1, 21)]
    rows[6], rows[9] = "2020-01-07,oops", "2020-01-10,bad"
    text = refusal(written(tmp_path, "date,load\n" + "\n".join(rows)))
    assert text == "t.csv, line 8: “oops” in column “load” is not a number (2 such cells)."


@pytest.mark.parametrize(
    "cell", ["1.234,5", "$5", "12%", "1 234,x", "0x10", "1_000", "1,234,5", "5 kg", "１２"]
)
def test_that_an_odd_number_never_becomes_another_one(tmp_path: Path, cell: str) -> None:
    rows = [f"2020-01-{day:02d};{day}.5" for day in range(1, 11)] + [f"2020-01-11;{cell}"]
    assert f"line 12: “{cell}”" in refusal(written(tmp_path, "date;x\n" + "\n".join(rows)))


def test_that_bad_cells_can_be_read_as_missing(tmp_path: Path) -> None:
    path = written(tmp_path, "date,x\n2020-01-01,1\n2020-01-02,oops\n2020-01-03,3\n")
    series = read(path, ReadOptions(bad_cells="missing"))
    assert str(series.column("x").tolist()) == "[1.0, nan, 3.0]"
    assert any("1 cells that are no numbers" in note for note in series.notes)


def test_that_a_ragged_line_is_told_and_can_be_skipped(tmp_path: Path) -> None:
    path = written(tmp_path, "date,x\n2020-01-01,1\n2020-01-02,2,9\n2020-01-03,3\n")
    assert "line 3 has 3 cells instead of 2" in refusal(path)
    series = read(path, ReadOptions(bad_lines="skip"))
    assert series.column("x").tolist() == [1, 3]
    assert any("1 line skipped: line 3" in note for note in series.notes)


def test_that_a_total_row_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "date,x\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\nTotal,6\n")
    assert "line 5: “Total” in column “date” is not a date" in refusal(path)
    assert read(path, ReadOptions(bad_lines="skip")).column("x").tolist() == [1, 2, 3]


def test_that_lines_are_counted_through_quoted_line_breaks_and_blank_lines(tmp_path: Path) -> None:
    path = written(tmp_path, 'date,note,x\n2020-01-01,"a\nb",1\n\n2020-01-02,c,2\n2020-01-03,d,oops\n')
    assert "line 6: “oops”" in refusal(path)


def test_that_an_unknown_column_lists_those_there(tmp_path: Path) -> None:
    path = written(tmp_path, "date,x,y\n2020-01-01,1,2\n2020-01-02,1,2\n")
    with pytest.raises(TsrnnError, match="no column “z”") as caught:
        read(path, ReadOptions(value_columns=("z",)))
    assert "date, x, y" in caught.value.hint


def test_that_a_table_of_words_has_no_numbers(tmp_path: Path) -> None:
    assert "no column of numbers" in refusal(written(tmp_path, "a,b\nx,y\nz,w\n"))


def test_that_an_open_quotation_mark_is_told_with_its_line(tmp_path: Path) -> None:
    text = refusal(written(tmp_path, 'date,x\n2020-01-01,1\n2020-01-02,"2\n2020-01-03,3\n'))
    assert "line" in text


def test_that_a_wrong_encoding_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "날짜,값\n2020-01-01,1\n2020-01-02,2\n".encode("cp949"))
    assert "not utf-8" in refusal(path, ReadOptions(encoding="utf-8"))
    assert "not an encoding" in refusal(path, ReadOptions(encoding="klingon"))


def test_that_a_spreadsheet_that_unpacks_too_far_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tsrnn_gui.files.bounds.LARGEST_CONTENT", 1 << 20)
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (2 << 20))
    assert "unpacks" in refusal(path)


def test_that_a_sheet_with_a_cell_at_the_far_corner_is_refused(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "far.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write(0, 0, 1)
    sheet.write(1_048_575, 16_383, 2)
    book.close()
    assert "spreads its cells" in refusal(path)


def test_that_five_thousand_columns_are_read(tmp_path: Path) -> None:
    header = ",".join(["date", *(f"c{i}" for i in range(5000))])
    rows = "\n".join(f"2020-01-{day:02d}," + ",".join("1" * 5000) for day in range(1, 31))
    assert read(written(tmp_path, f"{header}\n{rows}\n")).values.shape == (30, 5000)


def test_that_cancelling_ends_the_reading(tmp_path: Path) -> None:
    path = written(tmp_path, "x\n" + "1\n" * 300_000)
    stop = threading.Event()
    shares: list[float] = []

    def progress(share: float) -> None:
        shares.append(share)
        if share > 0.3:
            stop.set()

    with pytest.raises(Cancelled):
        read(path, progress=progress, cancelled=stop.is_set)
    assert shares == sorted(shares) and shares[-1] < 0.9


def test_that_a_file_that_grows_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "x\n" + "1\n" * 100_000)

    def progress(share: float) -> None:
        if share > 0.3:
            with path.open("a") as stream:
                stream.write("2\n")

    with pytest.raises(TsrnnError, match="changed while it was read"):
        read(path, progress=progress)


def test_that_the_dialog_filter_names_every_suffix() -> None:
    assert all(f"*{suffix}" in file_filter() for suffix in SUFFIXES)


def opendocument(path: Path, rows: str) -> Path:
    names = "xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0' "
    names += "xmlns:table='urn:oasis:names:tc:opendocument:xmlns:table:1.0' "
    names += "xmlns:text='urn:oasis:names:tc:opendocument:xmlns:text:1.0'"
    table = f"<office:spreadsheet><table:table table:name='S'>{rows}</table:table></office:spreadsheet>"
    content = f"<office:document-content {names}><office:body>{table}</office:body></office:document-content>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest:manifest xmlns:manifest='urn:m'/>")
        archive.writestr("content.xml", content)
    return path


def repeated_cell(value: int, times: int = 1) -> str:
    return (
        f"<table:table-cell office:value-type='float' office:value='{value}' "
        f"table:number-columns-repeated='{times}'><text:p>{value}</text:p></table:table-cell>"
    )


def test_that_repeated_cells_of_a_sheet_are_counted_before_they_are_unfolded(tmp_path: Path) -> None:
    row = f"<table:table-row table:number-rows-repeated='2000'>{repeated_cell(1, 20_000)}</table:table-row>"
    assert "spreads its cells" in refusal(opendocument(tmp_path / "bomb.ods", row))


def test_that_the_empty_rest_of_a_sheet_does_not_matter(tmp_path: Path) -> None:
    rows = "".join(
        f"<table:table-row>{repeated_cell(n)}{repeated_cell(n * n)}</table:table-row>" for n in range(3, 9)
    )
    blank = "<table:table-cell table:number-columns-repeated='16384'/>"
    rows += f"<table:table-row table:number-rows-repeated='1048570'>{blank}</table:table-row>"
    series = read(opendocument(tmp_path / "fine.ods", rows))
    assert series.values.tolist() == [[n, n * n] for n in range(3, 9)]
