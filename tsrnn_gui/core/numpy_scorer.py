"""Forecasts with a trained recurrent network, with numpy alone: no TensorFlow, no Keras.

The network lies beside this file as an .npz: its weights, and a description of how the series is
scaled and cut into windows and of every layer by its Keras name and arguments. Nothing in it is code.

    python forecast.py series.csv --steps 12

    from forecast import Forecaster
    ahead = Forecaster("forecast.npz").forecast(values)

Shapes are (batch, time, features); each layer does what the Keras layer of its name does to a
network that is not being trained.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

_BATCH = 512


class Forecaster:
    """A trained network with the windows and the scaling it was trained on.

    ``columns`` names what ``forecast`` reads, in their order: the inputs, then further targets.
    """

    def __init__(self, path: str | Path) -> None:
        with np.load(path, allow_pickle=False) as file:
            self._arrays = {name: file[name] for name in file.files}
        self._about = json.loads(self._arrays.pop("description").tobytes())
        self.inputs: list[str] = self._about["inputs"]
        self.targets: list[str] = self._about["targets"]
        self.columns = [*self.inputs, *(name for name in self.targets if name not in self.inputs)]
        self.window: int = self._about["window"]
        self.horizon: int = self._about["horizon"]
        self.features_axis: bool = self._about["features_axis"]

    def forecast(self, values: Any, steps: int | None = None) -> Any:
        """Forecast the rows that follow ``values``: float64 (steps, targets), in the series' units.

        ``values`` are the last rows in their units, at least a window of them: (rows, columns), or (rows,)
        where there is one column. Without ``steps`` the horizon is forecast at once; further steps
        feed the forecasts back in as if they had happened. Raises ValueError.
        """
        steps = self.horizon if steps is None else steps
        rows = self._filled(np.asarray(values, np.float64).reshape(len(values), -1))
        if steps > self.horizon and not set(self.inputs) <= set(self.targets):
            raise ValueError(f"at most {self.horizon} steps: some inputs are not among the targets")
        scaled = (rows - self._about["offset"]) / self._about["scale"]
        past = scaled[-self.window :].astype(np.float32)
        out = [self.columns.index(name) for name in self.targets]
        made: list[Any] = []
        while len(made) < steps:
            windows, level = self._relative(past[None])
            ahead = self.outputs(windows)[0] + level[0]
            made += list(ahead)
            fed_back = np.zeros((self.horizon, len(self.columns)), np.float32)
            fed_back[:, out] = ahead
            past = np.concatenate((past, fed_back))[-self.window :]
        offset, scale = (np.array(self._about[name])[out] for name in ("offset", "scale"))
        return np.array(made[:steps], np.float64).reshape(-1, len(out)) * scale + offset

    def outputs(self, windows: Any) -> Any:
        """Give what the network puts out, (windows, horizon, targets), on its own scale.

        ``windows`` are float32 (windows, window, inputs) on its own scale.
        """
        width = (self.horizon, len(self.targets))
        parts = [np.empty((0, *width), np.float32)]
        for first in range(0, len(windows), _BATCH):
            x = np.asarray(windows[first : first + _BATCH], np.float32)
            x = run(self._about["layers"], self._arrays, x if self.features_axis else x[:, :, 0])
            parts.append((x[:, -1] if self._about["sequence"] else x).reshape(-1, *width))
        return np.concatenate(parts)

    def _relative(self, past: Any) -> tuple[Any, Any]:
        """Cut the inputs out of ``past``; where the network was trained so, take the last level away."""
        windows, steps = past[:, :, : len(self.inputs)], self._about["level_steps"]
        if not steps:
            return windows, np.zeros((len(past), len(self.targets)), np.float32)
        level = past[:, -steps:].mean(axis=1)
        out = [self.columns.index(name) for name in self.targets]
        return windows - level[:, None, : len(self.inputs)], level[:, out]

    def _filled(self, rows: Any) -> Any:
        """Fill what is missing as it was filled for training."""
        if rows.shape[1] != len(self.columns) or len(rows) < self.window:
            wanted = ", ".join(self.columns)
            raise ValueError(
                f"at least {self.window} rows of {len(self.columns)} columns ({wanted}) are needed"
            )
        rows, places = rows.copy(), np.arange(len(rows))
        for column in range(rows.shape[1]):
            known = np.isfinite(rows[:, column])
            if known.all():
                continue
            if self._about["missing"] == "refuse" or not known.any():
                raise ValueError(f"values of “{self.columns[column]}” are missing")
            at, values = places[known], rows[known, column]
            if self._about["missing"] == "linear":
                rows[:, column] = np.interp(places, at, values)
            else:
                rows[:, column] = values[np.maximum(np.searchsorted(at, places, side="right") - 1, 0)]
        return rows


def run(layers: list[Any], arrays: dict[str, Any], x: Any) -> Any:
    """Pass ``x`` through ``layers``; each names its class, its arguments and its weights."""
    mask = None  # (batch, time), False where a step is to be passed over
    with np.errstate(all="ignore"):
        for layer in layers:
            kind, arguments = layer["class"], layer["arguments"]
            if kind == "Masking":
                mask = (x != np.float32(arguments.get("mask_value", 0.0))).any(axis=-1)
            x = _layer(kind, x, [arrays[name] for name in layer["weights"]], arguments, mask)
            inner = arguments.get("layer", {}).get("arguments", arguments)
            if not (kind in _KEEP_MASK or inner.get("return_sequences")):
                mask = None
    return x


def _layer(kind: str, x: Any, weights: list[Any], arguments: dict[str, Any], mask: Any) -> Any:
    if kind not in LAYERS:
        raise ValueError(f"the layer {kind} is not known here")
    return LAYERS[kind](x, weights, **({"mask": mask} if kind in _READ_MASK else {}), **arguments)


# ---- functions


def _sigmoid(x: Any) -> Any:
    return 0.5 + 0.5 * np.tanh(0.5 * x)


def _elu(x: Any) -> Any:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


_erf = np.frompyfunc(math.erf, 1, 1)
ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "linear": lambda x: x,
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": _sigmoid,
    "elu": _elu,
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * _elu(x)),
    "softplus": lambda x: np.logaddexp(x, np.float32(0)),
    "gelu": lambda x: 0.5 * x * (1 + _erf(x / math.sqrt(2)).astype(np.float32)),
}


# ---- layers, each called with its input, its weights and its Keras arguments


def dense(x: Any, weights: list[Any], units: int, activation: str = "linear", use_bias: bool = True) -> Any:
    """A weighted sum of all features for each unit, at every step alike."""
    return ACTIVATIONS[activation](x @ weights[0] + (weights[1] if use_bias else 0))


def simple_rnn(x: Any, weights: list[Any], **arguments: Any) -> Any:
    """``h' = activation(x W + b + h U)``."""

    def step(read: Any, states: list[Any], activation: Any, units: int) -> list[Any]:
        return [activation(read + states[0] @ weights[1])]

    return _recurrent(step, 1, x @ weights[0] + weights[2], **arguments)


def lstm(x: Any, weights: list[Any], **arguments: Any) -> Any:
    """Gates in Keras's order: input, forget, candidate, output."""

    def step(read: Any, states: list[Any], activation: Any, units: int) -> list[Any]:
        hidden, cell = states
        i, f, c, o = np.split(read + hidden @ weights[1], 4, axis=-1)
        cell = _sigmoid(f) * cell + _sigmoid(i) * activation(c)
        return [_sigmoid(o) * activation(cell), cell]

    return _recurrent(step, 2, x @ weights[0] + weights[2], **arguments)


def gru(x: Any, weights: list[Any], **arguments: Any) -> Any:
    """Gates in Keras's order: update, reset, candidate; the reset comes after the product."""

    def step(read: Any, states: list[Any], activation: Any, units: int) -> list[Any]:
        inner = states[0] @ weights[1] + weights[2][1]
        gates = _sigmoid(read[:, : 2 * units] + inner[:, : 2 * units])
        update, reset = gates[:, :units], gates[:, units:]
        candidate = activation(read[:, 2 * units :] + reset * inner[:, 2 * units :])
        return [update * states[0] + (1 - update) * candidate]

    return _recurrent(step, 1, x @ weights[0] + weights[2][0], **arguments)


def _recurrent(step: Callable[..., list[Any]], states: int, read: Any, units: int, activation: str = "tanh",
               return_sequences: bool = False, go_backwards: bool = False, dropout: float = 0.0,
               mask: Any = None, zero_output_for_mask: bool = False) -> Any:  # fmt: skip
    """Take ``step`` after step along time; a masked step changes no state and repeats the last output."""
    if go_backwards:
        read, mask = read[:, ::-1], None if mask is None else mask[:, ::-1]
    now = [np.zeros((len(read), units), np.float32) for _ in range(states)]
    made = []
    for time in range(read.shape[1]):
        new = step(read[:, time], now, ACTIVATIONS[activation], units)
        if mask is not None:
            seen = mask[:, time, None]
            new = [np.where(seen, value, old) for value, old in zip(new, now, strict=True)]
        now = new
        made.append(np.where(seen, now[0], 0) if zero_output_for_mask and mask is not None else now[0])
    return np.stack(made, axis=1) if return_sequences else made[-1]


MERGES: dict[str, Callable[[Any, Any], Any]] = {
    "concat": lambda there, back: np.concatenate((there, back), axis=-1),
    "sum": np.add,
    "mul": np.multiply,
    "ave": lambda there, back: (there + back) / 2,
}


def bidirectional(
    x: Any, weights: list[Any], layer: dict[str, Any], merge_mode: str = "concat", mask: Any = None
) -> Any:
    """One layer forwards, one backwards, their outputs merged step by step."""
    sequences, half = layer["arguments"].get("return_sequences", False), len(weights) // 2
    arguments = {**layer["arguments"], "zero_output_for_mask": sequences}
    there = _layer(layer["class"], x, weights[:half], arguments, mask)
    turned = {**arguments, "go_backwards": not arguments.get("go_backwards", False)}
    back = _layer(layer["class"], x, weights[half:], turned, mask)
    return MERGES[merge_mode](there, back[:, ::-1] if sequences else back)


def time_distributed(x: Any, weights: list[Any], layer: dict[str, Any]) -> Any:
    """One layer at every step."""
    made = _layer(layer["class"], x.reshape(-1, *x.shape[2:]), weights, layer["arguments"], None)
    return made.reshape(*x.shape[:2], *made.shape[1:])


def conv1d(x: Any, weights: list[Any], filters: int, kernel_size: int, strides: int = 1,
           padding: str = "valid", dilation_rate: int = 1, activation: str = "linear") -> Any:  # fmt: skip
    """Slide kernels along time."""
    span, time = (kernel_size - 1) * dilation_rate + 1, x.shape[1]
    missing = {"valid": 0, "causal": span - 1}.get(padding)
    if missing is None:
        missing = max((-(-time // strides) - 1) * strides + span - time, 0)
    before = missing if padding == "causal" else missing // 2
    x = np.pad(x, ((0, 0), (before, missing - before), (0, 0)))
    first = np.arange(0, x.shape[1] - span + 1, strides)
    seen = x[:, first[:, None] + dilation_rate * np.arange(kernel_size)]
    made = seen.reshape(len(x), len(first), -1) @ weights[0].reshape(-1, filters)
    return ACTIVATIONS[activation](made + weights[1])


def _pooled(x: Any, pool_size: int) -> Any:
    count = x.shape[1] // pool_size
    return x[:, : count * pool_size].reshape(len(x), count, pool_size, -1)


def _mean_over_time(x: Any, weights: list[Any], mask: Any = None) -> Any:
    if mask is None:
        return x.mean(axis=1)
    return np.where(mask[:, :, None], x, 0).sum(axis=1) / mask.sum(axis=1, dtype=np.float32)[:, None]


def layer_normalization(x: Any, weights: list[Any], epsilon: float = 1e-3) -> Any:
    """Bring the features of each step to mean 0 and spread 1; then factor and offset."""
    spread = np.sqrt(x.var(axis=-1, keepdims=True) + np.float32(epsilon))
    return (x - x.mean(axis=-1, keepdims=True)) / spread * weights[0] + weights[1]


def batch_normalization(x: Any, weights: list[Any], momentum: float = 0.99, epsilon: float = 1e-3) -> Any:
    """Use the mean and variance that were gathered while training."""
    factor, offset, mean, variance = weights
    return (x - mean) / np.sqrt(variance + np.float32(epsilon)) * factor + offset


def masking(x: Any, weights: list[Any], mask_value: float = 0.0) -> Any:
    """Put out zeros for the steps that the layers after it pass over."""
    return np.where((x != np.float32(mask_value)).any(axis=-1, keepdims=True), x, np.float32(0))


# ---- formulas: a tree is walked; each node is a list that begins with its kind


_SIGNS = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "**": np.power}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "tanh": np.tanh,
    "square": np.square,
    "clip": lambda x, low, high: np.clip(x, np.float32(low), np.float32(high)),
    "mean": lambda x, axis, keep: x.mean(axis=axis, keepdims=keep),
    "max": lambda x, axis, keep: x.max(axis=axis, keepdims=keep),
    "min": lambda x, axis, keep: x.min(axis=axis, keepdims=keep),
    "sum": lambda x, axis, keep: x.sum(axis=axis, keepdims=keep),
    "expand_dims": np.expand_dims,
    "squeeze": np.squeeze,
    "reshape": lambda x, sizes: x.reshape(sizes),
    "transpose": np.transpose,
    "cast": lambda x, dtype: x.astype(dtype),
}


def formula(x: Any, weights: list[Any], tree: list[Any]) -> Any:
    """Compute the formula ``tree`` of ``x``."""
    kind, *parts = tree
    if kind == "x":
        return x
    if kind == "number":
        return np.float32(parts[0])
    if kind == "negated":
        return -formula(x, weights, parts[0])
    if kind == "slice":
        entries = [slice(*entry) if isinstance(entry, list) else entry for entry in parts[1]]
        return formula(x, weights, parts[0])[tuple(... if entry == "..." else entry for entry in entries)]
    if kind in _SIGNS:
        return _SIGNS[kind](formula(x, weights, parts[0]), formula(x, weights, parts[1]))
    made = [formula(x, weights, part) for part in parts[0]]
    if kind == "concat":
        return np.concatenate(made, axis=parts[1][0])
    return FUNCTIONS[kind](made[0], *(tuple(o) if isinstance(o, list) else o for o in parts[1]))


LAYERS: dict[str, Callable[..., Any]] = {
    "Dense": dense,
    "SimpleRNN": simple_rnn,
    "LSTM": lstm,
    "GRU": gru,
    "Bidirectional": bidirectional,
    "TimeDistributed": time_distributed,
    "Conv1D": conv1d,
    "MaxPooling1D": lambda x, weights, pool_size: _pooled(x, pool_size).max(axis=2),
    "AveragePooling1D": lambda x, weights, pool_size: _pooled(x, pool_size).mean(axis=2),
    "GlobalMaxPooling1D": lambda x, weights: x.max(axis=1),
    "GlobalAveragePooling1D": _mean_over_time,
    "LayerNormalization": layer_normalization,
    "BatchNormalization": batch_normalization,
    "Activation": lambda x, weights, activation: ACTIVATIONS[activation](x),
    "Dropout": lambda x, weights, rate: x,
    "Masking": masking,
    "Flatten": lambda x, weights: x.reshape(len(x), -1),
    "Reshape": lambda x, weights, target_shape: x.reshape(len(x), *target_shape),
    "RepeatVector": lambda x, weights, n: np.repeat(x[:, None], n, axis=1),
    "Rescaling": lambda x, weights, scale, offset=0.0: x * np.float32(scale) + np.float32(offset),
    "Formula": formula,
}
_READ_MASK = {"SimpleRNN", "LSTM", "GRU", "Bidirectional", "GlobalAveragePooling1D"}
_KEEP_MASK = {"Masking", "Dense", "TimeDistributed", "Activation", "Dropout", "Rescaling"}
_KEEP_MASK |= {"LayerNormalization", "BatchNormalization"}


# ---- on the command line


def read_csv(path: str, names: list[str]) -> Any:
    """Read the columns ``names`` from a table with a header, float64 (rows, columns); empty is NaN."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for name in names:
        if rows and name not in rows[0]:
            raise ValueError(f"{path} has no column “{name}”")
    return np.array([[float(row[name] or "nan") for name in names] for row in rows], np.float64)


def main() -> None:
    """Print the forecast of the rows that follow a CSV file's last one, as CSV."""
    parser = argparse.ArgumentParser(description="Forecast what follows the last row of a series.")
    parser.add_argument("series", help="a CSV file with a header")
    parser.add_argument("--steps", type=int, help="rows to forecast (the network's horizon)")
    parser.add_argument(
        "--model", default=Path(__file__).with_suffix(".npz"), help="the .npz beside this file"
    )
    given = parser.parse_args()
    try:
        forecaster = Forecaster(given.model)
        ahead = forecaster.forecast(read_csv(given.series, forecaster.columns), given.steps)
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"{parser.prog}: {error}")
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["step", *forecaster.targets])
    writer.writerows([number, *map(repr, row)] for number, row in enumerate(ahead.tolist(), 1))


if __name__ == "__main__":
    main()
