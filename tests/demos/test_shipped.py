import json
from dataclasses import asdict

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from deepresolve_dash.demos.ship import NETWORKS
from deepresolve_dash.demos.synthetic import TASKS, contains, generate
from deepresolve_dash.demos.train import LOWEST_AUC, RECIPES
from deepresolve_dash.networks.execute import forward
from deepresolve_dash.networks.neutral import load_network
from deepresolve_dash.networks.sequences import read_fasta

FRESH_SEED = 10_007


def probabilities(network, sequences):
    one_hot = torch.eye(4)[torch.from_numpy(sequences).long()].transpose(1, 2).contiguous()
    return forward(network, one_hot)[network.outputs[0].node].numpy()


@pytest.mark.parametrize("name", TASKS)
def test_a_shipped_network_is_as_good_as_its_record_says(name):
    record = json.loads((NETWORKS / name / "training.json").read_text())
    network = load_network(NETWORKS / name)
    generator = np.random.default_rng(FRESH_SEED)
    sequences, labels = generate(TASKS[name], generator, n_planted=5000, n_random=1000)
    areas = [
        roc_auc_score(label, score)
        for label, score in zip(labels.T, probabilities(network, sequences).T, strict=True)
    ]
    assert list(record["auc"]) == list(network.class_names) == list(TASKS[name].class_names)
    np.testing.assert_allclose(areas, list(record["auc"].values()), atol=0.015)
    assert record["recipe"] == asdict(RECIPES[name])


def test_the_shipped_synthetic_one_has_learned_the_exclusive_pair():
    network = load_network(NETWORKS / "synthetic-1")
    generator = np.random.default_rng(FRESH_SEED)
    sequences, labels = generate(TASKS["synthetic-1"], generator, n_planted=5000, n_random=0)
    scores = probabilities(network, sequences)[:, 0]
    holds_all = np.logical_and.reduce(
        [contains(sequences, p) for p in TASKS["synthetic-1"].patterns]
    )
    area = (scores[labels[:, 0] == 1][:, None] > scores[holds_all]).mean()
    assert area > LOWEST_AUC  # a network that only adds up ranks all three patterns highest


@pytest.mark.parametrize("name", TASKS)
def test_shipped_sequences_can_be_read_and_are_small(name):
    records = read_fasta(NETWORKS / name / "sequences.fa.gz")
    assert len(records) == 420
    assert {len(sequence) for _, sequence in records} == {TASKS[name].length}
    rows = (NETWORKS / name / "labels.tsv").read_text().splitlines()[1:]
    assert [row.split("\t")[0] for row in rows] == [identifier for identifier, _ in records]
    assert sum(path.stat().st_size for path in (NETWORKS / name).iterdir()) < 2_000_000
