"""The engine as its own process: clean wire, serves on after failures, ends with its window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.layers import GRU, LSTM, Dense, ExpandDims
from tsrnn_gui.wire.client import Engine
from tsrnn_gui.wire.messages import Array, Data, Describe, EpochEnded, Failed, Finished, Progress, Train

STACK = (GRU(6), Dense(1))


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """One process for all tests of this file; none of them may break it."""
    made = Engine()
    made.start()
    made.wait_ready()
    yield made
    made.close()


def _data(values: Any) -> Data:
    return Data(Array.of(values), ("a",))


def _train(run: str, experiment: Experiment, values: Any) -> Train:
    return Train(run, experiment=experiment, data=_data(values), future_steps=3)


def test_that_it_says_who_it_is(engine: Engine) -> None:
    assert engine.ready is not None
    assert engine.ready.pid == engine.pid
    assert engine.ready.tensorflow.startswith("2.")


@pytest.mark.skipif(os.name != "posix", reason="asks for niceness")
def test_that_it_lets_windows_go_first(engine: Engine) -> None:
    assert engine.pid is not None
    assert os.getpriority(os.PRIO_PROCESS, engine.pid) > os.getpriority(os.PRIO_PROCESS, 0)


def test_that_a_run_comes_through_the_pipe_whole(engine: Engine, make: Any, waves: Any) -> None:
    kinds = [type(e).__name__ for e in engine.ask(_train("whole", make(STACK), waves))]
    assert kinds[0] == "Started"
    assert kinds[-3:] == ["Checkpoint", "ForecastMade", "Finished"]
    assert kinds.count("EpochEnded") == 3


def test_that_every_failure_is_a_sentence_and_the_engine_serves_on(
    engine: Engine, make: Any, waves: Any
) -> None:
    holes = waves.copy()
    holes[3] = np.nan
    asked = {
        "missing": _train("a", make(STACK), holes),
        "no column": _train("b", make(STACK, {"inputs": ("z",)}), waves),
        "no window": _train("c", make(STACK, {"split": 3}), waves),
        "no fit": _train("d", make((Dense(4), GRU(3), GRU(3))), waves),
    }
    for name, request in asked.items():
        *_, last = engine.ask(request)
        assert isinstance(last, Failed), name
        assert last.text
        assert last.text.count("\n") == 0
        assert not last.engine_gone
    *_, last = engine.ask(_train("after", make(STACK), waves))
    assert isinstance(last, Finished)


def test_that_a_stop_ends_a_long_run(engine: Engine, make: Any, waves: Any) -> None:
    for event in engine.ask(_train("long", make(STACK, epochs=100_000), waves)):
        if isinstance(event, EpochEnded) and event.epoch == 5:
            engine.stop_run("long")
    assert isinstance(event, Finished)
    assert event.reason == "stopped"
    assert event.epochs_done < 100_000


def test_that_a_stop_while_compiling_ends_at_once_and_the_next_run_is_whole(
    engine: Engine, make: Any, waves: Any
) -> None:
    design = make((LSTM(7, bidirectional=True), Dense(1)), epochs=2_000)
    for event in engine.ask(_train("compiling", design, waves)):
        if isinstance(event, Progress):
            engine.stop_run("compiling")
    assert isinstance(event, Finished)
    assert event.epochs_done == 0
    *_, last = engine.ask(_train("whole after", make((LSTM(7, bidirectional=True), Dense(1))), waves))
    assert isinstance(last, Finished)
    assert last.epochs_done == 3


def test_that_keras_shapes_and_refusals_are_described(engine: Engine) -> None:
    from tsrnn_gui.core.windows import Windowing

    course = Windowing(features_axis=False)
    (answer,) = engine.ask(Describe("d", experiment=Experiment(course, (ExpandDims(), GRU(4), Dense(2)))))
    assert (answer.shapes, answer.weights) == (((20, 1), (4,), (2,)), (0, 84, 10))
    (refused,) = engine.ask(Describe("e", experiment=Experiment(course, (GRU(4),))))
    assert refused.error


def test_that_what_libraries_print_stays_off_the_wire() -> None:
    """Only the frame of Ready may come out of stdout, though something prints at once."""
    script = "import sys; sys.argv = ['engine']; import tsrnn_gui.engine.__main__ as m; r, e = m._wire(); "
    script += "print('chatter'); import os; os.write(1, b'more'); e.write(b'frame'); e.flush()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == b"frame"
    assert b"chatter" in done.stderr
    assert b"more" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_that_the_engine_is_gone_soon_after_its_window_even_while_it_trains(make: Any, waves: Any) -> None:
    lonely = Engine()
    lonely.start()
    events = lonely.ask(_train("left", make(STACK, epochs=1_000_000), waves))
    while not isinstance(next(events), EpochEnded):
        pass
    lonely.close(timeout=30.0)
    assert lonely._process is not None
    assert lonely._process.returncode == 0  # it went by itself; a kill would say −9


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_that_after_a_kill_the_last_checkpoint_resumes_to_the_same_curve(
    engine: Engine, make: Any, waves: Any, pick: Any
) -> None:
    design = make(STACK, epochs=400)
    whole = {e.epoch: e.loss for e in engine.ask(_train("w", design, waves)) if isinstance(e, EpochEnded)}
    victim = Engine()
    victim.start()
    seen: list[Any] = []
    for event in victim.ask(_train("v", design, waves)):
        seen.append(event)
        if isinstance(event, EpochEnded) and event.epoch == 30:
            os.kill(victim.pid or 0, signal.SIGKILL)
    assert isinstance(seen[-1], Failed)
    assert seen[-1].engine_gone
    state = pick(seen, "Checkpoint")[-1].state
    asked = Train("again", experiment=design, data=_data(waves), resume=state)
    rest = {e.epoch: e.loss for e in engine.ask(asked) if isinstance(e, EpochEnded)}
    assert len(rest) > 300
    assert max(rest) == 399
    assert rest == {epoch: whole[epoch] for epoch in rest}
