"""How long the window makes an event wait: ``python -m tests.bench.stalls``, on a screen or under Xvfb.

Prints for each scene the waits in ms (middle, 99 of 100, longest) with nothing subtracted, and the same
of an empty window in the same run as the yardstick of this machine, before and after. Scenes may be
named; ``--trace`` writes where the window's thread was whenever it stalled.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

from tests.bench.probe import HEAD, Probe
from tsrnn_gui.__main__ import compute_alone
from tsrnn_gui.app.project_opening import OpenProject, new_path
from tsrnn_gui.app.settings import Settings
from tsrnn_gui.app.trainer import Trainer
from tsrnn_gui.core.series import Series, Step
from tsrnn_gui.files.series_blob import load_libraries
from tsrnn_gui.ui.application import prepare_interpreter
from tsrnn_gui.ui.main_window import MainWindow
from tsrnn_gui.ui.theme import theme
from tsrnn_gui.wire.client import Engine

_RACER = Path(__file__).with_name("racing_engine.py")
_LOOK_S = 5.0
_LONG_S = 30.0
_PATIENCE_S = 300.0


class Stage:
    """One window and one probe that the scenes share."""

    def __init__(self, folder: Path, epochs: int) -> None:
        self.folder, self.epochs = folder, epochs
        self.window = window(Engine)
        self.probe = Probe()

    def measure(self, name: str, act: Callable[[], object], until: Callable[[], bool] | None = None) -> None:
        """Run ``act`` inside the event loop and note waits for a while, or ``until`` is true."""
        self.probe.start()
        QTimer.singleShot(0, act)
        settle(_LOOK_S) if until is None else wait(until)
        print(self.probe.stop().row(name), flush=True)
        settle(0.5)


def main() -> None:
    """Play the scenes and print the table, in a process that is set up as the window's is."""
    before = dict(os.environ)
    compute_alone()
    if os.environ != before:  # numpy is loaded already
        os.execv(sys.executable, [sys.executable, "-m", "tests.bench.stalls", *sys.argv[1:]])
    parser = argparse.ArgumentParser(prog="python -m tests.bench.stalls", description=__doc__)
    parser.add_argument("scenes", nargs="*", choices=[*SCENES, []], help="all by default")
    parser.add_argument("--epochs", type=int, default=20_000, help="of the race (20,000 at 1,000 a second)")
    parser.add_argument("--trace", type=float, metavar="MS", help="write stacks of stalls longer than MS")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["TSRNN_HOME"] = home
        app = QApplication(sys.argv[:1])
        prepare_interpreter(app)
        load_libraries()  # the program does so when its window has come up
        theme().set_scheme("light")
        if asked.trace:
            trace_stalls(asked.trace)
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
        print(f"{os.cpu_count()} cores, load {load:.1f} before, platform {app.platformName()}\n")
        print(HEAD)
        empty("empty window")
        stage = Stage(Path(home), asked.epochs)
        for name in asked.scenes or SCENES:
            SCENES[name](stage)
        stage.window.close()
        empty("empty window, again")


# ---- the scenes


def empty(name: str) -> None:
    """What this machine makes of a window that has nothing to do."""
    bare, probe = QMainWindow(), Probe()
    bare.resize(1366, 768)
    bare.show()
    settle(1.0)
    probe.start()
    settle(_LOOK_S)
    print(probe.stop().row(name), flush=True)
    bare.close()


def idle(stage: Stage) -> None:
    stage.measure("idle", lambda: None)


def train(stage: Stage) -> None:
    """A real run on a real engine, compiling included."""
    win = stage.window
    win.open_sample("course-week3")
    wait(lambda: win.document.project.series is not None)
    win.trainer.start()
    wait(lambda: win.trainer.state == "ready")
    win.document.edit_plan("epochs", epochs=150)
    stage.measure("training, 150 epochs of course-week3", win.train, partial(ended, win))


def race(stage: Stage) -> None:
    """Epochs end a thousand times a second; none may be lost."""
    win = window(lambda: Engine([sys.executable, str(_RACER), "1000"]))
    win.open_sample("course-week3")
    wait(lambda: win.document.project.series is not None)
    win.trainer.start()
    wait(lambda: win.trainer.state == "ready")
    win.document.edit_plan("epochs", epochs=stage.epochs)
    stage.measure(f"{stage.epochs:,} epochs at 1,000 a second", win.train, partial(ended, win))
    log = win.trainer.shown
    kept = win.document.file.runs()[0].epochs_done
    print(f"  shown {len(log.epochs):,} of {stage.epochs:,} epochs, kept {kept:,}, ended {log.ending.reason}")
    win.close()


def read(stage: Stage) -> None:
    """A CSV of a million rows, from the dialog's Open to the picture."""
    from tsrnn_gui.ui.import_dialog import ImportDialog

    path = stage.folder / "million.csv"
    _write_csv(path, 1_000_000)
    win = stage.window
    stage.measure("preview of a CSV of 1,000,000 rows", partial(win.open_series, path), None)
    (dialog,) = (d for d in win.findChildren(ImportDialog) if d.isVisible())
    stage.measure(
        "import of a CSV of 1,000,000 rows", dialog.buttons.accepted.emit, partial(shows, win, "million")
    )


def pan(stage: Stage) -> None:
    """Pan, zoom and read off a million rows at sixty frames a second."""
    win = stage.window
    if not shows(win, "million"):
        win.take_series(series("million", 1_000_000))
        wait(partial(shows, win, "million"))
    win.tabs.setCurrentWidget(win.series_plot)
    stage.measure("pan and zoom over 1,000,000 rows", partial(_play, win, _views(1_000_000)))


def edit(stage: Stage) -> None:
    """Change window and split of a million rows ten times a second."""
    win = stage.window
    if not shows(win, "million"):
        win.take_series(series("million", 1_000_000))
        wait(partial(shows, win, "million"))

    def change(nth: int) -> None:
        win.document.edit_windowing("try", window=20 + nth, split=700_000 + nth)

    stage.measure("edit window and split of 1,000,000 rows", partial(_each, 100, 40, change))


def take(stage: Stage) -> None:
    """A series of ten million rows that is in memory already."""
    win = stage.window
    made = series("ten million", 10_000_000)
    stage.measure(
        "take a series of 10,000,000 rows", partial(win.take_series, made), partial(shows, win, "ten million")
    )
    stage.measure("pan and zoom over 10,000,000 rows", partial(_play, win, _views(10_000_000)))


def train_long(stage: Stage) -> None:
    """A real run on a million rows, whose validation part is 200,000 points to draw."""
    win = stage.window
    win.take_series(series("another million", 1_000_000))
    wait(partial(shows, win, "another million"))
    win.document.edit_plan("plan", epochs=1_000, batch=2048)
    win.trainer.start()
    wait(lambda: win.trainer.state == "ready" and not win.document.verdict.errors)
    enough = time.perf_counter() + _LONG_S
    stage.measure(
        f"training on 1,000,000 rows for {_LONG_S:.0f} s", win.train, lambda: time.perf_counter() > enough
    )
    win.trainer.stop()
    wait(partial(ended, win))


SCENES: dict[str, Callable[[Stage], None]] = {
    "idle": idle,
    "train": train,
    "race": race,
    "read": read,
    "pan": pan,
    "edit": edit,
    "train_long": train_long,
    "take": take,
}


# ---- how they are played


def window(make_engine: Callable[[], Engine]) -> MainWindow:
    made = MainWindow(OpenProject(new_path(), create=True), Trainer(make_engine=make_engine), Settings())
    made.trainer.setParent(made)
    made.resize(1366, 768)
    made.show()
    settle(2.0)  # until all of it is built
    return made


def series(name: str, rows: int) -> Series:
    values = np.sin(np.arange(rows) / 50.0)[:, None] + np.random.default_rng(0).normal(size=(rows, 1))
    times = np.datetime64("1990-01-01", "us") + np.arange(rows) * np.timedelta64(60_000_000, "us")
    return Series(name, values, ("v",), times, Step(1, "minute"), season=60)


def _write_csv(path: Path, rows: int) -> None:
    made = series("", rows)
    texts = np.datetime_as_string(made.times, unit="s")
    with path.open("w") as file:
        file.write("time,v\n")
        file.writelines(
            f"{text},{value:.6f}\n" for text, value in zip(texts, made.values[:, 0].tolist(), strict=True)
        )


def shows(win: MainWindow, name: str) -> bool:
    found = win.document.project.series
    return found is not None and found.name == name and not win.document.looking


def ended(win: MainWindow) -> bool:
    return win.trainer.shown is not None and win.trainer.shown.ending is not None and not win.trainer.busy


def settle(seconds: float) -> None:
    """Run the event loop for a while."""
    loop = QEventLoop()
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    loop.exec()


def wait(until: Callable[[], bool]) -> None:
    """Run the event loop until a condition holds. Raises TimeoutError after five minutes."""
    begun = time.perf_counter()
    while not until():
        settle(0.1)
        if time.perf_counter() - begun > _PATIENCE_S:
            raise TimeoutError


def _views(rows: int) -> Iterator[tuple[float, float]]:
    """Zoom in towards the middle, pan across, zoom out again."""
    while True:
        for share in np.geomspace(1.0, 1e-4, 60):
            yield rows / 2 * (1 - share), rows / 2 * (1 + share)
        for place in np.linspace(0.4, 0.6, 60):
            yield rows * (place - 0.1), rows * (place + 0.1)


def _play(win: MainWindow, views: Iterator[tuple[float, float]]) -> None:
    _each(int(_LOOK_S * 60), 16, lambda _: win.series_plot.plot.setXRange(*next(views), padding=0))


def _each(times: int, interval_ms: int, act: Callable[[int], None]) -> None:
    """Call ``act`` with 0, 1, 2 … at an interval."""
    timer, count = QTimer(QApplication.instance(), interval=interval_ms), iter(range(times))

    def tick() -> None:
        nth = next(count, None)
        if nth is None:
            timer.stop()
            timer.deleteLater()
        else:
            act(nth)

    timer.timeout.connect(tick)
    timer.start()


def trace_stalls(longest_ms: float) -> None:
    """Write the window thread's stack to stderr whenever it does not come back in time."""
    alive, main_thread = [time.perf_counter()], threading.get_ident()
    beat = QTimer(QApplication.instance(), interval=2)
    beat.timeout.connect(lambda: alive.__setitem__(0, time.perf_counter()))
    beat.start()

    def watch() -> None:
        told = 0.0
        while True:
            time.sleep(longest_ms / 2e3)
            since = alive[0]
            if 1e3 * (time.perf_counter() - since) > longest_ms and since != told:
                told = since
                stack = traceback.format_stack(sys._current_frames()[main_thread])
                print("stalled at\n" + "".join(stack[-6:]), file=sys.stderr, flush=True)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    main()
