"""Where the program finds what ships with it, and where it keeps what is the user's."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_NAME = "tsrnn_gui"


def _resources() -> Path:
    """Give the resource folder of a frozen program, an installed wheel or a checkout, in that order."""
    package = Path(__file__).resolve().parent
    frozen = getattr(sys, "_MEIPASS", None)
    candidates = [Path(frozen) / "resources"] if frozen else []
    candidates += [package / "_resources", package.parent / "resources"]
    return next((folder for folder in candidates if folder.is_dir()), candidates[-1])


RESOURCES: Path = _resources()


def data_folder() -> Path:
    """Give the folder for projects that have no name yet; it need not exist."""
    home = os.environ.get("TSRNN_HOME")
    if home:
        return Path(home) / "data"
    from platformdirs import user_data_path

    return user_data_path(_NAME, appauthor=False)


def config_folder() -> Path:
    """Give the folder for settings; it need not exist."""
    home = os.environ.get("TSRNN_HOME")
    if home:
        return Path(home) / "config"
    from platformdirs import user_config_path

    return user_config_path(_NAME, appauthor=False)
