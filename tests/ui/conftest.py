"""A window without an engine for tests of the editor, each with a home of its own."""

import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tsrnn_gui.app.document import Document
from tsrnn_gui.files.project_file import ProjectFile
from tsrnn_gui.ui.theme import theme


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TSRNN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def light(qapp):
    theme().set_scheme("light")


@pytest.fixture
def document(tmp_path, qapp):
    made = Document(ProjectFile.create(tmp_path / "p.tsrnn"))
    yield made
    made.close()


@pytest.fixture
def fake_engine():
    return [sys.executable, str(Path(__file__).parents[1] / "app" / "fake_engine.py")]


@pytest.fixture
def clipboard(qapp):
    board = QApplication.clipboard()
    board.clear()
    return board
