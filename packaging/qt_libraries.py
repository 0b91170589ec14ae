"""Which system libraries Qt lacks on this Linux, and the Debian packages that bring them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from shell import apt_installed, say, stop

DEBIAN = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libatomic.so.1": "libatomic1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libdrm.so.2": "libdrm2",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgomp.so.1": "libgomp1",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libstdc++.so.6": "libstdc++6",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
_USED = tuple(f"lib/libQt6{part}.so.6" for part in ("Widgets", "Gui", "Svg", "DBus", "Network"))
_OFFSCREEN = "plugins/platforms/libqoffscreen.so"
_XCB = "plugins/platforms/libqxcb.so"


def not_found(files: Iterable[Path]) -> list[str]:
    """List the shared libraries that ``files`` ask for and the system cannot find."""
    existing = [str(file) for file in files if file.exists()]
    if not existing or shutil.which("ldd") is None:
        return []
    done = subprocess.run(["ldd", *existing], capture_output=True, text=True, check=False)
    return sorted(set(re.findall(r"^\s*(\S+) => not found", done.stdout, re.MULTILINE)))


def missing(qt: Path, on_screen: bool) -> list[str]:
    """List what the Qt in ``qt`` lacks; without a screen the X11 libraries are not needed."""
    return not_found(qt / name for name in (*_USED, _XCB if on_screen else _OFFSCREEN))


def packages(libraries: Iterable[str]) -> list[str]:
    """Name the Debian packages that bring ``libraries``, each once; unknown ones are left out."""
    return sorted({DEBIAN[name] for name in libraries if name in DEBIAN})


def require(qt: Path, on_screen: bool) -> None:
    """Make sure that Qt can start: install what it lacks, or stop and name the packages."""
    lacking = missing(qt, on_screen) if sys.platform == "linux" else []
    if not lacking:
        return
    wanted = packages(lacking)
    say(f"Qt lacks {', '.join(lacking)}")
    if wanted and apt_installed(wanted):
        lacking = missing(qt, on_screen)
    if lacking:
        stop(
            f"Qt cannot start without {', '.join(lacking)}.",
            f"Install with: sudo apt-get install {' '.join(packages(lacking))} — then run this again."
            if packages(lacking)
            else "Install the package of your system that brings it, then run this again.",
        )
