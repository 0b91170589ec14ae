"""Frames on a pipe: a mark, four bytes of length, little endian, then that many bytes."""

from __future__ import annotations

import struct
from typing import BinaryIO

LARGEST = 2**31 - 1
_MARK = b"\xf5ts\x1f"  # no text begins so: what a library prints is told from a frame at once
_HEAD = struct.Struct("<4sI")


class BrokenFrame(Exception):
    """What arrived is no frame: too long, or cut off."""


def write_frame(pipe: BinaryIO, data: bytes) -> None:
    """Write ``data`` as one frame and flush. Raises OSError when the other side is gone."""
    if len(data) > LARGEST:
        raise BrokenFrame(f"a frame of {len(data):,} bytes is too long to send")
    pipe.write(_HEAD.pack(_MARK, len(data)))
    pipe.write(data)
    pipe.flush()


def read_frame(pipe: BinaryIO, largest: int = LARGEST) -> bytearray | None:
    """Read one frame, None at the end of the stream. Raises BrokenFrame."""
    head = _exactly(pipe, _HEAD.size)
    if not head:
        return None
    if not _MARK.startswith(bytes(head[: len(_MARK)])):
        raise BrokenFrame(f"no frame begins with {bytes(head)!r}")
    if len(head) < _HEAD.size:
        raise BrokenFrame("the stream ended inside a frame's length")
    _, length = _HEAD.unpack(head)
    if length > largest:
        raise BrokenFrame(f"a frame of {length:,} bytes was announced, more than {largest:,}")
    data = _exactly(pipe, length)
    if len(data) < length:
        raise BrokenFrame("the stream ended inside a frame")
    return data


def _exactly(pipe: BinaryIO, count: int) -> bytearray:
    """Grow by what really arrives, so an announced length alone reserves no memory."""
    read = bytearray()
    while len(read) < count:
        part = pipe.read(min(count - len(read), 1 << 20))
        if not part:
            break
        read += part
    return read
