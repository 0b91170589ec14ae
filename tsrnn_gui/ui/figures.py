"""Numbers as they stand in tables: as many figures everywhere, so that a column can be compared."""

from __future__ import annotations


def four_figures(value: float | None) -> str:
    """Write ``value`` to four figures with thousands separated; a dash for what does not exist."""
    if value is None:
        return "–"
    if value != 0 and not 1e-3 <= abs(value) < 1e7:
        return f"{value:.3e}"
    return f"{value:,.0f}" if abs(value) >= 9999.5 else f"{value:#,.4g}".rstrip(".")
