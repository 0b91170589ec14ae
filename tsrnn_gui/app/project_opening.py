"""Which project a window opens, who else has it open, and where new ones live."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from PySide6.QtCore import QLockFile

from tsrnn_gui.app.one_window import Door, came_forward
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.project import Project
from tsrnn_gui.files.project_file import SUFFIX, ProjectFile
from tsrnn_gui.paths import data_folder


class OpenProject:
    """A project file, the lock on it, and the door to its window.

    While another window has the lock, the file is open for reading only.
    """

    def __init__(self, path: Path, create: bool = False) -> None:
        self.path = path
        self._lock = _lock(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.locked = self._lock.tryLock(0)
        self.owner = "" if self.locked else self._holder()
        self.door = None if self.owner else Door(path)
        try:
            self.file = ProjectFile.create(path, Project()) if create else self._opened()
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let another window have it."""
        if self.door is not None:
            self.door.close()
        if self.locked:
            self._lock.unlock()
            self.locked = False

    def _opened(self) -> ProjectFile:
        file = ProjectFile.open(self.path, read_only=bool(self.owner))
        if self.locked:
            file.mark_interrupted()
        return file

    def _holder(self) -> str:
        """A folder that cannot be written has no lock either; only a living owner counts."""
        if self._lock.error() != QLockFile.LockError.LockFailedError:
            return ""
        found: Any = self._lock.getLockInfo()
        pid, host, program = found[-3:]
        return f"{program} (process {pid} on {host})" if pid else "another program"


def _lock(path: Path) -> QLockFile:
    """The lock lies beside the file itself, whichever links lead to it; a dead owner's counts for nothing."""
    lock = QLockFile(f"{path.resolve()}.lock")
    lock.setStaleLockTime(0)
    return lock


def expect_unused(path: Path) -> None:
    """Raise TsrnnError if a window has the project at ``path``, which must not be replaced under it."""
    lock = _lock(path)
    if lock.tryLock(0):
        lock.unlock()
    elif lock.error() == QLockFile.LockError.LockFailedError:
        raise TsrnnError(
            f"{path.name} is open in a window and cannot be replaced.",
            hint="Choose another name, or close that project first.",
        )


def opened_or_raised(path: Path) -> OpenProject | None:
    """Open the project at ``path``; None if another window has it, which has then come forward."""
    if came_forward(path):
        return None
    opened = OpenProject(path)
    if opened.owner and came_forward(path):  # that window began at the same moment
        opened.file.close()
        return None
    return opened


def new_path() -> Path:
    """Give a place in the data folder for a project without a name yet."""
    stamp = datetime.now().strftime("%Y-%m-%d %H%M%S")
    return data_folder() / "projects" / f"{stamp} {uuid4().hex[:4]}{SUFFIX}"


def unnamed(path: Path) -> bool:
    """Whether ``path`` is a project that was never saved under a name."""
    return path.parent == data_folder() / "projects"
