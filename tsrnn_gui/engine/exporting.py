"""A trained network as files of other programs, opened again and tried before they are handed out."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.core.experiment import is_sequence
from tsrnn_gui.core.model_formats import model_format
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.scorer_files import scaling_data
from tsrnn_gui.core.windows import Floats, Prepared
from tsrnn_gui.engine.export_formats import FORMS, Run, Trained
from tsrnn_gui.wire.messages import Export, Exported

TOLERANCE = 1e-5
_BATCH = 512
_MOST_WINDOWS = 20_000


def exported(request: Export, weights: list[NDArray[Any]], prepared: Prepared, outputs: Floats) -> Exported:
    """Write the network with ``weights`` as ``request`` asks; ``outputs`` are its validation outputs.

    All is done in a private folder that is gone afterwards. Raises TsrnnError for a stack that the form
    cannot hold, and where the opened file puts out something else.
    """
    entry, form = model_format(request.format), FORMS[request.format]
    values = np.asarray(request.data.values.unpacked(), np.float64)
    scaling = scaling_data(request.experiment, request.data.columns, values)
    try:
        with TemporaryDirectory(prefix="tsrnn-", ignore_cleanup_errors=True) as folder:
            files = form.write(Trained(request.experiment, weights, scaling), Path(folder))
            read = form.opened(_laid_out(files, Path(folder) / "again"))
            picked = np.linspace(0, len(outputs) - 1, min(len(outputs), _MOST_WINDOWS)).astype(np.int64)
            sequence = is_sequence(request.experiment) and not form.complete
            raw = _ran(read, request, prepared, prepared.validation[picked])
            found = (raw[:, -1] if sequence else raw).reshape(outputs[picked].shape)
    except OSError as error:
        raise TsrnnError(
            f"The {entry.title} could not be made: {error.strerror or error}.",
            hint="Free some space in the folder for temporary files, then export again.",
            details=str(error),
        ) from error
    difference = _difference(found, outputs[picked])
    if not difference <= TOLERANCE:
        raise TsrnnError(
            f"The {entry.title} was made and opened again, but its forecasts differ by {difference:.1e} "
            "of the largest: it was not written.",
            hint="Choose another format.",
        )
    if not form.complete:
        files[entry.beside] = json.dumps(scaling, ensure_ascii=False, indent=2).encode()
    return Exported(request.run, files=files, difference=difference, windows=len(picked))


def _laid_out(files: dict[str, bytes], folder: Path) -> Path:
    """Put ``files`` into ``folder`` under one name; give the path of the first."""
    folder.mkdir()
    paths = []
    for ending, content in files.items():
        paths.append(folder / f"again{ending}")
        paths[-1].write_bytes(content)
    return paths[0]


def _ran(read: Run, request: Export, prepared: Prepared, starts: NDArray[np.int32]) -> Floats:
    """Run the opened network on the windows at ``starts``."""
    parts = []
    for first in range(0, len(starts), _BATCH):
        rows = starts[first : first + _BATCH, None] + np.arange(prepared.window)
        windows = prepared.inputs[rows]
        if prepared.level_steps:
            windows = windows - windows[:, -prepared.level_steps :].mean(axis=1, keepdims=True)
        parts.append(read(windows if request.experiment.windowing.features_axis else windows[:, :, 0]))
    return np.concatenate(parts)


def _difference(found: Floats, wanted: Floats) -> float:
    """Give the largest difference as a share of the largest output; 0 where both have none."""
    largest = float(np.max(np.abs(wanted)))
    return float(np.max(np.abs(found - wanted))) / (largest or 1.0)
