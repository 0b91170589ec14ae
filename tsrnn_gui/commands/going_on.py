"""``tsrnn train PROJECT --continue RUN`` and ``--from-epoch N``: how a kept run goes on without a window."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from tsrnn_gui.commands.job import Job
from tsrnn_gui.commands.settings_of import SETTINGS, schedule_of
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.rewinding import Rewind
from tsrnn_gui.core.runs import RunRecord
from tsrnn_gui.files.project_file import SUFFIX, ProjectFile

_ALLOWED = ("lr", "schedule", "epochs")


def declare_going_on(parser: argparse.ArgumentParser) -> None:
    """Say which run goes on, and from where."""
    parser.add_argument(
        "--continue",
        dest="continued",
        metavar="RUN",
        help="train what is left of a run of the project SOURCE: its number, or last",
    )
    parser.add_argument(
        "--from-epoch",
        type=int,
        metavar="N",
        help="begin a new run after epoch N of that run, with --lr, --schedule and --epochs as said",
    )


def goes_on(arguments: argparse.Namespace) -> bool:
    """Say whether a kept run is to go on."""
    return arguments.continued is not None or arguments.from_epoch is not None


def opened_project(arguments: argparse.Namespace) -> ProjectFile:
    """Open the project whose run goes on. Raises TsrnnError where that makes no sense."""
    path = Path(arguments.source)
    if path.suffix.lower() != SUFFIX:
        raise TsrnnError(f"“{arguments.source}” keeps no runs.", hint=f"Name a project, such as a{SUFFIX}.")
    said = [name for name in (*SETTINGS, "project") if getattr(arguments, name) is not None]
    allowed = _ALLOWED if arguments.from_epoch is not None else ()
    wrong = next((name for name in said if name not in allowed), None)
    if wrong is not None:
        hint = "Begin a new run with --from-epoch to change lr, schedule or epochs."
        raise TsrnnError(
            f"A run that goes on keeps its {wrong}.", hint=hint if wrong in _ALLOWED else "Leave it out."
        )
    file = ProjectFile.open(path)
    if file.read_only:
        file.close()
        raise TsrnnError(f"{path.name} cannot be written.", hint="Go on in a copy.")
    return file


def job_of(arguments: argparse.Namespace, file: ProjectFile) -> Job:
    """Describe what is left to do. Raises TsrnnError where nothing is, or what was said is out of bounds."""
    record = _chosen(arguments.continued or "last", file.runs())
    series, steps = file.series(record.series_key), file.load().future_steps
    if arguments.from_epoch is None:
        _refuse_complete(record)
        job = Job(series, record.experiment, steps, run=record.id, past=record.past)
        return replace(job, resume=file.nearest_state(record.id), known=True)
    epochs = tuple(file.epochs(record.id))
    after = arguments.from_epoch
    rewind = Rewind.offered(record.experiment, record.past, epochs, after)
    if arguments.epochs is not None:
        rewind = replace(
            Rewind.offered(record.experiment, record.past, epochs, after), until=arguments.epochs
        )
    if arguments.lr is not None:
        rewind = replace(rewind, rate=arguments.lr)
    if arguments.schedule is not None:
        rewind = replace(rewind, schedule=schedule_of(arguments.schedule))
    if rewind.problem is not None:
        raise TsrnnError(
            rewind.problem.text,
            hint="Say --lr, --schedule or --epochs." if rewind.after in range(1, len(epochs) + 1) else "",
        )
    return Job(
        series,
        rewind.new_experiment,
        steps,
        resume=file.nearest_state(record.id, after),
        past=rewind.new_past,
        parent=record.id,
        before=epochs[:after],
    )


def _chosen(name: str, runs: list[RunRecord]) -> RunRecord:
    if not runs:
        raise TsrnnError("This project has no run yet.", hint="Train one first.")
    if name == "last":
        return runs[-1]
    found = [run for run in runs if name in (str(run.number), run.id)]
    if not found:
        numbers = ", ".join(str(run.number) for run in runs)
        raise TsrnnError(f"There is no run “{name}”.", hint=f"There are: {numbers}.")
    return found[0]


def _refuse_complete(record: RunRecord) -> None:
    if record.status in ("completed", "early"):
        raise TsrnnError(
            f"Run {record.number} is complete.",
            hint=f"To train it further, say --from-epoch {record.epochs_done} --epochs N as well.",
        )
    if record.status == "exploded":
        raise TsrnnError(
            f"The loss of run {record.number} exploded.",
            hint="Go on from an earlier epoch with a smaller rate: --from-epoch N --lr X.",
        )
