"""A trained network as two files that need no TensorFlow: the numpy scorer, and its weights beside it."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.core import numpy_scorer
from tsrnn_gui.core.experiment import Experiment, is_sequence
from tsrnn_gui.core.formula import parsed
from tsrnn_gui.core.formula_tree import Binary, Called, Given, Negated, Node, Number, Sliced
from tsrnn_gui.core.layers import KerasCall
from tsrnn_gui.core.windows import LEVEL_STEPS, filled, fitted

Weights = Sequence[NDArray[Any]]


def scorer_source() -> bytes:
    """Give the scorer's own text, as it is tested here."""
    return Path(numpy_scorer.__file__).with_name("numpy_scorer.py").read_bytes()


def scaling_data(
    experiment: Experiment, columns: tuple[str, ...], values: NDArray[np.float64]
) -> dict[str, Any]:
    """Describe how rows become what the network reads, and its outputs become forecasts.

    ``values`` (rows, columns) are the series that the experiment was trained on: what was fitted on
    its training part is fitted again. ``offset`` and ``scale`` are those of the inputs, then of the targets
    that are not among them.
    """
    w = experiment.windowing
    names = list(dict.fromkeys((*w.inputs, *w.targets)))
    used = filled(values[:, [columns.index(name) for name in names]], w.missing)
    offset, scale = fitted(used, w)
    return {
        "format": 1,
        "inputs": w.inputs,
        "targets": w.targets,
        "window": w.window,
        "horizon": w.horizon,
        "missing": w.missing,
        "scaling": w.scaling,
        "features_axis": w.features_axis,
        "sequence": is_sequence(experiment),
        "level_steps": min(LEVEL_STEPS, w.window) if w.scaling == "window_relative" else 0,
        "offset": offset.tolist(),
        "scale": scale.tolist(),
    }


def scorer_archive(scaling: dict[str, Any], layers: Sequence[tuple[KerasCall, Weights]]) -> bytes:
    """Pack the scaling, ``layers`` and their weights as .npz."""
    arrays: dict[str, NDArray[Any]] = {}
    written = [_layer(call, weights, place, arrays) for place, (call, weights) in enumerate(layers)]
    description = json.dumps({**scaling, "layers": written}).encode()
    packed = io.BytesIO()
    np.savez(packed, description=np.frombuffer(description, np.uint8), **arrays)  # type: ignore[arg-type]
    return packed.getvalue()


def _layer(call: KerasCall, weights: Weights, place: int, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    names = [f"layer{place}_{call.name}_{nth}" for nth in range(len(weights))]
    arrays.update(zip(names, weights, strict=True))
    return {**call_data(call), "weights": names}


def call_data(call: KerasCall) -> dict[str, Any]:
    """Describe a declared layer; a formula becomes its tree."""
    arguments = {
        name: call_data(value) if isinstance(value, KerasCall) else value
        for name, value in call.arguments.items()
    }
    if call.name == "Formula":
        arguments = {"tree": tree_data(parsed(call.arguments["text"]))}
    return {"class": call.name, "arguments": arguments}


def tree_data(node: Node) -> list[Any]:
    """Describe a formula as nested lists, each beginning with its kind."""
    match node:
        case Given():
            return ["x"]
        case Number(value=value):
            return ["number", value]
        case Negated(part=part):
            return ["negated", tree_data(part)]
        case Binary(sign=sign, left=left, right=right):
            return [sign, tree_data(left), tree_data(right)]
        case Sliced(part=part, entries=entries):
            return ["slice", tree_data(part), ["..." if entry is ... else entry for entry in entries]]
        case Called(name=name, parts=parts, options=options):
            return [name, [tree_data(part) for part in parts], list(options)]
    raise TypeError(f"{type(node).__name__} is no part of a formula")
