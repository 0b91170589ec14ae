"""Keras code as MODEL of the command line: which model is taken, and where its notes go."""

import json

import pytest

from tsrnn_gui.commands.sources import is_code, model
from tsrnn_gui.core.layers import GRU, Dense
from tsrnn_gui.core.problems import TsrnnError

ONE = "a = Sequential([GRU(3, input_shape=[12, 1]), Odd(), Dense(1)])\n"
TWO = ONE + "b = Sequential([Dense(2, input_shape=[9])])\n"


def test_that_a_script_is_a_model_and_its_notes_go_to_stderr(tmp_path, capsys):
    path = tmp_path / "one.py"
    path.write_text(ONE)
    experiment = model(str(path))
    assert experiment.stack == (GRU(3), Dense(1))
    assert experiment.windowing.window == 12
    heard = capsys.readouterr()
    assert "one.py: line 1: Odd(): left out" in heard.err
    assert not heard.out


def test_that_one_of_several_models_is_chosen_by_its_number(tmp_path):
    path = tmp_path / "two.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": TWO}]}))
    with pytest.raises(TsrnnError, match="2 models: #1 a, #2 b") as refused:
        model(str(path))
    assert refused.value.hint.endswith("two.ipynb#1.")
    assert model(f"{path}#2").stack == model(f"{path}#b").stack == (Dense(2),)
    with pytest.raises(TsrnnError, match="no model 3"):
        model(f"{path}#3")


def test_that_code_that_is_not_there_or_no_code_is_one_sentence(tmp_path):
    assert is_code("a.py") and is_code("a.ipynb#2") and not is_code("preset:gru") and not is_code("a.json")
    with pytest.raises(TsrnnError):
        model(str(tmp_path / "nothing.py"))
    (tmp_path / "broken.py").write_text("x = (\n")
    with pytest.raises(TsrnnError, match="line 1"):
        model(str(tmp_path / "broken.py"))
