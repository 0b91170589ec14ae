"""How a kept run goes on: under its own name where it was broken off, or as a new run from any epoch."""

from __future__ import annotations

from PySide6.QtCore import Qt

from tsrnn_gui.app.document import Document
from tsrnn_gui.app.order import Order
from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.app.trainer import Trainer
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.core.rewinding import Rewind
from tsrnn_gui.wire.messages import Finished


def why_not_continue(trainer: Trainer, document: Document) -> str:
    """Say why the run that is shown cannot be continued now, or nothing."""
    general = _why_not(trainer, document)
    if _paused(trainer, trainer.shown):
        return ""
    if general or trainer.shown is None:
        return general
    match trainer.shown.ending:
        case Finished(reason="exploded"):
            return (
                "The loss of this run exploded: go on from an earlier epoch, or train anew, at a smaller rate"
            )
        case Finished(reason="completed" | "early"):
            return "This run is complete: go on from one of its epochs to train it further"
    return ""


def why_not_go_on(trainer: Trainer, document: Document) -> str:
    """Say why no new run can leave the one that is shown now, or nothing; a paused run may be left."""
    general = "" if _paused(trainer, trainer.shown) else _why_not(trainer, document)
    if general or (trainer.shown is not None and trainer.shown.epochs):
        return general
    return "This run has no epoch to go on from"


def continue_run(trainer: Trainer, document: Document) -> None:
    """Train what is left of the run that is shown, or is paused; does nothing where it may not."""
    log = trainer.shown
    if _paused(trainer, log):
        trainer.resume()
        return
    if log is None or why_not_continue(trainer, document):
        return
    try:
        state = document.file.nearest_state(log.run)
    except TsrnnError as error:
        trainer.tell(error)
        return
    steps = document.project.future_steps
    order = Order(log.series, log.experiment, steps, run=log.run, resume=state, past=log.past)
    log.take_up()
    trainer.carry_out(order, log, document)


def go_on(trainer: Trainer, document: Document, log: RunLog, rewind: Rewind) -> None:
    """Begin the new run that leaves ``log``'s as ``rewind`` says; does nothing where it may not.

    A run that is paused is stopped first, which keeps what it learned.
    """
    if _paused(trainer, log):
        once = Qt.ConnectionType.SingleShotConnection
        trainer.run_ended.connect(lambda _: go_on(trainer, document, log, rewind), once)
        trainer.stop()
        return
    if trainer.busy or document.file.read_only or rewind.problem is not None:
        return
    try:
        state = document.file.nearest_state(log.run, rewind.after)
    except TsrnnError as error:
        trainer.tell(error)
        return
    order = Order(
        log.series,
        rewind.new_experiment,
        document.project.future_steps,
        resume=state,
        past=rewind.new_past,
        parent=log.run,
        before=tuple(log.epochs[: rewind.after]),
    )
    child = RunLog(order.run, order.series, order.experiment, trainer)
    child.past, child.epochs = order.past, list(order.before)
    trainer.carry_out(order, child, document)


def _paused(trainer: Trainer, log: RunLog | None) -> bool:
    return log is not None and trainer.state == "paused" and trainer.running is log


def _why_not(trainer: Trainer, document: Document) -> str:
    if trainer.shown is None:
        return "No run is shown: train one, or choose one under Runs"
    if trainer.busy:
        return "A run is under way: stop it first"
    if document.file.read_only:
        return "This project is open for reading only"
    return ""
