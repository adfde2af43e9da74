import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deepresolve_dash.motifs.filters import (
    consensus,
    filter_information,
    filter_pwm,
    information_bits,
    reverse_complement,
)

KERNELS = arrays(np.float32, (5, 4), elements=st.floats(-3, 3, width=32))


def test_a_filter_becomes_the_shares_of_its_positive_weights():
    kernel = np.array([[3, -5, 1, 0], [-1, -2, -3, -4], [0, 0, 0, 2]])
    assert filter_pwm(kernel).tolist() == [[0.75, 0, 0.25, 0], [0.25] * 4, [0, 0, 0, 1]]


@given(KERNELS)
def test_every_position_of_a_motif_sums_to_one(kernel):
    pwm = filter_pwm(kernel)
    np.testing.assert_allclose(pwm.sum(axis=1), 1)
    assert (pwm >= 0).all()


@given(KERNELS, st.floats(0.5, 8))
def test_scaling_a_filter_leaves_its_motif(kernel, scale):
    np.testing.assert_allclose(filter_pwm(scale * kernel.astype(float)), filter_pwm(kernel))


def test_reading_a_filter_leaves_it_unchanged():
    kernel = np.array([[1.0, -1.0, 0.0, 0.0]])
    filter_pwm(kernel)
    assert kernel.tolist() == [[1, -1, 0, 0]]


def test_information_counts_two_bits_for_one_base_and_one_for_a_pair():
    pwm = np.array([[0, 1, 0, 0], [0.5, 0, 0, 0.5], [0.25] * 4])
    assert information_bits(pwm).tolist() == [2, 1, 0]


@given(KERNELS)
def test_information_agrees_with_an_entropy_loop(kernel):
    pwm = filter_pwm(kernel)
    expected = [2 + sum(p * math.log2(p) for p in row if p > 0) for row in pwm.tolist()]
    np.testing.assert_allclose(information_bits(pwm), expected, atol=1e-12)


def test_information_of_liked_and_avoided_bases_is_told_apart():
    kernel = np.array([[4, 0, 0, 0], [0, 4, 0, -1], [0, -1, -1, 0]])
    assert filter_information(kernel) == (4, 3)
    assert filter_information(-kernel) == (3, 4)


def test_consensus_names_only_bases_above_the_threshold():
    pwm = np.array([[0.1, 0.1, 0.1, 0.7], [0.5, 0.5, 0, 0], [0, 0, 0.6, 0.4], [0.25] * 4])
    assert consensus(pwm) == "TNGN"
    assert consensus(pwm, threshold=0.65) == "TNNN"


@pytest.mark.parametrize(("word", "other"), [("GATTC", "GAATC"), ("CAGGTC", "GACCTG")])
def test_reverse_complement_reads_the_other_strand(word, other):
    one_hot = np.eye(4)[["ACGT".index(letter) for letter in word]]
    assert consensus(reverse_complement(one_hot)) == other
