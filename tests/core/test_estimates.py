"""What is told of a run before it begins."""

import msgspec

from tsrnn_gui.core.estimates import memory_bytes, same_work
from tsrnn_gui.core.experiment import verdict
from tsrnn_gui.core.presets import PRESETS
from tsrnn_gui.core.schedules import Cosine

LESSON = msgspec.structs.replace(
    PRESETS[1].experiment,
    windowing=msgspec.structs.replace(PRESETS[1].experiment.windowing, inputs=("v",), targets=("v",)),
)


def _memory(experiment, rows=1000):
    return memory_bytes(experiment, verdict(experiment), rows)


def test_that_more_of_anything_needs_more_memory():
    windowing, plan = LESSON.windowing, LESSON.plan
    longer = msgspec.structs.replace(windowing, window=2 * windowing.window)
    larger = msgspec.structs.replace(plan, batch=2 * plan.batch)
    grown = msgspec.structs.replace(LESSON.stack[1], units=80)
    stack = (LESSON.stack[0], grown, *LESSON.stack[2:])
    least = _memory(LESSON)
    assert _memory(msgspec.structs.replace(LESSON, windowing=longer)) > least
    assert _memory(msgspec.structs.replace(LESSON, plan=larger)) > least
    assert _memory(msgspec.structs.replace(LESSON, stack=stack)) > least
    assert _memory(LESSON, rows=100_000) - least >= 2 * 8 * 99_000


def test_that_nothing_is_said_of_a_stack_that_does_not_fit():
    assert _memory(msgspec.structs.replace(LESSON, stack=LESSON.stack[1:])) is None


def test_that_the_rate_does_not_matter_to_an_epoch_but_the_batch_does():
    rate = msgspec.structs.replace(LESSON.plan, learning_rate=0.5, schedule=Cosine(), seed=7)
    batch = msgspec.structs.replace(LESSON.plan, batch=7)
    assert same_work(LESSON, msgspec.structs.replace(LESSON, plan=rate))
    assert not same_work(LESSON, msgspec.structs.replace(LESSON, plan=batch))
