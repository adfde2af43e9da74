"""What the story of Synthetic I says of two sequences holds."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from app import DEMOS
from deepresolve_dash.networks.neutral import load_network
from deepresolve_dash.probe.look import read_bases, read_mutations

FOLDER = DEMOS.parent


@pytest.fixture(scope="module")
def told():
    """Of either sequence: its letters and what its bases give the class."""
    story = json.loads((FOLDER / "stories" / "synthetic-1.json").read_text())
    step = next(one for one in story["steps"] if "/probe?" in one["address"])
    query = parse_qs(urlsplit(step["address"]).query)
    network = load_network(FOLDER / "networks" / "synthetic-1")
    found = {}
    for key in ("sequence", "second"):
        letters = query[key][0]
        change = read_mutations(network, letters)[:, :, 0]
        found[key] = (letters, read_bases(network, letters, 0, change, n_points=128))
    return found


@pytest.mark.parametrize(
    ("key", "score", "signs"),
    [
        ("sequence", 6.1, {"CAGGTC": 1, "CGCTTG": 1}),
        ("second", -10.4, {"CAGGTC": 1, "CGCTTG": -1, "GCTCAT": -1}),
    ],
)
def test_motifs_speak_for_a_positive_and_the_pair_against_a_negative(told, key, score, signs):
    letters, bases = told[key]
    assert bases.score == pytest.approx(score, abs=0.06)
    assert {m for m in ("CAGGTC", "CGCTTG", "GCTCAT") if m in letters} == set(signs)
    for motif, sign in signs.items():
        place = slice(letters.index(motif), letters.index(motif) + len(motif))
        assert sign * bases.effect[place].sum() > 80
        assert sign * bases.gradient[place].sum() > 3
