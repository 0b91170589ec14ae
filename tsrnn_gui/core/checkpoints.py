"""Which checkpoints of a run stay, so that every epoch has one near it and a project does not swell.

Of each run the newest stays, the newest best, and of the others every k-th epoch: k is the smallest power
of two that leaves at most 16, fewer where states are large (64 MB in all, the newest and the best apart).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

MOST = 16
MOST_BYTES = 64 << 20


@dataclass(frozen=True)
class Mark:
    """A checkpoint after ``epoch`` (from 0) and ``step`` steps of the next one, of ``size`` bytes."""

    epoch: int
    step: int = 0
    best: bool = False
    size: int = 0


def staying(marks: Collection[Mark]) -> frozenset[Mark]:
    """Give those of a run's ``marks`` that stay.

    Of k epochs the first that left a checkpoint stands for all; one made inside an epoch stays only
    while it is the newest. Thinning after each new one comes to the same as thinning once at the end.
    """
    if not marks:
        return frozenset()
    kept = {max(marks, key=lambda mark: (mark.epoch, mark.step))}
    bests = [mark for mark in marks if mark.best]
    if bests:
        kept.add(max(bests, key=lambda mark: (mark.epoch, mark.step)))
    whole = sorted((mark for mark in marks if not mark.step), key=lambda mark: mark.epoch)
    every = spacing(whole)
    first_of: dict[int, Mark] = {}
    for mark in whole if every else ():
        first_of.setdefault(mark.epoch // every, mark)
    return frozenset({*kept, *first_of.values()})


def spacing(marks: Collection[Mark]) -> int:
    """Give k: of how many epochs one checkpoint stays; 0 where a single one would be too large."""
    largest = max((mark.size for mark in marks), default=0)
    room = min(MOST, MOST_BYTES // max(largest, 1))
    if not room or not marks:
        return 0
    epochs = [mark.epoch for mark in marks]
    first, last, every = min(epochs), max(epochs), 1
    while last // every - first // every >= room:
        every *= 2
    return every
