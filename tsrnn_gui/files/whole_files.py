"""Writes files so that each is there whole or not at all, and those that belong together all or none."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path

from tsrnn_gui.core.problems import TsrnnError


def write_whole(path: Path, content: bytes) -> None:
    """Put ``content`` beside ``path``, on the disk, and then in its place. Raises TsrnnError."""
    write_all({path: content})


def write_all(files: dict[Path, bytes]) -> None:
    """Put every content beside its path, on the disk; only when all are there, move each into its place.

    Raises TsrnnError; what was there before is then unchanged.
    """
    staged: dict[Path, Path] = {}
    try:
        for name, content in files.items():
            path = Path(os.path.realpath(name))
            try:
                staged[path] = _beside(path)
                _stage(path, staged[path], content)
            except (OSError, ValueError) as error:
                raise _refused(path, error) from error
        _move(staged)
    finally:
        for beside in staged.values():
            beside.unlink(missing_ok=True)


def write_set(files: dict[Path, bytes]) -> None:
    """Write a file and those that go with it, as ``write_all`` does.

    Raises TsrnnError too where one of the others is there without the first, and holds something else: it is
    somebody else's.
    """
    first, *others = files
    strangers = [] if first.exists() else [path.name for path in others if _differs(path, files[path])]
    if strangers:
        raise TsrnnError(
            f"{strangers[0]} is there already, and {first.name} goes with a file of that name.",
            hint="Choose another name or folder.",
        )
    write_all(files)


def _differs(path: Path, content: bytes) -> bool:
    try:
        return path.exists() and (path.stat().st_size != len(content) or path.read_bytes() != content)
    except OSError:
        return True


def _beside(path: Path) -> Path:
    return path.parent / f".{path.name[:80]}.{secrets.token_hex(4)}.part"


def _stage(path: Path, beside: Path, content: bytes) -> None:
    with open(beside, "xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if path.exists():
        os.chmod(beside, path.stat().st_mode & 0o7777)


def _move(staged: dict[Path, Path]) -> None:
    """Rename each; where one of several cannot be, those renamed before it are put back."""
    before: dict[Path, Path | None] = {}
    try:
        for path, beside in staged.items():
            try:
                before[path] = _kept(path) if len(staged) > 1 else None
                os.replace(beside, path)
            except (OSError, ValueError) as error:
                _put_back(before, path)
                raise _refused(path, error) from error
    finally:
        for old in before.values():
            if old is not None:
                old.unlink(missing_ok=True)
    for folder in {path.parent for path in staged}:
        _sync_folder(folder)


def _kept(path: Path) -> Path | None:
    """Give a second name to the file at ``path``, if there is one."""
    if not path.exists():
        return None
    beside = _beside(path)
    try:
        os.link(path, beside)
    except OSError:  # a disk without links: a copy serves as well
        beside.write_bytes(path.read_bytes())
    return beside


def _put_back(before: dict[Path, Path | None], failed: Path) -> None:
    for path, old in before.items():
        with suppress(OSError):
            if path == failed:
                continue
            if old is None:
                path.unlink(missing_ok=True)
            else:
                os.replace(old, path)


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where folders can be synced at all."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def _refused(path: Path, error: OSError | ValueError) -> TsrnnError:
    code = getattr(error, "errno", None)
    hints = {
        errno.ENOSPC: "The disk is full: free some space or choose another folder.",
        errno.EDQUOT: "The quota is used up: free some space or choose another folder.",
        errno.EFBIG: "The disk is full: free some space or choose another folder.",
        errno.ENOENT: "The folder is not there: choose another one.",
        errno.EISDIR: "A folder has this name: choose another one.",
        errno.ENAMETOOLONG: "The name is too long: choose a shorter one.",
    }
    hint = hints.get(code or 0, "Choose a folder you may write to, and close the file in other programs.")
    return TsrnnError(f"{path.name} could not be written; what was there is unchanged.", hint, str(error))
