"""How far a forecast was from the truth, in the units of the series."""

from __future__ import annotations

import math

import msgspec
import numpy as np
from numpy.typing import NDArray


class Scores(msgspec.Struct, frozen=True):
    """Mean errors over the validation part; None where a number does not exist.

    MASE divides the MAE by that of "tomorrow equals today" over the training part
    (Hyndman & Koehler 2006).
    """

    mae: float | None
    mse: float | None
    rmse: float | None
    mase: float | None


def scores(
    truth: NDArray[np.float64], forecast: NDArray[np.float64], training: NDArray[np.float64]
) -> Scores:
    """Score ``forecast`` against ``truth``, equal shapes; ``training`` is (rows,), NaN where unknown."""
    with np.errstate(over="ignore", invalid="ignore"):
        error = np.asarray(forecast, dtype=np.float64) - truth
        mae, mse = float(np.mean(np.abs(error))), float(np.mean(error**2))
        steps = np.abs(np.diff(training))
        steps = steps[np.isfinite(steps)]
        unit = float(steps.mean()) if len(steps) else 0.0
    return Scores(
        mae=_finite(mae),
        mse=_finite(mse),
        rmse=_finite(math.sqrt(mse)) if math.isfinite(mse) else None,
        mase=_finite(mae / unit) if unit > 0 else None,
    )


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
