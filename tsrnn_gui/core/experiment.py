"""An experiment: how rows become windows, the stack that reads them, and how it is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from tsrnn_gui.core.fields import wrong_fields
from tsrnn_gui.core.layers import AnyLayer, Stack
from tsrnn_gui.core.plan import Plan
from tsrnn_gui.core.problems import Fix, Problem, TsrnnError
from tsrnn_gui.core.series import Series
from tsrnn_gui.core.shapes import Range, Shape
from tsrnn_gui.core.stack import Contract, Row, Target, check, contract
from tsrnn_gui.core.survey import only_counts
from tsrnn_gui.core.windows import Counts, Windowing, prepare, window_counts


class Experiment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that decides a run besides the data."""

    windowing: Windowing = Windowing()
    stack: tuple[AnyLayer, ...] = ()
    plan: Plan = Plan()


@dataclass(frozen=True)
class DataView:
    """What the check must know of the data: window counts, the targets' range, what is wrong.

    ``range`` holds the training targets on the scale the network sees, None without data.
    """

    counts: Counts | None = None
    range: Range | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """The answer of the live check: a row a layer, the contract, the counts, and all problems."""

    input_shape: Shape
    rows: tuple[Row, ...]
    contract: Contract
    counts: Counts | None
    data_problems: tuple[Problem, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems, the data's first, then from the input to the contract."""
        rows = (row.problem for row in self.rows)
        return (*self.data_problems, *(p for p in (*rows, self.contract.problem) if p))

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps Train disabled."""
        return tuple(p for p in self.problems if p.severity == "error")

    @property
    def weights(self) -> int | None:
        """The stack's weights, None while a shape is unknown."""
        if any(row.weights is None for row in self.rows):
            return None
        return sum(row.weights or 0 for row in self.rows)


def input_shape(windowing: Windowing) -> Shape:
    """Give the shape of one window as the first layer sees it."""
    time = None if windowing.open_length else windowing.window
    return (time, max(len(windowing.inputs), 1)) if windowing.features_axis else (time,)


def target_of(windowing: Windowing, view: DataView) -> Target:
    """Say what the stack's output will be compared with."""
    columns = max(len(windowing.targets), 1)
    words = "next value" if windowing.horizon == 1 else f"next {windowing.horizon} values"
    if columns > 1:
        words += f" of {columns} columns"
    return Target(
        wanted=windowing.target,
        window=windowing.window,
        width=windowing.horizon * columns,
        range=view.range,
        level=windowing.scaling == "window_relative",
        words=words,
    )


def verdict(experiment: Experiment, view: DataView | None = None) -> Verdict:
    """Check ``experiment`` live; ``view`` adds what only the data can tell. Never raises."""
    view = view or DataView()
    windowing = experiment.windowing
    shape = input_shape(windowing)
    bounds = _bounds(experiment)
    axis = _axis_problem(windowing)
    rows = check(experiment.stack, None if bounds or axis else shape)
    met = contract(experiment.stack, rows, target_of(windowing, view))
    met = _with_scaling_fix(met, experiment)
    problems = (*bounds, *axis, *view.problems)
    return Verdict(shape, tuple(rows), met, view.counts, problems)


def data_view(series: Series | None, windowing: Windowing, batch: int) -> DataView:
    """Look at ``series`` as ``windowing`` cuts it; costs one pass over the data, so keep the answer."""
    if series is None:
        return DataView(problems=(Problem("No series is open: open a file or choose a sample."),))
    if any(text for _, text in wrong_fields(windowing)):
        return DataView()
    problem = _columns_problem(series, windowing)
    if problem:
        return DataView(problems=(problem,))
    counts = window_counts(len(series), windowing, batch)
    problems = [*_length_problems(len(series), windowing, counts)]
    if problems:
        return DataView(counts, None, tuple(problems))
    try:
        prepared = prepare(series.values, series.columns, windowing)
    except TsrnnError:
        return DataView(counts, None, (_missing_problem(series, windowing),))
    counts = Counts(len(prepared.training), len(prepared.validation), batch)
    part = prepared.targets[: windowing.split]
    flat = [name for name, size in zip(windowing.targets, np.ptp(part, axis=0), strict=True) if size == 0]
    if flat:
        problems.append(_flat_problem(flat[0], series))
    if not counts.training or not counts.validation:
        problems.append(Problem("No window is left: every target was filled in. Choose another column."))
    level = prepared.level_steps > 0
    reach = None if level else (float(part.min()), float(part.max()))
    return DataView(counts, reach, tuple(problems))


def defaults_for(series: Series, experiment: Experiment, split: int | None = None) -> Experiment:
    """Fit ``experiment`` to a newly opened ``series``: its columns and a split at 80 % if none is given.

    Columns that are still there stay chosen; otherwise the first column is input and target.
    """
    old = experiment.windowing
    inputs = tuple(c for c in old.inputs if c in series.columns) or (_first_that_varies(series),)
    targets = tuple(c for c in old.targets if c in series.columns) or inputs[:1]
    rows = len(series)
    split = split if split is not None else round(rows * 0.8)
    windowing = msgspec.structs.replace(
        old,
        inputs=inputs,
        targets=targets,
        split=split,
    )
    return msgspec.structs.replace(experiment, windowing=windowing)


def _first_that_varies(series: Series) -> str:
    """A column that only counts its rows is hardly what is to be forecast, where there is another."""
    varying = (name for name in series.columns if not only_counts(series, name))
    return next(varying, series.columns[0])


def _bounds(experiment: Experiment) -> tuple[Problem, ...]:
    """Numbers out of bounds, each with its default as the fix."""
    w, p = experiment.windowing, experiment.plan
    found = [
        Problem(text, (Fix(f"Set it to {f.default}", windowing=_set(w, f.name, f.default)),))
        for f, text in wrong_fields(w)
    ]
    found += [
        Problem(text, (Fix(f"Set it to {f.default}", plan=_set(p, f.name, f.default)),))
        for f, text in wrong_fields(p)
    ]
    for name in ("optimizer", "schedule"):
        part = getattr(p, name)
        found += [
            Problem(text, (Fix(f"Set it to {f.default}", plan=_set(p, name, _set(part, f.name, f.default))),))
            for f, text in wrong_fields(part)
        ]
    return tuple(found)


def _set(value: Any, name: str, new: object) -> Any:
    return msgspec.structs.replace(value, **{name: new})


def _axis_problem(windowing: Windowing) -> tuple[Problem, ...]:
    if windowing.features_axis or len(windowing.inputs) < 2:
        return ()
    return (
        Problem(
            f"{len(windowing.inputs)} input columns need the input as batch × time × features.",
            (Fix("Give the input a features axis", windowing=_set(windowing, "features_axis", True)),),
        ),
    )


def _columns_problem(series: Series, windowing: Windowing) -> Problem | None:
    if not windowing.inputs or not windowing.targets:
        return Problem("Choose at least one input column and one target column.")
    for name in (*windowing.inputs, *windowing.targets):
        if name not in series.columns:
            first = series.columns[:1]
            use = msgspec.structs.replace(windowing, inputs=first, targets=first)
            return Problem(
                f"There is no column “{name}” in this series.", (Fix(f"Use “{first[0]}”", windowing=use),)
            )
    return None


def _length_problems(rows: int, windowing: Windowing, counts: Counts) -> list[Problem]:
    w, need = windowing, windowing.window + windowing.horizon
    if rows < need + 1:
        smaller = max(1, (rows - w.horizon) // 4)
        return [
            Problem(
                f"The series is too short: {rows} rows < window {w.window} + horizon {w.horizon} + 1.",
                (Fix(f"Set the window to {smaller}", windowing=_shrunk(rows, w, smaller)),)
                if rows > 4
                else (),
            )
        ]
    if not counts.training:
        text = f"The training part is too short: {w.split} rows < window {w.window} + horizon {w.horizon}."
        smaller = max(1, min(w.window, (rows - w.horizon) // 4))
        return [Problem(text, (Fix("Make both fit", windowing=_shrunk(rows, w, smaller)),))]
    if not counts.validation:
        text = (
            f"The validation part is too short: {rows - w.split} rows after the split < horizon {w.horizon}."
        )
        return [Problem(text, (Fix("Split at 80 %", windowing=_set(w, "split", int(rows * 0.8))),))]
    return []


def _shrunk(rows: int, windowing: Windowing, window: int) -> Windowing:
    horizon = min(windowing.horizon, max(1, rows // 5))
    split = max(window + horizon, int(rows * 0.8))
    return msgspec.structs.replace(windowing, window=window, horizon=horizon, split=split)


def _missing_problem(series: Series, windowing: Windowing) -> Problem:
    names = dict.fromkeys((*windowing.inputs, *windowing.targets))
    count = sum(int(np.count_nonzero(~np.isfinite(series.column(name)))) for name in names)
    fixes = (
        Fix("Repeat the last value", windowing=_set(windowing, "missing", "previous")),
        Fix("Draw straight lines", windowing=_set(windowing, "missing", "linear")),
    )
    if all(not np.isfinite(series.column(name)).any() for name in names):
        return Problem("The chosen columns have no value at all: choose another column.")
    return Problem(
        f"{count:,} value{' is' if count == 1 else 's are'} missing. Choose how to fill "
        f"{'it' if count == 1 else 'them'}; filled values are never trained towards or scored.",
        fixes,
    )


def _flat_problem(name: str, series: Series) -> Problem:
    values = series.column(name)
    finite = values[np.isfinite(values)]
    if len(finite) and finite.min() == finite.max():
        return Problem(
            f"“{name}” is constant ({finite[0]:g}): there is nothing to learn. Choose another column."
        )
    return Problem(f"“{name}” does not change before the split: move the split or choose another column.")


def _with_scaling_fix(met: Contract, experiment: Experiment) -> Contract:
    """The contract does not know the windowing, so its scaling problem gets its fix here."""
    if (
        met.problem is None
        or met.problem.fixes
        or not met.sequence
        or not met.problem.text.startswith("Scaling")
    ):
        return met
    fix = Fix("Scale to mean 0, spread 1", windowing=_set(experiment.windowing, "scaling", "standard"))
    return Contract(met.sequence, met.shape, met.words, Problem(met.problem.text, (fix,)))


def is_sequence(experiment: Experiment) -> bool:
    """Say whether the target is the shifted window rather than what follows it."""
    rows = check(experiment.stack, input_shape(experiment.windowing))
    return contract(experiment.stack, rows, target_of(experiment.windowing, DataView())).sequence


__all__ = [
    "DataView",
    "Experiment",
    "Stack",
    "Verdict",
    "data_view",
    "defaults_for",
    "is_sequence",
    "verdict",
]
