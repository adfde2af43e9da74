import numpy as np
import pytest
import torch

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.card import card
from deepresolve_dash.networks.corrections import hold_input, reduce_positions
from deepresolve_dash.networks.cut import cut, find_layers
from deepresolve_dash.networks.execute import forward
from deepresolve_dash.networks.graph import network_hash
from deepresolve_dash.networks.heads import head, held_inputs, hold
from deepresolve_dash.networks.neutral import load_network, save_network
from deepresolve_dash.networks.predict import predict
from tests.networks.plain import softmax
from tests.networks.stacks import CHANNELS, LENGTH, draw, random_one_hots


def two_heads(last="softmax.int", axis=1):
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
    assert list(held_inputs(network)) == ["control"]
    x = random_one_hots(3)
    zero, _ = predict(network, x)
    one, _ = predict(hold_input(network, "control", 1.0), x)
    track = np.random.default_rng(1).normal(size=(2, LENGTH))
    other = hold_input(network, "control", track)
    hashes = {network_hash(each) for each in (network, other, hold_input(network, "control", 1))}
    assert len(hashes) == 3
    assert np.abs(zero - one).max() > 0.01
    said = [each.what for each in other.findings if "control" in each.what]
    assert said == ["The input 'control' is held constant, at an array of its own."]
    assert network_hash(hold_input(other, "control", 0)) == network_hash(network)


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
    with pytest.raises(ModelFileError, match=r"must be a number or have the shape \(2, 29\)"):
        hold_input(network, "control", [1, 2, 3])
    with pytest.raises(ModelFileError, match="NaN"):
        hold_input(network, "control", np.nan)
    with pytest.raises(ModelFileError, match="'counts' has no positions"):
        reduce_positions(network, "counts", "sum")
    for how in (27, -1, "median"):
        with pytest.raises(ModelFileError, match="has the positions 0 to 26"):
            reduce_positions(network, "profile", how)
