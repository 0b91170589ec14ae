"""Opens the database of a project: its tables, its format, and the way from an older one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files.sqlite_words import told

APPLICATION_ID = 0x5453524E
FORMAT = 2
TABLES = """
CREATE TABLE state (only INTEGER PRIMARY KEY CHECK (only = 1), experiment BLOB NOT NULL,
    series TEXT, future_steps INTEGER NOT NULL);
CREATE TABLE series (key TEXT PRIMARY KEY, description BLOB NOT NULL, data BLOB NOT NULL);
CREATE TABLE runs (id TEXT PRIMARY KEY, created TEXT NOT NULL, status TEXT NOT NULL,
    experiment BLOB NOT NULL, series TEXT NOT NULL, parent TEXT NOT NULL, weights INTEGER,
    best_epoch INTEGER, note TEXT NOT NULL DEFAULT '', reports BLOB, past BLOB,
    explosion BLOB);
CREATE TABLE epochs (run TEXT NOT NULL, epoch INTEGER NOT NULL, numbers BLOB NOT NULL,
    PRIMARY KEY (run, epoch)) WITHOUT ROWID;
CREATE TABLE checkpoints (run TEXT NOT NULL, epoch INTEGER NOT NULL, step INTEGER NOT NULL,
    best INTEGER NOT NULL, state BLOB NOT NULL, PRIMARY KEY (run, epoch, step));
CREATE TABLE forecasts (run TEXT PRIMARY KEY, epoch INTEGER NOT NULL, data BLOB NOT NULL);
"""
_NAMES = {"state", "series", "runs", "epochs", "checkpoints", "forecasts"}

# Format 1 knew neither pasts, explosions nor steps. It kept no more than the newest and the newest best
# checkpoint, and only the newest of a stopped run may lie inside an epoch.
_STEP_OF_1 = "NOT best AND (SELECT status FROM {}runs WHERE id = old.run) = 'stopped'"
_CHECKPOINTS = next(line for line in TABLES.split(";") if "CREATE TABLE checkpoints" in line)
_FROM_1 = f"""
ALTER TABLE runs ADD COLUMN past BLOB;
ALTER TABLE runs ADD COLUMN explosion BLOB;
ALTER TABLE checkpoints RENAME TO old;
{_CHECKPOINTS};
INSERT INTO checkpoints SELECT run, epoch, {_STEP_OF_1.format("")}, best, state FROM old;
DROP TABLE old;
"""
_SEEN_FROM_1 = f"""
CREATE TEMP VIEW runs AS SELECT rowid, *, NULL AS past, NULL AS explosion FROM main.runs;
CREATE TEMP VIEW checkpoints AS SELECT run, epoch, {_STEP_OF_1.format("main.")} AS step, best, state
    FROM main.checkpoints old;
"""


def opened(path: Path, read_only: bool) -> sqlite3.Connection:
    """Connect to a project that is there, of this format or an older one. Raises TsrnnError."""
    _check_header(path)
    with told(path, "opened"):
        db = connected(path, read_only)
        try:
            if _checked_format(path, db) < FORMAT:
                _bring_up_to_date(db, read_only)
        except BaseException:
            db.close()
            raise
    return db


def _bring_up_to_date(db: sqlite3.Connection, read_only: bool) -> None:
    """What may not be written is seen through views that have the names of its tables."""
    if read_only:
        db.executescript(_SEEN_FROM_1)
        return
    db.execute("BEGIN IMMEDIATE")
    with db:
        if _format(db) < FORMAT:  # unless another connection has just done it
            for statement in _FROM_1.split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version={FORMAT}")


def _format(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def connected(path: Path, read_only: bool) -> sqlite3.Connection:
    """Connect to the database at ``path``, making it unless ``read_only``. Raises sqlite3.Error."""
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


def _checked_format(path: Path, db: sqlite3.Connection) -> int:
    """What is not in the vocabulary does not load: no foreign tables, views or triggers."""
    version = _format(db)
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
    return version
