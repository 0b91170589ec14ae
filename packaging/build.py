"""Builds the bundle and this system's installers from a checkout."""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

import environment
import qt_libraries
from shell import ROOT, apt_installed, ran, say, stop

MADE = ROOT / "build" / "made"
OUT = ROOT / "dist"
BUNDLE = OUT / "tsrnn_gui"
LARGEST_BUNDLE = 2**30
LARGEST_PACKAGE = 300_000_000
_TOOLS = {"objdump": "binutils", "strip": "binutils", "zstd": "zstd", "dpkg-deb": "dpkg"}
_CHECKERS = {"desktop-file-validate": "desktop-file-utils", "appstreamcli": "appstream"}


def main() -> int:
    """Build, in the checkout's own environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-packages", action="store_true", help="only the folder, no installer")
    arguments = parser.parse_args()
    environment.ready(["package"])
    if Path(sys.prefix).resolve() != environment.VENV.resolve():
        return subprocess.call([environment.PYTHON, __file__, *sys.argv[1:]])
    begin = time.monotonic()
    _require_tools()
    bundle()
    if not arguments.no_packages:
        _report(packages())
    say(f"Built in {time.monotonic() - begin:.0f} s; see {OUT}")
    return 0


def bundle() -> None:
    """Freeze the three programs into ``dist/tsrnn_gui``."""
    import icons
    import licences
    import windows_version

    icons.write(ROOT / "resources" / "icons" / "tsrnn.svg", MADE)
    windows_version.write(MADE, _version())
    say("Freezing the programs")
    work = ROOT / "build" / "pyinstaller"
    spec = ROOT / "packaging" / "tsrnn_gui.spec"
    command: list[str | Path] = [
        environment.PYTHON,
        "-m",
        "PyInstaller",
        "--noconfirm",
        "--log-level",
        "WARN",
    ]
    if not ran([*command, "--distpath", OUT, "--workpath", work, spec]):
        stop("PyInstaller failed.", "See its message above.")
    _strip_tensorflow()
    _drop_orphans()
    say(f"Licences of {licences.collect(BUNDLE)} packages")
    size = sum(path.lstat().st_size for path in BUNDLE.rglob("*") if path.is_file())
    say(f"The bundle has {size / 2**20:.0f} MiB ({size / 1e6:.0f} million bytes)")
    if size > LARGEST_BUNDLE:
        stop(
            "The bundle is larger than 1.0 GB (2^30 bytes).",
            "Look for what came in and exclude it in bundle_contents.py.",
        )


def packages() -> list[Path]:
    """Make this system's installers from the bundle."""
    if sys.platform == "linux":
        import linux_packages

        makers = (linux_packages.debian_package, linux_packages.archive)
        return [make(BUNDLE, MADE, OUT, _version()) for make in makers]
    if sys.platform == "darwin":
        return [_scripted(["sh", "packaging/macos/package.sh", _version()], f"tsrnn_gui-{_version()}.dmg")]
    name = f"tsrnn_gui-{_version()}-setup.exe"
    return [_scripted(["iscc", f"/DVersion={_version()}", "packaging/windows/tsrnn_gui.iss"], name)]


def _scripted(command: list[str], product: str) -> Path:
    if not ran(command):
        stop(
            f"{command[0]} failed or is not installed.", "The bundle itself is finished: see dist/tsrnn_gui."
        )
    return OUT / product


def _strip_tensorflow() -> None:
    """Only TensorFlow's own libraries and Python's: numpy's do not survive it."""
    if sys.platform != "linux":
        return
    internal = BUNDLE / "_internal"
    for library in sorted([*internal.glob("tensorflow/**/*.so*"), *internal.glob("libpython3*")]):
        if not library.is_symlink():
            ran(["strip", "--strip-unneeded", library])


def _drop_orphans() -> None:
    """Libraries that came along for a file which was left out; what is left may orphan more."""
    if sys.platform != "linux":
        return
    import linux_needs

    while orphans := linux_needs.orphans(BUNDLE / "_internal"):
        for library in orphans:
            library.unlink()


def _require_tools() -> None:
    """What freezes and packs on Linux; the checkers are welcome but not needed."""
    if sys.platform != "linux":
        return
    qt_libraries.require(environment.qt_folder(), on_screen=True)
    lacking = {package for tool, package in _TOOLS.items() if not shutil.which(tool)}
    welcome = {package for tool, package in _CHECKERS.items() if not shutil.which(tool)}
    if lacking | welcome:
        apt_installed(sorted(lacking | welcome))
    if lacking := {package for tool, package in _TOOLS.items() if not shutil.which(tool)}:
        stop("The build lacks tools.", f"Install them with: sudo apt-get install {' '.join(sorted(lacking))}")


def _report(made: list[Path]) -> None:
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in made]
    (OUT / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
    for path in made:
        size = path.stat().st_size
        say(f"{path.name}: {size / 1e6:.0f} MB")
        if size > LARGEST_PACKAGE:
            stop(f"{path.name} is larger than 300 MB.", "Look for what came in and exclude it.")


def _version() -> str:
    sys.path.insert(0, str(ROOT))
    from tsrnn_gui import __version__

    return __version__


if __name__ == "__main__":
    raise SystemExit(main())
