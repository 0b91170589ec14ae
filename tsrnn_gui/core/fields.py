"""What a declared field is called, accepts and defaults to; read once from its annotation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import msgspec

FieldKind = Literal["int", "float", "bool", "choice", "text", "names", "variant"]


@dataclass(frozen=True)
class Field:
    """One field of a declared value: what a form, a check or an export must know about it.

    Bounds are inclusive unless ``open_top``; ``optional`` fields may be None, said as ``off``.
    """

    name: str
    title: str
    description: str
    kind: FieldKind
    default: Any
    low: float = -math.inf
    high: float = math.inf
    open_bottom: bool = False
    open_top: bool = False
    choices: tuple[str, ...] = ()
    optional: bool = False
    hidden: bool = False
    needs: str = ""
    """The field of the same value without which this one means nothing."""

    def wrong(self, value: Any) -> str:
        """Say what is wrong with ``value``, or nothing."""
        if value is None or self.kind not in ("int", "float"):
            return ""
        if not math.isfinite(value):
            return f"{self.title} must be a finite number."
        if value < self.low or (self.open_bottom and value == self.low):
            return f"{self.title} is {value:g}, but must be {'>' if self.open_bottom else '≥'} {self.low:g}."
        if value > self.high or (self.open_top and value == self.high):
            return f"{self.title} is {value:g}, but must be {'<' if self.open_top else '≤'} {self.high:g}."
        return ""


@cache
def fields(kind: type[msgspec.Struct]) -> tuple[Field, ...]:
    """List the fields of ``kind`` in their order, with what their annotations say."""
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    return tuple(_field(field) for field in info.fields)


def wrong_fields(value: msgspec.Struct) -> tuple[tuple[Field, str], ...]:
    """Give each field of ``value`` that is out of its bounds, with a sentence."""
    found = ((field, field.wrong(getattr(value, field.name))) for field in fields(type(value)))
    return tuple((field, text) for field, text in found if text)


def _field(field: msgspec.inspect.Field) -> Field:
    extra: dict[str, Any] = {}
    kind = field.type
    if isinstance(kind, msgspec.inspect.Metadata):
        extra = {**(kind.extra_json_schema or {}), **(kind.extra or {})}
        kind = kind.type
    variants = isinstance(kind, msgspec.inspect.UnionType) and all(
        isinstance(t, msgspec.inspect.StructType) for t in kind.types
    )
    optional = isinstance(kind, msgspec.inspect.UnionType) and not variants
    if isinstance(kind, msgspec.inspect.UnionType) and not variants:
        kind = next(t for t in kind.types if not isinstance(t, msgspec.inspect.NoneType))
    if isinstance(kind, msgspec.inspect.Metadata):
        extra = {**extra, **(kind.extra_json_schema or {})}
        kind = kind.type
    name = field.name
    return Field(
        name=name,
        title=extra.get("title", name.replace("_", " ").capitalize()),
        description=extra.get("description", ""),
        default=None if field.default is msgspec.NODEFAULT else field.default,
        optional=optional,
        hidden=bool(extra.get("hidden", False)),
        needs=extra.get("needs", ""),
        **_accepts(kind),
    )


def _accepts(kind: Any) -> dict[str, Any]:
    match kind:
        case msgspec.inspect.BoolType():
            return {"kind": "bool"}
        case msgspec.inspect.LiteralType():
            return {"kind": "choice", "choices": tuple(kind.values)}
        case msgspec.inspect.IntType() | msgspec.inspect.FloatType():
            low = kind.ge if kind.ge is not None else kind.gt
            high = kind.le if kind.le is not None else kind.lt
            return {
                "kind": "int" if isinstance(kind, msgspec.inspect.IntType) else "float",
                "low": -math.inf if low is None else low,
                "high": math.inf if high is None else high,
                "open_bottom": kind.gt is not None,
                "open_top": kind.lt is not None,
            }
        case msgspec.inspect.StrType():
            return {"kind": "text"}
        case msgspec.inspect.UnionType():
            return {"kind": "variant"}
        case _:
            return {"kind": "names"}
