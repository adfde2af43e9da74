import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench.kill import wait_until
from deepresolve_dash.commands.compute import column_names
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.locks import RUNNER_LOCK, FileLock, slot_lock
from deepresolve_dash.runs.start import stop_runner
from tests.commands import ROOT, call

NETWORK = ROOT / "deepresolve_dash" / "demos" / "networks" / "synthetic-2"
SEQUENCES = NETWORK / "sequences.fa.gz"


def read_tsv(path: Path) -> list[dict]:
    return list(csv.DictReader(path.read_text().splitlines(), delimiter="\t"))


@pytest.fixture
def folder_of_a_formula(tmp_path) -> Path:
    names = ["=cmd", "-x", "+1", "@a"]
    folder = shutil.copytree(NETWORK, tmp_path / "model")
    (folder / "classes.txt").write_text("\n".join(names))
    return folder


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "runs" / "a"
    done = call("run", NETWORK, "--layer", "advised", "--classes", "3,name:GATA + TCAT",
                "--trials", 5, "--device", "cpu", "--out", folder)  # fmt: skip
    assert done.code == 0, done.error
    return folder


def test_run_and_summarise_agree_on_the_classes(run_folder):
    done = call("summarise", run_folder, "--json")
    entries = json.loads(done.out)
    assert {(e["index"], e["regime"]) for e in entries["targets"]} == {
        (2, "importance"), (2, "modes"), (3, "importance"), (3, "modes")
    }  # fmt: skip
    assert entries["run"] == json.loads((run_folder / "run.json").read_text())["id"]


def test_a_run_is_found_by_its_id_in_the_state_folder(run_folder):
    run_id = json.loads((run_folder / "run.json").read_text())["id"]
    done = call("summarise", run_id, DRD_STATE=str(run_folder.parents[1]))
    assert done.code == 0
    assert run_id in done.out


def test_the_same_run_again_computes_nothing_and_another_is_refused(run_folder):
    options = ["--layer", "pool1", "--classes", "2,3", "--device", "cpu", "--out", run_folder]
    again = call("run", NETWORK, *options, "--trials", 5)
    assert again.code == 0
    assert "nothing was computed" in again.error
    other = call("run", NETWORK, *options, "--trials", 4)
    assert other.code == 2
    assert "not empty" in other.error


def test_export_writes_tables_whose_rows_are_all_there(run_folder, tmp_path):
    done = call("export", run_folder, "--what", "tables", "--out", tmp_path / "t")
    assert done.code == 0
    assert len(done.out.split()) == 4
    rows = read_tsv(tmp_path / "t" / "channels.tsv")
    assert len(rows) == 2 * 2 * 32
    assert rows[0]["class_name"] == "GATA + TCAT"


def test_inspect_prints_one_card_or_many():
    one = json.loads(call("inspect", NETWORK, "--json").out)
    assert one["advised_layer"] == "pool1"
    assert one["input"] == {"length": 50, "alphabet": "ACGT", "unknown_base": 0.25}
    many = call("inspect", NETWORK, NETWORK.parent / "synthetic-1", "nowhere", "--json")
    assert many.code == 2
    assert [len(card["classes"]) for card in json.loads(many.out)] == [4, 1]
    assert many.error.strip() == "nowhere: There is no file or folder nowhere."


def test_predict_writes_logit_and_probability_per_class(tmp_path):
    done = call("predict", NETWORK, "--sequences", SEQUENCES, "--out", tmp_path / "p.tsv")
    assert done.code == 0
    rows = read_tsv(tmp_path / "p.tsv")
    labels = read_tsv(NETWORK / "labels.tsv")
    assert [row["sequence"] for row in rows] == [row["sequence"] for row in labels]
    name = "CGCTTG"
    right = [
        (float(row[f"{name}.logit"]) > 0) == (label[name] == "1")
        and (float(row[f"{name}.probability"]) > 0.5) == (float(row[f"{name}.logit"]) > 0)
        for row, label in zip(rows, labels, strict=True)
    ]
    assert sum(right) > 0.95 * len(right)


def test_no_name_of_a_prediction_is_a_formula(tmp_path, folder_of_a_formula):
    (tmp_path / "s.fa").write_text(f">=1+1\n{'ACGT' * 100}\n>plain\n{'ACGT' * 100}\n")
    done = call("predict", folder_of_a_formula, "--sequences", tmp_path / "s.fa")
    header, *lines = list(csv.reader(done.out.splitlines(), delimiter="\t"))
    assert header[:3] == ["sequence", "'=cmd.logit", "'=cmd.probability"]
    assert [line[0] for line in lines] == ["'=1+1", "plain"]
    assert all(float(value) < 2 for line in lines for value in line[1:])


def test_repeated_class_names_become_columns_with_their_index():
    assert column_names(["a", "b", "a"]) == ["a#0", "b", "a#2"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", NETWORK, "--layer", "conv9", "--out", "x"], "Layer 'conv9' is not in this model"),
        (["run", NETWORK, "--layer", "pool1", "--out", "x", "--l2", "0"], "l2 is 0"),
        (["run", NETWORK, "--layer", "pool1", "--out", "x", "--l2", "big"], "--l2 is 'big'"),
        (["run", NETWORK, "--layer", "pool1", "--out", "x", "--classes", "9"], "no class '9'"),
        (["run", NETWORK, "--layer", "pool1", "--out", "x", "--preset", "x"], "no preset 'x'"),
        (["run", NETWORK, "--layer", "pool1", "--out", "x", "--step-size", "1"], "no step size"),
        (["run", "missing.h5", "--layer", "a", "--out", "x"], "no file or folder missing.h5"),
        (["run", NETWORK], "Missing option"),
        (["summarise", "unknown"], "no run 'unknown'"),
        (["predict", NETWORK, "--sequences", "missing.fa"], "missing.fa"),
        (["submit", NETWORK, "--layer", "conv9"], "Layer 'conv9' is not in this model"),
        (["submit", "missing.h5", "--layer", "advised"], "missing.h5"),
        (["cancel", "nope"], "no run 'nope'"),
        (["inspect"], "Missing argument"),
        (["dance"], "No such command"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(arguments, says, tmp_path):
    done = call(*arguments, DRD_STATE=str(tmp_path))
    assert done.code == 2
    assert says in done.error
    assert "Traceback" not in done.error
    assert len(done.error.strip().splitlines()) == 1


@pytest.fixture
def state(tmp_path):
    yield {"DRD_STATE": str(tmp_path), "DRD_GPUS": "none", "DRD_FREE_MB": "0"}
    stop_runner(tmp_path)


def test_a_submitted_run_is_computed_in_the_background(state, tmp_path):
    options = ["--layer", "advised", "--classes", "3", "--trials", 2, "--name", "Mine"]
    asked = call("submit", NETWORK, *options, "--sequences", SEQUENCES, "--wait", **state)
    assert asked.code == 0, asked.error
    run_id = asked.out.strip()
    (entry,) = json.loads(call("runs", "--json", **state).out)
    assert (entry["id"], entry["state"], entry["name"]) == (run_id, "done", "Mine")
    run = json.loads((tmp_path / "runs" / run_id / "run.json").read_text())
    assert run["network"]["name"] == "synthetic-2"
    again = call("submit", NETWORK, *options, "--sequences", SEQUENCES, **state)
    assert again.out.strip() == run_id
    assert run_id in call("runs", **state).out
    assert "done already" in call("cancel", run_id, **state).error


def test_a_second_worker_for_the_same_place_is_refused(state, tmp_path):
    lock = FileLock(slot_lock(tmp_path, "cpu"))
    assert lock.take("here:1:x")
    done = call("worker", **state)
    lock.release()
    assert done.code == 2
    assert "Another worker" in done.error


def test_a_worker_in_the_foreground_takes_the_queue_and_ends_on_request(state, tmp_path):
    runner = FileLock(tmp_path / RUNNER_LOCK)
    assert runner.take("here:1:runner")  # so that submitting starts no other
    run_id = call("submit", NETWORK, "--layer", "advised", "--trials", 2, **state).out.strip()
    ledger = Ledger(tmp_path / LEDGER)
    # what starts in the background of a script ignores an interrupt, and so do its children
    heard = "import signal, runpy; signal.signal(signal.SIGINT, signal.default_int_handler)"
    heard += "; runpy.run_module('deepresolve_dash', run_name='__main__', alter_sys=True)"
    with subprocess.Popen(
        [sys.executable, "-c", heard, "worker"],
        cwd=ROOT,
        env=os.environ | state,
        stderr=subprocess.PIPE,
        text=True,
    ) as worker:
        wait_until(lambda: ledger.get(run_id).state == "done")
        worker.send_signal(signal.SIGINT)
        assert "Working on cpu" in worker.stderr.read()
    ledger.close()
    runner.release()
    assert worker.returncode == 130


def test_a_wrong_server_setting_is_named_by_the_command_itself():
    command = [sys.executable, "-m", "deepresolve_dash", "serve"]
    wrong = os.environ | {"DRD_PORT": "99999"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=wrong, check=False)
    assert done.returncode == 2
    assert "DRD_PORT" in done.stderr
