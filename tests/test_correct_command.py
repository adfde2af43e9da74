import json

import pytest

from deepresolve_dash.networks.neutral import save_network
from tests.commands import call
from tests.networks.test_heads import two_heads


@pytest.fixture
def model(tmp_path):
    save_network(two_heads(), tmp_path / "bpnet")
    return tmp_path / "bpnet"


def test_a_corrected_model_is_written_for_the_other_commands(model, tmp_path):
    options = ["--hold", "control=1, 2", "--positions", "profile=13", "--alphabet", "agct"]
    done = call("correct", model, *options, "--flip-kernels", "--out", tmp_path / "other")
    assert done.code == 0, done.error
    card = json.loads(call("inspect", tmp_path / "other", "--json").out)
    assert [one["value"] for one in card["choices"]] == ["1, 2", "13"]
    assert card["input"]["alphabet"] == "AGCT"
    stored = json.loads((tmp_path / "other" / "card.json").read_text())
    assert stored["hash"][:16] in done.error
    assert stored["findings"] == card["findings"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "Nothing is to be corrected"),
        (["--hold", "control"], "--hold is 'control'. Give a name"),
        (["--positions", "=sum"], "--positions is '=sum'"),
        (["--hold", "x=1"], "no input 'x' beside the sequence; there are: control"),
        (["--positions", "counts=sum"], "'counts' has no positions"),
        (["--positions", "profile=27"], "has the positions 0 to 26"),
        (["--alphabet", "ACG"], "must hold A, C, G and T once each"),
    ],
)
def test_what_cannot_be_corrected_is_one_sentence(model, tmp_path, options, says):
    done = call("correct", model, *options, "--out", tmp_path / "other")
    assert done.code == 2
    assert says in done.error
    assert len(done.error.strip().splitlines()) == 1
    assert not (tmp_path / "other").exists()


def test_a_folder_with_something_in_it_is_left_alone(model):
    done = call("correct", model, "--alphabet", "AGCT", "--out", model)
    assert done.code == 2
    assert "not an empty folder" in done.error
