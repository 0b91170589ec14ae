"""``tsrnn sweep``: the learning-rate range test, and the rates that its curve suggests."""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Any
from uuid import uuid4

import msgspec

from tsrnn_gui.commands.output import print_json, print_table
from tsrnn_gui.commands.refusal import refuse_problems
from tsrnn_gui.commands.settings_of import declare_settings, experiment_of
from tsrnn_gui.commands.sources import source
from tsrnn_gui.core.fields import wrong_fields
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.range_curves import RangeCurves
from tsrnn_gui.core.range_test import QUICK_BY_EPOCH, RANGE_TESTS, RangeTest, Suggestions
from tsrnn_gui.wire.client import Engine
from tsrnn_gui.wire.messages import Data, EpochEnded, Event, Failed, Finished, Train

_OPTIONS = {"start": "start", "factor": "epochs_per_decade", "epochs": "epochs", "seeds": "seeds"}
_REASONS = ("stopped", "exploded", "completed")
News = tuple[int, Event]
Tell = Callable[[int, EpochEnded], None]


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what is tried on what, and how the rate climbs."""
    parser.add_argument("source", metavar="SOURCE", help="a table, a .tsrnn project, or sample:NAME")
    declare_settings(parser)
    parser.add_argument("--start", type=float, metavar="X", help="the first rate (1e-8)")
    parser.add_argument(
        "--factor", type=float, metavar="N", help="epochs, or batches, for a tenfold rate (20, 25)"
    )
    parser.add_argument("--seeds", type=int, metavar="N", help="times the test is made, from 1 to 5 (1)")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--by", choices=list(RANGE_TESTS), default="epoch", help="what ends before the rate climbs (epoch)"
    )
    kind.add_argument(
        "--quick", action="store_true", help="by epoch from 1e-6 to 1 in 49 epochs unless said otherwise"
    )
    parser.add_argument("--picture", type=Path, metavar="OUT.png", help="draw the curve, as .png or .svg")


def run(arguments: argparse.Namespace) -> int:
    """Train while the rate climbs, print each epoch, and end with the suggestions; changes no project."""
    if arguments.picture is not None:
        from tsrnn_gui.ui.range_picture import check_picture, save_picture

        check_picture(arguments.picture)
    given = source(arguments.source)
    test = _test(arguments)
    experiment = experiment_of(given, arguments)
    refuse_problems(given.series, experiment)
    data = Data.read_by(experiment, given.series)
    requests = [
        Train(
            uuid4().hex, experiment=test.experiment_for(experiment, nth), data=data, every_batch=test.by_batch
        )
        for nth in range(test.seeds)
    ]
    curves = RangeCurves(test)
    with _told(arguments.json, test) as tell:
        endings = _take_all(requests, curves, tell)
    reason = next(reason for reason in _REASONS if reason in endings)
    if arguments.picture is not None:
        save_picture(curves, f"{given.series.name}: loss by {test.unit}, log scale", arguments.picture)
    _conclude(arguments.json, reason, curves)
    return 0


def _test(arguments: argparse.Namespace) -> RangeTest:
    said = {field: getattr(arguments, option) for option, field in _OPTIONS.items()}
    base = QUICK_BY_EPOCH if arguments.quick else RANGE_TESTS[arguments.by]
    test = msgspec.structs.replace(base, **{name: value for name, value in said.items() if value is not None})
    wrong = wrong_fields(test)
    if wrong:
        raise TsrnnError(wrong[0][1], hint="See tsrnn sweep --help.")
    return test


def _take_all(requests: list[Train], curves: RangeCurves, tell: Tell) -> set[str]:
    """Put every epoch into ``curves``; give the reasons for which the seeds ended."""
    endings: set[str] = set()
    for nth, event in _events(requests):
        match event:
            case EpochEnded():
                curves.add(nth, event.loss)
                tell(nth, event)
            case Finished():
                endings.add(event.reason)
                if event.reason == "exploded":
                    curves.explode(nth)
            case Failed():
                from tsrnn_gui.cli import EngineFailed

                raise EngineFailed(event.text, event.hint, event.details)
            case _:
                pass
    return endings or {"stopped"}


def _events(requests: list[Train]) -> Iterator[News]:
    """Yield the events of all ``requests``, each on an engine of its own, as many at once as cores."""
    news: Queue[News | None] = Queue()
    engines = [Engine() for _ in requests]
    stopped: list[bool] = []

    def carry_out(nth: int) -> None:
        try:
            if not stopped:
                engines[nth].start()
                for event in engines[nth].ask(requests[nth]):
                    news.put((nth, event))
        except TsrnnError as error:
            news.put((nth, Failed(text=error.text, hint=error.hint, details=error.details)))
        finally:
            engines[nth].close()
            news.put(None)

    def stop() -> None:
        stopped.append(True)
        for engine, request in zip(engines, requests, strict=True):
            engine.stop_run(request.run)

    with ThreadPoolExecutor(min(len(requests), os.cpu_count() or 1)) as pool, _stopped_by_ctrl_c(stop):
        for nth in range(len(requests)):
            pool.submit(carry_out, nth)
        try:
            for _ in requests:
                yield from iter(news.get, None)
        finally:
            stopped.append(True)
            for engine in engines:
                engine.kill()


@contextmanager
def _stopped_by_ctrl_c(stop: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl+C stops the seeds and keeps what they showed, the second one ends all."""
    before: Any = signal.getsignal(signal.SIGINT)

    def heard(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, before)
        stop()

    signal.signal(signal.SIGINT, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _told(as_json: bool, test: RangeTest) -> Iterator[Tell]:
    if as_json:
        yield _print_epoch
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bars:
        task = bars.add_task("starting the engine", total=test.epochs * test.seeds)
        yield lambda nth, epoch: bars.update(task, advance=1, description=f"rate {epoch.learning_rate:.2e}")


def _print_epoch(nth: int, epoch: EpochEnded) -> None:
    print_json(
        {
            "event": "epoch",
            "seed": nth,
            "epoch": epoch.epoch,
            "loss": epoch.loss,
            "lr": epoch.learning_rate,
            "seconds": epoch.seconds,
        }
    )


def _conclude(as_json: bool, reason: str, curves: RangeCurves) -> None:
    found = curves.suggestions()
    rules = {"valley": found.valley, "minimum_over_10": found.minimum_over_10}
    if as_json:
        ending = {"event": "finished", "reason": reason, "epochs_done": curves.done, "suggestions": rules}
        print_json({**ending, "unstable_edge": found.unstable_edge, "advice": found.advice})
        return
    rows = [("Valley", found.valley), ("Minimum ÷ 10", found.minimum_over_10)]
    rows.append(("Unstable from", found.unstable_edge))
    print_table(("Rule", "Learning rate"), [(title, _rate(rate)) for title, rate in rows], numbers=(1,))
    print(_sentence(found))


def _rate(rate: float | None) -> str:
    return "n/a" if rate is None else f"{rate:.2e}"


def _sentence(found: Suggestions) -> str:
    best = found.valley or found.minimum_over_10
    use = f"Train with --lr {best:.1e}." if best else "The curve suggests no rate."
    return f"{found.advice} {use}".strip()
