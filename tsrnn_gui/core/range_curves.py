"""The losses of a range test as they come in, seed by seed, and what they say together."""

from __future__ import annotations

import math

import numpy as np

from tsrnn_gui.core.range_test import Floats, RangeTest, Suggestions, as_numbers, smoothed


class RangeCurves:
    """One curve a seed of ``test``; a curve that exploded ends in NaN."""

    def __init__(self, test: RangeTest) -> None:
        self.test = test
        self._losses: list[list[float | None]] = [[] for _ in range(test.seeds)]

    @property
    def done(self) -> int:
        """Epochs, or batches, that ended, all seeds together."""
        return sum(len(losses) for losses in self._losses)

    def add(self, nth: int, loss: float | None) -> None:
        """Take in the next epoch's loss of the ``nth`` seed."""
        self._losses[nth].append(loss)

    def explode(self, nth: int) -> None:
        """End the ``nth`` seed's curve with a loss that is not finite, unless it does already."""
        losses = self._losses[nth]
        if len(losses) < self.test.epochs and (not losses or losses[-1] is not None):
            losses.append(None)

    def curve(self, nth: int) -> tuple[Floats, Floats]:
        """Give (rates, losses) of the ``nth`` seed."""
        losses = as_numbers(self._losses[nth])
        return self.test.rates(len(losses)), losses

    def together(self) -> tuple[Floats, Floats]:
        """Give (rates, geometric mean of the losses) as far as every seed has come."""
        rates, losses = self._common()
        tiny = np.finfo(np.float64).tiny
        return rates, np.exp(np.log(np.maximum(losses, tiny)).mean(axis=0)) if len(rates) else np.empty(0)

    def band(self) -> tuple[Floats, Floats, Floats]:
        """Give (rates, smallest loss, largest loss) as far as every seed has come."""
        rates, losses = self._common()
        return (rates, losses.min(axis=0), losses.max(axis=0)) if len(rates) else (rates, rates, rates)

    def suggestions(self) -> Suggestions:
        """Read the seeds' common curve; its edge is where the first of them became unstable."""
        rates, losses = self.together()
        values = losses.tolist()
        return Suggestions.of(rates, self.test.steadied(values).tolist(), self.test.flatness(values))

    def smooth(self) -> tuple[Floats, Floats]:
        """Give (rates, smoothed losses) as far as every seed has come: the curve that is judged."""
        rates, losses = self.together()
        return rates, smoothed(self.test.steadied(losses.tolist()).tolist())

    def _common(self) -> tuple[Floats, Floats]:
        started = [as_numbers(losses) for losses in self._losses if losses]
        shortest = min((len(losses) for losses in started), default=0)
        rates = self.test.rates(shortest)
        return rates, np.array([losses[:shortest] for losses in started]).reshape(len(started), shortest)

    def exploded_at(self) -> float | None:
        """Give the lowest rate at which a loss was not finite, None without one."""
        curves = (self.curve(nth) for nth in range(self.test.seeds))
        return min((float(rates[-1]) for rates, losses in curves if _explodes(losses)), default=None)


def _explodes(losses: Floats) -> bool:
    return bool(len(losses)) and math.isnan(losses[-1])
