"""What decides between epochs: the rate, early stopping and reducing on a plateau, as Keras does."""

from __future__ import annotations

import numpy as np

from tsrnn_gui.core.explosions import GROWTH
from tsrnn_gui.core.plan import Plan
from tsrnn_gui.core.schedules import ReduceOnPlateau
from tsrnn_gui.engine.state import State

_PLATEAU_MIN_DELTA = 1e-4


def rate_of(epoch: int, plan: Plan, state: State, origin: int = 0) -> float:
    """Give the learning rate of ``epoch``; a resumed run with another rate starts from that.

    The schedule counts its epochs from ``origin``.
    """
    if state.start_rate != plan.learning_rate:
        state.start_rate = state.rate = plan.learning_rate
    if plan.schedule.adaptive:
        return state.rate
    return plan.schedule.rate(plan.learning_rate, epoch - origin, plan.epochs - origin)


def improved(state: State, epoch: int, val_loss: float) -> bool:
    """Note ``val_loss``; say whether it is the best so far (``EarlyStopping`` with min_delta 0)."""
    state.stale += 1
    if state.best_loss is not None and not val_loss < state.best_loss:
        return False
    state.best_loss, state.best_epoch, state.stale = val_loss, epoch, 0
    return True


def stops_early(state: State, epoch: int, plan: Plan) -> bool:
    """Say whether ``plan.patience`` epochs passed without a better one; never after the first epoch."""
    return plan.patience is not None and state.stale >= plan.patience and epoch > 0


def diverged(state: State, plan: Plan, loss: float) -> bool:
    """Note the training ``loss``; say whether it has been far above its best for too long."""
    if state.lowest_loss is None or loss < state.lowest_loss:
        state.lowest_loss = loss
    state.far_above = state.far_above + 1 if loss > GROWTH * state.lowest_loss else 0
    return plan.give_up_after is not None and state.far_above >= plan.give_up_after


def reduce_on_plateau(state: State, plan: Plan, val_loss: float) -> None:
    """Lower ``state.rate`` where the plan's schedule asks for it (``ReduceLROnPlateau``, no cooldown)."""
    schedule = plan.schedule
    if not isinstance(schedule, ReduceOnPlateau):
        return
    if state.plateau_loss is None or val_loss + _PLATEAU_MIN_DELTA < state.plateau_loss:
        state.plateau_loss, state.plateau_stale = val_loss, 0
        return
    state.plateau_stale += 1
    rate = float(np.float32(state.rate))
    if state.plateau_stale >= schedule.patience and rate > np.float32(schedule.min_rate):
        state.rate = max(rate * schedule.factor, schedule.min_rate)
        state.plateau_stale = 0
