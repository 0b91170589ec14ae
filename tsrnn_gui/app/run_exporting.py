"""Takes a run away as a network or as code, without holding the window up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

from tsrnn_gui.app.order import Order
from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.model_formats import MODEL_FORMATS, ModelFormat, placed
from tsrnn_gui.core.past import Past
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.script import CODE_EXPORTS, CodeExport, Recipe, refuse_unrepeatable
from tsrnn_gui.core.series import Series
from tsrnn_gui.files.series_csv import series_csv
from tsrnn_gui.files.whole_files import write_set
from tsrnn_gui.wire.client import Engine
from tsrnn_gui.wire.messages import Export, Exported, Failed

__all__ = ["CODE_EXPORTS", "MODEL_FORMATS", "CodeExport", "ModelFormat", "RunExporting", "Taken"]


@dataclass(frozen=True)
class Taken:
    """A run as it is taken away; ``state`` holds its weights, ``trained`` counts its epochs."""

    series: Series
    experiment: Experiment
    state: bytes
    trained: int
    future_steps: int
    past: Past | None = None

    @classmethod
    def of(cls, log: RunLog, state: bytes, future_steps: int) -> Taken:
        """Take what ``log`` shows, with the state that its project keeps."""
        return cls(log.series, log.experiment, state, len(log.epochs), future_steps, log.past)


def code_written(entry: CodeExport, run: Taken, path: Path) -> str:
    """Write the code and the series that it reads; say so. Raises TsrnnError."""
    refuse_unrepeatable(run.trained, run.past)
    w, beside = run.experiment.windowing, path.with_name(path.stem + entry.beside)
    recipe = Recipe(run.experiment, beside.name, run.series.name, run.trained, run.future_steps)
    content = entry.write(recipe).encode()
    write_set({path: content, beside: series_csv(run.series, (*w.inputs, *w.targets))})
    return f"Exported {path.name}, which reads {beside.name} beside it."


def model_written(form: ModelFormat, run: Taken, path: Path, engine: Engine) -> str:
    """Have ``engine`` make and try the files, then write them; say how they agree. Raises TsrnnError."""
    asked = Order(run.series, run.experiment, state=run.state).request()
    request = Export(asked.run, experiment=run.experiment, data=asked.data, state=run.state, format=form.key)
    for event in engine.ask(request):
        match event:
            case Failed():
                raise TsrnnError(event.text, event.hint, event.details)
            case Exported():
                files = placed(path, event.files)
                write_set(files)
                return f"Exported {' and '.join(file.name for file in files)}. {event.sentence}"
            case _:
                pass
    raise TsrnnError("The engine gave no answer.", hint="Export again.")


class RunExporting(QThread):
    """Does ``job``; ``done`` carries its sentence, ``failed`` a TsrnnError."""

    done = Signal(str)
    failed = Signal(object)

    def __init__(self, job: Callable[[], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job = job

    def run(self) -> None:
        try:
            said = self._job()
        except TsrnnError as error:
            self.failed.emit(error)
        else:
            self.done.emit(said)
