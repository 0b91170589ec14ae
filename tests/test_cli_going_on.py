"""Runs that go on at the command line: after a kill, and from any epoch by another plan."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from tsrnn_gui.cli import main
from tsrnn_gui.files.project_file import ProjectFile

_TRAIN = ("train", "sample:sunspots", "--epochs", "25", "--schedule", "plateau:0.5:2", "--json", "--project")
_TOLD = ("epoch", "loss", "mae", "val_loss", "val_mae", "learning_rate", "best")


def run(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, [json.loads(line) for line in captured.out.splitlines()], captured.err


def kept(path):
    with ProjectFile.open(path, read_only=True) as file:
        return [
            (run, [[getattr(epoch, name) for name in _TOLD] for epoch in file.epochs(run.id)])
            for run in file.runs()
        ]


def killed_after(path, epochs):
    """Train in a process of its own and kill it when ``epochs`` have been told."""
    command = [sys.executable, "-m", "tsrnn_gui.cli", *_TRAIN, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as trainer:
        while epochs:
            epochs -= json.loads(trainer.stdout.readline())["event"] == "epoch"
        trainer.send_signal(signal.SIGKILL)


@pytest.mark.slow
def test_that_a_killed_run_goes_on_in_another_process_as_if_nothing_had_been(capsys, tmp_path):
    broken, whole = tmp_path / "broken.tsrnn", tmp_path / "whole.tsrnn"
    killed_after(broken, 6)
    ((record, told),) = kept(broken)
    assert (record.status, 6 <= len(told) < 25) == ("running", True)
    code, events, _ = run(capsys, "train", broken, "--continue", "last", "--json")
    assert (code, events[-1]["reason"]) == (0, "completed")
    assert 0 < events[0]["first_epoch"] <= len(told)
    assert run(capsys, *_TRAIN, whole)[0] == 0
    ((again, rest),) = kept(broken)
    ((record, numbers),) = kept(whole)
    assert rest == numbers
    assert (again.id, again.status, again.reports) == (again.id, "completed", record.reports)

    code, _, err = run(capsys, "train", broken, "--continue", "1")
    assert code == 1 and "is complete" in err and "--from-epoch 25" in err
    slower = ("--from-epoch", "10", "--lr", "1e-5", "--schedule", "constant", "--epochs", "12")
    code, events, _ = run(capsys, "train", broken, *slower, "--json")
    assert code == 0
    assert [(e["epoch"], e["lr"]) for e in events if e["event"] == "epoch"] == [(10, 1e-5), (11, 1e-5)]
    _, (child, grown) = kept(broken)
    assert (child.parent_number, child.past.until) == (1, 10)
    assert grown[:10] == numbers[:10]
    main(["info", str(broken)])
    assert "2 (from 1, epoch 10)" in capsys.readouterr().out


@pytest.fixture
def project(tmp_path):
    return ProjectFile.create(tmp_path / "a.tsrnn")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--continue", "last"), "no run yet"),
        (("--continue", "last", "--window", "9"), "keeps its window"),
        (("--continue", "last", "--lr", "0.1"), "keeps its lr"),
        (("--from-epoch", "3", "--batch", "9"), "keeps its batch"),
    ],
)
def test_that_what_cannot_go_on_is_one_sentence(capsys, project, options, said):
    code, _, err = run(capsys, "train", project.path, *options)
    assert code == 1
    assert said in err and len(err.strip().splitlines()) == 1


def test_that_only_a_project_keeps_runs(capsys):
    code, _, err = run(capsys, "train", "sample:sunspots", "--continue", "last")
    assert code == 1 and "keeps no runs" in err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--continue", "9"), "There are: 1."),
        (("--from-epoch", "7"), "has 0 epochs"),
    ],
)
def test_that_runs_and_epochs_that_are_not_there_are_told(capsys, project, spots, options, said):
    project.begin_run("r", project.load().experiment, spots)
    project.end_run("r", "stopped", None, "")
    code, _, err = run(capsys, "train", project.path, *options)
    assert code == 1 and said in err
