"""One network, saved in every format by the library it belongs to, explains itself the same way."""

from dataclasses import replace

import numpy as np
import pytest

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.card import card
from deepresolve_dash.networks.neutral import load_network, save_network
from deepresolve_dash.networks.predict import predict
from deepresolve_dash.networks.read import read_network
from deepresolve_dash.runs.execute import execute
from deepresolve_dash.runs.job import make_job
from tests.networks.stacks import random_one_hots
from tests.networks.zoo_files import ZOO

SAME = ZOO / "same"
WHOLE = (
    "keras2.h5", "keras3.h5", "keras3.keras", "program.pt2", "legacy.onnx", "dynamo.onnx",
    "tf2onnx.onnx",
)  # fmt: skip
WEIGHTS = ("weights.safetensors", "weights.pt", "weights.ckpt")
SHARE = 1e-3  # of the largest importance; the order of sums in a dense layer is the library's


@pytest.fixture(scope="module")
def neutral(tmp_path_factory):
    """The neutral form, made of the stored numbers without any of the formats."""
    with np.load(SAME / "weights.npz") as stored:
        w = dict(stored)
    steps = [
        ("conv", "conv", {"kernel": w["conv.weight"], "bias": w["conv.bias"]}),
        ("conv", "relu", {}),
        ("pool", "max_pool", {"size": 4}),
        ("flatten", "flatten", {}),
        ("hidden", "linear", {"kernel": w["hidden.weight"], "bias": w["hidden.bias"]}),
        ("hidden", "relu", {}),
        ("out", "linear", {"kernel": w["out.weight"], "bias": w["out.bias"]}),
        ("out", "sigmoid", {}),
    ]
    folder = tmp_path_factory.mktemp("same")
    save_network(sequential_network(steps, input_length=60), folder)
    return load_network(folder)


@pytest.fixture(scope="module")
def expected(neutral):
    return importance(neutral)


def opened(name):
    return read_network(
        SAME / name, architecture=SAME / "architecture.toml" if name in WEIGHTS else None
    )


def importance(network):
    """The OFIV of every class in the regime of importance, at the layer that is advised."""
    settings = ascent_settings("default")
    settings = replace(settings, n_trials=5, regimes=settings.regimes[:1])
    layer = card(network)["advised_layer"]
    job = make_job(network, network_name="same", layer=layer, preset="default", settings=settings)
    return execute(job, device="cpu").summary.ofiv.sel(regime="importance").values


@pytest.mark.parametrize("name", WHOLE + WEIGHTS)
def test_every_format_gives_the_same_importance_and_scores(name, neutral, expected):
    network = opened(name)
    x = random_one_hots(20, 60)
    np.testing.assert_allclose(predict(network, x)[0], predict(neutral, x)[0], atol=2e-5)
    found = importance(network)
    assert found.shape == expected.shape == (3, 6)
    np.testing.assert_allclose(found, expected, rtol=0, atol=SHARE * np.abs(expected).max())


def test_another_network_has_another_importance(neutral, expected):
    kernel = neutral.weights["conv.kernel"].copy()
    kernel[0] *= 1.02
    other = replace(neutral, weights=neutral.weights | {"conv.kernel": kernel})
    assert np.abs(importance(other) - expected).max() > 2 * SHARE * np.abs(expected).max()
