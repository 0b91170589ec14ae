"""``tsrnn forecast``: what follows the last row of a trained project."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from tsrnn_gui.commands.output import print_json, print_table, written_time
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.runs import RunRecord
from tsrnn_gui.core.series import Series
from tsrnn_gui.files.exporters import ForecastTable, export
from tsrnn_gui.files.forecast_table import forecast_table
from tsrnn_gui.files.project_file import ProjectFile
from tsrnn_gui.wire.client import Engine
from tsrnn_gui.wire.messages import Data, Export, Exported, Failed, Forecast, ForecastMade


def declare(parser: argparse.ArgumentParser) -> None:
    """Say which project, how far, and where to."""
    parser.add_argument("project", type=Path, metavar="PROJECT", help="a .tsrnn project with a trained run")
    parser.add_argument("--horizon", type=int, metavar="H", help="rows to forecast beyond the end")
    parser.add_argument("--out", type=Path, metavar="F", help="write the table here (.csv, .xlsx)")


def run(arguments: argparse.Namespace) -> int:
    """Print the future, or write the whole table to a file."""
    series, record, made = forecast_of(arguments.project, arguments.horizon)
    table = table_of(series, record, made)
    if arguments.out is not None:
        export(table, arguments.out)
    steps = made.future.shape[0]
    places = [place for place, name in enumerate(table.columns) if name.endswith("forecast")]
    names = ("time", *record.experiment.windowing.targets)
    last = table.rows[len(table.rows) - steps :]
    future = [(written_time(row[0]), *(row[place] for place in places)) for row in last]
    if arguments.json:
        print_json(
            {
                "forecast": [dict(zip(names, row, strict=True)) for row in future],
                "recursive": made.recursive,
                "limit": made.future_limit,
                "out": str(arguments.out) if arguments.out else None,
            }
        )
        return 0
    rows = [[str(row[0]), *(f"{value:,.6g}" for value in row[1:])] for row in future]
    print_table(names, rows, numbers=range(1, len(names)))
    for note in (made.future_limit, *(f"{r.target}: {r.sentence}" for r in record.reports)):
        if note:
            print(note)
    return 0


def forecast_of(path: Path, steps: int | None) -> tuple[Series, RunRecord, ForecastMade]:
    """Forecast with the last trained run of the project at ``path``, ``steps`` rows beyond the end."""
    if steps is not None and steps < 1:
        raise TsrnnError(f"A horizon of {steps} rows is none.", hint="Say 1 or more.")
    series, record, state, future_steps = last_run(path)
    request = Forecast(
        uuid4().hex,
        experiment=record.experiment,
        data=Data.read_by(record.experiment, series),
        state=state,
        future_steps=steps or future_steps,
    )
    return series, record, answered(request)


def last_run(path: Path) -> tuple[Series, RunRecord, bytes, int]:
    """Give the series, the last run that was trained, its state, and the rows to forecast."""
    with ProjectFile.open(path, read_only=True) as file:
        project = file.load()
        trained = [(run, file.checkpoint(run.id)) for run in file.runs()]
        kept = [(run, state) for run, state in trained if state is not None]
        if not kept:
            raise TsrnnError(f"{path.name} has no trained run.", hint="Train first: tsrnn train … --project.")
        record, (_, state) = kept[-1]
        return file.series(record.series_key), record, state, max(project.future_steps, 1)


def answered(request: Forecast | Export) -> Any:
    """Ask an engine of its own; give the event that holds the answer. Raises EngineFailed."""
    from tsrnn_gui.cli import EngineFailed

    engine = Engine()
    made: ForecastMade | Exported | None = None
    try:
        engine.start()
        for event in engine.ask(request):
            if isinstance(event, ForecastMade | Exported):
                made = event
            if isinstance(event, Failed):
                raise EngineFailed(event.text, event.hint, event.details)
    finally:
        engine.close()
    if made is None:
        raise EngineFailed("The engine gave no answer.", "Train again.")
    return made


def table_of(series: Series, record: RunRecord, made: ForecastMade) -> ForecastTable:
    """Lay out the validation part and the future as one table."""
    return forecast_table(
        series,
        record.experiment,
        np.asarray(made.origins.unpacked(), dtype=np.int64),
        np.asarray(made.validation.unpacked(), dtype=np.float64),
        np.asarray(made.future.unpacked(), dtype=np.float64),
        record.reports,
    )
