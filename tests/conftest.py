"""What the tests of the window share: no screen, a project on disk, an engine without TensorFlow.

Qt is imported by those who ask for it only, so that the engine's tests run without.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tsrnn_gui.core.project import Project
from tsrnn_gui.core.series import Series, Step
from tsrnn_gui.files.project_file import ProjectFile
from tsrnn_gui.wire.client import Engine

if TYPE_CHECKING:
    from tsrnn_gui.app.document import Document
    from tsrnn_gui.app.trainer import Trainer

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
FAKE = Path(__file__).parent / "app" / "fake_engine.py"
_ON_SCREEN = Path(__file__).parent / "ui"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep windows to one worker where there are several: they share a screen, its focus and clipboard."""
    for item in items:
        if item.path.is_relative_to(_ON_SCREEN):
            item.add_marker(pytest.mark.xdist_group("screen"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """As in the program, collect what Qt's tests leave in this thread alone, and before others begin."""
    if "qapp" in getattr(item, "fixturenames", ()):
        gc.disable()
    elif not gc.isenabled():
        gc.collect()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Collect what is due after a test of Qt's."""
    if not gc.isenabled():
        from tsrnn_gui.app.garbage import collect_due

        collect_due()


@pytest.fixture
def spots() -> Series:
    """A monthly series from 1749 with a cycle and some noise."""
    rows = 240
    time = np.arange(rows)
    noise = np.random.default_rng(1).normal(0, 8, rows)
    values = 60 + 50 * np.sin(time / 10) + noise
    months = np.datetime64("1749-01") + time
    return Series(
        "spots", values[:, None], ("spots",), months.astype("datetime64[us]"), Step(1, "month"), season=12
    )


@pytest.fixture
def spots_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: object, spots: Series
) -> Iterator[Document]:
    """A project with ``spots`` open and a plan of five epochs."""
    from tsrnn_gui.app.document import Document

    monkeypatch.setenv("TSRNN_HOME", str(tmp_path / "home"))
    document = Document(ProjectFile.create(tmp_path / "spots.tsrnn", Project()))
    document.take_series(spots)
    document.edit_plan("fewer", epochs=5)
    yield document
    document.close()


@pytest.fixture
def long_document(spots_document: Document) -> Document:
    """A document whose plan lasts longer than any test waits."""
    spots_document.edit_plan("longer", epochs=10_000)
    return spots_document


def play(scene: str = "good", pace: float = 0.003) -> Engine:
    """Give an engine that plays ``scene``."""
    return Engine([sys.executable, str(FAKE), scene, str(pace)])


@pytest.fixture
def make_trainer(qtbot: object) -> Iterator[Callable[..., Trainer]]:
    """Makes trainers whose engines play a scene; all are shut down at the end."""
    from tsrnn_gui.app.trainer import Trainer

    made: list[Trainer] = []

    def make(scene: str = "good", pace: float = 0.003) -> Trainer:
        made.append(Trainer(make_engine=partial(play, scene, pace)))
        return made[-1]

    yield make
    for trainer in made:
        trainer.shutdown()
