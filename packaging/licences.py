"""Puts the licences of everything that came into the bundle beside it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_LICENCE = re.compile(r"(licen[cs]e|copying|notice|third.?party|authors)", re.IGNORECASE)
_CODE = (".py", ".pyi", ".pyc", ".so", ".dll", ".h")


_TEXTS = Path("/usr/share/common-licenses")
_OF_QT = ("LGPL-3", "GPL-3")
"""Qt for Python names its licence without bringing the text."""


def collect(bundle: Path) -> int:
    """Copy them to ``licences/NAME`` of ``bundle``, with a list; give how many packages are named."""
    target = bundle / "licences"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    packages = sorted(_needed("tsrnn_gui"), key=lambda package: package.name.lower())
    for package in packages:
        for text in _texts(package):
            place = target / package.name / "_".join(text.parts[-2:])
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(package.locate_file(text)), place)
    for name in _OF_QT:
        if (_TEXTS / name).is_file():
            shutil.copyfile(_TEXTS / name, target / name)
    (target / "PACKAGES.txt").write_text("".join(map(_line, packages)), encoding="utf-8")
    return len(packages)


def _needed(name: str) -> list[metadata.Distribution]:
    """Give the package and all that it needs here, extras left out."""
    found: dict[str, metadata.Distribution] = {}
    left = [name]
    while left:
        name = canonicalize_name(left.pop())
        if name in found:
            continue
        found[name] = metadata.distribution(name)
        wanted = map(Requirement, found[name].requires or ())
        left += [each.name for each in wanted if each.marker is None or each.marker.evaluate({"extra": ""})]
    return list(found.values())


def _line(package: metadata.Distribution) -> str:
    said = package.metadata.json
    licence = str(said.get("license_expression") or said.get("license") or "see its site")
    return f"{package.name} {package.version}: {licence.strip().splitlines()[0]}\n"


def _texts(package: metadata.Distribution) -> Iterator[metadata.PackagePath]:
    for file in package.files or ():
        wanted = _LICENCE.search(file.name) or "licenses" in (part.lower() for part in file.parts[:-1])
        if wanted and file.suffix not in _CODE and Path(str(package.locate_file(file))).is_file():
            yield file
