"""Every operation of the whitelist on a small value: shapes, batches, and who depends on whom."""

import numpy as np
import pytest
import torch

from deepresolve_dash.networks.builder import Builder
from deepresolve_dash.networks.dependencies import dependency, whole
from deepresolve_dash.networks.execute import entering, execute, node_shapes, weight_tensors
from deepresolve_dash.networks.graph import BATCH, Network, Output, Ref
from deepresolve_dash.networks.operations import (
    COMPARISONS,
    POINTWISE,
    REDUCTIONS,
    WHITELIST,
    function,
)

LENGTH = 6
G = np.random.default_rng(0)
_ARGUMENTS = {
    "aten.clamp.default": (-0.5, 0.5),
    "aten.pow.Tensor_Scalar": (2,),
    "aten.threshold.default": (0.1, 0.0),
    "own.hard_sigmoid": (0.2, 0.5),
}


def weight(*shape):
    return lambda b: b.weight("w", np.random.default_rng(len(b._values)).normal(size=shape))


def simple(op, *arguments):
    """The operation of the sequence (n, 4, 6) and of weights made on the spot."""

    def make(b):
        made = (each(b) if callable(each) else each for each in arguments)
        return b.add(op, b.input, *made)

    return make


def recurrent(op, n_gates, *arguments, n_weights=4):
    def make(b):
        units = 3
        shapes = [(n_gates * units, 4), (n_gates * units, units), *[(n_gates * units,)] * 2]
        positions = b.permute(b.input, (0, 2, 1))
        weights = tuple(weight(*shape)(b) for shape in shapes[:n_weights])
        return b.add(op, positions, *(weights if "steps" in op else (weights,)), *arguments)

    return make


def image(op, *arguments):
    """The operation of the sequence as (n, 4, 1, 6)."""

    def make(b):
        made = (each(b) if callable(each) else each for each in arguments)
        return b.add(op, b.add("aten.unsqueeze.default", b.input, 2), *made)

    return make


def attention(b):
    rows = b.permute(b.input, (0, 2, 1))
    return b.add("aten.scaled_dot_product_attention.default", rows, rows, rows)


def einsum(b):
    return b.add("own.einsum", (b.input, b.input), ((0, 1, 2), (0, 3, 2)), (0, 1, 3))


def matmul(b):
    return b.add("aten.matmul.default", b.permute(b.input, (0, 2, 1)), b.input)


def normalised(op, *arguments):
    return simple(op, *arguments, weight(4), weight(4), 0.1, False)


def expanded(b):
    token = b.weight("token", np.ones((1, 4, 1)))
    rows = b.add("aten.expand.default", token, (Ref(BATCH), -1, -1))
    return b.add("aten.cat.default", (rows, b.input), 2)


CASES = {
    **{op: simple(op, *_ARGUMENTS.get(op, ())) for op in sorted(POINTWISE)},
    **{op: simple(op, (2,)) for op in sorted(REDUCTIONS)},
    "aten.any.dim": lambda b: b.add("aten.any.dim", b.add("aten.gt.Scalar", b.input, 1.0), 2),
    **{op: simple(op, weight(4, 1) if "Tensor" in op else 0.3) for op in sorted(COMPARISONS)},
    "aten.adaptive_avg_pool1d.default": simple("aten.adaptive_avg_pool1d.default", (4,)),
    "aten.add.Tensor": simple("aten.add.Tensor", weight(4, 6)),
    "aten.alias.default": simple("aten.alias.default"),
    "aten.avg_pool1d.default": simple("aten.avg_pool1d.default", (3,), (2,), (1,), True, False),
    "aten.avg_pool2d.default": image("aten.avg_pool2d.default", (1, 3), (1, 3)),
    "aten.batch_norm.default": simple(
        "aten.batch_norm.default", None, None, weight(4),
        lambda b: b.weight("v", np.ones(4)), False, 0.0, 0.1, False,
    ),
    "aten.cat.default": expanded,
    "aten.constant_pad_nd.default": simple("aten.constant_pad_nd.default", (1, 2), 1.0),
    "aten.conv1d.default": simple(
        "aten.conv1d.default", weight(6, 2, 3), None, (2,), (1,), (2,), 2
    ),
    "aten.conv2d.default": image("aten.conv2d.default", weight(5, 4, 1, 3)),
    "aten.conv_transpose1d.default": simple(
        "aten.conv_transpose1d.default", weight(4, 3, 3), None, (2,), (1,), (1,), 2, (1,)
    ),
    "aten.conv_transpose2d.input": image("aten.conv_transpose2d.input", weight(4, 3, 1, 3)),
    "aten.cumsum.default": simple("aten.cumsum.default", 2),
    "aten.div.Tensor": simple("aten.div.Tensor", weight(4, 1)),
    "aten.expand.default": expanded,
    "aten.flatten.using_ints": simple("aten.flatten.using_ints", 1),
    "aten.flip.default": simple("aten.flip.default", (1, 2)),
    "aten.glu.default": simple("aten.glu.default", 1),
    "aten.group_norm.default": simple(
        "aten.group_norm.default", 2, weight(4), weight(4), 0.1, False
    ),
    "aten.instance_norm.default": simple(
        "aten.instance_norm.default", None, None, None, None, True, 0.0, 0.1, False
    ),
    "aten.layer_norm.default": simple(
        "aten.layer_norm.default", (4, 6), weight(4, 6), None, 0.1, False
    ),
    "aten.linear.default": simple("aten.linear.default", weight(3, 6)),
    "aten.log_softmax.int": simple("aten.log_softmax.int", 1),
    "aten.matmul.default": matmul,
    "aten.max_pool1d.default": simple("aten.max_pool1d.default", (2,), (1,), (1,), (2,), True),
    "aten.max_pool2d.default": image(
        "aten.max_pool2d.default", (1, 3), (1, 2), (0, 1), (1, 1), True
    ),
    "aten.maximum.default": simple("aten.maximum.default", weight(4, 1)),
    "aten.minimum.default": simple("aten.minimum.default", weight(4, 1)),
    "aten.mul.Tensor": lambda b: b.add("aten.mul.Tensor", b.input, b.input),
    "aten.permute.default": simple("aten.permute.default", (0, 2, 1)),
    "aten.pow.Tensor_Tensor": simple(
        "aten.pow.Tensor_Tensor", lambda b: b.weight("w", np.full((4, 1), 2.0))
    ),
    "aten.reflection_pad1d.default": simple("aten.reflection_pad1d.default", (2, 1)),
    "aten.repeat.default": simple("aten.repeat.default", (1, 2, 1)),
    "aten.replication_pad1d.default": simple("aten.replication_pad1d.default", (2, 1)),
    "aten.reshape.default": simple("aten.reshape.default", (-1, 2, 12)),
    "aten.rms_norm.default": simple("aten.rms_norm.default", (6,), weight(6), 0.1),
    "aten.roll.default": simple("aten.roll.default", (2,), (2,)),
    "aten.scaled_dot_product_attention.default": attention,
    "aten.select.int": simple("aten.select.int", 2, 3),
    "aten.slice.Tensor": simple("aten.slice.Tensor", 2, 1, -1, 2),
    "aten.softmax.int": simple("aten.softmax.int", 2),
    "aten.squeeze.dim": lambda b: b.add(
        "aten.squeeze.dim", b.add("aten.unsqueeze.default", b.input, 2), 2
    ),
    "aten.stack.default": lambda b: b.add("aten.stack.default", (b.input, b.input), 1),
    "aten.sub.Tensor": simple("aten.sub.Tensor", weight(4, 1)),
    "aten.unsqueeze.default": simple("aten.unsqueeze.default", 1),
    "aten.upsample_linear1d.default": simple("aten.upsample_linear1d.default", (11,), False),
    "aten.upsample_nearest1d.default": simple("aten.upsample_nearest1d.default", (12,)),
    "aten.upsample_nearest2d.default": image("aten.upsample_nearest2d.default", (1, 12)),
    "own.adaptive_max_pool1d": simple("own.adaptive_max_pool1d", (4,)),
    "own.einsum": einsum,
    "own.gru": recurrent("own.gru", 3, 1, False),
    "own.gru_steps": recurrent("own.gru_steps", 3, False, None, 0.0),
    "own.lstm": recurrent("own.lstm", 4, 1, False),
    "own.lstm_steps": recurrent("own.lstm_steps", 4, 0.2, 0.5, n_weights=3),
    "own.prelu": simple("own.prelu", weight(4, 1)),
    "own.rnn": recurrent("own.rnn", 1, 1, False, 1),
    "own.rnn_steps": recurrent("own.rnn_steps", 1, 2, n_weights=3),
    "own.take": simple("own.take", 2, (5, 0, 3)),
    "own.where": lambda b: b.add(
        "own.where", b.add("aten.gt.Tensor", b.input, weight(4, 1)(b)), b.input, 0.0
    ),
}  # fmt: skip


def own_moments(b):
    """Every channel of a sequence by its own mean and variance, as converters write that."""
    channels = b.add("aten.reshape.default", b.input, (1, -1, LENGTH))
    mean = b.add("aten.reshape.default", b.add("aten.mean.dim", channels, (2,)), (-1,))
    spread = b.add("aten.var.correction", channels, (2,), correction=0)
    moments = mean, b.add("aten.reshape.default", spread, (-1,))
    rest = (False, 0.0, 0.1, False)
    normal = b.add("aten.batch_norm.default", channels, None, None, *moments, *rest)
    return b.add("aten.reshape.default", normal, (-1, 4, LENGTH))


def made(case) -> Network:
    b = Builder(LENGTH)
    with b.layer("layer", "layer"):
        target = case(b)
    outputs = (Output("output", target.name, ()),)
    return Network(tuple(b._nodes), dict(b._weights), LENGTH, outputs, {})


def value(network, x):
    target = network.outputs[0].node
    return execute(network.nodes, weight_tensors(network) | entering(x), [target])[target]


def test_every_operation_has_a_case():
    assert set(CASES) == WHITELIST


@pytest.mark.parametrize("op", sorted(CASES))
def test_shapes_are_known_beforehand_and_rows_do_not_meet(op):
    network = made(CASES[op])
    x = torch.tensor(G.normal(size=(3, 4, LENGTH)), dtype=torch.float32).abs() + 0.1
    every = value(network, x)
    assert tuple(every.shape[1:]) == node_shapes(network)[network.outputs[0].node]
    for row in range(3):
        torch.testing.assert_close(value(network, x[row : row + 1])[0], every[row])


@pytest.mark.parametrize("op", [*sorted(CASES), "own moments"])
def test_what_a_value_depends_on_is_in_its_field(op):
    network = made({**CASES, "own moments": own_moments}[op])
    sequence = torch.ones((1, 4, LENGTH), dtype=torch.float64)

    def dependencies(x):
        values = entering(x)
        for node in network.nodes:
            values[node.name] = dependency(node, values, network)
        target = network.outputs[0].node
        return whole(network, target, values[target])

    jacobian = torch.autograd.functional.jacobian(dependencies, sequence)
    assert isinstance(jacobian, torch.Tensor)
    x = torch.tensor(G.normal(size=(1, 4, LENGTH)), dtype=torch.float32)
    before = value(network, x)
    may = jacobian.reshape(*before.shape, 4, LENGTH).abs().sum(-2) > 0
    assert may.any()
    for position in range(LENGTH):
        y = x.clone()
        y[:, :, position] += 0.75
        moved = value(network, y)
        does = (
            (moved != before) & ~(moved.isnan() & before.isnan())
            if moved.is_floating_point()
            else moved != before
        )
        assert may[..., position][does].all()


def test_moments_that_are_computed_have_a_gradient():
    x = torch.tensor(G.normal(size=(3, 4, LENGTH)), dtype=torch.float32, requires_grad=True)
    found = value(made(own_moments), x)
    expected = torch.nn.functional.instance_norm(x, eps=0.1)
    torch.testing.assert_close(found, expected)
    wanted = torch.tensor(G.normal(size=x.shape), dtype=torch.float32)
    ours, theirs = (torch.autograd.grad((y * wanted).sum(), x)[0] for y in (found, expected))
    torch.testing.assert_close(ours, theirs)


def test_an_operation_outside_the_whitelist_is_unknown():
    with pytest.raises(KeyError):
        function("aten.from_file.default")
