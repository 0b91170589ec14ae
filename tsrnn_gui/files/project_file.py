"""A ``.tsrnn`` project: one SQLite database in which every edit and epoch is a committed transaction."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any
from weakref import WeakKeyDictionary

import msgspec

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.project import Project
from tsrnn_gui.core.runs import Epoch, Report, RunRecord
from tsrnn_gui.core.series import Series
from tsrnn_gui.files.series_blob import packed, unpacked

SUFFIX = ".tsrnn"
APPLICATION_ID = 0x5453524E
FORMAT = 1
_LARGEST_TEXT = 16 << 20
_TABLES = """
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
_NAMES = {"state", "series", "runs", "epochs", "checkpoints", "forecasts"}


class ProjectFile:
    """One open connection to a project; use it in the thread that opened it."""

    def __init__(self, path: Path, connection: sqlite3.Connection, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._db = connection

    @classmethod
    def create(cls, path: Path, project: Project | None = None) -> ProjectFile:
        """Make a new project at ``path``, replacing what is there. Raises TsrnnError."""
        with _told(path, "created"):
            path.parent.mkdir(parents=True, exist_ok=True)
            for suffix in ("", "-wal", "-shm", "-journal"):
                Path(f"{path}{suffix}").unlink(missing_ok=True)
            db = _connected(path, read_only=False)
            db.executescript(
                f"PRAGMA application_id={APPLICATION_ID};PRAGMA user_version={FORMAT};BEGIN;{_TABLES}COMMIT;"
            )
            # Until then the header that others know a project by stands in the journal only.
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            file = cls(path, db, read_only=False)
        file.keep(project or Project())
        return file

    @classmethod
    def open(cls, path: Path, read_only: bool = False) -> ProjectFile:
        """Open the project at ``path``; read-only where it cannot be written. Raises TsrnnError."""
        _check_header(path)
        read_only = read_only or not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK)
        with _told(path, "opened"):
            db = _connected(path, read_only)
            try:
                _check_schema(path, db)
            except BaseException:
                db.close()
                raise
        return cls(path, db, read_only)

    def __enter__(self) -> ProjectFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; closing twice does no harm."""
        self._db.close()

    # ---- the project value

    def load(self) -> Project:
        """Read the project. Raises TsrnnError for what is not in the vocabulary."""
        with _told(self.path, "read"):
            row = self._db.execute("SELECT experiment, series, future_steps FROM state").fetchone()
        if row is None:
            raise TsrnnError(f"{self.path.name} holds no experiment.", hint="Open another project.")
        return Project(self.series(row[1]) if row[1] else None, self._experiment(row[0]), int(row[2]))

    def keep(self, project: Project) -> None:
        """Write ``project`` as one transaction; a series that is there already is not written again."""
        key = series_key(project.series) if project.series is not None else None
        with _told(self.path, "saved"), self._db:
            if project.series is not None and key is not None:
                self._keep_series(key, project.series)
            self._db.execute(
                "INSERT OR REPLACE INTO state VALUES (1, ?, ?, ?)",
                (msgspec.json.encode(project.experiment), key, project.future_steps),
            )

    def series(self, key: str) -> Series:
        """Read the series kept under ``key``."""
        with _told(self.path, "read"):
            row = self._db.execute("SELECT description, data FROM series WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise TsrnnError("The project's series is missing.", hint="Open the original file again.")
        return unpacked(*row)

    def _keep_series(self, key: str, series: Series) -> None:
        known = self._db.execute("SELECT 1 FROM series WHERE key = ?", (key,)).fetchone()
        if not known:
            self._db.execute("INSERT INTO series VALUES (?, ?, ?)", (key, *packed(series)))

    def _experiment(self, data: bytes) -> Experiment:
        try:
            return msgspec.json.decode(data, type=Experiment)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise TsrnnError(
                f"{self.path.name} describes an experiment that this version does not know.",
                hint="Open it with the version that wrote it.",
                details=str(error),
            ) from error

    def _decoded(self, data: bytes, kind: Any) -> Any:
        try:
            return msgspec.json.decode(data, type=kind)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise TsrnnError(
                f"A run kept in {self.path.name} is damaged.",
                hint="Delete that run, or open a copy from before.",
                details=str(error),
            ) from error

    # ---- runs

    def begin_run(self, run: str, experiment: Experiment, series: Series, parent: str = "") -> None:
        """Write down that ``run`` begins, on ``series``."""
        key = series_key(series)
        with _told(self.path, "saved"), self._db:
            self._keep_series(key, series)
            self._db.execute(
                "INSERT INTO runs (id, created, status, experiment, series, parent)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (run, _now(), "running", msgspec.json.encode(experiment), key, parent),
            )

    def keep_weights(self, run: str, weights: int) -> None:
        """Keep how many weights the run trains."""
        self._write("UPDATE runs SET weights = ? WHERE id = ?", weights, run)

    def keep_epoch(self, run: str, epoch: Epoch) -> None:
        """Keep one epoch's numbers."""
        self._write(
            "INSERT OR REPLACE INTO epochs VALUES (?, ?, ?)", run, epoch.epoch, msgspec.json.encode(epoch)
        )

    def keep_checkpoint(self, run: str, epoch: int, best: bool, state: bytes) -> None:
        """Keep a state to go on from; of each run only the newest and the newest best stay."""
        with _told(self.path, "saved"), self._db:
            self._db.execute(
                "DELETE FROM checkpoints WHERE run = ? AND (? OR NOT best OR epoch = ?)", (run, best, epoch)
            )
            self._db.execute("INSERT INTO checkpoints VALUES (?, ?, ?, ?)", (run, epoch, best, state))

    def keep_forecast(self, run: str, epoch: int, blob: bytes) -> None:
        """Keep the run's forecast, an encoded message."""
        self._write("INSERT OR REPLACE INTO forecasts VALUES (?, ?, ?)", run, epoch, blob)

    def keep_reports(self, run: str, reports: tuple[Report, ...]) -> None:
        """Keep how the run's forecast was judged."""
        self._write("UPDATE runs SET reports = ? WHERE id = ?", msgspec.json.encode(reports), run)

    def end_run(self, run: str, status: str, best_epoch: int | None, note: str) -> None:
        """Write down how the run ended."""
        self._write(
            "UPDATE runs SET status = ?, best_epoch = coalesce(?, best_epoch), note = ? WHERE id = ?",
            status,
            best_epoch,
            note,
            run,
        )

    def mark_interrupted(self) -> None:
        """Runs that still say "running" when a project is opened were cut off."""
        if not self.read_only:
            self._write("UPDATE runs SET status = 'interrupted' WHERE status = 'running'")

    def delete_run(self, run: str) -> None:
        """Remove a run with all that was kept of it."""
        with _told(self.path, "saved"), self._db:
            self._db.execute("DELETE FROM runs WHERE id = ?", (run,))
            for table in ("epochs", "checkpoints", "forecasts"):
                self._db.execute(f"DELETE FROM {table} WHERE run = ?", (run,))

    def runs(self) -> list[RunRecord]:
        """List the runs, oldest first."""
        with _told(self.path, "read"):
            rows = self._db.execute(
                "SELECT id, created, status, experiment, series, parent, weights, best_epoch, note, reports,"
                " (SELECT count(*) FROM epochs WHERE run = id) FROM runs ORDER BY created, rowid"
            ).fetchall()
        return [self._run(row) for row in rows]

    def _run(
        self, row: tuple[str, str, str, bytes, str, str, int | None, int | None, str, bytes | None, int]
    ) -> RunRecord:
        reports = self._decoded(row[9], tuple[Report, ...]) if row[9] else ()
        return RunRecord(
            id=row[0],
            created=row[1],
            status=row[2],  # type: ignore[arg-type]
            experiment=self._experiment(row[3]),
            series_key=row[4],
            parent=row[5],
            weights=row[6],
            best_epoch=row[7],
            note=row[8],
            reports=reports,
            epochs_done=row[10],
        )

    def epochs(self, run: str) -> list[Epoch]:
        """List the epochs kept of ``run``, in order."""
        with _told(self.path, "read"):
            rows = self._db.execute(
                "SELECT numbers FROM epochs WHERE run = ? ORDER BY epoch", (run,)
            ).fetchall()
        return [self._decoded(row[0], Epoch) for row in rows]

    def checkpoint(self, run: str) -> tuple[int, bytes] | None:
        """Give (epoch, state) of the newest checkpoint of ``run``."""
        with _told(self.path, "read"):
            row = self._db.execute(
                "SELECT epoch, state FROM checkpoints WHERE run = ? ORDER BY epoch DESC LIMIT 1", (run,)
            ).fetchone()
        return (int(row[0]), bytes(row[1])) if row else None

    def forecast(self, run: str) -> bytes | None:
        """Give the run's forecast as it was kept."""
        with _told(self.path, "read"):
            row = self._db.execute("SELECT data FROM forecasts WHERE run = ?", (run,)).fetchone()
        return bytes(row[0]) if row else None

    # ---- copies

    def copied_to(self, target: Path) -> None:
        """Write a whole copy beside ``target`` and move it into place, so a full disk harms nothing."""
        part = target.with_name(f".{target.name}.part")
        with _told(target, "written"):
            try:
                part.unlink(missing_ok=True)
                copy = sqlite3.connect(part)
                try:
                    self._db.backup(copy)
                    copy.execute("PRAGMA journal_mode=DELETE")
                finally:
                    copy.close()
                os.replace(part, target)
            except BaseException:
                part.unlink(missing_ok=True)
                raise

    def _write(self, statement: str, *values: object) -> None:
        with _told(self.path, "saved"), self._db:
            self._db.execute(statement, values)


_keys: WeakKeyDictionary[Series, str] = WeakKeyDictionary()


def series_key(series: Series) -> str:
    """Name a series by its content, so that equal series are kept once; hashed once a value."""
    if series not in _keys:
        _keys[series] = _digest(series)
    return _keys[series]


def _digest(series: Series) -> str:
    digest = hashlib.sha256()
    digest.update(repr((series.name, series.columns, series.source, series.season)).encode())
    digest.update(series.times.tobytes())
    digest.update(series.values.tobytes())
    return digest.hexdigest()


def _connected(path: Path, read_only: bool) -> sqlite3.Connection:
    mode = "ro" if read_only else "rwc"
    uri = f"{path.resolve().as_uri()}?mode={mode}" + ("&immutable=1" if _lone(path, read_only) else "")
    db = sqlite3.connect(uri, uri=True, timeout=10.0)
    for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "foreign_keys=OFF", "mmap_size=0"):
        db.execute(f"PRAGMA {pragma}")
    if not read_only:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
    return db


def _lone(path: Path, read_only: bool) -> bool:
    """Without a journal nobody writes, and looking must leave no journal behind either."""
    return read_only and not Path(f"{path}-wal").exists()


def _check_header(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except OSError as error:
        raise TsrnnError(
            f"{path.name} cannot be read: {error.strerror}.", hint="Check the path and the permissions."
        ) from error
    known = head[:16] == b"SQLite format 3\0" and int.from_bytes(head[68:72], "big") == APPLICATION_ID
    if len(head) < 100 or not known:
        raise TsrnnError(
            f"{path.name} is not a tsrnn project.",
            hint="Projects end in .tsrnn; open data files (CSV, Excel, Parquet) as a series instead.",
        )


def _check_schema(path: Path, db: sqlite3.Connection) -> None:
    """What is not in the vocabulary does not load: no foreign tables, views or triggers."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > FORMAT:
        raise TsrnnError(
            f"{path.name} was written by a newer version (format {version}, this one knows {FORMAT}).",
            hint="Install the newer version to open it.",
        )
    found = db.execute("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
    strange = [name for kind, name in found if kind != "table" or name not in _NAMES]
    if strange or {name for _, name in found} != _NAMES:
        raise TsrnnError(
            f"{path.name} is not a tsrnn project as this program writes it.",
            hint="It may be damaged or altered; open a copy from before.",
            details=f"unexpected: {strange}",
        )


@contextmanager
def _told(path: Path, done: str) -> Iterator[None]:
    """Turn what SQLite and the system say into a sentence with a way out."""
    try:
        yield
    except sqlite3.Error as error:
        raise TsrnnError(
            f"{path.name} could not be {done}: {error}.", hint=_way_out(error), details=repr(error)
        ) from error
    except (ValueError, OverflowError, TypeError) as error:  # text or numbers that a damaged page spoilt
        raise TsrnnError(
            f"{path.name} could not be {done}: it is damaged.",
            hint="Open a copy from before.",
            details=repr(error),
        ) from error
    except OSError as error:
        raise TsrnnError(
            f"{path.name} could not be {done}: {error.strerror or error}.",
            hint="Choose another folder, or free some space.",
            details=repr(error),
        ) from error


def _way_out(error: sqlite3.Error) -> str:
    text = str(error)
    if "full" in text or "disk I/O" in text:
        return "Free some space, or save a copy elsewhere; what was saved before is untouched."
    if "malformed" in text or "not a database" in text:
        return "The file is damaged; open a copy from before."
    if "readonly" in text or "locked" in text:
        return "Another program uses the file or it may not be written; save a copy elsewhere."
    return "Save a copy elsewhere."


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
