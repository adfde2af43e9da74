import csv
import gzip
import json
import re
from dataclasses import asdict

import numpy as np
import pytest
import torch

from deepresolve_dash.demos.panel import (
    CLASS_NAMES,
    CLASSES,
    DISTRACTORS,
    FEATURED,
    HIDDEN_PAIR,
    LENGTH,
    MOTIFS,
    OCCUPANCY,
    columns,
    label_panel,
    obeyed,
    rule_of,
)
from deepresolve_dash.demos.panel_sequences import generate_panel, planted_pwms
from deepresolve_dash.demos.panel_ship import truth
from deepresolve_dash.demos.panel_train import (
    LOWEST_PANEL_AUC,
    PANEL_RECIPE,
    PanelRecipe,
    _model,
    as_panel_network,
    check_panel,
    pair_areas,
    panel_areas,
    train_panel,
)
from deepresolve_dash.demos.ship import NETWORKS
from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.networks.cut import advised_layer, cut
from deepresolve_dash.networks.neutral import load_network
from deepresolve_dash.networks.predict import predict
from deepresolve_dash.networks.sequences import read_fasta
from deepresolve_dash.networks.weights_views import first_layer_filters

SHIPPED = NETWORKS / "panel"
FRESH_SEED = 10_007


@pytest.fixture(scope="module")
def planted():
    return generate_panel(np.random.default_rng(5), 1511)


@pytest.fixture(scope="module")
def pwms():
    return planted_pwms()


@pytest.fixture(scope="module")
def shipped_starts():
    text = gzip.decompress((SHIPPED / "sequences.fa.gz").read_bytes()).decode()
    headers = [line for line in text.splitlines() if line.startswith(">")]
    start = np.full((len(headers), len(MOTIFS)), -1, dtype=np.int16)
    for row, header in enumerate(headers):
        for name, place in re.findall(r" (\w+):(\d+)[+-]", header):
            start[row, columns([name])] = int(place)
    return start


def one_hot(sequences):
    return np.eye(4, dtype=np.float32)[sequences].transpose(0, 2, 1)


def by_hand(kind, places):
    """Obey a rule, from the first positions of its motifs (None where absent)."""
    there = [place is not None for place in places]
    return {
        "any": any(there),
        "all": all(there),
        "one": there.count(True) == 1,
        "unless": there[0] and not there[-1],
        "before": all(there) and places[0] < places[-1],
    }[kind]


def test_labels_follow_the_rules_from_what_was_planted(planted):
    rules = obeyed(planted.start)
    for row, start in enumerate(planted.start[:211]):
        places = {m: int(p) if p >= 0 else None for m, p in zip(MOTIFS, start, strict=True)}
        for target, one in enumerate(CLASSES):
            expected = by_hand(one.rule.kind, [places[motif] for motif in one.rule.motifs])
            assert rules[row, target] == expected, (row, one)
    labels = label_panel(np.random.default_rng(2), planted.start)
    assert not (labels & ~rules).any()
    assert labels.sum() / rules.sum() == pytest.approx(OCCUPANCY, abs=0.01)


def test_motifs_are_where_they_are_said_to_be(planted, pwms):
    background, at_home = [], []
    for motif, pwm in enumerate(pwms.values()):
        odds = np.log2(pwm / 0.25)
        for row in np.flatnonzero(planted.start[:, motif] >= 0)[:101]:
            start = planted.start[row, motif]
            window = planted.sequences[row, start : start + len(pwm)]
            if planted.reverse[row, motif]:
                window = 3 - window[::-1]
            at_home.append(odds[np.arange(len(pwm)), window].sum())
            elsewhere = np.random.default_rng(row).integers(0, 4, len(pwm))
            background.append(odds[np.arange(len(pwm)), elsewhere].sum())
    assert np.quantile(at_home, 0.05) > 0 > np.quantile(background, 0.95)


def test_motifs_do_not_overlap_and_fall_on_both_strands(planted, pwms):
    lengths = np.array([len(pwm) for pwm in pwms.values()])
    for start in planted.start:
        there = np.flatnonzero(start >= 0)
        there = there[start[there].argsort()]
        assert (start[there][1:] >= (start + lengths)[there][:-1]).all()
        assert ((start + lengths)[there] <= LENGTH).all()
    assert planted.reverse[planted.start >= 0].mean() == pytest.approx(0.5, abs=0.03)


def test_every_pair_of_an_interaction_occurs_in_all_four_states(planted):
    for name in [*FEATURED.values(), *HIDDEN_PAIR]:
        a, b = (planted.start[:, columns(rule_of(name).motifs)] >= 0).T
        counts = [(a & b).sum(), (a & ~b).sum(), (~a & b).sum(), (~a & ~b).sum()]
        assert min(counts) > 60, name


def test_the_hidden_pair_has_the_same_motifs_and_no_common_label(planted):
    first, second = (CLASS_NAMES.index(name) for name in HIDDEN_PAIR)
    assert set(CLASSES[first].rule.motifs) == set(CLASSES[second].rule.motifs)
    labels = label_panel(np.random.default_rng(2), planted.start)
    assert not (labels[:, first] & labels[:, second]).any()
    assert labels[:, first].any()
    assert labels[:, second].any()


def test_distractors_are_planted_and_mean_nothing(planted):
    used = {motif for one in CLASSES for motif in one.rule.motifs}
    assert used == MOTIFS.keys() - set(DISTRACTORS)
    assert ((planted.start[:, columns(DISTRACTORS)] >= 0).mean(axis=0) > 0.1).all()


def test_there_is_one_open_chromatin_class_per_cell_and_names_are_unique():
    cells = {one.cell for one in CLASSES}
    assert sorted(one.cell for one in CLASSES if one.factor == "DNase") == sorted(cells)
    assert len(set(CLASS_NAMES)) == len(CLASSES) >= 24
    assert all(name.count("|") == 2 for name in CLASS_NAMES)


def test_one_seed_gives_one_panel():
    first, again, other = (
        generate_panel(np.random.default_rng(seed), 53).sequences for seed in (3, 3, 5)
    )
    assert (first == again).all()
    assert (first != other).any()


def test_a_network_is_what_the_trained_model_computes(planted):
    model = _model(2)
    inputs = torch.from_numpy(one_hot(planted.sequences[:211]))
    model(inputs)  # gives the normalisations something to have seen
    model.eval()
    with torch.no_grad():
        expected = model(inputs).numpy()
    logits, _ = predict(as_panel_network(model), inputs.numpy())
    np.testing.assert_allclose(logits, expected, atol=1e-5)


def test_a_network_below_the_gate_is_not_handed_over():
    with pytest.raises(DeepResolveError, match="K562"):
        train_panel(recipe=PanelRecipe(seed=3, epochs=1, n_train=256, n_test=701, batch=128))


@pytest.mark.parametrize(("area", "refused"), [(0.899, True), (0.9, False), (float("nan"), True)])
def test_the_panel_is_gated_at_09(area, refused):
    if refused:
        with pytest.raises(DeepResolveError, match=r"K562\|CTCF\|None"):
            check_panel({"K562|CTCF|None": area, "K562|RAD21|None": 0.95})
    else:
        check_panel({"K562|CTCF|None": area})


def test_the_shipped_panel_passes_its_gate_on_fresh_sequences():
    fresh = generate_panel(np.random.default_rng(FRESH_SEED), 6007)
    labels = label_panel(np.random.default_rng(FRESH_SEED + 2), fresh.start)
    network = load_network(SHIPPED)
    logits, _ = predict(network, one_hot(fresh.sequences))
    record = json.loads((SHIPPED / "training.json").read_text())
    auc, of_pairs = panel_areas(labels, logits), pair_areas(labels, logits, fresh.start)
    assert min(auc.values()) >= LOWEST_PANEL_AUC
    assert auc == pytest.approx(record["auc"], abs=0.02)
    assert of_pairs == pytest.approx(record["auc_of_pairs"], abs=0.03)
    assert record["recipe"] == asdict(PANEL_RECIPE)
    assert network.class_names == CLASS_NAMES


def test_the_shipped_panel_has_a_deep_layer_whose_channels_are_filters():
    network = load_network(SHIPPED)
    layer = advised_layer(network)
    assert layer == "pool1"
    filters = first_layer_filters(network, layer)
    assert filters is not None
    assert len(filters) == cut(network, layer).n_channels


def test_the_shipped_labels_follow_from_the_headers_by_the_shipped_truth(shipped_starts):
    told = json.loads((SHIPPED / "truth.json").read_text())
    assert told == json.loads(json.dumps(truth()))
    with open(SHIPPED / "labels.tsv", newline="") as file:
        header, *rows = csv.reader(file, delimiter="\t")
    labels = np.array([row[1:] for row in rows], dtype=int)
    assert header[1:] == [one["name"] for one in told["classes"]]
    for target, one in enumerate(told["classes"]):
        motifs = [list(told["motifs"]).index(motif) for motif in one["motifs"]]
        places = [[p if p >= 0 else None for p in row] for row in shipped_starts[:, motifs]]
        rule = np.array([by_hand(one["rule"], row) for row in places])
        assert not labels[~rule, target].any(), one
        assert labels[rule, target].mean() > 0.8, one
    first, second = (header.index(name) - 1 for name in told["hidden_pair"])
    assert not (labels[:, first] & labels[:, second]).any()


def test_the_shipped_files_belong_together_and_are_small():
    records = read_fasta(SHIPPED / "sequences.fa.gz")
    with open(SHIPPED / "labels.tsv", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t"))[1:]
    assert [row[0] for row in rows] == [identifier for identifier, _ in records]
    assert {len(sequence) for _, sequence in records} == {LENGTH}
    with open(SHIPPED / "metadata.tsv", newline="") as file:
        metadata = list(csv.DictReader(file, delimiter="\t"))
    assert [(int(row["class_index"]), row["name"]) for row in metadata] == list(
        enumerate(CLASS_NAMES)
    )
    assert len({row["accession"] for row in metadata}) == len(metadata)
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 1_000_000
