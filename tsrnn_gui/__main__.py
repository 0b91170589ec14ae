"""The window program: ``tsrnn-gui [FILE] [--sample NAME]``."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Sequence
from pathlib import Path

from tsrnn_gui import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window; the exit code is Qt's."""
    multiprocessing.freeze_support()
    asked = _parsed(sys.argv[1:] if arguments is None else arguments)
    from tsrnn_gui.ui.application import run

    return run(asked.file, asked.sample, asked.demo)


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
