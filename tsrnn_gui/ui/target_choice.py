"""Which of several targets is looked at; hidden where there is only one."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QWidget

from tsrnn_gui.app.run_log import RunLog


class TargetChoice(QComboBox):
    """Names the targets of a run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("target")
        self.setAccessibleName("Target")
        self.setToolTip("Target column that is shown")
        self._names: tuple[str, ...] = ()
        self.hide()

    def show_run(self, log: RunLog | None) -> str:
        """Offer the targets of ``log`` and give the chosen one, the first if it is another run's."""
        names = log.experiment.windowing.targets if log is not None else ()
        if names != self._names:
            self._names = names
            chosen = self.currentText()
            self.clear()
            self.addItems(list(names))
            self.setCurrentIndex(max(names.index(chosen) if chosen in names else 0, 0))
            self.setVisible(len(names) > 1)
        return self.currentText()
