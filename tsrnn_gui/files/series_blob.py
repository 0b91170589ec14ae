"""A series as compressed Arrow bytes with its description, and back."""

from __future__ import annotations

import msgspec
import numpy as np

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.series import Series, Step


class _Description(msgspec.Struct, frozen=True):
    name: str
    columns: tuple[str, ...]
    dated: bool
    step: Step
    season: int
    source: str
    sha256: str
    notes: tuple[str, ...]


def packed(series: Series) -> tuple[bytes, bytes]:
    """Give (description as JSON, table as Arrow IPC bytes)."""
    import pyarrow as pa

    arrays = [pa.array(series.times.astype(np.int64))]
    arrays += [pa.array(series.values[:, i]) for i in range(len(series.columns))]
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
    return msgspec.json.encode(description), sink.getvalue().to_pybytes()


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
