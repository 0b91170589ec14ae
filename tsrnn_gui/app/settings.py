"""What the program remembers between starts; a broken file never blocks one."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec

from tsrnn_gui.paths import config_folder

_MOST_RECENT = 10


class Settings(msgspec.Struct, forbid_unknown_fields=False):
    """All settings with their defaults; adding one is adding a field."""

    colour_scheme: str = "system"
    recent_projects: list[str] = []
    recent_series: list[str] = []
    geometry: str = ""
    layout: str = ""
    last_project: str = ""

    def remember(self, kind: str, path: Path) -> None:
        """Put ``path`` at the head of the recent list ``kind`` and save."""
        recent = getattr(self, kind)
        text = str(path)
        setattr(self, kind, [text, *(item for item in recent if item != text)][:_MOST_RECENT])
        self.save()

    def save(self) -> None:
        """Write the settings beside and move them into place; a failure only loses convenience."""
        path = _path()
        part = path.with_suffix(".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(msgspec.json.format(msgspec.json.encode(self)))
            os.replace(part, path)
        except OSError:
            pass


def load_settings() -> Settings:
    """Read the settings; what cannot be read is kept aside and replaced by defaults."""
    path = _path()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Settings)
    except FileNotFoundError:
        return Settings()
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        with contextlib.suppress(OSError):
            os.replace(path, path.with_suffix(".broken.json"))
        return Settings()


def _path() -> Path:
    return config_folder() / "settings.json"
