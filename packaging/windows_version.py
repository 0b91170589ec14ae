"""The version resource that Windows shows in a program's properties, one file a program."""

from __future__ import annotations

from pathlib import Path

_PROGRAMS = {
    "tsrnn-gui": "tsrnn_gui: recurrent networks for time series",
    "tsrnn": "tsrnn_gui on the command line",
    "tsrnn-engine": "tsrnn_gui's training engine",
}
_TEMPLATE = """\
VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0x0, OS=0x40004, fileType=0x1),
  kids=[
    StringFileInfo([StringTable("040904B0", [
      StringStruct("CompanyName", "The tsrnn_gui maintainers"),
      StringStruct("FileDescription", {description!r}),
      StringStruct("FileVersion", {version!r}),
      StringStruct("InternalName", {name!r}),
      StringStruct("LegalCopyright", "MIT licence"),
      StringStruct("OriginalFilename", {name!r} + ".exe"),
      StringStruct("ProductName", "tsrnn_gui"),
      StringStruct("ProductVersion", {version!r}),
    ])]),
    VarFileInfo([VarStruct("Translation", [0x0409, 1200])]),
  ],
)
"""


def text(name: str, version: str) -> str:
    """Give the resource of program ``name`` in the form that PyInstaller reads."""
    parts = [int(part) for part in version.split(".")[:3]]
    numbers = tuple(parts + [0] * (4 - len(parts)))
    return _TEMPLATE.format(name=name, version=version, numbers=numbers, description=_PROGRAMS[name])


def write(folder: Path, version: str) -> None:
    """Write ``NAME.version`` for every program into ``folder``."""
    for name in _PROGRAMS:
        (folder / f"{name}.version").write_text(text(name, version), encoding="utf-8")
