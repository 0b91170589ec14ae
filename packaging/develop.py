"""Sets the checkout up and starts the program, or sets it up and runs every check."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)


def main() -> int:
    """Read the command line and carry it out; the exit code is that of what was started."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    start_parser = commands.add_parser("start", help="set up, then open the window with a sample")
    start_parser.add_argument("--sample", default="sunspots", help="sample to open (sunspots)")
    start_parser.add_argument(
        "--demo", metavar="DIR", default="tsrnn-demo", help="folder for what is made where there is no screen"
    )
    start_parser.add_argument("--no-start", action="store_true", help="only set up")
    test_parser = commands.add_parser("test", help="set up, then run ruff, mypy, lint-imports and pytest")
    test_parser.add_argument("--offscreen", action="store_true", help="never use Xvfb")
    test_parser.add_argument("--no-lint", action="store_true", help="only pytest")
    arguments, rest = parser.parse_known_args()
    if rest and arguments.command != "test":
        parser.error(f"unknown: {' '.join(rest)}")
    return start(arguments) if arguments.command == "start" else test(arguments, rest)


def start(arguments: argparse.Namespace) -> int:
    """Open the window with the sample; where there is no screen, leave a demonstration in a folder."""
    import environment
    import qt_libraries
    import screen
    from shell import ROOT, say

    environment.ready()
    on_screen = screen.reachable()
    qt_libraries.require(environment.qt_folder(), on_screen)
    if arguments.no_start:
        return 0
    window = [str(environment.PYTHON), "-m", "tsrnn_gui"]
    if on_screen:
        return _call([*window, "--sample", arguments.sample], dict(os.environ))
    folder = Path(arguments.demo).absolute()
    say(f"No screen here: training the sample in a window offscreen; see {folder}")
    code = _call([*window, "--demo", str(folder)], screen.offscreen_environment())
    if code == 0:
        say(f"The project, the forecast and a picture of the window are in {folder}")
        say(f"More without a screen: {environment.program('tsrnn').relative_to(ROOT)} --help")
    return code


def test(arguments: argparse.Namespace, pytest_arguments: list[str]) -> int:
    """Run the checks, then the tests on a screen of their own; not 0 if any of them failed."""
    import environment
    import qt_libraries
    import screen
    from shell import say

    environment.ready(["test", "onnx"])
    virtual = not arguments.offscreen and shutil.which("Xvfb") is not None
    qt_libraries.require(environment.qt_folder(), on_screen=virtual)
    failed = [] if arguments.no_lint else _failed_checks()
    say(f"pytest, {'on a virtual screen' if virtual else 'offscreen'}")
    pytest = [str(environment.PYTHON), "-m", "pytest", *(pytest_arguments or _in_parallel())]
    if virtual:
        with screen.virtual() as env:
            code = _call(pytest, env)
    else:
        code = _call(pytest, screen.offscreen_environment())
    return code or int(bool(failed))


def _in_parallel() -> list[str]:
    """A worker a core, up to what TensorFlow and an engine in each of them leave of an ordinary memory.

    A worker that crashes ends the run: a new one in its place may wait for ever for what the old one had.
    """
    workers = str(min(4, os.cpu_count() or 1))
    return ["-n", workers, "--dist", "loadgroup", "--max-worker-restart", "0"]


def _failed_checks() -> list[str]:
    """Run what reads the code; every check runs even when one before it failed."""
    from environment import program
    from shell import ran, say

    checks: dict[str, list[str | Path]] = {
        "ruff": [program("ruff"), "check", "."],
        "mypy": [program("mypy"), "--strict"],
        "lint-imports": [program("lint-imports"), "--no-cache"],
    }
    failed = []
    for name, command in checks.items():
        say(name)
        if not ran(command):
            failed.append(name)
    say(f"FAILED: {', '.join(failed)}" if failed else "ruff, mypy and lint-imports found nothing")
    return failed


def _call(command: list[str], env: dict[str, str]) -> int:
    """Ctrl+C ends what was started; that is no fault to print a traceback for."""
    try:
        return subprocess.call(command, env=env, cwd=Path(__file__).resolve().parent.parent)
    except KeyboardInterrupt:
        return 130


def with_a_python_that_fits() -> None:
    """Go on with another Python of this machine if this one is too old or too new."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        other = shutil.which(f"python3.{minor}")
        if other and subprocess.call([other, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            raise SystemExit(subprocess.call([other, *sys.argv]))
    raise SystemExit(
        f"Python {sys.version.split()[0]} does not fit: tsrnn_gui needs 3.11, 3.12 or 3.13. "
        "Install one of them (on Ubuntu 22.04: sudo apt-get install python3.11-venv), then run this again."
    )


if __name__ == "__main__":
    with_a_python_that_fits()
    raise SystemExit(main())
