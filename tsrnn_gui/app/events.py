"""The engine's news under one roof for the window, which does not know the wire."""

from __future__ import annotations

from tsrnn_gui.wire.messages import (
    EpochEnded,
    Event,
    Failed,
    Finished,
    ForecastMade,
    Progress,
    Ready,
    Started,
    ValidationForecast,
)

__all__ = [
    "EpochEnded",
    "Event",
    "Failed",
    "Finished",
    "ForecastMade",
    "Progress",
    "Ready",
    "Started",
    "ValidationForecast",
]
