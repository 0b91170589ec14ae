"""What SOURCE and MODEL may be on the command line, and how each becomes a value."""

from __future__ import annotations

import difflib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.keras_config import read_config, with_scaling
from tsrnn_gui.core.keras_source import Found, read_source
from tsrnn_gui.core.layers import AnyLayer
from tsrnn_gui.core.presets import PRESETS
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.series import Series
from tsrnn_gui.core.windows import Missing, Windowing
from tsrnn_gui.files.keras_archive import note_beside, read_archive
from tsrnn_gui.files.project_file import SUFFIX, ProjectFile

_LARGEST_MODEL = 16 << 20
_CODE = (".py", ".ipynb", ".md", ".keras")
_MODELS = (
    "Name a preset (tsrnn presets), a .tsrnn project, Keras code (.py, .ipynb) or a .keras model, "
    "or a stack as .json."
)


@dataclass(frozen=True)
class Source:
    """A series with what its source recommends; a project brings its experiment along."""

    series: Series
    columns: tuple[str, ...] = ()
    split: int | None = None
    missing: Missing = "refuse"
    experiment: Experiment | None = None


def source(text: str) -> Source:
    """Open SOURCE: ``sample:NAME``, a ``.tsrnn`` project, or a file with a table."""
    if text.startswith("sample:"):
        from tsrnn_gui.files.samples import open_sample, sample

        entry = sample(text.removeprefix("sample:"))
        return Source(open_sample(entry.name), entry.columns[:1], entry.split, entry.missing)
    path = Path(text)
    if path.suffix.lower() == SUFFIX:
        with ProjectFile.open(path, read_only=True) as file:
            project = file.load()
        if project.series is None:
            raise TsrnnError(f"{path.name} holds no series.", hint="Name a data file instead.")
        return Source(project.series, experiment=project.experiment)
    from tsrnn_gui.files.readers import read

    return Source(read(path))


def model(text: str) -> Experiment:
    """Open MODEL: ``preset:NAME``, a project, Keras code (``.py``, ``.ipynb``), or a stack as ``.json``."""
    if text.startswith("preset:"):
        return _preset(text.removeprefix("preset:"))
    path = Path(text)
    if is_code(text):
        return _of_code(text)
    if not path.is_file():
        raise TsrnnError(f"There is no model {text}.", hint=_MODELS)
    opener = {SUFFIX: _of_project, ".json": _of_json}.get(path.suffix.lower())
    if opener is None:
        raise TsrnnError(f"{path.name} is no model that can be read.", hint=_MODELS)
    return opener(path)


def is_code(text: str) -> bool:
    """Say whether MODEL is Keras code: a script, a notebook or a page, perhaps with ``#NUMBER``."""
    return Path(text.rpartition("#")[0] or text).suffix.lower() in _CODE or Path(text).suffix.lower() in _CODE


def _of_code(text: str) -> Experiment:
    """Read the model, or the one that ``#NUMBER`` or ``#NAME`` chooses; its notes go to stderr."""
    path, number = Path(text), ""
    if not path.is_file() and "#" in text:
        name, _, number = text.rpartition("#")
        path = Path(name)
    found = _models_in(path)
    if not number and len(found) > 1:
        names = ", ".join(f"#{place} {model.name}" for place, model in enumerate(found, 1))
        raise TsrnnError(
            f"{path.name} holds {len(found)} models: {names}.", hint=f"Choose one, such as {path}#1."
        )
    named = [place for place, model in enumerate(found, 1) if model.name == number]
    number = str(named[0]) if named else number
    if number and not (number.isdecimal() and 1 <= int(number[:9]) <= len(found)):
        raise TsrnnError(f"{path.name} has no model {number}.", hint=f"It has {len(found)}.")
    chosen = found[int(number or 1) - 1]
    for note in chosen.notes:
        print(f"{path.name}: {note}", file=sys.stderr)
    return chosen.experiment


def saved_weights(text: str | None) -> bytes:
    """Give the weights of the .keras file MODEL. Raises TsrnnError where the stack is not all of it."""
    path = Path(text or "")
    if path.suffix.lower() != ".keras":
        raise TsrnnError("No saved model is named.", hint="Say --model their.keras --saved-weights.")
    archive = read_archive(path, weights=True)
    if not read_config(archive.config, path.name).exact:
        raise TsrnnError(
            f"The weights of {path.name} cannot be used: not all of its layers could be taken as they are.",
            hint=f"See tsrnn check {path}; train the stack instead.",
        )
    return archive.weights


def _models_in(path: Path) -> list[Found]:
    if path.suffix.lower() == ".keras":
        found = read_config(read_archive(path).config, path.name)
        return [with_scaling(found, note_beside(path))]
    return read_source(_raw(path).decode("utf-8", errors="replace"))


def _preset(name: str) -> Experiment:
    for preset in PRESETS:
        if preset.name == name:
            return preset.experiment
    names = [preset.name for preset in PRESETS]
    near = difflib.get_close_matches(name, names, 1)
    hint = f"Did you mean preset:{near[0]}?" if near else f"The presets are: {', '.join(names)}."
    raise TsrnnError(f"There is no preset “{name}”.", hint=hint)


def _of_project(path: Path) -> Experiment:
    with ProjectFile.open(path, read_only=True) as file:
        return file.load().experiment


def _raw(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            raw = stream.read(_LARGEST_MODEL + 1)
    except OSError as error:
        raise TsrnnError(f"{path.name} cannot be read: {error.strerror}.", hint="Check the path.") from error
    if len(raw) > _LARGEST_MODEL:
        raise TsrnnError(f"{path.name} is too large for a stack.", hint="A stack is a short list of layers.")
    return raw


def _of_json(path: Path) -> Experiment:
    raw = _raw(path)
    try:
        value: Any = msgspec.json.decode(raw)
        if isinstance(value, list):
            lesson = Windowing(features_axis=not _starts_with_expansion(value))
            return Experiment(windowing=lesson, stack=msgspec.convert(value, tuple[AnyLayer, ...]))
        return msgspec.convert(value, Experiment)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise TsrnnError(
            f"{path.name} is not a stack: {error}.",
            hint='A stack is a list such as [{"kind": "lstm", "units": 32}, {"kind": "dense", "units": 1}].',
        ) from error


def _starts_with_expansion(value: list[Any]) -> bool:
    return bool(value) and isinstance(value[0], dict) and value[0].get("kind") == "expand_dims"
