"""How long until the window can be used, against a bare PySide6 and pyqtgraph window, in turn.

Run with ``python -m tests.bench.window_start``; prints medians of whole processes and their ratio.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 7
_BARE = """
import sys
from PySide6.QtWidgets import QApplication, QMainWindow
from PySide6.QtCore import QTimer
import pyqtgraph as pg
app = QApplication([])
window = QMainWindow()
window.setCentralWidget(pg.PlotWidget())
window.resize(1366, 768)
window.show()
QTimer.singleShot(0, app.quit)
app.exec()
"""
_OURS = """
import sys
from PySide6.QtWidgets import QApplication
from PySide6.QtCore import QTimer
app = QApplication([])
from tsrnn_gui.app.settings import load_settings
from tsrnn_gui.ui.application import opened_window
from tsrnn_gui.ui.theme import theme
settings = load_settings()
theme().set_scheme(settings.colour_scheme)
window = opened_window(None, None, settings)
window.show()
QTimer.singleShot(0, app.quit)
app.exec()
window.trainer.shutdown()
"""


def main() -> None:
    """Time both in turn and print."""
    times: dict[str, list[float]] = {"bare": [], "ours": []}
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "TSRNN_HOME": home}
        for run in range(RUNS + 1):
            for name, code in (("bare", _BARE), ("ours", _OURS)):
                begun = time.perf_counter()
                subprocess.run([sys.executable, "-c", code], check=True, env=environment)
                if run:  # the first of each only warms the disk's cache
                    times[name].append(time.perf_counter() - begun)
    bare, ours = (statistics.median(times[name]) for name in ("bare", "ours"))
    ratios = sorted(b / a for a, b in zip(times["bare"], times["ours"], strict=True))
    print(f"bare window {bare:.2f} s · tsrnn {ours:.2f} s · ratio {statistics.median(ratios):.2f}")
    print(f"ratios {', '.join(f'{ratio:.2f}' for ratio in ratios)} ({RUNS} runs in turn)")


if __name__ == "__main__":
    main()
