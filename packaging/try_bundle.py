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
from collections.abc import Callable, Sequence
from pathlib import Path

import linux_needs
import screen
from build import BUNDLE
from environment import program
from shell import say
from trial import OWN_LIBRARIES, Bench, Unfit, child, copied, expect, listing, mapped, until

_ENGINE = "tsrnn-engine"
_TRAIN = ("train", "sample:sunspots", "--epochs", "2", "--seed", "7", "--json")


def window_trains_and_draws(bench: Bench) -> str:
    """The window shows itself, trains a sample, draws the forecast; each process maps only its own."""
    demo = bench.folder / "demo"
    window = bench.start("tsrnn-gui", "--demo", str(demo))
    try:
        engine = until(lambda: child(window.pid, _ENGINE), 30, "The window started no engine.")
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
    colours = [_colours(picture) for picture in sorted(demo.glob("*.png"))]
    expect(min(colours) > 50, f"A picture of the window is blank: {colours} colours.")
    return f"pictures with {colours} colours"


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
    """After kill −9 of the engine the window stays, and can have another."""
    window = bench.start("tsrnn-gui", "--sample", "sunspots")
    try:
        engine = until(lambda: child(window.pid, _ENGINE), 30, "The window started no engine.")
        os.kill(engine, 9)
        time.sleep(5)
        expect(window.poll() is None, f"The window went with its engine: {bench.said('tsrnn-gui')}")
    finally:
        window.kill()
        window.wait()
    return "stayed for 5 s"


def engine_gives_the_same_numbers(bench: Bench) -> str:
    """Two epochs and the scores, frozen and not, are equal."""
    frozen = _trained([str(bench.bundle / "tsrnn"), *_TRAIN], bench.environment())
    plain = _trained([str(program("tsrnn")), *_TRAIN], dict(os.environ))
    expect(frozen, "The frozen command printed no numbers.")
    expect(len(frozen) == len(plain), f"{len(frozen)} numbers frozen, {len(plain)} not.")
    furthest = max(abs(a - b) / max(abs(b), 1e-12) for a, b in zip(frozen, plain, strict=True))
    expect(furthest < 1e-6, f"Frozen and unpackaged numbers differ by up to {furthest:.1e}.")
    return f"{len(frozen)} numbers, largest relative difference {furthest:.0e}"


def _trained(command: Sequence[str], env: dict[str, str]) -> list[float]:
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    expect(done.returncode == 0, f"{Path(command[0]).name} train failed: {done.stderr[-2000:]}")
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    named = {"loss", "val_loss", "val_mae"}
    numbers = [
        event[name] for event in events if event["event"] == "epoch" for name in sorted(named & event.keys())
    ]
    scores = next(event["scores"] for event in events if event["event"] == "finished")
    return [float(number) for number in [*numbers, *scores.values()] if isinstance(number, int | float)]


def networks_are_exported(bench: Bench) -> str:
    """A run is taken away in every form; where ONNX's packages are not there, that is said."""
    project, command = bench.folder / "exported.tsrnn", str(bench.bundle / "tsrnn")

    def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command, *arguments],
            env=bench.environment(),
            cwd=bench.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    ran("train", "sample:nile_annual", "--epochs", "1", "--project", str(project))
    differences = {}
    for form, ending in (("keras", "keras"), ("savedmodel", "zip"), ("numpy", "py"), ("onnx", "onnx")):
        out = bench.folder / f"network.{ending}"
        done = ran("export", str(project), "--to", form, "--out", str(out), "--json")
        if form == "onnx" and "not installed" in done.stderr:
            continue
        expect(done.returncode == 0 and out.is_file(), f"No {form}: {done.stderr[-2000:]}")
        differences[form] = json.loads(done.stdout)["difference"]
    return ", ".join(f"{form} differs by {difference:.0e}" for form, difference in differences.items())


def libraries_are_all_there(bench: Bench) -> str:
    """No file asks for a library that neither the bundle nor the named packages bring."""
    return f"needs {', '.join(linux_needs.packages(bench.bundle))}"


def glibc_is_old_enough(bench: Bench) -> str:
    """The newest symbol of the C library is at or below what the README promises."""
    newest = linux_needs.newest_glibc(bench.bundle)
    expect(newest <= linux_needs.GLIBC_FLOOR, f"The bundle asks for glibc {newest}.")
    return ".".join(str(part) for part in newest)


def window_is_up_in_time(bench: Bench) -> str:
    """The frozen window is there within 1.5 times what the unpackaged one takes (medians of three)."""
    if shutil.which("xwininfo") is None:
        return "not measured: xwininfo is not installed"
    frozen = sorted(_seconds_to_window(bench, [str(bench.bundle / "tsrnn-gui")]) for _ in range(4))[1]
    plain = sorted(_seconds_to_window(bench, [str(program("tsrnn-gui"))]) for _ in range(4))[1]
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
    networks_are_exported,
    window_trains_and_draws,
    window_outlives_its_engine,
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
