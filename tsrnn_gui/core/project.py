"""The project as a value: a series and the experiment on it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tsrnn_gui.core.experiment import DataView, Experiment, Verdict, data_view, verdict
from tsrnn_gui.core.presets import RECOMMENDED
from tsrnn_gui.core.series import Series


@dataclass(frozen=True)
class Project:
    """What every edit replaces as a whole; ``future_steps`` is how far beyond the end to forecast."""

    series: Series | None = None
    experiment: Experiment = RECOMMENDED.experiment
    future_steps: int = 24

    def with_experiment(self, experiment: Experiment) -> Project:
        """Give the same project with another experiment."""
        return replace(self, experiment=experiment)

    def data_view(self) -> DataView:
        """Look at the data as the experiment cuts it; one pass over the series."""
        return data_view(self.series, self.experiment.windowing, self.experiment.plan.batch)

    def verdict(self, view: DataView | None = None) -> Verdict:
        """Check the experiment against the series; give ``view`` where it is known already."""
        return verdict(self.experiment, view or self.data_view())
