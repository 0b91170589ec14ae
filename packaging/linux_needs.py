"""What a bundle asks of the Linux it runs on: shared libraries, their Debian packages and the C library."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from qt_libraries import DEBIAN
from shell import stop

GLIBC_FLOOR = (2, 36)
_C_LIBRARY = (
    "libresolv.so",
    "libc.so",
    "libm.so",
    "libdl.so",
    "libpthread.so",
    "librt.so",
    "libutil.so",
    "ld-linux",
)
_ALWAYS_THERE = {"libgcc_s.so.1": "libgcc-s1", "libstdc++.so.6": "libstdc++6", "libz.so.1": "zlib1g"}
# What Qt opens by name at run time, so no header tells of it: libraries, fonts and keyboard tables.
_OPENED_LATER = ("fontconfig-config", "libegl1", "libgl1", "xkb-data")


def elf_files(bundle: Path) -> Iterator[Path]:
    """Walk over the programs and shared libraries, each once."""
    for path in sorted(bundle.rglob("*")):
        if path.is_file() and not path.is_symlink() and _starts_as_elf(path):
            yield path


def wanted(bundle: Path) -> set[str]:
    """Name the shared libraries that the bundle asks for and does not bring."""
    brought = {path.name for path in bundle.rglob("*.so*") if path.exists()}
    return {name for name in _asked(bundle) - brought if not name.startswith(_C_LIBRARY)}


def orphans(internal: Path) -> list[Path]:
    """List the system's libraries in the bundle that no other file of it asks for."""
    asked = _asked(internal)
    own = ("libpython",)
    return [
        path
        for path in sorted(internal.glob("lib*.so*"))
        if path.name not in asked and not path.name.startswith(own)
    ]


def _asked(folder: Path) -> set[str]:
    asked: set[str] = set()
    for batch in _batches(elf_files(folder)):
        asked |= set(re.findall(r"^\s*NEEDED\s+(\S+)", _objdump("-p", batch), re.MULTILINE))
    return asked


def packages(bundle: Path) -> list[str]:
    """Give the Depends of a Debian package; a library of unknown origin stops the build."""
    known = DEBIAN | _ALWAYS_THERE
    strangers = sorted(name for name in wanted(bundle) if name not in known)
    if strangers:
        stop(f"No package is known to bring {', '.join(strangers)}.", "Add it to DEBIAN in qt_libraries.py.")
    floor = ".".join(str(part) for part in newest_glibc(bundle))
    named = {known[name] for name in wanted(bundle)} | set(_OPENED_LATER)
    return [f"libc6 (>= {floor})", *sorted(named)]


def newest_glibc(bundle: Path) -> tuple[int, ...]:
    """Give the newest version of the C library that any file of the bundle asks for."""
    found: set[tuple[int, ...]] = {(0,)}
    for batch in _batches(elf_files(bundle)):
        versions = re.findall(r"\bGLIBC_(\d+(?:\.\d+)+)", _objdump("-p", batch))
        found |= {tuple(int(part) for part in version.split(".")) for version in versions}
    return max(found)


def _starts_as_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _batches(paths: Iterable[Path], size: int = 50) -> Iterator[list[Path]]:
    everything = list(paths)
    for begin in range(0, len(everything), size):
        yield everything[begin : begin + size]


def _objdump(option: str, paths: list[Path]) -> str:
    done = subprocess.run(["objdump", option, *paths], capture_output=True, text=True, check=False)
    return done.stdout
