"""The choice among several models in someone's code, each with its layers and its notes."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from tsrnn_gui.app.code_opening import Found
from tsrnn_gui.core.experiment import verdict


class ModelChoiceDialog(QDialog):
    """Lets one model be chosen before anything is replaced; ``chosen`` is the one that is shown."""

    def __init__(self, models: Sequence[Found], source: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("choose_model")
        self.setWindowTitle(f"{len(models)} models in {source}")
        self.resize(760, 430)
        self._models = models
        self.list = QListWidget()
        self.list.setObjectName("models")
        self.list.setAccessibleName("Models in the code")
        self.list.addItems([model.name for model in models])
        self.about = QTextBrowser()
        self.about.setObjectName("about_model")
        self.about.setAccessibleName("The chosen model")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        take = buttons.addButton("Take this model", QDialogButtonBox.ButtonRole.AcceptRole)
        take.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.list, 2)
        row.addWidget(self.about, 5)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.addLayout(row, 1)
        layout.addWidget(buttons)
        self.list.currentRowChanged.connect(lambda _: self._show())
        self.list.itemDoubleClicked.connect(lambda _: self.accept())
        self.list.setCurrentRow(0)

    @property
    def chosen(self) -> Found:
        """The model that is shown."""
        return self._models[max(self.list.currentRow(), 0)]

    def _show(self) -> None:
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.about.setHtml(described(self.chosen))


def described(found: Found) -> str:
    """Describe a model as rich text: its layers, its plan, what is wrong with it, and its notes."""
    experiment = found.experiment
    plan, window = experiment.plan, experiment.windowing.window
    layers = "".join(f"<li>{escape(layer.label())}</li>" for layer in experiment.stack)
    rule = f"{plan.loss}, {plan.optimizer.title} at {plan.learning_rate:g}"
    trained = f"{plan.epochs} epochs in batches of {plan.batch}; {rule}"
    notes = "".join(f"<li>{escape(str(note))}</li>" for note in found.notes)
    wrong = "".join(f"<li>{escape(problem.text)}</li>" for problem in verdict(experiment).errors)
    if wrong:
        wrong = f"<p><b>To be mended</b></p><ul>{wrong}</ul>"
    told = "<p>All of it is taken as written.</p>"
    if notes:
        told = f"<p><b>Not taken as written</b></p><ul>{notes}</ul>"
    return (
        f"<h3>{escape(found.name)}</h3><ol>{layers or '<i>no layer</i>'}</ol>"
        f"<p>Windows of {window}; {escape(trained)}.</p>{wrong}{told}"
    )
