"""An engine that holds too much memory is replaced by one that was warmed up beside it."""

from __future__ import annotations

from functools import partial

import pytest

from tests.conftest import play
from tsrnn_gui.app.spare_engine import MOST_BYTES, SpareEngine, bound
from tsrnn_gui.app.trainer import Trainer

GB = 10**9


@pytest.fixture
def made():
    return []


@pytest.fixture
def hoarding(qtbot, made):
    """A trainer whose engine says after its n-th run that it holds n GB, and may hold 1.2."""

    def make():
        made.append(play("hoards"))
        return made[-1]

    trainer = Trainer(make_engine=make, most_bytes=int(1.2 * GB))
    yield trainer
    trainer.shutdown()
    assert not any(engine.alive for engine in made)


def trained(qtbot, trainer, document):
    with qtbot.waitSignal(trainer.run_ended, timeout=15_000) as got:
        trainer.train(document)
    return got.args[0]


def test_that_a_spare_takes_over_while_nothing_runs_and_the_old_engine_ends(qtbot, hoarding, document, made):
    trained(qtbot, hoarding, document)
    assert len(made) == 1
    trained(qtbot, hoarding, document)
    qtbot.waitUntil(lambda: len(made) == 2 and not made[0].alive, timeout=10_000)
    assert hoarding.state == "ready" and hoarding._engine is made[1]
    log = trained(qtbot, hoarding, document)
    assert log.ending.reason == "completed" and log.ending.memory_bytes == GB


def test_that_a_run_goes_on_where_it_began_and_the_spare_waits_for_its_end(
    qtbot, hoarding, long_document, made
):
    for _ in range(2):
        with qtbot.waitSignal(hoarding.run_ended, timeout=15_000):
            long_document.edit_plan("few", epochs=3)
            hoarding.train(long_document)
    long_document.edit_plan("many", epochs=10_000)
    hoarding.train(long_document)
    serving = hoarding._engine
    qtbot.waitUntil(lambda: len(made) == 2 and made[1].ready is not None, timeout=10_000)
    qtbot.waitUntil(lambda: len(hoarding.shown.epochs) > 3, timeout=10_000)
    assert hoarding._engine is serving and serving.alive
    with qtbot.waitSignal(hoarding.run_ended, timeout=10_000) as got:
        hoarding.stop()
    assert got.args[0].ending.reason == "stopped"
    qtbot.waitUntil(lambda: hoarding._engine is made[-1] and not made[0].alive, timeout=10_000)


def test_that_an_engine_that_needs_much_from_the_first_run_on_is_left_until_it_has_grown(qtbot):
    made = []
    spare = SpareEngine(lambda: made.append(play("mute")) or made[-1], most_bytes=GB)
    for held in (2.0, 2.9):
        spare.consider(int(held * GB))
        assert not made
    spare.consider(int(3.1 * GB))
    assert len(made) == 1
    spare.consider(int(4.0 * GB))
    assert len(made) == 1
    spare.shutdown()


def test_that_a_spare_that_does_not_start_leaves_the_engine_that_serves(qtbot, document):
    engines = [play("hoards"), play("stillborn")]
    trainer = Trainer(make_engine=partial(engines.pop, 0), most_bytes=int(1.2 * GB))
    told = []
    trainer.failed.connect(told.append)
    for _ in range(2):
        trained(qtbot, trainer, document)
    qtbot.waitUntil(lambda: not engines and trainer._spare._starter is None, timeout=10_000)
    assert trainer.state == "ready" and trainer._engine.alive
    assert not told
    trainer.shutdown()


def test_that_the_bound_is_three_gigabytes_at_most():
    assert 0 < bound() <= MOST_BYTES
