"""The window program: ``tsrnn-gui [FILE] [--sample NAME]``."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tsrnn_gui import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window; the exit code is Qt's."""
    multiprocessing.freeze_support()
    compute_alone()
    asked = _parsed(sys.argv[1:] if arguments is None else arguments)
    if asked.file is not None and asked.demo is None and _seen_elsewhere(asked.file):
        return 0
    from tsrnn_gui.ui.application import run

    return run(asked.file, asked.sample, asked.demo)


def compute_alone() -> None:
    """Let numpy start no threads, which would spin on the cores of the engine and of the window itself.

    Numpy reads it at its import.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _seen_elsewhere(file: Path) -> bool:
    """Ask before anything is loaded that only a window needs."""
    from tsrnn_gui.app.one_window import came_forward

    return came_forward(file)


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tsrnn-gui", description="Recurrent networks for time series.")
    parser.add_argument("file", nargs="?", type=Path, help="a .tsrnn project or a data file to open")
    parser.add_argument("--sample", metavar="NAME", help="open a sample series in a new project")
    parser.add_argument(
        "--demo", metavar="DIR", type=Path, help="train a sample, leave what came of it in DIR, quit"
    )
    parser.add_argument("--version", action="version", version=__version__)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
