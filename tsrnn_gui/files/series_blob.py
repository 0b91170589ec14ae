"""A series as compressed Arrow bytes with its description, and back; and its name by its content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.series import Series, Step

_HASHED = 1 << 24
_keys: WeakKeyDictionary[Series, str] = WeakKeyDictionary()


class _Description(msgspec.Struct, frozen=True):
    name: str
    columns: tuple[str, ...]
    dated: bool
    step: Step
    season: int
    source: str
    sha256: str
    notes: tuple[str, ...]


def series_key(series: Series, progress: Callable[[float], object] = lambda share: None) -> str:
    """Name a series by its content, so that equal series are kept once; hashed once a value.

    ``progress`` hears the share that is done and may raise.
    """
    if series not in _keys:
        _keys[series] = _digest(series, progress)
    return _keys[series]


def _digest(series: Series, progress: Callable[[float], object]) -> str:
    """Bytes are read where they lie, which lets other threads work meanwhile."""
    digest = hashlib.sha256()
    digest.update(repr((series.name, series.columns, series.source, series.season)).encode())
    parts = [_bytes(series.times), _bytes(series.values)]
    whole, done = sum(map(len, parts)) or 1, 0
    for part in parts:
        for first in range(0, len(part), _HASHED):
            block = part[first : first + _HASHED]
            digest.update(block)
            done += len(block)
            progress(done / whole)
    return digest.hexdigest()


def _bytes(values: NDArray[Any]) -> memoryview:
    return memoryview(np.ascontiguousarray(values).reshape(-1).view(np.uint8))  # type: ignore[arg-type]


def load_libraries() -> None:
    """Load what packing needs ahead of time: loading it keeps every other thread waiting for 0.1 s."""
    import pyarrow  # noqa: F401


def packed(series: Series) -> tuple[bytes, Any]:
    """Give (description as JSON, table as a buffer of Arrow IPC bytes)."""
    import pyarrow as pa

    arrays = [pa.array(series.times.astype(np.int64))]
    arrays += [pa.array(np.ascontiguousarray(series.values[:, i])) for i in range(len(series.columns))]
    names = ["time", *(f"c{i}" for i in range(len(series.columns)))]
    table = pa.table(arrays, names=names)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    description = _Description(
        series.name,
        series.columns,
        series.dated,
        series.step,
        series.season,
        series.source,
        series.sha256,
        series.notes,
    )
    return msgspec.json.encode(description), memoryview(sink.getvalue())


def unpacked(description: bytes, table: bytes) -> Series:
    """Give the series back. Raises TsrnnError for bytes that are none."""
    import pyarrow as pa

    try:
        about = msgspec.json.decode(description, type=_Description)
        read = pa.ipc.open_stream(table).read_all()
        times = read.column(0).to_numpy()
        values = np.column_stack([read.column(i).to_numpy() for i in range(1, read.num_columns)])
        if values.shape[1] != len(about.columns) or times.dtype != np.int64 or values.dtype != np.float64:
            raise ValueError("the columns do not fit their description")
    except (msgspec.MsgspecError, pa.ArrowException, ValueError, IndexError, OSError) as error:
        raise TsrnnError(
            "The series in this project is damaged.",
            hint="Open the original file again; the stack and the runs are kept.",
            details=str(error),
        ) from error
    return Series(
        name=about.name,
        values=np.ascontiguousarray(values),
        columns=about.columns,
        times=times.view("datetime64[us]") if about.dated else times,
        step=about.step,
        season=about.season,
        source=about.source,
        sha256=about.sha256,
        notes=about.notes,
    )
