import numpy as np
import pytest
import torch

from deepresolve_dash.errors import LayerError
from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.corrections import with_alphabet
from deepresolve_dash.networks.cut import cut
from deepresolve_dash.networks.sequences import one_hot
from deepresolve_dash.networks.weights_views import first_layer_filters, last_layer_weights
from tests.networks.stacks import CHANNELS, LENGTH, deep, draw, one_convolution, residual

WIDTH = 5


def two_dimensional(kernel, *, unsqueeze, permute=False, **options):
    """A network of one 2-D convolution over the sequence in the given layout."""
    b = Builder(LENGTH)
    with b.layer("conv", "convolution"):
        x = b.permute(b.input, (0, 2, 1)) if permute else b.input
        x = b.conv(b.add("aten.unsqueeze.default", x, unsqueeze), kernel, **options)
    with b.layer("pool", "max pooling"):
        x = b.global_max(x)
    with b.layer("dense", "dense"):
        x = b.linear(x, np.ones((2, CHANNELS)))
    return b.network(x)


@pytest.fixture
def kernel():
    return draw(np.random.default_rng(0), CHANNELS, WIDTH, 4)  # (channel, offset, base)


LAYOUTS = {
    "rows of height 1": ((0, 2, 1), 2, {"unsqueeze": 2}),
    "columns of width 1": ((0, 2, 1), 3, {"unsqueeze": 3}),
    "image with four rows": ((0, 2, 1), 1, {"unsqueeze": 1}),
    "image with four columns": ((0, 1, 2), 1, {"unsqueeze": 1, "permute": True}),
}


@pytest.mark.parametrize(("order", "axis", "options"), LAYOUTS.values(), ids=LAYOUTS)
def test_filters_of_every_layout_read_channel_offset_base(kernel, order, axis, options):
    network = two_dimensional(np.expand_dims(kernel.transpose(order), axis), **options)
    for layer in ("conv", "pool"):
        found = first_layer_filters(network, layer)
        np.testing.assert_array_equal(found, kernel)


def test_a_filter_scores_the_sequence_that_it_spells():
    network = one_convolution()
    filters = first_layer_filters(network, "pool1")
    assert filters is not None
    assert filters.shape == (CHANNELS, WIDTH, 4)
    sequence = "".join("ACGT"[base] for base in filters[3].argmax(1))
    head = cut(network, "conv1").head
    x = one_hot(["N" * 10 + sequence + "N" * 14], length=LENGTH, unknown_base=0)
    bias = network.weights["conv1.bias"][3]
    assert float(head(torch.tensor(x))[0, 3, 10]) == pytest.approx(
        float(filters[3].max(1).sum() + bias), rel=1e-5
    )


def test_filters_are_told_in_acgt_whatever_the_alphabet():
    spelled = one_convolution()
    other = with_alphabet(spelled, "TCGA")
    found = first_layer_filters(other, "conv1")
    straight = first_layer_filters(spelled, "conv1")
    assert found is not None
    assert straight is not None
    np.testing.assert_array_equal(found[..., [3, 1, 2, 0]], straight)


def test_a_dilated_filter_has_gaps(kernel):
    b = Builder(LENGTH)
    with b.layer("conv", "convolution"):
        x = b.conv(b.input, kernel.transpose(0, 2, 1), dilation=2)
    with b.layer("dense", "dense"):
        x = b.linear(b.global_max(x), np.ones((2, CHANNELS)))
    found = first_layer_filters(b.network(x), "conv")
    assert found is not None
    np.testing.assert_array_equal(found[:, ::2], kernel)
    assert not found[:, 1::2].any()


def test_there_are_no_filters_where_channels_have_mixed():
    network = deep(((5, 2), (3, 2)), input_length=LENGTH)
    assert first_layer_filters(network, "pool1") is not None
    assert first_layer_filters(network, "conv2") is None
    assert first_layer_filters(one_convolution(), "dense1") is None
    assert first_layer_filters(residual(), "sum") is None
    with pytest.raises(LayerError, match="Layer 'x' is not in this model"):
        first_layer_filters(network, "x")


def test_last_layer_weights_are_those_that_make_the_scores():
    network = one_convolution()
    found = last_layer_weights(network)
    assert found is not None
    np.testing.assert_array_equal(found, network.weights["dense2.kernel"])
    found[:] = 0
    assert network.weights["dense2.kernel"].any()


def test_there_are_no_last_weights_without_a_dense_layer():
    b = Builder(LENGTH)
    with b.layer("pool", "max pooling"):
        x = b.global_max(b.input)
    assert last_layer_weights(b.network(x)) is None
