"""The range test in a window of its own: how the rate climbs, the curve, and the rates it suggests."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.events import Failed
from tsrnn_gui.app.range_testing import RangeTesting
from tsrnn_gui.core.fields import wrong_fields
from tsrnn_gui.core.range_test import RANGE_TESTS, RangeTest
from tsrnn_gui.core.schedules import Constant, Exponential
from tsrnn_gui.ui.param_form import ParamForm
from tsrnn_gui.ui.range_plot import RangePlot, rate_text
from tsrnn_gui.ui.range_rules import RULES, RuleRow
from tsrnn_gui.ui.toned import set_tone

_KINDS = {"epoch": "by epoch, as in the course", "batch": "by batch, quick"}


class RangeTestDialog(QDialog):
    """Tests learning rates on ``document``'s experiment; only “Use this rate” edits the project."""

    def __init__(
        self, document: Document, testing: RangeTesting | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("range_test_dialog")
        self.setWindowTitle("Learning-rate range test")
        self.resize(860, 600)
        self._document = document
        self.testing = testing or RangeTesting(self)
        self._test = RANGE_TESTS["epoch"]
        self._failure = ""
        self.form = ParamForm(columns=4)
        self.run_button, self.stop_button = QPushButton("Run"), QPushButton("Stop")
        self.kind = QComboBox()
        self.words, self.advice = QLabel(), QLabel()
        self.plot = RangePlot()
        self.rules = {name: RuleRow(name) for name in RULES}
        self._lay_out()
        self._connect()
        self._refresh()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.form, 1)
        self.kind.setObjectName("range_kind")
        self.kind.setAccessibleName("How the rate climbs")
        self.kind.setToolTip("One rate an epoch, or one a batch: a pass over the data tries many rates")
        for name, words in _KINDS.items():
            self.kind.addItem(words, name)
        for button in (self.run_button, self.stop_button):
            button.setObjectName(button.text().lower())
            top.addWidget(button)
        self.run_button.setProperty("primary", True)
        self.run_button.setDefault(True)
        self.stop_button.setAutoDefault(False)
        layout.addLayout(top)
        for label, name in ((self.words, "range_words"), (self.advice, "range_advice")):
            label.setObjectName(name)
            label.setWordWrap(True)
        said = QHBoxLayout()
        said.addWidget(self.words, 1)
        said.addWidget(self.kind)
        layout.addLayout(said)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.advice)
        bottom = QHBoxLayout()
        bottom.setSpacing(28)
        for row in self.rules.values():
            bottom.addWidget(row)
        bottom.addStretch(1)
        layout.addLayout(bottom)

    def _connect(self) -> None:
        self.form.edited.connect(self._edit)
        self.kind.activated.connect(lambda _: self.choose(RANGE_TESTS[self.kind.currentData()]))
        for name, row in self.rules.items():
            row.chosen.clicked.connect(lambda _=False, name=name: self._use(name))
        self.run_button.clicked.connect(self.start)
        self.stop_button.clicked.connect(self.testing.stop)
        self.testing.state_changed.connect(lambda _: self._refresh())
        self.testing.grown.connect(self._draw)
        self.testing.failed.connect(self._fail)
        self._document.changed.connect(lambda _: self._refresh())
        self._document.opened.connect(lambda _: self.testing.forget())

    # ---- what is asked

    def choose(self, test: RangeTest) -> None:
        """Take up ``test``, with as many seeds as are set."""
        self._test = msgspec.structs.replace(test, seeds=self._test.seeds)
        self._refresh()

    def start(self) -> None:
        """Begin the test unless something is wrong."""
        series = self._document.project.series
        if series is not None and not self._why_not():
            self._failure = ""
            self.testing.start(series, self._document.project.experiment, self._test)

    def done(self, result: int) -> None:
        """End the test with the window; its curve is there when it is opened again."""
        self.testing.shutdown()
        super().done(result)

    def _edit(self, name: str, value: Any) -> None:
        if value is not None:
            self._test = msgspec.structs.replace(self._test, **{name: value})
        self._refresh()

    def _why_not(self) -> str:
        errors = self._document.verdict.errors
        wrong = wrong_fields(self._test)
        return errors[0].text if errors else wrong[0][1] if wrong else ""

    def _use(self, name: str) -> None:
        rate = self.rules[name].rate
        if rate is None:
            return
        fields: dict[str, Any] = {"learning_rate": rate}
        if isinstance(self._document.project.experiment.plan.schedule, Exponential):
            fields["schedule"] = Constant()
        self._document.edit_plan(f"Use rate {rate_text(rate)}", **fields)

    # ---- what is shown

    def _refresh(self) -> None:
        busy, why_not = self.testing.busy, self._why_not()
        self.form.show_value(self._test)
        self.kind.setCurrentIndex(self.kind.findData(self._test.unit))
        for widget in (self.form, self.kind):
            widget.setEnabled(not busy)
        self.run_button.setEnabled(not busy and not why_not)
        self.run_button.setToolTip(why_not)
        self.stop_button.setEnabled(busy)
        wrong = (why_not or self._failure) if not busy else ""
        self.words.setText(wrong or self._state_words())
        set_tone(self.words, "bad" if wrong else "faint")
        in_use = self._document.project.experiment.plan
        for row in self.rules.values():
            row.show_use(in_use.learning_rate, isinstance(in_use.schedule, Exponential))

    def _draw(self) -> None:
        curves = self.testing.curves
        self.plot.show_curves(curves)
        found = curves.suggestions() if curves is not None else None
        for name, row in self.rules.items():
            row.show_rate(getattr(found, name) if found is not None else None)
        self.advice.setText(found.advice if found is not None and not self.testing.busy else "")
        self.advice.setVisible(bool(self.advice.text()))
        self._refresh()

    def _fail(self, failure: Failed) -> None:
        self._failure = f"{failure.text} {failure.hint}".strip()
        self._refresh()

    def _state_words(self) -> str:
        curves, test = self.testing.curves, self._test
        if curves is None:
            rates = rate_text(test.start), rate_text(test.rates()[-1])
            return f"The rate climbs from {rates[0]} to {rates[1]}. Nothing in the project changes."
        whole = curves.test.epochs * curves.test.seeds
        match self.testing.state:
            case "starting":
                return "Starting the engine…"
            case "running":
                return f"{curves.test.unit.capitalize()} {curves.done:,} of {whole:,}"
            case "stopped":
                return f"Stopped after {curves.done:,} of {whole:,} {curves.test.units}."
            case "exploded":
                return (
                    f"Ended at rate {rate_text(curves.exploded_at() or 0.0)}: the loss grew beyond numbers."
                )
            case _:
                return f"Finished {curves.done:,} {curves.test.units}."
