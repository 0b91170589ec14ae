"""Formulas printed as the lambda that reads back as the same tree."""

from __future__ import annotations

import ast
import math
from typing import Any

from tsrnn_gui.core.formula_tree import (
    FUNCTIONS,
    Binary,
    Called,
    Function,
    Negated,
    Node,
    Number,
    Sliced,
)

SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
SIGNS |= {ast.Pow: "**"}
_OPERATORS = {sign: kind for kind, sign in SIGNS.items()}


def printed(node: Node) -> str:
    """Print ``node`` as the lambda that reads back as the same tree."""
    return f"lambda x: {ast.unparse(ast.fix_missing_locations(_syntax(node)))}"


def _syntax(node: Node) -> ast.expr:
    match node:
        case Number(value=value):
            return _constant_syntax(value)
        case Negated(part=part):
            return ast.UnaryOp(ast.USub(), _syntax(part))
        case Binary(sign=sign, left=left, right=right):
            return ast.BinOp(_syntax(left), _OPERATORS[sign](), _syntax(right))
        case Sliced(part=part, entries=entries):
            written = [_entry_syntax(entry) for entry in entries]
            index = written[0] if len(written) == 1 else ast.Tuple(written, ast.Load())
            return ast.Subscript(_syntax(part), index, ast.Load())
        case Called(name=name, parts=parts, options=options):
            return _call_syntax(FUNCTIONS[name], parts, options)
    return ast.Name("x", ast.Load())


def _call_syntax(function: Function, parts: tuple[Node, ...], options: tuple[Any, ...]) -> ast.expr:
    written = [_syntax(part) for part in parts]
    first = [ast.List(written, ast.Load())] if function.many else written
    keywords = []
    for option, value in zip(function.options, options, strict=True):
        if value == option.default and option.default is not ...:
            continue
        syntax: ast.expr = _constant_syntax(value)
        if option.kind == "dtype":
            syntax = _name_syntax(f"tf.{value}")
        keywords.append(ast.keyword(option.names[0], syntax))
    return ast.Call(_name_syntax(function.printed), [*first], keywords)


def _constant_syntax(value: Any) -> ast.expr:
    if isinstance(value, tuple):
        return ast.List([_constant_syntax(part) for part in value], ast.Load())
    if isinstance(value, int | float) and not isinstance(value, bool) and math.copysign(1, value) < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def _entry_syntax(entry: Any) -> ast.expr:
    if entry is None:
        return _name_syntax("tf.newaxis")
    if isinstance(entry, tuple):
        return ast.Slice(*(None if end is None else _constant_syntax(end) for end in entry))
    return _constant_syntax(entry)


def _name_syntax(dotted: str) -> ast.expr:
    first, *rest = dotted.split(".")
    node: ast.expr = ast.Name(first, ast.Load())
    for part in rest:
        node = ast.Attribute(node, part, ast.Load())
    return node
