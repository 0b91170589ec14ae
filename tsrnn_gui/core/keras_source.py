"""Keras code in: scripts, notebooks and pages, parsed and never run, read as experiments."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.keras_data import DEFAULT_WINDOW
from tsrnn_gui.core.keras_layers import Draft, is_layer, read_layer
from tsrnn_gui.core.keras_printer import stack_source
from tsrnn_gui.core.keras_training import silent_plan
from tsrnn_gui.core.keras_values import Note, Scope
from tsrnn_gui.core.keras_walk import Walk
from tsrnn_gui.core.layers import ExpandDims
from tsrnn_gui.core.notebooks import Cell, cells_of, parsed
from tsrnn_gui.core.plan import Plan
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.windows import Scaling, Windowing

_BEGINNING = re.compile(r"\w+_(initializer|regularizer|constraint)=")

__all__ = ["Found", "Note", "completed", "read_source", "stack_source"]


@dataclass(frozen=True)
class Found:
    """A model in someone's code: its experiment, and what of the code was not taken as it stands.

    What is not ``whole`` is a piece of a stack: layers that stand by themselves. A saved model says how
    many ``layers`` it has, and may bring its ``weights``, an HDF5 file; it is ``scaled`` where a note beside
    it said how windows are cut and scaled.
    """

    name: str
    experiment: Experiment
    notes: tuple[Note, ...] = ()
    whole: bool = True
    layers: int = 0
    weights: bytes = b""
    scaled: bool = False

    @property
    def exact(self) -> bool:
        """Whether the stack computes all that the saved model does; how it was begun does not matter."""
        harmless = all(note.unit != "layer" or _BEGINNING.match(note.text) for note in self.notes)
        return 0 < self.layers == len(self.experiment.stack) and harmless


def read_source(text: str) -> list[Found]:
    """Read every model in ``text``: Python, a notebook's JSON, or a page with fenced code.

    Nothing is run. Raises TsrnnError where there is no model, or the code cannot be parsed.
    """
    scope = Scope()
    walk = Walk(scope)
    modules = _modules(text, scope)
    for cell, module in modules:
        scope.cell = cell
        try:
            walk.statements(module.body)
            if module is modules[-1][1]:
                walk.uncalled()
        except RecursionError as error:
            raise TsrnnError(
                f"The code from {cell.place(cell.first_line)} on is too deeply nested.",
                hint="Paste the part with the model alone.",
            ) from error
    drafts = [draft for draft in walk.drafts if draft.layers or draft.notes] or _bare(modules, scope)
    if not drafts:
        raise _nothing(walk)
    split = scope.names.get("split of the data", 0)
    names = _names(drafts)
    return [
        completed(draft, name, split, tuple(scope.notes), walk.scaling, walk.seed)
        for draft, name in zip(drafts, names, strict=True)
    ]


def _bare(modules: list[tuple[Cell, ast.Module]], scope: Scope) -> list[Draft]:
    """Read layers that stand by themselves, as a piece of a model that was copied, as one stack."""
    draft = Draft("layers", 1, whole=False)
    for cell, module in modules:
        scope.cell = cell
        for statement in module.body:
            node = statement.value if isinstance(statement, ast.Expr) else None
            for part in node.elts if isinstance(node, ast.Tuple | ast.List) else [node]:
                if part is not None and is_layer(part, scope):
                    draft.line = scope.line(part) if not draft.layers else draft.line
                    scope.notes, before = draft.notes, scope.notes
                    read_layer(part, draft, scope)
                    scope.notes = before
    return [draft] if draft.layers else []


def _nothing(walk: Walk) -> TsrnnError:
    """Say that there is no model, or why those that are there are no stacks."""
    if walk.unread:
        return TsrnnError(
            f"This model is no stack: {walk.unread[0][1]}.",
            hint="Write it as Sequential([...]): one layer after another.",
        )
    return TsrnnError(
        "There is no Keras model in this code.",
        hint="It should contain Sequential([...]), .add calls, or a chain x = Layer(...)(x) in a Model.",
    )


def _modules(text: str, scope: Scope) -> list[tuple[Cell, ast.Module]]:
    """Parse every cell; where some parse, those that do not are noted."""
    cells = cells_of(text)
    modules: list[tuple[Cell, ast.Module]] = []
    failed: list[TsrnnError] = []
    for cell in cells:
        try:
            modules.append((cell, parsed(cell)))
        except TsrnnError as error:
            failed.append(error)
            scope.notes.append(Note(cell.first_line, "", f"left out: {error.text}", cell.number))
    if failed and (len(failed) == len(cells)):
        raise failed[0]
    return modules


def _names(drafts: list[Draft]) -> list[str]:
    """Name each model as its variable; where several share one, with the line."""
    often = Counter(draft.name for draft in drafts)
    return [f"{d.name} · line {d.line}" if often[d.name] > 1 else d.name for d in drafts]


def completed(
    draft: Draft,
    name: str,
    split: int,
    common: tuple[Note, ...],
    scaling: Scaling = "none",
    seed: int | None = None,
) -> Found:
    """Make an experiment of ``draft``; what its code leaves open is taken as Keras does, and noted."""
    notes = [*draft.windowing.get("notes", ()), *draft.notes]

    def note(done: str) -> None:
        notes.append(Note(draft.line, "", done))

    windowing = _windowing(draft, split, scaling, note)
    given = silent_plan() | draft.plan
    if seed is not None:
        given["seed"] = seed
    if draft.compiled is None:
        note("the model is not compiled here: mse and Adam at 0.001 are used")
        given |= {"optimizer": Plan().optimizer}
    if draft.fitted is None:
        given |= {"epochs": Plan().epochs}
        note(f"the model is not trained here: {Plan().epochs} epochs are used")
    for key in ("batch", "shuffle"):
        if key in draft.windowing:
            given[key] = draft.windowing[key]
    experiment = Experiment(windowing, tuple(draft.layers), Plan(**given))
    return Found(name, experiment, (*notes, *common), draft.whole)


def _windowing(draft: Draft, split: int, scaling: Scaling, note: Any) -> Windowing:
    """Read window, axes and target from the data's code and the shape that the first layer is given."""
    data = draft.windowing
    cut = {key: data[key] for key in ("window", "stride", "target", "horizon") if key in data}
    window = cut.get("window")
    if draft.shape is None:
        features = bool(draft.layers) and not isinstance(draft.layers[0], ExpandDims)
        words = "with" if features else "without"
        note(f"the shape of the input is not said: windows {words} a features axis are used")
        length: Any = window
    else:
        features = len(draft.shape) > 1
        length = draft.shape[0] if draft.shape else None
        if len(draft.shape) > 2 or (features and draft.shape[1] not in (None, 1)):
            note(f"the input has {draft.shape[-1]} columns: choose them in the series panel")
    if isinstance(length, int) and 1 <= length <= 1_000_000:
        if window is not None and window != length:
            note(f"the data is cut in windows of {window}, the model reads {length}: {length} is used")
        window = length
    elif length is not None and window is None:
        note(f"{length} is not set here: a window of {DEFAULT_WINDOW} is used")
    cut["window"] = DEFAULT_WINDOW if window is None else window
    return Windowing(
        **cut,
        split=split,
        scaling=scaling,
        features_axis=features,
        open_length=draft.shape is not None and length is None,
    )
