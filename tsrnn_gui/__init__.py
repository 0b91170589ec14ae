"""Recurrent networks for time series, built, trained and judged in a window."""

__version__ = "0.1.0"
