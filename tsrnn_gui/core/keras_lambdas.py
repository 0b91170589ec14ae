"""Lambda layers in someone's code, read as the layers that stand for their formulas."""

from __future__ import annotations

import ast

from tsrnn_gui.core.formula import FormulaError, parsed, printed, tree
from tsrnn_gui.core.keras_values import Scope, is_number
from tsrnn_gui.core.layers import AnyLayer, ExpandDims, Formula, Scale


def layer_of_lambda(function: ast.expr, scope: Scope) -> AnyLayer | None:
    """Read ``lambda x: …``, or a function with one return, as a layer; None if it is not understood."""
    if isinstance(function, ast.Constant) and isinstance(function.value, str):
        return Formula(function.value)
    found = _body(function, scope)
    if found is None:
        return None
    name, body = found
    return _expansion(name, body, scope) or _scaling(name, body, scope) or _formula(name, body, scope)


def _formula(name: str, body: ast.expr, scope: Scope) -> Formula | None:
    """Read any other formula of the vocabulary, the code's own numbers put in for their names."""
    try:
        text = printed(tree(body, name, scope.value))
        parsed(text)
    except FormulaError as error:
        scope.note(body, f"not understood: {error}")
        return None
    return Formula(text)


def _body(function: ast.expr, scope: Scope) -> tuple[str, ast.expr] | None:
    """Give the one argument's name and the expression that the function returns."""
    function = scope.resolved(function)
    if isinstance(function, ast.Lambda):
        arguments, body = function.args, function.body
    else:
        defined = scope.functions.get(scope.dotted(function))
        last = defined.body[-1] if defined else None
        if defined is None or len(defined.body) > 1 or not isinstance(last, ast.Return) or last.value is None:
            return None
        arguments, body = defined.args, last.value
    if len(arguments.args) != 1 or arguments.vararg or arguments.kwonlyargs:
        return None
    return arguments.args[0].arg, body


def _expansion(name: str, body: ast.expr, scope: Scope) -> ExpandDims | None:
    if not (isinstance(body, ast.Call) and scope.called(body) == "expand_dims" and body.args):
        return None
    axis_node = body.args[1] if len(body.args) > 1 else None
    for keyword in body.keywords:
        axis_node = keyword.value if keyword.arg == "axis" else axis_node
    axis = scope.value(axis_node)
    if not _is(name, body.args[0]) or not isinstance(axis, int) or not -3 <= axis <= 3:
        return None
    return ExpandDims(axis=axis)


def _scaling(name: str, body: ast.expr, scope: Scope) -> Scale | None:
    if not (isinstance(body, ast.BinOp) and isinstance(body.op, ast.Mult)):
        return None
    for variable, factor in ((body.left, body.right), (body.right, body.left)):
        value = scope.value(factor)
        if _is(name, variable) and is_number(value):
            return Scale(factor=float(value))
    return None


def _is(name: str, node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == name
