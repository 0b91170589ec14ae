"""Engines that are a few lines of Python: each says one thing, most of them wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest

from tsrnn_gui.wire.client import Engine

_PRELUDE = """
import os, sys, time, signal
from tsrnn_gui.wire.frames import read_frame, write_frame
from tsrnn_gui.wire.messages import *
out, inn = sys.stdout.buffer, sys.stdin.buffer
def say(event): write_frame(out, encoded(event))
def hear(): return decoded_request(read_frame(inn))
def ready(): say(Ready(tensorflow="-", keras="-", cores=1, pid=os.getpid()))
"""


@pytest.fixture
def engine_saying() -> Iterator[Callable[[str], Engine]]:
    """Start an engine that runs ``script`` after the words it needs."""
    made: list[Engine] = []

    def start(script: str) -> Engine:
        engine = Engine([sys.executable, "-c", _PRELUDE + script])
        made.append(engine)
        engine.start()
        return engine

    yield start
    for engine in made:
        engine.kill()
