"""How a trained network is written in each form, and how each form is opened again."""

from __future__ import annotations

import importlib.util
import io
import logging
import re
import sys
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.layers import KerasCall
from tsrnn_gui.core.numpy_scorer import Forecaster
from tsrnn_gui.core.portable import plain_calls, portable_calls
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.scorer_files import scorer_archive, scorer_source
from tsrnn_gui.engine.build import made, window_shape

Floats = NDArray[np.float32]
Run = Callable[[Floats], Floats]
"""What an opened file makes of float32 windows, (windows, window, features) or without that last axis."""
_ONNX = ("tf2onnx", "onnx", "onnxruntime")


@dataclass(frozen=True, eq=False)
class Trained:
    """What is written: the experiment, the weights of all layers in turn, and what scaling was fitted."""

    experiment: Experiment
    weights: list[NDArray[Any]]
    scaling: dict[str, Any]

    @property
    def calls(self) -> list[list[KerasCall]]:
        """The layers as they were trained, formulas among them."""
        return plain_calls(self.experiment.stack, window_shape(self.experiment))

    @property
    def portable(self) -> list[list[KerasCall]]:
        """The layers as Keras's own. Raises TsrnnError that names a formula which is none."""
        return portable_calls(self.experiment.stack, window_shape(self.experiment))

    def model(self, calls: list[list[KerasCall]]) -> keras.Sequential:
        """Build the network of ``calls`` with the trained weights."""
        model = keras.Sequential([keras.Input(window_shape(self.experiment), name="windows")])
        for call in (call for part in calls for call in part):
            model.add(made(call, keras.layers))
        model.set_weights(self.weights)
        model(np.zeros((1, *model.input_shape[1:]), np.float32))  # the export to ONNX asks for one call
        return model


@dataclass(frozen=True)
class Form:
    """Writes a network as files, using an empty folder; opens the first of them again.

    ``complete`` where the files know windows and scaling themselves, and put out a sequence's last step only.
    """

    write: Callable[[Trained, Path], dict[str, bytes]]
    opened: Callable[[Path], Run]
    complete: bool = False


def _keras(trained: Trained, folder: Path) -> dict[str, bytes]:
    path = folder / "made.keras"
    trained.model(trained.portable).save(path)
    return {".keras": path.read_bytes()}


def _keras_opened(path: Path) -> Run:
    model = keras.models.load_model(path, compile=False, safe_mode=True)
    return lambda windows: np.asarray(model(windows, training=False))


def _saved_model(trained: Trained, folder: Path) -> dict[str, bytes]:
    made_here = folder / "made"
    trained.model(trained.calls).export(made_here, format="tf_saved_model", verbose=False)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path for path in made_here.rglob("*") if path.is_file()):
            archive.write(file, file.relative_to(made_here).as_posix())
    return {".zip": packed.getvalue()}


def _saved_model_opened(path: Path) -> Run:
    beside = path.with_name("opened")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(beside)
    loaded = tf.saved_model.load(str(beside))
    return lambda windows: np.asarray(loaded.serve(windows))


def _onnx(trained: Trained, folder: Path) -> dict[str, bytes]:
    missing = [name for name in _ONNX if importlib.util.find_spec(name) is None]
    if missing:
        frozen = bool(getattr(sys, "frozen", False))
        way = "run tsrnn_gui from Python with its extra “onnx”" if frozen else 'pip install "tsrnn-gui[onnx]"'
        raise TsrnnError(
            f"An ONNX file cannot be made: {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} "
            "not installed.",
            hint=f"Install what is missing ({way}), or export to SavedModel or NumPy.",
        )
    path = folder / "made.onnx"
    model = trained.model(trained.calls)
    for layer in model._flatten_layers():  # ONNX knows erf, but not the erfc that Keras makes gelu of
        if getattr(layer, "activation", None) is keras.activations.gelu:
            layer.activation = _gelu
    logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.export(path, format="onnx", verbose=False)
    return {".onnx": path.read_bytes()}


def _gelu(x: Any) -> Any:
    return 0.5 * x * (1.0 + tf.math.erf(x / 2.0**0.5))


def _onnx_opened(path: Path) -> Run:
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    try:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    except Exception as error:  # the kinds it raises are not public
        unknown = re.search(r'In Node, \("[^"]*", (\w+),', str(error))
        what = f"ONNX has no operation {unknown[1]}" if unknown else "its operations do not fit together"
        raise TsrnnError(
            f"This network has no ONNX form: {what}.",
            hint="Export to SavedModel or NumPy, or train with another formula or activation.",
            details=str(error),
        ) from error
    (given,) = session.get_inputs()
    return lambda windows: np.asarray(session.run(None, {given.name: windows})[0])


def _numpy(trained: Trained, folder: Path) -> dict[str, bytes]:
    weights = iter(trained.weights)
    layers = trained.model(trained.calls).layers
    described = [
        (call, [next(weights) for _ in layer.weights])
        for (call,), layer in zip(trained.calls, layers, strict=True)
    ]
    return {".py": scorer_source(), ".npz": scorer_archive(trained.scaling, described)}


def _numpy_opened(path: Path) -> Run:
    forecaster = Forecaster(path.with_suffix(".npz"))
    axis = forecaster.features_axis
    return lambda windows: np.asarray(forecaster.outputs(windows if axis else windows[:, :, None]))


FORMS: dict[str, Form] = {
    "keras": Form(_keras, _keras_opened),
    "savedmodel": Form(_saved_model, _saved_model_opened),
    "onnx": Form(_onnx, _onnx_opened),
    "numpy": Form(_numpy, _numpy_opened, complete=True),
}
