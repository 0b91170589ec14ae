"""The curves of learning: loss or error of every epoch, and the learning rate it used or will use."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.core.past import Past
from tsrnn_gui.core.plan import Plan
from tsrnn_gui.ui.number_axes import CountAxis
from tsrnn_gui.ui.plots import Plot

_LOSSES = {"huber": "Huber", "mse": "MSE", "mae": "MAE"}
_PREVIEW_POINTS = 500
_BELOW_BEST = {"position": 0.78, "anchors": [(1, 0.5), (1, 0.5)]}
QUANTITIES = {"loss": "Loss", "mae": "MAE in units"}


class LossPlot(Plot):
    """Loss, or the mean absolute error in the series' units, of training and validation.

    An upright line shows where the run left another. ``go_on_asked`` carries the epoch (from 1) that the
    menu was opened at.
    """

    go_on_asked = Signal(int)

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
        self._branch_line = pg.InfiniteLine(angle=90, label="branch", labelOpts=_BELOW_BEST)
        self._proposed_line = pg.InfiniteLine(angle=90, label="new run", labelOpts=_BELOW_BEST)
        for line in (self._best_line, self._branch_line, self._proposed_line):
            line.hide()
            self.mark(line)
        self._epochs = 0
        self._at = 0
        self.go_on = QAction("Go on from an epoch…", self)
        self.go_on.triggered.connect(lambda: self.go_on_asked.emit(self._at))
        self.insertAction(self.actions()[0], self.go_on)

    def show_run(self, log: RunLog | None) -> None:
        """Show every epoch of ``log`` so far."""
        self._epochs = len(log.epochs) if log is not None else 0
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
            self._put(self._best_line, best.epoch + 1)
        past = log.past if log is not None else None
        self._branch_line.setVisible(past is not None)
        if past is not None:
            self._put(self._branch_line, past.until)
        self.settle()

    def propose(self, epoch: int | None) -> None:
        """Mark the epoch (from 1) that a new run would begin after, or no more."""
        self._proposed_line.setVisible(epoch is not None)
        if epoch is not None:
            self._put(self._proposed_line, epoch)

    def _put(self, line: Any, epoch: int) -> None:
        """Write beside the line where there is more room."""
        line.setValue(epoch)
        anchor = (1, 0.5) if epoch > self._epochs / 2 else (0, 0.5)
        line.label.anchors = [anchor, anchor]
        line.label.updatePosition()

    def _read_off(self, position: QPointF) -> None:
        super()._read_off(position)
        x = self.view.getViewBox().mapSceneToView(position).x()
        self._at = min(max(round(x), 1), self._epochs) if math.isfinite(x) and self._epochs else 0
        self.go_on.setText(f"Go on from epoch {self._at:,}…" if self._at else "Go on from an epoch…")


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
        self._planned: tuple[Plan, Past | None] | None = None

    def show_run(self, log: RunLog | None, plan: Plan) -> None:
        """Show what ``log`` used, and the schedule of ``plan``."""
        past = log.past if log is not None and log.experiment.plan == plan else None
        if (plan, past) != self._planned:
            self._planned = plan, past
            self.set("planned", *planned_rates(plan, past))
        self.set("used", _column(log, "epoch") + 1, _column(log, "learning_rate"))
        self.settle()


def planned_rates(plan: Plan, past: Past | None = None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give (epochs from 1, rates) of the plan's schedule after ``past``, at most 500 points.

    None for a wrong plan.
    """
    first, origin = (past.until, past.origin) if past is not None else (0, 0)
    wrong = plan.epochs <= first or not math.isfinite(plan.learning_rate)
    if wrong:
        return np.empty(0), np.empty(0)
    count = min(plan.epochs - first, _PREVIEW_POINTS)
    epochs = np.unique(np.linspace(first, plan.epochs - 1, count).round().astype(int))
    try:
        rates = [
            plan.schedule.rate(plan.learning_rate, int(epoch) - origin, plan.epochs - origin)
            for epoch in epochs
        ]
    except (OverflowError, ValueError):
        return np.empty(0), np.empty(0)
    return epochs + 1.0, np.array(rates, dtype=np.float64)


def _column(log: RunLog | None, name: str) -> NDArray[np.float64]:
    return log.column(name) if log is not None else np.empty(0)
