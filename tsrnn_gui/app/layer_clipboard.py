"""Layers on the clipboard or under the mouse: as data, and as text for people."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QMimeData

from tsrnn_gui.core.layers import AnyLayer, Stack

MIME = "application/x-tsrnn-layers"
_LONGEST = 1 << 20


def mime_of(layers: Stack) -> QMimeData:
    """Give ``layers`` as what a paste or a drop reads."""
    data = QMimeData()
    written = msgspec.json.encode(layers)
    data.setData(MIME, written)
    data.setText(msgspec.json.format(written, indent=2).decode())
    return data


def layers_from(data: QMimeData) -> Stack:
    """Read layers from ``data``; an empty stack where there is none that can be understood."""
    raw = bytes(data.data(MIME).data()) if data.hasFormat(MIME) else data.text().encode()
    if not raw or len(raw) > _LONGEST:
        return ()
    try:
        return msgspec.json.decode(raw, type=tuple[AnyLayer, ...])
    except (msgspec.MsgspecError, RecursionError):
        return ()
