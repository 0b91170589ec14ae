"""The checkout's own ``.venv``: made once, brought up to date when the pinned packages change."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from shell import ROOT, apt_installed, ran, say, stop

VENV = ROOT / ".venv"
LOCK = ROOT / "packaging" / "requirements.lock"
_BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = _BIN / ("python.exe" if os.name == "nt" else "python")
_STAMP = VENV / "tsrnn-setup.json"


def program(name: str) -> Path:
    """Give the path of an installed command."""
    return _BIN / (f"{name}.exe" if os.name == "nt" else name)


def qt_folder() -> Path:
    """Give the folder of the installed Qt, whose libraries the system must complete."""
    found = sorted(VENV.glob("lib/python3*/site-packages/PySide6/Qt"))
    return found[-1] if found else VENV / "Qt"


def ready(extras: Sequence[str] = ()) -> None:
    """Make ``.venv`` hold the pinned packages and this project, with ``extras``; stop if it cannot be."""
    wanted = sorted({*extras, *_installed_extras()})
    state = {"digest": _digest(), "extras": wanted}
    if _stamped() == state:
        return
    if not ran([PYTHON, "-c", "import pip"], quiet=True):
        _make()
    _STAMP.unlink(missing_ok=True)
    say("Installing the pinned packages into .venv (the first time about 1.7 GB and a few minutes)")
    project = f"{ROOT}[{','.join(wanted)}]" if wanted else str(ROOT)
    pip: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "--quiet",
        "-c",
        LOCK,
    ]
    steps = ([*pip, "hatchling", "editables"], [*pip, "--no-build-isolation", "-e", project])
    if not all(ran(step) for step in steps):
        stop(
            "The packages could not be installed.",
            "See pip's message above, then run the same command again.",
        )
    _STAMP.write_text(json.dumps(state), encoding="utf-8")


def _digest() -> str:
    """Everything that decides what the environment holds, so that nothing is done when none changed."""
    parts = [LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _stamped() -> dict[str, object]:
    try:
        return dict(json.loads(_STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _installed_extras() -> list[str]:
    extras = _stamped().get("extras", [])
    return [str(extra) for extra in extras] if isinstance(extras, list) else []


def _make() -> None:
    say(f"Making .venv with Python {sys.version.split()[0]}")
    if not ran([sys.executable, "-c", "import ensurepip, venv"], quiet=True):
        _bring_venv_module()
    shutil.rmtree(VENV, ignore_errors=True)
    if not ran([sys.executable, "-m", "venv", VENV]):
        stop(
            "Python could not make a virtual environment in .venv.",
            "See its message above, then run the same command again.",
        )


def _bring_venv_module() -> None:
    """Debian and Ubuntu ship Python without the part that makes environments."""
    package = f"python3.{sys.version_info.minor}-venv"
    if not apt_installed([package]):
        stop(
            "This Python cannot make virtual environments.",
            f"Install what is missing with: sudo apt-get install {package} — then run this again.",
        )
