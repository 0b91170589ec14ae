"""The curves of learning: loss or error of every epoch, and the learning rate it used or will use."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.core.plan import Plan
from tsrnn_gui.ui.number_axes import CountAxis
from tsrnn_gui.ui.plots import Plot

_LOSSES = {"huber": "Huber", "mse": "MSE", "mae": "MAE"}
_PREVIEW_POINTS = 500
QUANTITIES = {"loss": "Loss", "mae": "MAE in units"}


class LossPlot(Plot):
    """Loss, or the mean absolute error in the series' units, of training and validation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "loss_plot",
            "Loss",
            "epoch",
            log=True,
            bottom=CountAxis(),
            say_x="epoch {:,.0f}".format,
            empty="Loss and validation loss are drawn here, epoch by epoch.",
            parent=parent,
        )
        self.quantity = "loss"
        self.add("training", "training", "forecast")
        self.add("validation", "validation", "validation", "dashed")
        self.add("best", "", "validation", marks=True)
        self._best_line = pg.InfiniteLine(
            angle=90, label="best", labelOpts={"position": 0.94, "anchors": [(1, 0.5), (1, 0.5)]}
        )
        self._best_line.hide()
        self.mark(self._best_line)

    def show_run(self, log: RunLog | None) -> None:
        """Show every epoch of ``log`` so far."""
        name = _LOSSES[log.experiment.plan.loss] if log is not None else ""
        what = f"Loss ({name})" if self.quantity == "loss" and name else QUANTITIES[self.quantity]
        self.set_title(f"{what}, log scale")
        x = _column(log, "epoch") + 1
        self.set("training", x, _column(log, self.quantity))
        self.set("validation", x, _column(log, f"val_{self.quantity}"))
        best = log.best if log is not None else None
        self._best_line.setVisible(best is not None)
        here = x == best.epoch + 1 if best is not None else np.zeros(len(x), np.bool_)
        self.set("best", x[here], _column(log, f"val_{self.quantity}")[here])
        if best is not None:
            self._best_line.setValue(best.epoch + 1)
            anchor = (1, 0.5) if best.epoch >= len(x) / 2 else (0, 0.5)
            self._best_line.label.anchors = [anchor, anchor]
            self._best_line.label.updatePosition()


class RatePlot(Plot):
    """The learning rate that each epoch used, over the one that is planned."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "rate_plot",
            "Learning rate, log scale",
            "epoch",
            log=True,
            bottom=CountAxis(),
            say_x="epoch {:,.0f}".format,
            parent=parent,
        )
        self.add("planned", "planned", "faint", "dashed", thin=True)
        self.add("used", "used", "accent")
        self._plan: Plan | None = None

    def show_run(self, log: RunLog | None, plan: Plan) -> None:
        """Show what ``log`` used, and the schedule of ``plan``."""
        if plan != self._plan:
            self._plan = plan
            self.set("planned", *planned_rates(plan))
        self.set("used", _column(log, "epoch") + 1, _column(log, "learning_rate"))


def planned_rates(plan: Plan) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give (epochs from 1, rates) of the plan's schedule, at most 500 points; none for a wrong plan."""
    wrong = plan.epochs < 1 or not math.isfinite(plan.learning_rate)
    if wrong:
        return np.empty(0), np.empty(0)
    count = min(plan.epochs, _PREVIEW_POINTS)
    epochs = np.unique(np.linspace(0, plan.epochs - 1, count).round().astype(int))
    try:
        rates = [plan.schedule.rate(plan.learning_rate, int(epoch), plan.epochs) for epoch in epochs]
    except (OverflowError, ValueError):
        return np.empty(0), np.empty(0)
    return epochs + 1.0, np.array(rates, dtype=np.float64)


def _column(log: RunLog | None, name: str) -> NDArray[np.float64]:
    return log.column(name) if log is not None else np.empty(0)
