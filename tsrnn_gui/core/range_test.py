"""The learning-rate range test: train while the rate climbs, and read off a rate worth training with.

The test is Smith's (2017, "Cyclical learning rates for training neural networks"), with one rate an epoch as
in the lesson, or one a batch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.schedules import Exponential

Floats = NDArray[np.float64]
Losses = Iterable[float | None]

_FEWEST = 5
_FLAT = 0.01
_UNSTABLE = 4.0
_SHARE = 1 / 25
_BATCH_SHARE = 1 / 12
_STRAYS = 4.5  # the span of a dozen means of strays, in their spread


class RangeTest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the rate climbs: ``start · 10^(epoch / epochs_per_decade)`` over ``epochs``, once a seed."""

    start: Annotated[
        float, Meta(gt=0.0, le=1.0, title="Start rate", description="The first epoch's learning rate.")
    ] = 1e-8
    epochs_per_decade: Annotated[
        float, Meta(gt=0.0, le=10_000.0, title="Epochs a decade", description="Epochs for a tenfold rate.")
    ] = 20.0
    epochs: Annotated[
        int, Meta(ge=1, le=100_000, title="Epochs", description="Rates that are tried, one an epoch.")
    ] = 100
    seeds: Annotated[
        int, Meta(ge=1, le=5, title="Seeds", description="Times the test is made, each from other weights.")
    ] = 1

    unit: ClassVar[str] = "epoch"
    units: ClassVar[str] = "epochs"
    by_batch: ClassVar[bool] = False

    def rates(self, count: int | None = None) -> Floats:
        """Give the rates of the first ``count`` epochs, of all by default."""
        schedule, wanted = Exponential(self.epochs_per_decade), self.epochs if count is None else count
        return np.array([schedule.rate(self.start, epoch, self.epochs) for epoch in range(wanted)])

    def steadied(self, losses: Losses) -> Floats:
        """Give ``losses`` as they are judged: those of single batches differ too much to be compared."""
        return smoothed(losses, _BATCH_SHARE, evenly=False) if self.by_batch else as_numbers(losses)

    def flatness(self, losses: Losses) -> float:
        """Give the fall, in logs, that chance alone may make of the losses of single batches."""
        values = as_numbers(losses)
        with np.errstate(divide="ignore", invalid="ignore"):
            stray = np.log(values) - np.log(self.steadied(values.tolist()))
        known = stray[np.isfinite(stray)]
        if not self.by_batch or len(known) < _FEWEST:
            return _FLAT
        # Neighbours rather than the spread, so that a steep curve does not pass for a noisy one.
        spread = float(np.median(np.abs(np.diff(known)))) / 0.954
        return max(_FLAT, _STRAYS * spread / math.sqrt(2.0 * len(known) * _BATCH_SHARE))

    def experiment_for(self, experiment: Experiment, nth_seed: int = 0) -> Experiment:
        """Give ``experiment`` with the climbing rate, from the ``nth_seed``-th seed after its own.

        It neither stops early nor goes back to its best epoch, which would cut the curve off.
        """
        plan = msgspec.structs.replace(
            experiment.plan,
            epochs=self.epochs,
            learning_rate=self.start,
            schedule=Exponential(self.epochs_per_decade),
            keep_best=False,
            patience=None,
            give_up_after=None,
            seed=(experiment.plan.seed + nth_seed) % 2**31,
        )
        return msgspec.structs.replace(experiment, plan=plan)


class BatchRangeTest(RangeTest, frozen=True, forbid_unknown_fields=True):
    """The quick test: the rate climbs after every batch, and an epoch's fields count batches."""

    start: Annotated[
        float, Meta(gt=0.0, le=1.0, title="Start rate", description="The first batch's learning rate.")
    ] = 1e-8
    epochs_per_decade: Annotated[
        float, Meta(gt=0.0, le=10_000.0, title="Batches a decade", description="Batches for a tenfold rate.")
    ] = 25.0
    epochs: Annotated[
        int, Meta(ge=1, le=100_000, title="Batches", description="Rates that are tried, one a batch.")
    ] = 201
    seeds: Annotated[
        int, Meta(ge=1, le=5, title="Seeds", description="Times the test is made, each from other weights.")
    ] = 1

    unit: ClassVar[str] = "batch"
    units: ClassVar[str] = "batches"
    by_batch: ClassVar[bool] = True


RANGE_TESTS: dict[str, RangeTest] = {"epoch": RangeTest(), "batch": BatchRangeTest()}
QUICK_BY_EPOCH = RangeTest(start=1e-6, epochs_per_decade=8.0, epochs=49)


@dataclass(frozen=True)
class Suggestions:
    """Rates read off one curve; None where it does not say."""

    valley: float | None = None
    minimum_over_10: float | None = None
    unstable_edge: float | None = None
    advice: str = ""

    @classmethod
    def of(cls, rates: Floats, losses: Losses, flat: float = _FLAT) -> Suggestions:
        """Read off everything that ``losses`` over ``rates`` say; a fall of ``flat`` in logs is none."""
        values = as_numbers(losses)
        edge, lowest = unstable_edge(rates, values), minimum_over_10(rates, values, flat)
        return cls(valley(rates, values, flat), lowest, edge, _advice(rates, values, edge, lowest))


def as_numbers(losses: Losses) -> Floats:
    """Give ``losses`` as an array, NaN for what is None or not finite."""
    values = np.array([math.nan if loss is None else loss for loss in losses], dtype=np.float64)
    values[~np.isfinite(values)] = math.nan
    return values


def smoothed(losses: Losses, share: float = _SHARE, evenly: bool = True) -> Floats:
    """Give the centred geometric mean over ``share`` of the curve to either side; NaN stays NaN.

    Towards both ends the span shrinks, ``evenly`` so that a falling curve stays falling, or on the one
    side alone so that the last values are no wilder than the others.
    """
    with np.errstate(divide="ignore"):
        logs = np.log(np.maximum(as_numbers(losses), np.finfo(np.float64).tiny))
    found = np.full(logs.shape, math.nan)
    known = np.flatnonzero(np.isfinite(logs))
    if not len(known):
        return found
    first, last = int(known[0]), int(known[-1])
    reach = max(2, int((last - first + 1) * share))
    for place in known.tolist():
        before, after = min(reach, place - first), min(reach, last - place)
        if evenly:
            before = after = min(before, after)
        found[place] = math.exp(float(np.nanmean(logs[place - before : place + after + 1])))
    return found


def unstable_edge(rates: Floats, losses: Losses) -> float | None:
    """Give the first rate whose loss is above four times the best before it, or is not finite."""
    place = _edge(as_numbers(losses)[: len(rates)])
    return None if place is None else float(rates[place])


def valley(rates: Floats, losses: Losses, flat: float = _FLAT) -> float | None:
    """Give the rate two thirds down the longest falling stretch of the smoothed log curve.

    Two thirds of its epochs, not of its depth: the first epochs fall furthest at any rate.
    """
    steady, logs = _steady(rates, losses)
    long = (s for s in _falling(logs) if s.stop - s.start >= _FEWEST)
    stretches = [s for s in long if logs[s.start] - logs[s.stop - 1] > flat]
    if not stretches:
        return None
    longest = max(stretches, key=lambda s: (s.stop - s.start, logs[s.start] - logs[s.stop - 1]))
    return float(steady[longest.start + (longest.stop - 1 - longest.start) * 2 // 3])


def minimum_over_10(rates: Floats, losses: Losses, flat: float = _FLAT) -> float | None:
    """Give a tenth of the rate at which the smoothed curve is lowest."""
    steady, logs = _steady(rates, losses)
    if not len(logs):
        return None
    lowest = int(np.argmin(logs))
    fell = float(logs[: lowest + 1].max() - logs[lowest])
    return float(steady[lowest]) / 10 if fell > flat else None


def _edge(values: Floats) -> int | None:
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return 0 if len(values) else None
    first = int(known[0])
    best = np.fmin.accumulate(values[first:])
    wrong = ~(values[first:] <= _UNSTABLE * np.maximum(best, np.finfo(np.float64).tiny))
    return first + int(np.argmax(wrong)) if wrong.any() else None


def _steady(rates: Floats, losses: Losses) -> tuple[Floats, Floats]:
    """Give (rates, logs of the smoothed losses) short of the unstable edge; nothing if too few to judge."""
    values = as_numbers(losses)[: len(rates)]
    values = values[: _edge(values)]
    known = np.isfinite(values)
    if known.sum() < _FEWEST:
        return np.empty(0), np.empty(0)
    return rates[: len(values)][known], np.log(smoothed(values[known].tolist()))


def _falling(logs: Floats) -> list[slice]:
    """Give every stretch in which each value is below the one before it."""
    falls = np.concatenate(([False], np.diff(logs) < 0, [False])).astype(np.int8)
    turns = np.diff(falls)
    starts, ends = np.flatnonzero(turns == 1), np.flatnonzero(turns == -1)
    return [slice(int(start), int(end) + 1) for start, end in zip(starts, ends, strict=True)]


def _advice(rates: Floats, values: Floats, edge: float | None, lowest: float | None) -> str:
    if len(values) < _FEWEST:
        return ""
    steady, _ = _steady(rates, values)
    if not len(steady):
        return "The loss grew out of bounds at once: start from a smaller rate."
    if lowest is None:
        return "The loss hardly fell: go on to larger rates, or look at the stack."
    if lowest < steady[0]:
        return "The loss was lowest within the first tenfold of the rates: start from a smaller rate."
    if edge is None and lowest * 10 >= steady[-1] * 0.999:
        return "The loss still fell at the largest rate: go on to larger rates."
    return ""
