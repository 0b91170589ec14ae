"""What is read off all rows of a series: worked out once a series and column, however often it is shown.

For a short series each answer comes at once. For a long one ``look_over`` is to be called beforehand,
in a thread that may take its time; numpy lets others work meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np

from tsrnn_gui.core.envelope import Envelope
from tsrnn_gui.core.series import Facts, Series, facts

LONG = 200_000
_FIRST_BLOCK, _LARGEST_BLOCK = 1 << 8, 1 << 20


@dataclass(eq=False)
class _Found:
    facts: dict[str, Facts] = field(default_factory=dict)
    outlines: dict[str, Envelope] = field(default_factory=dict)
    counting: dict[str, bool] = field(default_factory=dict)
    ascending: bool | None = None


_found: WeakKeyDictionary[Series, _Found] = WeakKeyDictionary()


def is_long(series: Series | None) -> bool:
    """Say whether a look over all rows takes longer than a window may stand still."""
    return series is not None and series.values.size > LONG


def facts_of(series: Series, column: str) -> Facts:
    """Give the facts of ``column``. Raises KeyError for a name that is not there."""
    known = _known(series).facts
    if column not in known:
        known[column] = facts(series, column)
    return known[column]


def outline_of(series: Series, column: str) -> Envelope:
    """Give the outline of ``column``. Raises KeyError for a name that is not there."""
    known = _known(series).outlines
    if column not in known:
        known[column] = Envelope(series.column(column))
    return known[column]


def ascending(series: Series) -> bool:
    """Say whether no row lies before the one above it; False for a series without rows."""
    known, times = _known(series), series.times.view(np.int64)
    if known.ascending is None:
        known.ascending = bool(len(times)) and bool(np.all(times[1:] >= times[:-1]))
    return known.ascending


def only_counts(series: Series, column: str) -> bool:
    """Say whether each row of ``column`` is as far above the one before, as a row number is."""
    known = _known(series).counting
    if column not in known:
        known[column] = _counts(series, column)
    return known[column]


def looked_over(series: Series, columns: Iterable[str]) -> bool:
    """Say whether facts and outlines of ``columns`` cost nothing any more."""
    known = _known(series)
    return known.ascending is not None and all(
        name in known.facts and name in known.outlines for name in columns
    )


def look_over(series: Series, columns: Iterable[str], between: Callable[[], object] = lambda: None) -> None:
    """Work out what there is to know of ``columns``; ``between`` is called now and then and may raise."""
    ascending(series)
    for name in columns:
        between()
        facts_of(series, name)
        between()
        outline_of(series, name)


def _known(series: Series) -> _Found:
    return _found.setdefault(series, _Found())


def _counts(series: Series, column: str) -> bool:
    """A column that does not count says so in its first rows."""
    values = series.column(column)
    if len(values) < 3:
        return False
    step, first, size = values[1] - values[0], 0, _FIRST_BLOCK
    while first < len(values) - 1:
        if not np.all(np.diff(values[first : first + size + 1]) == step):
            return False
        first, size = first + size, min(2 * size, _LARGEST_BLOCK)
    return True
