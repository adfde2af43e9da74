"""The convolution in frequency space: the same numbers as the usual one."""

import gc
import weakref

import pytest
import torch
from torch.nn import functional

from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.convolution import (
    FEWEST_ROWS,
    LONGEST_TILE,
    FrequencyConvolution,
    conv1d,
    conv2d,
    tile_length,
    tiled_macs,
    transformed,
)
from deepresolve_dash.networks.cost import tail_costs
from deepresolve_dash.networks.cut import cut

SHAPES = [  # positions, width of the kernel, positions of a tile
    (53, 8, 53), (53, 8, 30), (54, 8, 54), (60, 8, 9), (21, 3, 4), (20, 5, 5), (9, 1, 1), (9, 9, 9),
    (40, 2, 3), (41, 1, 2), (64, 15, 16),
]  # fmt: skip


def drawn(*shape: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(sum(shape)))


@pytest.mark.parametrize(("length", "width", "tile"), SHAPES)
def test_frequency_space_and_its_gradient_equal_the_convolution(length, width, tile):
    x, kernel = drawn(3, 6, length).requires_grad_(), drawn(7, 6, width)
    usual = functional.conv1d(x, kernel)
    ours = FrequencyConvolution.apply(x, kernel, tile)
    weights = drawn(*usual.shape)
    (expected,) = torch.autograd.grad((usual * weights).sum(), x)
    (gradient,) = torch.autograd.grad((ours * weights).sum(), x)
    torch.testing.assert_close(ours, usual)
    torch.testing.assert_close(gradient, expected)


def test_a_gradient_that_is_one_number_repeated_is_taken_too():
    x, kernel = drawn(8, 128, 40).requires_grad_(), drawn(128, 128, 11)
    (ours,) = torch.autograd.grad(conv1d(x, kernel).sum(), x)
    (expected,) = torch.autograd.grad(functional.conv1d(x, kernel).sum(), x)
    torch.testing.assert_close(ours, expected)


@pytest.mark.parametrize("options", [{}, {"stride": 2}, {"dilation": 2}])
def test_costs_count_the_way_that_is_taken(options):
    kernels = drawn(128, 4, 5).numpy(), drawn(128, 128, 11).numpy(), drawn(3, 128).numpy()
    first, second, dense = kernels
    network = sequential_network(
        [
            ("first", "conv", {"kernel": first}),
            ("second", "conv", {"kernel": second, **options}),
            ("second", "global_max", {}),
            ("dense", "linear", {"kernel": dense}),
        ],
        input_length=44,
    )
    parts = cut(network, "first")
    told = tail_costs(network)["first"].macs - dense.size
    x = drawn(FEWEST_ROWS, 128, 40, dtype=torch.float32).requires_grad_()
    tiled = goes_that_way(parts.tail(x))
    assert tiled == (not options)
    positions = {"": 30, "stride": 15, "dilation": 20}["".join(options)]
    usual = positions * second.size
    assert told == (tiled_macs(128, 128, 11, 40, 40) if tiled else usual)
    assert tiled == (told < usual / 2)


def test_in_float32_the_errors_are_those_of_rounding():
    x, kernel = drawn(8, 200, 53), drawn(300, 200, 8) / 40
    exact = functional.conv1d(x, kernel)
    ours = FrequencyConvolution.apply(x.float(), kernel.float(), 53)
    assert (ours - exact).square().mean().sqrt() < 1e-6 * exact.square().mean().sqrt()


def test_a_tile_is_taken_where_it_takes_far_fewer_products():
    assert tile_length(480, 960, 8, 53) == 53
    assert tile_length(300, 200, 11, 200) in range(22, LONGEST_TILE + 1)
    assert tile_length(320, 320, 8, 10_000) <= LONGEST_TILE
    for shape in [(4, 320, 8, 1000), (480, 960, 1, 53), (480, 960, 8, 8), (16, 32, 8, 100)]:
        assert tile_length(*shape) is None
    assert tile_length(480, 960, 8, 7) is None
    assert tile_length(512, 512, 100, 1000) is None
    assert tile_length(8192, 8192, 11, 200) is None  # would take gigabytes


@pytest.mark.parametrize("padding", [0, 3])
@pytest.mark.parametrize("with_bias", [False, True])
def test_wide_kernels_of_many_channels_go_that_way_for_gradients(padding, with_bias):
    x = drawn(FEWEST_ROWS, 128, 40).requires_grad_()
    kernel, bias = drawn(128, 128, 11), drawn(128) if with_bias else None
    asked = (kernel, bias, [1], [padding])
    ours = conv1d(x, *asked)
    assert goes_that_way(ours)
    torch.testing.assert_close(ours, functional.conv1d(x, *asked))


def test_maps_of_height_1_go_that_way_too():
    x, kernel, bias = drawn(8, 128, 1, 40).requires_grad_(), drawn(128, 128, 1, 11), drawn(128)
    for asked in [(kernel, bias), (kernel, bias, [1, 1], [0, 3])]:
        ours = conv2d(x, *asked)
        assert goes_that_way(ours)
        torch.testing.assert_close(ours, functional.conv2d(x, *asked))
    for asked in [(kernel, bias, [1, 1], [1, 0]), (kernel, bias, [1, 2])]:
        ours = conv2d(x, *asked)
        assert not goes_that_way(ours)
        torch.testing.assert_close(ours, functional.conv2d(x, *asked))
    assert not goes_that_way(conv2d(x, drawn(128, 64, 1, 11), groups=2))


def goes_that_way(made: torch.Tensor) -> bool:
    """Search the history of a result."""
    seen = [made.grad_fn]
    while seen:
        function = seen.pop()
        if function is not None:
            if "Frequency" in type(function).__name__:
                return True
            seen += [before for before, _ in function.next_functions]
    return False


def test_others_do_not():
    x, kernel = drawn(FEWEST_ROWS, 128, 40).requires_grad_(), drawn(128, 128, 11)
    assert goes_that_way(conv1d(x, kernel))
    assert not goes_that_way(conv1d(x[: FEWEST_ROWS - 1], kernel))
    assert not goes_that_way(conv1d(x, kernel, stride=[2]))
    assert not goes_that_way(conv1d(x, kernel, dilation=[2]))
    assert not goes_that_way(conv1d(x, drawn(128, 64, 11), groups=2))
    assert not goes_that_way(conv1d(x, drawn(128, 128, 11).requires_grad_()))
    assert not goes_that_way(conv1d(x, drawn(128, 128, 3)))
    with torch.no_grad():
        assert not goes_that_way(conv1d(x, kernel))
    with torch.autocast("cpu", torch.bfloat16):
        assert not goes_that_way(conv1d(x.float(), kernel.float()))


def test_a_kernel_is_transformed_once_and_let_go_with_it():
    kernel = drawn(7, 6, 5)
    made = transformed(kernel, 9)
    assert transformed(kernel, 9) is made
    assert transformed(kernel, 10) is not made
    lasting = weakref.ref(made)
    del made
    assert lasting() is transformed(kernel, 9)
    del kernel
    gc.collect()
    assert lasting() is None


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_on_cuda_the_numbers_are_those_of_full_precision():
    x, kernel = drawn(8, 200, 53), drawn(300, 200, 8) / 40
    exact = functional.conv1d(x, kernel)
    there = x.float().cuda().requires_grad_()
    ours = conv1d(there, kernel.float().cuda())
    assert goes_that_way(ours)
    assert (ours.cpu() - exact).square().mean().sqrt() < 2e-6 * exact.square().mean().sqrt()
    with torch.autocast("cuda", torch.bfloat16):
        assert conv1d(there, kernel.float().cuda()).dtype == torch.bfloat16
