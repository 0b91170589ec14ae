"""Experiments that ship: the lesson's own stacks, and the one that works."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.layers import GRU, LSTM, Dense, ExpandDims, Scale, SimpleRNN
from tsrnn_gui.core.plan import SGD, Adam, Plan
from tsrnn_gui.core.schedules import Cosine, Exponential
from tsrnn_gui.core.windows import Windowing


@dataclass(frozen=True)
class Preset:
    """A named experiment; its windowing says nothing of columns or split."""

    name: str
    title: str
    description: str
    experiment: Experiment


_LESSON = Windowing(scaling="none", features_axis=False)
_LESSON_RNN = (ExpandDims(), SimpleRNN(40, return_sequences=True), SimpleRNN(40), Dense(1), Scale(100.0))
_LESSON_PLAN = Plan(
    epochs=100, batch=32, loss="mse", optimizer=SGD(momentum=0.9), learning_rate=1e-6, keep_best=False
)

PRESETS: tuple[Preset, ...] = (
    Preset(
        "recommended",
        "Recommended",
        "GRU 32 on windows relative to their last values; beats simple rules on every sample tried.",
        Experiment(
            Windowing(scaling="window_relative"),
            (GRU(32), Dense(1)),
            Plan(
                epochs=40,
                loss="mae",
                optimizer=Adam(),
                learning_rate=3e-3,
                schedule=Cosine(),
                clip_norm=1.0,
            ),
        ),
    ),
    Preset(
        "simple-rnn",
        "SimpleRNN 40 + 40",
        "The lesson's stack: two SimpleRNN layers between its two Lambdas.",
        Experiment(
            _LESSON,
            _LESSON_RNN,
            msgspec.structs.replace(_LESSON_PLAN, loss="huber"),
        ),
    ),
    Preset(
        "simple-rnn-sweep",
        "SimpleRNN 40 + 40, learning-rate sweep",
        "The same stack while the rate climbs from 1e-8 tenfold every 20 epochs.",
        Experiment(
            _LESSON,
            _LESSON_RNN,
            Plan(
                epochs=100,
                batch=128,
                loss="huber",
                optimizer=SGD(momentum=0.9),
                learning_rate=1e-8,
                schedule=Exponential(20.0),
                give_up_after=None,
                keep_best=False,
            ),
        ),
    ),
    Preset(
        "bilstm",
        "Bidirectional LSTM 32",
        "The lesson's first LSTM: 32 units read forwards and backwards.",
        Experiment(
            _LESSON, (ExpandDims(), LSTM(32, bidirectional=True), Dense(1), Scale(100.0)), _LESSON_PLAN
        ),
    ),
    Preset(
        "bilstm-2",
        "Two Bidirectional LSTM 32",
        "The lesson's stacked LSTM: the first layer returns sequences to the second.",
        Experiment(
            _LESSON,
            (
                ExpandDims(),
                LSTM(32, return_sequences=True, bidirectional=True),
                LSTM(32, bidirectional=True),
                Dense(1),
                Scale(100.0),
            ),
            _LESSON_PLAN,
        ),
    ),
    Preset(
        "sequence-to-sequence",
        "Sequence to sequence",
        "Both SimpleRNN layers return sequences; the target is the window shifted by one.",
        Experiment(
            _LESSON,
            (
                ExpandDims(),
                SimpleRNN(40, return_sequences=True),
                SimpleRNN(40, return_sequences=True),
                Dense(1),
                Scale(100.0),
            ),
            msgspec.structs.replace(_LESSON_PLAN, loss="huber"),
        ),
    ),
)
RECOMMENDED = PRESETS[0]


def with_preset(experiment: Experiment, preset: Preset) -> Experiment:
    """Take ``preset``'s stack, plan and scaling; keep the columns, split and windows of ``experiment``.

    The head follows the width that the present target needs.
    """
    kept, new = experiment.windowing, preset.experiment.windowing
    many = len(kept.inputs) > 1
    windowing = msgspec.structs.replace(
        kept,
        scaling=new.scaling,
        features_axis=new.features_axis or many,
        open_length=new.open_length,
        target="auto",
    )
    width = kept.horizon * max(len(kept.targets), 1)
    stack = tuple(
        msgspec.structs.replace(layer, units=width) if isinstance(layer, Dense) else layer
        for layer in preset.experiment.stack
        if not (many and isinstance(layer, ExpandDims))
    )
    return Experiment(windowing, stack, preset.experiment.plan)
