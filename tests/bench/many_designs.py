"""What one engine holds while it trains one design after another: ``python -m tests.bench.many_designs``.

Prints the resident memory after each design and the growth a design over the second half.
"""

from __future__ import annotations

import argparse

import msgspec
import numpy as np

from tests.bench.engine_run import experiment, week3
from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.layers import LSTM, SimpleRNN
from tsrnn_gui.wire.client import Engine
from tsrnn_gui.wire.messages import Array, Data, Failed, Finished, Train

_PRESETS = ("simple-rnn", "bilstm", "bilstm-2", "recommended")


def main() -> None:
    """Train ``--designs`` designs that differ in their units, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.many_designs", description=__doc__)
    parser.add_argument("--designs", type=int, default=40)
    parser.add_argument("--epochs", type=int, default=20)
    asked = parser.parse_args()
    engine = Engine()
    engine.start()
    engine.wait_ready()
    data = Data(Array.of(week3()), ("v",))
    held: list[float] = []
    try:
        for nth in range(asked.designs):
            request = Train(f"d{nth}", experiment=design(nth, asked.epochs), data=data)
            for event in engine.ask(request):
                if isinstance(event, Failed):
                    raise SystemExit(f"{event.text}\n{event.details}")
                if isinstance(event, Finished):
                    held.append(event.memory_bytes / 1e6)
                    print(f"design {nth + 1:3}  {held[-1]:7.0f} MB", flush=True)
    finally:
        engine.close()
    half = len(held) // 2
    slope = np.polyfit(np.arange(half, len(held)), held[half:], 1)[0]
    print(f"{asked.designs} designs: {held[0]:.0f} → {held[-1]:.0f} MB, {slope:+.1f} MB a design at the end")


def design(nth: int, epochs: int) -> Experiment:
    """Give the ``nth`` design: a preset whose recurrent layers have other units each time round."""
    made = experiment(_PRESETS[nth % len(_PRESETS)], epochs)
    more = nth // len(_PRESETS)
    stack = tuple(
        msgspec.structs.replace(layer, units=layer.units + more)
        if isinstance(layer, LSTM | SimpleRNN) or hasattr(layer, "return_sequences")
        else layer
        for layer in made.stack
    )
    return msgspec.structs.replace(made, stack=stack)


if __name__ == "__main__":
    main()
