"""The engine's road in numbers: ``tsrnn`` trains, forecasts, exports and scores what it exported.

The same is done by the bundle's command and by the checkout's, so that both can be held side by side.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trial import expect

_STEPS = "12"
_TRAINED = ("loss", "mae", "val_loss", "val_mae")
_SCORES = ("mae", "mse", "rmse", "mase")
_LIKE_ITSELF = 1e-4  # single precision, by another road
_SAME = 1e-6


@dataclass(frozen=True)
class Road:
    """What was seen on the way: lists of numbers by name, and the exported script's text."""

    numbers: dict[str, list[float]]
    script: str


def walked(tsrnn: Path, env: dict[str, str], folder: Path) -> Road:
    """Let ``tsrnn`` go from a sample to its exports in ``folder``; Unfit if steps fail or contradict."""
    folder.mkdir()

    def said(*arguments: str) -> list[dict[str, Any]]:
        return _objects([str(tsrnn), *arguments, "--json"], env, folder)

    told = said("train", "sample:sunspots", "--epochs", "2", "--seed", "7", "--project", "p.tsrnn")
    epochs = [event for event in told if event["event"] == "epoch"]
    expect(len(epochs) == 2, f"{len(epochs)} epochs were told of two.")
    (ahead,) = said("forecast", "p.tsrnn", "--horizon", _STEPS)
    for form, out in (("numpy", "n.py"), ("keras", "k.keras"), ("savedmodel", "t.zip")):
        (about,) = said("export", "p.tsrnn", "--to", form, "--out", out)
        expect(about["difference"] < _LIKE_ITSELF, f"The {form} export differs by {about['difference']}.")
    said("export", "p.tsrnn", "--to", "script", "--out", "s.py")
    numbers = {
        "training": [float(epoch[name]) for epoch in epochs for name in _TRAINED],
        "scores": [float(told[-1]["scores"][name]) for name in _SCORES],
        "forecast": [float(row["sunspots"]) for row in ahead["forecast"]],
        "forecast by numpy alone": _by_numpy_alone(folder),
        "scores of the .keras file": _scores_again(said),
    }
    _expect_close(numbers["forecast"], numbers["forecast by numpy alone"], _LIKE_ITSELF, "The numpy export")
    _expect_close(numbers["scores"], numbers["scores of the .keras file"], _LIKE_ITSELF, "The .keras export")
    script = (folder / "s.py").read_text("utf-8")
    compile(script, "s.py", "exec")
    return Road(numbers, script)


def expect_no_onnx(tsrnn: Path, env: dict[str, str], folder: Path) -> None:
    """ONNX's packages stay out of the bundle, also of one built beside them; that is said in a sentence."""
    command = [str(tsrnn), "export", "p.tsrnn", "--to", "onnx", "--out", "n.onnx"]
    done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, check=False)
    told = done.returncode != 0 and "not installed" in done.stderr and "Traceback" not in done.stderr
    expect(told, f"The export to ONNX ended with {done.returncode}: {done.stderr[-2000:]}")


def compared(frozen: Road, plain: Road) -> str:
    """Say how far apart two roads are; Unfit where they are not the same."""
    expect(frozen.script == plain.script, "The frozen and the unpackaged program export different scripts.")
    furthest = max(
        _expect_close(frozen.numbers[name], numbers, _SAME, f"Frozen and unpackaged, the {name}")
        for name, numbers in plain.numbers.items()
    )
    count = sum(map(len, plain.numbers.values()))
    return f"{count} numbers, largest difference {furthest:.0e}"


def _expect_close(one: list[float], other: list[float], most: float, name: str) -> float:
    """Give the largest difference as a share of the largest number."""
    expect(len(one) == len(other), f"{name}: {len(one)} numbers here, {len(other)} there.")
    expect(all(map(math.isfinite, [*one, *other])), f"{name}: not every number is finite.")
    size = max(map(abs, other))
    furthest = max(abs(a - b) for a, b in zip(one, other, strict=True)) / size
    expect(furthest <= most, f"{name} differ by {furthest:.1e} of the largest number, more than {most:.0e}.")
    return furthest


def _scores_again(said: Any) -> list[float]:
    """Judge the exported file by its own weights on the same windows."""
    (about,) = said("info", "p.tsrnn")
    windows = about["experiment"]["windowing"]
    on = ("--scaling", str(windows["scaling"]), "--split", str(windows["split"]))
    told = said("train", "sample:sunspots", "--model", "k.keras", "--saved-weights", *on)
    return [float(told[-1]["scores"][name]) for name in _SCORES]


def _by_numpy_alone(folder: Path) -> list[float]:
    """Run the exported program as its user would, on the series that lies beside the exported script."""
    command = [sys.executable, "-I", "n.py", "s_series.csv", "--steps", _STEPS]
    header, *rows = _output(command, {}, folder).splitlines()
    expect(header.startswith("step,"), f"The numpy export printed {header!r}.")
    return [float(row.split(",")[1]) for row in rows]


def _objects(command: Sequence[str], env: dict[str, str], folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _output(command, env, folder).splitlines() if line.startswith("{")]


def _output(command: Sequence[str], env: dict[str, str], folder: Path) -> str:
    done = subprocess.run(
        command, env=env, cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    words = " ".join([Path(command[0]).name, *command[1:]])
    expect(done.returncode == 0, f"{words} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout
