"""``tsrnn check``: every layer's shape and weights, or what is wrong and how to mend it."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from tsrnn_gui.commands.output import print_json, print_table
from tsrnn_gui.commands.sources import model
from tsrnn_gui.core.experiment import Experiment, Verdict, verdict
from tsrnn_gui.core.problems import Problem
from tsrnn_gui.core.shapes import Shape, written


def declare(parser: argparse.ArgumentParser) -> None:
    """Say which model and how its windows are cut."""
    parser.add_argument("model", metavar="MODEL", help="preset:NAME, a .tsrnn project, or a stack as .json")
    parser.add_argument("--window", type=int, metavar="N", help="rows that the network looks back on")
    parser.add_argument("--horizon", type=int, metavar="H", help="rows ahead that are foreseen at once")
    parser.add_argument("--batch", type=int, metavar="N", help="windows a step")


def run(arguments: argparse.Namespace) -> int:
    """Print the verdict; 1 if anything is wrong."""
    experiment = _asked(model(arguments.model), arguments)
    found = verdict(experiment)
    if arguments.json:
        print_json(_as_object(found))
    else:
        _print(found, experiment)
    return 1 if found.errors else 0


def _asked(experiment: Experiment, arguments: argparse.Namespace) -> Experiment:
    cut = {
        name: getattr(arguments, name)
        for name in ("window", "horizon")
        if getattr(arguments, name) is not None
    }
    windowing = msgspec.structs.replace(experiment.windowing, **cut)
    plan = experiment.plan
    if arguments.batch is not None:
        plan = msgspec.structs.replace(plan, batch=arguments.batch)
    return msgspec.structs.replace(experiment, windowing=windowing, plan=plan)


def _as_object(found: Verdict) -> dict[str, Any]:
    layers = [
        {
            "kind": type(row.layer).__struct_config__.tag,
            "label": row.layer.label(),
            "output_shape": _with_batch(row.shape),
            "weights": row.weights,
            "problem": _as_problem(row.problem),
        }
        for row in found.rows
    ]
    return {
        "ok": not found.errors,
        "weights": found.weights,
        "input_shape": _with_batch(found.input_shape),
        "layers": layers,
        "contract": {
            "target": found.contract.words,
            "sequence": found.contract.sequence,
            "shape": _with_batch(found.contract.shape),
            "problem": _as_problem(found.contract.problem),
        },
        "problems": [_as_problem(p) for p in found.data_problems],
        "warnings": [p.text for p in found.problems if p.severity == "warning"],
    }


def _with_batch(shape: Shape | None) -> list[int | None] | None:
    return None if shape is None else [None, *shape]


def _as_problem(problem: Problem | None) -> dict[str, Any] | None:
    if problem is None:
        return None
    return {"text": problem.text, "severity": problem.severity, "fixes": [fix.label for fix in problem.fixes]}


def _print(found: Verdict, experiment: Experiment) -> None:
    batch = experiment.plan.batch
    rows = [("Input", written(found.input_shape, batch), "", "")]
    for row in found.rows:
        shape = "—" if row.shape is None else written(row.shape, batch)
        weights = "—" if row.weights is None else f"{row.weights:,}"
        rows.append((row.layer.label(), shape, weights, _said(row.problem)))
    total = "—" if found.weights is None else f"{found.weights:,}"
    contract = found.contract
    rows.append((f"Target: {contract.words}", written(contract.shape, batch), total, _said(contract.problem)))
    print_table(("Layer", "Output shape", "Weights", ""), rows, numbers=(1, 2))
    for problem in found.data_problems:
        print(problem.text)


def _said(problem: Problem | None) -> str:
    if problem is None:
        return ""
    fixes = "; ".join(fix.label for fix in problem.fixes)
    return f"{problem.text}{f' Fix: {fixes}.' if fixes else ''}"
