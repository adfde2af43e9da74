from math import comb

import numpy as np
import pytest
from scipy.stats import hypergeom

from deepresolve_dash.core.statistics.enrichment import enrichment

FLAT = np.array([0, 0, 0, 1, 1, 1, 1, 2, -1, 0])
CELLS = ["K", "K", "K", "H", "H", "K", "H", "H", "K", "H"]
TARGETS = ["a", "a", "", "b", "", "b", "c", "", "", ""]
TOLD = {"cell": CELLS, "assay": ["ChIP"] * 10, "target": TARGETS}


def tail(n, size, total, universe):
    """P(N >= n) by counting."""
    ways = [comb(total, k) * comb(universe - total, size - k) for k in range(n, size + 1)]
    return sum(ways) / comb(universe, size)


def test_p_is_the_upper_tail_over_the_clustered_classes_that_are_told_of():
    found = {(one.cluster, one.column, one.value): one for one in enrichment(FLAT, TOLD)}
    one = found[0, "cell", "K"]
    assert (one.n, one.size, one.total, one.universe) == (3, 4, 4, 9)
    assert one.p == pytest.approx(hypergeom.sf(2, 9, 4, 4)) == pytest.approx(tail(3, 4, 4, 9))
    assert one.fold == pytest.approx((3 / 4) / (4 / 9))
    target = found[1, "target", "b"]
    assert (target.n, target.size, target.total, target.universe) == (2, 3, 2, 5)
    assert target.p == pytest.approx(tail(2, 3, 2, 5))


def test_columns_of_one_value_single_values_and_single_classes_are_not_tested():
    found = enrichment(FLAT, TOLD)
    assert not [one for one in found if one.column == "assay" or one.value == "c"]
    assert not [one for one in found if one.cluster == 2 or one.cluster < 0]


def test_q_is_benjamini_hochberg_over_all_tests_those_without_a_member_too():
    found = enrichment(FLAT, TOLD)
    p = [one.p for one in found]
    assert p == sorted(p)
    tested = 2 * 2 + 2 * 2  # clusters x values of cell, and of target
    everything = sorted([*p, *[1.0] * (tested - len(p))])
    for one in found:
        expected = min(
            everything[i] * tested / (i + 1) for i in range(tested) if everything[i] >= one.p
        )
        assert one.q == pytest.approx(min(1, expected))


def test_a_loop_over_random_tables_agrees():
    generator = np.random.default_rng(5)
    flat, told = generator.integers(-1, 6, 80), generator.choice(["x", "y", "z", ""], 80)
    for one in enrichment(flat, {"column": told.tolist()}):
        known = (flat >= 0) & (told != "")
        inside = known & (flat == one.cluster)
        n = sum(told[i] == one.value for i in np.flatnonzero(inside))
        total = sum(told[i] == one.value for i in np.flatnonzero(known))
        assert (one.n, one.size, one.total) == (n, inside.sum(), total)
        assert one.p == pytest.approx(tail(n, int(inside.sum()), total, int(known.sum())))


@pytest.mark.parametrize("told", [{}, {"cell": [""] * 10}, {"cell": list("abcdefghij")}])
def test_without_anything_to_test_nothing_is_found(told):
    assert enrichment(FLAT, told) == []
    assert enrichment(np.full(10, -1), TOLD) == []
