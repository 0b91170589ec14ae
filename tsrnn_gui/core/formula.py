"""Formulas of a Lambda layer: text in a closed vocabulary, as a small tree that is walked and never run."""

from __future__ import annotations

import ast
import math
import operator
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

LONGEST = 1000
_DEEPEST = 40
_LARGEST = 2**53
_ROOTS = ("tf", "tensorflow", "keras", "K", "ops", "backend")


class FormulaError(ValueError):
    """A formula is not understood; ``column`` (from 1) is where in its text."""

    def __init__(self, text: str, column: int = 1) -> None:
        super().__init__(f"{text} (column {column})")
        self.column = column


@dataclass(frozen=True)
class Node:
    """A part of a formula."""


@dataclass(frozen=True)
class Given(Node):
    """What the layer is given: x."""


@dataclass(frozen=True)
class Number(Node):
    """A finite number."""

    value: float


@dataclass(frozen=True)
class Binary(Node):
    """Two parts joined by ``+ - * / **``."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Negated(Node):
    """Minus a part."""

    part: Node


@dataclass(frozen=True)
class Sliced(Node):
    """``part[…]``: each entry an index, None for a new axis, ``...``, or (start, stop, step)."""

    part: Node
    entries: tuple[Any, ...]


@dataclass(frozen=True)
class Called(Node):
    """A function of the vocabulary; ``options`` in the order of its declaration."""

    name: str
    parts: tuple[Node, ...]
    options: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Option:
    """An argument that is no tensor: its names, what it may be, and its default (... for none)."""

    names: tuple[str, ...]
    kind: str
    default: Any = ...


@dataclass(frozen=True)
class Function:
    """A function: how it is printed, what else it is called, its options; ``many`` takes a list first."""

    printed: str
    names: tuple[str, ...]
    options: tuple[Option, ...] = ()
    many: bool = False


_AXIS = Option(("axis",), "axis")
_REDUCED = (Option(("axis",), "axes"), Option(("keepdims", "keep_dims"), "flag", False))
FUNCTIONS: dict[str, Function] = {
    "exp": Function("tf.exp", ("exp",)),
    "log": Function("tf.math.log", ("log",)),
    "log1p": Function("tf.math.log1p", ("log1p",)),
    "sqrt": Function("tf.sqrt", ("sqrt",)),
    "abs": Function("tf.abs", ("abs", "absolute")),
    "tanh": Function("tf.tanh", ("tanh",)),
    "square": Function("tf.square", ("square",)),
    "clip": Function(
        "tf.clip_by_value",
        ("clip_by_value", "clip"),
        (
            Option(("clip_value_min", "x_min", "min_value"), "number"),
            Option(("clip_value_max", "x_max", "max_value"), "number"),
        ),
    ),
    "mean": Function("tf.reduce_mean", ("reduce_mean", "mean"), _REDUCED),
    "max": Function("tf.reduce_max", ("reduce_max", "max"), _REDUCED),
    "min": Function("tf.reduce_min", ("reduce_min", "min"), _REDUCED),
    "sum": Function("tf.reduce_sum", ("reduce_sum", "sum"), _REDUCED),
    "expand_dims": Function("tf.expand_dims", ("expand_dims",), (_AXIS,)),
    "squeeze": Function("tf.squeeze", ("squeeze",), (_AXIS,)),
    "reshape": Function("tf.reshape", ("reshape",), (Option(("shape", "newshape"), "sizes"),)),
    "transpose": Function("tf.transpose", ("transpose",), (Option(("perm", "axes"), "sizes"),)),
    "concat": Function("tf.concat", ("concat", "concatenate"), (_AXIS,), many=True),
    "cast": Function("tf.cast", ("cast",), (Option(("dtype",), "dtype"),)),
}
_BY_NAME = {name: key for key, function in FUNCTIONS.items() for name in function.names}
_SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_SIGNS |= {ast.Pow: "**"}
_OPERATORS = {sign: kind for kind, sign in _SIGNS.items()}
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
        sign = _SIGNS.get(type(op))
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
