"""The training view: how a run goes, its curves, and its forecast of the validation part."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.estimating import Estimator
from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.app.run_words import run_words
from tsrnn_gui.app.trainer import Trainer
from tsrnn_gui.core.explosions import explosion_problem
from tsrnn_gui.core.problems import Fix
from tsrnn_gui.core.runs import Report
from tsrnn_gui.ui.cards import card, told_row
from tsrnn_gui.ui.forecast_plot import ForecastPlot
from tsrnn_gui.ui.going_on_buttons import GoingOnButtons
from tsrnn_gui.ui.ladder import Ladder
from tsrnn_gui.ui.loss_plots import QUANTITIES, LossPlot, RatePlot
from tsrnn_gui.ui.plan_form import PlanForm, plan_words
from tsrnn_gui.ui.problem_card import ProblemList
from tsrnn_gui.ui.run_view import RunView
from tsrnn_gui.ui.target_choice import TargetChoice
from tsrnn_gui.ui.toned import set_tone

_PARTS = 1000
_TURN_MS = 12
_LADDER_WIDTH = 240


class TrainingPanel(RunView):
    """Shows the run that is looked at, and the plan of the next one."""

    def __init__(
        self,
        document: Document,
        trainer: Trainer,
        estimator: Estimator | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(document, trainer, parent)
        self.setObjectName("training_panel")
        self._estimator = estimator or Estimator(document, trainer, self)
        self._words, self._sentence, self._plan_words = QLabel(), QLabel(), QLabel()
        self.progress = QProgressBar()
        self.problems = ProblemList()
        self.plan_form = PlanForm(document)
        self.plan_button, self.measure = QToolButton(), QToolButton()
        self.quantity = QComboBox()
        self.loss_plot, self.rate_plot = LossPlot(), RatePlot()
        self.target = TargetChoice()
        self.forecast_plot = ForecastPlot("validation_plot", "One step ahead")
        self.ladder = Ladder()
        self.going_on = GoingOnButtons(document, trainer)
        self._plots_left: list[Callable[[], None]] = []
        self._turn = QTimer(self, interval=_TURN_MS)
        self._turn.timeout.connect(self._draw_next)
        self._name()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._learning_card(), 6)
        layout.addWidget(self._forecast_card(), 4)
        self.target.activated.connect(self.refresh)
        self.quantity.activated.connect(self._choose_quantity)
        self.plan_button.toggled.connect(self._unfold)
        self.problems.fix_chosen.connect(self._mend)
        self.measure.clicked.connect(self._estimator.measure)
        self._estimator.changed.connect(self.refresh)
        self.begin()

    def _name(self) -> None:
        self._words.setObjectName("run_words")
        self._sentence.setObjectName("run_sentence")
        self._plan_words.setObjectName("plan_words")
        set_tone(self._plan_words, "faint")
        self.progress.setObjectName("run_progress")
        self.progress.setAccessibleName("Progress of the run")
        self.progress.setRange(0, _PARTS)
        self.progress.setTextVisible(False)
        self.plan_button.setObjectName("plan_button")
        self.plan_button.setText("Plan")
        self.plan_button.setCheckable(True)
        self.plan_button.setChecked(True)
        self.plan_button.setArrowType(Qt.ArrowType.DownArrow)
        self.plan_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.plan_button.setToolTip("Show or hide the fields of the plan")
        self.measure.setObjectName("measure_button")
        self.measure.setText("Measure")
        self.quantity.setObjectName("quantity")
        self.quantity.setAccessibleName("Curve shown")
        self.quantity.setToolTip("Loss on the network's scale, or the error in the series' units")
        for key, text in QUANTITIES.items():
            self.quantity.addItem(text, key)

    def _learning_card(self) -> QFrame:
        frame, layout = card()
        layout.addLayout(told_row("Training", self._words, self.going_on))
        layout.addWidget(self.progress)
        layout.addWidget(self.problems)
        plan = QHBoxLayout()
        plan.setSpacing(8)
        plan.addWidget(self.plan_button)
        plan.addWidget(self._plan_words)
        plan.addStretch(1)
        plan.addWidget(self.measure)
        plan.addWidget(self.quantity)
        layout.addLayout(plan)
        layout.addWidget(self.plan_form)
        plots = QHBoxLayout()
        plots.setSpacing(16)
        plots.addWidget(self.loss_plot, 5)
        plots.addWidget(self.rate_plot, 3)
        layout.addLayout(plots, 1)
        return frame

    def _forecast_card(self) -> QFrame:
        frame, layout = card()
        layout.addLayout(told_row("Forecast of the validation part", self._sentence, self.target))
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.forecast_plot, 1)
        self.ladder.setFixedWidth(_LADDER_WIDTH)
        row.addWidget(self.ladder)
        layout.addLayout(row, 1)
        return frame

    def draw(self) -> None:
        """Bring words, bar and plots up to date."""
        log = self.log
        self._say(log)
        self._tell_explosion(log)
        self._say_plan()
        target = self.target.show_run(log)
        self.loss_plot.go_on.setEnabled(self.going_on.go_on.isEnabled())
        report = report_of(log, target)
        self.ladder.show_report(report)
        self._sentence.setText(report.sentence if report else "")
        set_tone(self._sentence, sentence_tone(report))
        self._plots_left = [self._draw_losses, self._draw_rates, self._draw_forecast]
        if log is not None and log.running:
            self._turn.start()  # one plot a turn of the event loop, so that no turn takes long
        else:
            while self._plots_left:
                self._draw_next()

    def _draw_next(self) -> None:
        if self._plots_left:
            self._plots_left.pop(0)()
        if not self._plots_left:
            self._turn.stop()

    def _draw_losses(self) -> None:
        self.loss_plot.show_run(self.log)

    def _draw_rates(self) -> None:
        log = self.log
        running = log is not None and log.running
        plan = log.experiment.plan if log and running else self.document.project.experiment.plan
        self.rate_plot.show_run(log, plan)

    def _draw_forecast(self) -> None:
        log, target = self.log, self.target.show_run(self.log)
        drawn = log is not None and log.validation is not None
        after = f", after epoch {len(log.epochs):,}" if log is not None and log.running else ""
        self.forecast_plot.set_title(f"One step ahead{after}" if drawn else "")
        self.forecast_plot.show_run(log, target)

    def _say(self, log: RunLog | None) -> None:
        if log is None:
            errors = self.document.verdict.errors
            self._words.setText(errors[0].text if errors else "Nothing trained yet: press Train to begin.")
            set_tone(self._words, "faint")
            self.progress.setValue(0)
            return
        self._words.setText(run_words(log, self.trainer.state))
        bad = log.ending is not None and getattr(log.ending, "reason", "failed") in ("failed", "exploded")
        set_tone(self._words, "bad" if bad else "faint")
        inside = log.progress.step / max(log.progress.steps, 1) if log.progress is not None else 0.0
        done = log.progress.epoch if log.progress is not None else len(log.epochs)
        share = (done + inside) / max(log.experiment.plan.epochs, 1)
        self.progress.setValue(_PARTS if _completed(log) else int(_PARTS * min(share, 1.0)))

    def _say_plan(self) -> None:
        """Say what the plan will need; what it is as well where its fields are folded away."""
        estimate, folded = self._estimator.words, not self.plan_button.isChecked()
        plan = plan_words(self.document.project.experiment.plan)
        self._plan_words.setText(plan if folded or not estimate else estimate)
        self._plan_words.setToolTip(f"{plan}\n{estimate}".strip())
        why_not = self._estimator.why_not
        self.measure.setEnabled(not why_not)
        self.measure.setToolTip(why_not or "Take a few steps to see how long an epoch will take (F4)")

    def _tell_explosion(self, log: RunLog | None) -> None:
        """Say how the run that is shown exploded, with the ways out that are still open."""
        explosion = log.explosion if log is not None else None
        if log is None or explosion is None:
            self.problems.show_problems(())
            return
        present = self.document.project.experiment
        found = explosion_problem(explosion, log.experiment, present)
        self.problems.show_problems((found,))

    def _mend(self, fix: Fix) -> None:
        project = self.document.project
        self.document.edit(fix.label, project.with_experiment(fix.applied(project.experiment)))

    def _choose_quantity(self) -> None:
        self.loss_plot.quantity = self.quantity.currentData()
        self.loss_plot.show_all()
        self.refresh()

    def _unfold(self, shown: bool) -> None:
        self.plan_form.setVisible(shown)
        self.plan_button.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        self._say_plan()


def report_of(log: RunLog | None, target: str) -> Report | None:
    """Give the report of ``target``, None while it is not judged."""
    reports = log.reports if log is not None else ()
    return next((report for report in reports if report.target == target), None)


def sentence_tone(report: Report | None) -> str:
    """Give the tone of a report's sentence: good only for what no simple rule beats."""
    if report is None or report.network.mae is None or report.naive.mae is None:
        return "faint"
    if report.network.mae >= 0.995 * report.naive.mae:
        return "bad-strong"
    return "good" if report.ladder[-1].key == "network" else "doubt"


def _completed(log: RunLog) -> bool:
    return getattr(log.ending, "reason", "") in ("completed", "early")
