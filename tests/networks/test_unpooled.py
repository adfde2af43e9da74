"""The maps before pooling, and the window that one position needs."""

import numpy as np
import pytest
import torch

from deepresolve_dash.errors import LayerError
from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.cut import cut
from deepresolve_dash.networks.unpooled import narrowed, unpooled, window_of

LENGTH = 97


def two_convolutions(*, padded=False, activation_after=False):
    draw = np.random.default_rng(0).normal
    pad = {"padding": ((3, 3),)} if padded else {}
    steps = [
        ("conv1", "conv", {"kernel": draw(size=(5, 4, 8)), **pad}),
        ("conv1", "relu", {}),
        ("pool1", "max_pool", {"size": 4, "stride": 4}),
        ("conv2", "conv", {"kernel": draw(size=(7, 5, 3))}),
        *([] if activation_after else [("conv2", "relu", {})]),
        ("pool2", "max_pool", {"size": 2, "stride": 2}),
        *([("pool2", "tanh", {})] if activation_after else []),
        ("top", "global_max", {}),
        ("dense", "linear", {"kernel": draw(size=(2, 7))}),
    ]
    return sequential_network(steps, input_length=LENGTH)


def sequences(n, length):
    letters = torch.randint(4, (n, length), generator=torch.Generator().manual_seed(1))
    return torch.nn.functional.one_hot(letters, 4).transpose(1, 2).float()


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("activation_after", [False, True])
def test_pooling_the_maps_gives_the_layer(padded, activation_after):
    network = two_convolutions(padded=padded, activation_after=activation_after)
    inputs = sequences(3, LENGTH)
    before = unpooled(network, "pool2").head(inputs)
    expected = cut(network, "pool2").head(inputs)
    np.testing.assert_allclose(
        torch.nn.functional.max_pool1d(before, 2, 2).numpy(), expected.numpy(), atol=1e-6
    )


@pytest.mark.parametrize(
    ("layer", "width", "stride"), [("conv1", 8, 1), ("pool1", 8, 1), ("conv2", 19, 4),
                                   ("pool2", 19, 4), ("top", 19, 4)],
)  # fmt: skip
def test_the_receptive_field_is_that_of_the_convolution(layer, width, stride):
    field = unpooled(two_convolutions(), layer).field
    assert (field.width, field.stride, field.offset) == (width, stride, 0)


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("layer", ["pool1", "pool2"])
def test_a_window_says_what_the_whole_sequence_says(layer, padded):
    whole = unpooled(two_convolutions(padded=padded), layer)
    window = window_of(whole)
    assert window.length < LENGTH
    inputs = sequences(4, LENGTH)
    width, stride, offset = whole.field
    place = whole.width // 2
    begin = offset + stride * place
    cut_out = torch.full((4, 4, window.length), 7.0)  # what is outside must not matter
    stop = window.start + width
    cut_out[:, :, window.start : stop] = inputs[:, :, begin : begin + width]
    np.testing.assert_allclose(
        window.head(cut_out)[:, :, window.position].numpy(),
        whole.head(inputs)[:, :, place].numpy(),
        atol=1e-5,
    )


def test_a_position_that_sees_everything_has_the_whole_sequence_as_window():
    network = sequential_network(
        [
            ("conv1", "conv", {"kernel": np.ones((3, 4, 11))}),
            ("conv2", "conv", {"kernel": np.ones((2, 3, LENGTH - 10))}),
            ("flat", "flatten", {}),
            ("dense", "linear", {"kernel": np.ones((1, 2))}),
        ],
        input_length=LENGTH,
    )
    window = window_of(unpooled(network, "conv2"))
    assert (window.start, window.length, window.position) == (0, LENGTH, 0)


def test_a_layer_that_cannot_be_cut_at_is_refused():
    with pytest.raises(LayerError, match="dense"):
        unpooled(two_convolutions(), "dense")
    assert unpooled(two_convolutions(), "advised").n_channels == 5


@pytest.mark.parametrize("activation_after", [False, True])
def test_a_narrow_head_makes_some_channels_as_the_whole_one_does(activation_after):
    head = unpooled(two_convolutions(activation_after=activation_after), "pool2").head
    inputs = sequences(3, LENGTH)
    narrow = narrowed(head, 2, 5)
    assert narrow.target_shape == (3, head.target_shape[1])
    np.testing.assert_allclose(narrow(inputs).numpy(), head(inputs)[:, 2:5].numpy(), atol=1e-6)


def test_a_head_that_ends_in_no_convolution_stays_whole():
    network = sequential_network(
        [
            ("conv1", "conv", {"kernel": np.ones((3, 4, 11))}),
            ("flat", "flatten", {}),
            ("dense1", "linear", {"kernel": np.ones((5, 3 * (LENGTH - 10)))}),
            ("dense1", "relu", {}),
            ("dense2", "linear", {"kernel": np.ones((1, 5))}),
        ],
        input_length=LENGTH,
    )
    head = unpooled(network, "dense1").head
    assert narrowed(head, 1, 3) is head
