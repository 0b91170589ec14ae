"""The two ways on from the run that is shown: continue it, or begin a new one after one of its epochs."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.going_on import why_not_continue, why_not_go_on
from tsrnn_gui.app.trainer import Trainer

_CONTINUE_TIP = "Train what is left of this run"
_GO_ON_TIP = "Begin a new run after any epoch of this one, with another rate or schedule"


class GoingOnButtons(QWidget):
    """Asks for what may be done with the run that is shown; the tool tip says why not."""

    continue_asked = Signal()
    go_on_asked = Signal()

    def __init__(self, document: Document, trainer: Trainer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._trainer = document, trainer
        self.continue_run, self.go_on = QPushButton("Continue"), QPushButton("Go on from an epoch…")
        self.continue_run.setObjectName("continue_run")
        self.go_on.setObjectName("go_on")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.continue_run)
        layout.addWidget(self.go_on)
        self.continue_run.clicked.connect(self.continue_asked)
        self.go_on.clicked.connect(self.go_on_asked)
        for signal in (trainer.state_changed, trainer.shown_changed, trainer.run_ended, document.opened):
            signal.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Enable what may be done now."""
        for button, why_not, tip in (
            (self.continue_run, why_not_continue(self._trainer, self._document), _CONTINUE_TIP),
            (self.go_on, why_not_go_on(self._trainer, self._document), _GO_ON_TIP),
        ):
            button.setEnabled(not why_not)
            button.setToolTip(why_not or tip)
