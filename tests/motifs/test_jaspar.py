import numpy as np
import pytest

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.motifs.filters import consensus
from deepresolve_dash.motifs.jaspar import jaspar_motifs


@pytest.fixture(scope="module")
def motifs_2016():
    return jaspar_motifs("JASPAR2016")


def test_the_release_of_the_paper_holds_519_vertebrate_motifs(motifs_2016):
    assert len(motifs_2016) == 519
    assert motifs_2016["MA0139.1"].name == "CTCF"


def test_motifs_are_probabilities_in_the_order_a_c_g_t(motifs_2016):
    for motif in motifs_2016.values():
        np.testing.assert_allclose(motif.pwm.sum(axis=1), 1)
        assert (motif.pwm > 0).all()
    assert "CACGTG" in consensus(motifs_2016["MA0093.2"].pwm)  # the E-box of USF1


def test_chosen_ids_may_name_older_versions(motifs_2016):
    chosen = jaspar_motifs("JASPAR2016", ids=["MA0139.1", "MA0093.1"])
    assert set(chosen) == {"MA0139.1", "MA0093.1"}
    assert "MA0093.1" not in motifs_2016


def test_the_default_release_has_more_motifs():
    nematodes = [
        len(jaspar_motifs(*release, tax_group="nematodes")) for release in ((), ["JASPAR2016"])
    ]
    assert nematodes[0] > nematodes[1] > 0


@pytest.mark.parametrize(
    ("release", "options", "named"),
    [
        ("JASPAR1999", {}, "JASPAR1999"),
        ("JASPAR2016", {"tax_group": "dragons"}, "dragons"),
        ("JASPAR2016", {"collection": "HEART"}, "HEART"),
        ("JASPAR2016", {"ids": ["MA0139.1", "MA9999.1"]}, "MA9999.1"),
    ],
)
def test_what_does_not_exist_is_named(release, options, named):
    with pytest.raises(DeepResolveError, match=named):
        jaspar_motifs(release, **options)
