import tempfile

import numpy as np
import pytest
import torch

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.card import card
from deepresolve_dash.networks.corrections import (
    corrected,
    hold_input,
    reduce_positions,
    with_alphabet,
)
from deepresolve_dash.networks.cost import n_parameters
from deepresolve_dash.networks.cut import cut, find_layers
from deepresolve_dash.networks.execute import forward
from deepresolve_dash.networks.graph import network_hash
from deepresolve_dash.networks.heads import head, hold
from deepresolve_dash.networks.intake import Corrections
from deepresolve_dash.networks.neutral import load_network, save_network
from deepresolve_dash.networks.predict import predict
from deepresolve_dash.networks.strand import beside
from tests.networks.plain import softmax
from tests.networks.stacks import CHANNELS, LENGTH, draw, random_one_hots


def two_heads(last: str | None = "softmax.int", axis=1):
    """conv -> with a control track -> profile of 3 classes; conv -> mean -> counts of 2"""
    g = np.random.default_rng(0)
    b = Builder(LENGTH)
    control, held = hold(b, "control", (2, LENGTH))
    with b.layer("conv", "convolution"):
        stem = b.activation(b.conv(b.input, draw(g, CHANNELS, 4, 5), padding=[(2, 2)]), "relu")
    with b.layer("both", "concatenation"):
        both = b.add("aten.cat.default", (stem, control), 1)
    with b.layer("profile", "convolution"):
        profile = b.conv(both, draw(g, 3, CHANNELS + 2, 3))
        if last:
            profile = b.add(f"aten.{last}", profile, *([axis] if "softmax" in last else []))
    with b.layer("counts", "dense"):
        counts = b.linear(b.global_average(both), draw(g, 2, CHANNELS + 2))
    refs, findings = {}, [held]
    for name, ref in (("profile", profile), ("counts", counts)):
        refs[name], found = head(b, name, ref)
        findings += found
    return b.network(refs, findings=findings)


def by_position(network, x):
    """(n, 3, position): every position picked in turn"""
    picked = [predict(reduce_positions(network, "profile", i), x)[0] for i in range(LENGTH - 2)]
    return np.stack(picked, 2)


def test_two_heads_one_of_them_a_profile_give_one_number_per_class():
    network = two_heads()
    assert [(each.name, len(each.class_names)) for each in network.outputs] == [
        ("profile", 3),
        ("counts", 2),
    ]
    x = random_one_hots(3)
    scores, probabilities = predict(network, x)
    np.testing.assert_allclose(probabilities, softmax(scores), rtol=1e-5)
    np.testing.assert_allclose(scores, by_position(network, x).mean(2), rtol=1e-4, atol=1e-5)
    total, _ = predict(reduce_positions(network, "profile", "sum"), x)
    np.testing.assert_allclose(total, (LENGTH - 2) * scores, rtol=1e-4, atol=1e-5)
    assert predict(network, x, output="counts")[0].shape == (3, 2)


def test_every_head_has_its_cuts_and_the_held_input_is_none():
    network = two_heads("sigmoid.default")
    for output, cuts in (("profile", ["conv", "both", "profile"]), ("counts", ["conv", "both"])):
        layers = find_layers(network, output)
        assert [layer.name for layer in layers if layer.can_cut] == cuts
        x = torch.tensor(random_one_hots(3))
        for name in cuts:
            made = cut(network, name, output=output)
            expected, _ = predict(network, x.numpy(), output=output)
            found = made.tail(made.head(x)).numpy()
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_an_activation_over_the_positions_stays_where_it_is():
    network = two_heads("softmax.int", axis=2)
    scores, probabilities = predict(network, random_one_hots(2))
    np.testing.assert_allclose(scores, 1 / (LENGTH - 2), rtol=1e-5)
    assert np.isnan(probabilities).all()


def test_the_held_input_is_zero_until_told_otherwise():
    network = two_heads()
    assert list(beside(network)) == ["control"]
    x = random_one_hots(3)
    zero, _ = predict(network, x)
    one, _ = predict(hold_input(network, "control", 1.0), x)
    track = np.random.default_rng(1).normal(size=(2, LENGTH))
    other = hold_input(network, "control", track)
    hashes = {network_hash(each) for each in (network, other, hold_input(network, "control", 1))}
    assert len(hashes) == 3
    assert np.abs(zero - one).max() > 0.01
    said = [each.what for each in other.findings if "control" in each.what]
    start = "The input 'control' of shape (2, 29) is held constant, at"
    assert said == [f"{start} an array of its own."]
    assert network_hash(hold_input(other, "control", 0)) == network_hash(network)
    rows = hold_input(network, "control", "0.5 -1")
    each = np.repeat([[0.5], [-1.0]], LENGTH, axis=1)
    assert network_hash(rows) == network_hash(hold_input(network, "control", each))
    assert rows.findings[0].what == f"{start} 0.5, -1."
    everywhere = np.tile(np.arange(LENGTH), 2)
    along = hold_input(network, "control", ", ".join(map(str, range(LENGTH))))
    assert network_hash(along) == network_hash(hold_input(network, "control", everywhere))


def siamese(shape, g):
    """the same convolution over the sequence and over a second input of its shape"""
    b = Builder(LENGTH)
    second, held = hold(b, "second", shape)
    if shape == (LENGTH, 4):
        second = b.permute(second, (0, 2, 1))
    if len(shape) == 3:
        second = b.add("aten.squeeze.dim", second, 1 + shape.index(1))
    kernel = draw(g, CHANNELS, 4, 5)
    maxima = []
    for name, x in (("first", b.input), ("other", second)):
        with b.layer(name, "convolution"):
            maxima.append(b.global_max(b.conv(x, kernel, padding=[(2, 2)])))
    with b.layer("scores", "dense"):
        scores = b.linear(b.add("aten.cat.default", tuple(maxima), 1), draw(g, 2, 2 * CHANNELS))
    return b.network(scores, findings=[held])


@pytest.mark.parametrize("alphabet", ["ACGT", "AGCT", "ATCG"])
@pytest.mark.parametrize("shape", [(4, LENGTH), (LENGTH, 4), (1, 4, LENGTH), (4, 1, LENGTH)])
def test_a_second_input_of_the_sequence_s_shape_can_be_the_other_strand(shape, alphabet):
    network = siamese(shape, np.random.default_rng(3))
    assert (
        "the reverse complement or the same sequence there, choose so on the card"
        in network.findings[0].fix
    )
    (offered,) = card(network)["choices"]
    assert (offered["value"], offered["alike"]) == ("0", True)
    both = with_alphabet(hold_input(network, "second", "reverse complement"), alphabet)
    assert n_parameters(both) == n_parameters(network)
    assert card(both)["choices"] == [offered | {"value": "reverse complement"}]
    assert load_again(both) == network_hash(both)
    assert [layer.name for layer in find_layers(both) if layer.can_cut] == []

    complement = dict(zip("ACGT", "TGCA", strict=True))
    rows = [alphabet.index(complement[base]) for base in alphabet]
    x = random_one_hots(3)
    for i, row in enumerate(x):
        other = row[rows][:, ::-1]
        held = other.T if shape[-1] == 4 else other.reshape(shape)
        expected, _ = predict(hold_input(network, "second", held), x[i : i + 1])
        found, _ = predict(both, x[i : i + 1])
        np.testing.assert_allclose(found, expected, atol=1e-5)
    back = with_alphabet(hold_input(both, "second", "0"), "ACGT")
    assert network_hash(back) == network_hash(network)

    same = hold_input(both, "second", "Same sequence")
    assert card(same)["choices"] == [offered | {"value": "same sequence"}]
    held = x[0].T if shape[-1] == 4 else x[0].reshape(shape)
    expected, _ = predict(hold_input(network, "second", held), x[:1])
    np.testing.assert_allclose(predict(same, x[:1])[0], expected, atol=1e-5)
    assert network_hash(hold_input(same, "second", "reverse complement")) == network_hash(both)


def load_again(network):
    with tempfile.TemporaryDirectory() as folder:
        save_network(network, folder)
        return network_hash(load_network(folder))


def test_they_survive_the_neutral_form_and_are_on_the_card(tmp_path):
    network = two_heads()
    save_network(network, tmp_path)
    again = load_network(tmp_path)
    x = torch.tensor(random_one_hots(3))
    for one, other in zip(forward(network, x).values(), forward(again, x).values(), strict=True):
        assert torch.equal(one, other)
    said = [each["what"] for each in card(again)["findings"]]
    assert "The input 'control' of shape (2, 29) is held constant, at 0." in said
    assert "The output 'profile' has 27 positions; a class score is their mean." in said


def test_what_does_not_fit_is_refused():
    network = two_heads()
    with pytest.raises(ModelFileError, match=r"no input 'x' .* there are: control"):
        hold_input(network, "x", 0)
    for wrong, said in (
        ([1, 2, 3], r"3 numbers, and its shape is \(2, 29\). Give one number, 2 or 29"),
        ("1, 2, 3", "one number, 2 or 29 for the places of an axis, or 58, one for each value"),
        ("", "there are no numbers"),
        ("a lot", "'a lot', which is not a number"),
        ("1e99", "too large"),
        ("nan", "no number"),
        ("reverse complement", "cannot be the reverse complement"),
    ):
        with pytest.raises(ModelFileError, match=said):
            hold_input(network, "control", wrong)
    with pytest.raises(ModelFileError, match="NaN"):
        hold_input(network, "control", np.nan)
    with pytest.raises(ModelFileError, match="'counts' has no positions"):
        reduce_positions(network, "counts", "sum")
    for how in (27, -1, "median"):
        with pytest.raises(ModelFileError, match="has the positions 0 to 26"):
            reduce_positions(network, "profile", how)
    for text in ("median", "-1", "1.5", "", "9" * 99):
        with pytest.raises(ModelFileError, match="Give mean, sum or the number of a position"):
            corrected(network, Corrections(positions={"profile": text}))


def test_what_is_chosen_can_be_asked_for_as_text_and_is_on_the_card():
    network = two_heads()
    held, profile = card(network)["choices"]
    assert (held["name"], held["shape"], held["value"], held["alike"]) == (
        "control",
        [2, LENGTH],
        "0",
        False,
    )
    assert (profile["name"], profile["n"], profile["value"]) == ("profile", LENGTH - 2, "mean")
    asked = Corrections(held={"control": "1, 0.1"}, positions={"profile": " 13"})
    changed = card(corrected(network, asked))
    assert [one["value"] for one in changed["choices"]] == ["1, 0.1", "13"]
    for one in changed["choices"]:
        (found,) = [each for each in changed["findings"] if each["what"].startswith(one["start"])]
        assert "on the card" in found["fix"]
    total = corrected(network, Corrections(positions={"profile": "Sum"}))
    assert card(total)["choices"][1]["value"] == "sum"
    assert card(two_heads(last=None))["choices"][1]["value"] == "mean"
