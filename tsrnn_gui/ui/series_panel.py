"""The series in words and fields: facts, columns, window, horizon, split, scaling, missing values."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tsrnn_gui.app.document import Document
from tsrnn_gui.core.project import Project
from tsrnn_gui.core.series import Facts, Series
from tsrnn_gui.core.survey import facts_of, looked_over
from tsrnn_gui.core.windows import MISSING_RULES, SCALINGS
from tsrnn_gui.ui.calendar_ticks import RowTimes
from tsrnn_gui.ui.column_menu import ColumnsButton
from tsrnn_gui.ui.param_form import ParamForm
from tsrnn_gui.ui.problem_card import ProblemList, heading_row

_NARROWEST = 300
_NUMBERS = ("window", "horizon", "stride")
_CHOICES = ("scaling", "missing")


class SeriesPanel(QFrame):
    """Edits the document's windowing; asks for a file or a sample while there is no series."""

    open_asked = Signal()
    samples_asked = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._document = document
        self._name, self._about, self._counts = QLabel(), QLabel(), QLabel()
        for label in (self._name, self._about, self._counts):
            label.setProperty("tone", "faint")
        self._about.setObjectName("series_facts")
        self._about.setWordWrap(True)
        self._counts.setObjectName("window_counts")
        self._counts.setWordWrap(True)
        self.inputs = ColumnsButton("inputs", "Columns that the network reads")
        self.targets = ColumnsButton("targets", "Columns that are forecast")
        self.form = ParamForm(columns=3)
        self.split_form = ParamForm(columns=1)
        self.batch_form = ParamForm(columns=2)
        self.choice_form = ParamForm(columns=2, words={"scaling": SCALINGS, "missing": MISSING_RULES})
        self.problems = ProblemList(most=1)
        self.problems.setObjectName("series_problems")
        self._lay_out()
        self._connect()
        self._follow(document.project)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(heading_row("Series", self._name))
        layout.addWidget(self._about)
        self._columns_row = QWidget()
        columns = QHBoxLayout(self._columns_row)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(8)
        for text, button in (("Reads", self.inputs), ("forecasts", self.targets)):
            label = QLabel(text)
            label.setProperty("tone", "faint")
            columns.addWidget(label)
            columns.addWidget(button, 1)
        layout.addWidget(self._columns_row)
        self._fields = QWidget()
        fields = QGridLayout(self._fields)
        fields.setContentsMargins(0, 0, 0, 0)
        fields.setVerticalSpacing(6)
        fields.setHorizontalSpacing(8)
        fields.setColumnStretch(0, 1)
        fields.setColumnStretch(1, 2)
        fields.addWidget(self.form, 0, 0, 1, 2)
        fields.addWidget(self.split_form, 1, 0)
        fields.addWidget(self.batch_form, 1, 1)
        fields.addWidget(self.choice_form, 2, 0, 1, 2)
        layout.addWidget(self._fields)
        layout.addWidget(self._counts)
        layout.addWidget(self.problems)
        layout.addStretch(1)

    def event(self, event: QEvent) -> bool:
        """Wrapped words need their height said, or the fields between them are squeezed."""
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._claim_height()
        return done

    def _claim_height(self) -> None:
        layout = self.layout()
        assert layout is not None
        height = layout.totalHeightForWidth(max(self.width(), _NARROWEST))
        if height != self.minimumHeight():
            self.setFixedHeight(height)

    def _connect(self) -> None:
        document = self._document
        for form in (self.form, self.split_form, self.choice_form):
            form.edited.connect(self._set)
        self.batch_form.edited.connect(
            lambda name, value: document.edit_plan(f"Change {name}", f"plan.{name}", **{name: value})
        )
        self.inputs.chosen.connect(lambda names: self._set("inputs", names))
        self.targets.chosen.connect(lambda names: self._set("targets", names))
        self.problems.fix_chosen.connect(document.apply_fix)
        document.changed.connect(self._follow)
        document.opened.connect(self._follow)

    def _set(self, name: str, value: Any) -> None:
        self._document.edit_windowing(f"Change {name}", f"windowing.{name}", **{name: value})

    def _follow(self, project: Project) -> None:
        series = project.series
        self._name.setText(series.name if series else "")
        self._columns_row.setVisible(series is not None and len(series.columns) > 1)
        self._fields.setVisible(series is not None)
        self._counts.setVisible(series is not None)
        told = series is not None and not self._document.looking
        self.problems.show_problems(self._document.verdict.data_problems if told else ())
        if series is None:
            self._about.setText("No series yet. Open a file, drop one here, or try a sample.")
        else:
            self._describe(series, project)

    def _describe(self, series: Series, project: Project) -> None:
        experiment = project.experiment
        w = experiment.windowing
        self._about.setText(self._told(series, w.targets[0] if w.targets else series.columns[0]))
        self._about.setToolTip("\n".join(series.notes))
        self.inputs.show_columns(series.columns, w.inputs)
        self.targets.show_columns(series.columns, w.targets)
        self.form.show_value(w, _NUMBERS)
        self.split_form.show_value(w, ("split",))
        self.choice_form.show_value(w, _CHOICES)
        self.batch_form.show_value(experiment.plan, ("batch", "shuffle"))
        self._counts.setText(self._counted(series))

    def _told(self, series: Series, column: str) -> str:
        if column not in series.columns:
            column = series.columns[0]
        if self._document.looking and not looked_over(series, (column,)):
            return f"{len(series):,} rows · looking at them…"
        return facts_sentence(series, facts_of(series, column))

    def _counted(self, series: Series) -> str:
        verdict = self._document.verdict
        if verdict.counts is None:
            return ""
        counts, w = verdict.counts, self._document.project.experiment.windowing
        text = (
            f"{counts.training:,} windows · {counts.steps:,} steps an epoch · "
            f"{counts.validation:,} validation windows"
        )
        if 1 < series.season < w.window:
            text += f" · the window covers {w.window / series.season:.3g} seasons of {series.season}"
        elif series.season > 1:
            share = 100 * w.window / series.season
            text += f" · the window covers {share:.0f} % of a season of {series.season}"
        return text


def facts_sentence(series: Series, found: Facts) -> str:
    """Say the facts of a column in a line or two; what is odd is named, what is fine is not."""
    parts = [f"{found.rows:,} rows", f"step {series.step}"]
    if len(series):
        parts.append(f"{written_time(series, 0)} – {written_time(series, -1)}")
    parts.append(f"{found.missing:,} missing" if found.missing else "none missing")
    for count, words in (
        (found.gaps, "gaps"),
        (found.duplicated_times, "duplicated times"),
        (found.unsorted_times, "unsorted times"),
    ):
        if count:
            parts.append(f"{count:,} {words}")
    if found.minimum is not None and found.maximum is not None:
        parts.append(f"{_short(found.minimum)} … {_short(found.maximum)}")
    return " · ".join(parts)


def written_time(series: Series, row: int) -> str:
    """Write the time of ``row`` as precisely as the step asks for."""
    return RowTimes(series).text(row % len(series))


def _short(value: float) -> str:
    text = f"{value:,.6g}" if 1e-3 <= abs(value) < 1e9 or value == 0 else f"{value:.4g}"
    return text.replace("-", "−")
