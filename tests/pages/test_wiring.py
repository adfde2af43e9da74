import json
import tomllib

import pytest
import torch
from torch import nn

from deepresolve_dash.networks.formats.state_dict.model import described
from deepresolve_dash.networks.formats.state_dict.modules import find_modules
from tests.pages.test_models_pages import OURS, send_files

NET = nn.Sequential(nn.Conv1d(4, 5, 7), nn.ReLU(), nn.MaxPool1d(3), nn.Flatten(), nn.Linear(40, 2))


@pytest.fixture
def weights():
    return described(find_modules({k: v.numpy() for k, v in NET.state_dict().items()}))


def ask(client, **values):
    return client.post("/act/wiring", data=json.dumps(values), headers=OURS).json


def test_weights_alone_are_asked_for_their_wiring_and_read_with_it(client, tmp_path, weights):
    torch.save(NET.state_dict(), tmp_path / "mine.pt")
    content = (tmp_path / "mine.pt").read_bytes()
    answer = send_files(client, [("mine.pt", content)])
    assert answer["weights"] == weights
    assert str(tmp_path) not in answer["refused"]
    told = ask(client, weights=weights, input_length=30)
    assert (told["ways"] >= 1, told["wrong"]) == (True, "")
    gives = [(one["channels"], one["width"]) for one in told["shapes"]]
    assert gives == [(5, 24), (5, 8), (40, 1), (2, 1)]
    both = [("mine.pt", content), ("architecture.toml", told["text"].encode())]
    assert send_files(client, both, name="Mine")["name"] == "Mine"


def test_a_change_says_what_it_gives_or_where_it_does_not_fit(client, weights):
    layers = ask(client, weights=weights, input_length=30)["layers"]
    layers[1]["size"] = 4
    told = ask(client, weights=weights, input_length=30, layers=layers)
    assert "takes 40 features, and gets 30" in told["wrong"]
    assert len(told["shapes"]) == 3
    assert tomllib.loads(told["text"])["layers"] == layers


def test_a_length_that_no_wiring_fits_is_said(client, weights):
    told = ask(client, weights=weights, input_length=3000)
    assert told["ways"] == 0
    assert "takes 40 features" in told["wrong"]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "whole number of bases"),
        ({"input_length": 0, "weights": []}, "whole number of bases"),
        ({"input_length": 10**9, "weights": []}, "whole number of bases"),
        ({"input_length": 30, "weights": 7}, "cannot be read"),
        ({"input_length": 30, "weights": [7]}, "cannot be read"),
        ({"input_length": 30, "weights": [{"kind": "conv"}, {"kind": "dense"}]}, "cannot be read"),
        ({"input_length": 30, "weights": [{"kind": "conv"}] * 300}, "cannot be read"),
        ({"input_length": 30, "weights": []}, "not those of convolutions"),
        ({"input_length": 9, "weights": [], "layers": [{"kind": "max_pool", "size": "x"}]}, "cann"),
    ],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_refused(client, values, says):
    assert says in ask(client, **values)["refused"]


def test_examples_are_files_to_take_away(client, weights):
    told = ask(client, weights=weights, input_length=30)
    assert "deepsea" in told["examples"]
    got = client.get("/data/wiring/deepsea.toml")
    assert tomllib.loads(got.text)["input_length"] == 1000
    assert client.get("/data/wiring/nothing.toml").status_code == 404
