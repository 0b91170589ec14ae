"""Layers and experiments on the clipboard or under the mouse: as data, and as Keras code for people."""

from __future__ import annotations

import re

import msgspec
from PySide6.QtCore import QMimeData

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.keras_experiment import experiment_source, is_sayable
from tsrnn_gui.core.keras_source import Found, read_source, stack_source
from tsrnn_gui.core.layers import AnyLayer, Stack
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.project import Project
from tsrnn_gui.core.script import recipe_of, script
from tsrnn_gui.core.windows import Windowing

MIME = "application/x-tsrnn-layers"
EXPERIMENT_MIME = "application/x-tsrnn-experiment"
_LONGEST = 1 << 20
_CODE = re.compile(r"Sequential|\bkeras\b|\bModel\(|\blayers\.")


def mime_of(layers: Stack, windowing: Windowing | None = None) -> QMimeData:
    """Give ``layers`` as what a paste or a drop reads; the code says the input where it is known."""
    data = QMimeData()
    written = msgspec.json.encode(layers)
    data.setData(MIME, written)
    data.setText(stack_source(layers, windowing))
    return data


def layers_from(data: QMimeData) -> Stack:
    """Read layers from ``data``: as data, as JSON or as Keras code; an empty stack where there are none."""
    raw = bytes(data.data(MIME).data()) if data.hasFormat(MIME) else data.text().encode(errors="replace")
    if not raw or len(raw) > _LONGEST:
        return ()
    try:
        return msgspec.json.decode(raw, type=tuple[AnyLayer, ...])
    except (msgspec.MsgspecError, RecursionError):
        found = () if data.hasFormat(MIME) else models_in(data.text())
    return found[0].experiment.stack if found else ()


def models_in(text: str) -> tuple[Found, ...]:
    """Read the models in Keras code, with what was not understood; none where it is no code."""
    if not text or len(text) > _LONGEST or "(" not in text:
        return ()
    try:
        return tuple(read_source(text))
    except TsrnnError:
        return ()


def experiment_mime(project: Project) -> QMimeData:
    """Give the experiment as what a paste reads, and as code for everyone else.

    In the lesson's words where they can say all of it, else as a script that reads its series.
    """
    data = QMimeData()
    data.setData(EXPERIMENT_MIME, msgspec.json.encode(project.experiment))
    said = is_sayable(project.experiment)
    data.setText(experiment_source(project.experiment) if said else script(recipe_of(project)))
    return data


def models_from(data: QMimeData) -> tuple[Found, ...]:
    """Read whole models from ``data``; none where it holds layers alone, or something else.

    Raises TsrnnError where it holds code that cannot be read.
    """
    if data.hasFormat(EXPERIMENT_MIME):
        raw = bytes(data.data(EXPERIMENT_MIME).data())
        try:
            return (Found("the copied experiment", msgspec.json.decode(raw, type=Experiment)),)
        except (msgspec.MsgspecError, RecursionError):
            return ()
    text = data.text()
    if data.hasFormat(MIME) or not _CODE.search(text[:_LONGEST]):
        return ()
    found = tuple(read_source(text))
    return found if all(model.whole for model in found) else ()
