"""Keras objects made from declared calls, without knowing any kind by name."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras

from tsrnn_gui.core.experiment import Experiment, input_shape, is_sequence
from tsrnn_gui.core.layers import KerasCall, Stack
from tsrnn_gui.core.plan import LOSSES
from tsrnn_gui.core.shapes import Shape
from tsrnn_gui.engine import recurrent
from tsrnn_gui.engine.formula import Formula

_OWN = {"Formula": Formula}
"""Layers that Keras has not."""

FAST = {**_OWN, **recurrent.LAYERS}
"""Layers that train faster than those Keras has under these names, with the same numbers."""


def made(call: KerasCall, module: Any, own: Mapping[str, Any] = _OWN) -> Any:
    """Make ``module.<name>(**arguments)``, or what ``own`` has under that name; inner calls come first."""
    arguments = {
        name: made(value, module, own) if isinstance(value, KerasCall) else value
        for name, value in call.arguments.items()
    }
    return (own.get(call.name) or getattr(module, call.name))(**arguments)


def window_shape(experiment: Experiment) -> tuple[int, ...]:
    """Give the shape of one window; its length is fixed here even where the layers leave it open."""
    windowing = experiment.windowing
    known = input_shape(windowing)
    return (windowing.window, *(size for size in known[1:] if size is not None))


def model_of(experiment: Experiment) -> keras.Sequential:
    """Build the stack with fresh weights that depend on the plan's seed alone.

    They are those that ``keras.utils.set_random_seed`` leads to, which sets Python's generator, from
    which Keras draws the seeds of initializers and dropout. It also makes TensorFlow forget how to run
    every function it has run, which costs the next run a tenth of a second.
    """
    random.seed(experiment.plan.seed)
    return stacked(experiment.stack, window_shape(experiment), FAST)


def stacked(stack: Stack, shape: Shape, own: Mapping[str, Any] = _OWN) -> keras.Sequential:
    """Build ``stack`` on windows of ``shape``; each layer is made for the shape Keras gives it."""
    model = keras.Sequential([keras.Input(shape)])
    for layer in stack:
        model.add(made(layer.keras_call(shape), keras.layers, own))
        shape = tuple(model.outputs[0].shape[1:])
    return model


def optimizer_of(experiment: Experiment) -> keras.optimizers.Optimizer:
    """Make the plan's optimizer at the plan's learning rate."""
    plan = experiment.plan
    return made(plan.optimizer.keras_call(plan.learning_rate, plan.clip_norm), keras.optimizers)


def loss_of(experiment: Experiment) -> keras.losses.Loss:
    """Make the plan's loss."""
    return made(LOSSES[experiment.plan.loss], keras.losses)


@dataclass(frozen=True)
class Form:
    """What shapes a run's programs besides the layers: how windows are cut and what is foreseen."""

    window: int
    features: int
    features_axis: bool
    horizon: int
    targets: int
    level_steps: int
    sequence: bool

    @property
    def width(self) -> int:
        """Numbers put out a window, or a step of it: horizon × targets."""
        return self.horizon * self.targets


def form_of(experiment: Experiment, level_steps: int) -> Form:
    """Read the form from the windowing and from what the stack puts out."""
    w = experiment.windowing
    return Form(
        window=w.window,
        features=len(w.inputs),
        features_axis=w.features_axis,
        horizon=w.horizon,
        targets=len(w.targets),
        level_steps=level_steps,
        sequence=is_sequence(experiment),
    )
