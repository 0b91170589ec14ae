"""The headless door: ``tsrnn`` does without a screen what the window does, through the same code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tsrnn_gui import __version__
from tsrnn_gui.core.problems import TsrnnError

WRONG_INPUT, USAGE, ENGINE_FAILED = 1, 2, 3


class EngineFailed(TsrnnError):
    """The engine could not carry out what it was asked for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 the input is wrong, 2 usage, 3 the engine failed."""
    from tsrnn_gui.commands import COMMANDS

    parser = argparse.ArgumentParser(prog="tsrnn", description="Recurrent networks for time series.")
    parser.add_argument("--version", action="version", version=__version__)
    choices = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        sub = choices.add_parser(command.name, help=command.help, description=command.help)
        command.declare(sub)
        sub.add_argument("--json", action="store_true", help="print one JSON object a line, for programs")
        sub.set_defaults(run=command.run)
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except EngineFailed as error:
        return _told(error, ENGINE_FAILED)
    except TsrnnError as error:
        return _told(error, WRONG_INPUT)
    except KeyboardInterrupt:
        return _told(TsrnnError("Stopped."), WRONG_INPUT)
    except BrokenPipeError:
        sys.stderr.close()
        return 0


def _told(error: TsrnnError, code: int) -> int:
    print(f"tsrnn: {error.text} {error.hint}".strip(), file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
