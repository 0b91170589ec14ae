"""``tsrnn train``: a series and a stack in, a judged forecast out."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from tsrnn_gui.commands.going_on import declare_going_on, goes_on, job_of, opened_project
from tsrnn_gui.commands.job import Job
from tsrnn_gui.commands.output import print_json, print_table, written
from tsrnn_gui.commands.refusal import refuse_problems
from tsrnn_gui.commands.settings_of import declare_settings, experiment_of
from tsrnn_gui.commands.sources import Source, saved_weights, source
from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.project import Project
from tsrnn_gui.core.runs import Report, reports
from tsrnn_gui.files.project_file import SUFFIX, ProjectFile
from tsrnn_gui.wire.client import Engine
from tsrnn_gui.wire.messages import (
    EpochEnded,
    Event,
    Failed,
    Finished,
    Forecast,
    ForecastMade,
    Progress,
    Started,
    Train,
)
from tsrnn_gui.wire.recording import record


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what is trained on what, and how."""
    parser.add_argument("source", metavar="SOURCE", help="a table, a .tsrnn project, or sample:NAME")
    declare_settings(parser)
    declare_going_on(parser)
    parser.add_argument(
        "--saved-weights",
        action="store_true",
        help="judge the .keras file that --model names with its own weights, without training",
    )
    parser.add_argument(
        "--future", type=int, default=24, metavar="N", help="rows to forecast beyond the end (24)"
    )
    parser.add_argument(
        "--project", type=Path, metavar="OUT.tsrnn", help="keep series, run and forecast here"
    )


def run(arguments: argparse.Namespace) -> int:
    """Train, print each epoch, and end with the scores beside those of the simple rules."""
    job, file = _ordered(arguments)
    engine = Engine()
    try:
        engine.start()
        told = _Json() if arguments.json else _Bars(job.experiment.plan.epochs)
        return _trained(engine, job, file, told)
    finally:
        engine.close()
        if file is not None:
            file.close()


def _ordered(arguments: argparse.Namespace) -> tuple[Job, ProjectFile | None]:
    """Describe the run, and open the project that keeps it."""
    if goes_on(arguments):
        file = opened_project(arguments)
        try:
            return job_of(arguments, file), file
        except BaseException:
            file.close()
            raise
    given = source(arguments.source)
    experiment = experiment_of(given, arguments)
    refuse_problems(given.series, experiment)
    saved = saved_weights(arguments.model) if arguments.saved_weights else b""
    job = Job(given.series, experiment, arguments.future, saved=saved)
    return job, _project(arguments.project, given, experiment, arguments.future)


def _project(path: Path | None, given: Source, experiment: Experiment, future: int) -> ProjectFile | None:
    if path is None:
        return None
    if path.suffix.lower() != SUFFIX:
        raise TsrnnError(
            f"A project's name ends in {SUFFIX}, not “{path.name}”.", hint=f"Say {path.stem}{SUFFIX}."
        )
    project = Project(given.series, experiment, future)
    if path.exists():
        file = ProjectFile.open(path)
        file.keep(project)
        return file
    return ProjectFile.create(path, project)


def _trained(engine: Engine, job: Job, file: ProjectFile | None, told: _Json | _Bars) -> int:
    series, experiment = job.series, job.experiment
    if file is not None:
        job.begin_in(file)
    judged: tuple[Report, ...] = ()
    with told:
        for event in _interruptible(engine, job.request()):
            if file is not None:
                record(event, file)
            if isinstance(event, ForecastMade):
                judged = reports(series, experiment, event.origins.unpacked(), event.validation.unpacked())  # type: ignore[arg-type]
                if file is not None:
                    file.keep_reports(job.run, judged)
            told.tell(event, judged)
            if isinstance(event, Failed):
                from tsrnn_gui.cli import EngineFailed

                raise EngineFailed(event.text, event.hint, event.details)
    return 0


def _interruptible(engine: Engine, request: Train | Forecast) -> Iterator[Event]:
    """The first Ctrl+C stops the run and keeps what was learned, the second one ends all."""
    import signal

    before: Any = signal.getsignal(signal.SIGINT)

    def stop(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, before)
        engine.stop_run(request.run)

    signal.signal(signal.SIGINT, stop)
    try:
        yield from engine.ask(request)
    finally:
        signal.signal(signal.SIGINT, before)


def scores_object(judged: tuple[Report, ...]) -> dict[str, Any]:
    """Give the first target's scores and baselines, and all targets where there are several."""
    if not judged:
        return {"scores": None, "baselines": {}}
    first = judged[0]
    found: dict[str, Any] = {
        "target": first.target,
        "points": first.points,
        "scores": first.network,
        "baselines": {rung.key: rung.scores for rung in first.rules},
        "sentence": first.sentence,
    }
    if len(judged) > 1:
        found["targets"] = {
            r.target: {"scores": r.network, "baselines": {x.key: x.scores for x in r.rules}} for r in judged
        }
    return found


class _Json:
    """An object an event."""

    def __enter__(self) -> _Json:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def tell(self, event: Event, judged: tuple[Report, ...]) -> None:
        match event:
            case Started():
                print_json(
                    {
                        "event": "started",
                        "weights": event.weights,
                        "steps_per_epoch": event.steps_per_epoch,
                        "training_windows": event.training_windows,
                        "validation_windows": event.validation_windows,
                        "compiled": event.compiled,
                        "first_epoch": event.first_epoch,
                    }
                )
            case EpochEnded():
                print_json(
                    {
                        "event": "epoch",
                        "epoch": event.epoch,
                        "loss": event.loss,
                        "mae": event.mae,
                        "val_loss": event.val_loss,
                        "val_mae": event.val_mae,
                        "lr": event.learning_rate,
                        "seconds": event.seconds,
                    }
                )
            case Finished():
                ending = {
                    "event": "finished",
                    "reason": event.reason,
                    "epochs_done": event.epochs_done,
                    "best_epoch": event.best_epoch,
                    "advice": event.advice,
                }
                print_json({**ending, **scores_object(judged)})
            case Failed():
                print_json({"event": "failed", "text": event.text, "hint": event.hint})
            case _:
                pass


class _Bars:
    """A bar with the time left, then the ladder."""

    def __init__(self, epochs: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[numbers]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task = self._bars.add_task("starting the engine", total=epochs, numbers="")
        self._after: Callable[[], None] = lambda: None

    def __enter__(self) -> _Bars:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()
        self._after()

    def tell(self, event: Event, judged: tuple[Report, ...]) -> None:
        match event:
            case Started():
                words = f"training {event.weights:,} weights"
                self._bars.update(self._task, description=words, completed=event.first_epoch)
            case Progress() if event.towards is not None:
                self._bars.update(
                    self._task, numbers=f"going back: epoch {event.epoch + 1} of {event.towards}"
                )
            case EpochEnded():
                numbers = f"val MAE {written(event.val_mae)} · rate {event.learning_rate:.3g}"
                self._bars.update(self._task, completed=event.epoch + 1, numbers=numbers)
            case Finished():
                self._after = lambda: print_ladder(event, judged)
            case _:
                pass


def print_ladder(event: Finished, judged: tuple[Report, ...]) -> None:
    """Print how the run ended, every rule's scores and the network's among them, and the sentence."""
    print(_ending(event))
    if event.advice:
        print(event.advice)
    for report in judged:
        rows = [
            (rung.title, *(written(value) for value in msgspec.structs.astuple(rung.scores)))
            for rung in report.ladder
        ]
        print_table((report.target, "MAE", "MSE", "RMSE", "MASE"), rows, numbers=(1, 2, 3, 4))
        print(report.sentence)


_ENDED = {"completed": "Finished", "stopped": "Stopped", "early": "Stopped early", "exploded": "Exploded"}


def _ending(event: Finished) -> str:
    done, best = event.epochs_done, event.best_epoch
    words = f"{_ENDED[event.reason]} after {done:,} epoch{'' if done == 1 else 's'}"
    return f"{words}; epoch {best + 1:,} was the best." if best is not None else f"{words}."
