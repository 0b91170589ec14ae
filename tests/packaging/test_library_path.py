"""What a program that the bundle starts is given as its library path: what the user had, not the bundle's."""

from __future__ import annotations

import os
import runpy

import pytest
from shell import ROOT

HOOK = str(ROOT / "packaging" / "entry" / "users_library_path.py")


@pytest.mark.parametrize("own", ["/opt/users-own", None])
def test_that_the_users_own_library_path_comes_back(monkeypatch, own):
    monkeypatch.setenv("LD_LIBRARY_PATH", "/somewhere/tsrnn_gui/_internal")
    if own is None:
        monkeypatch.delenv("LD_LIBRARY_PATH_ORIG", raising=False)
    else:
        monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", own)
    runpy.run_path(HOOK)
    assert os.environ.get("LD_LIBRARY_PATH") == own
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ


def test_that_every_frozen_program_begins_with_it():
    spec = (ROOT / "packaging" / "tsrnn_gui.spec").read_text("utf-8")
    assert 'runtime_hooks=[str(HERE / "entry" / "users_library_path.py")]' in spec


def test_that_only_the_engines_client_starts_programs():
    """Whoever starts something else must see that it gets the user's own library path, and add it here."""
    starting = ("subprocess", "QProcess", "QDesktopServices", "webbrowser", "os.startfile", "os.system")
    sources = sorted((ROOT / "tsrnn_gui").rglob("*.py"))
    found = [path.name for path in sources if any(word in path.read_text("utf-8") for word in starting)]
    assert found == ["client.py"]
