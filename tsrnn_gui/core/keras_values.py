"""What names and expressions in someone's code stand for, worked out from the syntax tree alone."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tsrnn_gui.core.notebooks import Cell
from tsrnn_gui.core.problems import TsrnnError

_DEEPEST = 60
_MOST_STEPS = 200_000
_LARGEST = 2**53
_LONGEST_EXCERPT = 160
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


@dataclass(frozen=True)
class Note:
    """Something in the code that was not taken as it stands: where, its text, what was done instead.

    ``cell`` counts a notebook's cells from 1; 0 means the line is that of the whole text. ``unit`` is what
    ``line`` counts: lines, or the layers of a saved model.
    """

    line: int
    text: str
    done: str
    cell: int = 0
    unit: str = "line"

    @property
    def place(self) -> str:
        """Say where: ``cell 2, line 3``, ``layer 3``; nothing where it is about the whole."""
        said = f"{self.unit} {self.line}" if self.line and self.unit else self.unit
        return f"cell {self.cell}, {said}" if self.cell else said

    def __str__(self) -> str:
        return ": ".join(part for part in (self.place, self.text, self.done) if part)


@dataclass(frozen=True)
class Code:
    """A value that is only known as code, such as a layer or an optimizer; read where it is used."""

    node: ast.expr


class _Unknown:
    """What cannot be worked out without running the code."""


UNKNOWN = _Unknown()


@dataclass
class Scope:
    """The names that the code has set so far, and what was noted of the cell being read."""

    cell: Cell = field(default_factory=lambda: Cell(""))
    names: dict[str, Any] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    steps: int = 0

    def note(self, node: ast.AST, done: str, text: str | None = None) -> None:
        """Note that the code at ``node`` was not taken as it stands."""
        said = self.excerpt(node) if text is None else text
        note = Note(self.line(node), said, done, self.cell.number)
        if note not in self.notes:
            self.notes.append(note)

    def line(self, node: ast.AST) -> int:
        """Give the line of ``node`` in the text that was read."""
        return self.cell.first_line + getattr(node, "lineno", 1) - 1

    def excerpt(self, node: ast.AST) -> str:
        """Give the code of ``node`` on one line, cut short."""
        first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", 1) or 1
        if isinstance(node, ast.keyword):
            value = self.excerpt(node.value)
            return f"{node.arg}={value}" if node.arg else f"**{value}"
        try:
            text = ast.unparse(node)
        except (RecursionError, ValueError, AttributeError):
            text = "\n".join(self.cell.text.split("\n")[first - 1 : last])
        text = " ".join(text.split())
        return text if len(text) <= _LONGEST_EXCERPT else text[: _LONGEST_EXCERPT - 1] + "…"

    def step(self) -> None:
        """Count one piece of code. Raises TsrnnError when there are too many to be a model."""
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise TsrnnError("This code is too long to read.", hint="Paste the part with the model alone.")

    def dotted(self, node: ast.AST) -> str:
        """Give the full name that ``node`` refers to, such as ``tf.keras.layers.LSTM``; or nothing."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute) and len(parts) < _DEEPEST:
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join((self.aliases.get(node.id, node.id), *reversed(parts)))

    def called(self, node: ast.AST) -> str:
        """Give the last part of the name that the call ``node`` calls; note a misspelt ``tf.keras``."""
        if not isinstance(node, ast.Call):
            return ""
        name = self.dotted(node.func)
        if "kears" in name.split("."):
            self.note(node, "read as tf.keras", name)
        return name.rpartition(".")[2]

    def resolved(self, node: ast.expr) -> ast.expr:
        """Follow a name to the code that it was set to."""
        for _ in range(_DEEPEST):
            found = self.names.get(self.dotted(node)) if isinstance(node, ast.Name | ast.Attribute) else None
            if not isinstance(found, Code):
                break
            node = found.node
        return node

    def value(self, node: ast.expr | None, depth: int = 0) -> Any:
        """Work out ``node``: a number, text, None, a list of those; UNKNOWN for all else."""
        self.step()
        if node is None or depth > _DEEPEST:
            return UNKNOWN
        match node:
            case ast.Constant(value=bool() | str() | None as value):
                return value
            case ast.Constant(value=int() | float() as value):
                return _bounded(value)
            case ast.Name() | ast.Attribute():
                return self._named(node, depth)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                values = [self.value(part, depth + 1) for part in parts]
                return values if len(values) <= 64 else UNKNOWN
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=operand):
                number = self.value(operand, depth + 1)
                return (-number if isinstance(op, ast.USub) else number) if is_number(number) else UNKNOWN
            case ast.BinOp(left=left, op=op, right=right):
                return _computed(op, self.value(left, depth + 1), self.value(right, depth + 1))
            case ast.Call():
                return self._converted(node, depth)
        return UNKNOWN

    def _named(self, node: ast.expr, depth: int) -> Any:
        found = self.names.get(self.dotted(node), UNKNOWN)
        return self.value(found.node, depth + 1) if isinstance(found, Code) else found

    def _converted(self, node: ast.Call, depth: int) -> Any:
        if not (isinstance(node.func, ast.Name) and node.func.id in ("int", "float") and len(node.args) == 1):
            return UNKNOWN
        given = self.value(node.args[0], depth + 1)
        if node.func.id == "float" and given in ("inf", "-inf", "nan"):
            return float(given)
        if not is_number(given) or not math.isfinite(given):
            return UNKNOWN
        return int(given) if node.func.id == "int" else float(given)


def is_number(value: object) -> bool:
    """Say whether ``value`` is an int or a float, and no bool."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _bounded(value: Any) -> Any:
    return UNKNOWN if isinstance(value, int) and abs(value) > _LARGEST else value


def _computed(op: ast.operator, left: Any, right: Any) -> Any:
    if not (is_number(left) and is_number(right)):
        return UNKNOWN
    try:
        if isinstance(op, ast.Pow):
            power = float(left) ** right
            if isinstance(power, complex):
                return UNKNOWN
            whole = isinstance(left, int) and isinstance(right, int) and right >= 0
            return _bounded(left**right) if whole and abs(power) <= _LARGEST else power
        compute = _BINARY.get(type(op))
        return UNKNOWN if compute is None else _bounded(compute(left, right))
    except ArithmeticError:
        return UNKNOWN


def arguments(
    call: ast.Call, positional: tuple[str, ...], scope: Scope
) -> Iterator[tuple[str, ast.expr, ast.AST]]:
    """Give the name, value and place of each argument; those without a name are noted."""
    for place, node in enumerate(call.args):
        if isinstance(node, ast.Starred) or place >= len(positional):
            scope.note(node, "left out: it is not known which argument this is")
        else:
            yield positional[place], node, node
    for keyword in call.keywords:
        if keyword.arg is None:
            scope.note(keyword, "left out: it is not known which arguments these are")
        else:
            yield keyword.arg, keyword.value, keyword
