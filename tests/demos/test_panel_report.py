import json

import numpy as np
import pytest
import xarray as xr

from deepresolve_dash.demos.panel_report import panel_report
from deepresolve_dash.demos.reproduction.panel import (
    RUN,
    areas_table,
    channels_sentences,
    interactions_table,
    motifs_table,
    pair_table,
    panel_text,
)
from deepresolve_dash.demos.ship import NETWORKS
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.motifs.jaspar import jaspar_motifs
from deepresolve_dash.runs.store import open_run, write_run

CTCF, REST, TP53, SRF = range(4)  # the channels that are motifs; all others are noise
MOTIFS = {"CTCF": "MA0139.2", "REST": "MA0138.3", "TP53": "MA0106.3", "SRF": "MA0083.3"}
N_CHANNELS, N_TRIALS = 11, 5
CLASSES = (
    ("A", "any", ["CTCF"]),
    ("B", "one", ["CTCF", "REST"]),
    ("C", "unless", ["CTCF", "REST"]),
    ("D", "any", ["SRF"]),
)
TRUTH = {
    "release": "JASPAR2026",
    "motifs": MOTIFS,
    "classes": [
        {"index": index, "name": name, "rule": rule, "motifs": motifs}
        for index, (name, rule, motifs) in enumerate(CLASSES)
    ],
    "interactions": [{"kind": "XOR", "class": "B", "motifs": ["CTCF", "REST"]}],
    "hidden_pair": ["B", "C"],
    "distractors": ["TP53"],
}


def filters():
    """Four channels that read motifs, and channels of noise: (channel, offset, base)."""
    known = jaspar_motifs("JASPAR2026", ids=set(MOTIFS.values()))
    noise = np.random.default_rng(3).normal(size=(N_CHANNELS, 20, 4))
    kernels = np.where(np.arange(N_CHANNELS)[:, None, None] < 4, 0, noise)
    for channel, motif_id in enumerate(MOTIFS.values()):
        pwm = known[motif_id].pwm
        kernels[channel, : len(pwm)] = pwm - 0.25
    return kernels


def scores(**named):
    """Values of a class: noise channels 1 to 2, the named channels what is given."""
    row = 1 + np.arange(N_CHANNELS) / N_CHANNELS
    row[[CTCF, REST, TP53, SRF]] = 0
    for name, value in named.items():
        row[globals()[name]] = value
    return row


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    target = ("target", [0, 1, 2, 3])
    names = ("target", [name for name, _, _ in CLASSES])
    ofiv = np.stack(
        [scores(CTCF=3), scores(CTCF=3, REST=3, TP53=3), scores(CTCF=3, REST=-3), scores()]
    )
    swing = np.stack([scores(CTCF=3), scores(), scores(CTCF=3), scores(SRF=3)])
    fiv = np.zeros((2, 4, N_TRIALS, N_CHANNELS))
    fiv[1, 1, :2, CTCF], fiv[1, 1, :2, REST] = 1, -1
    fiv[1, 1, 2:, CTCF], fiv[1, 1, 2:, REST] = -1, 1
    regime = ("regime", ["importance", "modes"])
    coords = {"regime": regime, "target": target, "target_name": names}
    ensemble = xr.Dataset(
        {
            "fiv": (("regime", "target", "trial", "channel"), fiv),
            "gradient_at_base": (("target", "channel"), ofiv),
            "clamp_swing": (("target", "channel"), swing),
            "filter": (("channel", "offset", "base"), filters()),
        },
        coords,
    )
    similarity = np.array(
        [[1, 0.3, 0.1, 0], [0.3, 1, 0.5, 0.2], [0.1, 0.5, 1, 0.7], [0, 0.2, 0.7, 1]]
    )
    per_class = ("regime", "target")
    summary = xr.Dataset(
        {
            "ofiv": ((*per_class, "channel"), np.stack([ofiv, 0 * ofiv])),
            "similarity": (("regime", "target", "other_target"), np.stack([similarity] * 2)),
            "weight": ((*per_class, "trial"), np.full((2, 4, N_TRIALS), 1 / N_TRIALS)),
            "n_components": (per_class, [[1, 1, 1, 1], [2, 3, 1, 2]]),
            "guarded": (per_class, [[0, 0, 0, 0], [1, 0, 0, 0]]),
            "n_optima": (per_class, [[1, 1, 1, 1], [1, 2, 1, 1]]),
            "kind": ((*per_class, "channel"), (fiv != 0).any(axis=2).astype(int)),
        },
        coords,
    )
    folder = tmp_path_factory.mktemp("runs") / "made-up"
    return write_run(folder, info={"id": "made-up", "spec": {}}, ensemble=ensemble, summary=summary)


@pytest.fixture(scope="module")
def report(run):
    return panel_report(run, TRUTH)


def test_channels_are_told_by_their_motif(report):
    assert report["channels"] == dict.fromkeys(MOTIFS, 1)


def test_motifs_count_as_found_among_the_first_five_of_their_class(report):
    found = report["motifs"]
    assert found["n"] == 6
    assert found["ofiv"] == pytest.approx(5 / 6)  # SRF of D is missed; a veto counts from below
    assert found["clamp_swing"] == pytest.approx(4 / 6)  # B is missed; REST of C is among the zeros
    assert found["random"] == pytest.approx(5 / N_CHANNELS)
    assert found["without_channel"] == []


def test_distractors_are_counted_in_the_classes_that_have_them_on_top(report):
    assert report["distractors"] == {"channels": [TP53], "classes": 1, "n_classes": 4}


def test_the_hidden_pair_has_its_place_among_all_pairs(report):
    assert report["hidden_pair"]["similarity"] == {"value": 0.5, "percentile": 80.0}
    assert "label_correlation" not in report["hidden_pair"]
    assert report["disagreement"] is None


def test_signs_of_an_interaction_are_weighed_in_both_orders(report):
    (one,) = report["interactions"]
    assert (one["first_only"], one["second_only"]) == (pytest.approx(0.4), pytest.approx(0.6))
    assert (one["n_components"], one["guarded"], one["n_non_additive"]) == (3, False, 2)


def test_flagged_are_the_other_classes_that_the_guard_lets_pass(report):
    assert report["flagged"] == ["D"]


def test_another_run_is_refused(run):
    other = TRUTH | {"classes": TRUTH["classes"][:3]}
    with pytest.raises(SettingsError, match="not one of the panel demo"):
        panel_report(run, other)


def test_tables_say_what_the_report_holds(report):
    assert "| OFIV, importance        | 5 of 6" in motifs_table(report)
    assert "| clamp swing             | 4 of 6                | 67%   |" in motifs_table(report)
    assert "first 5 of 1 of 4 classes" in channels_sentences(report)
    assert "| similarity of OFIV      | 0.50  | 80 " in pair_table(report)
    assert "40%, 60%" in interactions_table(report)


def test_areas_name_the_lowest_class():
    table = areas_table({"auc": {"A": 0.95, "B": 0.91, "C": 0.97}, "auc_of_pairs": {"B": 0.92}})
    assert "lowest (B) | 0.910" in table
    assert "median     | 0.950" in table
    assert "| B, pair                   | 0.920 |" in table


def test_the_shipped_run_finds_what_was_planted():
    truth = json.loads((NETWORKS / "panel" / "truth.json").read_text())
    report = panel_report(open_run(RUN), truth)
    found = report["motifs"]
    assert min(found["ofiv"], found["gradient_at_base"], found["clamp_swing"]) > 0.9
    assert found["random"] < 0.3
    assert report["distractors"]["classes"] == 0
    assert report["hidden_pair"]["similarity"]["percentile"] > 90
    assert report["hidden_pair"]["label_correlation"]["percentile"] < 10
    pair = report["disagreement"]
    assert (pair.rank, pair.n, pair.unmatched) == (1, 561, 0)
    assert min(pair.motifs.values()) > 0
    xor = {one["kind"]: one for one in report["interactions"]}["XOR"]
    assert xor["n_components"] > 1
    assert not xor["guarded"]
    assert min(xor["first_only"], xor["second_only"]) > 0.2
    assert report["flagged"] == []


def test_the_text_has_a_table_for_each_question():
    text = panel_text()
    assert text.count("\n### ") == 3
    assert "all 34 classes, lowest" in text
