"""Programs and ONNX files that take sequences of any length: asked for, and kept to their ends."""

import numpy as np
import pytest
import torch

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.execute import forward
from deepresolve_dash.networks.formats.lengths import LengthNeeded
from deepresolve_dash.networks.formats.pt2.symbols import Linear, linear
from deepresolve_dash.networks.read import read_network
from tests.networks.zoo_files import ZOO, stored

FOLDER = ZOO / "any_length"
FILES = ["steps.pt2", "plain.pt2", "plain.legacy.onnx", "plain.dynamo.onnx"]
USED = 100
LENGTH = "Symbol('s25', positive=True, integer=True)"


@pytest.mark.parametrize("name", FILES)
def test_answers_at_a_length_that_is_asked_for_are_those_of_pytorch(name):
    network = read_network(FOLDER / name, length=USED)
    x, (expected,) = stored(FOLDER / name)
    assert network.input_length == x.shape[-1] == USED
    found = forward(network, torch.tensor(x))[network.outputs[0].node]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    said = [finding.what for finding in network.findings]
    assert f"Sequences are {USED} bp long." in said


@pytest.mark.parametrize("name", FILES)
def test_without_a_length_it_is_asked_for(name):
    with pytest.raises(LengthNeeded, match="input is 4 x .* --length BP") as caught:
        read_network(FOLDER / name)
    assert ("an example of 80 bp" in caught.value.message) == name.endswith(".pt2")


@pytest.mark.parametrize("length", [20, 90, 2004])
def test_a_length_that_the_program_does_not_take_is_asked_for_again(length):
    message = f"24 to 2,000 bp in steps of 4, not of {length:,} bp"
    with pytest.raises(LengthNeeded, match=message):
        read_network(FOLDER / "steps.pt2", length=length)


def test_the_track_beside_the_sequence_has_the_length_that_follows_from_it():
    network = read_network(FOLDER / "steps.pt2", length=USED)
    assert any("'control' of shape (2, 25)" in finding.what for finding in network.findings)


def test_another_length_than_a_fixed_one_is_refused():
    for name in ("deepsea.pt2", "deepsea.legacy.onnx"):
        with pytest.raises(ModelFileError, match="sequences of 120 bp, not of 90 bp"):
            read_network(ZOO / "torch" / name, length=90)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LENGTH, Linear(1, 0, "s25")),
        (f"Mul(Integer(4), {LENGTH})", Linear(4, 0, "s25")),
        (f"Add(Mul(Integer(2), {LENGTH}), Integer(3))", Linear(2, 3, "s25")),
        ("Integer(7)", Linear(0, 7)),
        (f"Mul({LENGTH}, {LENGTH})", None),
        (f"Add({LENGTH}, Symbol('s1'))", None),
        (f"FloorDiv({LENGTH}, Integer(2))", None),
        ("__import__('os').system('true')", None),
        ("Integer(__import__('os').system('true'))", None),
        ("Add(", None),
        ("(" * 400, None),
    ],
)
def test_the_text_of_an_open_size_is_parsed_and_never_evaluated(text, expected):
    assert linear(text) == expected
