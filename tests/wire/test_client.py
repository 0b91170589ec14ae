"""The client outlives its engine, whatever that does."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable

import pytest

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.wire.client import Engine
from tsrnn_gui.wire.messages import Describe, Event, Failed, Finished, Progress

Saying = Callable[[str], Engine]
ASKED = Describe("run", experiment=Experiment())
posix = pytest.mark.skipif(os.name != "posix", reason="signals")


def _last(engine: Engine, within_s: float = 5.0) -> Failed:
    """Ask, and give the failure that must end the answer in time."""
    begun = time.monotonic()
    events: list[Event] = list(engine.ask(ASKED))
    assert time.monotonic() - begun < within_s
    assert all(event.run == "run" for event in events)
    assert isinstance(events[-1], Failed)
    return events[-1]


def test_that_an_engine_that_dies_at_once_is_reported_with_its_last_words(engine_saying: Saying) -> None:
    failed = _last(engine_saying("print('no such instruction', file=sys.stderr); sys.exit(3)"))
    assert "exit code 3" in failed.text
    assert "no such instruction" in failed.details
    assert failed.engine_gone


def test_that_waiting_for_an_engine_that_dies_raises_in_words(engine_saying: Saying) -> None:
    with pytest.raises(TsrnnError, match="exit code 4"):
        engine_saying("sys.exit(4)").wait_ready()


def test_that_an_engine_that_cannot_be_started_is_an_error_with_a_hint() -> None:
    with pytest.raises(TsrnnError, match="could not be started") as caught:
        Engine(["/nowhere/tsrnn-engine"]).start()
    assert caught.value.hint


@pytest.mark.parametrize(
    "garbage",
    [
        "out.write(b'Hello, I am a library and print to stdout\\n' * 50)",
        "write_frame(out, b'\\xff\\xff\\xff\\xff\\xff')",
        "write_frame(out, b'\\x81\\xa4type\\xa7unknown')",
        "write_frame(out, encoded(Stop('run')))",
        "out.write(b'\\xf5ts\\x1f\\xff\\xff\\xff\\xff' + b'x' * 1000)",
    ],
    ids=["chatter", "no message", "unknown event", "a request", "a huge frame"],
)
def test_that_nonsense_on_the_wire_ends_the_engine_with_one_message(
    engine_saying: Saying, garbage: str
) -> None:
    engine = engine_saying(f"ready(); hear(); {garbage}; out.flush(); time.sleep(60)")
    failed = _last(engine)
    assert "cannot be understood" in failed.text
    assert not engine.alive


def test_that_half_a_frame_before_the_end_is_one_message(engine_saying: Saying) -> None:
    half = "out.write(b'\\xf5ts\\x1f\\x64\\x00\\x00\\x00half')"
    engine = engine_saying(f"ready(); hear(); {half}; out.flush(); sys.exit(0)")
    assert _last(engine).engine_gone


@posix
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_that_an_engine_killed_while_it_trains_is_told_after_the_events_it_sent(
    engine_saying: Saying, number: int
) -> None:
    engine = engine_saying(
        "ready(); r = hear()\n"
        "for i in range(3): say(Progress(r.run, epoch=i, step=0, steps=9))\n"
        f"os.kill(os.getpid(), {int(number)})"
    )
    events = list(engine.ask(ASKED))
    assert [type(event) for event in events] == [Progress, Progress, Progress, Failed]
    assert f"signal {int(number)}" in str(events[-1])
    assert "memory" in str(events[-1]) if number == signal.SIGKILL else True


def test_that_an_engine_dead_before_the_question_is_an_answer_too(engine_saying: Saying) -> None:
    engine = engine_saying("ready(); sys.exit(5)")
    engine.wait_ready()
    time.sleep(0.2)
    assert "exit code 5" in _last(engine).text
    engine.stop_run("run")
    engine.pause("run")


def test_that_events_of_another_run_are_passed_over(engine_saying: Saying) -> None:
    engine = engine_saying(
        "ready(); r = hear(); say(Finished('old', reason='stopped', epochs_done=1, best_epoch=None))\n"
        "say(Finished(r.run, reason='completed', epochs_done=2, best_epoch=1)); hear()"
    )
    events = list(engine.ask(ASKED))
    assert [event.run for event in events] == ["run"]
    assert isinstance(events[0], Finished)


def test_that_a_stop_said_by_another_thread_reaches_an_engine_at_work(engine_saying: Saying) -> None:
    engine = engine_saying(
        "ready(); r = hear(); say(Progress(r.run, epoch=0, step=0, steps=1)); s = hear()\n"
        "say(Finished(s.run, reason='stopped', epochs_done=0, best_epoch=None)); hear()"
    )
    events = []
    for event in engine.ask(ASKED):
        events.append(event)
        if isinstance(event, Progress):
            threading.Thread(target=engine.stop_run, args=("run",)).start()
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "stopped"


def test_that_closing_ends_an_engine_that_listens_and_one_that_does_not(engine_saying: Saying) -> None:
    listening, deaf = engine_saying("ready(); read_frame(inn)"), engine_saying("ready(); time.sleep(60)")
    for engine in (listening, deaf):
        engine.wait_ready()
        engine.close(timeout=1.0)
        assert not engine.alive
    Engine([sys.executable]).close()


def test_that_a_talkative_engine_does_not_block_on_its_own_stderr(engine_saying: Saying) -> None:
    engine = engine_saying(
        "ready(); r = hear(); sys.stderr.write('noise\\n' * 200_000); sys.stderr.flush()\n"
        "say(Described(r.run)); read_frame(inn)"
    )
    assert type(next(iter(engine.ask(ASKED)))).__name__ == "Described"
