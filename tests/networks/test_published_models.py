from pathlib import Path

import numpy as np
import pytest

from deepresolve_dash.networks.corrections import flip_kernels
from deepresolve_dash.networks.cut import cut
from deepresolve_dash.networks.predict import predict
from deepresolve_dash.networks.read import read_network
from deepresolve_dash.networks.sequences import one_hot, random_sequences
from deepresolve_dash.networks.weights_views import first_layer_filters

MODELS = Path(__file__).parents[3] / "shared" / "data" / "tf422"
CONSENSUS = "CCACCAGGGGGCGC"  # CTCF

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not MODELS.is_dir(), reason="the sample models are not here"),
]


def test_all_models_are_read_and_cut_at_their_pooled_filters():
    folders = sorted(path for path in MODELS.iterdir() if path.is_dir())
    assert len(folders) == 100
    for folder in folders:
        network = read_network(folder)
        made = cut(network, "advised")
        assert (made.n_channels, made.width, made.n_outputs) == (16, 1, 1)
        filters = first_layer_filters(network, made.layer)
        assert filters is not None
        assert filters.shape == (16, 25, 4)


def test_only_reversed_kernels_see_the_motif_of_ctcf():
    network = read_network(MODELS / "BroadHsmmCtcf")
    background = random_sequences(np.random.default_rng(0), 211, network.input_length)
    planted = background.copy()
    planted[:, :, 40 : 40 + len(CONSENSUS)] = one_hot([CONSENSUS], length=len(CONSENSUS))
    rise = predict(network, planted)[0].mean() - predict(network, background)[0].mean()
    assert rise > 5
    wrong = flip_kernels(network)
    assert predict(wrong, planted)[0].mean() - predict(wrong, background)[0].mean() < 1
