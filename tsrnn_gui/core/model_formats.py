"""The forms in which a trained network can be taken away, one entry each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tsrnn_gui.core.experiment import Experiment, input_shape
from tsrnn_gui.core.portable import portable_calls
from tsrnn_gui.core.problems import TsrnnError


@dataclass(frozen=True)
class ModelFormat:
    """One form: its key, what it is called, how its file ends, and what it is good for.

    ``beside`` ends the name of the file beside it, which says how values are scaled. ``check`` raises
    TsrnnError for an experiment that the form cannot hold.
    """

    key: str
    title: str
    suffix: str
    purpose: str
    beside: str
    check: Callable[[Experiment], object] = lambda experiment: None


def _portable(experiment: Experiment) -> object:
    window = msgspec.structs.replace(experiment.windowing, open_length=False)
    return portable_calls(experiment.stack, input_shape(window))


MODEL_FORMATS: tuple[ModelFormat, ...] = (
    ModelFormat(
        "keras",
        "Keras model",
        ".keras",
        "Opens in Keras, also in its safe mode, and can be trained further there.",
        ".keras.json",
        _portable,
    ),
    ModelFormat(
        "savedmodel",
        "TensorFlow SavedModel, zipped",
        ".zip",
        "For TensorFlow Serving and programs in C++, Java or Go.",
        ".zip.json",
    ),
    ModelFormat(
        "onnx",
        "ONNX model",
        ".onnx",
        "For onnxruntime, on nearly every system and from many languages. Needs the extra “onnx”.",
        ".onnx.json",
    ),
    ModelFormat(
        "numpy",
        "Python program that needs only NumPy",
        ".py",
        "Reads a CSV and prints the forecast, without TensorFlow: python NAME.py series.csv",
        ".npz",
    ),
)


def model_format(key: str) -> ModelFormat:
    """Give the form called ``key``. Raises TsrnnError."""
    for entry in MODEL_FORMATS:
        if entry.key == key:
            return entry
    keys = ", ".join(entry.key for entry in MODEL_FORMATS)
    raise TsrnnError(f"A model cannot be written as “{key}”.", hint=f"Choose one of: {keys}.")


def placed(path: Path, files: dict[str, bytes]) -> dict[Path, bytes]:
    """Give each file its place: the first at ``path``, the others beside it with their own endings."""
    first, *others = files
    return {path: files[first], **{path.with_name(path.stem + ending): files[ending] for ending in others}}
