"""Parquet through pyarrow, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files.encoding import Scan
from tsrnn_gui.files.options import CHUNK_CELLS, CHUNK_ROWS, Chunk, ReadOptions


class ParquetTable:
    """A Parquet file as records of text, its schema first; "line" 1 is the schema."""

    def __init__(self, path: Path, options: ReadOptions, scan: Scan) -> None:
        import pyarrow.lib
        import pyarrow.parquet

        self._path = path
        self._errors = (pyarrow.lib.ArrowException, OSError)
        self.sheets: tuple[str, ...] = ()
        self.notes: tuple[str, ...] = ()
        self.place = path.name
        self.options = replace(options, header=True)
        try:
            self._file: Any = pyarrow.parquet.ParquetFile(path)
        except self._errors as error:
            raise self._damaged(error) from error

    def chunks(self, size: int | None = None) -> Iterator[Chunk]:
        """Give the names, then the rows."""
        names = list(self._file.schema_arrow.names)
        total = max(self._file.metadata.num_rows, 1)
        yield Chunk([names], [1], 0.0)
        size = max(1, min(size or CHUNK_ROWS, CHUNK_CELLS // max(len(names), 1)))
        line = 2
        try:
            for batch in self._file.iter_batches(batch_size=size):
                rows = [list(row) for row in zip(*[_texts(column) for column in batch.columns], strict=True)]
                yield Chunk(rows, range(line, line + len(rows)), min((line + len(rows) - 2) / total, 1.0))
                line += len(rows)
        except self._errors as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> TsrnnError:
        return TsrnnError(
            f"{self._path.name} cannot be read as Parquet.",
            "Write it again with the program it came from.",
            repr(error),
        )


def _texts(column: Any) -> list[str]:
    import pyarrow
    import pyarrow.compute

    if pyarrow.types.is_timestamp(column.type) or pyarrow.types.is_date(column.type):
        zone = getattr(column.type, "tz", None)
        column = column.cast(pyarrow.timestamp("us", tz=zone), safe=False)
        return ["" if time is None else time.isoformat(sep=" ") for time in column.to_pylist()]
    return ["" if value is None else str(value) for value in column.to_pylist()]
