"""``tsrnn info``: what a project holds."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tsrnn_gui.commands.output import print_json, print_table, written
from tsrnn_gui.core.experiment import verdict
from tsrnn_gui.core.runs import RunRecord
from tsrnn_gui.files.project_file import ProjectFile


def declare(parser: argparse.ArgumentParser) -> None:
    """Say which project."""
    parser.add_argument("project", type=Path, metavar="PROJECT", help="a .tsrnn project")


def run(arguments: argparse.Namespace) -> int:
    """Print series, stack and runs."""
    with ProjectFile.open(arguments.project, read_only=True) as file:
        project, runs = file.load(), file.runs()
    series = project.series
    found = verdict(project.experiment)
    if arguments.json:
        about = None
        if series is not None:
            about = {
                "name": series.name,
                "rows": len(series),
                "columns": series.columns,
                "step": str(series.step),
                "source": series.source,
                "sha256": series.sha256,
                "notes": series.notes,
            }
        print_json(
            {
                "series": about,
                "experiment": project.experiment,
                "weights": found.weights,
                "runs": [_as_object(run) for run in runs],
            }
        )
        return 0
    if series is not None:
        print(f"{series.name}: {len(series):,} rows, step {series.step}, columns {', '.join(series.columns)}")
    print(
        " → ".join(layer.label() for layer in project.experiment.stack), f"({found.weights or 0:,} weights)"
    )
    if runs:
        rows = [
            (_named(r), r.created[:19].replace("T", " "), r.status, f"{r.epochs_done:,}", *_maes(r))
            for r in runs
        ]
        print_table(("Run", "Started", "Status", "Epochs", "MAE", "naive"), rows, numbers=(3, 4, 5))
    else:
        print("No run yet.")
    return 0


def _named(run: RunRecord) -> str:
    if run.past is None:
        return str(run.number)
    return f"{run.number} (from {run.parent_number or 'a deleted run'}, epoch {run.past.until})"


def _as_object(run: RunRecord) -> dict[str, Any]:
    first = run.reports[0] if run.reports else None
    return {
        "id": run.id,
        "number": run.number,
        "parent": run.parent or None,
        "from_epoch": run.past.until if run.past else None,
        "created": run.created,
        "status": run.status,
        "epochs_done": run.epochs_done,
        "best_epoch": run.best_epoch,
        "weights": run.weights,
        "scores": first.network if first else None,
        "baselines": {rung.key: rung.scores for rung in first.rules} if first else {},
        "note": run.note,
    }


def _maes(run: RunRecord) -> tuple[str, str]:
    if not run.reports:
        return "n/a", "n/a"
    return written(run.reports[0].network.mae), written(run.reports[0].naive.mae)
