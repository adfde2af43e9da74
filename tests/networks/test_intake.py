import os
import pickle
import subprocess
import sys
from pathlib import Path

import h5py
import pytest

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.graph import network_hash
from deepresolve_dash.networks.intake import Corrections, take_in
from deepresolve_dash.networks.neutral import load_network, save_network
from tests.networks.stacks import one_convolution

ROOT = Path(__file__).parents[2]


@pytest.fixture
def model(tmp_path) -> Path:
    save_network(one_convolution(), tmp_path / "model")
    return tmp_path / "model"


def test_a_model_comes_out_in_neutral_form_with_its_card(model, tmp_path):
    card = take_in(model, tmp_path / "out")
    network = load_network(tmp_path / "out")
    assert network_hash(network) == card["hash"] == network_hash(one_convolution())
    assert card["advised_layer"] == "pool1"


def test_corrections_make_another_network(model, tmp_path):
    names = ("one", "two")
    plain = take_in(model, tmp_path / "a")
    changed = take_in(
        model,
        tmp_path / "b",
        corrections=Corrections(flip_kernels=True, alphabet="AGCT", class_names=names),
    )
    assert changed["hash"] != plain["hash"]
    assert changed["classes"] == list(names)
    assert changed["input"]["alphabet"] == "AGCT"


class Canary:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def hostile(kind: str, folder: Path) -> Path:
    path = folder / f"{kind}.h5"
    if kind == "pickle":
        path.write_bytes(pickle.dumps(Canary(folder / "canary")))
    elif kind == "text":
        path.write_text("hello")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "truncated":
        with h5py.File(folder / "whole.h5", "w") as file:
            file["a"] = [1.0] * 1000
        path.write_bytes((folder / "whole.h5").read_bytes()[:700])
    return path


@pytest.mark.parametrize("kind", ["pickle", "text", "empty", "truncated", "missing"])
def test_a_file_that_is_no_model_is_one_sentence_and_nothing_is_run(kind, tmp_path):
    with pytest.raises(ModelFileError) as caught:
        take_in(hostile(kind, tmp_path), tmp_path / "out")
    assert str(caught.value).count("\n") == 0
    assert not (tmp_path / "canary").exists()
    assert not (tmp_path / "out" / "card.json").exists()


def test_the_asking_side_does_not_import_torch():
    code = "import deepresolve_dash.runs.models, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0  # noqa: S603
