"""Learning-rate functions in someone's code, read as schedules."""

from __future__ import annotations

import ast
import math
from typing import Any

from tsrnn_gui.core.keras_values import Scope, is_number
from tsrnn_gui.core.schedules import AnySchedule, Constant, Exponential


def schedule_of(function: ast.expr, scope: Scope) -> tuple[float, AnySchedule] | None:
    """Read ``lambda epoch: a * 10**(epoch / k)`` as (rate of epoch 0, schedule); None if it is another."""
    function = scope.resolved(function)
    if isinstance(function, ast.Lambda):
        parameters, body = function.args, function.body
    else:
        defined = scope.functions.get(scope.dotted(function))
        last = defined.body[-1] if defined else None
        if defined is None or len(defined.body) > 1 or not isinstance(last, ast.Return) or last.value is None:
            return None
        parameters, body = defined.args, last.value
    if not 1 <= len(parameters.args) <= 2:
        return None
    start, slope = _split(body, parameters.args[0].arg, scope)
    if start is None or slope is None or not 0 < start <= 100:
        return None
    if not slope:
        return start, Constant()
    return start, Exponential(float(f"{1 / slope:.12g}"))


def _split(node: ast.expr, epoch: str, scope: Scope) -> tuple[float | None, float | None]:
    """Give (a, s) where ``node`` is a · 10^(s · epoch), Nones where it is not."""
    value = scope.value(node)
    if is_number(value):
        return float(value), 0.0
    match node:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            one, two = _split(left, epoch, scope), _split(right, epoch, scope)
            if None in (*one, *two):
                return None, None
            return one[0] * two[0], one[1] + two[1]  # type: ignore[operator]
        case ast.BinOp(left=left, op=ast.Pow(), right=power):
            return _power(scope.value(left), power, epoch, scope)
        case ast.Call(args=[power]) if scope.called(node) == "exp":
            return _power(math.e, power, epoch, scope)
    return None, None


def _power(base: Any, power: ast.expr, epoch: str, scope: Scope) -> tuple[float | None, float | None]:
    share = _share(power, epoch, scope)
    if share is None or not is_number(base) or base <= 0:
        return None, None
    decades = math.log10(base)
    return 1.0, decades / share if abs(share) < 1e300 else 0.0


def _share(node: ast.expr, epoch: str, scope: Scope) -> float | None:
    """Give k where ``node`` is epoch / k; the code's own number, so that 20 stays 20."""

    def is_epoch(part: ast.expr) -> bool:
        return isinstance(part, ast.Name) and part.id == epoch

    k: Any = None
    match node:
        case ast.Name() if is_epoch(node):
            k = 1.0
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            inner_share = _share(inner, epoch, scope)
            k = None if inner_share is None else -inner_share
        case ast.BinOp(left=left, op=ast.Div(), right=right) if is_epoch(left):
            k = scope.value(right)
        case ast.BinOp(left=left, op=ast.Mult(), right=right) if is_epoch(left) or is_epoch(right):
            factor = scope.value(right if is_epoch(left) else left)
            k = 1 / factor if is_number(factor) and factor else None
        case ast.BinOp(left=ast.UnaryOp(op=ast.USub(), operand=left), op=ast.Div(), right=right):
            k = -scope.value(right) if is_epoch(left) and is_number(scope.value(right)) else None
    return float(k) if is_number(k) and k and math.isfinite(k) else None
