"""Asks how to go on from an epoch of a run: which, with what rate and schedule, and how far."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.going_on import go_on, why_not_go_on
from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.app.trainer import Trainer
from tsrnn_gui.core.fields import Field
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.rewinding import Rewind
from tsrnn_gui.ui.number_edit import NumberEdit
from tsrnn_gui.ui.plan_form import PlanFields
from tsrnn_gui.ui.toned import set_tone

_FIELDS = {"learning_rate": "rate", "epochs": "until", "schedule": "schedule"}
_WIDTH = 520


class GoOnDialog(QDialog):
    """Holds a ``rewind`` of ``log``'s run; ``proposed`` carries the epoch (from 1) it would begin after.

    What nobody has typed follows the epoch that is chosen.
    """

    proposed = Signal(int)

    def __init__(
        self,
        document: Document,
        trainer: Trainer,
        log: RunLog,
        epoch: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("go_on_dialog")
        self.setWindowTitle("Go on from an epoch")
        self._document, self._trainer, self._log = document, trainer, log
        self.rewind = Rewind.offered(log.experiment, log.past, tuple(log.epochs), epoch)
        self._typed: dict[str, Any] = {}
        self.epoch = NumberEdit(_epoch_field(len(log.epochs)))
        self.form = PlanFields(tuple(_FIELDS), "go_on", {"epochs": "Train to epoch"})
        self.words = QLabel()
        self.begin, self.cancel = QPushButton("Begin the new run"), QPushButton("Cancel")
        self._lay_out()
        self._connect()
        self._refresh()

    def _lay_out(self) -> None:
        self.epoch.setObjectName("go_on_epoch")
        self.epoch.setFixedWidth(80)
        self.epoch.set_value(self.rewind.after)
        self.words.setObjectName("go_on_words")
        self.words.setWordWrap(True)
        self.begin.setObjectName("go_on_begin")
        self.begin.setProperty("primary", True)
        self.begin.setDefault(True)
        self.cancel.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(12)
        row = QHBoxLayout()
        row.setSpacing(8)
        label = QLabel("Go on after epoch")
        label.setBuddy(self.epoch)
        row.addWidget(label)
        row.addWidget(self.epoch)
        row.addWidget(self._of())
        row.addStretch(1)
        layout.addLayout(row)
        layout.addWidget(self.form)
        layout.addWidget(self.words, 1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.begin)
        layout.addLayout(buttons)
        self.setMinimumWidth(_WIDTH)

    def _of(self) -> QLabel:
        """Say from how many to choose."""
        known = len(self.rewind.epochs)
        best = next((epoch.epoch + 1 for epoch in reversed(self.rewind.epochs) if epoch.best), None)
        label = QLabel(f"of {known:,}" + (f" · epoch {best:,} was the best" if best else ""))
        set_tone(label, "faint")
        return label

    def _connect(self) -> None:
        self.epoch.edited.connect(self._choose)
        self.form.changed.connect(lambda text, merge, change: self._type(change))
        self.begin.clicked.connect(self._go_on)
        self.cancel.clicked.connect(self.reject)
        self._trainer.shown_changed.connect(self.reject)
        self._trainer.state_changed.connect(self._refresh)

    def _choose(self, epoch: int) -> None:
        """A number out of bounds is told like any other; only what may be chosen is shown on the plot."""
        log = self._log
        if not 1 <= epoch <= len(self.rewind.epochs):
            self.rewind = replace(self.rewind, after=epoch)
            self._refresh()
            return
        offered = Rewind.offered(log.experiment, log.past, self.rewind.epochs, epoch)
        self.rewind = replace(offered, **self._typed)
        self.proposed.emit(epoch)
        self._refresh()

    def _type(self, change: dict[str, Any]) -> None:
        self._typed |= {_FIELDS[name]: value for name, value in change.items()}
        self.rewind = replace(self.rewind, **self._typed)
        self._refresh()

    def _refresh(self) -> None:
        rewind = self.rewind
        self.form.show_plan(
            msgspec.structs.replace(
                rewind.before.plan, learning_rate=rewind.rate, schedule=rewind.schedule, epochs=rewind.until
            )
        )
        problem = rewind.problem
        self.words.setText(problem.text if problem else self._sentence())
        set_tone(self.words, "" if problem is None else "doubt" if problem.severity == "warning" else "bad")
        why_not = why_not_go_on(self._trainer, self._document)
        self.begin.setEnabled(problem is None and not why_not)
        self.begin.setToolTip(why_not)
        self._make_room()

    def _make_room(self) -> None:
        """Fields wrap and sentences grow: the window grows with them, and never shrinks under the mouse."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        width = max(self.width(), _WIDTH)
        self.resize(width, max(self.height(), layout.totalHeightForWidth(width)))

    def _sentence(self) -> str:
        stopped = "The paused run is stopped for that." if self._trainer.state == "paused" else ""
        return " ".join(part for part in (self.rewind.sentence, stopped, self._way_back()) if part)

    def _way_back(self) -> str:
        """Say which epochs must be trained again first."""
        after = self.rewind.after
        try:
            held = self._document.file.nearest_epochs(self._log.run, after)
        except TsrnnError as error:
            return error.text
        if held >= after:
            return ""
        which = f"Epochs {held + 1:,} to {after:,} are" if held + 1 < after else f"Epoch {after:,} is"
        return f"{which} trained again first, exactly as before."

    def _go_on(self) -> None:
        rewind = self.rewind
        self.accept()
        go_on(self._trainer, self._document, self._log, rewind)


def _epoch_field(known: int) -> Field:
    return Field(
        "epoch",
        "Epoch",
        "The new run begins after this epoch; the plot shows where",
        "int",
        default=known,
        low=1,
        high=known,
    )
