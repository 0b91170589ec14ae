"""Leaving a run after one of its epochs: what the new run is trained by, and what to say of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.fields import wrong_fields
from tsrnn_gui.core.past import Past, Stretch, past_until, stretch_at
from tsrnn_gui.core.plan import Plan
from tsrnn_gui.core.problems import Problem
from tsrnn_gui.core.runs import Epoch
from tsrnn_gui.core.schedules import AnySchedule, Constant

_SAME = 1e-5


@dataclass(frozen=True)
class Rewind:
    """A new run that leaves another after ``after`` epochs, begins with ``rate`` and trains to ``until``.

    ``experiment``, ``past`` and ``epochs`` are those of the run that is left. A rate and a schedule that
    say what was so already go on as before, to the last bit; others count from ``after``.
    """

    experiment: Experiment
    past: Past | None
    epochs: Sequence[Epoch]
    after: int
    rate: float
    schedule: AnySchedule
    until: int

    @classmethod
    def offered(
        cls, experiment: Experiment, past: Past | None, epochs: Sequence[Epoch], after: int | None = None
    ) -> Rewind:
        """Propose to leave after ``after`` epochs, or after the best, as things went there."""
        if after is None:
            best = next((epoch.epoch + 1 for epoch in reversed(epochs) if epoch.best), len(epochs))
            after = max(min(best, len(epochs)), 1)
        plan = experiment.plan
        until = plan.epochs if plan.epochs > after else after + plan.epochs
        before = stretch_at(plan, past, max(after, 1))
        rate = _rate_after(before, epochs, after, until)
        return cls(experiment, past, epochs, after, rate, before.plan.schedule, until)

    @property
    def before(self) -> Stretch:
        """What was in force where the run is left."""
        return stretch_at(self.experiment.plan, self.past, max(self.after, 1))

    @property
    def as_before(self) -> bool:
        """Whether rate and schedule go on as they were; what depends on the last epoch may not."""
        before = self.before
        if self.schedule != before.plan.schedule:
            return False
        ends = (before.plan.epochs, self.until)
        going_on = (_rate_after(before, self.epochs, self.after, until) for until in ends)
        return all(math.isclose(rate, self.rate, rel_tol=_SAME) for rate in going_on)

    @property
    def plan(self) -> Plan:
        """The new run's plan."""
        old = self.before.plan
        if self.as_before:
            return msgspec.structs.replace(old, epochs=self.until)
        return msgspec.structs.replace(
            old, epochs=self.until, learning_rate=self.rate, schedule=self.schedule
        )

    @property
    def new_experiment(self) -> Experiment:
        """The new run's experiment: only the plan is another."""
        return msgspec.structs.replace(self.experiment, plan=self.plan)

    @property
    def new_past(self) -> Past:
        """The new run's past."""
        origin = self.before.origin if self.as_before else self.after
        return past_until(self.experiment.plan, self.past, self.after, origin)

    @property
    def problem(self) -> Problem | None:
        """What is wrong with it, if anything."""
        known = len(self.epochs)
        if not 1 <= self.after <= known:
            return Problem(
                f"This run has {known:,} epoch{'' if known == 1 else 's'}: go on from one of them."
            )
        changed = msgspec.structs.replace(
            self.before.plan, learning_rate=self.rate, schedule=self.schedule, epochs=self.until
        )
        wrong = (*wrong_fields(changed), *wrong_fields(self.schedule))
        if wrong:
            return Problem(wrong[0][1])
        if self.until <= self.after:
            return Problem(
                f"Training to epoch {self.until:,} ends before it begins: say more than {self.after:,}."
            )
        if self.as_before and self.until <= self._known_alike:
            return Problem(
                "Change the rate, the schedule or the last epoch: like this the same numbers would come.",
                severity="warning",
            )
        return None

    @property
    def _known_alike(self) -> int:
        """How many epochs are known that were trained by what was in force where the run is left."""
        past = self.past
        if past is None or self.after > past.until:
            return len(self.epochs)
        return next(stretch.until for stretch in past.stretches if stretch.until >= self.after)

    @property
    def sentence(self) -> str:
        """Say what will happen."""
        how = "at rate {} as before" if self.as_before else "with rate {}"
        kind = "" if isinstance(self.schedule, Constant) else f" ({self.schedule.title.lower()})"
        how = how.format(f"{self.rate:.6g}") + kind
        return (
            f"A new run begins after epoch {self.after:,} of this one {how} and trains to epoch "
            f"{self.until:,}; this run stays as it is."
        )


def _rate_after(before: Stretch, epochs: Sequence[Epoch], after: int, until: int) -> float:
    """Give the rate of the epoch that follows ``after`` when nothing is changed but the number of epochs."""
    plan, schedule = before.plan, before.plan.schedule
    if not schedule.adaptive:
        return schedule.rate(plan.learning_rate, after - before.origin, until - before.origin)
    near = epochs[min(after, len(epochs) - 1)] if epochs else None
    return near.learning_rate if near is not None else plan.learning_rate
