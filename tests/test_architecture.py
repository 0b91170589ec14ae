"""What must stay true while the code grows: who imports whom, in the source and in the running processes."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tsrnn_gui"
SOURCES = sorted(PACKAGE.rglob("*.py"))
SCRIPTS = sorted((ROOT / "packaging").rglob("*.py"))
VALUES = {"numpy", "msgspec"}
MAY_IMPORT = {
    "core": VALUES,
    "wire": VALUES | {"tsrnn_gui.core"},
    "files": VALUES
    | {"tsrnn_gui.core", "tsrnn_gui.paths", "charset_normalizer"}
    | {"pyarrow", "python_calamine", "xlsxwriter"},
    "engine": VALUES | {"tsrnn_gui.core", "tsrnn_gui.wire", "tensorflow", "keras", "h5py", "onnxruntime"},
    "app": VALUES
    | {"tsrnn_gui.core", "tsrnn_gui.wire", "tsrnn_gui.files", "tsrnn_gui.paths"}
    | {"PySide6.QtCore", "PySide6.QtGui", "PySide6.QtNetwork"},
    "ui": VALUES
    | {"tsrnn_gui.core", "tsrnn_gui.files", "tsrnn_gui.app", "tsrnn_gui.paths"}
    | {"PySide6", "pyqtgraph"},
    "commands": VALUES
    | {"tsrnn_gui.core", "tsrnn_gui.wire", "tsrnn_gui.files", "tsrnn_gui.paths", "tsrnn_gui.cli", "rich"}
    | {"tsrnn_gui.ui.range_picture"},
}
READERS = {"pyarrow", "python_calamine", "xlsxwriter"}
GENERATED = ("*.pyc", "*.qm", "*_rc.py", "ui_*.py", "*.egg-info/*", "build/*", "dist/*", "*.deb", "*.zst")


def imported(tree: ast.AST) -> Iterator[str]:
    """Name every module that ``tree`` imports, also where only for annotations or inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def within(module: str, allowed: set[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in allowed)


PROBE = """
import atexit, json, os, sys
atexit.register(lambda: open(os.environ["LOADED"], "w").write(json.dumps(list(sys.modules))))
"""
RUN = "import runpy; sys.argv = {argv}; runpy.run_module({module!r}, run_name='__main__')"


@pytest.fixture
def loaded_by(tmp_path):
    """Run Python code in a process of its own and give the top-level modules it has loaded at its end."""

    def run(code: str) -> set[str]:
        answer = tmp_path / "loaded.json"
        env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "LOADED": str(answer)}
        done = subprocess.run(
            [sys.executable, "-c", PROBE + code],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr.decode()
        return {name.partition(".")[0] for name in json.loads(answer.read_text())}

    return run


def test_that_the_import_contracts_are_kept():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_that_a_module_imports_only_what_its_package_may(path):
    package = path.relative_to(PACKAGE).parts[0]
    if package not in MAY_IMPORT:
        return
    allowed = MAY_IMPORT[package] | {
        f"tsrnn_gui.{package}",
        "tsrnn_gui.__version__",
        *sys.stdlib_module_names,
    }
    strangers = [name for name in imported(ast.parse(path.read_text("utf-8"))) if not within(name, allowed)]
    assert not strangers


@pytest.mark.parametrize("path", SOURCES + SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_that_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_that_the_window_never_loads_tensorflow_or_a_reader_before_it_is_needed(loaded_by):
    loaded = loaded_by("import tsrnn_gui.ui.main_window, tsrnn_gui.ui.series_plot")
    assert "pyqtgraph" in loaded
    assert not loaded & {"tensorflow", "keras", *READERS}


def test_that_asking_the_window_program_for_its_version_answers_without_tensorflow(loaded_by):
    loaded = loaded_by(RUN.format(argv=["tsrnn-gui", "--version"], module="tsrnn_gui"))
    assert not loaded & {"tensorflow", "keras"}


def test_that_the_command_line_starts_without_qt_and_tensorflow(loaded_by):
    loaded = loaded_by("import tsrnn_gui.cli")
    assert not loaded & {"tensorflow", "keras", "PySide6", "shiboken6", "pyqtgraph"}


def test_that_the_engine_never_loads_qt(loaded_by):
    loaded = loaded_by("import tsrnn_gui.engine.server")
    assert "tensorflow" in loaded
    assert not loaded & {"PySide6", "shiboken6", "pyqtgraph"}


def test_that_nothing_generated_is_committed():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    generated = [name for name in tracked.splitlines() if any(Path(name).match(glob) for glob in GENERATED)]
    assert not generated
