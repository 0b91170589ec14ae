"""One run on a warm engine, as the window would start it."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.presets import PRESETS
from tsrnn_gui.wire.client import Engine
from tsrnn_gui.wire.messages import Array, Data, EpochEnded, Failed, Progress, Started, Train


@dataclass(frozen=True)
class Timed:
    """Seconds from the request to the last event, of the first answer, and of the median epoch."""

    whole_s: float
    first_epoch_s: float
    epoch_s: float


def week3() -> NDArray[np.float64]:
    """Give the lesson's series by its formula, float64 (1461, 1)."""
    time_axis = np.arange(1461, dtype=np.float32)
    phase = (time_axis % 365) / 365
    season = np.where(phase < 0.4, np.cos(2 * np.pi * phase), 1 / np.exp(3 * phase))
    values = (10 + 0.05 * time_axis + 40 * season).astype(np.float32)
    values += np.random.RandomState(42).randn(1461) * 5
    return np.asarray(values, dtype=np.float64)[:, None]


def experiment(name: str, epochs: int, split: int = 1000) -> Experiment:
    """Give the preset ``name`` on a series with one column."""
    found = next(preset for preset in PRESETS if preset.name == name).experiment
    windowing = msgspec.structs.replace(found.windowing, inputs=("v",), targets=("v",), split=split)
    plan = msgspec.structs.replace(found.plan, epochs=epochs)
    return msgspec.structs.replace(found, windowing=windowing, plan=plan)


def timed(engine: Engine, name: str, epochs: int, values: NDArray[np.float64], run: str) -> Timed:
    """Train preset ``name`` and time it. Raises RuntimeError where the engine fails."""
    data = Data(Array.of(values), ("v",))
    begun, first, seconds = time.perf_counter(), 0.0, []
    for event in engine.ask(Train(run, experiment=experiment(name, epochs), data=data, future_steps=24)):
        match event:
            case EpochEnded():
                first = first or time.perf_counter() - begun
                seconds.append(event.seconds)
            case Failed():
                raise RuntimeError(f"{event.text}\n{event.details}")
    return Timed(time.perf_counter() - begun, first, statistics.median(seconds))


def stop_s(engine: Engine, name: str, values: NDArray[np.float64]) -> float:
    """Give the seconds from a stop in the middle of a run to its last event."""
    asked = 0.0
    data = Data(Array.of(values), ("v",))
    for event in engine.ask(Train("stop", experiment=experiment(name, 100_000), data=data)):
        if isinstance(event, EpochEnded) and event.epoch == 3:
            asked = time.perf_counter()
            engine.stop_run("stop")
    return time.perf_counter() - asked


def peak_bytes(rows: int, seconds: float = 4.0) -> int:
    """Give the most memory a fresh engine held while it trained on ``rows`` rows for a while (Linux)."""
    engine = Engine()
    engine.start()
    engine.wait_ready()
    values = np.sin(np.arange(rows) / 50.0)[:, None] + np.random.default_rng(0).normal(size=(rows, 1))
    asked = experiment("recommended", 1_000, int(rows * 0.99))
    asked = msgspec.structs.replace(asked, plan=msgspec.structs.replace(asked.plan, batch=512))
    begun = time.perf_counter()
    for event in engine.ask(Train("memory", experiment=asked, data=Data(Array.of(values), ("v",)))):
        if isinstance(event, Started):
            begun = time.perf_counter()
        elif isinstance(event, Progress | EpochEnded) and time.perf_counter() - begun > seconds:
            engine.stop_run("memory")
    status = Path(f"/proc/{engine.pid}/status").read_text()
    engine.close()
    return 1024 * int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
