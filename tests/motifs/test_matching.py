import numpy as np
import pytest

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.motifs.filters import reverse_complement
from deepresolve_dash.motifs.jaspar import jaspar_motifs
from deepresolve_dash.motifs.matching import (
    benjamini_hochberg,
    match,
    match_filters,
    motif_rank,
    nearest,
)

CTCF, USF1 = "MA0139.1", "MA0093.2"
BLANK = np.full((3, 4), 0.25)


@pytest.fixture(scope="module")
def targets():
    return jaspar_motifs("JASPAR2016")


@pytest.fixture(scope="module")
def planted(targets):
    """CTCF as it is, on the other strand, after three blank positions, without its first two."""
    pwm = targets[CTCF].pwm
    queries = [pwm, reverse_complement(pwm), np.concatenate([BLANK, pwm]), pwm[2:], BLANK]
    return match(queries, targets)


def test_a_known_motif_matches_itself_first_wherever_it_lies(planted):
    best = [nearest(planted, query, n=1)[0] for query in range(4)]
    assert [hit.target_id for hit in best] == [CTCF] * 4
    assert [hit.strand for hit in best] == ["+", "-", "+", "+"]
    assert [hit.offset for hit in best] == [0, 0, -3, 2]
    assert [hit.overlap for hit in best] == [19, 19, 19, 17]
    assert max(hit.p_value for hit in best) < 1e-12


def test_offset_on_the_other_strand_counts_in_the_reversed_target(targets):
    pwm = targets[CTCF].pwm
    matches = match([reverse_complement(pwm)[4:], reverse_complement(pwm[4:])], targets)
    best = [nearest(matches, query, n=1)[0] for query in range(2)]
    assert [(hit.strand, hit.offset, hit.overlap) for hit in best] == [("-", 4, 15), ("-", 0, 15)]


def test_a_blank_motif_matches_nothing(planted):
    assert (planted.p_value[4] == 1).all()
    assert (planted.p_value[:4].min(axis=1) < 1e-12).all()


def test_e_and_q_agree_with_an_independent_loop(planted):
    for p_values, e_values, q_values in zip(
        planted.p_value, planted.e_value, planted.q_value, strict=True
    ):
        n = len(p_values)
        assert n == 519
        in_order = sorted(p_values)
        expected, running = {}, 1.0
        for rank in range(n, 0, -1):
            running = min(running, in_order[rank - 1] * n / rank)
            expected[in_order[rank - 1]] = min(running, expected.get(in_order[rank - 1], 1.0))
        np.testing.assert_allclose(q_values, [expected[p] for p in p_values])
        np.testing.assert_allclose(e_values, [p * 519 for p in p_values])


def test_q_values_of_a_textbook_example():
    q_values = benjamini_hochberg(np.array([0.04, 0.01, 0.03, 0.5, 0.9]))
    np.testing.assert_allclose(q_values, [0.2 / 3, 0.05, 0.2 / 3, 0.625, 0.9])


def test_nearest_lists_matches_by_p_value(planted):
    hits = nearest(planted, 0, n=7)
    assert len(hits) == 7
    assert [hit.p_value for hit in hits] == sorted(planted.p_value[0])[:7]


def test_rank_is_the_place_of_the_first_matching_channel(targets):
    noise = np.random.default_rng(2).uniform(-1, 0.02, (7, 19, 4))
    noise[5] = np.log2(targets[CTCF].pwm / 0.25)
    matches = match_filters(noise, targets)
    order = np.array([3, 1, 5, 0, 2, 4, 6])
    assert motif_rank(matches, order, CTCF, p_value=1e-6) == 3
    assert motif_rank(matches, order[::-1], CTCF, p_value=1e-6) == 5
    assert motif_rank(matches, order, USF1, p_value=1e-6) is None


def test_no_query_gives_no_match(targets):
    assert match([], targets).q_value.shape == (0, 519)


def test_a_motif_outside_the_targets_is_refused(planted):
    with pytest.raises(DeepResolveError, match="MA0000.1"):
        motif_rank(planted, np.arange(5), "MA0000.1")


def test_a_handful_of_targets_is_refused(targets):
    few = {motif_id: targets[motif_id] for motif_id in (CTCF, USF1)}
    with pytest.raises(DeepResolveError, match="2 motifs are too few"):
        match([targets[CTCF].pwm], few)
