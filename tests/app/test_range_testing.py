"""The range test's threads and engines, with an engine without TensorFlow."""

from __future__ import annotations

from functools import partial

import pytest

from tests.conftest import play
from tsrnn_gui.app.range_testing import RangeTesting
from tsrnn_gui.core.range_test import RangeTest

SHORT = RangeTest(1e-5, 4.0, 12)


@pytest.fixture
def testing(qtbot):
    made = RangeTesting(make_engine=lambda: engines.pop(0))
    engines = [play() for _ in range(5)]
    yield made
    made.shutdown()


def tested(qtbot, testing, document, test=SHORT, state="completed"):
    with qtbot.waitSignal(testing.state_changed, check_params_cb=lambda s: s == state, timeout=15_000):
        testing.start(document.project.series, document.project.experiment, test)


def test_that_every_epoch_arrives_with_its_rate(qtbot, testing, document):
    tested(qtbot, testing, document)
    rates, losses = testing.curves.curve(0)
    assert rates == pytest.approx(SHORT.rates())
    assert (losses > 0).all()


def test_that_several_seeds_each_have_an_engine(qtbot, testing, document):
    tested(qtbot, testing, document, RangeTest(1e-5, 4.0, 6, seeds=3))
    assert testing.curves.done == 18


def test_that_nothing_is_recorded_and_nothing_edited(qtbot, testing, document):
    before = document.project
    tested(qtbot, testing, document)
    assert not document.file.runs()
    assert document.project is before


def test_that_stop_keeps_what_was_drawn_and_ends_the_engine(qtbot, document):
    engine = play("good", 0.02)
    testing = RangeTesting(make_engine=lambda: engine)
    testing.start(document.project.series, document.project.experiment, RangeTest(epochs=5000))
    qtbot.waitUntil(lambda: testing.curves.done >= 2, timeout=10_000)
    testing.stop()
    assert testing.state == "stopped"
    assert testing.curves.done >= 2
    qtbot.waitUntil(lambda: not engine.alive, timeout=5000)
    testing.shutdown()


def test_that_an_explosion_ends_the_test_and_its_curve(qtbot, document):
    testing = RangeTesting(make_engine=partial(play, "explodes"))
    tested(qtbot, testing, document, state="exploded")
    assert testing.curves.exploded_at() == pytest.approx(SHORT.rates()[3])
    testing.shutdown()


@pytest.mark.parametrize("scene", ["dies", "refuses", "stillborn"])
def test_that_a_failure_is_told_once_and_ends_all_seeds(qtbot, document, scene):
    testing = RangeTesting(make_engine=partial(play, scene))
    told = []
    testing.failed.connect(told.append)
    tested(qtbot, testing, document, RangeTest(1e-5, 4.0, 12, seeds=3), state="failed")
    testing.shutdown()
    assert len(told) == 1


def test_that_shutdown_while_the_engine_starts_leaves_no_thread(qtbot, document):
    engine = play("mute")
    testing = RangeTesting(make_engine=lambda: engine)
    testing.start(document.project.series, document.project.experiment, SHORT)
    testing.shutdown()
    assert testing.state == "stopped"
    assert not engine.alive


def test_that_a_second_test_follows_a_stopped_one(qtbot, document):
    testing = RangeTesting(make_engine=play)
    testing.start(document.project.series, document.project.experiment, RangeTest(epochs=5000))
    testing.stop()
    tested(qtbot, testing, document)
    assert testing.curves.done == SHORT.epochs
    testing.shutdown()
