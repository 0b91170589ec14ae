"""The rules between epochs are those of Keras's callbacks, held against the callbacks themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tsrnn_gui.core.plan import Plan
from tsrnn_gui.core.schedules import ReduceOnPlateau
from tsrnn_gui.engine.rules import improved, rate_of, reduce_on_plateau, stops_early
from tsrnn_gui.engine.state import State

CURVES = {
    "falls, then stays": [5.0, 4.0, 3.0, *[3.0] * 8],
    "falls by less than the plateau's delta": [1.0 - 4e-5 * i for i in range(11)],
    "rises from the start": [1.0 + 0.1 * i for i in range(11)],
    "jumps": [3.0, 5.0, 2.0, 2.5, 2.4, 1.9, 2.0, 2.0, 2.0, 1.8, 1.9],
    "random": list(np.random.default_rng(3).uniform(0, 1, 11)),
}


class _Model:
    """What the callbacks look at: an optimizer's rate and a flag."""

    def __init__(self, rate: float) -> None:
        from keras import optimizers

        self.optimizer = optimizers.SGD(rate)
        self.stop_training = False
        self.metrics: list[Any] = []


@pytest.mark.parametrize("patience", [1, 2, 4])
@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES.keys())
def test_that_early_stopping_ends_at_keras_epoch_and_best(curve: list[float], patience: int) -> None:
    from keras.callbacks import EarlyStopping

    theirs, model = EarlyStopping(monitor="val_loss", patience=patience), _Model(0.1)
    theirs.set_model(model)
    theirs.on_train_begin()
    state, plan = State(), Plan(patience=patience)
    for epoch, loss in enumerate(curve):
        theirs.on_epoch_end(epoch, {"val_loss": loss})
        improved(state, epoch, loss)
        assert state.best_epoch == theirs.best_epoch
        assert stops_early(state, epoch, plan) == model.stop_training
        if model.stop_training:
            return
    assert not model.stop_training


def test_that_without_patience_no_run_stops_early() -> None:
    assert not stops_early(State(stale=10**6), 10**6, Plan(patience=None))


@pytest.mark.parametrize("min_rate", [0.0, 0.03])
@pytest.mark.parametrize("patience", [1, 2, 4])
@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES.keys())
def test_that_a_plateau_lowers_the_rate_when_keras_does(
    curve: list[float], patience: int, min_rate: float
) -> None:
    from keras.callbacks import ReduceLROnPlateau

    theirs, model = ReduceLROnPlateau(patience=patience, factor=0.5, min_lr=min_rate), _Model(0.1)
    theirs.set_model(model)
    theirs.on_train_begin()
    plan = Plan(learning_rate=0.1, schedule=ReduceOnPlateau(0.5, patience, min_rate))
    state = State()
    for epoch, loss in enumerate(curve):
        assert rate_of(epoch, plan, state) == pytest.approx(float(model.optimizer.learning_rate), rel=1e-6)
        reduce_on_plateau(state, plan, loss)
        theirs.on_epoch_end(epoch, {"val_loss": loss})
    assert (state.rate < 0.09) == (float(model.optimizer.learning_rate) < 0.09)
