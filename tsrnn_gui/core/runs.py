"""What is kept of a training run, and how its forecast is judged beside simple rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.core.baselines import Task, baselines
from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.explosions import Explosion
from tsrnn_gui.core.past import Past
from tsrnn_gui.core.scores import Scores, scores
from tsrnn_gui.core.series import Series
from tsrnn_gui.core.windows import filled

Status = Literal["running", "completed", "stopped", "early", "exploded", "failed", "interrupted"]


class Epoch(msgspec.Struct, frozen=True):
    """One epoch's numbers as kept: losses on the network's scale, MAE in units, None if not finite."""

    epoch: int
    loss: float | None
    mae: float | None
    val_loss: float | None
    val_mae: float | None
    learning_rate: float
    seconds: float
    best: bool = False


class Rung(msgspec.Struct, frozen=True):
    """One step of the ladder: a rule or the network, with its scores."""

    key: str
    title: str
    scores: Scores


class Report(msgspec.Struct, frozen=True):
    """The truth about one target: the network's scores, and every rule's on the same points."""

    target: str
    network: Scores
    rules: tuple[Rung, ...]
    points: int

    @property
    def naive(self) -> Scores:
        """The scores of "tomorrow equals today"."""
        return next(rung.scores for rung in self.rules if rung.key == "naive")

    @property
    def ladder(self) -> tuple[Rung, ...]:
        """All rungs with the network among them, worst MAE first."""
        rungs = (*self.rules, Rung("network", "this network", self.network))
        return tuple(
            sorted(rungs, key=lambda rung: -(np.inf if rung.scores.mae is None else rung.scores.mae))
        )

    @property
    def sentence(self) -> str:
        """Say in one sentence whether to believe it."""
        mine, naive = self.network.mae, self.naive.mae
        if mine is None or naive is None:
            return "No finite score: the forecast cannot be judged."
        if naive == 0:
            return "“Tomorrow equals today” makes no error here: there is nothing to improve."
        gain = 100 * (1 - mine / naive)
        better = f"MAE {mine:.4g} · naive {naive:.4g} · {abs(gain):.0f} % "
        if gain < 0.5:
            return better + "worse than “tomorrow equals today”: do not use this forecast."
        best = min(
            (rung for rung in self.rules if rung.scores.mae is not None), key=lambda r: r.scores.mae or 0
        )
        if best.key != "naive" and (best.scores.mae or 0) < mine:
            return better + f"better than “tomorrow equals today”, but {best.title} does better still."
        return better + "better than “tomorrow equals today”."


@dataclass(frozen=True)
class RunRecord:
    """A run as the project file tells it; one that left another names its ``parent`` and its ``past``.

    ``number`` is what the project calls it; ``parent_number`` is None where there is no parent any more.
    """

    id: str
    created: str
    status: Status
    experiment: Experiment
    series_key: str
    parent: str = ""
    weights: int | None = None
    epochs_done: int = 0
    best_epoch: int | None = None
    note: str = ""
    reports: tuple[Report, ...] = ()
    past: Past | None = None
    number: int = 0
    parent_number: int | None = None
    explosion: Explosion | None = None


def reports(
    series: Series, experiment: Experiment, origins: NDArray[np.int64], forecast: NDArray[np.float64]
) -> tuple[Report, ...]:
    """Judge ``forecast`` (windows, horizon, targets) made from ``origins``, a report a target."""
    w = experiment.windowing
    return tuple(
        _report(series, experiment, name, origins, forecast[:, :, place])
        for place, name in enumerate(w.targets)
    )


def naive_line(
    series: Series, experiment: Experiment, target: str, origins: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Give "tomorrow equals today" at ``origins`` for ``target``, shape (windows,)."""
    return complete(series, experiment, target)[origins - 1]


def complete(series: Series, experiment: Experiment, target: str) -> NDArray[np.float64]:
    """Give the target's column with missing values filled as the experiment says, shape (rows,)."""
    return filled(series.column(target)[:, None], experiment.windowing.missing)[:, 0]


def _report(
    series: Series,
    experiment: Experiment,
    name: str,
    origins: NDArray[np.int64],
    forecast: NDArray[np.float64],
) -> Report:
    w = experiment.windowing
    values = complete(series, experiment, name)
    truth = values[origins[:, None] + np.arange(w.horizon)]
    training = series.column(name)[: w.split]
    task = Task(values, w.split, origins, w.horizon, series.season, w.window)
    rungs: Sequence[Rung] = [
        Rung(key, title, scores(truth, made, training)) for key, (title, made) in baselines(task).items()
    ]
    return Report(name, scores(truth, forecast, training), tuple(rungs), int(truth.size))
