"""A run as a script or notebook of its own, from reading the CSV to the forecast, with the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tsrnn_gui.core import script_parts as parts
from tsrnn_gui.core.experiment import Experiment, is_sequence
from tsrnn_gui.core.notebooks import notebook
from tsrnn_gui.core.past import Past
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.project import Project


@dataclass(frozen=True)
class Recipe:
    """What a script repeats: the experiment, the epochs really trained, and the data file it reads.

    ``future_steps`` rows are forecast beyond the end.
    """

    experiment: Experiment
    csv_name: str
    series_name: str = "series"
    trained: int | None = None
    future_steps: int = 24


@dataclass(frozen=True)
class CodeExport:
    """One way to take a run away as code: its key, what it is called, how its files end, what it is good for.

    ``beside`` ends the name of the CSV beside it, which the code reads; ``spelling`` is its short name.
    """

    key: str
    title: str
    suffix: str
    write: Callable[[Recipe], str]
    purpose: str = ""
    beside: str = "_series.csv"
    spelling: str = ""
    shown: Callable[[Recipe], str] | None = None

    def text(self, recipe: Recipe) -> str:
        """Write the code as it is read on a screen; a notebook's cells one below the other."""
        return (self.shown or self.write)(recipe)


def refuse_unrepeatable(trained: int, past: Past | None) -> None:
    """Raise TsrnnError for a run of ``trained`` epochs that one plan's script would not come to."""
    if past is not None and past.stretches:
        raise TsrnnError(
            f"This run was trained by another plan up to epoch {past.until}: a script has one plan.",
            hint="Export the network itself, or a run that went by one plan from its start.",
        )
    if not trained:
        raise TsrnnError(
            "No epoch of this run was trained here, so there is nothing that a script could repeat.",
            hint="Export the network itself.",
        )


def cells(recipe: Recipe, portable: bool = False) -> list[tuple[str, str]]:
    """Give the parts of the script, each a title and its code, in their order."""
    experiment = recipe.experiment
    sequence = is_sequence(experiment)
    trained = experiment.plan.epochs if recipe.trained is None else recipe.trained
    return [
        ("Read the series", parts.reading(experiment, recipe.csv_name)),
        ("Split and scale: fitted on the training part only", parts.scaling(experiment)),
        ("Cut windows, each with what follows it", parts.windows(experiment, sequence)),
        ("Build the network", parts.network(experiment, portable)),
        ("Train", parts.training(experiment, trained)),
        ("Score the validation part, beside “tomorrow equals today”", parts.scoring(experiment, sequence)),
        ("Forecast beyond the end", parts.future(experiment, sequence, recipe.future_steps)),
    ]


def script(recipe: Recipe, portable: bool = False) -> str:
    """Write the whole as one Python file."""
    title = " ".join(recipe.series_name.split()).replace("\\", "/").replace('"', "'")
    body = "\n\n".join(f"# {heading}\n{code.strip()}" for heading, code in cells(recipe, portable))
    return f'"""Forecasts {title}, as trained in tsrnn_gui; needs tensorflow and numpy."""\n\n{body}\n'


def _notebook(recipe: Recipe) -> str:
    title = f"# Forecast of {' '.join(recipe.series_name.split())}"
    written = [("markdown", title)]
    for heading, code in cells(recipe):
        written += [("markdown", f"## {heading}"), ("code", code)]
    return notebook(written)


def _cells_shown(recipe: Recipe) -> str:
    return "\n\n".join(f"# %% {heading}\n{code.strip()}" for heading, code in cells(recipe)) + "\n"


def recipe_of(project: Project) -> Recipe:
    """Give what a script of ``project`` repeats; the series, if any, is a CSV of its name beside it."""
    series = project.series
    if series is None:
        return Recipe(project.experiment, "series.csv", future_steps=project.future_steps)
    name = (series.source or series.name).replace("\\", "/").rpartition("/")[2].removeprefix("sample:")
    stem = name.rpartition(".")[0] or name
    return Recipe(project.experiment, f"{stem}.csv", series.name, future_steps=project.future_steps)


CODE_EXPORTS: tuple[CodeExport, ...] = (
    CodeExport(
        "script",
        "Python script, as the lesson writes it",
        ".py",
        script,
        "Trains the same network again, with TensorFlow, from the series beside it.",
        spelling="as the lesson writes it",
    ),
    CodeExport(
        "portable-script",
        "Python script without Lambda layers",
        ".py",
        lambda recipe: script(recipe, True),
        "The same, with layers that Keras can save without code.",
        spelling="portable (no Lambda)",
    ),
    CodeExport(
        "notebook",
        "Notebook",
        ".ipynb",
        _notebook,
        "The same for Jupyter, a cell a step.",
        spelling="notebook",
        shown=_cells_shown,
    ),
)
