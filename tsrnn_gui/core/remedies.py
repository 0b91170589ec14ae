"""Edits of a stack that a problem can offer, each built from the stack and the place it arose."""

from __future__ import annotations

from typing import Any

import msgspec

from tsrnn_gui.core.problems import Fix
from tsrnn_gui.core.shapes import Remedy

Stack = tuple[Any, ...]


def inserted(stack: Stack, index: int, *layers: Any) -> Stack:
    """Give ``stack`` with ``layers`` before ``index``."""
    return (*stack[:index], *layers, *stack[index:])


def removed(stack: Stack, index: int) -> Stack:
    """Give ``stack`` without the layer at ``index``."""
    return (*stack[:index], *stack[index + 1 :])


def changed(stack: Stack, index: int, **fields: Any) -> Stack:
    """Give ``stack`` with ``fields`` of the layer at ``index`` set."""
    layer = msgspec.structs.replace(stack[index], **fields)
    return (*stack[:index], layer, *stack[index + 1 :])


def remove_here(stack: Stack, index: int) -> Fix:
    """Offer to take the layer out."""
    return Fix(f"Remove layer {index + 1}", removed(stack, index))


def return_sequences_upstream(stack: Stack, index: int) -> Fix | None:
    """Offer to keep every step at the last layer before ``index`` that kept only its last one."""
    for place in range(index - 1, -1, -1):
        if getattr(stack[place], "return_sequences", True) is False:
            mended = changed(stack, place, return_sequences=True)
            return Fix(f"Set return_sequences on layer {place + 1}", mended)
    return None


def set_here(label: str, **fields: Any) -> Remedy:
    """Make a remedy that sets ``fields`` of the layer itself; ``{n}`` in ``label`` is its number."""

    def remedy(stack: Stack, index: int) -> Fix:
        return Fix(label.format(n=index + 1), changed(stack, index, **fields))

    return remedy


def insert_here(label: str, *layers: Any) -> Remedy:
    """Make a remedy that puts ``layers`` in front of the layer."""

    def remedy(stack: Stack, index: int) -> Fix:
        return Fix(label.format(n=index + 1), inserted(stack, index, *layers))

    return remedy
