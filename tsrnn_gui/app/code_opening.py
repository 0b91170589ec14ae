"""Opens someone's Keras code as experiments, and fits one to the open series."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tsrnn_gui.core.experiment import Experiment, defaults_for
from tsrnn_gui.core.keras_config import read_config, with_scaling
from tsrnn_gui.core.keras_source import Found, read_source
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.project import Project
from tsrnn_gui.files.keras_archive import note_beside, read_archive

CODE_SUFFIXES = (".py", ".ipynb", ".md", ".keras")
_LONGEST = 16 << 20

__all__ = ["CODE_SUFFIXES", "Found", "fitted", "found_in", "read_source"]


def found_in(path: Path) -> list[Found]:
    """Read the models in the file at ``path``, code or saved; nothing of it is run. Raises TsrnnError."""
    if path.suffix.lower() == ".keras":
        found = with_scaling(read_config(read_archive(path).config, path.name), note_beside(path))
        return [replace(found, weights=_weights_in(path)) if found.exact else found]
    try:
        if path.stat().st_size > _LONGEST:
            raise TsrnnError(f"{path.name} is too long for code.", hint="Open the part that makes the model.")
        text = path.read_text("utf-8-sig", errors="replace")
    except OSError as error:
        raise TsrnnError(f"{path.name} cannot be read: {error.strerror}.", hint="Check the path.") from error
    return read_source(text)


def _weights_in(path: Path) -> bytes:
    """Without weights that can be read, the stack alone is of use."""
    try:
        return read_archive(path, weights=True).weights
    except TsrnnError:
        return b""


def fitted(found: Found, project: Project) -> Experiment:
    """Put the open series' columns and a split that it can bear into what was found."""
    if project.series is None:
        return found.experiment
    asked = found.experiment.windowing.split
    split = asked if 0 < asked < len(project.series) else project.experiment.windowing.split
    return defaults_for(project.series, found.experiment, split)
