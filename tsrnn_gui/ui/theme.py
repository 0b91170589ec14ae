"""Colours, style sheet and icons, light and dark; the only place that names one."""

from __future__ import annotations

from dataclasses import dataclass, fields

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from tsrnn_gui.paths import RESOURCES


@dataclass(frozen=True)
class Colours:
    """One scheme; text on its ground has a contrast of at least 4.5 : 1."""

    ground: str
    card: str
    field: str
    line: str
    text: str
    faint: str
    accent: str
    on_accent: str
    bad: str
    bad_ground: str
    doubt: str
    doubt_ground: str
    good: str
    truth: str
    forecast: str
    validation: str
    naive: str
    grid: str
    split: str


LIGHT = Colours(
    ground="#f3f4f6",
    card="#ffffff",
    field="#ffffff",
    line="#d9dce1",
    text="#16181d",
    faint="#5c6370",
    accent="#0a66c8",
    on_accent="#ffffff",
    bad="#b3261e",
    bad_ground="#fdeceb",
    doubt="#7a4f00",
    doubt_ground="#fff4dc",
    good="#137333",
    truth="#3c4043",
    forecast="#0072b2",
    validation="#00805d",
    naive="#d55e00",
    grid="#9aa0a6",
    split="#7b3fb5",
)
DARK = Colours(
    ground="#1b1e22",
    card="#24282e",
    field="#1b1e22",
    line="#3a4048",
    text="#e8eaed",
    faint="#a3abb6",
    accent="#4f9ff0",
    on_accent="#0b1520",
    bad="#ff8a80",
    bad_ground="#3d2426",
    doubt="#f5c56b",
    doubt_ground="#3a3120",
    good="#6fcf97",
    truth="#d5d8dc",
    forecast="#56b4e9",
    validation="#2fc29a",
    naive="#e69f00",
    grid="#6b737e",
    split="#c49bf0",
)


class Theme(QObject):
    """The scheme in force; ``changed`` tells whoever draws by hand to draw again."""

    changed = Signal()

    def __init__(self, scheme: str = "system", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scheme = scheme
        self.colours = LIGHT
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._apply)
        self._apply()

    @property
    def dark(self) -> bool:
        """Whether the dark scheme is in force."""
        return self.colours is DARK

    def set_scheme(self, scheme: str) -> None:
        """Choose "light", "dark" or "system"."""
        self._scheme = scheme
        self._apply()

    def colour(self, name: str) -> QColor:
        """Give the colour called ``name``."""
        return QColor(getattr(self.colours, name))

    def _apply(self) -> None:
        system_dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        dark = self._scheme == "dark" or (self._scheme == "system" and system_dark)
        self.colours = DARK if dark else LIGHT
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.setStyle("Fusion")
        app.setPalette(_palette(self.colours))
        app.setStyleSheet(_style_sheet(self.colours))
        self.changed.emit()


_theme: list[Theme] = []


def theme() -> Theme:
    """Give the application's theme, made at the first call after the QApplication."""
    if not _theme:
        _theme.append(Theme(parent=QApplication.instance()))
    return _theme[0]


def forget_theme() -> None:
    """Drop the theme with its application (tests make several)."""
    _theme.clear()


def icon(name: str) -> QIcon:
    """Give the icon ``name`` of resources/icons."""
    return QIcon(str(RESOURCES / "icons" / f"{name}.svg"))


def tabular_font(base: QFont) -> QFont:
    """Give ``base`` with figures of equal width, so that columns of numbers line up."""
    font = QFont(base)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def fixed_font() -> QFont:
    """Give the system's fixed-width font."""
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)


def _palette(c: Colours) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, c.ground),
        (role.Base, c.field),
        (role.AlternateBase, c.ground),
        (role.Button, c.card),
        (role.WindowText, c.text),
        (role.Text, c.text),
        (role.ButtonText, c.text),
        (role.ToolTipBase, c.card),
        (role.ToolTipText, c.text),
        (role.PlaceholderText, c.faint),
        (role.Highlight, c.accent),
        (role.HighlightedText, c.on_accent),
        (role.Link, c.accent),
        (role.Mid, c.line),
        (role.Dark, c.line),
        (role.Light, c.card),
        (role.Shadow, c.line),
    ):
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(c.faint))
    return palette


def _style_sheet(c: Colours) -> str:
    text = (RESOURCES / "themes" / "app.qss").read_text("utf-8")
    text = text.replace("@icons", (RESOURCES / "icons").as_posix())
    text = text.replace("@scheme", "dark" if c is DARK else "light")
    for field in sorted(fields(c), key=lambda f: -len(f.name)):
        text = text.replace(f"@{field.name}", getattr(c, field.name))
    return text
