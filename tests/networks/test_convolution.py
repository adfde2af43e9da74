"""The convolution by products: the same numbers as the usual one."""

import pytest
import torch
from torch.nn import functional

from deepresolve_dash.networks import convolution
from deepresolve_dash.networks.convolution import ProductConvolution, conv1d

SHAPES = [(53, 8, 1, 1), (20, 3, 2, 1), (21, 3, 2, 2), (30, 5, 3, 2), (8, 8, 1, 1), (9, 1, 1, 1)]


@pytest.mark.parametrize(("length", "width", "stride", "dilation"), SHAPES)
def test_product_and_its_gradient_equal_the_convolution(length, width, stride, dilation):
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(3, 6, length, dtype=torch.float64, generator=draw, requires_grad=True)
    kernel = torch.randn(7, 6, width, dtype=torch.float64, generator=draw)
    usual = functional.conv1d(x, kernel, stride=stride, dilation=dilation)
    product = ProductConvolution.apply(x, kernel, stride, dilation)
    weights = torch.randn(usual.shape, dtype=torch.float64, generator=draw)
    (expected,) = torch.autograd.grad((usual * weights).sum(), x)
    (gradient,) = torch.autograd.grad((product * weights).sum(), x)
    torch.testing.assert_close(product, usual)
    torch.testing.assert_close(gradient, expected)


@pytest.mark.parametrize("groups", [1, 2])
def test_bias_padding_and_groups_are_those_of_aten(monkeypatch, groups):
    monkeypatch.setattr(convolution, "_by_product", lambda x: x.requires_grad)
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(2, 4, 11, generator=draw, requires_grad=True)
    kernel = torch.randn(6, 4 // groups, 3, generator=draw)
    bias = torch.randn(6, generator=draw)
    asked = (x, kernel, bias, [2], [1], [1], groups)
    torch.testing.assert_close(conv1d(*asked), torch.ops.aten.conv1d.default(*asked))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_on_cuda_the_product_is_taken_for_gradients_in_full_precision():
    x = torch.randn(5, 6, 30, device="cuda", requires_grad=True)
    kernel = torch.randn(7, 6, 4, device="cuda")
    torch.testing.assert_close(
        conv1d(x, kernel).double(),
        functional.conv1d(x.double(), kernel.double()),
        atol=1e-4,
        rtol=0,
    )
    assert "Product" in type(conv1d(x, kernel).grad_fn).__name__
    with torch.autocast("cuda", torch.bfloat16):
        assert conv1d(x, kernel).dtype == torch.bfloat16
