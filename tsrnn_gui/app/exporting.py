"""Writes a forecast to a file without holding the window up."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files.exporters import EXPORTERS, ForecastTable, export, exporter, save_filter
from tsrnn_gui.files.forecast_table import forecast_table

__all__ = ["EXPORTERS", "Exporting", "ForecastTable", "export", "exporter", "save_filter", "table_of"]


def table_of(log: RunLog) -> ForecastTable:
    """Lay out what ``log`` has forecast. Raises TsrnnError while there is nothing."""
    if log.forecast is None or log.validation is None:
        raise TsrnnError("There is no forecast yet.", hint="Train the stack first.")
    return forecast_table(log.series, log.experiment, log.origins, log.validation, log.future, log.reports)


class Exporting(QThread):
    """Writes ``table`` to ``path``; ``done`` carries the path, ``failed`` a TsrnnError."""

    done = Signal(object)
    failed = Signal(object)

    def __init__(
        self, table: ForecastTable, path: Path, key: str | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._table, self._path, self._key = table, path, key

    def run(self) -> None:
        try:
            export(self._table, self._path, self._key)
        except TsrnnError as error:
            self.failed.emit(error)
        else:
            self.done.emit(self._path)
