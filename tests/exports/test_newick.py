import io
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from Bio.Phylo import NewickIO

from bench.make_run import make_run
from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.exports.newick import leaf_names, newick, quoted
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import classes
from deepresolve_dash.views.selection import Selection
from tests.generated_runs import panel_size, part_of_run

HOSTILE = ("it's", "a,b;c", "(x:1)", "[note]", "under_score", "", "same", "same", "tab\tand\nline")


class _Named(Run):
    """A run whose classes are called otherwise."""


def named(run, names):
    made = _Named(run.folder, run.info)
    names = [*names, *(f"class {i}" for i in range(len(names), run.summary.sizes["target"]))]
    made.__dict__["summary"] = run.summary.assign_coords(target_name=("target", names))
    return made


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("runs"), panel_size(11), name="Eleven", seed=3)


@pytest.fixture
def one(run):
    return Selection(run.id, 0)


def read(text):
    return next(NewickIO.parse(io.StringIO(text)))


def test_biopython_reads_every_class_in_the_order_of_the_matrix(run, one):
    tree = classes.clustering(run.summary, one)
    found = [leaf.name for leaf in read(newick(run, one)).get_terminals()]
    order = tree.order[: len(tree.linkage) + 1]
    assert found == [str(run.summary.target_name.values[place]) for place in order]


def test_a_node_lies_at_the_height_of_its_merge(run, one):
    tree, matrix = read(newick(run, one)), classes.values(run.summary, one, "similarity")
    heights = classes.clustering(run.summary, one).linkage[:, 2]
    depths = tree.depths()
    leaves = {leaf.name: depths[leaf] for leaf in tree.get_terminals()}
    assert list(leaves.values()) == pytest.approx([heights[-1]] * len(leaves))
    found = sorted(heights[-1] - depths[node] for node in tree.get_nonterminals())
    assert found == pytest.approx(sorted(heights), abs=1e-6)
    # the first merge joins the two classes that are most alike
    names = run.summary.target_name.values
    pairs = list(combinations(range(len(names)), 2))
    i, j = pairs[int(np.argmax([matrix[pair] for pair in pairs]))]
    assert tree.distance(str(names[i]), str(names[j])) == pytest.approx(2 * heights[0], abs=1e-6)


def test_hostile_names_come_back(run, one):
    text = newick(named(run, HOSTILE), one)
    assert text.count("\n") == 1
    assert text.endswith(";\n")
    assert {leaf.name for leaf in read(text).get_terminals()} >= {
        *("it's", "a,b;c", "(x:1)", "[note]", "under_score", "5", "6 same", "7 same"),
        "tab and line",
    }


def test_no_two_leaves_are_called_alike(run):
    names = leaf_names(named(run, ["x", "x", "0 x"]).summary)
    assert len(set(names)) == len(names)
    assert names[:3] == ["0 x", "1 x", "2 0 x"]


@pytest.mark.parametrize(
    ("name", "written"),
    [("CTCF", "CTCF"), ("a b", "'a b'"), ("3' end", "'3'' end'"), ("a_b", "'a_b'")],
)
def test_names_are_quoted_where_newick_needs_it(name, written):
    assert quoted(name) == written


def test_one_class_has_no_tree(run, tmp_path):
    with pytest.raises(RunNotFound, match="one class"):
        newick(part_of_run(run, tmp_path, target=0), Selection(run.id, 0))


def test_classes_without_a_similarity_are_no_leaves(run, one):
    made = named(run, [])
    similarity = run.summary.similarity.copy(deep=True)
    similarity[:, 0, :] = similarity[:, :, 0] = np.nan
    made.__dict__["summary"] = run.summary.assign(similarity=similarity)
    names = [leaf.name for leaf in read(newick(made, replace(one, target=1))).get_terminals()]
    assert len(names) == 10
    assert str(run.summary.target_name.values[0]) not in names
