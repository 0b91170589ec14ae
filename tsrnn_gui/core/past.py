"""What a run goes back on that was trained under other plans: the epochs before its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from tsrnn_gui.core.plan import Plan

Count = Annotated[int, Meta(ge=0, le=1_000_000)]


class Stretch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Epochs up to ``until`` (not with it, from 0) that were trained by ``plan``.

    The plan's schedule counts its epochs from ``origin``.
    """

    plan: Plan
    until: Count
    origin: Count = 0


class Past(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The stretches before a run's own plan, oldest first; that plan's schedule counts from ``origin``.

    With it a run can be trained again from the very start, whatever became of its parents.
    """

    stretches: tuple[Stretch, ...]
    origin: Count = 0

    @property
    def until(self) -> int:
        """The epochs that were trained before the run's own plan began."""
        return self.stretches[-1].until if self.stretches else 0


def stretch_at(plan: Plan, past: Past | None, epochs: int) -> Stretch:
    """Give what was in force in the epoch before ``epochs`` were done, in a run with this plan and past."""
    return _course(plan, past, epochs)[-1]


def past_until(plan: Plan, past: Past | None, epochs: int, origin: int) -> Past:
    """Give the past of a run that leaves one with this plan and past after ``epochs`` (from 1)."""
    return Past(tuple(_course(plan, past, epochs)), origin)


def _course(plan: Plan, past: Past | None, epochs: int) -> Sequence[Stretch]:
    before = past.stretches if past is not None else ()
    begun = past.until if past is not None else 0
    found: list[Stretch] = []
    for stretch in before:
        if not found or found[-1].until < epochs:
            found.append(msgspec.structs.replace(stretch, until=min(stretch.until, epochs)))
    if epochs > begun:
        found.append(Stretch(plan, epochs, past.origin if past is not None else 0))
    return found
