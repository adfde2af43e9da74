"""Against a loop over mutations, and a linear network, where all is in closed form."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from deepresolve_dash.motifs.scan import encode, one_hot_rows
from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.predict import predict
from deepresolve_dash.networks.read import read_network
from deepresolve_dash.networks.sequences import one_hot
from deepresolve_dash.probe.attribution import integrated_gradients, mutation_effects
from deepresolve_dash.probe.found import Bases
from deepresolve_dash.probe.look import codes_of, read_sequence, rows_at_once, score_function
from tests.runs.conftest import LENGTH, small_network

ZOO = Path(__file__).parents[1] / "networks" / "zoo"
SEQUENCE = "ACGTTGCAANGTCCATTGACGTA"


def linear_network(length: int = 6, *, alphabet: str = "ACGT", unknown_base: float = 0.25):
    weights = np.random.default_rng(1).normal(size=(2, 4 * length))
    made = sequential_network(
        [("flatten", "flatten", {}), ("output", "linear", {"kernel": weights, "bias": np.ones(2)})],
        input_length=length,
        class_names=["a", "b"],
    )
    made = replace(made, alphabet=alphabet, unknown_base=unknown_base)
    return made, weights.reshape(2, 4, length)  # rows of the input, as the network has them


def parts_of(network):
    return score_function(network, None, "cpu"), one_hot_rows(
        network.alphabet, network.unknown_base
    )


@pytest.mark.parametrize("batch", [1, 7, 128])
def test_mutations_equal_a_loop_over_predictions(batch):
    network = small_network()
    scores, rows = parts_of(network)
    change = mutation_effects(scores, codes_of(SEQUENCE), rows, batch=batch)[:, :, 1]
    only = mutation_effects(scores, codes_of(SEQUENCE), rows, batch=batch, targets=[1])
    np.testing.assert_array_equal(only[:, :, 0], change)
    encode_all = lambda texts: one_hot(texts, length=LENGTH)  # noqa: E731
    before = predict(network, encode_all([SEQUENCE]))[0][0, 1]
    for place, own in enumerate(SEQUENCE):
        for base, letter in enumerate("ACGT"):
            if own == "N":
                assert np.isnan(change[place, base])
                continue
            mutant = SEQUENCE[:place] + letter + SEQUENCE[place + 1 :]
            after = predict(network, encode_all([mutant]))[0][0, 1]
            assert change[place, base] == pytest.approx(after - before, abs=1e-4)


@pytest.mark.parametrize("alphabet", ["ACGT", "TGCA", "AGCT"])
def test_of_a_linear_network_they_are_differences_of_weights(alphabet):
    network, weights = linear_network(alphabet=alphabet)
    scores, rows = parts_of(network)
    change = mutation_effects(scores, codes_of("ACGTTA"), rows, batch=4)[:, :, 0]
    for place, own in enumerate("ACGTTA"):
        for base, letter in enumerate("ACGT"):
            at = weights[0, :, place]
            expected = at[alphabet.index(letter)] - at[alphabet.index(own)]
            assert change[place, base] == pytest.approx(expected, abs=1e-5)
    effect = Bases(change, change[:, 0], 0, 0).effect
    assert effect == pytest.approx(-change.sum(axis=1) / 3, abs=1e-6)


@pytest.mark.parametrize("unknown_base", [0.25, 0.0])
def test_gradients_of_a_linear_network_are_its_weights_less_their_share(unknown_base):
    network, weights = linear_network(unknown_base=unknown_base)
    scores, rows = parts_of(network)
    found, _ = integrated_gradients(scores, codes_of("ACGTTN"), rows, 1, batch=16, n_points=8)
    for place, own in enumerate("ACGTT"):
        blank = unknown_base * weights[1, :, place].sum()
        expected = weights[1, "ACGT".index(own), place] - blank
        assert found[place] == pytest.approx(expected, abs=1e-5)
    assert found[5] == 0


def test_gradients_add_up_to_the_score_less_that_of_nothing():
    network = small_network(3)
    scores, rows = parts_of(network)
    letters = codes_of(SEQUENCE)
    found, start = integrated_gradients(scores, letters, rows, 0, batch=32, n_points=512)
    with torch.no_grad():
        score = float(scores(encode(letters[None], rows, "cpu"))[0, 0])
    assert found.sum() == pytest.approx(score - start, rel=0.01)
    halves, _ = integrated_gradients(scores, letters, rows, 0, batch=5, n_points=512)
    assert halves == pytest.approx(found, abs=1e-4)


def test_progress_counts_mutations_and_may_end_the_work():
    network = small_network()
    scores, rows = parts_of(network)
    told = []
    mutation_effects(scores, codes_of(SEQUENCE), rows, batch=20, progress=lambda *n: told.append(n))
    assert told[-1] == (66, 66)  # 22 bases that are known

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mutation_effects(scores, codes_of(SEQUENCE), rows, batch=20, progress=stop)


def test_a_reading_has_scores_and_maps_before_the_pooling():
    network = small_network()
    reading = read_sequence(network, SEQUENCE, layer="pool1")
    logits, probabilities = predict(network, one_hot([SEQUENCE], length=LENGTH))
    assert reading.logits == pytest.approx(logits[0])
    assert reading.probabilities == pytest.approx(probabilities[0])
    assert reading.maps.shape == (7, LENGTH - 4)
    assert (reading.width, reading.stride, reading.offset) == (5, 1, 0)
    kernel, bias = network.weights["conv1.kernel"], network.weights["conv1.bias"]
    x = one_hot([SEQUENCE], length=LENGTH)[0]
    expected = max(0, (kernel[2] * x[:, 3:8]).sum() + bias[2])
    assert reading.maps[2, 3] == pytest.approx(expected, abs=1e-5)
    assert read_sequence(network, SEQUENCE, layer=None).maps.size == 0


def test_rows_at_once_keep_within_the_budget_of_the_ascent():
    assert rows_at_once(small_network(), "cpu") == 128
    wide = sequential_network(
        [("conv", "conv", {"kernel": np.ones((320, 4, 8))}), ("flatten", "flatten", {}),
         ("out", "linear", {"kernel": np.ones((1, 320 * 993))})],
        input_length=1000,
    )  # fmt: skip
    assert rows_at_once(wide, "cpu") == 8


@pytest.mark.parametrize("name", ["torch/bpnet.pt2", "torch/danq.pt2", "keras3/transformer.keras"])
def test_the_scores_of_networks_with_other_inputs_and_shapes_are_those_of_the_network(name):
    network = read_network(ZOO / name)
    generator = np.random.default_rng(0)
    letters = ["".join(generator.choice(list("ACGT"), network.input_length)) for _ in range(3)]
    x = one_hot(letters, length=network.input_length)
    given = score_function(network, None, "cpu")(torch.from_numpy(x))
    assert given.numpy() == pytest.approx(predict(network, x)[0], abs=1e-5)
