"""The bundle carries the licences of what is inside."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packaging"))

import licences


def test_that_what_the_program_needs_is_named_and_what_only_tests_need_is_not(tmp_path):
    count = licences.collect(tmp_path)
    named = (tmp_path / "licences" / "PACKAGES.txt").read_text("utf-8")
    assert named.count("\n") == count
    for wanted in ("PySide6_Essentials", "keras", "tensorflow", "numpy", "h5py"):
        assert wanted in named
    assert "LGPL" in named
    assert "pytest" not in named
    assert any((tmp_path / "licences" / "numpy").iterdir())
