"""How fast the engine is against the lesson's script and PyTorch: ``python -m tests.bench``.

Every run times all contestants in turn on the same machine; the table gives medians and ratios.
PyTorch may live in another environment: ``--torch PYTHON``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.engine_run import Timed, peak_bytes, stop_s, timed, week3
from tsrnn_gui.wire.client import Engine

_HERE = Path(__file__).parent
_QUIET = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
STACKS = {"simple-rnn": (10.0, 3.0), "bilstm": (8.0, 3.0), "bilstm-2": (5.0, 1.8)}
TORCH_EPOCHS = 15


def main() -> None:
    """Run the contest and print it as a table."""
    asked = _asked()
    print(f"{asked.epochs} epochs of course-week3, {asked.runs} runs in turn, {os.cpu_count()} cores\n")
    heads = "stack|lesson's script|tsrnn|retrained|ratio|wanted|epoch|PyTorch|ratio|wanted"
    print(f"| {heads.replace('|', ' | ')} |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for stack, wanted in STACKS.items():
        print(_row(stack, asked, wanted), flush=True)
    if asked.memory:
        print("\n" + _memory())


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--torch", default=sys.executable, help="a Python that can import torch")
    parser.add_argument("--memory", action="store_true", help="measure 10 million rows too (Linux)")
    return parser.parse_args()


def _row(stack: str, asked: argparse.Namespace, wanted: tuple[float, float]) -> str:
    script, first, again, torch = [], [], [], []
    for _ in range(asked.runs):
        script.append(_script_s(stack, asked.epochs))
        cold, warm, _ = _ours(stack, asked.epochs)
        first.append(cold)
        again.append(warm)
        torch.append(_torch_s(stack, asked.torch))
    whole = statistics.median(a / b.whole_s for a, b in zip(script, first, strict=True))
    lines = [f"{statistics.median(script):.1f} s", f"{statistics.median(t.whole_s for t in first):.1f} s"]
    lines += [f"{statistics.median(t.whole_s for t in again):.1f} s", f"**{whole:.1f}×**", f"{wanted[0]:g}×"]
    lines += [f"{1e3 * statistics.median(t.epoch_s for t in first):.0f} ms"]
    found = [(a, b.epoch_s) for a, b in zip(torch, first, strict=True) if a is not None]
    if found:
        epoch = statistics.median(a / b for a, b in found)
        lines += [f"{1e3 * statistics.median(a for a, _ in found):.0f} ms", f"**{epoch:.1f}×**"]
    else:
        lines += ["–", "–"]
    return f"| {stack} | " + " | ".join([*lines, f"{wanted[1]:g}×"]) + " |"


def _script_s(stack: str, epochs: int) -> float:
    """Time the lesson's script as a whole process."""
    begun = time.perf_counter()
    command = [sys.executable, str(_HERE / "course_script.py"), stack, str(epochs)]
    subprocess.run(command, check=True, env=_QUIET, capture_output=True)
    return time.perf_counter() - begun


def _ours(stack: str, epochs: int) -> tuple[Timed, Timed, float]:
    """Time a warm engine that has not seen the design, the same again, and a stop."""
    engine = Engine()
    engine.start()
    engine.wait_ready()
    try:
        cold, warm = (timed(engine, stack, epochs, week3(), run) for run in ("first", "again"))
        return cold, warm, stop_s(engine, stack, week3())
    finally:
        engine.close()


def _torch_s(stack: str, python: str) -> float | None:
    """Give the median epoch of the PyTorch loop, None where there is no PyTorch."""
    command = [python, str(_HERE / "torch_loop.py"), stack, str(TORCH_EPOCHS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr.strip().splitlines()[-1], file=sys.stderr)
        return None
    return float(done.stdout)


def _memory() -> str:
    rows = 10_000_000
    above = peak_bytes(rows) - peak_bytes(100_000)
    times = above / (8 * rows)
    return f"{rows:,} rows: {above / 1e6:.0f} MB above a short series, {times:.1f} × the series' bytes"


if __name__ == "__main__":
    main()
