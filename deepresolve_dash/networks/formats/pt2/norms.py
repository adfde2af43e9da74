"""ATen operations that normalise."""

# ruff: noqa: A002
from collections.abc import Sequence

import torch

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.formats.sizes import Size
from deepresolve_dash.networks.formats.tracing import Known, Traced, Tracing

_FOR_TRAINING = "The model was saved while training: {} would depend on the other sequences."


def batch_norm(
    t: Tracing,
    input: Traced,
    weight: Traced | None,
    bias: Traced | None,
    running_mean: Traced | None,
    running_var: Traced | None,
    *rest: Known,
    training: bool = False,
    momentum: float = 0.0,
    eps: float = 1e-5,
    cudnn_enabled: bool = False,
) -> Traced:
    """Normalise a batch as at prediction."""
    if running_mean is None or running_var is None:
        raise ModelFileError(
            _FOR_TRAINING.format("batch normalisation"), "Save it after model.eval()."
        )
    moments = (running_mean, running_var)
    return t.add("aten.batch_norm.default", input, weight, bias, *moments, False, 0.0, eps, False)


def batch_norm_parts(t: Tracing, **options: Known) -> list:
    """Normalise a batch, as decomposed programs say it."""
    return [batch_norm(t, **options), None, None]  # pyright: ignore[reportArgumentType]


def own_batch_norm_parts(
    t: Tracing,
    input: Traced,
    weight: Traced | None,
    bias: Traced | None,
    training: bool,
    momentum: float,
    eps: float,
) -> list:
    """Normalise every channel of one image, as decomposed programs say instance normalisation."""
    if t.shape(input)[0] != 1:
        raise ModelFileError(_FOR_TRAINING.format("batch normalisation"), "Save it after eval().")
    rest = (None, None, None, None, True, 0.0, eps, False)
    x = t.add("aten.instance_norm.default", input, *rest)
    shape = [1, -1, *[1] * (t.rank(input) - 2)]
    for op, value in (("mul", weight), ("add", bias)):
        x = x if value is None else t.add(f"aten.{op}.Tensor", x, t.reshape(value, shape))
    return [x, None, None]


def layer_norm(
    t: Tracing,
    input: Traced,
    normalized_shape: Sequence[int],
    weight: Traced | None = None,
    bias: Traced | None = None,
    eps: float = 1e-5,
    cudnn_enable: bool = False,
) -> Traced:
    """Normalise the last axes."""
    return t.add("aten.layer_norm.default", input, normalized_shape, weight, bias, eps, False)


def layer_norm_parts(t: Tracing, **options: Known) -> list:
    """Normalise the last axes, as decomposed programs say it."""
    return [layer_norm(t, **options), None, None]  # pyright: ignore[reportArgumentType]


def group_norm(
    t: Tracing,
    input: Traced,
    num_groups: int = 1,
    weight: Traced | None = None,
    bias: Traced | None = None,
    eps: float = 1e-5,
    cudnn_enabled: bool = False,
) -> Traced:
    """Normalise groups of channels."""
    return t.add("aten.group_norm.default", input, num_groups, weight, bias, eps, False)


def group_norm_parts(
    t: Tracing,
    input: Traced,
    weight: Traced | None,
    bias: Traced | None,
    N: Size,  # noqa: N803
    C: int,  # noqa: N803
    HxW: int,  # noqa: N803
    group: int,
    eps: float,
) -> list:
    """Normalise groups of channels, as decomposed programs say it."""
    return [group_norm(t, input, group, weight, bias, eps), None, None]


def instance_norm(
    t: Tracing,
    input: Traced,
    weight: Traced | None,
    bias: Traced | None,
    running_mean: Traced | None,
    running_var: Traced | None,
    use_input_stats: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool,
) -> Traced:
    """Normalise every channel of every sequence."""
    if not use_input_stats:
        return batch_norm(t, input, weight, bias, running_mean, running_var, eps=eps)
    rest = (None, None, True, 0.0, eps, False)
    return t.add("aten.instance_norm.default", input, weight, bias, *rest)


def rms_norm(
    t: Tracing,
    input: Traced,
    normalized_shape: Sequence[int],
    weight: Traced | None = None,
    eps: float | None = None,
) -> Traced:
    """Divide by the root of the mean square of the last axes."""
    eps = torch.finfo(torch.float32).eps if eps is None else eps
    return t.add("aten.rms_norm.default", input, normalized_shape, weight, eps)
