"""``tsrnn samples`` and ``tsrnn presets``: what ships."""

from __future__ import annotations

import argparse

from tsrnn_gui.commands.output import print_json, print_table
from tsrnn_gui.core.experiment import verdict
from tsrnn_gui.core.presets import PRESETS
from tsrnn_gui.files.samples import SAMPLES


def declare(parser: argparse.ArgumentParser) -> None:
    """Listings take no arguments."""


def samples(arguments: argparse.Namespace) -> int:
    """List the samples."""
    if arguments.json:
        print_json(
            [
                {
                    "name": s.name,
                    "title": s.title,
                    "description": s.description,
                    "unit": s.unit,
                    "columns": s.columns,
                    "licence": s.licence,
                }
                for s in SAMPLES
            ]
        )
    else:
        print_table(("Name", "What it is"), [(f"sample:{s.name}", s.description) for s in SAMPLES])
    return 0


def presets(arguments: argparse.Namespace) -> int:
    """List the presets with their weights."""
    rows = [(p, verdict(p.experiment).weights) for p in PRESETS]
    if arguments.json:
        print_json(
            [{"name": p.name, "title": p.title, "description": p.description, "weights": w} for p, w in rows]
        )
    else:
        table = [(f"preset:{p.name}", f"{w:,}", p.description) for p, w in rows]
        print_table(("Name", "Weights", "What it is"), table, numbers=(1,))
    return 0
