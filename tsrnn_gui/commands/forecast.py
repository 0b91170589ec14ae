"""``tsrnn forecast`` and ``tsrnn export``: take a trained project's forecast away."""

from __future__ import annotations

import argparse
from pathlib import Path
from uuid import uuid4

import numpy as np

from tsrnn_gui.commands.output import print_json, print_table, written_time
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.runs import RunRecord
from tsrnn_gui.core.script import CODE_EXPORTS, CodeExport, Recipe
from tsrnn_gui.core.series import Series
from tsrnn_gui.files.exporters import EXPORTERS, ForecastTable, export, write_whole
from tsrnn_gui.files.forecast_table import forecast_table
from tsrnn_gui.files.project_file import ProjectFile
from tsrnn_gui.files.series_csv import series_csv
from tsrnn_gui.wire.client import Engine
from tsrnn_gui.wire.messages import Array, Data, Failed, Forecast, ForecastMade


def declare(parser: argparse.ArgumentParser) -> None:
    """Say which project, how far, and where to."""
    parser.add_argument("project", type=Path, metavar="PROJECT", help="a .tsrnn project with a trained run")
    parser.add_argument("--horizon", type=int, metavar="H", help="rows to forecast beyond the end")
    parser.add_argument("--out", type=Path, metavar="F", help="write the table here (.csv, .xlsx)")


def declare_export(parser: argparse.ArgumentParser) -> None:
    """Say which project, which format, and where to."""
    parser.add_argument("project", type=Path, metavar="PROJECT", help="a .tsrnn project with a trained run")
    keys = [*(entry.key for entry in EXPORTERS), *(entry.key for entry in CODE_EXPORTS)]
    parser.add_argument("--to", required=True, choices=keys, help="format", metavar="FORMAT")
    parser.add_argument("--out", type=Path, required=True, metavar="PATH", help="file to write")
    parser.set_defaults(horizon=None)


def run(arguments: argparse.Namespace) -> int:
    """Print the future, or write the whole table to a file."""
    series, record, made = _made(arguments.project, arguments.horizon)
    table = _table(series, record, made)
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


def run_export(arguments: argparse.Namespace) -> int:
    """Write the forecast, or the code that makes it, in the format asked for."""
    for entry in CODE_EXPORTS:
        if entry.key == arguments.to:
            return _export_code(entry, arguments)
    series, record, made = _made(arguments.project, None)
    export(_table(series, record, made), arguments.out, arguments.to)
    if arguments.json:
        print_json({"out": str(arguments.out), "format": arguments.to})
    return 0


def _made(path: Path, steps: int | None) -> tuple[Series, RunRecord, ForecastMade]:
    if steps is not None and steps < 1:
        raise TsrnnError(f"A horizon of {steps} rows is none.", hint="Say 1 or more.")
    series, record, state, future_steps = _last_run(path)
    request = Forecast(
        uuid4().hex,
        experiment=record.experiment,
        data=Data(Array.of(series.values), series.columns),
        state=state,
        future_steps=steps or future_steps,
    )
    return series, record, _answered(request)


def _export_code(entry: CodeExport, arguments: argparse.Namespace) -> int:
    """Write the code, and beside it the series that it reads."""
    series, record, _, future_steps = _last_run(arguments.project)
    w, out = record.experiment.windowing, arguments.out
    beside = out.with_name(f"{out.stem}_series.csv")
    trained = record.epochs_done or None
    recipe = Recipe(record.experiment, beside.name, series.name, trained, future_steps)
    write_whole(beside, series_csv(series, (*w.inputs, *w.targets)))
    write_whole(out, entry.write(recipe).encode())
    if arguments.json:
        print_json({"out": str(out), "format": entry.key, "series": str(beside)})
    return 0


def _last_run(path: Path) -> tuple[Series, RunRecord, bytes, int]:
    """Give the series, the last run that was trained, its state, and the rows to forecast."""
    with ProjectFile.open(path, read_only=True) as file:
        project = file.load()
        trained = [(run, file.checkpoint(run.id)) for run in file.runs()]
        kept = [(run, state) for run, state in trained if state is not None]
        if not kept:
            raise TsrnnError(f"{path.name} has no trained run.", hint="Train first: tsrnn train … --project.")
        record, (_, state) = kept[-1]
        return file.series(record.series_key), record, state, max(project.future_steps, 1)


def _answered(request: Forecast) -> ForecastMade:
    from tsrnn_gui.cli import EngineFailed

    engine = Engine()
    made: ForecastMade | None = None
    try:
        engine.start()
        for event in engine.ask(request):
            if isinstance(event, ForecastMade):
                made = event
            if isinstance(event, Failed):
                raise EngineFailed(event.text, event.hint, event.details)
    finally:
        engine.close()
    if made is None:
        raise EngineFailed("The engine made no forecast.", "Train again.")
    return made


def _table(series: Series, record: RunRecord, made: ForecastMade) -> ForecastTable:
    return forecast_table(
        series,
        record.experiment,
        np.asarray(made.origins.unpacked(), dtype=np.int64),
        np.asarray(made.validation.unpacked(), dtype=np.float64),
        np.asarray(made.future.unpacked(), dtype=np.float64),
        record.reports,
    )
