"""Formulas read from their text, which is parsed and never run; and printed as text again."""

from __future__ import annotations

import ast
import math
import operator
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from tsrnn_gui.core.formula_printer import SIGNS, printed
from tsrnn_gui.core.formula_tree import (
    FUNCTIONS,
    LONGEST,
    Binary,
    Called,
    FormulaError,
    Function,
    Given,
    Negated,
    Node,
    Number,
    Option,
    Sliced,
)

__all__ = ["FormulaError", "parsed", "printed", "tree"]

_DEEPEST = 40
_LARGEST = 2**53
_ROOTS = ("tf", "tensorflow", "keras", "K", "ops", "backend")
_BY_NAME = {name: key for key, function in FUNCTIONS.items() for name in function.names}
_FOLDS: dict[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_FOLDS |= {"/": operator.truediv, "**": lambda a, b: float(a) ** b}


@lru_cache(maxsize=512)
def parsed(text: str) -> Node:
    """Parse ``lambda x: …`` or its right side alone. Raises FormulaError with the column."""
    if len(text) > LONGEST:
        raise FormulaError(f"A formula has at most {LONGEST} characters", LONGEST)
    start = len(text) - len(text.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body: ast.expr = ast.parse(text[start:], mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        where = getattr(error, "offset", None) or len(text) - start
        raise FormulaError("This is no formula", max(start + where, 1)) from error
    variable = "x"
    if isinstance(body, ast.Lambda):
        arguments = body.args
        if len(arguments.args) != 1 or arguments.vararg or arguments.kwonlyargs or arguments.defaults:
            raise FormulaError("A formula has one argument", start + 1)
        variable, body = arguments.args[0].arg, body.body
    return tree(body, variable, _no_constant, start)


def _no_constant(node: ast.expr) -> Any:
    return None


def tree(
    node: ast.expr, variable: str, constant: Callable[[ast.expr], Any] = _no_constant, offset: int = 0
) -> Node:
    """Read the syntax tree of a formula in ``variable``; ``constant`` gives numbers for other names.

    Raises FormulaError.
    """
    return _Reader(variable, constant, offset).read(node, 0)


class _Reader:
    def __init__(self, variable: str, constant: Callable[[ast.expr], Any], offset: int) -> None:
        self._variable = variable
        self._constant = constant
        self._offset = offset

    def refused(self, node: ast.AST, text: str) -> FormulaError:
        return FormulaError(text, self._offset + getattr(node, "col_offset", 0) + 1)

    def read(self, node: ast.expr, depth: int) -> Node:
        if depth > _DEEPEST:
            raise self.refused(node, "The formula is too deeply nested")
        match node:
            case ast.Name(id=name) if name == self._variable:
                return Given()
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                part = self.read(operand, depth + 1)
                return Number(-part.value) if isinstance(part, Number) else Negated(part)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand, depth + 1)
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(node, op, self.read(left, depth + 1), self.read(right, depth + 1))
            case ast.Subscript(value=value, slice=entries):
                return self._sliced(self.read(value, depth + 1), entries)
            case ast.Call():
                return self._called(node, depth)
        number = self.number(node)
        if number is None:
            raise self.refused(node, "This is not in the vocabulary of formulas")
        return Number(number)

    def number(self, node: ast.expr) -> float | None:
        value = node.value if isinstance(node, ast.Constant) else self._constant(node)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        if not math.isfinite(value) or (isinstance(value, int) and abs(value) > _LARGEST):
            raise self.refused(node, "This number is too large")
        return value

    def _binary(self, node: ast.AST, op: ast.operator, left: Node, right: Node) -> Node:
        sign = SIGNS.get(type(op))
        if sign is None:
            raise self.refused(node, "Only + − × ÷ and powers are known")
        if not (isinstance(left, Number) and isinstance(right, Number)):
            return Binary(sign, left, right)
        try:
            value = _FOLDS[sign](left.value, right.value)
        except ArithmeticError:
            value = math.nan
        if isinstance(value, complex) or not math.isfinite(value):
            raise self.refused(node, "This has no finite value")
        return Number(value)

    def _called(self, node: ast.Call, depth: int) -> Node:
        root, name = _dotted(node.func)
        key = _BY_NAME.get(name)
        if key is None or not (root in _ROOTS or (not root and name in ("abs", *FUNCTIONS))):
            raise self.refused(node, f"“{name or 'this'}” is not in the vocabulary of formulas")
        function = FUNCTIONS[key]
        if not node.args or any(isinstance(part, ast.Starred) for part in node.args):
            raise self.refused(node, f"{name} needs what it works on")
        first = node.args[0]
        listed = first.elts if function.many and isinstance(first, ast.List | ast.Tuple) else [first]
        parts = tuple(self.read(part, depth + 1) for part in listed)
        return Called(key, parts, self._options(node, function, name))

    def _options(self, node: ast.Call, function: Function, name: str) -> tuple[Any, ...]:
        said: dict[int, Any] = {}
        if len(node.args) > 1 + len(function.options):
            raise self.refused(node.args[-1], f"{name} takes fewer arguments")
        for place, value in enumerate(node.args[1:]):
            said[place] = self._option(function.options[place], value)
        for keyword in node.keywords:
            places = [i for i, option in enumerate(function.options) if keyword.arg in option.names]
            if not places or places[0] in said:
                raise self.refused(keyword, f"{name} takes no “{keyword.arg}” here")
            said[places[0]] = self._option(function.options[places[0]], keyword.value)
        given = tuple(said.get(place, option.default) for place, option in enumerate(function.options))
        for option, value in zip(function.options, given, strict=True):
            if value is ...:
                raise self.refused(node, f"{name} must be told its {option.names[0]}")
        return given

    def _option(self, option: Option, node: ast.expr) -> Any:
        match option.kind:
            case "flag" if isinstance(node, ast.Constant) and isinstance(node.value, bool):
                return node.value
            case "number":
                part = self.read(node, _DEEPEST - 5)
                if isinstance(part, Number):
                    return part.value
            case "axis":
                return self._whole(node)
            case "axes" | "sizes":
                many = isinstance(node, ast.List | ast.Tuple)
                nodes = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
                sizes = tuple(self._whole(part) for part in nodes[:8])
                return sizes if many or option.kind == "sizes" else sizes[0]
            case "dtype":
                text = node.value if isinstance(node, ast.Constant) else _dotted(node)[1]
                if text == "float32":
                    return text
        raise self.refused(node, f"This is no {option.names[0]}" + " (float32)" * (option.kind == "dtype"))

    def _whole(self, node: ast.expr) -> int:
        part = self.read(node, _DEEPEST - 5)
        if isinstance(part, Number) and isinstance(part.value, int):
            return part.value
        raise self.refused(node, "A whole number is needed here")

    def _sliced(self, part: Node, entries: ast.expr) -> Node:
        nodes = entries.elts if isinstance(entries, ast.Tuple) else [entries]
        if len(nodes) > 8:
            raise self.refused(entries, "There are too many axes")
        return Sliced(part, tuple(self._entry(node) for node in nodes))

    def _entry(self, node: ast.expr) -> Any:
        match node:
            case ast.Slice(lower=lower, upper=upper, step=step):
                bounds = tuple(None if end is None else self._whole(end) for end in (lower, upper, step))
                if bounds[2] is not None and bounds[2] < 1:
                    raise self.refused(node, "A slice steps forwards")
                return bounds
            case ast.Constant(value=None):
                return None
            case ast.Constant(value=value) if value is ...:
                return ...
            case ast.Attribute(attr="newaxis"):
                return None
        return self._whole(node)


def _dotted(node: ast.AST) -> tuple[str, str]:
    """Give the first and the last part of a dotted name."""
    name = node.attr if isinstance(node, ast.Attribute) else ""
    for _ in range(6):
        if not isinstance(node, ast.Attribute):
            break
        node = node.value
    if not isinstance(node, ast.Name):
        return "", ""
    return (node.id, name) if name else ("", node.id)
