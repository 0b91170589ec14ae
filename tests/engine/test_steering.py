"""Stops are waited for patiently, and all the waiting for one counts together."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tsrnn_gui.engine import steering
from tsrnn_gui.wire.messages import Stop


def test_that_patience_begins_with_the_stop_and_ends_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(steering.time, "perf_counter", lambda: clock.now)
    steered = steering.Steering()
    assert not steered.impatient("run")
    steered.heard(Stop("run"))
    clock.now += 0.29
    assert not steered.impatient("run")
    steered.heard(Stop("run"))  # asked again, which begins nothing anew
    clock.now += 0.02
    assert steered.impatient("run") and not steered.impatient("run", times=2)
    assert not steered.impatient("another")
    clock.now += 0.3
    assert steered.impatient("run", times=2)
    steered.forget("run")
    assert not steered.impatient("run")
