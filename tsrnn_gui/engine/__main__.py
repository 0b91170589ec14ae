"""The engine's entry: keeps the wire clean of chatter, warms TensorFlow up, then serves."""

import multiprocessing

if __name__ == "__main__":
    multiprocessing.freeze_support()

import os
import sys
from typing import BinaryIO


def _wire() -> tuple[BinaryIO, BinaryIO]:
    """Take the pipes; whatever a library prints from now on goes to stderr."""
    frames = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return sys.stdin.buffer, frames


def main() -> None:
    """Serve requests from stdin until it ends."""
    requests, events = _wire()
    from tsrnn_gui.engine import processor

    processor.step_back()
    processor.configure()
    from tsrnn_gui.engine.server import serve

    serve(requests, events)


if __name__ == "__main__":
    main()
