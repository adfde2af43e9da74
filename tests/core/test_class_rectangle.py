import numpy as np
import pytest

from deepresolve_dash.core.statistics.classes import cluster_rectangle, count_similar

FACTORS, CELLS = [0, 2, 4, 6], [1, 3, 5]


def matrix_of(rectangle):
    """Return a symmetric matrix over seven classes with a given rectangle, 0.1 elsewhere."""
    a = np.full((7, 7), 0.1)
    a[np.ix_(FACTORS, CELLS)] = rectangle
    a[np.ix_(CELLS, FACTORS)] = np.transpose(rectangle)
    np.fill_diagonal(a, 1)
    return a


def test_like_rows_and_like_columns_of_a_rectangle_stand_together():
    rows, columns = cluster_rectangle(
        matrix_of([[0.9, 0, 0.8], [0, 0.9, 0], [0.8, 0, 0.9], [0, 0.8, 0]]), FACTORS, CELLS
    )
    order = list(rows.order)
    assert abs(order.index(0) - order.index(2)) == 1
    assert abs(order.index(1) - order.index(3)) == 1
    assert columns.order.tolist() in ([1, 0, 2], [1, 2, 0], [0, 2, 1], [2, 0, 1])
    assert rows.linkage.shape == (3, 4)
    assert columns.linkage.shape == (2, 4)


def test_a_class_without_similarity_is_left_out_of_a_rectangle():
    a = matrix_of(np.linspace(-1, 1, 12).reshape(4, 3))
    a[2, :] = a[:, 2] = np.nan
    a[3, :] = a[:, 3] = np.nan
    rows, columns = cluster_rectangle(a, FACTORS, CELLS)
    assert rows.left_out.tolist() == [1]
    assert columns.left_out.tolist() == [1]
    assert sorted(rows.order) == [0, 1, 2, 3]
    assert rows.order[-1] == columns.order[-1] == 1


@pytest.mark.parametrize(("rows", "columns"), [([0], [1]), ([], [1, 3]), ([0, 2], [])])
def test_a_rectangle_too_small_for_a_tree_has_an_order_all_the_same(rows, columns):
    found = cluster_rectangle(matrix_of(np.zeros((4, 3))), rows, columns)
    assert [len(c.order) for c in found] == [len(rows), len(columns)]


def test_strong_similarities_are_counted_against_all_pairs():
    a = matrix_of([[0.9, 0.8, 0.9], [-0.5, 0.1, 0.1], [0.1, 0.1, 0.1], [-0.6, -0.7, 0.9]])
    found = count_similar(a, FACTORS, CELLS)
    pairs = sorted(a[i, j] for i in range(7) for j in range(i))
    assert found.above == pytest.approx(pairs[17])  # 0.85 x 20 of 21 values
    assert found.below == pytest.approx(pairs[3])
    assert found.positive.tolist() == [2, 0, 0, 1]
    assert found.negative.tolist() == [0, 1, 0, 2]


def test_only_the_classes_of_the_columns_are_counted():
    a = matrix_of(np.zeros((4, 3)))
    a[0, 2] = a[2, 0] = 0.9
    a[0, 4] = a[4, 0] = -0.9
    found = count_similar(a, FACTORS, CELLS, quantiles=(0.05, 0.95))
    assert found.positive.tolist() == found.negative.tolist() == [0] * 4


def test_a_class_is_not_counted_as_like_itself_and_blanks_count_nowhere():
    a = np.full((3, 3), np.nan)
    np.fill_diagonal(a, 1)
    found = count_similar(a, [0, 1], [0, 1, 2])
    assert found.positive.tolist() == found.negative.tolist() == [0, 0]
    assert np.isnan([found.above, found.below]).all()


def test_a_pair_counts_for_both_of_its_classes():
    generator = np.random.default_rng(3)
    for _ in range(20):
        a = np.triu(generator.uniform(-1, 1, (9, 9)), 1)
        a += np.tril(np.nextafter(a.T, 1), -1) + np.eye(9)  # rounded otherwise below the diagonal
        found = count_similar(a, range(9), range(9), quantiles=(0.2, 0.8))
        assert found.positive.sum() == found.negative.sum() == 2 * 7  # of 36 pairs, beyond the 7th
