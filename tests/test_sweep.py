"""``tsrnn sweep`` with the real engine, and what it refuses without one."""

from __future__ import annotations

import json

import pytest

from tsrnn_gui.cli import main


def test_that_two_seeds_are_swept_and_the_suggestions_come_last(capsys):
    arguments = ["sample:nile_annual", "--model", "preset:recommended", "--window", "4", "--seeds", "2"]
    code = main(["sweep", *arguments, "--start", "1e-4", "--factor", "2", "--epochs", "3", "--json"])
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 0
    epochs = [event for event in events if event["event"] == "epoch"]
    assert sorted((e["seed"], e["epoch"]) for e in epochs) == [(s, e) for s in (0, 1) for e in range(3)]
    rates = [e["lr"] for e in epochs if e["seed"] == 1]
    assert rates == pytest.approx([1e-4, 10**-3.5, 1e-3])
    ending = events[-1]
    assert (ending["event"], ending["reason"], ending["epochs_done"]) == ("finished", "completed", 6)
    assert set(ending["suggestions"]) == {"valley", "minimum_over_10"}
    assert "unstable_edge" in ending


@pytest.mark.parametrize("option", [("--seeds", "9"), ("--start", "-1"), ("--factor", "0")])
def test_that_numbers_out_of_bounds_are_refused_in_a_sentence(capsys, option):
    code = main(["sweep", "sample:nile_annual", *option])
    captured = capsys.readouterr()
    assert code == 1
    assert "must be" in captured.err and "Traceback" not in captured.err


def test_that_a_sweep_by_batch_takes_a_step_a_rate_and_draws_its_picture(capsys, tmp_path):
    arguments = ["sample:nile_annual", "--model", "preset:recommended", "--window", "4", "--batch", "8"]
    asked = ["--by", "batch", "--start", "1e-3", "--factor", "4", "--epochs", "24", "--json"]
    picture = tmp_path / "curve.png"
    assert main(["sweep", *arguments, *asked, "--picture", str(picture)]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    losses = [event["loss"] for event in events if event["event"] == "epoch"]
    assert len(losses) == 24 == events[-1]["epochs_done"]
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["curve.gif", "nowhere/curve.png"])
def test_that_a_picture_that_cannot_be_written_is_told_before_anything_is_trained(capsys, tmp_path, name):
    assert main(["sweep", "sample:nile_annual", "--picture", str(tmp_path / name)]) == 1
    assert "Traceback" not in capsys.readouterr().err
