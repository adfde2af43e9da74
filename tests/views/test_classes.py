import re

import numpy as np
import pytest

from bench.make_run import Size, make_run
from deepresolve_dash.core.statistics.classes import cluster
from deepresolve_dash.views import class_matrices, classes
from deepresolve_dash.views.selection import Selection
from tests.generated_runs import changed_run, part_of_run


@pytest.fixture(scope="module")
def panel(tmp_path_factory):
    size = Size(n_targets=11, n_channels=13, n_trials=3, width=2, n_offsets=0)
    return make_run(tmp_path_factory.mktemp("panel"), size)


def test_all_comparisons_have_one_order_and_the_names_of_the_classes(panel):
    one = Selection(panel.id, 0)
    order = classes.clustering(panel.summary, one).order
    for name in classes.available(panel.summary):
        shown = classes.data(panel.summary, one, name, order)
        raw = classes.values(panel.summary, one, name)
        assert np.array_equal(shown.values, raw[np.ix_(order, order)], equal_nan=True)
        assert shown.row_ids == tuple(order)
        assert shown.rows[0] == f"{order[0]} {panel.summary.target_name.values[order[0]]}"


def test_similarities_have_fixed_limits_and_dot_products_their_own(panel):
    one, order = Selection(panel.id, 0), np.arange(11)
    limits = {
        name: classes.data(panel.summary, one, name, order).limit
        for name in classes.available(panel.summary)
    }
    assert limits["similarity"] == limits["label_correlation"] == limits["signed"] == 1
    apart = panel.summary.last_layer.values.copy()
    np.fill_diagonal(apart, 0)
    assert limits["last_layer"] == np.abs(apart).max()
    for name, limit in limits.items():
        assert class_matrices.matrix(panel.summary, one, name, order).limit == limit


def test_missing_matrices_are_not_offered(panel):
    bare = panel.summary.drop_vars(["last_layer", "label_correlation"])
    assert classes.available(bare) == ["similarity", "signed"]


def test_one_class_is_compared_with_nothing(run, tmp_path):
    one = part_of_run(run, tmp_path, target=0)
    assert classes.available(one.summary) == []


def branches(path):
    return [
        tuple(map(float, found))
        for found in re.findall(r"M([\d.]+) ([\d.]+)H([\d.]+)V([\d.]+)H([\d.]+)", path)
    ]


def test_the_tree_joins_neighbours_in_the_drawn_order():
    matrix = np.array([[1, 0.1, 0.9], [0.1, 1, 0.2], [0.9, 0.2, 1]])
    found = cluster(matrix)
    first, last = branches(classes.dendrogram(found))
    order = found.order.tolist()
    places = {order.index(0) + 0.5, order.index(2) + 0.5}
    assert {first[1], first[3]} == places
    assert {last[1], last[3]} == {np.mean(list(places)), order.index(1) + 0.5}
    assert (first[0], last[2]) == (1, 0)  # leaves right, root left
    assert first[2] == pytest.approx(1 - 0.1 / 0.85, abs=1e-3)


def test_a_tree_of_many_classes_has_a_branch_less_than_leaves(panel):
    found = classes.clustering(panel.summary, Selection(panel.id, 0))
    ends = [end for b in branches(classes.dendrogram(found)) for end in (b[1], b[3])]
    assert len(ends) == 20
    assert {place + 0.5 for place in range(11)} <= set(ends)


def test_a_class_without_similarity_is_outside_the_tree():
    matrix = np.array([[np.nan] * 3, [np.nan, 1, 0.5], [np.nan, 0.5, 1]])
    found = cluster(matrix)
    (only,) = branches(classes.dendrogram(found))
    assert {only[1], only[3]} == {0.5, 1.5}
    assert found.order[-1] == 0


def test_a_blank_class_says_why(run, tmp_path):
    dead = changed_run(run, tmp_path, fiv=0.0)
    assert "no similarity" in classes.pair_words(dead.summary, Selection(run.id, 0))


def test_the_words_of_a_pair_hold_its_numbers_and_largest_difference(run):
    words = classes.pair_words(run.summary, Selection(run.id, 0, pair=(0, 1)))
    ofiv = run.summary.ofiv.sel(regime="importance").values
    widest = int(np.abs(ofiv[0] - ofiv[1]).argmax())
    first, second = run.summary.target_name.values[:2]
    assert words.startswith(f"{first} and {second}: A ")
    assert f"differs most in channel {widest} " in words
    assert classes.pair_words(run.summary, Selection(run.id, 0)) == ""
