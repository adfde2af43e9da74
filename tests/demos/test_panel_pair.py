import json

import numpy as np
import pytest

from deepresolve_dash.core.statistics.classes import correlation
from deepresolve_dash.demos.panel_pair import find_hidden_pair
from deepresolve_dash.demos.panel_train import PANEL_RECIPE
from deepresolve_dash.demos.reproduction.experiments import reproduce
from deepresolve_dash.demos.reproduction.panel import disagreement_sentence
from deepresolve_dash.demos.reproduction.panel_seeds import (
    PAIR_MOTIFS,
    RECORD,
    Trained,
    lowest_area,
    provide_panel,
    seeds_sentence,
    seeds_table,
)
from deepresolve_dash.demos.ship import NETWORKS
from deepresolve_dash.errors import SettingsError

N, K = 7, 11
OWN = {"A": np.arange(K) == 2, "B": np.isin(np.arange(K), [2, 5])}


@pytest.fixture
def ofiv():
    """Classes with a channel each, but for 1 and 4, which share three."""
    values = np.random.default_rng(0).normal(0, 0.01, (N, K))
    values[np.arange(N), np.arange(N)] = 1
    values[[1, 4]] = 0
    values[1, [2, 5, 8]] = 1, 0.5, 0.3
    values[4, [2, 5, 8]] = 1, 0.6, 0.1
    return values


def test_the_pair_is_ranked_and_its_shared_channels_are_named(ofiv):
    labels = correlation(np.random.default_rng(1).normal(size=(N, 30)))
    labels[1, 4] = labels[4, 1] = -0.9
    found = find_hidden_pair(ofiv, labels, (4, 1), ("A", "B"), OWN)
    assert (found.rank, found.n) == (1, N * (N - 1) // 2)
    assert found.shared == (2, 5)  # 8 is below 20% in one
    assert found.motifs == {"A": 1, "B": 2}
    assert found.unmatched == 0
    assert found.labels == -0.9
    assert found.similarity > 0.9
    alike = find_hidden_pair(ofiv, -labels, (1, 4), ("A",), OWN)
    assert alike.rank > 1
    assert alike.unmatched == 1


def test_a_pair_without_similarity_has_no_rank(ofiv):
    ofiv[4] = 0
    found = find_hidden_pair(ofiv, np.eye(N), (1, 4), ("A",), OWN)
    assert (found.rank, found.n, found.shared) == (0, 15, ())
    text = seeds_table([Trained(1, 0.95, replaced(found)), Trained(2, np.nan, why="Not learned.")])
    assert "no similarity" in text
    assert "Not learned." in text


def replaced(found):
    """The same with the motifs of the panel."""
    return type(found)(**{**found.__dict__, "motifs": dict.fromkeys(PAIR_MOTIFS, 1)})


def test_the_sentence_counts_networks_and_channels(ofiv):
    labels = np.eye(N) * 2 - 1
    found = find_hidden_pair(ofiv, labels, (1, 4), ("A",), OWN)
    pair = replaced(found)
    assert (pair.rank, len(pair.shared), pair.unmatched) == (1, 2, 1)
    said = seeds_sentence([Trained(1, 0.9, pair), Trained(2, np.nan, why="no")])
    assert said.startswith("Of 2 networks 1 have the pair among the first 5 of the list and 1 as")
    assert "1 share channels of both planted motifs. Of 2 shared channels 1 match" in said


def test_the_place_in_the_list_is_said_with_the_motifs(ofiv):
    pair = find_hidden_pair(ofiv, np.eye(N), (1, 4), ("A", "B"), OWN)
    said = disagreement_sentence(pair)
    assert f"number {pair.rank} of 21" in said
    assert "Of its 2 shared channels 1 match A, 2 match B" in said


def test_the_shipped_network_is_not_trained_again_and_others_are_kept(tmp_path):
    assert provide_panel(PANEL_RECIPE.seed, tmp_path) == NETWORKS / "panel"
    kept = tmp_path / "8"
    kept.mkdir()
    (kept / RECORD).write_text(json.dumps({"auc": {"a": 0.95, "b": 0.91}}))
    assert provide_panel(8, tmp_path) == kept
    assert lowest_area(kept) == 0.91


def test_other_experiments_take_no_seeds(tmp_path):
    with pytest.raises(SettingsError, match="neither"):
        reproduce("synthetic-1", None, seeds="1")
    with pytest.raises(SettingsError, match="seeds"):
        reproduce("panel", None, seeds="x")
