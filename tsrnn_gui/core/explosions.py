"""What is known of a run whose loss grew beyond bounds, and what may be done about it."""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.problems import Fix, Problem

GROWTH = 4.0
"""A loss so many times its best for ``Plan.give_up_after`` epochs ends a run."""

_CLIPPED = 1.0
_MOST_NORMS = 4


class Explosion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a run's loss grew beyond bounds, in ``epoch`` (from 0) at ``rate``.

    ``kind`` says whether numbers were no longer finite, or stayed ``GROWTH`` times above the best. For the
    first, ``step`` is the last step of the epoch whose loss was finite, ``windows`` are the first rows of
    its batch's windows, that with the largest loss in front, and ``norms`` the L2 norms of its gradient as
    (place in the stack, norm), None where it is not finite; nothing of this where no step is to blame.
    """

    kind: Literal["not_finite", "diverged"]
    epoch: int
    rate: float
    step: int | None = None
    windows: tuple[int, ...] = ()
    norms: tuple[tuple[int, float | None], ...] = ()


def explosion_problem(explosion: Explosion, trained: Experiment, present: Experiment) -> Problem:
    """Say what happened to the run of ``trained``; the way out are edits of the ``present`` experiment."""
    epoch, rate = explosion.epoch + 1, f"{explosion.rate:.2g}"
    if explosion.kind == "diverged":
        text = (
            f"The loss stayed above {GROWTH:g} times its best until epoch {epoch:,} (rate {rate}): "
            "it was not going to come back. "
        )
    elif explosion.step is None:
        text = f"After epoch {epoch:,} (rate {rate}) the validation loss was no longer a number. "
    else:
        text = (
            f"In epoch {epoch:,}, after step {explosion.step + 1:,} (rate {rate}), "
            "the loss was no longer a number. "
        )
    text += _norms(explosion, trained) + "The last good weights were put back."
    return Problem(text, _fixes(explosion, present))


def _norms(explosion: Explosion, trained: Experiment) -> str:
    """Name the layers with the steepest gradients, those beyond numbers first."""
    if not explosion.norms:
        return ""
    steepest = sorted(explosion.norms, key=lambda norm: -math.inf if norm[1] is None else -norm[1])
    parts = [
        f"{trained.stack[place].label()} {'∞' if norm is None else f'{norm:.2g}'}"
        for place, norm in steepest[:_MOST_NORMS]
        if place < len(trained.stack)
    ]
    return f"Gradient norms at that step: {', '.join(parts)}. "


def _fixes(explosion: Explosion, present: Experiment) -> tuple[Fix, ...]:
    plan, rate = present.plan, explosion.rate / 10
    slower = msgspec.structs.replace(plan, learning_rate=float(f"{rate:.3g}"))
    fixes = [Fix(f"Use a tenth of the rate ({rate:.2g})", plan=slower)]
    if plan.clip_norm is None:
        clipped = msgspec.structs.replace(plan, clip_norm=_CLIPPED)
        fixes.append(Fix(f"Clip the gradient norm at {_CLIPPED:g}", plan=clipped))
    if present.windowing.scaling == "none":
        scaled = msgspec.structs.replace(present.windowing, scaling="standard")
        fixes.append(Fix("Scale the series to mean 0, spread 1", windowing=scaled))
    return tuple(fixes)
