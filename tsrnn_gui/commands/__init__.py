"""The commands of ``tsrnn``, one entry each; adding one touches this table and its own module."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from tsrnn_gui.commands import check, export, forecast, listing, project_info, sweep, train


@dataclass(frozen=True)
class Command:
    """A command: its name, what it does in a line, its arguments and what runs it."""

    name: str
    help: str
    declare: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


COMMANDS: tuple[Command, ...] = (
    Command("samples", "list the sample series", listing.declare, listing.samples),
    Command("presets", "list the experiments that ship", listing.declare, listing.presets),
    Command("check", "check the shapes of a stack", check.declare, check.run),
    Command("train", "train a stack on a series and judge its forecast", train.declare, train.run),
    Command("sweep", "try learning rates: the range test", sweep.declare, sweep.run),
    Command("forecast", "forecast with the last trained run of a project", forecast.declare, forecast.run),
    Command("export", "write a project's forecast, code or network to a file", export.declare, export.run),
    Command("info", "say what a project holds", project_info.declare, project_info.run),
)
