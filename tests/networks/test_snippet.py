"""The lines that a user runs to export a network, run."""

import runpy
import warnings

import numpy as np
import pytest
import torch

from deepresolve_dash.__main__ import main
from deepresolve_dash.networks.execute import forward
from deepresolve_dash.networks.formats.snippet import SNIPPET
from deepresolve_dash.networks.read import read_network


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    return tmp_path


def run(folder, code):
    layers = [torch.nn.Conv1d(4, 3, 5), torch.nn.ReLU(), torch.nn.AdaptiveMaxPool1d(1)]
    model = torch.nn.Sequential(*layers, torch.nn.Flatten(), torch.nn.Linear(3, 2))
    script = folder / "export.py"
    before, after = code.split("model = ...")
    script.write_text(f"{before}model = MODEL{after}".replace("1000", "50"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runpy.run_path(str(script), init_globals={"MODEL": model})


@pytest.mark.parametrize(
    ("name", "broken"), [("model.pt2", ""), ("model.onnx", "torch.export.save")]
)
def test_what_the_snippet_writes_is_read_and_gives_its_example(folder, name, broken):
    run(folder, SNIPPET.replace(broken, "torch.missing") if broken else SNIPPET)
    network = read_network(folder / name)
    with np.load(folder / "model.npz") as example:
        found = forward(network, torch.tensor(example["input"]))
        np.testing.assert_allclose(
            found[network.outputs[0].node], example["output"], rtol=1e-5, atol=1e-6
        )


def test_the_command_prints_it(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["deepresolve", "export-snippet"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert capsys.readouterr().out == SNIPPET


def test_the_snippet_fits_on_a_screen():
    lines = SNIPPET.splitlines()
    assert len(lines) <= 17
    assert max(map(len, lines)) <= 100
