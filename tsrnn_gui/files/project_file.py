"""A ``.tsrnn`` project: one SQLite database in which every edit and epoch is a committed transaction."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from tsrnn_gui.core.checkpoints import Mark, staying
from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.explosions import Explosion
from tsrnn_gui.core.past import Past
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.project import Project
from tsrnn_gui.core.runs import Epoch, Report, RunRecord
from tsrnn_gui.core.series import Series
from tsrnn_gui.files.project_schema import APPLICATION_ID, FORMAT, TABLES, connected, opened
from tsrnn_gui.files.series_blob import packed, series_key, unpacked
from tsrnn_gui.files.sqlite_words import told

SUFFIX = ".tsrnn"
_PIECE = 1 << 20


class ProjectFile:
    """One open connection to a project; use it in the thread that opened it."""

    def __init__(self, path: Path, connection: sqlite3.Connection, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._db = connection

    @classmethod
    def create(cls, path: Path, project: Project | None = None) -> ProjectFile:
        """Make a new project at ``path``, replacing what is there. Raises TsrnnError."""
        with told(path, "created"):
            path.parent.mkdir(parents=True, exist_ok=True)
            for suffix in ("", "-wal", "-shm", "-journal"):
                Path(f"{path}{suffix}").unlink(missing_ok=True)
            db = connected(path, read_only=False)
            db.executescript(
                f"PRAGMA application_id={APPLICATION_ID};PRAGMA user_version={FORMAT};BEGIN;{TABLES}COMMIT;"
            )
            # Until then the header that others know a project by stands in the journal only.
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            file = cls(path, db, read_only=False)
        file.keep(project or Project())
        return file

    @classmethod
    def open(cls, path: Path, read_only: bool = False) -> ProjectFile:
        """Open the project at ``path``; read-only where it cannot be written. Raises TsrnnError."""
        read_only = read_only or not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK)
        return cls(path, opened(path, read_only), read_only)

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
        with told(self.path, "read"):
            row = self._db.execute("SELECT experiment, series, future_steps FROM state").fetchone()
        if row is None:
            raise TsrnnError(f"{self.path.name} holds no experiment.", hint="Open another project.")
        return Project(self.series(row[1]) if row[1] else None, self._experiment(row[0]), int(row[2]))

    def keep(self, project: Project) -> None:
        """Write ``project`` as one transaction; a series that is there already is not written again."""
        key = series_key(project.series) if project.series is not None else None
        with told(self.path, "saved"), self._db:
            if project.series is not None and key is not None:
                self._keep_series(key, project.series)
            self._db.execute(
                "INSERT OR REPLACE INTO state VALUES (1, ?, ?, ?)",
                (msgspec.json.encode(project.experiment), key, project.future_steps),
            )

    def series(self, key: str) -> Series:
        """Read the series kept under ``key``."""
        with told(self.path, "read"):
            row = self._db.execute("SELECT description, data FROM series WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise TsrnnError("The project's series is missing.", hint="Open the original file again.")
        return unpacked(*row)

    def keep_series(self, series: Series, progress: Callable[[float], object] = lambda share: None) -> None:
        """Write ``series`` beforehand, so that keeping a project with it costs nothing.

        ``progress`` hears the share that is done and may raise; then nothing is written.
        """
        key = series_key(series, lambda share: progress(0.3 * share))
        description, table = packed(series)
        progress(0.7)
        with told(self.path, "saved"), self._db:
            room = "INSERT OR IGNORE INTO series VALUES (?, ?, zeroblob(?))"
            made = self._db.execute(room, (key, description, len(table)))
            if made.rowcount:
                self._fill(made.lastrowid, table, lambda share: progress(0.7 + 0.3 * share))

    def _fill(self, row: int | None, table: memoryview, progress: Callable[[float], object]) -> None:
        """Write in pieces: Python copies what it binds, and lets no other thread work meanwhile."""
        assert row is not None
        with self._db.blobopen("series", "data", row) as blob:
            for first in range(0, len(table), _PIECE):
                blob.write(table[first : first + _PIECE])
                progress(min(first + _PIECE, len(table)) / len(table))

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

    def begin_run(
        self,
        run: str,
        experiment: Experiment,
        series: Series,
        parent: str = "",
        past: Past | None = None,
        epochs: Sequence[Epoch] = (),
    ) -> None:
        """Write down that ``run`` begins, on ``series``; or leaves ``parent`` after ``epochs``."""
        key = series_key(series)
        story = [(run, epoch.epoch, msgspec.json.encode(epoch)) for epoch in epochs]
        kept = msgspec.json.encode(past) if past is not None else None
        with told(self.path, "saved"), self._db:
            self._keep_series(key, series)
            self._db.execute(
                "INSERT INTO runs (id, created, status, experiment, series, parent, past)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (run, _now(), "running", msgspec.json.encode(experiment), key, parent, kept),
            )
            self._db.executemany("INSERT INTO epochs VALUES (?, ?, ?)", story)

    def take_up_run(self, run: str) -> None:
        """Write down that ``run``, which had ended, goes on."""
        self._write("UPDATE runs SET status = 'running', note = '' WHERE id = ?", run)

    def keep_start(self, run: str, weights: int, first_epoch: int) -> None:
        """Keep how many weights the run trains; epochs from ``first_epoch`` on will be told again."""
        with told(self.path, "saved"), self._db:
            self._db.execute("UPDATE runs SET weights = ? WHERE id = ?", (weights, run))
            self._db.execute("DELETE FROM epochs WHERE run = ? AND epoch >= ?", (run, first_epoch))

    def keep_epoch(self, run: str, epoch: Epoch) -> None:
        """Keep one epoch's numbers."""
        self._write(
            "INSERT OR REPLACE INTO epochs VALUES (?, ?, ?)", run, epoch.epoch, msgspec.json.encode(epoch)
        )

    def keep_checkpoint(self, run: str, epoch: int, best: bool, state: bytes, step: int = 0) -> None:
        """Keep a state to go on from after ``epoch`` and ``step`` steps; core.checkpoints says which stay."""
        with told(self.path, "saved"), self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO checkpoints (run, epoch, step, best, state) VALUES (?, ?, ?, ?, ?)",
                (run, epoch, step, best, state),
            )
            marks = self._marks(run)
            self._db.executemany(
                "DELETE FROM checkpoints WHERE run = ? AND epoch = ? AND step = ?",
                [(run, mark.epoch, mark.step) for mark in {*marks} - staying(marks)],
            )

    def _marks(self, run: str) -> list[Mark]:
        with told(self.path, "read"):
            rows = self._db.execute(
                "SELECT epoch, step, best, length(state) FROM checkpoints WHERE run = ?", (run,)
            ).fetchall()
        return [Mark(epoch, step, bool(best), size) for epoch, step, best, size in rows]

    def keep_forecast(self, run: str, epoch: int, blob: bytes) -> None:
        """Keep the run's forecast, an encoded message."""
        self._write("INSERT OR REPLACE INTO forecasts VALUES (?, ?, ?)", run, epoch, blob)

    def keep_reports(self, run: str, reports: tuple[Report, ...]) -> None:
        """Keep how the run's forecast was judged."""
        self._write("UPDATE runs SET reports = ? WHERE id = ?", msgspec.json.encode(reports), run)

    def end_run(
        self, run: str, status: str, best_epoch: int | None, note: str, explosion: Explosion | None = None
    ) -> None:
        """Write down how the run ended."""
        self._write(
            "UPDATE runs SET status = ?, best_epoch = coalesce(?, best_epoch), note = ?, explosion = ?"
            " WHERE id = ?",
            *(status, best_epoch, note),
            msgspec.json.encode(explosion) if explosion is not None else None,
            run,
        )

    def mark_interrupted(self) -> None:
        """Runs that still say "running" when a project is opened were cut off."""
        if not self.read_only:
            self._write("UPDATE runs SET status = 'interrupted' WHERE status = 'running'")

    def delete_run(self, run: str) -> None:
        """Remove a run with all that was kept of it."""
        with told(self.path, "saved"), self._db:
            self._db.execute("DELETE FROM runs WHERE id = ?", (run,))
            for table in ("epochs", "checkpoints", "forecasts"):
                self._db.execute(f"DELETE FROM {table} WHERE run = ?", (run,))

    def runs(self) -> list[RunRecord]:
        """List the runs, oldest first."""
        with told(self.path, "read"):
            rows = self._db.execute(
                "SELECT id, created, status, experiment, series, parent, weights, best_epoch, note, reports,"
                " (SELECT count(*) FROM epochs WHERE run = id), past, rowid,"
                " (SELECT p.rowid FROM runs p WHERE p.id = runs.parent), explosion"
                " FROM runs ORDER BY created, rowid"
            ).fetchall()
        return [self._run(row) for row in rows]

    def _run(self, row: tuple[Any, ...]) -> RunRecord:
        reports = self._decoded(row[9], tuple[Report, ...]) if row[9] else ()
        return RunRecord(
            id=row[0],
            created=row[1],
            status=row[2],
            experiment=self._experiment(row[3]),
            series_key=row[4],
            parent=row[5],
            weights=row[6],
            best_epoch=row[7],
            note=row[8],
            reports=reports,
            epochs_done=row[10],
            past=self._decoded(row[11], Past) if row[11] else None,
            number=row[12],
            parent_number=row[13],
            explosion=self._decoded(row[14], Explosion) if row[14] else None,
        )

    def epochs(self, run: str) -> list[Epoch]:
        """List the epochs kept of ``run``, in order."""
        with told(self.path, "read"):
            rows = self._db.execute(
                "SELECT numbers FROM epochs WHERE run = ? ORDER BY epoch", (run,)
            ).fetchall()
        return [self._decoded(row[0], Epoch) for row in rows]

    def checkpoint(self, run: str, epochs: int | None = None) -> tuple[int, bytes] | None:
        """Give (epoch, state) of the newest checkpoint of ``run``, or the newest within ``epochs`` epochs.

        One that was made inside an epoch has gone further than the epochs before it.
        """
        most = 1 << 62 if epochs is None else epochs
        with told(self.path, "read"):
            row = self._db.execute(
                "SELECT epoch, state FROM checkpoints WHERE run = ? AND epoch + (step > 0) < ?"
                " ORDER BY epoch DESC, step DESC LIMIT 1",
                (run, most),
            ).fetchone()
        return (int(row[0]), bytes(row[1])) if row else None

    def nearest_state(self, run: str, epochs: int | None = None) -> bytes:
        """Give the newest checkpoint of ``run`` or its parents within ``epochs`` epochs, b"" for none.

        Without one everything is trained again from the very start, which the run's past describes.
        """
        holder = self._holder(run, epochs)
        kept = self.checkpoint(*holder[:2]) if holder else None
        return kept[1] if kept else b""

    def nearest_epochs(self, run: str, epochs: int) -> int:
        """Give how many of ``epochs`` epochs of ``run`` need not be trained again to come to their end."""
        holder = self._holder(run, epochs)
        return holder[2] if holder else 0

    def _holder(self, run: str, epochs: int | None) -> tuple[str, int | None, int] | None:
        """Find who holds the nearest checkpoint: (run, within how many epochs, epochs done in it)."""
        records = {record.id: record for record in self.runs()}
        while (record := records.pop(run, None)) is not None:
            done = [
                mark.epoch + 1
                for mark in self._marks(run)
                if epochs is None or mark.epoch + (mark.step > 0) < epochs
            ]
            if done:
                return run, epochs, max(done)
            if record.past is None:
                break
            shared = record.past.until
            run, epochs = record.parent, shared if epochs is None else min(shared, epochs)
        return None

    def forecast(self, run: str) -> bytes | None:
        """Give the run's forecast as it was kept."""
        with told(self.path, "read"):
            row = self._db.execute("SELECT data FROM forecasts WHERE run = ?", (run,)).fetchone()
        return bytes(row[0]) if row else None

    # ---- copies

    def copied_to(self, target: Path) -> None:
        """Write a whole copy beside ``target`` and move it into place, so a full disk harms nothing."""
        part = target.with_name(f".{target.name}.part")
        with told(target, "written"):
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
        with told(self.path, "saved"), self._db:
            self._db.execute(statement, values)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
