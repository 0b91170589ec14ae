"""The road from a sample to a saved forecast, walked by the window itself where nobody can click."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.project import Project
from tsrnn_gui.ui.main_window import MainWindow

_PATIENCE_MS = 600_000
_SETTLE_MS = 500


class Demo(QObject):
    """Opens a sample, trains it, leaves project, forecast and picture in ``folder``, and quits."""

    def __init__(self, window: MainWindow, folder: Path, sample: str) -> None:
        super().__init__(window)
        self.code = 1
        self._window = window
        self._folder = folder
        self._sample = sample
        self._done = False
        window.document.changed.connect(self._train)
        window.trainer.run_ended.connect(self._settle)
        window.trainer.failed.connect(self._fail)
        QTimer.singleShot(_PATIENCE_MS, self, lambda: self._leave("The demonstration took too long."))
        window.resize(1366, 768)
        window.open_sample(sample)

    def _train(self, project: Project) -> None:
        if project.series is not None and not self._done:
            self._done = True
            QTimer.singleShot(0, self, self._window.train)

    def _settle(self, log: RunLog) -> None:
        self._log = log
        QTimer.singleShot(_SETTLE_MS, self, self._keep)

    def _keep(self) -> None:
        window, folder = self._window, self._folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            window.save_as(folder / f"{self._sample}.tsrnn")
            window.forecast_panel.export_to(folder / f"{self._sample}-forecast.csv")
        except (TsrnnError, OSError) as error:
            self._leave(f"{error} {getattr(error, 'hint', '')}")
            return
        self._show({"training": window.training_panel, "forecast": window.forecast_panel})

    def _show(self, panels: dict[str, QWidget]) -> None:
        """Take pictures of ``panels`` one after the other, each when its layout has settled."""
        name, panel = next(iter(panels.items()))
        left = {other: panels[other] for other in panels if other != name}
        self._window.tabs.setCurrentWidget(panel)

        def take() -> None:
            self._window.grab().save(str(self._folder / f"{self._sample}-{name}.png"))
            if left:
                self._show(left)
            else:
                self._tell()

        QTimer.singleShot(_SETTLE_MS, self, take)

    def _tell(self) -> None:
        for report in self._log.reports:
            print(f"{report.target}: {report.sentence}")
        print(f"Project, forecast and pictures are in {self._folder.resolve()}")
        self.code = 0
        self._leave("")

    def _fail(self, failure: object) -> None:
        self._leave(f"{getattr(failure, 'text', failure)} {getattr(failure, 'hint', '')}")

    def _leave(self, text: str) -> None:
        if text:
            print(text)
        self._window.trainer.shutdown()
        QApplication.exit(self.code)
