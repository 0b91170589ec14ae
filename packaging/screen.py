"""Whether a screen can be reached, and a virtual one for as long as it is needed."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


def reachable() -> bool:
    """Tell whether a window can be opened here; a DISPLAY that nobody serves does not count."""
    if sys.platform != "linux":
        return True
    return _wayland_answers() or _x11_answers()


def _wayland_answers() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY")
    return bool(name) and (Path(os.environ.get("XDG_RUNTIME_DIR", "")) / str(name)).exists()


def _x11_answers() -> bool:
    if not os.environ.get("DISPLAY"):
        return False
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # the library check that follows names it
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    broken = int(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return broken == 0


def offscreen_environment() -> dict[str, str]:
    """Give this environment with windows drawn into memory."""
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen"}


@contextlib.contextmanager
def virtual(size: str = "1920x1080") -> Iterator[dict[str, str]]:
    """Yield an environment with a screen of its own: Xvfb where it is installed, else offscreen."""
    program = shutil.which("Xvfb")
    if program is None or sys.platform != "linux":
        yield offscreen_environment()
        return
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        yield _x11_environment(number) if number else offscreen_environment()
    finally:
        server.terminate()
        server.wait()


def _x11_environment(number: str) -> dict[str, str]:
    env = {**os.environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    env.pop("WAYLAND_DISPLAY", None)
    return env
