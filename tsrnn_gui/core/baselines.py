"""Simple rules that every network is held against, forecast from the same origins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
_MEAN_OF = 5
_MOST_LAGS = 30
_BLOCK = 20_000


@dataclass(frozen=True)
class Task:
    """What a rule may know: ``values`` (rows,) without gaps, the split, and where forecasts start.

    ``origins`` (windows,) are the first rows to foresee; a rule reads rows before its origin only.
    """

    values: Values
    split: int
    origins: NDArray[np.int64]
    horizon: int
    season: int
    window: int


@dataclass(frozen=True)
class Rule:
    """A baseline: its key, the name a reader sees, and its forecast of shape (windows, horizon)."""

    key: str
    title: Callable[[Task], str]
    forecast: Callable[[Task], Values | None]


def _naive(task: Task) -> Values:
    return np.repeat(task.values[task.origins - 1][:, None], task.horizon, axis=1)


def _seasonal_naive(task: Task) -> Values | None:
    if task.season < 2 or (len(task.origins) and task.season > task.origins[0]):
        return None
    ahead = np.arange(task.horizon) % task.season
    return np.asarray(task.values[task.origins[:, None] - task.season + ahead])


def _moving_average(task: Task) -> Values | None:
    if len(task.origins) and task.origins[0] < _MEAN_OF:
        return None
    last = task.values[task.origins[:, None] + np.arange(-_MEAN_OF, 0)]
    return np.repeat(last.mean(axis=1, keepdims=True), task.horizon, axis=1)


def lags(task: Task) -> int:
    """Give the order of the autoregression: the window's, as far as the training part carries it."""
    return max(1, min(task.window, _MOST_LAGS, task.split // 5))


def _autoregression(task: Task) -> Values | None:
    """Least squares on the training part (Box & Jenkins), run forward on its own output."""
    order = lags(task)
    if task.split < 3 * order + 2 or (len(task.origins) and task.origins[0] < order):
        return None
    part = task.values[: task.split]
    centre = float(part.mean())
    spread = float(part.std()) or 1.0
    standard = (task.values - centre) / spread
    lagged = np.lib.stride_tricks.sliding_window_view(standard[: task.split - 1], order)
    weights = _least_squares(lagged, standard[order : task.split])
    history = standard[task.origins[:, None] + np.arange(-order, 0)]
    ahead = np.empty((len(task.origins), task.horizon))
    for step in range(task.horizon):
        ahead[:, step] = history @ weights[:-1] + weights[-1]
        history = np.column_stack((history[:, 1:], ahead[:, step]))
    return ahead * spread + centre


def _least_squares(lagged: Values, wanted: Values) -> Values:
    """Solve for weights and a last constant, by rows folded into one small triangle a block at a time.

    As exact as at once (Golub & Van Loan, 5.3), but a million rows neither fill the memory nor hold
    up other threads.
    """
    triangle = np.empty((0, lagged.shape[1] + 2))
    for first in range(0, len(wanted), _BLOCK):
        block = slice(first, first + _BLOCK)
        rows = np.column_stack((lagged[block], np.ones(len(wanted[block])), wanted[block]))
        if len(wanted) > _BLOCK:
            rows = np.asarray(np.linalg.qr(np.vstack((triangle, rows)), mode="r"))
        triangle = rows
    weights, *_ = np.linalg.lstsq(triangle[:, :-1], triangle[:, -1], rcond=None)
    return np.asarray(weights)


RULES: tuple[Rule, ...] = (
    Rule("naive", lambda task: "tomorrow equals today", _naive),
    Rule("seasonal_naive", lambda task: f"same as {task.season} steps before", _seasonal_naive),
    Rule("moving_average", lambda task: f"mean of the last {_MEAN_OF}", _moving_average),
    Rule("autoregression", lambda task: f"linear AR({lags(task)})", _autoregression),
)


def baselines(task: Task) -> dict[str, tuple[str, Values]]:
    """Give every rule that applies: key → (title, forecast of shape (windows, horizon))."""
    found: dict[str, tuple[str, Values]] = {}
    for rule in RULES:
        with np.errstate(over="ignore", invalid="ignore"):
            forecast = rule.forecast(task)
        if forecast is not None:
            found[rule.key] = (rule.title(task), forecast)
    return found
