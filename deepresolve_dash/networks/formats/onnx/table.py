"""What each ONNX operation is in our graph."""

from collections.abc import Callable

from deepresolve_dash.networks.formats.onnx import layers, numbers, recurrent, shapes


def _same(names: str, read: Callable) -> dict[str, Callable]:
    return dict.fromkeys(names.split(), read)


_ONE_NUMBER = {
    "Abs": "abs",
    "Cos": "cos",
    "Erf": "erf",
    "Exp": "exp",
    "HardSwish": "hardswish",
    "Log": "log",
    "Mish": "mish",
    "Neg": "neg",
    "Reciprocal": "reciprocal",
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "Sin": "sin",
    "Softplus": "softplus",
    "Sqrt": "sqrt",
    "Swish": "silu",
    "Tanh": "tanh",
}

FUNCTIONS: dict[str, Callable] = {
    **{name: numbers.simple(f"aten.{op}.default") for name, op in _ONE_NUMBER.items()},
    "Softsign": numbers.simple("own.softsign"),
    "Celu": numbers.simple("aten.celu.default", ("alpha", 1.0)),
    "Elu": numbers.simple("aten.elu.default", ("alpha", 1.0)),
    "HardSigmoid": numbers.simple("own.hard_sigmoid", ("alpha", 0.2), ("beta", 0.5)),
    "LeakyRelu": numbers.simple("aten.leaky_relu.default", ("alpha", 0.01)),
    "Selu": numbers.simple("aten.selu.default"),
    "ThresholdedRelu": numbers.simple("aten.threshold.default", ("alpha", 1.0), ("", 0.0)),
    "Gelu": numbers.gelu,
    "PRelu": numbers.prelu,
    "Clip": numbers.clip,
    "Pow": numbers.power,
    "Add": numbers.arithmetic("add"),
    "Sub": numbers.arithmetic("sub"),
    "Mul": numbers.arithmetic("mul"),
    "Div": numbers.arithmetic("div"),
    "Max": numbers.variadic("aten.maximum.default"),
    "Min": numbers.variadic("aten.minimum.default"),
    **_same("Mean Sum", numbers.variadic("aten.add.Tensor")),
    "Equal": numbers.compare("eq"),
    "Greater": numbers.compare("gt"),
    "GreaterOrEqual": numbers.compare("ge"),
    "Less": numbers.compare("lt"),
    "LessOrEqual": numbers.compare("le"),
    "Not": numbers.negate,
    "Where": numbers.where,
    **_same("And Ceil Floor Mod Or Round Sign", numbers.known_only),
    "ReduceMax": numbers.reduction("aten.amax.default"),
    "ReduceMin": numbers.reduction("aten.amin.default"),
    "ReduceMean": numbers.reduction("aten.mean.dim"),
    "ReduceSum": numbers.reduction("aten.sum.dim_IntList"),
    "ReduceLogSumExp": numbers.reduction("aten.logsumexp.default"),
    "ReduceL2": numbers.reduction("norm"),
    "ReduceSumSquare": numbers.reduction("squares"),
    "ReduceProd": numbers.reduction("product"),
    "Softmax": numbers.softmax("softmax"),
    "LogSoftmax": numbers.softmax("log_softmax"),
    "Conv": layers.convolution,
    "ConvTranspose": layers.transposed,
    "MaxPool": layers.max_pool,
    "AveragePool": layers.average_pool,
    "GlobalMaxPool": layers.pool_all("aten.amax.default"),
    "GlobalAveragePool": layers.pool_all("aten.mean.dim"),
    "BatchNormalization": layers.batch_norm,
    "GroupNormalization": layers.group_norm,
    "InstanceNormalization": layers.instance_norm,
    "LayerNormalization": layers.layer_norm,
    "RMSNormalization": layers.rms_norm,
    "Gemm": layers.gemm,
    "MatMul": layers.matmul,
    "Einsum": layers.einsum,
    **_same("GRU LSTM RNN", recurrent.recurrent),
    "Identity": shapes.same,
    "Cast": shapes.cast,
    "Constant": shapes.constant,
    "ConstantOfShape": shapes.constant_of_shape,
    "Concat": shapes.concatenate,
    "CumSum": shapes.cumulative,
    "Dropout": shapes.dropout,
    "Expand": shapes.expand,
    "Flatten": shapes.flatten,
    "Gather": shapes.gather,
    "GatherND": shapes.gather_nd,
    "Pad": shapes.pad,
    "Range": shapes.range_,
    "Reshape": shapes.reshape,
    **_same("Resize Upsample", shapes.resize),
    "ReverseSequence": recurrent.reverse,
    "Shape": shapes.shape,
    "Slice": shapes.slice_,
    "Split": shapes.split,
    "Squeeze": shapes.squeeze,
    "Tile": shapes.tile,
    "Transpose": shapes.transpose,
    "Trilu": shapes.triangle,
    "Unsqueeze": shapes.unsqueeze,
}
"""Operation -> reader; what is not here is refused by name."""

MOVES = frozenset(
    _same(
        "Cast Constant ConstantOfShape Expand Flatten Gather Identity Reshape Shape Slice Split "
        "Squeeze Tile Transpose Unsqueeze",
        shapes.same,
    )
)
"""Operations that only move values; on their own they are no layer."""
