"""What the packaging scripts share: stopping with one sentence, running a command, becoming root for apt."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent


def say(text: str) -> None:
    """Tell the user what happens now, in order with what the commands print."""
    print(f"== {text}", flush=True)


def stop(text: str, way_out: str = "") -> NoReturn:
    """End with one sentence and what to do about it."""
    sys.stdout.flush()
    raise SystemExit(f"{text} {way_out}".strip())


def ran(command: Sequence[str | Path], env: Mapping[str, str] | None = None, quiet: bool = False) -> bool:
    """Run ``command`` in the checkout and tell whether it ended with 0."""
    output = subprocess.DEVNULL if quiet else None
    words = [str(word) for word in command]
    try:
        return subprocess.call(words, cwd=ROOT, env=env, stdout=output, stderr=output) == 0
    except FileNotFoundError:
        return False


def rights() -> list[str] | None:
    """Give the words to put before a command that needs root; None where that needs a password."""
    if os.name != "posix":
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and ran(["sudo", "-n", "true"], quiet=True):
        return ["sudo", "-n"]
    return None


def apt_installed(packages: Sequence[str]) -> bool:
    """Install Debian packages where that needs no question; tell whether they are there now."""
    prefix = rights()
    if prefix is None or shutil.which("apt-get") is None:
        return False
    say(f"Installing with apt-get: {' '.join(packages)}")
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    ran([*apt, "update"])
    return _muted([*apt, "install", "-y", "--no-install-recommends", *packages])


def _muted(command: Sequence[str]) -> bool:
    """dpkg tells a line a package; what goes wrong it says on the other channel."""
    return subprocess.call(command, stdout=subprocess.DEVNULL) == 0
