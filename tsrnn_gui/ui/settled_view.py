"""A view whose ranges are settled before it is painted."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg


class SettledView(pg.ViewBox):  # type: ignore[misc]
    """Fits its ranges at once when they change, and by ``settle`` to data that has changed.

    pyqtgraph fits them in the middle of painting, which asks for everything to be painted again.
    """

    def __init__(self) -> None:
        super().__init__(enableMenu=False)

    def setRange(self, *arguments: Any, **more: Any) -> None:
        """Set ranges, and what follows from them."""
        super().setRange(*arguments, **more)
        self.settle()

    def settle(self) -> None:
        """Let ranges follow the data, where they do, and place everything by them.

        What is cut to the view may reach less far then, which the other axis follows.
        """
        if self._updatingRange:
            return
        self.prepareForPaint()
        if self._autoRangeNeedsUpdate:
            self.prepareForPaint()
