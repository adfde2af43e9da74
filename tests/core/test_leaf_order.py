import itertools

import numpy as np
import pytest
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from deepresolve_dash.core.statistics import leaf_order
from deepresolve_dash.core.statistics.leaf_order import in_order, joined_at_near_ends, optimal


def grown(n, seed, method="average"):
    square = 1 - np.corrcoef(np.random.default_rng(seed).normal(size=(n, 5)))
    distance = squareform(square, checks=False)
    return linkage(distance, method), distance


def length(tree, distance):
    order = leaves_list(tree)
    return squareform(distance)[order[:-1], order[1:]].sum()


def shortest(tree, distance):
    """The least length over all ways to turn all branches."""
    found = []
    for flips in itertools.product((False, True), repeat=len(tree)):
        turned = tree.copy()
        turned[list(flips), :2] = turned[list(flips), 1::-1]
        found.append(length(turned, distance))
    return min(found)


@pytest.mark.parametrize("method", ["average", "single", "complete"])
@pytest.mark.parametrize("n", [2, 3, 4, 8])
def test_the_optimal_order_is_the_shortest_of_all(n, method):
    for seed in range(5):
        tree, distance = grown(n, seed, method)
        assert length(optimal(tree, distance), distance) == pytest.approx(shortest(tree, distance))


@pytest.mark.parametrize("turn", [optimal, joined_at_near_ends])
def test_turning_changes_no_branch(turn):
    tree, distance = grown(31, 3)
    turned = turn(tree, distance)
    assert np.array_equal(np.sort(turned[:, :2]), np.sort(tree[:, :2]))
    assert np.array_equal(turned[:, 2:], tree[:, 2:])
    assert length(turned, distance) < length(tree, distance)


def test_the_quick_order_is_near_the_optimal_one():
    gaps = []
    for seed in range(10):
        tree, distance = grown(40, seed)
        quick, best = (
            length(turn(tree, distance), distance) for turn in (joined_at_near_ends, optimal)
        )
        gaps.append(quick / best)
    assert min(gaps) >= 1
    assert np.mean(gaps) < 1.2


def test_many_leaves_take_the_quick_order(monkeypatch):
    tree, distance = grown(9, 0)
    assert np.array_equal(in_order(tree, distance), optimal(tree, distance))
    monkeypatch.setattr(leaf_order, "MOST_OPTIMAL", 8)
    assert np.array_equal(in_order(tree, distance), joined_at_near_ends(tree, distance))


def test_sums_in_pieces_are_the_sums_at_once(monkeypatch):
    tree, distance = grown(23, 1)
    at_once = optimal(tree, distance)
    monkeypatch.setattr(leaf_order, "_CELLS", 7)
    assert np.array_equal(optimal(tree, distance), at_once)
