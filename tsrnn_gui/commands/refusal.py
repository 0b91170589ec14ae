"""What must be mended before anything is trained, said as an error with its way out."""

from __future__ import annotations

from tsrnn_gui.core.experiment import Experiment, data_view, verdict
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.series import Series


def refuse_problems(series: Series, experiment: Experiment) -> None:
    """Raise TsrnnError for the first thing that is wrong with ``experiment`` on ``series``."""
    view = data_view(series, experiment.windowing, experiment.plan.batch)
    errors = verdict(experiment, view).errors
    if errors:
        fixes = "; ".join(fix.label for fix in errors[0].fixes)
        hint = f"Fix: {fixes}." if fixes else ""
        if any(fix.windowing is not None and fix.windowing.missing != "refuse" for fix in errors[0].fixes):
            hint = "Say --missing previous or --missing linear."
        raise TsrnnError(errors[0].text, hint=hint)
