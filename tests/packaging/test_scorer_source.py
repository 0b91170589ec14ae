"""The numpy scorer's text goes with the engine, where it is read for an export."""

from __future__ import annotations

from shell import ROOT

from tsrnn_gui.core import scorer_files


def test_that_the_bundle_holds_the_scorers_text_where_the_engine_reads_it():
    spec = (ROOT / "packaging" / "tsrnn_gui.spec").read_text("utf-8")
    place = "tsrnn_gui/core/numpy_scorer.py"
    assert f'SCORER = "{place}"' in spec
    assert "engine.datas.append((SCORER, str(ROOT / SCORER)" in spec
    assert scorer_files.scorer_source() == (ROOT / place).read_bytes()


def test_that_the_scorer_stands_alone():
    text = scorer_files.scorer_source().decode()
    assert "tsrnn_gui" not in text
    assert "allow_pickle=False" in text
    assert len(text.splitlines()) < 400
