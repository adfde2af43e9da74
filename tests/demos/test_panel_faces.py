"""The shipped faces of the panel against its truth."""

import json

import numpy as np
import pytest

from deepresolve_dash.demos.motif_ship import RUNS
from deepresolve_dash.demos.reproduction.faces import (
    best_of,
    faces_table,
    important,
    look_alikes,
)
from deepresolve_dash.demos.ship import NETWORKS
from deepresolve_dash.motifs.databases import jaspar_database
from deepresolve_dash.runs.motif_question import ask_motifs
from deepresolve_dash.runs.motif_store import MotifStore
from deepresolve_dash.runs.store import open_run

TRUTH = json.loads((NETWORKS / "panel" / "truth.json").read_text())


@pytest.fixture(scope="module")
def run():
    return open_run(RUNS / "panel")


@pytest.fixture(scope="module")
def matches(run, tmp_path_factory):
    store = MotifStore(tmp_path_factory.mktemp("state"))
    return store.matches(ask_motifs(run), jaspar_database())


def test_every_planted_motif_is_shown_by_every_face(run, matches):
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in faces_table(run.summary, matches, TRUTH).splitlines()[2:]
    ]
    assert [row[0] for row in rows] == ["filter", "activation", "ascent", "any face"]
    for name, motifs, themselves, uses, missing in rows:
        assert (motifs, uses, missing) == ("16 of 16", "48 of 48", ""), name
        assert int(themselves.split()[0]) >= 11


def test_a_class_that_uses_no_ctcf_is_not_said_to_have_it(run, matches):
    ofiv = run.summary["ofiv"].sel(regime="importance").values
    names = [one["name"] for one in TRUTH["classes"]]
    ctcf, srf = (
        best_of(matches, important(ofiv[names.index(f"K562|{name}|None")], 1), "activation")
        for name in ("CTCF", "SRF")
    )
    assert TRUTH["motifs"]["CTCF"] in ctcf - srf
    assert TRUTH["motifs"]["SRF"] in srf - ctcf


def test_important_channels_have_the_sign_of_the_rule():
    ofiv = np.array([0.1, 1.0, -0.6, 0.25, -0.1])
    assert important(ofiv, 1).tolist() == [1, 3]
    assert important(ofiv, -1).tolist() == [2]


def test_only_motifs_that_hardly_differ_are_alike():
    alike = look_alikes([TRUTH["motifs"]["NR3C1"], TRUTH["motifs"]["CTCF"]])
    assert TRUTH["motifs"]["NR3C1"] in alike[TRUTH["motifs"]["NR3C1"]]
    assert "MA0007.4" in alike[TRUTH["motifs"]["NR3C1"]]  # AR
    assert alike[TRUTH["motifs"]["CTCF"]] == {TRUTH["motifs"]["CTCF"]}
