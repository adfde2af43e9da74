import numpy as np
import pytest
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import squareform

from bench.make_run import Size, make_run
from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.runs.class_table import ClassRow
from deepresolve_dash.views import class_matrices, classes
from deepresolve_dash.views.selection import Selection
from tests.generated_runs import changed_run

CELLS = ("K562", "HepG2", "K562", "", "A549", "HepG2", "K562")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    size = Size(n_targets=7, n_channels=13, n_trials=3, width=2, n_offsets=0)
    return make_run(tmp_path_factory.mktemp("classes"), size)


@pytest.fixture
def one(run):
    return Selection(run.id, 0)


def told(run, one, rows=None):
    rows = rows or [ClassRow(f"class {i}", cell=cell, assay="ChIP") for i, cell in enumerate(CELLS)]
    tree = classes.clustering(run.summary, one)
    return class_matrices.data(run.summary, one, tree, rows), tree


def heights(merges, n):
    """At what height any two leaves join, by going through the merges."""
    members, found = [[i] for i in range(n)], np.zeros((n, n))
    for a, b, height in merges:
        for i in members[a]:
            for j in members[b]:
                found[i, j] = found[j, i] = height
        members.append(members[a] + members[b])
    return found


def test_merges_of_places_are_the_tree_of_average_linkage(run, one):
    found, _ = told(run, one)
    a = classes.values(run.summary, one, "similarity")
    distance = squareform(1 - (a + a.T) / 2, checks=False)
    expected = squareform(cophenet(linkage(distance, "average")))
    order = found["order"]
    assert found["leaves"] == 7
    assert heights(found["merges"], 7) == pytest.approx(expected[np.ix_(order, order)])
    assert sorted(order) == list(range(7))


def test_metadata_stands_in_the_order_of_the_tree_and_needs_two_values(run, one):
    found, _ = told(run, one)
    (cell,) = found["fields"]  # one assay tells no class from another
    assert cell["name"] == "cell"
    assert cell["said"] == ["K562", "HepG2", "A549"]  # the most frequent first
    said = [cell["said"][place] if place >= 0 else "" for place in cell["of"]]
    assert said == [CELLS[place] for place in found["order"]]


def test_a_difference_is_the_similarity_minus_the_other_in_one_scale(run, one):
    _, tree = told(run, one)
    a = classes.values(run.summary, one, "similarity")
    labels = classes.values(run.summary, one, "label_correlation")
    dots = classes.values(run.summary, one, "last_layer")
    for name, other in (
        ("label_correlation", labels),
        (
            "last_layer",
            [[dots[i, j] / np.sqrt(dots[i, i] * dots[j, j]) for j in range(7)] for i in range(7)],
        ),
    ):
        shown = class_matrices.matrix(run.summary, one, f"difference-{name}", tree.order)
        assert shown.values == pytest.approx((a - np.array(other))[np.ix_(tree.order, tree.order)])
        assert shown.limit == 1


def test_the_colours_of_dot_products_end_at_two_different_classes(run, one):
    _, tree = told(run, one)
    dots = classes.values(run.summary, one, "last_layer")
    largest = max(abs(dots[i, j]) for i in range(7) for j in range(7) if i != j)
    assert class_matrices.matrix(run.summary, one, "last_layer", tree.order).limit == largest


@pytest.mark.parametrize("name", ["ofiv", "difference-similarity", "difference-", "../run"])
def test_an_unknown_matrix_is_refused(run, one, name):
    with pytest.raises(RunNotFound):
        class_matrices.matrix(run.summary, one, name, np.arange(7))


def test_brushed_pairs_are_those_of_a_loop(run, one):
    a = classes.values(run.summary, one, "similarity")
    b = classes.values(run.summary, one, "signed")
    box = (-0.2, 0.9, -1.0, 0.2)
    found = class_matrices.brushed(run.summary, one, "signed", box)
    by_loop = [
        (i, j)
        for i in range(7)
        for j in range(i + 1, 7)
        if box[0] <= a[i, j] <= box[1] and box[2] <= b[i, j] <= box[3]
    ]
    assert 0 < found["n"] == len(by_loop) < 21
    assert {(i, j) for i, j, *_ in found["pairs"]} == set(by_loop)
    listed = [value for *_, value, _ in found["pairs"]]
    assert listed == sorted(listed, reverse=True)


def test_a_long_list_of_pairs_is_cut_and_counted(run, one, monkeypatch):
    monkeypatch.setattr(class_matrices, "MOST_LISTED", 3)
    found = class_matrices.brushed(run.summary, one, "signed", (-1, 1, -1, 1))
    assert (found["n"], len(found["pairs"])) == (21, 3)


def test_a_blank_class_is_last_listed_and_outside_the_tree(run, one, tmp_path):
    fiv = run.ensemble.fiv.values.copy()
    fiv[:, 2] = 0
    blank = changed_run(run, tmp_path, fiv=fiv)
    found, _ = told(blank, one)
    assert found["blank"] == [2]
    assert found["order"][-1] == 2
    assert (found["leaves"], len(found["merges"])) == (6, 5)
    shown = class_matrices.brushed(blank.summary, one, "signed", (-1, 1, -1, 1))
    assert not {2} & {i for pair in shown["pairs"] for i in pair[:2]}


def test_all_classes_blank_is_no_tree(run, one, tmp_path):
    found, _ = told(changed_run(run, tmp_path, fiv=0.0), one)
    assert (found["leaves"], found["merges"], len(found["blank"])) == (0, [], 7)
