import numpy as np
import pytest
import torch

from deepresolve_dash.errors import LayerError
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.card import card
from deepresolve_dash.networks.cut import advised_layer, cut, find_layers
from deepresolve_dash.networks.execute import forward
from deepresolve_dash.networks.graph import network_hash
from deepresolve_dash.networks.predict import predict
from tests.networks.stacks import (
    CHANNELS,
    LENGTH,
    TARGETS,
    deep,
    draw,
    one_convolution,
    random_one_hots,
    residual,
)

NETWORKS = {
    "one convolution": one_convolution,
    "three convolutions": lambda: deep(((5, 2), (3, 2), (2, 0)), input_length=LENGTH),
    "residual": residual,
}


@pytest.fixture(params=NETWORKS.values(), ids=NETWORKS)
def network(request):
    return request.param()


def offered(network):
    return [layer.name for layer in find_layers(network) if layer.can_cut]


@pytest.mark.parametrize("n", [1, 3, 7])
def test_head_then_tail_gives_the_scores_at_every_offered_cut(network, n):
    x = torch.tensor(random_one_hots(n))
    expected = torch.tensor(predict(network, x.numpy())[0])
    assert offered(network)
    for name in offered(network):
        made = cut(network, name)
        maps = made.head(x)
        assert maps.shape == (n, made.n_channels, made.width)
        scores = made.tail(maps)
        assert scores.shape == (n, made.n_outputs) == (n, TARGETS)
        torch.testing.assert_close(scores, expected, rtol=1e-4, atol=1e-5)


def test_the_gradient_of_the_tail_reaches_the_map_and_no_weight(network):
    for name in offered(network):
        made = cut(network, name)
        maps = made.head(torch.tensor(random_one_hots(5))).requires_grad_()
        made.tail(maps).sum().backward()
        assert maps.grad is not None
        assert torch.isfinite(maps.grad).all()
        assert maps.grad.abs().max() > 0
        for part in (made.head, made.tail):
            assert not any(weight.requires_grad for weight in part.weights.values())


def test_cutting_and_changing_the_parts_leaves_the_network_as_it_was(network):
    before = network_hash(network)
    made = cut(network, "advised")
    for weight in made.tail.weights.values():
        weight.zero_()
    assert network_hash(network) == before


def test_scores_are_those_before_the_final_activation():
    network = one_convolution()
    x = random_one_hots(3)
    scores, probabilities = predict(network, x, batch=2)
    np.testing.assert_allclose(probabilities, 1 / (1 + np.exp(-scores)), rtol=1e-5)
    (output,) = forward(network, torch.tensor(x)).values()
    np.testing.assert_allclose(probabilities, output.numpy(), rtol=1e-5)


def test_softmax_log_softmax_and_no_activation_are_told_apart():
    x = random_one_hots(3)
    for last in ("softmax", "log_softmax"):
        network = deep(((5, 2),), input_length=LENGTH, last=last)
        scores, probabilities = predict(network, x)
        np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)
        e = np.exp(scores)
        np.testing.assert_allclose(probabilities, e / e.sum(1, keepdims=True), rtol=1e-5)
        assert card(network)["removed_activation"] == last
    scores, probabilities = predict(residual(), x)
    assert np.isfinite(scores).all()
    assert np.isnan(probabilities).all()
    assert card(residual())["removed_activation"] is None


def test_prediction_does_not_depend_on_the_batch():
    x = random_one_hots(11)
    one, _ = predict(one_convolution(), x, batch=1)
    all_, _ = predict(one_convolution(), x, batch=11)
    np.testing.assert_allclose(one, all_, rtol=1e-5, atol=1e-6 * np.abs(all_).max())


def test_only_layers_that_everything_passes_through_are_offered():
    layers = {layer.name: layer for layer in find_layers(residual())}
    assert [name for name, layer in layers.items() if layer.can_cut] == ["conv1", "sum", "mean"]
    assert layers["conv2"].why_not == "The class scores also know the sequence by a way around it."
    assert "class scores" in str(layers["dense"].why_not)


def test_layers_tell_kind_shape_and_where_to_cut_instead():
    layers = {layer.name: layer for layer in find_layers(one_convolution())}
    assert layers["conv1"][:5] == ("conv1", "convolution", CHANNELS, 25, 5)
    assert layers["pool1"][:5] == ("pool1", "max pooling", CHANNELS, 8, 7)
    assert layers["dense1"][1:5] == ("dense", 11, 1, 28)
    assert "cut at 'pool1' instead" in str(layers["flat"].why_not)
    assert not layers["out"].can_cut


def test_the_map_of_a_layer_is_taken_after_its_activation():
    maps = cut(one_convolution(), "conv1").head(torch.tensor(random_one_hots(3)))
    assert maps.min() == 0


def pooled_and_normalised():
    g = np.random.default_rng(0)
    b = Builder(LENGTH)
    with b.layer("conv", "convolution"):
        x = b.conv(b.input, draw(g, CHANNELS, 4, 5))
    with b.layer("pool", "max pooling"):
        x = b.max_pool(x, 5)
    with b.layer("norm", "batch normalisation"):
        x = b.batch_norm(x, np.ones(7), np.zeros(7), np.ones(7), np.ones(7), epsilon=0.1)
    with b.layer("dense", "dense"):
        x = b.linear(b.flatten(x), draw(g, TARGETS, CHANNELS * 5))
    return b.network(x)


def test_advised_is_the_pooled_output_of_one_convolution_and_else_the_input_of_the_last():
    assert advised_layer(one_convolution()) == "pool1"
    assert cut(one_convolution(), "advised").layer == "pool1"
    assert advised_layer(deep(((5, 2), (3, 2), (2, 0)), input_length=LENGTH)) == "pool2"
    assert advised_layer(deep(((5, 2), (3, 0)), input_length=LENGTH)) == "pool1"
    assert advised_layer(deep(((5, 0),), input_length=LENGTH)) == "global"
    assert advised_layer(residual()) == "conv1"
    assert advised_layer(pooled_and_normalised()) == "pool"


def test_an_unknown_layer_or_output_is_refused_with_what_there_is():
    with pytest.raises(LayerError, match="Layer 'conv9' is not in this model; it has conv1, pool1"):
        cut(one_convolution(), "conv9")
    with pytest.raises(LayerError, match="cut at 'pool1' instead"):
        cut(one_convolution(), "flat")
    with pytest.raises(LayerError, match="Output 'tail' is not in this model; it has output"):
        cut(one_convolution(), "pool1", output="tail")


def test_the_receptive_field_equals_hand_arithmetic():
    network = deep(((8, 4), (8, 4), (8, 0)), input_length=401)
    fields = {layer.name: layer.receptive_field_bp for layer in find_layers(network)}
    assert [fields[n] for n in ("conv1", "pool1", "conv2", "pool2", "conv3")] == [
        8,
        11,
        39,
        51,
        163,
    ]
    assert fields["global"] == fields["dense"] >= 385
    third = cut(network, "conv3")
    assert (third.receptive_field_stride_bp, third.receptive_field_offset_bp) == (16, 0)
    second = cut(network, "conv2")
    assert (second.receptive_field_stride_bp, second.receptive_field_offset_bp) == (4, 0)


def test_a_border_shifts_the_receptive_field_and_dead_units_do_not_shrink_it():
    network = residual()
    made = cut(network, "sum")
    assert (made.receptive_field_bp, made.receptive_field_offset_bp) == (7, -1)
    dead = one_convolution()
    dead.weights["conv1.bias"][:] = -100
    assert cut(dead, "pool1").receptive_field_bp == 7


def causal_and_normalised():
    """Kernels of 5 that look back only, twice, with a normalisation that turns signs around."""
    g = np.random.default_rng(0)
    b = Builder(11)
    with b.layer("conv1", "convolution"):
        x = b.conv(b.input, draw(g, CHANNELS, 4, 5), padding=[(4, 0)])
        x = b.batch_norm(x, -np.ones(7), np.zeros(7), np.ones(7), np.ones(7), epsilon=0.1)
        x = b.activation(x, "relu")
    with b.layer("conv2", "convolution"):
        x = b.conv(x, draw(g, CHANNELS, CHANNELS, 5), padding=[(4, 0)])
    with b.layer("norm", "batch normalisation"):
        x = b.batch_norm(x, np.zeros(7), np.zeros(7), np.ones(7), np.ones(7), epsilon=0.1)
    with b.layer("dense", "dense"):
        x = b.linear(b.global_max(x), draw(g, TARGETS, CHANNELS))
    return b.network(x)


def test_the_edge_of_a_short_sequence_does_not_cut_the_receptive_field():
    for layer, width in (("conv1", 5), ("conv2", 9), ("norm", 9)):
        made = cut(causal_and_normalised(), layer)
        assert made.receptive_field_bp == width
        assert made.receptive_field_stride_bp == 1
        assert made.receptive_field_offset_bp == 1 - width


def test_a_changed_base_inside_the_field_moves_its_position_and_outside_none():
    network = deep(((5, 2), (3, 2)), input_length=LENGTH)
    made = cut(network, "pool1")
    start = made.receptive_field_offset_bp + 3 * made.receptive_field_stride_bp
    inside = range(start, start + made.receptive_field_bp)
    x = torch.tensor(random_one_hots(1))
    moved = []
    for base in range(LENGTH):
        y = x.clone()
        y[:, :, base] = 5 * x[:, :, base].roll(1, 1)
        if not torch.equal(made.head(x)[:, :, 3], made.head(y)[:, :, 3]):
            moved.append(base)
    assert moved
    assert set(moved) <= set(inside)


def test_the_card_holds_what_the_contract_names():
    found = card(one_convolution(class_names=["bound", "free"]))
    assert set(found) == {
        "card_version",
        "format",
        "input",
        "layers",
        "advised_layer",
        "outputs",
        "classes",
        "removed_activation",
        "parameters",
        "row_bytes",
        "findings",
        "choices",
    }
    assert found["input"] == {"length": LENGTH, "alphabet": "ACGT", "unknown_base": 0.25}
    assert found["outputs"] == [
        {
            "name": "output",
            "n": 2,
            "classes": ["bound", "free"],
            "advised_layer": "pool1",
            "cuts": ["conv1", "pool1", "dense1"],
            "from": [found["layers"][-1]["name"]],
        }
    ]
    costs = {one["name"]: one["tail_macs"] for one in found["layers"]}
    assert costs["pool1"] == 11 * CHANNELS * 8 + 11 * TARGETS
    assert costs["dense1"] == 11 * TARGETS
    assert found["classes"] == ["bound", "free"]
    assert found["removed_activation"] == "sigmoid"
    assert found["advised_layer"] == "pool1"
    assert all(set(finding) == {"what", "evidence", "fix"} for finding in found["findings"])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_cut_on_the_gpu_gives_the_same_scores(network):
    x = torch.tensor(random_one_hots(3))
    made = cut(network, "advised")
    moved = made.to("cuda")
    scores = moved.tail(moved.head(x.cuda())).cpu()
    torch.testing.assert_close(scores, made.tail(made.head(x)), rtol=1e-2, atol=1e-2)
