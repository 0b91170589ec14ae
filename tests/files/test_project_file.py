"""Projects: nothing shown is lost, and nothing foreign is opened."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap

import msgspec
import numpy as np
import pytest

from tsrnn_gui.core.experiment import Experiment, defaults_for
from tsrnn_gui.core.past import Past, past_until
from tsrnn_gui.core.presets import PRESETS, RECOMMENDED
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.project import Project
from tsrnn_gui.core.runs import Epoch
from tsrnn_gui.core.series import Series
from tsrnn_gui.files.project_file import ProjectFile
from tsrnn_gui.files.project_schema import APPLICATION_ID
from tsrnn_gui.files.samples import open_sample
from tsrnn_gui.files.series_blob import series_key


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


class BrokenOff(Exception):
    pass


def test_that_a_long_series_written_in_pieces_is_whole_or_not_there(file):
    values = np.random.default_rng(0).normal(size=(300_000, 1))
    long = Series("long", values, ("v",), np.arange(len(values)))
    told = []

    def break_off(share):
        told.append(share)
        if share > 0.8:
            raise BrokenOff

    with pytest.raises(BrokenOff):
        file.keep_series(long, break_off)
    assert 0.8 < told[-1] < 1.0
    assert file._db.execute("SELECT count(*) FROM series").fetchone() == (1,)
    shares = []
    file.keep_series(long, shares.append)
    file.keep_series(long)
    assert shares == sorted(shares) and shares[-1] == 1.0
    with ProjectFile.open(file.path) as again:
        assert np.array_equal(again.series(series_key(long)).values, values)


def held(file, run="r"):
    rows = file._db.execute("SELECT epoch, step FROM checkpoints WHERE run = ? ORDER BY epoch, step", (run,))
    return rows.fetchall()


def test_that_of_checkpoints_those_stay_that_the_rule_names(file, project):
    file.begin_run("r", project.experiment, project.series)
    for epoch in range(40):
        file.keep_checkpoint("r", epoch, epoch == 37, bytes([epoch]))
    assert held(file) == [*((epoch, 0) for epoch in range(0, 40, 4)), (37, 0), (39, 0)]
    assert file.checkpoint("r") == (39, bytes([39]))


def test_that_large_states_leave_few_checkpoints(file, project):
    file.begin_run("r", project.experiment, project.series)
    for epoch in range(12):
        file.keep_checkpoint("r", epoch, False, bytes(10 << 20))
    assert held(file) == [(0, 0), (2, 0), (4, 0), (6, 0), (8, 0), (10, 0), (11, 0)]


def test_that_a_checkpoint_inside_an_epoch_serves_only_what_comes_after_that_epoch(file, project):
    file.begin_run("r", project.experiment, project.series)
    for epoch, step in ((3, 0), (7, 0), (7, 5)):
        file.keep_checkpoint("r", epoch, False, bytes([epoch, step]), step)
    assert file.checkpoint("r") == (7, bytes([7, 5]))
    assert file.checkpoint("r", 9) == (7, bytes([7, 5]))
    assert file.checkpoint("r", 8) == (7, bytes([7, 0]))
    assert file.checkpoint("r", 7) == (3, bytes([3, 0]))
    assert file.checkpoint("r", 3) is None


def test_that_a_child_names_its_parent_and_has_its_epochs_without_it(file, project):
    plan, series = project.experiment.plan, project.series
    past = past_until(plan, None, 2, origin=2)
    epochs = [Epoch(epoch, 1.0, 2.0, None, None, 1e-3, 0.1) for epoch in range(2)]
    file.begin_run("parent", project.experiment, series)
    file.begin_run("child", project.experiment, series, "parent", past, epochs)
    file.delete_run("parent")
    (child,) = file.runs()
    assert (child.parent, child.past, child.epochs_done) == ("parent", past, 2)
    assert file.epochs("child") == epochs


def test_that_the_nearest_state_is_the_runs_own_or_its_parents_before_the_branch(file, project):
    plan, series = project.experiment.plan, project.series
    past = past_until(plan, None, 20, origin=20)
    file.begin_run("parent", project.experiment, series)
    for epoch in (3, 9, 25):
        file.keep_checkpoint("parent", epoch, False, bytes([epoch]))
    file.begin_run("child", project.experiment, series, "parent", past)
    assert file.nearest_state("child") == file.nearest_state("child", 21) == bytes([9])
    file.keep_checkpoint("child", 19, False, b"branch")
    file.keep_checkpoint("child", 30, False, b"own")
    nearest = {epochs: file.nearest_state("child", epochs) for epochs in (3, 4, 19, 20, 30, 31)}
    assert nearest == {3: b"", 4: bytes([3]), 19: bytes([9]), 20: b"branch", 30: b"branch", 31: b"own"}
    assert [file.nearest_epochs("child", epochs) for epochs in (3, 19, 25, 40)] == [0, 10, 20, 31]
    file.delete_run("parent")
    assert (file.nearest_state("child", 19), file.nearest_state("child", 20)) == (b"", b"branch")


def test_that_parents_in_a_circle_end_at_the_start(file, project):
    past = past_until(project.experiment.plan, None, 20, origin=20)
    for run, parent in (("a", "b"), ("b", "a")):
        file.begin_run(run, project.experiment, project.series, parent, past)
    assert file.nearest_state("a") == b""


def test_that_a_run_taken_up_again_forgets_what_it_will_tell_again(file, project):
    file.begin_run("r", project.experiment, project.series)
    for epoch in range(5):
        file.keep_epoch("r", Epoch(epoch, 1.0, 2.0, None, None, 1e-3, 0.1))
    file.end_run("r", "stopped", 3, "why")
    file.take_up_run("r")
    file.keep_start("r", 99, first_epoch=3)
    (run,) = file.runs()
    assert (run.status, run.note, run.weights, run.epochs_done) == ("running", "", 99, 3)


FORMAT_1 = """
CREATE TABLE state (only INTEGER PRIMARY KEY CHECK (only = 1), experiment BLOB NOT NULL,
    series TEXT, future_steps INTEGER NOT NULL);
CREATE TABLE series (key TEXT PRIMARY KEY, description BLOB NOT NULL, data BLOB NOT NULL);
CREATE TABLE runs (id TEXT PRIMARY KEY, created TEXT NOT NULL, status TEXT NOT NULL,
    experiment BLOB NOT NULL, series TEXT NOT NULL, parent TEXT NOT NULL, weights INTEGER,
    best_epoch INTEGER, note TEXT NOT NULL DEFAULT '', reports BLOB);
CREATE TABLE epochs (run TEXT NOT NULL, epoch INTEGER NOT NULL, numbers BLOB NOT NULL,
    PRIMARY KEY (run, epoch)) WITHOUT ROWID;
CREATE TABLE checkpoints (run TEXT NOT NULL, epoch INTEGER NOT NULL, best INTEGER NOT NULL,
    state BLOB NOT NULL, PRIMARY KEY (run, epoch));
CREATE TABLE forecasts (run TEXT PRIMARY KEY, epoch INTEGER NOT NULL, data BLOB NOT NULL);
"""


@pytest.fixture
def of_format_1(file, project, tmp_path):
    """A project as format 1 wrote it: a stopped run whose last checkpoint may lie inside an epoch."""
    path = tmp_path / "old.tsrnn"
    old = sqlite3.connect(path)
    old.executescript(f"PRAGMA application_id={APPLICATION_ID};PRAGMA user_version=1;{FORMAT_1}")
    for table in ("state", "series"):
        for row in file._db.execute(f"SELECT * FROM {table}"):
            old.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    key, experiment = series_key(project.series), msgspec.json.encode(project.experiment)
    for run, status in (("first", "completed"), ("second", "stopped")):
        old.execute(
            "INSERT INTO runs (id, created, status, experiment, series, parent) VALUES (?, ?, ?, ?, ?, '')",
            (run, "2026-11-01T10:00:00.000+00:00", status, experiment, key),
        )
        for epoch, best in ((4, 1), (6, 0)):
            old.execute("INSERT INTO checkpoints VALUES (?, ?, ?, ?)", (run, epoch, best, bytes([epoch])))
        numbers = msgspec.json.encode(Epoch(0, 1.0, 2.0, None, None, 1e-3, 0.1))
        old.execute("INSERT INTO epochs VALUES (?, 0, ?)", (run, numbers))
    old.commit()
    old.close()
    return path


@pytest.mark.parametrize("read_only", [True, False])
def test_that_a_project_of_format_1_opens_with_all_it_holds(of_format_1, project, read_only):
    before = of_format_1.read_bytes()
    with ProjectFile.open(of_format_1, read_only=read_only) as old:
        assert old.load().experiment == project.experiment
        first, second = old.runs()
        assert (first.id, first.past, first.epochs_done, second.status) == ("first", None, 1, "stopped")
        assert len(old.epochs("first")) == 1
        assert old.checkpoint("first", 7) == (6, b"\x06")
        assert old.checkpoint("second") == (6, b"\x06")
        assert old.checkpoint("second", 7) == (4, b"\x04")
    assert (of_format_1.read_bytes() == before) is read_only


def test_that_a_project_of_format_1_is_brought_up_to_date_when_it_is_opened_for_writing(of_format_1, project):
    with ProjectFile.open(of_format_1) as old:
        old.keep_checkpoint("second", 6, False, b"new", 9)
        old.begin_run("third", project.experiment, project.series, "second", Past((), 0))
    with ProjectFile.open(of_format_1) as again:
        assert again._db.execute("PRAGMA user_version").fetchone() == (2,)
        assert again._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert again.checkpoint("second") == (6, b"new")
        assert held(again, "second") == [(4, 0), (6, 9)]
        assert [run.parent for run in again.runs()] == ["", "", "second"]


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
from tsrnn_gui.core.past import Past, past_until
from tsrnn_gui.core.presets import RECOMMENDED
from tsrnn_gui.core.runs import Epoch
from tsrnn_gui.core.series import Series
from tsrnn_gui.files.project_file import ProjectFile
from tsrnn_gui.files.series_blob import series_key
from tsrnn_gui.files.project_schema import APPLICATION_ID
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
