"""The program's icon in every size and container, rendered from the one SVG at build time."""

from __future__ import annotations

import os
import struct
from pathlib import Path

SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
_ICNS = {32: b"ic11", 64: b"ic12", 128: b"ic07", 256: b"ic08", 512: b"ic09"}


def render(svg: Path, size: int) -> bytes:
    """Give ``svg`` as a square PNG of ``size`` pixels."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QBuffer, QByteArray, Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(svg)).render(painter)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(data.data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """Pack PNGs of up to 256 pixels as a Windows icon."""
    chosen = {size: png for size, png in pictures.items() if size <= 256}
    offset = 6 + 16 * len(chosen)
    directory = struct.pack("<HHH", 0, 1, len(chosen))
    for size, png in chosen.items():
        directory += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(png), offset)
        offset += len(png)
    return directory + b"".join(chosen.values())


def icns(pictures: dict[int, bytes]) -> bytes:
    """Pack PNGs as a macOS icon."""
    parts = [
        kind + struct.pack(">I", len(pictures[size]) + 8) + pictures[size]
        for size, kind in _ICNS.items()
        if size in pictures
    ]
    body = b"".join(parts)
    return b"icns" + struct.pack(">I", len(body) + 8) + body


def write(svg: Path, folder: Path) -> None:
    """Write ``tsrnn-SIZE.png``, ``tsrnn.ico`` and ``tsrnn.icns`` into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {size: render(svg, size) for size in SIZES}
    for size, png in pictures.items():
        (folder / f"tsrnn-{size}.png").write_bytes(png)
    (folder / "tsrnn.ico").write_bytes(ico(pictures))
    (folder / "tsrnn.icns").write_bytes(icns(pictures))
