"""What a Linux desktop reads about the program: menu entry, description, file type and icons."""

from __future__ import annotations

import datetime
import shutil
import subprocess
import time
from pathlib import Path

from shell import ROOT

SOURCES = ROOT / "packaging" / "linux"
METAINFO = "io.github.tsrnn_gui.metainfo.xml"


def write(share: Path, made: Path, version: str) -> None:
    """Fill ``share`` (the later /usr/share) with the desktop's files; ``made`` holds the icons."""
    _filled(SOURCES / "tsrnn_gui.desktop", share / "applications" / "tsrnn_gui.desktop")
    release = {"@VERSION@": version, "@DATE@": released().date().isoformat()}
    _filled(SOURCES / METAINFO, share / "metainfo" / METAINFO, release)
    number = {"@APPLICATION_ID@": f"0x{_application_id():08x}"}
    _filled(SOURCES / "tsrnn-mime.xml", share / "mime" / "packages" / "tsrnn.xml", number)
    icons = share / "icons" / "hicolor"
    for picture in sorted(made.glob("tsrnn-*.png")):
        size = picture.stem.removeprefix("tsrnn-")
        _icon(picture, icons / f"{size}x{size}", ".png")
    _icon(ROOT / "resources" / "icons" / "tsrnn.svg", icons / "scalable", ".svg")


def checked(share: Path) -> list[str]:
    """Give what the desktops' own checkers, where installed, have to say; empty is good."""
    entry, metainfo = share / "applications" / "tsrnn_gui.desktop", share / "metainfo" / METAINFO
    commands = (
        ["desktop-file-validate", str(entry)],
        ["appstreamcli", "validate", "--no-net", str(metainfo)],
    )
    complaints = []
    for command in commands:
        if shutil.which(command[0]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            complaints += [done.stdout + done.stderr] if done.returncode else []
    return complaints


def _application_id() -> int:
    """The number stands in the code that writes projects; a second copy would drift."""
    from tsrnn_gui.files.project_schema import APPLICATION_ID

    return APPLICATION_ID


def released() -> datetime.datetime:
    """Give the time of the commit that is built, so that a second build gives the same files."""
    command = ["git", "log", "-1", "--format=%ct"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = int(done.stdout) if done.stdout.strip().isdigit() else int(time.time())
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _filled(source: Path, target: Path, values: dict[str, str] | None = None) -> None:
    text = source.read_text(encoding="utf-8")
    for name, value in (values or {}).items():
        text = text.replace(name, value)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def _icon(picture: Path, folder: Path, suffix: str) -> None:
    for place, name in (("apps", "tsrnn"), ("mimetypes", "application-x-tsrnn")):
        (folder / place).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, folder / place / f"{name}{suffix}")
