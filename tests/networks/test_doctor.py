from dataclasses import replace

import numpy as np
import pytest

from deepresolve_dash.networks import doctor
from deepresolve_dash.networks.base_order import MOTIFS, alikeness, complement
from deepresolve_dash.networks.build import sequential_network
from deepresolve_dash.networks.card import card
from deepresolve_dash.networks.corrections import flip_kernels, with_alphabet
from deepresolve_dash.networks.cost import n_parameters, network_cost
from deepresolve_dash.networks.doctor import examine, reverse_complements
from tests.networks.stacks import CHANNELS, LENGTH, TARGETS, draw, one_convolution, residual

SEEN = ("CTCF", "AP-1", "GATA", "SPI1", "CEBP", "NRF1")


def filters(names=SEEN, width=13):
    """Filters (filter, base, offset) that look like motifs, in noise."""
    g = np.random.default_rng(3)
    made = 0.1 * g.normal(size=(len(names), 4, width)).astype(np.float32)
    for kernel, name in zip(made, names, strict=True):
        for offset, letter in enumerate(MOTIFS[name][:width]):
            if letter in "ACGT":
                kernel["ACGT".index(letter), offset] += 1
    return made


def stack(kernel, *, bias=None, dense=None, length=60, classes=None):
    """conv, relu, max over all positions, dense, sigmoid"""
    g = np.random.default_rng(4)
    dense = draw(g, 3, len(kernel)) if dense is None else dense
    bias = np.zeros(len(kernel), dtype=np.float32) if bias is None else bias
    steps = [
        ("conv", "conv", {"kernel": kernel, "bias": bias}),
        ("conv", "relu", {}),
        ("pool", "max_pool", {"size": length - kernel.shape[2] + 1}),
        ("flat", "flatten", {}),
        ("dense", "linear", {"kernel": dense}),
        ("dense", "sigmoid", {}),
    ]
    return sequential_network(steps, input_length=length, class_names=classes)


def said(network, word):
    """The findings whose first sentence has a word."""
    return [one for one in examine(network) if word in one.what]


def test_filters_like_known_motifs_confirm_the_order():
    (found,) = said(stack(filters()), "order of the bases")
    assert found.what == "The order of the bases is A, C, G, T."
    assert found.fix == "Nothing to do."
    assert "SPI1 (0.9" in found.evidence


@pytest.mark.parametrize("order", ["AGCT", "ATGC", "CATG", "TACG"])
def test_rows_in_another_order_are_found_and_the_correction_settles_it(order):
    rows = ["ACGT".index(base) for base in order]
    network = stack(filters()[:, rows])
    (found,) = said(network, "order of the bases")
    other = complement(order)
    assert ", ".join(order) in found.what
    assert order in found.fix
    assert other in found.fix
    for changed in (with_alphabet(network, order), flip_kernels(with_alphabet(network, other))):
        (settled,) = said(changed, "The order of the bases is")
        assert settled.fix == "Nothing to do."


def test_kernels_read_backwards_are_found_and_flipping_them_settles_it():
    network = flip_kernels(stack(filters()))
    (found,) = said(network, "backwards")
    assert found.fix.startswith("Flip the kernels")
    (settled,) = said(flip_kernels(network), "The order of the bases is A")
    assert settled.fix == "Nothing to do."


def test_without_a_convolution_of_the_bases_no_order_is_told():
    steps = [("flat", "flatten", {}), ("dense", "linear", {"kernel": np.ones((1, 36), "f4")})]
    network = sequential_network(steps, input_length=9)
    (found,) = said(network, "order of the bases")
    assert "Nothing in the model convolves" in found.evidence


def test_random_filters_tell_no_order():
    for seed in range(8):
        kernel = draw(np.random.default_rng(seed), 16, 4, 11)
        (found,) = said(stack(kernel), "order of the bases")
        assert "cannot be told" in found.what
        assert found.evidence


def test_orders_come_in_pairs_that_no_direction_tells_apart():
    forwards = alikeness(filters())
    backwards = alikeness(np.ascontiguousarray(filters()[:, :, ::-1]))
    for order, alike in zip(forwards.orders, forwards.alike, strict=True):
        mirrored = backwards.alike[backwards.orders.index(complement(order))]
        assert mirrored == pytest.approx(alike, rel=1e-5)


def test_filters_that_no_sequence_wakes_are_named():
    kernel, bias = filters(), np.zeros(6, dtype=np.float32)
    kernel[1] = 0
    bias[3] = -100
    bias[0] = -0.9 * kernel[0].max(0).sum()  # sleeps over random sequences, not over its motif
    (found,) = said(stack(kernel, bias=bias), "never answer")
    assert found.what == "2 of the 6 filters of 'conv' never answer: 1, 3."
    assert "200 random sequences" in found.evidence


def test_classes_that_never_vary_are_named():
    dense = draw(np.random.default_rng(1), 3, 6)
    dense[1] = 0
    (found,) = said(stack(filters(), dense=dense, classes=["a", "b", "c"]), "var")
    assert found.what == "The score of one of 3 classes never varies: b."
    dense[2] = 0
    (found,) = said(stack(filters(), dense=dense, classes=["a", "b", "c"]), "var")
    assert found.what == "The scores of 2 of 3 classes never vary: b, c."


def test_a_healthy_network_has_no_such_findings():
    assert not said(stack(filters()), "never")
    assert not said(residual(), "never")


def test_strands_are_the_same_when_each_filter_has_its_partner():
    kernel = filters()
    both = np.concatenate([kernel, kernel[:, ::-1, ::-1]])
    dense = draw(np.random.default_rng(2), 3, 6)
    network = stack(both, dense=np.concatenate([dense, dense], axis=1))
    (found,) = said(network, "trands of a sequence")
    assert "the same" in found.what
    (found,) = said(stack(kernel), "trands of a sequence")
    assert "different" in found.what
    assert "times the spread" in found.evidence


def test_the_other_strand_is_that_of_the_alphabet():
    network = replace(one_convolution(), alphabet="AGCT")
    x = np.zeros((1, 4, 3), dtype=np.float32)
    x[0, [0, 1, 1], [0, 1, 2]] = 1  # AGG
    there = reverse_complements(network, x)
    assert "".join("AGCT"[row] for row in there[0].argmax(0)) == "CCT"


def test_what_is_said_is_always_the_same():
    assert examine(one_convolution()) == examine(one_convolution())


def test_a_network_that_is_too_large_is_not_run(monkeypatch):
    monkeypatch.setattr(doctor, "_LARGEST", 10)
    order, found = examine(one_convolution())
    assert "order of the bases" in order.what
    assert "too large" in found.what
    assert f"{network_cost(one_convolution()).macs:,}" in found.evidence


def test_scores_that_are_no_numbers_are_said():
    network = stack(filters())
    weights = {name: array.copy() for name, array in network.weights.items()}
    largest = max(weights, key=lambda name: weights[name].shape == (3, 6))
    weights[largest][:] = 3e38
    (found,) = said(replace(network, weights=weights), "not numbers")
    assert "sequences" in found.evidence


def test_enormous_filters_are_no_hindrance():
    found = examine(stack(filters() * np.float32(1e38)))
    assert found[0].what == "The order of the bases is A, C, G, T."
    assert any("not numbers" in one.what for one in found)


def test_the_card_counts_parameters_and_memory():
    found = card(one_convolution())
    expected = (CHANNELS * 4 * 5 + CHANNELS) + (11 * CHANNELS * 8 + 11) + (TARGETS * 11 + TARGETS)
    assert found["parameters"] == n_parameters(one_convolution()) == expected
    convolved = CHANNELS * (LENGTH - 4)
    assert found["row_bytes"] >= 4 * 2 * convolved
