"""The range test's curve as a picture in a file, drawn without a screen."""

from __future__ import annotations

import os
from pathlib import Path

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.range_curves import RangeCurves

SUFFIXES = (".png", ".svg")
_WIDTH, _HEIGHT, _SHARPNESS = 960, 560, 2


def check_picture(path: Path) -> None:
    """Raise TsrnnError for a picture that could not be written, before anything is trained for it."""
    if path.suffix.lower() not in SUFFIXES:
        raise TsrnnError(
            f"A picture's name ends in {' or '.join(SUFFIXES)}, not “{path.name}”.",
            hint=f"Say --picture {path.stem}.png.",
        )
    if not path.absolute().parent.is_dir():
        raise TsrnnError(f"There is no folder “{path.parent}”.", hint="Choose a folder that is there.")


def save_picture(curves: RangeCurves, title: str, path: Path) -> None:
    """Draw raw and smoothed losses over the rates with what they suggest; raises TsrnnError."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication(["tsrnn"])
    from tsrnn_gui.ui.range_plot import RangePlot
    from tsrnn_gui.ui.theme import theme

    theme().set_scheme("light")
    plot = RangePlot()
    plot.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    plot.setContentsMargins(16, 12, 16, 12)
    plot.setStyleSheet(f"background: {theme().colour('card').name()}")
    plot.set_title(title)
    plot.show_curves(curves)
    plot.resize(_WIDTH, _HEIGHT)
    plot.show()
    application.sendPostedEvents()
    plot.grab()  # labels find their places while they are drawn for the first time
    written = _as_svg(plot, path) if path.suffix.lower() == ".svg" else _as_png(plot, path)
    plot.close()
    if not written:
        raise TsrnnError(f"{path.name} could not be written.", hint="Choose another folder.")


def _as_png(plot: object, path: Path) -> bool:
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QWidget

    assert isinstance(plot, QWidget)
    image = QImage(plot.size() * _SHARPNESS, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SHARPNESS)
    plot.render(image)
    return image.save(str(path))


def _as_svg(plot: object, path: Path) -> bool:
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QPainter
    from PySide6.QtSvg import QSvgGenerator
    from PySide6.QtWidgets import QWidget

    assert isinstance(plot, QWidget)
    drawing = QSvgGenerator()
    drawing.setFileName(str(path))
    drawing.setSize(plot.size())
    drawing.setViewBox(plot.rect())
    drawing.setTitle("Learning-rate range test")
    painter = QPainter()
    if not painter.begin(drawing):
        return False
    plot.render(painter, QPoint())
    return painter.end()
