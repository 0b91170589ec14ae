"""Forecasts beyond the end of the series, at once or by feeding forecasts back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.core.windows import Floats, Prepared
from tsrnn_gui.engine.programs import Programs
from tsrnn_gui.engine.validation import Validation
from tsrnn_gui.wire.messages import Array, Forecast, ForecastMade, Train

Predict = Callable[[Floats], Floats]


@dataclass(frozen=True, eq=False)
class Future:
    """``values`` float64 (steps, targets) in units; ``limit`` says why there are fewer than asked for."""

    values: NDArray[np.float64]
    recursive: bool = False
    limit: str = ""


def future(
    predict: Predict, prepared: Prepared, steps: int, stopped: Callable[[], bool] = lambda: False
) -> Future:
    """Forecast ``steps`` rows beyond the data with ``predict``: windows → (windows, width), scaled.

    Up to the horizon at once. Beyond it the forecasts are fed back in as if they had happened,
    which needs every input column to be foreseen; the window's level is then taken anew.
    """
    rows, horizon = len(prepared.inputs), prepared.horizon
    columns = prepared.targets.shape[1]
    if not steps or rows < prepared.window:
        return Future(np.empty((0, columns)))
    window = prepared.inputs[-prepared.window :].copy()
    back = prepared.targets[-prepared.window :].copy()
    made: list[Floats] = []
    limit = "" if steps <= horizon else _why_not_further(prepared)
    while sum(map(len, made)) < steps and not (made and (limit or stopped())):
        ahead = _ahead(predict, prepared, window, back)
        made.append(ahead)
        window = np.concatenate((window, _fed_back(prepared, ahead)))[-prepared.window :]
        back = np.concatenate((back, ahead))[-prepared.window :]
    scaled = np.concatenate(made)[:steps].astype(np.float64)
    if len(scaled) < steps and not limit:
        limit = "The forecast was stopped."
    return Future(scaled * prepared.scale + prepared.offset, len(made) > 1, limit)


def _ahead(predict: Predict, prepared: Prepared, window: Floats, back: Floats) -> Floats:
    """Forecast the horizon after ``window``, float32 (horizon, targets), levels added."""
    level = np.zeros(back.shape[1], np.float32)
    if prepared.level_steps:
        level = back[-prepared.level_steps :].mean(axis=0)
        window = window - window[-prepared.level_steps :].mean(axis=0)
    outputs = predict(window[None]).reshape(prepared.horizon, -1)
    return np.asarray(outputs + level, dtype=np.float32)


def _fed_back(prepared: Prepared, ahead: Floats) -> Floats:
    """Lay forecasts out as input columns; those that are not foreseen stay zero and are not used."""
    rows = np.zeros((len(ahead), prepared.inputs.shape[1]), np.float32)
    for target, column in enumerate(prepared.input_targets):
        if column >= 0:
            rows[:, column] = ahead[:, target]
    return rows


def _why_not_further(prepared: Prepared) -> str:
    missing = set(range(prepared.inputs.shape[1])) - set(prepared.input_targets)
    if not missing:
        return ""
    count = len(missing)
    return (
        f"Only {prepared.horizon} step{'s' * (prepared.horizon > 1)} can be foreseen, because "
        f"{count} input column{'s are' if count > 1 else ' is'} not among the targets."
    )


def forecast_made(
    request: Train | Forecast,
    epoch: int,
    programs: Programs,
    prepared: Prepared,
    validation: Validation,
    stopped: Callable[[], bool],
    known: Floats | None = None,
) -> ForecastMade | None:
    """Forecast the validation part and the future with the weights that ``programs`` hold.

    ``known`` are the validation outputs (windows, horizon, targets) of these weights, if there are any.
    None where it was ``stopped`` before the validation part was through.
    """
    if known is None:
        validated = validation.run(stopped)
        if validated is None:
            return None
        known = validated.outputs

    values = programs.snapshot().variables

    def predict(windows: Floats) -> Floats:
        return programs.predict(windows[0], *values)

    ahead = future(predict, prepared, request.future_steps, stopped)
    return ForecastMade(
        request.run,
        epoch=epoch,
        origins=Array.of(prepared.validation.astype(np.int64) + prepared.window),
        validation=Array.of(validation.in_units(known)),
        future=Array.of(ahead.values),
        recursive=ahead.recursive,
        future_limit=ahead.limit,
    )
