"""The configuration inside a saved Keras model, read as an experiment by an allow-list; nothing is made."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np

from tsrnn_gui.core.experiment import input_shape
from tsrnn_gui.core.fields import wrong_fields
from tsrnn_gui.core.keras_layers import Draft, read_layer
from tsrnn_gui.core.keras_source import Found, completed
from tsrnn_gui.core.keras_training import read_compile
from tsrnn_gui.core.keras_values import Scope
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.stack import check
from tsrnn_gui.core.windows import Missing, Scaling

_MOST_VALUES = 200_000
_DEEPEST = 40
_SILENT: dict[str, tuple[Any, ...]] = {
    "zero_output_for_mask": (True, False),
    "rms_scaling": (False,),
    "renorm_momentum": (0.99,),
    "renorm": (False,),
    "synchronized": (False,),
    "ema_momentum": (0.99,),
    "moving_mean_initializer": ("zeros",),
    "moving_variance_initializer": ("ones",),
}
"""What a saved layer or optimizer says besides what code would, and means nothing."""
_UNSEEN = ("name", "trainable", "dtype", "seed")
_CODE = ("Lambda", "__lambda__")
_NO_MODEL = "Save the model with Keras 3, as model.save(“name.keras”)."


def read_config(raw: bytes, name: str) -> Found:
    """Read the ``config.json`` of a .keras file called ``name``.

    Raises TsrnnError for what is no chain of layers, and for a Lambda, which is code.
    """
    try:
        model = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise TsrnnError(
            f"The configuration in {name} is no JSON that can be read.", hint=_NO_MODEL, details=str(error)
        ) from error
    _refuse_code(model, name)
    scope, draft = Scope(), Draft(name, 1)
    chain = _chain(model, name)
    place = 0
    for layer in chain:
        place += layer["class_name"] != "InputLayer"
        read_layer(_placed(_literal(layer), max(place, 1)), draft, scope)
    compiled = model.get("compile_config")
    if isinstance(compiled, dict) and compiled.get("optimizer"):
        known = {key: compiled.get(key) for key in ("optimizer", "loss")}
        call = ast.Call(ast.Name("compile"), [], _keywords(known))
        read_compile(_placed(call, 0), draft, scope)
    draft.fitted = ast.Call(ast.Name("fit"), [], [])  # how it was fitted is not in the file
    found = _told(completed(draft, name, 0, ()), tuple(scope.notes))
    return replace(found, layers=place)


class _Note(msgspec.Struct):
    """What the file beside an exported model says of its windows."""

    window: int
    horizon: int
    scaling: Scaling
    missing: Missing


def with_scaling(found: Found, raw: bytes) -> Found:
    """Cut and scale windows as the note beside an exported model says; as they are where it says nothing."""
    try:
        note = msgspec.json.decode(raw, type=_Note)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return found
    said = {"window": note.window, "horizon": note.horizon, "scaling": note.scaling, "missing": note.missing}
    windowing = msgspec.structs.replace(found.experiment.windowing, **said)
    if wrong_fields(windowing):
        return found
    return replace(
        found, experiment=msgspec.structs.replace(found.experiment, windowing=windowing), scaled=True
    )


def _told(found: Found, notes: tuple[Any, ...]) -> Found:
    """Put the notes at their layers; a wide output is read as so many values ahead."""
    experiment = found.experiment
    placed = tuple(replace(note, unit="layer" if note.line else "compile") for note in notes)
    rows = check(experiment.stack, input_shape(experiment.windowing))
    last = rows[-1].shape if rows else None
    width = last[-1] if last else None
    if width and width > 1 and width <= 100_000:
        windowing = msgspec.structs.replace(experiment.windowing, horizon=width)
        experiment = msgspec.structs.replace(experiment, windowing=windowing)
    return replace(found, experiment=experiment, notes=(*placed, *(replace(n, unit="") for n in found.notes)))


def _refuse_code(model: Any, name: str) -> None:
    """Walk everything in the file, without recursion; a Lambda anywhere refuses it all."""
    waiting, seen = [model], 0
    while waiting:
        value = waiting.pop()
        seen += 1
        if seen > _MOST_VALUES:
            raise TsrnnError(f"The configuration in {name} is too long for a model.", hint=_NO_MODEL)
        if isinstance(value, dict):
            if value.get("class_name") in _CODE:
                inner = value.get("config")
                called = inner.get("name") if isinstance(inner, dict) else inner
                raise TsrnnError(
                    f"{name} holds a Lambda{f' (“{called}”)' if isinstance(called, str) else ''}: "
                    "that is Python code inside the file, which is neither run nor read.",
                    hint="Open the code that made the model, where formulas are understood; or save it with "
                    "Reshape and Rescaling in their place.",
                )
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _chain(model: Any, name: str) -> list[dict[str, Any]]:
    """Give the layers in turn, the input first; raise TsrnnError where they are not one behind the other."""
    config = model.get("config") if isinstance(model, dict) else None
    layers = config.get("layers") if isinstance(config, dict) else None
    if not isinstance(layers, list) or not all(_is_layer(layer) for layer in layers) or not layers:
        raise TsrnnError(f"There is no model in {name}.", hint=_NO_MODEL)
    if model.get("class_name") == "Sequential":
        return layers
    for before, layer in itertools.pairwise(layers):
        if list(_sources(layer.get("inbound_nodes"))) != [before.get("name")]:
            raise TsrnnError(
                f"The layers in {name} branch or join: only one behind the other can be read here.",
                hint="Take the branch with the recurrent layers, and save it as a Sequential model.",
            )
    return layers


def _is_layer(layer: Any) -> bool:
    return (
        isinstance(layer, dict)
        and isinstance(layer.get("class_name"), str)
        and isinstance(layer.get("config"), dict)
    )


def _sources(nodes: Any) -> Iterator[Any]:
    """Give the names of the layers whose outputs are read."""
    waiting, seen = [nodes], 0
    while waiting and seen < 1000:
        value, seen = waiting.pop(), seen + 1
        if isinstance(value, dict):
            if "keras_history" in value:
                history = value["keras_history"]
                yield history[0] if isinstance(history, list) and history else None
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _literal(value: Any, depth: int = 0) -> ast.expr:
    """Write a value of the file as the code that would have said it."""
    if depth > _DEEPEST:
        return ast.Name("too_deep")
    if isinstance(value, list):
        return ast.List([_literal(part, depth + 1) for part in value[:100]])
    if not isinstance(value, dict):
        return ast.Constant(_short(value))
    kind, config = value.get("class_name"), value.get("config")
    if not (isinstance(kind, str) and kind.isidentifier() and isinstance(config, dict)):
        return ast.Name("unreadable")
    module = str(value.get("module"))
    if value.get("registered_name") not in (None, kind) or module.partition(".")[0] != "keras":
        return ast.Call(ast.Name(f"custom_{kind}"), [], [])
    if module.startswith(("keras.initializers", "keras.regularizers", "keras.constraints")):
        return ast.Constant(re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower())
    if "backward_layer" in config and _mirrored(config.get("layer"), config["backward_layer"]):
        config = {key: part for key, part in config.items() if key != "backward_layer"}
    first = [_literal(config["layer"], depth + 1)] if "layer" in config else []
    rest = {key: part for key, part in config.items() if key != "layer"}
    return ast.Call(ast.Name(kind), first, _keywords(rest, depth + 1))


def _keywords(config: dict[str, Any], depth: int = 0) -> list[ast.keyword]:
    """Write arguments, without those that mean nothing, in an order that says what reads first."""
    made = [(name, _literal(value, depth)) for name, value in config.items() if name.isidentifier()]
    return [
        ast.keyword(name, node)
        for name, node in made
        if name not in _UNSEEN and not (isinstance(node, ast.Constant) and _silent(name, node.value))
    ]


def _silent(name: str, value: Any) -> bool:
    return (value is None and name != "activation") or value in _SILENT.get(name, ())


def _mirrored(there: Any, back: Any) -> bool:
    """Say whether the second layer is the first one backwards, as Keras itself makes it."""
    try:
        one, two = dict(there["config"]), dict(back["config"])
    except (TypeError, KeyError, ValueError):
        return False
    turned = one.pop("go_backwards", False) is not two.pop("go_backwards", False)
    same = all(
        one[key] == two.get(key) for key in one if not key.endswith("_initializer") and key not in _UNSEEN
    )
    return turned and same and there.get("class_name") == back.get("class_name")


def _short(value: Any) -> Any:
    """Keras saves float32 with the digits of float64: 0.0010000000474974513 was 0.001."""
    if isinstance(value, float) and float(np.float32(value)) == value:
        return float(str(np.float32(value)))
    return value


def _placed(node: ast.expr, place: int) -> Any:
    """Let the notes say which layer they belong to."""
    for part in ast.walk(node):
        if isinstance(part, ast.expr | ast.keyword):
            part.lineno, part.col_offset = place, 0
    return node
