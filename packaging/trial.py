"""What the trials of a bundle share: a copy elsewhere, an empty home, processes and what they have mapped."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Found = TypeVar("Found")
OWN_LIBRARIES = "/opt/users-own"


class Unfit(Exception):
    """What the bundle did not do."""


@dataclass(frozen=True)
class Bench:
    """Where a bundle is tried: its copy, a folder for what it writes, and the screen's name."""

    bundle: Path
    folder: Path
    display: str

    def environment(self) -> dict[str, str]:
        """Give an environment with nothing but a home, a screen and a library path of the user's."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return {"HOME": str(home), "DISPLAY": self.display, "LD_LIBRARY_PATH": OWN_LIBRARIES}

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a program of the bundle from a folder that is not its own."""
        return subprocess.Popen(
            [str(self.bundle / name), *arguments],
            env=self.environment(),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=(self.folder / f"{name}.out").open("ab"),
            stderr=subprocess.STDOUT,
        )

    def said(self, name: str) -> str:
        """Give what a started program has printed."""
        return (self.folder / f"{name}.out").read_text(errors="replace")[-4000:]


def expect(condition: object, sentence: str) -> None:
    """Raise Unfit with ``sentence`` unless ``condition`` holds."""
    if not condition:
        raise Unfit(sentence)


def until(look: Callable[[], Found | None], seconds: float, sentence: str) -> Found:
    """Look again and again until something is there; Unfit after ``seconds``."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (found := look()) is not None:
            return found
        time.sleep(0.02)
    raise Unfit(sentence)


def child(pid: int, name: str) -> int | None:
    """Give the process id of the child of ``pid`` that runs program ``name``."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid and Path(os.readlink(entry / "exe")).name == name:
                return int(entry.name)
    return None


def mapped(pid: int) -> str:
    """Give the files that a process has mapped, in lower case, one a line."""
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return "\n".join(sorted({line.split(maxsplit=5)[5].lower() for line in lines if line.count("/")}))


@contextlib.contextmanager
def copied(bundle: Path, folder: Path) -> Iterator[Path]:
    """Yield a read-only copy of ``bundle`` below ``folder``."""
    copy = folder / "another place" / "tsrnn_gui"
    shutil.copytree(bundle, copy, symlinks=True)
    everything = [copy, *copy.rglob("*")]
    for path in everything:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222)
    try:
        yield copy
    finally:
        for path in everything:
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)


def listing(folder: Path) -> set[tuple[str, int, int]]:
    """Give name, size and time of every file, to tell later whether something was written."""
    return {
        (str(path.relative_to(folder)), stat.st_size, stat.st_mtime_ns)
        for path in folder.rglob("*")
        for stat in [path.lstat()]
    }
