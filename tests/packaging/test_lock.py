"""The lock file pins every declared dependency to one version that the declaration admits."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LINES = (ROOT / "packaging" / "requirements.lock").read_text("utf-8").splitlines()
PINS = [Requirement(line) for line in LINES if line and not line.startswith("#")]
EXTRAS = PROJECT["optional-dependencies"]
DECLARED = [*PROJECT["dependencies"], *EXTRAS["test"], *EXTRAS["package"], *EXTRAS["onnx"]]


def pinned(name: str) -> list[Requirement]:
    return [pin for pin in PINS if canonicalize_name(pin.name) == canonicalize_name(name)]


@pytest.mark.parametrize("declared", DECLARED)
def test_that_a_declared_dependency_is_pinned_once_and_admitted(declared):
    wanted = Requirement(declared)
    (pin,) = pinned(wanted.name)
    assert re.fullmatch(r"==[^,]+", str(pin.specifier))
    assert wanted.specifier.contains(str(pin.specifier)[2:])


@pytest.mark.parametrize("platform, machine", [("linux", "x86_64"), ("linux", "aarch64"), ("win32", "AMD64")])
def test_that_each_platform_gets_exactly_one_tensorflow(platform, machine):
    here = {"sys_platform": platform, "platform_machine": machine}
    flavours = [*pinned("tensorflow"), *pinned("tensorflow-cpu")]
    assert sum(pin.marker.evaluate(here) for pin in flavours) == 1


def test_that_the_qt_that_loses_references_to_none_is_not_pinned():
    (pin,) = pinned("PySide6-Essentials")
    assert str(pin.specifier) != "==6.12.0"
