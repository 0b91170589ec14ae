"""``tsrnn export``: take a trained project away as a table, as code, or as a network for other programs."""

from __future__ import annotations

import argparse
from pathlib import Path
from uuid import uuid4

from tsrnn_gui.commands.forecast import answered, forecast_of, last_run, table_of
from tsrnn_gui.commands.output import print_json
from tsrnn_gui.core.model_formats import MODEL_FORMATS, ModelFormat, placed
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.script import CODE_EXPORTS, CodeExport, Recipe, refuse_unrepeatable
from tsrnn_gui.files.exporters import EXPORTERS, export
from tsrnn_gui.files.series_csv import series_csv
from tsrnn_gui.files.whole_files import write_set
from tsrnn_gui.wire.messages import Data, Export, Exported


def declare(parser: argparse.ArgumentParser) -> None:
    """Say which project, which format, and where to."""
    parser.add_argument("project", type=Path, metavar="PROJECT", help="a .tsrnn project with a trained run")
    keys = [*(entry.key for entry in EXPORTERS), *(entry.key for entry in CODE_EXPORTS)]
    keys += [entry.key for entry in MODEL_FORMATS]
    parser.add_argument(
        "--to", required=True, choices=keys, help=f"one of {', '.join(keys)}", metavar="FORMAT"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="PATH", help="file to write")


def run(arguments: argparse.Namespace) -> int:
    """Write what was trained in the format asked for."""
    for code in CODE_EXPORTS:
        if code.key == arguments.to:
            return _export_code(code, arguments)
    for form in MODEL_FORMATS:
        if form.key == arguments.to:
            return _export_model(form, arguments)
    series, record, made = forecast_of(arguments.project, None)
    export(table_of(series, record, made), arguments.out, arguments.to)
    if arguments.json:
        print_json({"out": str(arguments.out), "format": arguments.to})
    return 0


def _export_code(entry: CodeExport, arguments: argparse.Namespace) -> int:
    """Write the code, and beside it the series that it reads."""
    series, record, _, future_steps = last_run(arguments.project)
    refuse_unrepeatable(record.epochs_done, record.past)
    w, out = record.experiment.windowing, arguments.out
    beside = out.with_name(out.stem + entry.beside)
    recipe = Recipe(record.experiment, beside.name, series.name, record.epochs_done, future_steps)
    write_set({out: entry.write(recipe).encode(), beside: series_csv(series, (*w.inputs, *w.targets))})
    if arguments.json:
        print_json({"out": str(out), "format": entry.key, "series": str(beside)})
    return 0


def _export_model(form: ModelFormat, arguments: argparse.Namespace) -> int:
    """Have the network written and tried by the engine; only then touch the disk."""
    out: Path = arguments.out
    if out.suffix.lower() != form.suffix:
        raise TsrnnError(
            f"The name of a {form.title} ends in {form.suffix}, not “{out.name}”.",
            hint=f"Say --out {out.with_suffix(form.suffix)}.",
        )
    series, record, state, _ = last_run(arguments.project)
    form.check(record.experiment)
    data = Data.read_by(record.experiment, series)
    request = Export(uuid4().hex, experiment=record.experiment, data=data, state=state, format=form.key)
    made: Exported = answered(request)
    files = placed(out, made.files)
    write_set(files)
    if arguments.json:
        about = {"out": str(out), "format": form.key, "files": [str(path) for path in files]}
        print_json({**about, "difference": made.difference, "windows": made.windows})
        return 0
    print(f"Wrote {', '.join(path.name for path in files)}. {made.sentence}")
    return 0
