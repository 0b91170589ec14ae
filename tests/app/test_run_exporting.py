"""A run taken away: the engine makes it, the files are all there or none, and what came of it is said."""

from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest
from PySide6.QtCore import QThread

from tsrnn_gui.app.run_exporting import (
    CODE_EXPORTS,
    MODEL_FORMATS,
    RunExporting,
    Taken,
    code_written,
    model_written,
)
from tsrnn_gui.core.past import Past, Stretch
from tsrnn_gui.core.problems import TsrnnError

KERAS, ONNX = (next(form for form in MODEL_FORMATS if form.key == key) for key in ("keras", "onnx"))


@pytest.fixture
def trained(qtbot, make_trainer, document):
    """A trainer whose run has ended, and that run as it is taken away."""
    trainer = make_trainer()
    with qtbot.waitSignal(trainer.run_ended, timeout=15_000) as got:
        trainer.train(document)
    return trainer, Taken.of(got.args[0], b"weights", 12)


def _lent(qtbot, trainer, form, run, path):
    """Lend the engine to an export; give what was said in the end, a sentence or an error."""
    said, states, kept = [], [], []
    trainer.state_changed.connect(states.append)

    def make(engine):
        working = RunExporting(partial(model_written, form, run, path, engine))
        working.done.connect(said.append)
        working.failed.connect(said.append)
        kept.append(working)
        return working

    assert trainer.lend(make)
    qtbot.waitUntil(lambda: bool(said) and trainer.state == "ready", timeout=10_000)
    assert states == ["exporting", "ready"]
    return said[0]


def test_that_a_network_is_written_with_its_note_and_the_agreement_is_said(qtbot, trained, tmp_path):
    trainer, run = trained
    said = _lent(qtbot, trainer, KERAS, run, tmp_path / "m.keras")
    assert said == (
        "Exported m.keras and m.keras.json. Opened again on 96 windows: differs by 2e-07 at most."
    )
    assert (tmp_path / "m.keras").read_bytes() == b"weights"
    assert (tmp_path / "m.keras.json").read_bytes() == b"{}"


def test_that_a_refusal_of_the_engine_leaves_the_old_file_and_the_engine_as_they_were(
    qtbot, trained, tmp_path
):
    (tmp_path / "m.onnx").write_bytes(b"old")
    trainer, run = trained
    said = _lent(qtbot, trainer, ONNX, run, tmp_path / "m.onnx")
    assert isinstance(said, TsrnnError)
    assert (said.text, said.hint) == ("tf2onnx is not installed.", "Install it.")
    assert [path.name for path in tmp_path.glob("m*")] == ["m.onnx"]
    assert (tmp_path / "m.onnx").read_bytes() == b"old"


def test_that_a_folder_that_is_not_there_is_told(qtbot, trained, tmp_path):
    trainer, run = trained
    said = _lent(qtbot, trainer, KERAS, run, tmp_path / "gone" / "m.keras")
    assert isinstance(said, TsrnnError)
    assert "folder is not there" in said.hint


def test_that_a_busy_or_starting_engine_is_not_lent(make_trainer):
    trainer = make_trainer()
    assert not trainer.lend(lambda engine: pytest.fail("nothing is to be made"))
    trainer.start()
    assert not trainer.lend(lambda engine: pytest.fail("nothing is to be made"))


@pytest.mark.parametrize("entry", CODE_EXPORTS, ids=lambda entry: entry.key)
def test_that_code_is_written_with_the_series_that_it_reads(trained, tmp_path, entry):
    _, run = trained
    said = code_written(entry, run, tmp_path / f"go{entry.suffix}")
    assert said == f"Exported go{entry.suffix}, which reads go_series.csv beside it."
    assert "go_series.csv" in (tmp_path / f"go{entry.suffix}").read_text("utf-8")
    assert len((tmp_path / "go_series.csv").read_text("utf-8").splitlines()) == 1 + len(run.series)


def test_that_a_run_that_no_single_plan_comes_to_has_no_script(trained, tmp_path):
    _, run = trained
    changed = replace(run, past=Past((Stretch(run.experiment.plan, 3),)))
    with pytest.raises(TsrnnError, match="another plan up to epoch 3"):
        code_written(CODE_EXPORTS[0], changed, tmp_path / "go.py")
    with pytest.raises(TsrnnError, match="No epoch"):
        code_written(CODE_EXPORTS[0], replace(run, trained=0), tmp_path / "go.py")
    assert not list(tmp_path.glob("go*"))


def test_that_the_end_waits_for_the_thread_that_has_the_engine(qtbot, make_trainer):
    trainer = make_trainer("good")
    trainer.start()
    qtbot.waitUntil(lambda: trainer.state == "ready", timeout=20_000)
    lent = []

    class Reading(QThread):
        def run(self):
            with suppress(Exception):
                lent[0].wait_ready()
                lent[0]._next()  # nothing comes until the engine ends

    def make(engine):
        lent.append(engine)
        return Reading(trainer)

    assert trainer.lend(make)
    borrower = trainer._borrower
    trainer.shutdown()
    assert borrower.isFinished()
