"""Walks someone's statements in order and drafts every model that they make."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, TypeGuard

from tsrnn_gui.core.keras_chains import chain_of, read_model
from tsrnn_gui.core.keras_data import read_data, read_scaling, read_split
from tsrnn_gui.core.keras_layers import Draft, read_layer
from tsrnn_gui.core.keras_training import read_compile, read_fit
from tsrnn_gui.core.keras_values import UNKNOWN, Code, Scope, arguments
from tsrnn_gui.core.windows import Scaling

_HARMLESS = ("summary", "predict", "evaluate", "save", "save_weights", "build", "get_weights", "export")
_MOST_TURNS = 64
_MOST_MODELS = 200
_DEEPEST = 12


class Walk:
    """Reads statement by statement; ``drafts`` grows with each model found.

    ``unread`` are the models that are no stack: where, and why.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.drafts: list[Draft] = []
        self.unread: list[tuple[ast.AST, str]] = []
        self.latest: dict[str, Any] = {}
        self.scaling: Scaling = "none"
        self.seed: int | None = None
        self._depth = 0
        self._returned: Draft | None = None
        self._called: set[str] = set()
        self._makers: set[str] = set()
        self._loops: dict[int, bool] = {}

    def statements(self, body: Sequence[ast.stmt]) -> None:
        """Read ``body``; blocks inside are entered whatever their condition."""
        for statement in body:
            self.scope.step()
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                self._import(node)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._assign(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, value)
            case ast.Expr(value=ast.Call() as call):
                self._call(call)
            case ast.FunctionDef():
                self._define(node)
            case ast.ClassDef():
                self._class(node)
            case ast.For():
                self._for(node)
            case ast.If() | ast.While():
                self._entered([*node.body, *node.orelse])
            case ast.With() | ast.AsyncWith():
                self._entered(node.body)
            case ast.Try():
                self._entered([*node.body, *node.finalbody])
            case ast.Return(value=ast.expr() as value):
                draft = self._model(value, "model")
                self._returned = draft or self._returned
                if draft is None and isinstance(value, ast.Call):
                    self._call(value)

    def _define(self, node: ast.FunctionDef) -> None:
        self.scope.functions[node.name] = node
        self._makers.discard(node.name)
        if _calls(node, "Sequential", "Model", *self._makers):
            self._makers.add(node.name)

    def _entered(self, body: Sequence[ast.stmt]) -> None:
        if self._depth >= _DEEPEST:
            return
        self._depth += 1
        self.statements(body)
        self._depth -= 1

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        module = f"{node.module}." if isinstance(node, ast.ImportFrom) and node.module else ""
        for name in node.names:
            if name.asname or isinstance(node, ast.ImportFrom):
                self.scope.aliases[name.asname or name.name] = f"{module}{name.name}"

    def _class(self, node: ast.ClassDef) -> None:
        """Constants are often kept in a class; they are then read as ``G.WINDOW_SIZE``."""
        if any(self.scope.dotted(base).rpartition(".")[2] == "Model" for base in node.bases):
            self._left(node, f"{node.name} is a class of its own")
        for statement in node.body:
            target = statement.targets[0] if isinstance(statement, ast.Assign) else None
            target = statement.target if isinstance(statement, ast.AnnAssign) else target
            value = getattr(statement, "value", None)
            if isinstance(target, ast.Name) and isinstance(value, ast.expr):
                self._assign(ast.Attribute(ast.Name(node.name), target.id), value)

    def _left(self, node: ast.AST, why: str) -> None:
        """Keep a model that is no stack for the end, and note it."""
        self.unread.append((node, f"{self.scope.cell.place(self.scope.line(node))}: {why}"))
        self.scope.note(node, f"left out: {why}, and only one layer after another is a stack", "")

    def _for(self, node: ast.For) -> None:
        turns = self._turns(node.iter)
        if self._trains_alone(node):
            self._trained_again_and_again(node)
            return
        if turns is None:
            if _mentions(node, "Sequential", "add"):
                self.scope.note(node.iter, "read once: how often it runs is not known here")
            turns = [UNKNOWN]
        for turn in turns:
            if isinstance(node.target, ast.Name):
                self.scope.names[node.target.id] = turn
            self._entered(node.body)

    def _trains_alone(self, node: ast.For) -> bool:
        """Say whether the loop trains a model that is made outside of it; looked at once a loop."""
        if id(node) not in self._loops:
            makes = _calls(node, "Sequential", "Model", "compile", *self._makers)
            self._loops[id(node)] = _calls(node, "fit") and not makes
        return self._loops[id(node)]

    def _trained_again_and_again(self, node: ast.For) -> None:
        """A model that is trained in each turn of a loop is trained for that many epochs more."""
        before = {id(draft): draft.fitted for draft in self.drafts}
        if isinstance(node.target, ast.Name):
            self.scope.names[node.target.id] = UNKNOWN
        self._entered(node.body)
        count = self.scope.value(node.iter.args[-1]) if _is_range(node.iter, self.scope) else UNKNOWN
        known = isinstance(count, int) and 1 <= count <= 100_000
        for draft in self.drafts:
            if draft.fitted is not before.get(id(draft)) and known:
                draft.plan["epochs"] = min(draft.plan["epochs"] * count, 1_000_000)
        done = f"its {count} turns are trained as epochs of one run" if known else "read once: say the epochs"
        self.scope.note(node.iter, done)

    def _turns(self, node: ast.expr) -> list[Any] | None:
        values = self.scope.value(node)
        if isinstance(values, list):
            return values
        if self.scope.called(node) != "range" or not isinstance(node, ast.Call):
            return None
        bounds = [self.scope.value(part) for part in node.args]
        if not 1 <= len(bounds) <= 3 or not all(isinstance(bound, int) for bound in bounds):
            return None
        try:
            turns = range(*bounds)
        except ValueError:
            return None
        return list(turns) if len(turns) <= _MOST_TURNS else None

    def _assign(self, target: ast.expr, node: ast.expr) -> None:
        if isinstance(target, ast.Tuple | ast.List) and isinstance(node, ast.Tuple | ast.List):
            for one, value in zip(target.elts, node.elts, strict=False):
                self._assign(one, value)
            return
        name = self.scope.dotted(target)
        if not name:
            return
        read_split(target, node, self.scope)
        self.scaling = read_scaling(target, node, self.scope) or self.scaling
        draft = self._model(node, name)
        data = None if draft else self._data(node)
        if draft is not None:
            self.scope.names[name] = draft
        elif data is not None:
            self.scope.names[name] = data
            self.latest = self.latest | data
        elif (chain := chain_of(node, self.scope)) is not None:
            self.scope.names[name] = chain
        else:
            if isinstance(node, ast.Call) and self.scope.called(node) not in self._makers:
                self._call(node)
            value = self.scope.value(node)
            listed = isinstance(value, list) and UNKNOWN in value
            self.scope.names[name] = self._own(node, name) if value is UNKNOWN or listed else value

    def _data(self, node: ast.expr) -> dict[str, Any] | None:
        """Read what ``node`` says of windows, with what was noted on the way."""
        scope = self.scope
        scope.notes, before = [], scope.notes
        found = read_data(node, scope)
        if found is not None:
            found = found | {"notes": (*found.get("notes", ()), *scope.notes)}
        scope.notes = before
        return found

    def _own(self, node: ast.expr, name: str) -> Any:
        """Keep code by name, but never code that refers to that very name."""
        own = any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))
        return UNKNOWN if own else Code(node)

    def _model(self, node: ast.expr, name: str) -> Draft | None:
        """Give the model that ``node`` makes or names, None if it is no model."""
        found = self.scope.names.get(self.scope.dotted(node))
        if isinstance(found, Draft):
            return found
        if not isinstance(node, ast.Call):
            return None
        if self.scope.called(node) == "Sequential":
            return self._sequential(node, name)
        if self.scope.called(node) == "Model" and (node.args or node.keywords):
            return self._functional(node, name)
        maker = self.scope.called(node)
        return self._inlined(self.scope.functions[maker], node, name) if maker in self._makers else None

    def _sequential(self, node: ast.Call, name: str) -> Draft | None:
        scope = self.scope
        if len(self.drafts) >= _MOST_MODELS:
            scope.note(node, f"left out: at most {_MOST_MODELS} models are read", name)
            return None
        draft = Draft(name, scope.line(node), notes=[])
        scope.notes, before = draft.notes, scope.notes
        for argument, value, _ in arguments(node, ("layers", "trainable", "name"), scope):
            layers = scope.resolved(value)
            if argument == "layers" and isinstance(layers, ast.List | ast.Tuple):
                for layer in layers.elts:
                    read_layer(layer, draft, scope)
            elif argument == "layers" and scope.value(value) is not None:
                scope.note(value, "left out: these layers are not known here")
        scope.notes = before
        draft.windowing = dict(self.latest)
        self.drafts.append(draft)
        return draft

    def _functional(self, node: ast.Call, name: str) -> Draft | None:
        if len(self.drafts) >= _MOST_MODELS:
            return None
        draft = read_model(node, name, self.scope)
        if isinstance(draft, str):
            self._left(node, draft)
            return None
        draft.windowing = dict(self.latest)
        self.drafts.append(draft)
        return draft

    def _inlined(self, defined: ast.FunctionDef, call: ast.Call | None, name: str) -> Draft | None:
        """Read the body of a function that makes a model, with the arguments of this call."""
        if self._depth >= _DEEPEST:
            return None
        self._called.add(defined.name)
        names = [parameter.arg for parameter in (*defined.args.args, *defined.args.kwonlyargs)]
        before, self._returned = dict(self.scope.names), None
        said: dict[str, ast.expr] = dict.fromkeys(names, ast.Name("what is given"))
        plain = names[: len(defined.args.args)]
        said |= dict(zip(reversed(plain), reversed(defined.args.defaults), strict=False))
        if call is not None:
            said |= {key: value for key, value, _ in arguments(call, tuple(names), self.scope) if key in said}
        self.scope.names |= {key: self._argument(value) for key, value in said.items()}
        self._entered(defined.body)
        self.scope.names, draft, self._returned = before, self._returned, None
        if draft is not None and call is not None:
            draft.name = name
        return draft

    def _argument(self, node: ast.expr) -> Any:
        model = self.scope.names.get(self.scope.dotted(node))
        if isinstance(model, Draft | dict):
            return model
        data = self._data(node) if isinstance(node, ast.Call) else None
        return self.scope.value(node) if data is None else data

    def _call(self, node: ast.Call) -> None:
        scope = self.scope
        maker = scope.called(node)
        if maker in self._makers:
            self._inlined(scope.functions[maker], node, "model")
            return
        if maker in ("set_random_seed", "set_seed") and node.args:
            seed = scope.value(node.args[0])
            self.seed = seed if isinstance(seed, int) and 0 <= seed < 2**31 else self.seed
            return
        owner = scope.dotted(node.func).rpartition(".")[0]
        draft = scope.names.get(owner)
        listed = draft.node if isinstance(draft, Code) and isinstance(draft.node, ast.List) else None
        if listed is not None and isinstance(node.func, ast.Attribute) and node.func.attr == "append":
            scope.names[owner] = Code(ast.copy_location(ast.List([*listed.elts, *node.args]), listed))
        if not (isinstance(node.func, ast.Attribute) and isinstance(draft, Draft)):
            return
        scope.notes, before = draft.notes, scope.notes
        match node.func.attr:
            case "add" if node.args:
                read_layer(node.args[0], draft, scope)
            case "pop" if draft.layers:
                draft.layers.pop()
            case "compile":
                read_compile(node, draft, scope)
            case "fit" | "fit_generator":
                read_fit(node, draft, scope)
                data = scope.names.get(scope.dotted(node.args[0])) if node.args else None
                data = data or (self._data(node.args[0]) if node.args else None)
                draft.windowing = dict(data) if isinstance(data, dict) else dict(self.latest)
            case attribute if attribute not in _HARMLESS:
                scope.note(node, "left out: it is not supported")
        scope.notes = before

    def uncalled(self) -> None:
        """Read the functions that make a model but are called nowhere, with their own defaults."""
        for name, defined in list(self.scope.functions.items()):
            if name in self._makers and name not in self._called:
                draft = self._inlined(defined, None, name)
                if draft is not None:
                    draft.name = name


def _is_range(node: ast.expr, scope: Scope) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and scope.called(node) == "range" and len(node.args) == 1


def _calls(node: ast.AST, *names: str) -> bool:
    return any(
        isinstance(part, ast.Call)
        and (getattr(part.func, "attr", "") in names or getattr(part.func, "id", "") in names)
        for part in ast.walk(node)
    )


def _mentions(node: ast.AST, *names: str) -> bool:
    return any(
        isinstance(part, ast.Attribute | ast.Name)
        and (part.attr if isinstance(part, ast.Attribute) else part.id) in names
        for part in ast.walk(node)
    )
