"""One window a project, seen with real processes: one that has a file open, and one that wants it as well."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess, QProcessEnvironment, Signal
from PySide6.QtWidgets import QLabel

from tsrnn_gui.app import one_window
from tsrnn_gui.app.one_window import came_forward
from tsrnn_gui.app.project_opening import OpenProject, opened_or_raised
from tsrnn_gui.app.settings import load_settings
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files.project_file import ProjectFile
from tsrnn_gui.ui.application import opened_window

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="looks at the sockets' files")
ROOT = Path(__file__).parents[2]
FAKE = ROOT / "tests" / "app" / "fake_engine.py"
_LONG_MS = 60_000

# A whole start of the program that says when its window is seen and when it is called; its engine is a fake.
HOLDER = """
import sys
from functools import partial
from tsrnn_gui.ui import application
from tsrnn_gui.wire.client import Engine

class Window(application.MainWindow):
    def showEvent(self, event):
        super().showEvent(event)
        print("shown", flush=True)

    def come_forward(self):
        super().come_forward()
        print("called", flush=True)

application.MainWindow = Window
engine = partial(Engine, [sys.executable, sys.argv[2], "good", "0.003"])
application.Trainer = partial(application.Trainer, make_engine=engine)
from tsrnn_gui.__main__ import main
sys.exit(main(sys.argv[1:2]))
"""
# The plain program, which tells at its end what it had to load.
SECOND = """
import json, sys
from tsrnn_gui.__main__ import main
code = main(sys.argv[1:])
print(json.dumps(list(sys.modules)))
sys.exit(code)
"""


@pytest.fixture(autouse=True)
def sockets(monkeypatch):
    """A short folder: the path of a socket has little more than a hundred letters."""
    folder = Path(tempfile.mkdtemp(prefix="t"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    yield folder / f"tsrnn-{os.getuid()}"
    shutil.rmtree(folder)


@pytest.fixture
def path(tmp_path):
    ProjectFile.create(tmp_path / "강 a.tsrnn").close()
    return tmp_path / "강 a.tsrnn"


class Program(QProcess):
    """A process that tells line by line what it says; its errors are the test's own."""

    said = Signal(str)

    def __init__(self, code, *arguments):
        super().__init__()
        environment = QProcessEnvironment.systemEnvironment()
        for name in ("XDG_RUNTIME_DIR", "TSRNN_HOME", "QT_QPA_PLATFORM"):
            environment.insert(name, os.environ[name])
        self.setProcessEnvironment(environment)
        self.setWorkingDirectory(str(ROOT))
        self.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        self.readyReadStandardOutput.connect(self._tell)
        self.start(sys.executable, ["-c", code, *map(str, arguments)])

    def _tell(self):
        while self.canReadLine():
            self.said.emit(self.readLine().data().decode().strip())


@pytest.fixture
def started(qtbot):
    """Starts Python code with arguments as a process; all are ended."""
    made = []

    def start(code, *arguments):
        made.append(Program(code, *arguments))
        return made[-1]

    yield start
    for process in made:
        if process.state() != QProcess.ProcessState.NotRunning:
            with qtbot.waitSignal(process.finished, timeout=_LONG_MS):
                process.kill()


@pytest.fixture
def holder(started, qtbot, path):
    """Another process whose window has the project."""
    process = started(HOLDER, path, FAKE)
    with _says(qtbot, process, "shown"):
        pass
    return process


@pytest.fixture
def window(qtbot, path):
    """This process' window with the project."""
    made = opened_window(path, None, load_settings())
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.document.file.close()
    made.deleteLater()


def _says(qtbot, process, word):
    return qtbot.waitSignal(process.said, timeout=_LONG_MS, check_params_cb=lambda line: line == word)


def test_that_a_second_start_raises_the_window_and_ends_without_window_or_engine(
    window, started, qtbot, path
):
    window.showMinimized()
    second = started(SECOND, path)
    said = []
    second.said.connect(said.append)
    with qtbot.waitSignals([window._opened.door.knocked, second.finished], timeout=_LONG_MS):
        pass
    assert second.exitCode() == 0
    assert not window.isMinimized()
    loaded = json.loads(said[-1])
    assert "PySide6.QtNetwork" in loaded
    assert not {"PySide6.QtWidgets", "pyqtgraph", "tsrnn_gui.wire.client"} & set(loaded)


def test_that_a_symbolic_link_is_the_same_file(window, started, qtbot, path, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.tsrnn"
    link.symlink_to(path)
    second = started(SECOND, link)
    with qtbot.waitSignals([window._opened.door.knocked, second.finished], timeout=_LONG_MS):
        pass
    assert second.exitCode() == 0
    twice = OpenProject(link)
    assert twice.file.read_only
    twice.file.close()


def test_that_a_second_start_with_another_file_has_a_window_of_its_own(window, started, qtbot, tmp_path):
    ProjectFile.create(tmp_path / "b.tsrnn").close()
    other = started(HOLDER, tmp_path / "b.tsrnn", FAKE)
    with qtbot.assertNotEmitted(window._opened.door.knocked), _says(qtbot, other, "shown"):
        pass
    with _says(qtbot, other, "called"):
        assert came_forward(tmp_path / "b.tsrnn")
    assert window.document.path.name == "강 a.tsrnn"


def test_that_opening_in_a_window_what_another_has_raises_the_other(holder, qtbot, path, home):
    mine = opened_window(None, "", load_settings())
    before = mine.document.path
    with _says(qtbot, holder, "called"):
        mine.open_project(path)
    assert mine.document.path == before
    mine.close()
    mine.document.file.close()
    mine.deleteLater()


def test_that_a_project_is_not_replaced_under_the_window_that_has_it(holder, path, home):
    mine = opened_window(None, "", load_settings())
    before, there = mine.document.path, path.read_bytes()
    mine.save_as(path)
    assert "open in a window" in mine.findChild(QLabel, "notice_text").text()
    assert mine.document.path == before
    with pytest.raises(TsrnnError, match="open in a window"):
        mine.document.save_copy(path)
    assert path.read_bytes() == there
    mine.document.save_copy(path.with_name("free.tsrnn"))
    assert path.with_name("free.tsrnn").exists()
    mine.save_as(before)
    mine.close()
    mine.document.file.close()
    mine.deleteLater()


def test_that_a_start_without_a_file_leaves_the_last_project_to_the_window_that_has_it(holder, path):
    settings = load_settings()
    settings.last_project = str(path)
    mine = opened_window(None, None, settings)
    assert mine.document.path != path
    assert not mine.document.file.read_only
    mine.close()
    mine.document.file.close()
    mine.deleteLater()


def test_that_what_a_killed_window_left_is_cleared(holder, started, qtbot, path, sockets):
    with qtbot.waitSignal(holder.finished, timeout=_LONG_MS):
        holder.kill()
    (left,) = sockets.iterdir()
    assert not came_forward(path)
    opened = opened_or_raised(path)
    assert opened.locked
    assert list(sockets.iterdir()) == [left]
    second = started(SECOND, path)
    with qtbot.waitSignals([opened.door.knocked, second.finished], timeout=_LONG_MS):
        pass
    assert second.exitCode() == 0
    opened.file.close()
    opened.release()
    assert not list(sockets.iterdir())


def test_that_a_window_that_went_on_under_another_name_is_found_there_only(window, started, qtbot, path):
    there = path.with_name("c.tsrnn")
    window.save_as(there)
    assert not came_forward(path)
    second = started(SECOND, there)
    with qtbot.waitSignals([window._opened.door.knocked, second.finished], timeout=_LONG_MS):
        pass
    assert second.exitCode() == 0


def test_that_without_a_runtime_folder_there_is_still_one_window(sockets, path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(sockets.parent))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(sockets.parent / "gone"))
    assert one_window._address(path).startswith(str(sockets))


def test_that_a_folder_which_others_can_write_is_not_listened_in(sockets, path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(sockets.parent))
    sockets.mkdir()
    sockets.chmod(0o777)
    assert one_window._address(path) == ""
    assert not came_forward(path)
    opened = opened_or_raised(path)
    assert opened.locked
    assert not list(sockets.iterdir())
    opened.file.close()
    opened.release()


def test_that_the_token_of_the_click_is_passed_on(window, started, qtbot, path, monkeypatch):
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "")
    code = f"import os; os.environ['XDG_ACTIVATION_TOKEN'] = 'click-7'\n{SECOND}"
    second = started(code, path)
    with qtbot.waitSignals([window._opened.door.knocked, second.finished], timeout=_LONG_MS):
        pass
    assert os.environ["XDG_ACTIVATION_TOKEN"] == "click-7"
