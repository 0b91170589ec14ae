"""Threads and programs that go last."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from tsrnn_gui.engine.processor import wait_behind


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux weighs threads")
def test_that_only_the_thread_which_says_so_waits_behind() -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    found = []
    before = niceness()
    thread = threading.Thread(target=lambda: (wait_behind(), found.append(niceness())))
    thread.start()
    thread.join()
    assert found == [19]
    assert niceness() == before
