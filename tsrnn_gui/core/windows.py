"""Windows, targets, split and scaling: how rows become what a network learns from.

Everything that is fitted is fitted on the training part only, and the window, the engine and the
command line all come here, so what is previewed is what is trained.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from tsrnn_gui.core.problems import TsrnnError

Floats = NDArray[np.float32]
Starts = NDArray[np.int32]
LEVEL_STEPS = 5
_BLOCK = 1 << 18

Scaling = Literal["none", "standard", "minmax", "window_relative"]
Missing = Literal["refuse", "linear", "previous"]
SCALINGS: dict[str, str] = {
    "none": "none",
    "standard": "standardised",
    "minmax": "0 … 1",
    "window_relative": "window-relative",
}
MISSING_RULES: dict[str, str] = {
    "refuse": "refused",
    "previous": "repeat the last",
    "linear": "straight line",
}


class Windowing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which columns are read and foreseen, and how rows are cut into windows.

    ``split`` counts the rows of the training part. ``features_axis`` False gives the network
    batch × time instead of batch × time × features; ``open_length`` leaves the window's length
    unknown to the layers, as ``input_shape=[None]`` does.
    """

    inputs: Annotated[tuple[str, ...], Meta(title="Inputs")] = ()
    targets: Annotated[tuple[str, ...], Meta(title="Targets")] = ()
    window: Annotated[
        int, Meta(ge=1, le=1_000_000, title="Window", description="Rows the network looks back on.")
    ] = 20
    horizon: Annotated[
        int, Meta(ge=1, le=100_000, title="Horizon", description="Rows ahead that are foreseen at once.")
    ] = 1
    stride: Annotated[
        int, Meta(ge=1, le=1_000_000, title="Stride", description="Rows between two training windows.")
    ] = 1
    split: Annotated[
        int, Meta(ge=0, title="Split at", description="Rows of the training part; the rest validates.")
    ] = 0
    target: Annotated[
        Literal["auto", "value", "sequence"],
        Meta(
            title="Target", description="What follows the window, or the window shifted; auto asks the stack."
        ),
    ] = "auto"
    scaling: Annotated[
        Scaling, Meta(title="Scaling", description="How values are made small; fitted on the training part.")
    ] = "window_relative"
    missing: Annotated[Missing, Meta(title="Missing", description="What stands in for an empty cell.")] = (
        "refuse"
    )
    features_axis: Annotated[
        bool, Meta(title="Features axis", description="Input is batch × time × features.")
    ] = True
    open_length: Annotated[
        bool, Meta(title="Any length", description="The layers do not know the window's length.")
    ] = False


@dataclass(frozen=True)
class Counts:
    """How many windows the split, window, horizon and stride leave."""

    training: int
    validation: int
    batch: int

    @property
    def steps(self) -> int:
        """Optimizer steps an epoch; the last batch may be smaller."""
        return -(-self.training // max(self.batch, 1))


@dataclass(frozen=True, eq=False)
class Prepared:
    """Arrays ready for training; windows are start rows, gathered and never copied.

    ``inputs`` float32 (rows, features) and ``targets`` float32 (rows, targets) are scaled;
    ``actual`` float64 (rows, targets) are the targets in their units. With
    ``level_steps`` > 0 each window is further taken relative to the mean of its last
    ``level_steps`` values. ``offset`` and ``scale``, float64 (targets,), lead back to the units:
    ``value = (scaled + level) * scale + offset``. ``observed`` (rows,) is False where a target was
    filled in; no window is trained or scored on such a row.
    """

    inputs: Floats
    targets: Floats
    actual: NDArray[np.float64]
    training: Starts
    validation: Starts
    window: int
    horizon: int
    split: int
    level_steps: int
    offset: NDArray[np.float64]
    scale: NDArray[np.float64]
    observed: NDArray[np.bool_]
    input_targets: tuple[int, ...]


def window_counts(rows: int, windowing: Windowing, batch: int) -> Counts:
    """Count windows by arithmetic alone, for a series without filled rows."""
    w = windowing
    first_target = max(w.split, w.window)
    training = max(0, (w.split - w.window - w.horizon) // max(w.stride, 1) + 1)
    if w.split < w.window + w.horizon:
        training = 0
    return Counts(training, max(0, rows - w.horizon - first_target + 1), batch)


def filled(values: NDArray[np.float64], rule: Missing) -> NDArray[np.float64]:
    """Replace NaN in (rows, columns) by ``rule``; leading gaps take the first known value.

    Raises TsrnnError when values are missing and the rule refuses them, or a column is all missing.
    """
    missing = ~np.isfinite(values)
    if not missing.any():
        return values
    if rule == "refuse":
        raise TsrnnError(
            f"{int(missing.sum()):,} values are missing.",
            hint="Choose how missing values are filled, beside the window.",
        )
    if missing.all(axis=0).any():
        raise TsrnnError("A column has no value at all.", hint="Choose another column.")
    result = values.copy()
    rows = np.arange(len(values))
    for column in np.flatnonzero(missing.any(axis=0)):
        known = rows[~missing[:, column]]
        if rule == "linear":
            result[:, column] = np.interp(rows, known, values[known, column])
        else:
            last = known[np.maximum(np.searchsorted(known, rows, side="right") - 1, 0)]
            result[:, column] = values[last, column]
    return result


def starts(rows: int, windowing: Windowing, observed: NDArray[np.bool_]) -> tuple[Starts, Starts]:
    """Give the first rows of the training and of the validation windows, int32.

    Training windows and their targets end before the split; validation targets begin at it, their
    windows may reach back across it. Windows whose target was filled in are left out.
    """
    w = windowing
    training = np.arange(0, max(w.split - w.window - w.horizon + 1, 0), w.stride, dtype=np.int32)
    validation = np.arange(max(w.split - w.window, 0), rows - w.window - w.horizon + 1, dtype=np.int32)
    if observed.all():
        return training, validation
    holes = np.concatenate(([0], np.cumsum(~observed)))

    def whole(first: Starts) -> Starts:
        begin = first + w.window
        return np.asarray(first[holes[begin + w.horizon] == holes[begin]])

    return whole(training), whole(validation)


def prepare(values: NDArray[np.float64], columns: tuple[str, ...], windowing: Windowing) -> Prepared:
    """Cut, fill and scale ``values`` (rows, columns) as ``windowing`` says.

    Raises TsrnnError for a column that is not there or missing values that are refused.
    """
    for name in (*windowing.inputs, *windowing.targets):
        if name not in columns:
            raise TsrnnError(f"There is no column “{name}”.", hint=f"There are: {', '.join(columns)}.")
    into = [columns.index(name) for name in windowing.inputs]
    out = [columns.index(name) for name in windowing.targets]
    used = sorted({*into, *out})
    complete = filled(_picked(values, used), windowing.missing)
    observed = np.logical_and.reduce([np.isfinite(values[:, column]) for column in set(out)])
    training, validation = starts(len(values), windowing, observed)
    offset, scale = fitted(complete, windowing)
    read, places = [used.index(column) for column in into], [used.index(column) for column in out]
    inputs = _scaled(complete, read, offset, scale)
    return Prepared(
        inputs=inputs,
        targets=inputs if places == read else _scaled(complete, places, offset, scale),
        actual=_picked(complete, places),
        training=training,
        validation=validation,
        window=windowing.window,
        horizon=windowing.horizon,
        split=windowing.split,
        level_steps=min(LEVEL_STEPS, windowing.window) if windowing.scaling == "window_relative" else 0,
        offset=offset[places],
        scale=scale[places],
        observed=observed,
        input_targets=tuple(into.index(column) if column in into else -1 for column in out),
    )


def _picked(values: NDArray[np.float64], columns: list[int]) -> NDArray[np.float64]:
    """Give ``columns`` of ``values``; all of them in their order cost no copy."""
    return values if columns == list(range(values.shape[1])) else values[:, columns]


def _scaled(
    values: NDArray[np.float64],
    columns: list[int],
    offset: NDArray[np.float64],
    scale: NDArray[np.float64],
) -> Floats:
    """Scale ``columns`` a block of rows at a time, so that a long series is not held twice."""
    result = np.empty((len(values), len(columns)), np.float32)
    for first in range(0, len(values), _BLOCK):
        block = slice(first, first + _BLOCK)
        result[block] = (values[block][:, columns] - offset[columns]) / scale[columns]
    return result


def fitted(
    values: NDArray[np.float64], windowing: Windowing
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit offset and scale, each (columns,), on the rows before the split; a flat column keeps scale 1."""
    part = values[: max(windowing.split, 1)]
    nothing = np.zeros(values.shape[1])
    match windowing.scaling:
        case "none":
            return nothing, np.ones_like(nothing)
        case "standard":
            return part.mean(axis=0), _positive(part.std(axis=0))
        case "minmax":
            return part.min(axis=0), _positive(np.ptp(part, axis=0))
        case "window_relative":
            return part.mean(axis=0), _positive(_spread_about_level(part))


def _spread_about_level(part: NDArray[np.float64]) -> NDArray[np.float64]:
    """Root mean square distance of a row from the mean of the rows just before it."""
    if len(part) <= LEVEL_STEPS:
        return np.asarray(part.std(axis=0))
    total = np.zeros(part.shape[1])
    for first in range(LEVEL_STEPS, len(part), _BLOCK):
        rows = part[first : first + _BLOCK]
        lags = (part[first - lag :][: len(rows)] for lag in range(1, LEVEL_STEPS + 1))
        total += np.sum((rows - sum(lags) / LEVEL_STEPS) ** 2, axis=0)
    return np.asarray(np.sqrt(total / (len(part) - LEVEL_STEPS)))


def _positive(scale: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where((scale > 0) & np.isfinite(scale), scale, 1.0)


def levels(prepared: Prepared, first: Starts) -> Floats:
    """Give what each window is taken relative to, float32 (windows, targets); zeros without a level."""
    if not prepared.level_steps:
        return np.zeros((len(first), prepared.targets.shape[1]), np.float32)
    last = first[:, None] + np.arange(prepared.window - prepared.level_steps, prepared.window)
    return np.asarray(prepared.targets[last].mean(axis=1), dtype=np.float32)


def truth(prepared: Prepared, first: Starts) -> NDArray[np.float64]:
    """Give the values that follow each window in their units, float64 (windows, horizon, targets)."""
    rows = first[:, None] + prepared.window + np.arange(prepared.horizon)
    return np.asarray(prepared.actual[rows])


def in_units(prepared: Prepared, scaled: Floats, first: Starts) -> NDArray[np.float64]:
    """Lead (windows, horizon, targets) from the network's scale back to the series' units."""
    level = levels(prepared, first)[:, None, :]
    return np.asarray((scaled + level) * prepared.scale + prepared.offset, dtype=np.float64)
