import numpy as np
import pytest

from deepresolve_dash.core.statistics.orders import clustered_order


def test_alike_vectors_become_neighbours_whatever_their_size():
    generator = np.random.default_rng(0)
    directions = generator.normal(size=(3, 11))
    kind = generator.permutation(np.repeat([0, 1, 2], 5))
    vectors = directions[kind] * generator.uniform(0.1, 10, (15, 1))
    ordered = kind[clustered_order(vectors + generator.normal(0, 1e-4, (15, 11)))]
    assert (np.diff(ordered) != 0).sum() == 2


def test_opposite_vectors_stand_apart():
    vectors = np.array([[1, 2], [-1, -2], [1, 2.1], [-1, -2.1]])
    order = clustered_order(vectors)
    assert {frozenset(order[:2]), frozenset(order[2:])} == {frozenset((0, 2)), frozenset((1, 3))}


def test_vectors_without_a_direction_come_last_and_none_is_lost():
    vectors = np.array([[0, 0], [1, 0], [np.nan, 1], [0, 1], [1, 0.1]])
    order = clustered_order(vectors)
    assert sorted(order) == [0, 1, 2, 3, 4]
    assert order[3:].tolist() == [0, 2]


@pytest.mark.parametrize(
    "vectors", [np.zeros((0, 3)), np.ones((1, 3)), np.zeros((2, 3)), np.zeros((2, 0))]
)
def test_few_or_empty_vectors_keep_their_order(vectors):
    assert clustered_order(vectors).tolist() == list(range(len(vectors)))


def test_the_first_vector_is_at_the_earlier_end():
    vectors = np.cumsum(np.ones((7, 1)), 0) * [1, 0] + np.arange(7)[:, None] * [0, 1]
    order = clustered_order(vectors)
    assert order[0] < order[-1]


def test_tiny_vectors_keep_their_direction():
    tiny = np.array([[1, 0], [0, 1], [1, 0.1], [0.1, 1]]) * 1e-200
    assert (clustered_order(tiny) == clustered_order(tiny * 1e200)).all()
