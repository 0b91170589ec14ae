"""Setting a checkout up: what is missing is named with what brings it."""

from __future__ import annotations

import sys
from pathlib import Path

import develop
import environment
import pytest
import qt_libraries
import screen


def test_that_a_python_that_does_not_fit_is_refused_in_one_sentence(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    monkeypatch.setattr(develop.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit) as refusal:
        develop.with_a_python_that_fits()
    assert "needs 3.11, 3.12 or 3.13" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_that_a_missing_library_is_named_with_its_package(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(qt_libraries, "missing", lambda qt, on_screen: ["libxcb-cursor.so.0"])
    monkeypatch.setattr(qt_libraries, "apt_installed", lambda packages: False)
    with pytest.raises(SystemExit) as refusal:
        qt_libraries.require(Path("/nowhere"), on_screen=True)
    assert "libxcb-cursor.so.0" in str(refusal.value)
    assert "sudo apt-get install libxcb-cursor0" in str(refusal.value)


def test_that_an_unknown_library_is_still_named(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(qt_libraries, "missing", lambda qt, on_screen: ["libodd.so.1"])
    with pytest.raises(SystemExit, match=r"libodd\.so\.1"):
        qt_libraries.require(Path("/nowhere"), on_screen=True)


def test_that_missing_venv_support_names_the_package(monkeypatch):
    monkeypatch.setattr(environment, "apt_installed", lambda packages: False)
    with pytest.raises(SystemExit, match=rf"apt-get install python3\.{sys.version_info.minor}-venv"):
        environment._bring_venv_module()


def test_that_nothing_is_installed_while_the_lock_stays_the_same(monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "_STAMP", tmp_path / "stamp.json")
    calls = []
    monkeypatch.setattr(environment, "ran", lambda command, **how: calls.append(command) or True)
    environment.ready(["test"])
    first = len(calls)
    environment.ready(["test"])
    environment.ready()
    assert first > 0
    assert len(calls) == first


@pytest.mark.skipif(sys.platform != "linux", reason="only X11 has displays")
def test_that_a_display_that_nobody_serves_is_no_screen(monkeypatch):
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":4711")
    assert not screen.reachable()
