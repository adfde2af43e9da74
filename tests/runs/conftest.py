import numpy as np
import pytest

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.graph import Network
from deepresolve_dash.runs.execute import Results, execute
from deepresolve_dash.runs.job import make_job

TARGETS, TRIALS, CHANNELS, LENGTH = 2, 5, 7, 23


def small_network(seed: int = 0, *, last: float = 1.0) -> Network:
    """Conv 7 x 5, pool 3, dense 11, two classes; `last` scales the last layer."""
    generator = np.random.default_rng(seed)
    draw = generator.normal
    return sequential_network(
        [
            ("conv1", "conv", {"kernel": draw(size=(CHANNELS, 4, 5)), "bias": draw(size=CHANNELS)}),
            ("conv1", "relu", {}),
            ("pool1", "max_pool", {"size": 3}),
            ("flatten", "flatten", {}),
            ("dense1", "linear", {"kernel": draw(size=(11, CHANNELS * 6)), "bias": draw(size=11)}),
            ("dense1", "relu", {}),
            ("output", "linear", {"kernel": last * draw(size=(TARGETS, 11)), "bias": draw(size=2)}),
            ("output", "sigmoid", {}),
        ],
        input_length=LENGTH,
        class_names=["same", "same"],
    )


def small_job(**options):
    request = {
        "network_name": "small",
        "layer": "advised",
        "preset": "default",
        "settings": ascent_settings(n_trials=TRIALS),
    }
    return make_job(options.pop("network", small_network()), **(request | options))


@pytest.fixture(scope="session")
def results() -> Results:
    return execute(small_job(keep_fim=True), device="cpu")
