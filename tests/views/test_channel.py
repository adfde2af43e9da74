"""One channel that shows a motif on either strand."""

import numpy as np
import pytest

from deepresolve_dash.motifs.databases import jaspar_database
from deepresolve_dash.motifs.filters import consensus
from deepresolve_dash.motifs.jaspar import jaspar_motifs
from deepresolve_dash.motifs.settings import MotifSettings
from deepresolve_dash.networks.graph import network_hash
from deepresolve_dash.runs.motif_names import Stages, name_channels
from deepresolve_dash.runs.motif_question import MotifQuestion
from deepresolve_dash.runs.motif_work import look
from deepresolve_dash.views import channel, channel_table
from tests.motifs.planted import EBOX, GATA, both_strands, complement, planted_reads


@pytest.fixture(scope="module")
def seen():
    """Faces and matches of a second layer of which channel 0 reads GATA on either strand."""
    network = both_strands()
    settings = MotifSettings(n_sites=50, n_top=4, n_spread=3, n_background=20)
    question = MotifQuestion(network_hash(network), "pool", "0" * 64, settings=settings)
    reads = planted_reads([GATA, EBOX, complement(GATA), EBOX])
    faces = look(question, network, reads, device="cpu")
    every = jaspar_motifs("JASPAR2016")
    targets = {name: every[name] for name in [*list(every)[1::12], "MA0035.3", "MA0093.2"]}
    stages = Stages(lambda *_: None, lambda _: None)
    return faces, name_channels(faces, question, jaspar_database(), targets, stages=stages)


def test_facets_are_shown_beside_the_whole_with_their_own_matches(run, seen):
    faces, matches = seen
    shown = channel.logos(run, 0, faces, matches)
    kinds = [(one["face"], one["facet"], one["whole"]) for one in shown]
    assert kinds == [
        ("activation", 0, True), ("activation", 0, False), ("activation", 1, False),
        ("ascent", 0, False), ("ascent", 1, False),
    ]  # fmt: skip
    for face in ("activation", "ascent"):
        facets = [one for one in shown if one["face"] == face and not one["whole"]]
        assert sum(one["share"] for one in facets) == pytest.approx(1)
        words = [consensus(np.array(one["matrix"])) for one in facets]
        assert any(GATA in word for word in words)
        assert any(complement(GATA) in word for word in words)
    strands = {hit["strand"] for one in shown[3:] for hit in one["matches"][:1]}
    assert strands == {"+", "-"}


def test_a_deeper_layer_has_no_filter_and_is_named_after_its_ascent(run, seen):
    faces, matches = seen
    assert channel_table.shown_faces(run, faces) == ("activation", "ascent")
    assert channel_table.shown_face(("activation", "ascent"), "filter") == "activation"
    assert channel_table.shown_face(()) == ""
    named = channel.logos(run, 1, faces, matches)[-1]["matches"][0]
    assert named["name"].upper() == "USF1"


def test_a_facet_is_saved_as_it_is_shown(run, seen):
    faces, matches = seen
    shown = channel.logos(run, 0, faces, matches)
    for one in shown:
        facet = None if one["whole"] else one["facet"]
        saved = channel.matrix_of(run, 0, faces, one["face"], facet, None)
        assert saved == pytest.approx(np.array(one["matrix"]), abs=1e-5)


def test_fragments_are_turned_into_text_with_their_place(run, seen):
    faces, _ = seen
    told = channel.activation(faces, 1, None)
    planted = [row for row in told["pile"] if EBOX in row["letters"]]
    assert len(planted) == 20
    for row in planted:
        at = row["start"] + row["letters"].index(EBOX)
        letters = faces["letters"].values[int(row["name"].removeprefix("read_"))]
        assert "".join("ACGTN"[k] for k in letters[at : at + len(EBOX)]) == EBOX


def test_artefacts_need_all_three_signs():
    ofiv = np.arange(8.0)
    active = {"p": np.array([1, 1, 1, 1, 1, 1, 0.2, np.nan]), "positive": np.ones(8)}
    assert channel_table.artefact_flags(active, ofiv) == [False] * 7 + [True]
    assert channel_table.artefact_flags(active | {"positive": np.arange(8.0)}, ofiv) == [False] * 8
    assert channel_table.artefact_flags(None, ofiv) is None
    assert channel_table.artefact_flags(active, ofiv * np.nan) is None
