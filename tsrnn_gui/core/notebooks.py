"""Code as people keep it (a script, a notebook, a page with fenced blocks), cut into cells that parse."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from tsrnn_gui.core.problems import TsrnnError

LONGEST = 4 << 20
_CELL = 1 << 20
_DEEPEST = 80
_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[ \t]*([\w+-]*)[^\n]*$")
_PYTHON = ("", "py", "python", "python3", "ipython", "ipython3", "jupyter")


@dataclass(frozen=True)
class Cell:
    """A piece of code; ``number`` counts a notebook's cells from 1, 0 elsewhere; lines from 1."""

    text: str
    first_line: int = 1
    number: int = 0
    sure: bool = True

    def place(self, line: int) -> str:
        """Say where ``line`` is, in words."""
        return f"cell {self.number}, line {line}" if self.number else f"line {line}"


def cells_of(text: str) -> list[Cell]:
    """Cut ``text`` into cells. Raises TsrnnError where it is too long or no notebook after all."""
    if len(text) > LONGEST:
        raise TsrnnError("This is too long for code.", hint="Paste the part with the model alone.")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if text.lstrip().startswith("{") and '"cells"' in text:
        return _of_notebook(text)
    if any(_FENCE.match(line) for line in text.split("\n")):
        return _of_page(text)
    return [Cell(_without_prompts(text))]


def _without_prompts(text: str) -> str:
    """Take the prompts of a console off; what it answered is blanked out, lines keep their numbers."""
    if not re.search(r"(?m)^[ \t]*>>> ", text):
        return text
    lines = (re.match(r"[ \t]*(?:>>>|\.\.\.)(?: (.*)|$)", line) for line in text.split("\n"))
    return "\n".join((line[1] or "") if line else "" for line in lines)


class _NotebookCell(msgspec.Struct):
    cell_type: str
    source: str | list[str] = ""


class _Notebook(msgspec.Struct):
    cells: list[_NotebookCell]


def _of_notebook(text: str) -> list[Cell]:
    try:
        found = msgspec.json.decode(text.encode(errors="replace"), type=_Notebook)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise TsrnnError(
            f"This is not a notebook: {error}.", hint="Save it again, or paste its code."
        ) from error
    cells = []
    for number, cell in enumerate(found.cells, 1):
        if cell.cell_type == "code":
            source = cell.source if isinstance(cell.source, str) else "".join(cell.source)
            cells.append(Cell(_without_magics(source), 1, number))
    return cells


def _without_magics(source: str) -> str:
    """Blank out the lines that only a notebook understands; the other lines keep their numbers."""
    return re.sub(r"(?m)^([ \t]*)[%!?][^\n]*$", r"\1pass", source)


def _of_page(text: str) -> list[Cell]:
    cells: list[Cell] = []
    block: list[str] = []
    fence, language, first = "", "", 0
    for number, line in enumerate(text.split("\n"), 1):
        match = _FENCE.match(line)
        if match and not fence:
            fence, language, first, block = match[1], match[2].lower(), number + 1, []
        elif match and fence and match[1].startswith(fence) and not match[2]:
            if language in _PYTHON:
                cells.append(Cell("\n".join(block), first, sure=bool(language)))
            fence = ""
        else:
            block.append(line)
    if fence and language in _PYTHON:
        cells.append(Cell("\n".join(block), first, sure=bool(language)))
    return cells


def parsed(cell: Cell) -> ast.Module:
    """Parse ``cell``, never running it. Raises TsrnnError with the line where it is no Python.

    Pages indent blocks, and break the indentation: it is mended where the code then parses.
    """
    if len(cell.text) > _CELL or _too_deep(cell.text):
        raise TsrnnError(
            f"The code at {cell.place(cell.first_line)} is too long or too deeply nested.",
            hint="Paste the part with the model alone.",
        )
    first: Exception | None = None
    for mend in (str, textwrap.dedent, _outdented, _flat):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # someone's odd escapes are no news here
                return ast.parse(mend(cell.text))
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            if first is None or (isinstance(first, IndentationError) and mend is not _flat):
                first = error
    line = getattr(first, "lineno", None) or 1
    said = getattr(first, "msg", None) or "it cannot be parsed"
    raise TsrnnError(
        f"The code breaks off at {cell.place(cell.first_line + line - 1)}: {said}.",
        hint="Mend that line, or paste the part with the model alone.",
    )


def _too_deep(text: str) -> bool:
    depth = 0
    for mark in re.findall(r"[(\[{)\]}]", text):
        depth = depth + 1 if mark in "([{" else max(depth - 1, 0)
        if depth > _DEEPEST:
            return True
    return False


def _outdented(text: str) -> str:
    """Take the first line's indentation off every line; lines that lack it lose their own."""
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip())]
    return "\n".join(
        line.removeprefix(indent) if line.startswith(indent) else line.lstrip() for line in lines
    )


def _flat(text: str) -> str:
    return "\n".join(line.strip() for line in text.split("\n"))


def notebook(cells: Sequence[tuple[str, str]]) -> str:
    """Write (``code`` or ``markdown``, text) cells as a notebook (nbformat 4.5)."""
    written: list[dict[str, Any]] = []
    for number, (kind, text) in enumerate(cells):
        cell: dict[str, Any] = {
            "cell_type": kind,
            "id": f"cell-{number}",
            "metadata": {},
            "source": text.strip("\n").splitlines(keepends=True),
        }
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        written.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    value = {
        "cells": written,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode() + "\n"
