"""Projects: nothing shown is lost, and nothing foreign is opened."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from tsrnn_gui.core.experiment import Experiment, defaults_for
from tsrnn_gui.core.presets import PRESETS, RECOMMENDED
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.project import Project
from tsrnn_gui.core.runs import Epoch
from tsrnn_gui.files.project_file import ProjectFile
from tsrnn_gui.files.samples import open_sample


@pytest.fixture
def project():
    series = open_sample("us_macro_quarterly")
    return Project(series, defaults_for(series, RECOMMENDED.experiment))


@pytest.fixture
def file(tmp_path, project):
    with ProjectFile.create(tmp_path / "프로젝트 a.tsrnn", project) as made:
        yield made


def test_that_a_project_comes_back_as_it_was(file, project):
    with ProjectFile.open(file.path) as again:
        back = again.load()
    assert back.experiment == project.experiment
    assert np.array_equal(back.series.values, project.series.values, equal_nan=True)
    assert np.array_equal(back.series.times, project.series.times)
    assert (back.series.columns, back.series.step) == (project.series.columns, project.series.step)


def test_that_an_edit_does_not_write_the_series_again(file, project):
    before = file.path.stat().st_size
    for preset in PRESETS:
        file.keep(project.with_experiment(preset.experiment))
    with ProjectFile.open(file.path) as again:
        assert again.load().experiment == PRESETS[-1].experiment
        assert again._db.execute("SELECT count(*) FROM series").fetchone() == (1,)
    assert file.path.stat().st_size <= before + 65_536


def test_that_of_checkpoints_the_newest_and_the_newest_best_stay(file, project):
    file.begin_run("r", project.experiment, project.series)
    for epoch, best in enumerate((True, True, False, False)):
        file.keep_checkpoint("r", epoch, best, bytes([epoch]))
    assert file.checkpoint("r") == (3, b"\x03")
    assert file._db.execute("SELECT epoch FROM checkpoints ORDER BY epoch").fetchall() == [(1,), (3,)]


def test_that_a_run_without_an_end_is_told_as_interrupted(file, project):
    file.begin_run("r", project.experiment, project.series)
    file.keep_epoch("r", Epoch(0, 1.0, 2.0, None, None, 1e-3, 0.1))
    file.mark_interrupted()
    (run,) = file.runs()
    assert (run.status, run.epochs_done) == ("interrupted", 1)


def test_that_a_copy_is_whole(file, project, tmp_path):
    file.copied_to(tmp_path / "copy.tsrnn")
    with ProjectFile.open(tmp_path / "copy.tsrnn") as copy:
        assert copy.load().experiment == project.experiment
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    "content", [b"", b"x", b"SQLite format 3\0" + bytes(200), os.urandom(5000), b"a,b\n1,2\n"]
)
def test_that_what_is_no_project_is_refused_in_one_sentence(tmp_path, content):
    path = tmp_path / "no.tsrnn"
    path.write_bytes(content)
    with pytest.raises(TsrnnError, match="not a tsrnn project") as error:
        ProjectFile.open(path)
    assert error.value.hint


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER UPDATE ON state BEGIN DELETE FROM runs; END",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE extra (x)",
        "DROP TABLE runs",
    ],
)
def test_that_a_foreign_schema_is_refused(file, statement):
    path = file.path
    file.close()
    db = sqlite3.connect(path)
    db.execute(statement)
    db.commit()
    db.close()
    with pytest.raises(TsrnnError, match="not a tsrnn project as this program writes it"):
        ProjectFile.open(path)


def test_that_a_newer_format_says_so(file):
    path = file.path
    file._db.execute("PRAGMA user_version=99")
    file.close()
    with pytest.raises(TsrnnError, match="newer version"):
        ProjectFile.open(path)


def test_that_an_experiment_outside_the_vocabulary_does_not_load(file):
    file._db.execute("UPDATE state SET experiment = ?", (b'{"stack":[{"kind":"os.system"}]}',))
    file._db.commit()
    with pytest.raises(TsrnnError, match="does not know"):
        file.load()


def test_that_truncated_projects_never_crash(file, tmp_path):
    file.close()
    whole = file.path.read_bytes()
    path = tmp_path / "cut.tsrnn"
    for size in range(0, len(whole), 512):
        path.write_bytes(whole[:size])
        try:
            with ProjectFile.open(path) as cut:
                cut.load()
                cut.runs()
        except TsrnnError:
            pass


def test_that_flipped_bytes_never_crash(file, tmp_path):
    file.close()
    whole = file.path.read_bytes()
    path = tmp_path / "flipped.tsrnn"
    rng = np.random.default_rng(7)
    for _ in range(200):
        broken = bytearray(whole)
        broken[int(rng.integers(len(whole)))] ^= int(rng.integers(1, 256))
        path.write_bytes(broken)
        try:
            with ProjectFile.open(path, read_only=True) as opened:
                opened.load()
                opened.runs()
        except TsrnnError:
            pass


_WRITER = """
import sys
from pathlib import Path
from tsrnn_gui.core.presets import RECOMMENDED
from tsrnn_gui.core.runs import Epoch
from tsrnn_gui.files.project_file import ProjectFile
from tsrnn_gui.files.samples import open_sample
file = ProjectFile.open(Path(sys.argv[1]))
file.begin_run("r", RECOMMENDED.experiment, open_sample("nile_annual"))
for epoch in range(100_000):
    file.keep_epoch("r", Epoch(epoch, 1.0, 1.0, 1.0, 1.0, 1e-3, 0.1))
    print(epoch, flush=True)
"""


@pytest.mark.parametrize("after", [1, 7, 60])
def test_that_a_killed_writer_loses_no_epoch_that_was_told(file, after):
    path = file.path
    file.close()
    command = [sys.executable, "-c", textwrap.dedent(_WRITER), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        for _ in range(after):
            told = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
    with ProjectFile.open(path) as again:
        assert again._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert [epoch.epoch for epoch in again.epochs("r")][: told + 1] == list(range(told + 1))
        assert again.load().series is not None


def test_that_an_experiment_of_every_preset_survives(file):
    for preset in PRESETS:
        file.keep(Project(None, preset.experiment))
        assert file.load().experiment == preset.experiment
    assert Experiment() != RECOMMENDED.experiment
