"""Garbage is collected in the window's thread, however busy others are."""

from __future__ import annotations

import gc
import threading

import pytest

from tsrnn_gui.app.garbage import GarbageCollecting, collect_due


class Knot:
    """A cycle that tells in which thread it was freed."""

    def __init__(self, freed: list[int]) -> None:
        self.myself, self.freed = self, freed

    def __del__(self) -> None:
        self.freed.append(threading.get_ident())


def rubbish() -> None:
    """Leave more than every threshold of the collector."""
    for _ in range(300_000):
        cycle: list[object] = []
        cycle.append(cycle)


@pytest.fixture
def collecting(qapp):
    gc.enable()
    made = GarbageCollecting()
    yield made
    made.deleteLater()


def test_that_another_threads_rubbish_frees_nothing_of_this_one(qtbot, collecting):
    freed: list[int] = []
    Knot(freed)
    worker = threading.Thread(target=rubbish)
    worker.start()
    worker.join()
    assert not freed
    qtbot.waitUntil(lambda: bool(freed), timeout=10_000)
    assert freed == [threading.get_ident()]


def test_that_older_generations_are_due_less_often(qapp):
    gc.disable()
    gc.collect()
    seen: list[int] = []

    def told(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            seen.append(info["generation"])

    gc.callbacks.append(told)
    try:
        for _ in range(200):
            kept = [[] for _ in range(2 * gc.get_threshold()[0])]
            collect_due()
            del kept
    finally:
        gc.callbacks.remove(told)
    assert seen.count(0) > seen.count(1) > seen.count(2) > 0
