"""Tries the built bundle as a stranger's machine would: moved, read-only, with an empty home."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import linux_needs
import screen
import self_test
from build import BUNDLE
from environment import program
from shell import say
from trial import OWN_LIBRARIES, Bench, Unfit, child, copied, expect, listing, mapped, until

_ENGINE = "tsrnn-engine"


def window_trains_and_draws(bench: Bench) -> str:
    """The window shows itself, trains a sample, draws the forecast; each process maps only its own."""
    demo = bench.folder / "demo"
    window = bench.start("tsrnn-gui", "--demo", str(demo))
    try:
        engine = until(lambda: child(window.pid, _ENGINE), 30, "The window started no engine.")
        if shutil.which("xwininfo"):
            until(lambda: _window_on(bench.display), 30, "The window is not shown on the screen.")
        until(lambda: "tensorflow" in mapped(engine) or None, 60, "The engine loaded no TensorFlow.")
        until(lambda: "libqxcb" in mapped(window.pid) or None, 30, "The window does not use the xcb plugin.")
        for pid, stranger in ((window.pid, "tensorflow"), (engine, "qt6")):
            expect(stranger not in mapped(pid), f"A program has {stranger} mapped that never should.")
        _expect_users_library_path(engine)
        expect(window.wait(300) == 0, f"The demonstration failed: {bench.said('tsrnn-gui')}")
    finally:
        window.kill()
    for ending in ("*.tsrnn", "*.csv", "*.png"):
        expect(list(demo.glob(ending)), f"The demonstration left no {ending}.")
    epochs = _epochs_kept(bench, next(demo.glob("*.tsrnn")))
    expect(epochs >= 2, f"The demonstration kept {epochs} epochs.")
    colours = [_colours(picture) for picture in sorted(demo.glob("*.png"))]
    expect(min(colours) > 50, f"A picture of the window is blank: {colours} colours.")
    return f"{epochs} epochs, pictures with {colours} colours"


def _epochs_kept(bench: Bench, project: Path) -> int:
    command = [str(bench.bundle / "tsrnn"), "info", str(project), "--json"]
    done = subprocess.run(command, env=bench.environment(), capture_output=True, text=True, check=False)
    expect(done.returncode == 0, f"The project cannot be read again: {done.stderr}")
    return int(json.loads(done.stdout)["runs"][-1]["epochs_done"])


def _expect_users_library_path(pid: int) -> None:
    """The bootloader keeps what it found in …_ORIG: that is what any started program is given."""
    pairs = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    given = dict(pair.partition("=")[::2] for pair in pairs)
    expect(
        given.get("LD_LIBRARY_PATH_ORIG", "") == OWN_LIBRARIES,
        "A program that the window starts is not given the user's own library path.",
    )


def _colours(picture: Path) -> int:
    from PySide6.QtGui import QImage

    image = QImage(str(picture))
    steps = (range(0, image.width(), 3), range(0, image.height(), 3))
    return len({image.pixel(x, y) for x in steps[0] for y in steps[1]})


def window_outlives_its_engine(bench: Bench) -> str:
    """After kill −9 of the engine the window still hears who wants its project."""
    path = _project(bench, "killed.tsrnn")
    window = bench.start("tsrnn-gui", path)
    try:
        engine = until(lambda: child(window.pid, _ENGINE), 30, "The window started no engine.")
        os.kill(engine, 9)
        _expect_raised(bench, path)
        expect(window.poll() is None, f"The window went with its engine: {bench.said('tsrnn-gui')}")
    finally:
        window.kill()
        window.wait()
    return f"it stayed and answered; killed in a run, it said: {_told_of_a_killed_run(bench)}"


def _told_of_a_killed_run(bench: Bench) -> str:
    """The demonstration ends with a sentence when its engine is killed under it."""
    window = bench.start("tsrnn-gui", "--demo", str(bench.folder / "killed"))
    try:
        engine = until(lambda: child(window.pid, _ENGINE), 30, "The window started no engine.")
        until(lambda: "tensorflow" in mapped(engine) or None, 60, "The engine loaded no TensorFlow.")
        os.kill(engine, 9)
        expect(window.wait(60) == 1, f"The demonstration did not end: {bench.said('tsrnn-gui')}")
    finally:
        window.kill()
    said = bench.said("tsrnn-gui")
    expect("ended unexpectedly (signal 9)" in said and "Traceback" not in said, f"It said: {said}")
    return said.strip().splitlines()[-1]


def project_has_one_window(bench: Bench) -> str:
    """The same file is raised, another file has a window of its own, and a killed window is no obstacle."""
    one, other = _project(bench, "강 1.tsrnn"), _project(bench, "2.tsrnn")
    windows = [bench.start("tsrnn-gui", one)]
    try:
        until(lambda: child(windows[0].pid, _ENGINE), 30, "The window started no engine.")
        seconds = _expect_raised(bench, one)
        windows.append(bench.start("tsrnn-gui", other))
        until(lambda: child(windows[1].pid, _ENGINE), 30, "Another file has no window of its own.")
        windows[0].kill()
        windows[0].wait()
        windows.append(bench.start("tsrnn-gui", one))
        until(lambda: child(windows[2].pid, _ENGINE), 30, "A killed window keeps its project.")
    finally:
        for window in windows:
            window.kill()
            window.wait()
    return f"raised after {seconds:.2f} s"


def _project(bench: Bench, name: str) -> str:
    from tsrnn_gui.files.project_file import ProjectFile

    ProjectFile.create(bench.folder / name).close()
    return str(bench.folder / name)


def _expect_raised(bench: Bench, path: str) -> float:
    """Start the program once more on ``path``: it ends by itself. Give the seconds that it took."""
    begin = time.monotonic()
    second = bench.start("tsrnn-gui", path)
    try:
        expect(second.wait(30) == 0, f"The second start failed: {bench.said('tsrnn-gui')}")
    finally:
        second.kill()
    return time.monotonic() - begin


def engine_gives_the_same_numbers(bench: Bench) -> str:
    """Training, scores, forecast and exports are those of the unpackaged program."""
    frozen = self_test.walked(bench.bundle / "tsrnn", bench.environment(), bench.folder / "frozen")
    plain = self_test.walked(program("tsrnn"), dict(os.environ), bench.folder / "plain")
    self_test.expect_no_onnx(bench.bundle / "tsrnn", bench.environment(), bench.folder / "frozen")
    return self_test.compared(frozen, plain)


def libraries_are_all_there(bench: Bench) -> str:
    """No file asks for a library that neither the bundle nor the named packages bring."""
    return f"needs {', '.join(linux_needs.packages(bench.bundle))}"


def glibc_is_old_enough(bench: Bench) -> str:
    """The newest symbol of the C library is at or below what the README promises."""
    newest = linux_needs.newest_glibc(bench.bundle)
    expect(newest <= linux_needs.GLIBC_FLOOR, f"The bundle asks for glibc {newest}.")
    return ".".join(str(part) for part in newest)


def window_is_up_in_time(bench: Bench) -> str:
    """The frozen window is there within 1.5 times what the unpackaged one takes (best of five each)."""
    if shutil.which("xwininfo") is None:
        return "not measured: xwininfo is not installed"
    programs = [str(bench.bundle / "tsrnn-gui")], [str(program("tsrnn-gui"))]
    seconds = [[_seconds_to_window(bench, command) for command in programs] for _ in range(5)]
    frozen, plain = map(min, zip(*seconds, strict=True))  # others' load comes and goes; it only adds
    expect(
        frozen <= 1.5 * plain, f"The frozen window takes {frozen:.2f} s, the unpackaged one {plain:.2f} s."
    )
    return f"{frozen:.2f} s, unpackaged {plain:.2f} s"


def _seconds_to_window(bench: Bench, command: list[str]) -> float:
    begin = time.monotonic()
    window = subprocess.Popen(
        command,
        env=bench.environment(),
        cwd=bench.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: _window_on(bench.display), 30, "No window appeared.")
        return time.monotonic() - begin
    finally:
        window.kill()
        window.wait()


def _window_on(display: str) -> bool | None:
    tree = ["xwininfo", "-display", display, "-root", "-tree"]
    said = subprocess.run(tree, capture_output=True, text=True, check=False).stdout
    return True if re.search(r'"tsrnn"\)\s+\d{3,}x\d{3,}', said) else None


TRIALS: tuple[Callable[[Bench], str], ...] = (
    libraries_are_all_there,
    glibc_is_old_enough,
    engine_gives_the_same_numbers,
    window_trains_and_draws,
    window_outlives_its_engine,
    project_has_one_window,
    window_is_up_in_time,
)


def main() -> int:
    """Try everything; 1 if something does not hold."""
    wanted = set(sys.argv[1:])
    failed = 0
    with tempfile.TemporaryDirectory(prefix="tsrnn-trial-") as name, screen.virtual() as env:
        if "DISPLAY" not in env:
            print("The bundle is tried on a virtual screen: install Xvfb.", file=sys.stderr)
            return 1
        folder = Path(name)
        with copied(BUNDLE, folder) as copy:
            bench = Bench(copy, folder, env["DISPLAY"])
            before = listing(copy)
            for trial in TRIALS:
                if not wanted or trial.__name__ in wanted:
                    failed += not _holds(trial, bench)
            if listing(copy) != before:
                say("FAILED: the bundle was written to")
                failed += 1
    return int(failed > 0)


def _holds(trial: Callable[[Bench], str], bench: Bench) -> bool:
    name, begin = trial.__name__.replace("_", " "), time.monotonic()
    try:
        said = trial(bench)
    except (Unfit, subprocess.TimeoutExpired) as error:
        say(f"FAILED: {name}: {error}")
        return False
    say(f"{name}: {said} ({time.monotonic() - begin:.0f} s)")
    return True


if __name__ == "__main__":
    raise SystemExit(main())
