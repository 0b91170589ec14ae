"""An exported forecast is whole, safe and the same numbers."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files.exporters import EXPORTERS, ForecastTable, export, save_filter
from tsrnn_gui.files.readers import read
from tsrnn_gui.files.whole_files import write_all, write_set

DAYS = np.arange("2020-01-30", "2020-02-04", dtype="datetime64[D]").astype("datetime64[us]")
VALUES = [-5.0, 0.1, None, float("nan"), 1e-30]
TABLE = ForecastTable(
    ("time", "예측"), [(day, value) for day, value in zip(DAYS, VALUES, strict=True)], "t", ("a note",)
)


@pytest.mark.parametrize("suffix", [entry.suffix for entry in EXPORTERS])
def test_that_an_export_reads_back_the_same(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"예측{suffix}"
    export(TABLE, path)
    series = read(path)
    np.testing.assert_array_equal(series.times, DAYS)
    np.testing.assert_array_equal(series.column("예측"), [-5.0, 0.1, np.nan, np.nan, 1e-30])
    assert os.listdir(tmp_path) == [path.name]


def test_that_the_csv_opens_in_korean_excel(tmp_path: Path) -> None:
    export(TABLE, tmp_path / "f.csv")
    content = (tmp_path / "f.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").splitlines()[1:4] == [
        "2020-01-30,-5.0",
        "2020-01-31,0.1",
        "2020-02-01,",
    ]


def test_that_text_like_a_formula_is_escaped_and_numbers_are_not(tmp_path: Path) -> None:
    import python_calamine

    table = ForecastTable(("=cmd|' /C calc'!A0", "@x", "-y", "+z", "\tq"), [(0, -5.0, 5, "=1+1", "safe")])
    export(table, tmp_path / "f.csv")
    header, row = (tmp_path / "f.csv").read_text("utf-8-sig").splitlines()
    assert header == "'=cmd|' /C calc'!A0,'@x,'-y,'+z,'\tq" and row == "0,-5.0,5,'=1+1,safe"
    export(table, tmp_path / "f.xlsx")
    sheet = python_calamine.load_workbook(str(tmp_path / "f.xlsx")).get_sheet_by_index(0).to_python()
    assert sheet[0][0].startswith("'=") and sheet[1] == [0.0, -5.0, 5.0, "'=1+1", "safe"]


def test_that_dates_before_1900_are_written_as_text(tmp_path: Path) -> None:
    import python_calamine

    table = ForecastTable(
        ("time", "x"), [(np.datetime64("1749-01-01", "us"), 1.0), (np.datetime64("NaT", "us"), 2.0)]
    )
    export(table, tmp_path / "f.xlsx")
    rows = python_calamine.load_workbook(str(tmp_path / "f.xlsx")).get_sheet_by_index(0).to_python()
    assert rows[1:] == [["1749-01-01", 1.0], ["", 2.0]]


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_that_a_full_disk_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    path = tmp_path / "f.csv"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, fails, full)
    with pytest.raises(TsrnnError) as caught:
        export(TABLE, path)
    monkeypatch.undo()
    assert "full" in caught.value.hint and path.read_text() == "old" and os.listdir(tmp_path) == ["f.csv"]


def test_that_a_real_full_disk_is_survived(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    import signal

    path = tmp_path / "f.csv"
    path.write_text("old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, before[1]))
    try:
        with pytest.raises(TsrnnError):
            export(TABLE, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["f.csv"]


def test_that_a_missing_folder_and_an_unknown_format_are_told(tmp_path: Path) -> None:
    with pytest.raises(TsrnnError) as caught:
        export(TABLE, tmp_path / "no" / "f.csv")
    assert "folder" in caught.value.hint
    with pytest.raises(TsrnnError) as caught:
        export(TABLE, tmp_path / "f.pdf")
    assert ".xlsx" in caught.value.hint
    with pytest.raises(TsrnnError):
        export(TABLE, tmp_path, "csv")


def test_that_the_save_filter_names_every_format() -> None:
    assert all(f"*{entry.suffix}" in save_filter() for entry in EXPORTERS)


def _old(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("fails", [0, 1])
@pytest.mark.parametrize("existing", [("a", "b"), ("a",), ("b",), ()])
def test_that_files_that_belong_together_are_all_written_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: int, existing: tuple[str, ...]
) -> None:
    for name in existing:
        (tmp_path / name).write_bytes(b"old")
    before, replace, calls = _old(tmp_path), os.replace, []

    def full(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == fails + 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(TsrnnError, match="what was there is unchanged"):
        write_all({tmp_path / "a": b"new", tmp_path / "b": b"newer"})
    monkeypatch.undo()
    assert _old(tmp_path) == before
    write_all({tmp_path / "a": b"new", tmp_path / "b": b"newer"})
    assert _old(tmp_path) == {"a": b"new", "b": b"newer"}


def test_that_a_folder_in_the_way_of_one_file_keeps_the_others_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    with pytest.raises(TsrnnError) as told:
        write_all({tmp_path / "a": b"new", tmp_path / "b": b"newer"})
    assert "folder" in told.value.hint and os.listdir(tmp_path) == ["b"]


def test_that_a_strangers_file_with_the_name_of_a_companion_stays(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"somebody's")
    with pytest.raises(TsrnnError, match=r"a\.npz is there already"):
        write_set({tmp_path / "a.py": b"new", tmp_path / "a.npz": b"new"})
    assert _old(tmp_path) == {"a.npz": b"somebody's"}
    write_set({tmp_path / "a.py": b"new", tmp_path / "a.npz": b"somebody's"})
    write_set({tmp_path / "a.py": b"new", tmp_path / "a.npz": b"new"})
    assert _old(tmp_path) == {"a.py": b"new", "a.npz": b"new"}
