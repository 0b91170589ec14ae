"""Frames on a pipe: what was written is read, and nothing else is taken for a frame."""

from __future__ import annotations

import io
import struct
import tracemalloc

import numpy as np
import pytest

from tsrnn_gui.wire.frames import BrokenFrame, read_frame, write_frame
from tsrnn_gui.wire.messages import Array, Stop, Train, decoded_event, decoded_request, encoded


def _framed(*parts: bytes) -> io.BytesIO:
    pipe = io.BytesIO()
    for part in parts:
        write_frame(pipe, part)
    pipe.seek(0)
    return pipe


def test_that_frames_come_back_in_order_and_then_the_end() -> None:
    parts = [b"one", b"", b"\x00" * 70_000, b"last"]
    pipe = _framed(*parts)
    assert [read_frame(pipe) for _ in parts] == parts
    assert read_frame(pipe) is None


@pytest.mark.parametrize("kept", range(1, 8 + 5))
def test_that_a_frame_cut_anywhere_is_told_from_the_end(kept: int) -> None:
    with pytest.raises(BrokenFrame):
        read_frame(io.BytesIO(_framed(b"hello!").getvalue()[:kept]))


def test_that_a_frame_longer_than_allowed_is_refused_before_it_is_read() -> None:
    with pytest.raises(BrokenFrame, match="announced"):
        read_frame(_framed(b"x" * 11), largest=10)


def test_that_text_is_refused_by_its_first_bytes() -> None:
    with pytest.raises(BrokenFrame, match="no frame begins"):
        read_frame(io.BytesIO(b"Hello, I announce 1.8 GB by my first four letters"))


def test_that_an_announced_length_reserves_no_memory() -> None:
    tracemalloc.start()
    with pytest.raises(BrokenFrame):
        read_frame(io.BytesIO(_framed(b"").getvalue()[:4] + struct.pack("<I", 2**31 - 1) + b"short"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


def test_that_arrays_keep_type_shape_and_every_bit() -> None:
    values = np.random.default_rng(0).normal(size=(7, 3))
    values[2, 1] = np.nan
    for array in (values, values.astype(np.float32), values.T, np.arange(5), np.zeros((0, 4)), np.float64(3)):
        back = Array.of(np.asarray(array)).unpacked()
        assert back.dtype == np.asarray(array).dtype
        np.testing.assert_array_equal(back, array)


def test_that_an_array_whose_bytes_do_not_fit_its_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"reshape|buffer"):
        Array("float64", (3,), memoryview(b"\x00" * 16)).unpacked()


def test_that_an_event_is_no_request_and_a_request_no_event() -> None:
    import msgspec

    stop = encoded(Stop("r"))
    assert decoded_request(stop) == Stop("r")
    with pytest.raises(msgspec.ValidationError):
        decoded_event(stop)
    with pytest.raises(msgspec.ValidationError):
        decoded_request(msgspec.msgpack.encode({"type": "train", "run": "r", "surprise": 1}))
    assert Train.__struct_config__.forbid_unknown_fields
