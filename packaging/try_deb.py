"""Tries the Debian package in a fresh Debian: it installs, runs and purges without a trace."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from build import OUT
from shell import apt_installed, rights, say, stop
from trial import Unfit, expect

SUITE = "bookworm"
_QUIET = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y"]
# A user without rights opens the window on a screen of their own and lets it walk from sample to forecast.
_DEMO = """
mkdir /tmp/home && chown nobody /tmp/home
Xvfb -displayfd 3 -screen 0 1366x768x24 3>/tmp/display 2>/dev/null &
server=$!
trap 'kill $server' EXIT
while [ ! -s /tmp/display ]; do sleep 0.1; done
export DISPLAY=:$(cat /tmp/display)
su nobody -s /bin/sh -c "cd /tmp/home; HOME=/tmp/home tsrnn-gui --demo /tmp/home/demo"
"""


def main() -> int:
    """Make the fresh root, try the package in it, and take it away again."""
    if rights() != [] or not (shutil.which("debootstrap") or apt_installed(["debootstrap"])):
        stop("A fresh Debian cannot be made here.", "Run this as root where debootstrap can be installed.")
    packages = sorted(OUT.glob("tsrnn-gui_*.deb"))
    if not packages:
        stop("There is no package to try.", "Run packaging/build.py first.")
    with tempfile.TemporaryDirectory(prefix="tsrnn-root-") as name, _root(Path(name) / "root") as root:
        try:
            _tried(root, packages[-1])
        except Unfit as error:
            say(f"FAILED: {error}")
            return 1
    return 0


def _tried(root: Path, package: Path) -> None:
    begin = time.monotonic()
    _inside(root, [*_QUIET, "install", "--no-install-recommends", "xvfb"])
    before = _files(root)
    shutil.copy(package, root / "tmp" / package.name)
    _inside(root, [*_QUIET, "install", "--no-install-recommends", f"/tmp/{package.name}"])
    said = _inside(root, ["tsrnn", "--version"])
    _inside(root, ["sh", "-ec", _DEMO])
    made = {path.suffix for path in (root / "tmp" / "home" / "demo").glob("*")}
    expect({".tsrnn", ".csv", ".png"} <= made, f"The installed window left only {sorted(made)}.")
    _inside(root, [*_QUIET, "purge", "tsrnn-gui"])
    _inside(root, [*_QUIET, "autoremove", "--purge"])
    left = {path for path in _files(root) - before if "tsrnn" in path}
    expect(not left, f"After the purge there is still {', '.join(sorted(left)[:5])}.")
    seconds = time.monotonic() - begin
    say(f"{package.name}: installed {said.strip()}, trained in its window, purged ({seconds:.0f} s)")


def _files(root: Path) -> set[str]:
    found = subprocess.run(
        ["find", root, "-xdev", "-not", "-path", f"{root}/tmp/*", "-printf", "%P\\n"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(found.stdout.splitlines())


@contextlib.contextmanager
def _root(root: Path) -> Iterator[Path]:
    say(f"Making a fresh Debian {SUITE}")
    if subprocess.call(
        ["debootstrap", "--variant=minbase", SUITE, root, *_mirror()], stdout=subprocess.DEVNULL
    ):
        stop("debootstrap failed.", "See its message above.")
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    mounts = [["--bind", "/dev", str(root / "dev")], ["--bind", "/proc", str(root / "proc")]]
    for mount in mounts:
        subprocess.check_call(["mount", *mount])
    try:
        yield root
    finally:
        for mount in mounts:
            subprocess.call(["umount", "-l", mount[-1]])


def _mirror() -> list[str]:
    """Where this machine itself takes Debian's packages from; nothing said means debootstrap's own choice."""
    lists = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    text = "\n".join(path.read_text("utf-8") for path in lists if path.is_file())
    found = re.search(r"^(?:URIs:|deb(?: \[[^]]*\])?)\s+(\S+/debian)/?(?:\s|$)", text, re.MULTILINE)
    return [found.group(1)] if found else []


def _inside(root: Path, command: list[str]) -> str:
    done = subprocess.run(["chroot", root, *command], capture_output=True, text=True, check=False)
    expect(done.returncode == 0, f"{' '.join(command)}: {(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
