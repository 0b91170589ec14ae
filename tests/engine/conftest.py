"""What the engine's tests share: one TensorFlow for all of them, and plain Keras as the oracle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.plan import Plan
from tsrnn_gui.core.windows import Windowing
from tsrnn_gui.engine import processor
from tsrnn_gui.wire.messages import Array, Continue, Data, Estimate, Event, Pause, Stop, Train

processor.configure()

Values = NDArray[np.float64]
Heard = Callable[["Bench", Event], None]


class Bench:
    """The engine's service in this process: ask it, look at its events, steer it while it works."""

    def __init__(self) -> None:
        from tsrnn_gui.engine.service import Service
        from tsrnn_gui.engine.steering import Steering

        self.events: list[Any] = []
        self.steering = Steering()
        self.service = Service(self._emit, self.steering, compile_from=0)
        self.heard: Heard = lambda bench, event: None
        self._runs = count()

    def _emit(self, event: Event) -> None:
        self.events.append(event)
        self.heard(self, event)

    def train(
        self, experiment: Experiment, values: Values, heard: Heard | None = None, **more: Any
    ) -> list[Any]:
        """Train and give the events; ``heard`` is called with each as it comes."""
        self.events, run = [], f"run-{next(self._runs)}"
        self.heard = heard or (lambda bench, event: None)
        try:
            self.service.serve(Train(run, experiment=experiment, data=data(values), **more))
        finally:
            self.steering.forget(run)
        return self.events

    def estimate(self, experiment: Experiment, values: Values) -> list[Any]:
        """Have an epoch estimated, as the run ``guess``, and give the events."""
        self.events, self.heard = [], lambda bench, event: None
        self.service.serve(Estimate("guess", experiment=experiment, data=data(values)))
        return self.events

    def stop(self, event: Event) -> None:
        self.steering.heard(Stop(event.run))

    def pause(self, event: Event) -> None:
        self.steering.heard(Pause(event.run))

    def go_on(self, event: Event) -> None:
        self.steering.heard(Continue(event.run))


def data(values: Values) -> Data:
    return Data(Array.of(values), tuple("abc"[: values.shape[1]]))


@pytest.fixture(scope="session")
def bench() -> Bench:
    return Bench()


@pytest.fixture(scope="session")
def waves() -> Values:
    """Two cycles and some noise around 50, float64 (160, 1)."""
    time = np.arange(160.0)
    noise = np.random.default_rng(7).normal(0, 3, 160)
    values: Values = (50 + 20 * np.sin(time / 7) + 8 * np.cos(time / 3) + noise)[:, None]
    return values


def experiment(stack: Any, windowing: dict[str, Any] | None = None, **plan: Any) -> Experiment:
    """Make a small experiment: window 8, split 120, so 112 windows in batches of 32 with one of 16."""
    settings: dict[str, Any] = {"inputs": ("a",), "targets": ("a",), "window": 8, "split": 120}
    settings["scaling"] = "standard"
    rule = {"epochs": 3, "keep_best": False, "learning_rate": 1e-2, **plan}
    return Experiment(Windowing(**(settings | (windowing or {}))), stack, Plan(**rule))


@pytest.fixture(scope="session")
def make() -> Callable[..., Experiment]:
    return experiment


@dataclass
class Curve:
    """What a run came to, from the engine or from Keras."""

    loss: list[float]
    val_loss: list[float]
    weights: list[NDArray[Any]]


def of(events: list[Any], kind: str) -> list[Any]:
    """Pick the events of one kind."""
    return [event for event in events if type(event).__name__ == kind]


@pytest.fixture(scope="session")
def pick() -> Callable[[list[Any], str], list[Any]]:
    return of


@pytest.fixture(scope="session")
def curve() -> Callable[[list[Any]], Curve]:
    """Read a run's curve and last weights from its events."""
    from tsrnn_gui.engine import state as states

    def read(events: list[Any]) -> Curve:
        epochs = of(events, "EpochEnded")
        state = states.read(of(events, "Checkpoint")[-1].state)
        arrays = [array.unpacked() for array in state.variables if array.dtype == "float32"]
        return Curve([e.loss for e in epochs], [e.val_loss for e in epochs], arrays)

    return read


@pytest.fixture(scope="session")
def keras_fit() -> Callable[..., Curve]:
    """Fit a plain Keras model on the windows and orders that the engine promises to use."""
    import keras

    def fit(
        model: Any,
        experiment: Experiment,
        values: Values,
        loss: Any,
        optimizer: Any,
        compiled: bool = True,
    ) -> Curve:
        plan, w = experiment.plan, experiment.windowing
        inputs, wanted = windows(experiment, values)
        training = w.split - w.window - w.horizon + 1
        held = slice(w.split - w.window, None)
        model.compile(loss=loss, optimizer=optimizer, jit_compile=compiled)
        result = Curve([], [], [])
        for epoch in range(plan.epochs):
            order = np.random.default_rng([plan.seed, epoch]).permutation(training)
            optimizer.learning_rate = plan.schedule.rate(plan.learning_rate, epoch, plan.epochs)
            history = model.fit(
                inputs[order],
                wanted[order],
                batch_size=plan.batch,
                shuffle=False,
                verbose=0,
                validation_batch_size=512,  # as the engine validates; only seen where steps are masked
                validation_data=(inputs[held], wanted[held]),
            ).history
            result.loss += history["loss"]
            result.val_loss += history["val_loss"]
        result.weights = model.get_weights()
        return result

    assert keras.backend.backend() == "tensorflow"
    return fit


def windows(experiment: Experiment, values: Values) -> tuple[NDArray[Any], NDArray[Any]]:
    """Cut every window of a series with one column by plain slicing, scaled as the course or standard."""
    w = experiment.windowing
    part = values[: w.split]
    offset, scale = (part.mean(), part.std()) if w.scaling == "standard" else (0.0, 1.0)
    scaled = ((values[:, 0] - offset) / scale).astype(np.float32)
    first = range(len(values) - w.window - w.horizon + 1)
    inputs = np.stack([scaled[i : i + w.window] for i in first])
    sequence = w.target == "sequence"
    ends = range(1, w.window + 1) if sequence else (w.window,)
    wanted = np.stack([[scaled[i + e : i + e + w.horizon] for e in ends] for i in first])
    return inputs[:, :, None] if w.features_axis else inputs, wanted if sequence else wanted[:, 0]
