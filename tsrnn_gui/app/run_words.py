"""Says in a line how a run goes or how it ended."""

from __future__ import annotations

from tsrnn_gui.app.run_log import RunLog
from tsrnn_gui.core.runs import RunRecord
from tsrnn_gui.wire.messages import Failed, Finished, Progress

STATUS_WORDS = {
    "running": "running",
    "completed": "completed",
    "stopped": "stopped",
    "early": "stopped early",
    "exploded": "loss exploded",
    "failed": "failed",
    "interrupted": "interrupted",
}

_HEADS = {"paused": "Paused", "stopping": "Stopping"}


def run_words(log: RunLog, state: str) -> str:
    """Tell of ``log`` while the trainer is in ``state``."""
    match log.ending:
        case Failed() as failure:
            return " ".join((failure.text, failure.hint)).strip()
        case Finished() as finished:
            return _ending(log, finished)
        case _:
            return _progress(log, state)


def seconds_words(seconds: float) -> str:
    """Write a duration as a person would say it."""
    if seconds < 0.095:
        return f"{seconds:.2f} s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes < 10 and rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def status_words(record: RunRecord) -> str:
    """Say how a kept run ended."""
    return STATUS_WORDS[record.status]


def _progress(log: RunLog, state: str) -> str:
    if state in ("starting", "idle", "gone"):
        return "Waiting for the engine…"
    if log.started is None:
        return "Preparing…"
    epochs, done, progress = log.experiment.plan.epochs, len(log.epochs), log.progress
    if progress is not None and progress.towards is not None:
        return _retracing(progress, progress.towards, state)
    if log.fresh and (progress is None or progress.step == 0):
        return "Compiling the network…"
    parts = [f"epoch {min(done + 1, epochs):,} of {epochs:,}"]
    if progress is not None:
        parts.append(f"step {progress.step:,} of {progress.steps:,}")
    if log.seconds_an_epoch is not None:
        parts.append(f"{seconds_words(log.seconds_an_epoch)} an epoch")
    if log.seconds_left is not None:
        parts.append(f"{seconds_words(log.seconds_left)} left")
    head = _HEADS.get(state)
    return " · ".join([head, *parts] if head else parts)


def _retracing(progress: Progress, towards: int, state: str) -> str:
    """Epochs without a checkpoint are trained again before the new plan begins."""
    head = _HEADS.get(state)
    parts = [f"Going back to epoch {towards:,}…", f"training epoch {progress.epoch + 1:,} again"]
    return " · ".join([head, *parts] if head else parts)


def _ending(log: RunLog, finished: Finished) -> str:
    done = len(log.epochs)
    epochs = f"{done:,} epoch{'' if done == 1 else 's'}"
    best = log.best.epoch + 1 if log.best else None
    patience = log.experiment.plan.patience
    match finished.reason:
        case "stopped":
            head = f"Stopped after {epochs}" if done else "Stopped before the first epoch"
        case "early":
            head = f"Stopped early after {epochs}: none of the last {patience} was better"
        case "exploded":
            where = finished.explosion.epoch + 1 if finished.explosion else max(done, 1)
            head = f"The loss exploded in epoch {where:,}"
        case _:
            head = f"Finished {epochs}" if done else "Forecast with the weights of a saved model"
    parts = [head]
    if best is not None:
        kept = log.experiment.plan.keep_best or finished.reason == "exploded"
        parts.append(f"epoch {best:,} was the best and is kept" if kept else f"epoch {best:,} was the best")
    if finished.advice and finished.explosion is None:  # that is told with its ways out
        parts.append(finished.advice)
    return " · ".join(parts)
