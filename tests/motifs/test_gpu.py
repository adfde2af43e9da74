"""What channels see, on a CUDA device as on the CPU."""

import numpy as np
import pytest
import torch

from deepresolve_dash.motifs.settings import MotifSettings
from deepresolve_dash.networks.graph import network_hash
from deepresolve_dash.runs.motif_question import MotifQuestion
from deepresolve_dash.runs.motif_work import look
from tests.motifs.planted import EBOX, GATA, anywhere, both_strands, complement, planted_reads

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")


@pytest.mark.parametrize(("network", "layer"), [(both_strands(), "conv2"), (anywhere(), "conv2")])
def test_cuda_sees_what_the_cpu_sees(network, layer):
    reads = planted_reads([GATA, complement(GATA), EBOX], n=60)
    settings = MotifSettings(n_sites=50, n_top=4, n_spread=3, n_background=20)
    question = MotifQuestion(network_hash(network), layer, "0" * 64, settings=settings)
    here, there = (look(question, network, reads, device=device) for device in ("cpu", "cuda"))
    np.testing.assert_allclose(there["threshold"], here["threshold"], rtol=1e-4)
    # equally strong fragments may come in another order
    ours, theirs = (np.sort(one["ascent_activation"].values) for one in (here, there))
    np.testing.assert_allclose(theirs, ours, rtol=1e-3, equal_nan=True)
    np.testing.assert_array_equal(there["facet"].max("start"), here["facet"].max("start"))
    np.testing.assert_allclose(there["activation_mean"], here["activation_mean"], rtol=1e-4)
