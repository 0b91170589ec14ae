"""A file that is clicked while the program runs, as macOS tells of it."""

from __future__ import annotations

import subprocess
import sys

# An application of its own: pytest's is a plain one, and there is room for one only in a process.
CLICKED = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtGui import QFileOpenEvent
from tsrnn_gui.ui.clicked_files import ClickedFiles

app = ClickedFiles(sys.argv[:1])
opened = []
app.open_file = opened.append
ClickedFiles.sendEvent(app, QFileOpenEvent(sys.argv[1]))
QTimer.singleShot(0, app.quit)
code = app.exec()
assert opened == [Path(sys.argv[1])], opened
print("opened", code)
"""


def test_that_a_clicked_file_is_handed_over(tmp_path):
    path = str(tmp_path / "강.tsrnn")
    done = subprocess.run([sys.executable, "-c", CLICKED, path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "opened 0"


def test_that_only_macos_needs_it(monkeypatch):
    from tsrnn_gui.ui import application

    made = []
    monkeypatch.setattr(application, "QApplication", lambda arguments: made.append("plain"))
    monkeypatch.setattr(application, "ClickedFiles", lambda arguments: made.append("told"))
    for platform in ("linux", "win32", "darwin"):
        monkeypatch.setattr(sys, "platform", platform)
        application._application()
    assert made == ["plain", "plain", "told"]
