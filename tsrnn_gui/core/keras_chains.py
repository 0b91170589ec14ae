"""Models of Keras's functional API: a chain ``x = Layer()(x)`` is a stack, anything else is told."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

from tsrnn_gui.core.keras_lambdas import layer_of_lambda
from tsrnn_gui.core.keras_layers import Draft, read_layer
from tsrnn_gui.core.keras_values import Scope, arguments

_DEEPEST = 60
_FUNCTIONS = ("tf", "tensorflow", "keras", "K", "ops", "backend")


@dataclass(frozen=True)
class Chain:
    """A tensor: the layers that it came through in order, or ``broken``, why they are no stack."""

    draft: Draft = field(default_factory=lambda: Draft("", 0))
    broken: str = ""


def chain_of(node: ast.expr, scope: Scope, depth: int = 0) -> Chain | None:
    """Give the tensor that ``node`` makes or names, None if it makes none."""
    found = scope.names.get(scope.dotted(node))
    if isinstance(found, Chain):
        return found
    if depth > _DEEPEST:
        return None
    if isinstance(node, ast.Call):
        if scope.called(node) == "Input":
            return _longer(Chain(), node, scope)
        made = scope.resolved(node.func)
        if isinstance(made, ast.Call) and node.args:
            return _through(made, node.args[0], scope, depth)
    return _computed(node, scope)


def _through(layer: ast.Call, given: ast.expr, scope: Scope, depth: int) -> Chain | None:
    """Give what ``layer`` makes of the tensor ``given``."""
    if isinstance(given, ast.List | ast.Tuple):
        if any(chain_of(part, scope, depth + 1) for part in given.elts):
            return Chain(broken=f"{scope.excerpt(layer)} joins several tensors")
        return None
    before = chain_of(given, scope, depth + 1)
    return before if before is None or before.broken else _longer(before, layer, scope)


def _longer(before: Chain, layer: ast.Call, scope: Scope) -> Chain:
    old = before.draft
    draft = replace(old, layers=[*old.layers], notes=[*old.notes])
    scope.notes, kept = draft.notes, scope.notes
    read_layer(layer, draft, scope)
    scope.notes = kept
    return Chain(draft)


def _computed(node: ast.expr, scope: Scope) -> Chain | None:
    """Read ``x * 100.0`` or ``tf.expand_dims(x, -1)`` of one tensor as the Lambda that it could be."""
    function = isinstance(node, ast.Call) and scope.dotted(node.func).partition(".")[0] in _FUNCTIONS
    if not (function or isinstance(node, ast.BinOp)):
        return None
    parts = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    names = sorted(name for name in parts if isinstance(scope.names.get(name), Chain))
    if len(names) != 1:
        return Chain(broken=f"{scope.excerpt(node)} joins several tensors") if names else None
    before: Chain = scope.names[names[0]]
    if before.broken:
        return before
    given = ast.arguments(
        posonlyargs=[], args=[ast.arg(names[0])], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    layer = layer_of_lambda(ast.copy_location(ast.Lambda(given, node), node), scope)
    if layer is None:
        return Chain(broken=f"{scope.excerpt(node)} is no layer that can be read")
    return Chain(replace(before.draft, layers=[*before.draft.layers, layer], notes=[*before.draft.notes]))


def read_model(node: ast.Call, name: str, scope: Scope) -> Draft | str:
    """Give the stack of ``Model(inputs, outputs)``, or why it is none."""
    last: ast.expr | None = None
    for argument, value, _ in arguments(node, ("inputs", "outputs", "name"), scope):
        if argument == "outputs":
            last = scope.resolved(value)
    if isinstance(last, ast.List | ast.Tuple) and len(last.elts) == 1:
        last = last.elts[0]
    if isinstance(last, ast.List | ast.Tuple):
        return "it has several outputs"
    chain = None if last is None else chain_of(last, scope)
    if chain is None:
        return "its outputs are not known here"
    if chain.broken:
        return chain.broken
    return replace(chain.draft, name=name, line=scope.line(node))
