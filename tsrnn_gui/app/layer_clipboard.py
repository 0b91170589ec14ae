"""Layers on the clipboard or under the mouse: as data, and as Keras code for people."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QMimeData

from tsrnn_gui.core.keras_source import Found, read_source, stack_source
from tsrnn_gui.core.layers import AnyLayer, Stack
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.windows import Windowing

MIME = "application/x-tsrnn-layers"
_LONGEST = 1 << 20


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
    if not text or len(text) > _LONGEST or "Sequential" not in text:
        return ()
    try:
        return tuple(read_source(text))
    except TsrnnError:
        return ()
