"""Loss against learning rate, both on powers of ten, with what the range test reads off the curve."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QWidget

from tsrnn_gui.core.range_curves import RangeCurves
from tsrnn_gui.core.range_test import Floats, Suggestions
from tsrnn_gui.ui.log_axis import LogAxis, log_ticks
from tsrnn_gui.ui.plots import Plot
from tsrnn_gui.ui.theme import theme

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SEEDS = 5
_TICK_WIDTH = 52
_BAND_OPACITY = 45
_LINES = {"valley": ("valley", 0.95), "minimum_over_10": ("minimum ÷ 10", 0.87)}
_EDGE_HEIGHT, _END_HEIGHT = 0.06, 0.14
_LEAST_ROOM, _BELOW, _HEADROOM = 0.5, 0.3, 0.6


class RangePlot(Plot):
    """The raw losses thin, their band over several seeds, the smoothed curve thick, and the suggestions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "range_plot",
            "Loss, log scale",
            "learning rate, log scale",
            log=True,
            bottom=RateAxis(),
            say_x=lambda power: f"rate {rate_text(10.0**power)}",
            empty="Press Run: the network trains while its learning rate climbs, and its loss is drawn here.",
            parent=parent,
        )
        for nth in range(_SEEDS):
            self.add(f"raw{nth}", "each epoch" if nth == 0 else "", "faint", thin=True)
        self.add("low", "", "forecast", thin=True)
        self.add("high", "", "forecast", thin=True)
        self.add("smoothed", "smoothed", "forecast")
        self._unit = "epoch"
        self._band = pg.FillBetweenItem(self.curves["low"].item, self.curves["high"].item)
        self._unstable = pg.LinearRegionItem(movable=False)
        for depth, item in ((-10, self._band), (-20, self._unstable)):
            item.setZValue(depth)
            self.view.addItem(item, ignoreBounds=True)
        self._lines = {name: self._line(place) for name, (_, place) in _LINES.items()}
        self._lines["valley"].setZValue(-4)
        self._edge, self._end = self._line(_EDGE_HEIGHT), self._line(_END_HEIGHT)
        self.show_curves(None)
        theme().changed.connect(self._tint)
        self._tint()

    def show_curves(self, curves: RangeCurves | None) -> None:
        """Show ``curves`` as far as they are, and what they suggest."""
        nothing = np.empty(0)
        several = curves is not None and curves.test.seeds > 1
        for nth in range(_SEEDS):
            there = curves is not None and nth < curves.test.seeds
            rates, losses = curves.curve(nth) if curves is not None and there else (nothing, nothing)
            self.set(f"raw{nth}", np.log10(rates), losses)
        rates, low, high = curves.band() if curves is not None and several else (nothing,) * 3
        self.set("low", np.log10(rates), low)
        self.set("high", np.log10(rates), high)
        self._band.setVisible(len(rates) > 1)
        rates, losses = curves.together() if curves is not None else (nothing, nothing)
        self.set("smoothed", np.log10(rates), curves.smooth()[1] if curves is not None else nothing)
        self._unit = curves.test.unit if curves is not None else "epoch"
        self.name("raw0", f"each {self._unit}")
        found = curves.suggestions() if curves is not None else Suggestions()
        self._mark(found, rates)
        ended = curves.exploded_at() if curves is not None else None
        _place(self._end, ended if ended != found.unstable_edge else None, "not a number at", 0.0)
        self._limit(rates, losses, found.unstable_edge)

    def reading(self, x: float) -> str:
        """Write the rate nearest to ``x`` with its smoothed loss and what the epochs gave."""
        nearest = {key: self.curves[key].nearest(x) for key in ("smoothed", "raw0", "low", "high")}
        if (smooth := nearest["smoothed"]) is None:
            return ""
        words = [self._say_x(smooth[0]), f"smoothed {smooth[1]:,.4g}"]
        low, high, raw = nearest["low"], nearest["high"], nearest["raw0"]
        if low and high:
            words.append(f"seeds {low[1]:,.4g} – {high[1]:,.4g}")
        elif raw:
            words.append(f"{self._unit} {raw[1]:,.4g}")
        return " · ".join(words)

    def _mark(self, found: Suggestions, rates: Floats) -> None:
        last = float(rates[-1]) if len(rates) else 1.0
        first = float(rates[0]) if len(rates) else 1.0
        middle = float(np.sqrt(first * last))
        for name, (title, _) in _LINES.items():
            _place(self._lines[name], getattr(found, name), title, middle)
        _place(self._edge, found.unstable_edge, "unstable from", middle)
        self._unstable.setVisible(found.unstable_edge is not None)
        if found.unstable_edge is not None:
            edge = float(np.log10(found.unstable_edge))
            self._unstable.setRegion((edge, edge + 30.0))

    def _limit(self, rates: Floats, losses: Floats, edge: float | None) -> None:
        """Leave out how far the loss flew beyond the edge, or nothing else could be told apart."""
        steady = losses[rates < edge] if edge is not None else np.empty(0)
        steady = steady[np.isfinite(steady) & (steady > 0)]
        if not len(steady):
            self.view.enableAutoRange("y")
            return
        low, high = float(np.log10(steady.min())), float(np.log10(steady.max()))
        room = max(high - low, _LEAST_ROOM)
        self.view.setYRange(low - _BELOW * room, high + _HEADROOM * room, padding=0)

    def _line(self, place: float) -> Any:
        line = pg.InfiniteLine(angle=90, label="", labelOpts={"position": place})
        line.setZValue(-5)
        self.mark(line)
        return line

    def _tint(self) -> None:
        t = theme()
        fill = t.colour("forecast")
        fill.setAlpha(_BAND_OPACITY)
        self._band.setBrush(pg.mkBrush(fill))
        self._unstable.setBrush(pg.mkBrush(t.colour("bad_ground")))
        for line in self._unstable.lines:
            line.setPen(pg.mkPen(None))
        for line in (self._edge, self._end):
            line.setPen(pg.mkPen(t.colour("bad"), width=1))
            line.label.setColor(t.colour("bad"))
        for line in self._lines.values():
            line.label.fill = pg.mkBrush(t.colour("card"))
        for key in ("low", "high"):
            self.curves[key].item.setPen(None)


class RateAxis(LogAxis):
    """A bottom axis over powers of ten."""

    def __init__(self) -> None:
        pg.AxisItem.__init__(self, "bottom")
        self._texts: dict[float, str] = {}
        self.enableAutoSIPrefix(False)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """Place one level of ticks, with room for their words beside each other."""
        ticks = log_ticks(minVal, maxVal, max(int(size / _TICK_WIDTH), 2))
        self._texts = {place: rate_text(10.0**place) for place, _ in ticks}
        return [(1.0, list(self._texts))]


def rate_text(rate: float) -> str:
    """Write a positive rate to two figures, below a hundredth as a power of ten."""
    mantissa, _, power = f"{rate:.1e}".partition("e")
    if int(power) >= -2:
        return f"{rate:.2g}"
    raised = f"10{str(int(power)).translate(_SUPERSCRIPT)}"
    return raised if mantissa == "1.0" else f"{mantissa.removesuffix('.0')}·{raised}"


def _place(line: Any, rate: float | None, title: str, middle: float) -> None:
    """Put ``line`` at ``rate``, its words on the side that has more room."""
    line.setVisible(rate is not None)
    if rate is None:
        return
    line.setValue(float(np.log10(rate)))
    line.label.setFormat(f"{title} {rate_text(rate)}")
    anchor = (1, 0.5) if rate > middle else (0, 0.5)
    line.label.anchors = [anchor, anchor]
    line.label.updatePosition()
