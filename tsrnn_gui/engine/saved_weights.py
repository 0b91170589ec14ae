"""The weights that Keras saved with a model, read array by array where they are expected."""

from __future__ import annotations

import io
import re
from collections import Counter
from typing import Any

import h5py
import keras
import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.core.layers import Stack
from tsrnn_gui.core.portable import plain_calls
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.shapes import Shape

_CELL = ("cell",)
_PARTS: dict[str, tuple[str, ...]] = {
    "SimpleRNN": _CELL,
    "LSTM": _CELL,
    "GRU": _CELL,
    "Bidirectional": ("forward_layer/cell", "backward_layer/cell"),
    "TimeDistributed": ("layer",),
}
"""Where below a layer's own group its weights lie; directly in it for all others."""
_HINT = "Train the stack instead, or save the model again with Keras 3."


def put_saved(model: keras.Sequential, stack: Stack, shape: Shape, data: bytes) -> None:
    """Set the weights of ``model``, made of ``stack`` for windows of ``shape``, to those in HDF5 ``data``.

    Raises TsrnnError where one is missing, has another shape, or is no plain array of finite numbers.
    """
    used: Counter[str] = Counter()
    found: list[list[NDArray[Any]]] = []
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            for place, ((call,), layer) in enumerate(
                zip(plain_calls(stack, shape), model.layers, strict=True), 1
            ):
                group = _group_name(call.name, used)
                wanted = [tuple(weight.shape) for weight in layer.weights]
                found.append(_layer(file, group, _PARTS.get(call.name, ("",)), wanted, place))
    except (OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
        raise TsrnnError("The weights in the file cannot be read.", _HINT, str(error)) from error
    for layer, arrays in zip(model.layers, found, strict=True):
        if arrays:
            layer.set_weights(arrays)


def _group_name(kind: str, used: Counter[str]) -> str:
    """Name a layer's group as Keras does: its class in small letters, counted where it comes again."""
    name = re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", kind)).lower()
    used[name] += 1
    return name if used[name] == 1 else f"{name}_{used[name] - 1}"


def _layer(
    file: Any, group: str, parts: tuple[str, ...], wanted: list[tuple[int, ...]], place: int
) -> list[NDArray[Any]]:
    share = len(wanted) // len(parts)
    arrays = []
    for nth, shape in enumerate(wanted):
        part = parts[nth // share]
        path = ["layers", group, *filter(None, part.split("/")), "vars", str(nth % share)]
        arrays.append(_array(file, path, shape, place))
    return arrays


def _array(file: Any, path: list[str], shape: tuple[int, ...], place: int) -> NDArray[Any]:
    """Read one array; links to elsewhere, unfolding and other shapes are refused before anything is read."""
    node = file
    for name in path:
        if not isinstance(node, h5py.Group) or not isinstance(node.get(name, getlink=True), h5py.HardLink):
            raise _refused(place, f"has no array {'/'.join(path)}")
        node = node[name]
    if not isinstance(node, h5py.Dataset) or node.shape != shape:
        raise _refused(place, f"is not {' × '.join(map(str, shape)) or 'a single number'}")
    if node.chunks is not None or node.external or node.is_virtual or node.dtype.kind != "f":
        raise _refused(place, "is no plain array of numbers")
    values = np.asarray(node[()], np.float32)
    if not np.isfinite(values).all():
        raise _refused(place, "holds numbers that are not finite")
    return values


def _refused(place: int, why: str) -> TsrnnError:
    return TsrnnError(f"The weights in the file do not fit: what layer {place} needs {why}.", hint=_HINT)
