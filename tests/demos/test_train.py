import csv
import gzip
import json
from dataclasses import asdict

import numpy as np
import pytest
import torch

from deepresolve_dash.demos.ship import write_demo
from deepresolve_dash.demos.synthetic import SYNTHETIC_I, SYNTHETIC_II, decode, encode, generate
from deepresolve_dash.demos.train import Recipe, as_network, check_learned, train_demo
from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.networks.execute import forward
from deepresolve_dash.networks.neutral import load_network

SHORT = Recipe(seed=3, epochs=3, n_planted=8000, n_random=500, n_test=1300, batch=64, rate=0.01)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)  # steps this small only wait for each other on several
    yield
    torch.set_num_threads(n_threads)


@pytest.fixture(scope="module")
def trained():
    shares = []
    state = torch.get_rng_state()
    network, record = train_demo("synthetic-2", recipe=SHORT, progress=shares.append)
    assert torch.equal(torch.get_rng_state(), state)
    return network, record, shares


def probabilities(network, sequences):
    one_hot = torch.eye(4)[torch.from_numpy(sequences).long()].transpose(1, 2).contiguous()
    return forward(network, one_hot)[network.outputs[0].node].numpy()


def test_a_short_training_already_ranks_the_easy_class(trained):
    network, record, shares = trained
    sequences, labels = generate(
        SYNTHETIC_II, np.random.default_rng(7), n_planted=1200, n_random=90
    )
    scores = probabilities(network, sequences)[:, 3]
    positive, negative = scores[labels[:, 3] == 1], scores[labels[:, 3] == 0]
    area = (positive[:, None] > negative).mean()
    assert area > 0.9
    assert record["auc"]["CGCTTG"] == pytest.approx(area, abs=0.05)
    assert shares == [1 / 3, 2 / 3, 1]


def test_the_network_has_the_names_and_the_shape_of_its_task(trained):
    network, record, _ = trained
    assert network.class_names == SYNTHETIC_II.class_names
    assert network.input_length == 50
    assert list(network.layers) == ["conv1", "pool1", "flatten", "dense1", "output", "probability"]
    assert record["recipe"] == asdict(SHORT)


def test_one_seed_trains_one_network():
    tiny = Recipe(seed=3, epochs=1, n_planted=700, n_random=13, n_test=350, batch=101)
    first, again = (train_demo("synthetic-2", recipe=tiny)[0] for _ in range(2))
    other = train_demo("synthetic-2", recipe=tiny, seed=5)[0]
    assert all((first.weights[name] == again.weights[name]).all() for name in first.weights)
    assert any((first.weights[name] != other.weights[name]).any() for name in first.weights)


def test_the_network_says_what_the_trained_model_says():
    torch.manual_seed(2)
    model = torch.nn.Sequential(
        torch.nn.Conv1d(4, 5, 8),
        torch.nn.ReLU(),
        torch.nn.MaxPool1d(4, 4),
        torch.nn.Flatten(),
        torch.nn.Linear(5 * 10, 7),
        torch.nn.ReLU(),
        torch.nn.Linear(7, 1),
    )
    sequences = np.random.default_rng(2).integers(0, 4, (11, 50), dtype=np.uint8)
    one_hot = torch.eye(4)[torch.from_numpy(sequences).long()].transpose(1, 2)
    expected = torch.sigmoid(model(one_hot)).detach().numpy()
    np.testing.assert_allclose(
        probabilities(as_network(model, SYNTHETIC_I), sequences), expected, rtol=1e-5
    )


def test_a_network_that_misses_the_exclusive_pair_is_not_handed_over():
    short = Recipe(seed=3, epochs=1, n_planted=700, n_random=130, n_test=350)
    with pytest.raises(DeepResolveError, match="has not learned"):
        train_demo("synthetic-1", recipe=short)


@pytest.mark.parametrize(("area", "refused"), [(0.844, True), (0.95, True), (0.951, False)])
def test_synthetic_one_is_gated_at_095(area, refused):
    if refused:
        with pytest.raises(DeepResolveError, match=f"{area:.3f}"):
            check_learned(SYNTHETIC_I, [area])
    else:
        check_learned(SYNTHETIC_I, [area])
    check_learned(SYNTHETIC_II, [area] * 4)


def test_an_unknown_demo_is_refused_with_the_known_ones():
    with pytest.raises(DeepResolveError, match="synthetic-1, synthetic-2"):
        train_demo("synthetic-3")


def test_a_demo_on_disk_is_whole_and_the_same_every_time(trained, tmp_path):
    network, record, _ = trained
    for folder in ("first", "second"):
        write_demo(network, record, tmp_path / folder)
    files = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert files == [
        "card.json",
        "labels.tsv",
        "net.json",
        "net.safetensors",
        "sequences.fa.gz",
        "training.json",
    ]
    for name in files:
        first, second = (tmp_path / folder / name for folder in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()
    assert json.loads((tmp_path / "first" / "training.json").read_text()) == record
    loaded = load_network(tmp_path / "first")
    assert all((loaded.weights[name] == network.weights[name]).all() for name in network.weights)


def test_shipped_sequences_carry_the_patterns_that_their_headers_name(trained, tmp_path):
    network, record, _ = trained
    write_demo(network, record, tmp_path)
    lines = gzip.decompress((tmp_path / "sequences.fa.gz").read_bytes()).decode().splitlines()
    with open(tmp_path / "labels.tsv", newline="") as file:
        header, *rows = csv.reader(file, delimiter="\t")
    assert header == ["sequence", *SYNTHETIC_II.class_names]
    assert len(lines) == 2 * len(rows) == 840
    assert sum("1" in row for row in rows) == 240  # four of seven planted sets
    for name, sequence, row in zip(lines[::2], lines[1::2], rows, strict=True):
        identifier, *patterns = name[1:].split()
        assert row[0] == identifier
        assert patterns == [p for p in SYNTHETIC_II.patterns if p in sequence]
        for target in (index for index, label in enumerate(row[1:]) if label == "1"):
            assert set(SYNTHETIC_II.planted[target]) <= set(patterns)
        assert decode(encode(sequence)) == sequence
