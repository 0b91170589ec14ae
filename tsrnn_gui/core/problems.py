"""What is wrong, said as a value: a sentence, a place, and the edits that mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from tsrnn_gui.core.experiment import Experiment
    from tsrnn_gui.core.layers import Layer
    from tsrnn_gui.core.plan import Plan
    from tsrnn_gui.core.windows import Windowing

Severity = Literal["error", "warning"]


class TsrnnError(Exception):
    """A request that cannot be carried out, with a way out; never shown as a traceback.

    ``str(error)`` is one sentence for the user, ``hint`` what to do next and ``details`` what a
    developer would want to know.
    """

    def __init__(self, text: str, hint: str = "", details: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.hint = hint
        self.details = details


@dataclass(frozen=True)
class Fix:
    """An edit that mends a problem: the parts of the experiment it replaces."""

    label: str
    stack: tuple[Layer, ...] | None = None
    windowing: Windowing | None = None
    plan: Plan | None = None

    def applied(self, experiment: Experiment) -> Experiment:
        """Give ``experiment`` with this fix's parts put in."""
        parts = {"stack": self.stack, "windowing": self.windowing, "plan": self.plan}
        changes = {name: part for name, part in parts.items() if part is not None}
        return msgspec.structs.replace(experiment, **changes)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong (``error``: cannot train) or doubtful (``warning``)."""

    text: str
    fixes: tuple[Fix, ...] = ()
    severity: Severity = "error"
