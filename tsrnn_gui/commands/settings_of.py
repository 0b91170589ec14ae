"""The options that set an experiment on the command line, one entry each."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from tsrnn_gui.commands.sources import Source, is_code, model
from tsrnn_gui.core.experiment import Experiment, defaults_for
from tsrnn_gui.core.layers import Dense
from tsrnn_gui.core.plan import LOSSES, OPTIMIZERS, AnyOptimizer
from tsrnn_gui.core.presets import RECOMMENDED
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.schedules import SCHEDULES, AnySchedule
from tsrnn_gui.core.windows import MISSING_RULES, SCALINGS

_WINDOWING: dict[str, dict[str, Any]] = {
    "window": {"type": int, "metavar": "N", "help": "rows that the network looks back on"},
    "horizon": {"type": int, "metavar": "H", "help": "rows ahead that are foreseen at once"},
    "stride": {"type": int, "metavar": "N", "help": "rows between two training windows"},
    "scaling": {"choices": tuple(SCALINGS), "help": "how values are made small"},
    "missing": {"choices": tuple(MISSING_RULES), "help": "what stands in for an empty cell"},
}
_PLAN: dict[str, dict[str, Any]] = {
    "batch": {"type": int, "metavar": "N", "help": "windows a step"},
    "epochs": {"type": int, "metavar": "N", "help": "times every window is seen"},
    "loss": {"choices": tuple(LOSSES), "help": "what training makes small"},
    "seed": {"type": int, "metavar": "N", "help": "fixes every random choice"},
    "patience": {"type": int, "metavar": "N", "help": "stop after so many epochs without a better loss"},
}


SETTINGS = ("column", "inputs", "model", "split", *_WINDOWING, *_PLAN, "optimizer", "lr", "schedule")


def declare_settings(parser: argparse.ArgumentParser) -> None:
    """Declare every option of an experiment."""
    parser.add_argument("--column", metavar="C", help="column to read and forecast; several with commas")
    parser.add_argument("--inputs", metavar="C", help="columns to read, where they are not those forecast")
    parser.add_argument("--model", metavar="MODEL", help="preset:NAME, a .tsrnn project, or a stack as .json")
    parser.add_argument("--split", metavar="S", help="rows of the training part, or its share such as 0.8")
    for name, options in (_WINDOWING | _PLAN).items():
        parser.add_argument(f"--{name}", **options)
    names = ", ".join(str(kind.__struct_config__.tag) for kind in OPTIMIZERS)
    parser.add_argument("--optimizer", metavar="O", help=f"one of {names}")
    parser.add_argument("--lr", type=float, metavar="X", help="learning rate")
    parser.add_argument(
        "--schedule",
        metavar="S",
        help="constant, cosine, exponential:EPOCHS_A_DECADE, plateau:FACTOR:PATIENCE",
    )


def experiment_of(given: Source, arguments: argparse.Namespace) -> Experiment:
    """Make the experiment from source, model and options; a wrong value raises TsrnnError."""
    base = given.experiment or RECOMMENDED.experiment
    if arguments.model:
        base = model(arguments.model)
    elif given.experiment is None:
        base = RECOMMENDED.experiment
    experiment = base
    if given.experiment is None or arguments.model:
        said = base.windowing.split if arguments.model and is_code(arguments.model) else 0
        split = said if 0 < said < len(given.series) else given.split
        experiment = defaults_for(given.series, base, split)
    windowing = msgspec.structs.replace(experiment.windowing, **_columns(given, experiment, arguments))
    windowing = msgspec.structs.replace(windowing, **_given(_WINDOWING, arguments))
    if arguments.missing is None and given.experiment is None:
        windowing = msgspec.structs.replace(windowing, missing=given.missing)
    if arguments.split is not None:
        windowing = msgspec.structs.replace(windowing, split=_split(arguments.split, len(given.series)))
    plan = msgspec.structs.replace(experiment.plan, **_given(_PLAN, arguments), **_kinds(arguments))
    stack = experiment.stack
    if arguments.model is None:
        stack = _widened(stack, windowing.horizon * max(len(windowing.targets), 1))
    if len(windowing.inputs) > 1 and not windowing.features_axis and arguments.model is None:
        windowing = msgspec.structs.replace(windowing, features_axis=True)
    return Experiment(windowing, stack, plan)


def _given(options: dict[str, dict[str, Any]], arguments: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(arguments, name) for name in options if getattr(arguments, name) is not None}


def _columns(given: Source, experiment: Experiment, arguments: argparse.Namespace) -> dict[str, Any]:
    known = given.series.columns
    if arguments.column is None and arguments.inputs is None:
        default = given.columns if given.columns and given.experiment is None else None
        return {"inputs": default, "targets": default} if default else {}
    targets = _named(arguments.column, known) if arguments.column else experiment.windowing.targets
    return {"inputs": _named(arguments.inputs, known) if arguments.inputs else targets, "targets": targets}


def _named(text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    names = (text,) if text in known else tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in known:
            raise TsrnnError(f"There is no column “{name}”.", hint=f"There are: {', '.join(known)}.")
    return names


def _split(text: str, rows: int) -> int:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if value <= 0:
        raise TsrnnError(f"“{text}” is no split.", hint="Say a number of rows, or a share such as 0.8.")
    return round(rows * value) if value < 1 else int(value)


def _kinds(arguments: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if arguments.lr is not None:
        found["learning_rate"] = arguments.lr
    if arguments.optimizer is not None:
        found["optimizer"] = _kind(arguments.optimizer, OPTIMIZERS, AnyOptimizer)
    if arguments.schedule is not None:
        found["schedule"] = schedule_of(arguments.schedule)
    return found


def schedule_of(text: str) -> AnySchedule:
    """Read a schedule as it is said on the command line. Raises TsrnnError."""
    schedule: AnySchedule = _kind(text, SCHEDULES, AnySchedule)
    return schedule


def _kind(text: str, kinds: tuple[type[msgspec.Struct], ...], union: Any) -> Any:
    name, *values = text.lower().split(":")
    for kind in kinds:
        if kind.__struct_config__.tag == name and len(values) <= len(kind.__struct_fields__):
            fields = dict(zip(kind.__struct_fields__, values, strict=False))
            try:
                return msgspec.convert({"kind": name, **fields}, union, strict=False)
            except msgspec.ValidationError as error:
                raise TsrnnError(
                    f"“{text}” is not understood: {error}.", hint="See tsrnn train --help."
                ) from error
    names = ", ".join(str(kind.__struct_config__.tag) for kind in kinds)
    raise TsrnnError(f"“{text}” is not known.", hint=f"There are: {names}.")


def _widened(stack: tuple[Any, ...], width: int) -> tuple[Any, ...]:
    """The default stack's head follows what is asked for."""
    return tuple(
        msgspec.structs.replace(layer, units=width)
        if isinstance(layer, Dense) and i == len(stack) - 1
        else layer
        for i, layer in enumerate(stack)
    )
