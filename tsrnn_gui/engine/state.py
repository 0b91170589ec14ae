"""What a run must remember to go on as if it had never stopped; the body of a checkpoint."""

from __future__ import annotations

from typing import Any

import msgspec

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.engine.programs import Programs, Snapshot
from tsrnn_gui.wire.messages import Array

Arrays = tuple[Array, ...]


class State(msgspec.Struct, forbid_unknown_fields=True):
    """Weights, optimizer, place in the epoch and what the rules remember.

    ``variables`` are the weights and random states after ``epochs_done`` epochs and ``step`` steps
    of the next, which has ``windows`` in steps of ``batch``; ``loss_sum`` and ``error_sum`` belong to
    those steps. ``start_rate`` is the plan's rate that ``rate`` was reduced from.
    """

    compiled: bool = True
    epochs_done: int = 0
    step: int = 0
    windows: int = 0
    batch: int = 0
    loss_sum: float = 0.0
    error_sum: float = 0.0
    seconds: float = 0.0
    best_epoch: int | None = None
    best_loss: float | None = None
    stale: int = 0
    plateau_loss: float | None = None
    plateau_stale: int = 0
    lowest_loss: float | None = None
    far_above: int = 0
    start_rate: float = 0.0
    rate: float = 0.0
    variables: Arrays = ()
    optimizer_kind: str = ""
    optimizer: Arrays = ()
    best_variables: Arrays = ()


_decoder = msgspec.msgpack.Decoder(State)


def written(state: State) -> bytes:
    """Give ``state`` as msgpack."""
    return msgspec.msgpack.encode(state)


def read(data: bytes) -> State:
    """Read a checkpoint's state. Raises TsrnnError."""
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise TsrnnError(
            "The checkpoint cannot be read.", hint="Train again from the start.", details=str(error)
        ) from error


def put(variables: list[Any], arrays: Arrays) -> None:
    """Set ``variables`` to ``arrays``. Raises TsrnnError where they do not fit."""
    if not fits(variables, arrays):
        raise TsrnnError(
            "The checkpoint belongs to another stack.",
            hint="Train this stack from the start, or go back to the stack the checkpoint was made with.",
        )
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array.unpacked())


def fits(variables: list[Any], arrays: Arrays) -> bool:
    """Say whether ``arrays`` have the shapes and types of ``variables``."""
    wanted = [(tuple(variable.shape), str(variable.dtype)) for variable in variables]
    return wanted == [(array.shape, array.dtype) for array in arrays]


def take(state: State, programs: Programs, snapshot: Snapshot | None = None) -> None:
    """Copy weights and optimizer into ``state``, as they are or as they were at ``snapshot``."""
    taken = snapshot or programs.snapshot()
    state.variables, state.optimizer = taken.packed
    state.optimizer_kind = type(programs.optimizer).__name__


def keep(programs: Programs, state: State, best: bool) -> int:
    """Put the best epoch's weights in, or the last; give the epoch they come from, −1 for none."""
    if best and state.best_variables and state.best_epoch is not None:
        put(programs.variables, state.best_variables)
        return state.best_epoch
    put(programs.variables, state.variables)
    return state.epochs_done - 1


def fit_to(state: State, windows: int, batch: int) -> None:
    """Begin an unfinished epoch anew where it was cut into other batches."""
    if (state.windows, state.batch) != (windows, batch):
        state.step, state.loss_sum, state.error_sum, state.seconds = 0, 0.0, 0.0, 0.0
    state.windows, state.batch = windows, batch


def restore(programs: Programs, state: State) -> None:
    """Put weights and optimizer back; another kind of optimizer starts afresh."""
    put(programs.variables, state.variables)
    optimizer = list(programs.optimizer.variables)
    if type(programs.optimizer).__name__ == state.optimizer_kind and fits(optimizer, state.optimizer):
        put(optimizer, state.optimizer)
