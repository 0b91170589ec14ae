"""The headless door, as a script or a person without a screen uses it."""

import json
import subprocess
import sys
import zipfile

import pytest

from tsrnn_gui.cli import main
from tsrnn_gui.files.samples import SAMPLES


def _run(capsys, *arguments):
    code = main(arguments)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def _objects(text):
    return [json.loads(line) for line in text.splitlines()]


def _table(tmp_path, rows, header="time,value"):
    path = tmp_path / "data.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("preset", "weights"), [("simple-rnn", 4961), ("bilstm-2", 33601), ("sequence-to-sequence", 4961)]
)
def test_that_check_gives_the_published_weights(capsys, preset, weights):
    code, out, _ = _run(capsys, "check", f"preset:{preset}", "--json")
    (found,) = _objects(out)
    assert (code, found["ok"], found["weights"]) == (0, True, weights)
    assert found["layers"][0]["output_shape"][0] is None


def test_that_check_of_a_broken_stack_still_prints_its_object(capsys, tmp_path):
    path = tmp_path / "stack.json"
    path.write_text('[{"kind": "simple_rnn"}, {"kind": "simple_rnn"}, {"kind": "dense"}]')
    code, out, _ = _run(capsys, "check", str(path), "--json")
    (found,) = _objects(out)
    assert (code, found["ok"]) == (1, False)
    assert found["layers"][1]["problem"]["fixes"][0] == "Set return_sequences on layer 1"
    assert found["layers"][2]["output_shape"] is None


_INPUT = {"class_name": "InputLayer", "module": "keras.layers"}


def _saved_model(path, *layers):
    config = {"layers": [{**_INPUT, "config": {"batch_shape": [None, 30, 1]}}, *layers]}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps({"class_name": "Sequential", "config": config}))


def test_that_someones_saved_model_is_checked_without_being_made(capsys, tmp_path):
    dense = {"class_name": "Dense", "module": "keras.layers", "config": {"units": 1}}
    gru = {"class_name": "GRU", "module": "keras.layers", "config": {"units": 7}}
    _saved_model(tmp_path / "their.keras", gru, {**dense, "class_name": "Attention"}, dense)
    code, out, err = _run(capsys, "check", str(tmp_path / "their.keras"), "--json")
    (found,) = _objects(out)
    assert code == 0
    assert [layer["label"] for layer in found["layers"]] == ["GRU 7", "Dense 1"]
    assert found["layers"][0]["output_shape"] == [None, 7] and found["input_shape"] == [None, 30, 1]
    assert "their.keras: layer 2: Attention(units=1): left out" in err
    _saved_model(tmp_path / "hostile.keras", {**dense, "class_name": "Lambda"})
    code, _, err = _run(capsys, "check", str(tmp_path / "hostile.keras"))
    assert code == 1 and "neither run nor read" in err


def test_that_samples_and_presets_are_listed(capsys):
    _, out, _ = _run(capsys, "samples", "--json")
    (listed,) = _objects(out)
    assert [entry["name"] for entry in listed] == [sample.name for sample in SAMPLES]
    _, out, _ = _run(capsys, "presets", "--json")
    assert "recommended" in {entry["name"] for entry in _objects(out)[0]}


def test_that_train_info_forecast_and_export_work_together(capsys, tmp_path):
    project = tmp_path / "nile.tsrnn"
    code, out, _ = _run(
        capsys, "train", "sample:nile_annual", "--epochs", "2", "--project", str(project), "--json"
    )
    events = _objects(out)
    assert code == 0
    assert [event["event"] for event in events] == ["started", "epoch", "epoch", "finished"]
    assert set(events[-1]["scores"]) >= {"mae", "mse", "rmse", "mase"}
    assert events[-1]["baselines"]["naive"]["mae"] > 0
    _, out, _ = _run(capsys, "info", str(project), "--json")
    (run,) = _objects(out)[0]["runs"]
    assert (run["status"], run["epochs_done"]) == ("completed", 2)
    assert run["scores"]["mae"] == events[-1]["scores"]["mae"]
    code, out, _ = _run(
        capsys, "forecast", str(project), "--horizon", "3", "--out", str(tmp_path / "f.csv"), "--json"
    )
    (made,) = _objects(out)
    assert [row["time"][:4] for row in made["forecast"]] == ["1971", "1972", "1973"]
    code, _, _ = _run(capsys, "export", str(project), "--to", "xlsx", "--out", str(tmp_path / "f.xlsx"))
    assert code == 0
    assert (tmp_path / "f.xlsx").read_bytes()[:2] == b"PK"
    out_path = str(tmp_path / "nile.py")
    code, out, _ = _run(capsys, "export", str(project), "--to", "numpy", "--out", out_path, "--json")
    (made,) = _objects(out)
    assert (code, [path[-8:] for path in made["files"]]) == (0, ["/nile.py", "nile.npz"])
    assert made["difference"] <= 1e-5 and made["windows"] == 20
    _judged_again(capsys, project, events[-1]["scores"])
    code, _, err = _run(capsys, "export", str(project), "--to", "keras", "--out", out_path)
    assert code == 1 and "ends in .keras" in err and "Say --out" in err


def _judged_again(capsys, project, scores):
    """Export, and judge what was exported by its own weights: the numbers are those of the run."""
    saved = str(project.with_suffix(".keras"))
    assert _run(capsys, "export", str(project), "--to", "keras", "--out", saved)[0] == 0
    options = ("--model", saved, "--saved-weights", "--json")
    code, out, _ = _run(capsys, "train", "sample:nile_annual", *options)
    (finished,) = _objects(out)
    assert (code, finished["epochs_done"]) == (0, 0)
    assert finished["scores"]["mae"] == pytest.approx(scores["mae"], rel=1e-5)
    code, _, err = _run(capsys, "train", "sample:nile_annual", "--saved-weights")
    assert code == 1 and "--model their.keras" in err


_FINE = [f"2020-01-{day:02d},{day % 7}" for day in range(1, 29)]


@pytest.mark.parametrize(
    ("rows", "options", "said"),
    [
        (["2020-01-01,1"] * 5, (), "5 rows < window"),
        ([row.split(",")[0] + ",5" for row in _FINE], (), "constant (5)"),
        ([*_FINE[:10], "2020-01-11,eleven", *_FINE[11:]], (), "line 12"),
        (_FINE, ("--column", "nothing"), "There is no column “nothing”"),
        ([*_FINE[:10], "2020-01-11,", *_FINE[11:]], (), "1 value is missing"),
        (_FINE, ("--split", "all"), "no split"),
        (_FINE, ("--optimizer", "best"), "There are: sgd, adam, rmsprop"),
        (_FINE, ("--epochs", "0"), "must be ≥ 1"),
        (_FINE, ("--model", "preset:recomended"), "Did you mean preset:recommended?"),
    ],
)
def test_that_bad_input_is_one_sentence_with_a_hint_and_no_traceback(capsys, tmp_path, rows, options, said):
    code, out, err = _run(capsys, "train", _table(tmp_path, rows), *options, "--json")
    assert code == 1
    assert out == ""
    assert said in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize("content", [b"", bytes(range(256)) * 40, b"just some words\nand more of them\n"])
def test_that_what_is_no_table_is_refused(capsys, tmp_path, content):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    code, _, err = _run(capsys, "train", str(path))
    assert code == 1
    assert err.startswith("tsrnn: ")
    assert "Traceback" not in err


def test_that_a_project_that_is_none_is_refused(capsys, tmp_path):
    path = tmp_path / "x.tsrnn"
    path.write_text("hello")
    code, _, err = _run(capsys, "info", str(path))
    assert code == 1
    assert "not a tsrnn project" in err


def test_that_wrong_usage_is_2():
    with pytest.raises(SystemExit) as left:
        main(["train"])
    assert left.value.code == 2


def test_that_a_dead_engine_is_3(capsys, monkeypatch):
    from tsrnn_gui.wire import client

    words = "import sys; sys.stderr.write('no more memory\\n'); sys.exit(4)"
    monkeypatch.setattr(client, "engine_command", lambda: [sys.executable, "-c", words])
    code, _, err = _run(capsys, "train", "sample:nile_annual")
    assert code == 3
    assert "engine ended unexpectedly (exit code 4)" in err


def test_that_the_command_line_starts_without_qt_or_tensorflow():
    probe = (
        "import sys; from tsrnn_gui.cli import main; main(['presets', '--json']);"
        "print([m for m in sys.modules if m.split('.')[0] in ('PySide6', 'tensorflow', 'keras', 'pyarrow')])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
