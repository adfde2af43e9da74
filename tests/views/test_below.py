import json
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from bench.make_run import class_names, planted
from deepresolve_dash.core.statistics.classes import (
    correlation,
    count_similar,
    last_layer_similarity,
    similarity,
)
from deepresolve_dash.core.statistics.clusters import scaled_importance
from deepresolve_dash.runs.class_table import ClassRow, from_names
from deepresolve_dash.views import (
    association,
    cell_types,
    classes,
    clusters,
    disagreement,
    ofiv_map,
)
from deepresolve_dash.views.selection import Selection
from tests.generated_runs import panel_size

FACTORS, CELLS = ("CTCF", "JUND"), ("K562", "HepG2", "A549")
ROWS = from_names([f"{CELLS[i % 3]}|{FACTORS[i // 3 % 2]}|None" for i in range(11)])


def run_of(loading, seed):
    """A run whose trials scatter around a loading: only what the classes' page reads of it."""
    generator = np.random.default_rng(seed)
    fiv = np.stack([loading, 3 * loading])[:, :, None] * generator.normal(1, 0.1, (5, 13))
    ofiv, (n, k) = fiv.mean(axis=2), loading.shape
    coordinates = {
        "regime": ["importance", "modes"],
        "target": np.arange(n),
        "target_name": ("target", class_names(n)),
        "channel": np.arange(k),
    }
    pairs = "target", "other_target"
    summary = {
        "ofiv": (("regime", "target", "channel"), ofiv),
        "kind": (("regime", "target", "channel"), np.zeros(ofiv.shape, np.int8)),
        "weight": (("regime", "target", "trial"), np.full((2, n, 5), 0.2)),
        "similarity": (("regime", *pairs), np.stack([similarity(part) for part in ofiv])),
        "label_correlation": (pairs, correlation(loading + generator.normal(0, 0.5, (n, k)))),
        "last_layer": (pairs, last_layer_similarity(loading - 0.1)),
    }
    attrs = {"spec": json.dumps({"preset": "default"})}
    return SimpleNamespace(
        id="some",
        ensemble=xr.Dataset({"fiv": (("regime", "target", "trial", "channel"), fiv)}, coordinates),
        summary=xr.Dataset(summary, coordinates, attrs),
    )


@pytest.fixture(scope="module")
def many():
    """Eleven classes in two groups."""
    return run_of(planted(np.random.default_rng(2), panel_size(11))[0], 3)


@pytest.fixture(scope="module")
def blank():
    """The run with a class of which nothing is positive."""
    loading = planted(np.random.default_rng(2), panel_size(11))[0]
    loading[4] = -np.abs(loading[4])
    return run_of(loading, 3)


@pytest.fixture
def one(many):
    return Selection(many.id, 0)


@pytest.fixture
def tree(many, one):
    return classes.clustering(many.summary, one)


def test_clusters_tell_members_features_and_metadata(many, one, tree):
    told = clusters.data(many.summary, one, ROWS, tree, distance=0.8)
    assert told["empty"] is told["untold"] is None
    members = [{m["target"] for m in c["members"]} for c in told["clusters"]]
    alone = {m["target"] for m in told["singles"]}
    assert sum(map(len, members)) + len(alone) == 11
    assert set().union(*members, alone) == set(range(11))
    assert all(c["n"] == len(m) > 1 for c, m in zip(told["clusters"], members, strict=True))
    numbers = [c["number"] for c in told["clusters"]]
    assert numbers == sorted(numbers)
    for cluster in told["clusters"]:
        first, last = cluster["places"]
        inside = tree.order[first : last + 1].tolist()
        assert sorted(inside) == [m["target"] for m in cluster["members"]]
    scaled = scaled_importance(many.summary.ofiv.sel(regime="importance").values)
    for cluster in told["clusters"]:
        inside = scaled[[m["target"] for m in cluster["members"]]]
        for feature in cluster["features"]:
            column = inside[:, feature["channel"]] * feature["sign"]
            assert (column >= 0.2).sum() == feature["n"] > cluster["n"] / 2
            assert feature["mean"] == pytest.approx(inside[:, feature["channel"]].mean())
        for value in cluster["enriched"]:
            column = [getattr(ROWS[m["target"]], value["column"]) for m in cluster["members"]]
            assert column.count(value["value"]) == value["n"]
            assert value["p"] <= value["q"] <= 1


def test_the_heat_map_is_the_mean_of_the_members(many, one, tree):
    order = ofiv_map.channel_order(many.summary, one)
    assert sorted(order) == list(range(13))
    shown = clusters.heat(many.summary, one, tree, order, distance=0.8)
    told = clusters.data(many.summary, one, ROWS, tree, distance=0.8)["clusters"]
    scaled = clusters.importance(many.summary, one)
    assert shown.row_ids == tuple(c["number"] for c in told)
    for row, cluster in zip(shown.values, told, strict=True):
        members = [m["target"] for m in cluster["members"]]
        np.testing.assert_allclose(row, scaled[members].mean(axis=0)[order])
    assert shown.rows[0].endswith(f"{told[0]['n']} classes")


def test_a_cut_without_a_cluster_says_where_the_first_is(many, one, tree):
    told = clusters.data(many.summary, one, ROWS, tree, distance=0)
    assert told["clusters"] == []
    assert told["nSingles"] == 11
    assert f"{tree.linkage[:, 2].min():.2f}" in told["empty"]
    assert len(clusters.heat(many.summary, one, tree, np.arange(13), distance=0).values) == 0


def test_without_metadata_the_clusters_say_how_to_give_it(many, one, tree):
    told = clusters.data(many.summary, one, from_names(["x"] * 11), tree)
    assert "card of the model" in told["untold"]


def test_steadiness_is_told_for_each_cluster(many, one, tree):
    drawn = clusters.resampled(many.ensemble, many.summary, one, tree)
    told = clusters.steadiness(tree, drawn, distance=0.8)
    listed = clusters.data(many.summary, one, ROWS, tree, distance=0.8)["clusters"]
    assert list(told["jaccard"]) == [str(cluster["number"]) for cluster in listed]
    assert all(0 < value <= 1 for value in told["jaccard"].values())
    assert "drawn again 100 times" in told["notes"][0].why


def test_a_blank_class_is_listed_and_in_no_cluster(blank):
    one = Selection(blank.id, 0)
    tree = classes.clustering(blank.summary, one)
    told = clusters.data(blank.summary, one, ROWS, tree, distance=2)
    assert [m["target"] for m in told["leftOut"]] == [4]
    assert told["clusters"][0]["n"] == 10
    drawn = clusters.resampled(blank.ensemble, blank.summary, one, tree)
    assert 4 not in drawn.leaves
    pairs = disagreement.data(blank.summary, one, ROWS)
    assert [m["target"] for m in pairs["leftOut"]] == [4]
    assert 4 not in {*pairs["first"], *pairs["second"]}
    assert pairs["n"] == 45
    shape = association.rectangle(blank.summary, one, ROWS, ("all", "all"))
    assert 4 not in shape.row_order
    assert np.isfinite(association.matrix_of(blank.summary, one, shape).values).all()
    notes = ofiv_map.notes(blank.summary, one, tree)
    assert notes[-1].text == "1 class below the tree"
    assert class_names(11)[4] in notes[-1].why


def test_pairs_come_by_their_gap_from_either_end(many, one):
    told = disagreement.data(many.summary, one, ROWS, against="last_layer")
    assert told["others"] == ["label_correlation", "last_layer"]
    assert told["against"] == "last_layer"
    assert (np.diff(told["gap"]) <= 0).all()
    i, j = int(told["first"][0]), int(told["second"][0])
    similar = many.summary.similarity.sel(regime="importance").values
    assert told["a"][0] == pytest.approx(similar[i, j], rel=1e-5)
    assert told["b"][0] == pytest.approx(many.summary.last_layer.values[i, j], rel=1e-5)
    assert told["columns"] == ["cell", "target", "treatment"]
    assert told["classes"][i]["told"] == [CELLS[i % 3], FACTORS[i // 3 % 2], "None"]
    apart = disagreement.data(many.summary, one, ROWS, against="last_layer", end="apart")
    assert apart["gap"][0] == told["gap"][-1]
    assert disagreement.data(many.summary, one, ROWS, against="x")["against"] == "label_correlation"


def test_words_are_found_in_names_and_metadata_of_either_class(many, one):
    everything = disagreement.data(many.summary, one, ROWS)
    assert everything["found"] == everything["n"] == 55
    told, names = disagreement.data(many.summary, one, ROWS, find="  k562 JUND"), class_names(11)
    assert told["n"] == 55
    assert 0 < told["found"] == len(told["first"]) < 55
    for i, j, place in zip(told["first"], told["second"], told["place"], strict=True):
        assert "K562" in {ROWS[i].cell, ROWS[j].cell} or "K562" in names[i] + names[j]
        assert "JUND" in {ROWS[i].target, ROWS[j].target} or "JUND" in names[i] + names[j]
        assert (everything["first"][place], everything["second"][place]) == (i, j)
    assert disagreement.data(many.summary, one, ROWS, find="nobody")["found"] == 0


def test_without_labels_and_weights_there_is_no_disagreement(many, one):
    summary = many.summary.drop_vars(["label_correlation", "last_layer"])
    told = disagreement.data(summary, one, ROWS)
    assert "label file" in told["empty"]
    assert told["pairs"] == []


def test_the_index_counts_strong_similarities(many, one):
    chosen = "target=CTCF", "target=JUND"
    shape = association.rectangle(many.summary, one, ROWS, chosen)
    told = association.data(many.summary, one, ROWS, shape, chosen, quantiles=(40, 60))
    a = many.summary.similarity.sel(regime="importance").values
    counted = count_similar(a, shape.row_order, shape.column_order, quantiles=(0.4, 0.6))
    assert [i["target"] for i in told["index"]] == shape.row_order.tolist()
    assert {ROWS[i["target"]].target for i in told["index"]} == {"CTCF"}
    assert [i["positive"] for i in told["index"]] == counted.positive.tolist()
    assert [i["negative"] for i in told["index"]] == counted.negative.tolist()
    shown = association.matrix_of(many.summary, one, shape)
    np.testing.assert_array_equal(shown.values, a[np.ix_(shape.row_order, shape.column_order)])
    crossed = association.data(many.summary, one, ROWS, shape, chosen, quantiles=(60, 40))
    assert crossed["below"] <= crossed["above"]
    assert crossed["index"] == told["index"]


def test_a_choice_of_no_class_says_so(many, one):
    chosen = "target=CTCF", "cell=nowhere"
    shape = association.rectangle(many.summary, one, ROWS, chosen)
    told = association.data(many.summary, one, ROWS, shape, chosen)
    assert told["empty"].startswith("No class with a similarity is a column")
    blank = many.summary.assign(similarity=many.summary.similarity * np.nan)
    shape = association.rectangle(blank, one, ROWS, ("all", "all"))
    told = association.data(blank, one, ROWS, shape, ("all", "all"))
    assert told["empty"] == "No class has a similarity, so there is nothing to count."


def test_rows_and_columns_are_those_of_the_paper_where_metadata_tell():
    plain = [ClassRow(str(i), assay="ChIP-seq") for i in range(3)]
    opened = [ClassRow("o", assay="DNase-seq")]
    assert association.first_choice([*opened, *plain]) == ("assay=ChIP-seq", "assay=DNase-seq")
    assert association.first_choice(ROWS) == ("cell=HepG2", "cell=K562")
    assert association.first_choice(plain) == ("all", "all")
    assert "assay=ChIP-seq" not in association.choices(plain)
    assert association.choices([*opened, *plain]) == ["all", "assay=ChIP-seq", "assay=DNase-seq"]


def test_the_map_shows_each_class_in_units_of_its_largest(many, one, tree):
    order = ofiv_map.channel_order(many.summary, one)
    shown = ofiv_map.data(many.summary, one, tree.order, order)
    assert np.abs(shown.values).max(axis=1) == pytest.approx(np.ones(11))
    assert shown.row_ids == tuple(tree.order.tolist())
    assert shown.columns[0] == f"ch {order[0]}"
    row = many.summary.ofiv.sel(regime="importance").values[shown.row_ids[3]]
    np.testing.assert_allclose(shown.values[3], row[order] / np.abs(row).max())


def test_features_of_a_factor_are_common_particular_or_between(many, one):
    summary = many.summary.copy(deep=True)
    ofiv = np.zeros((2, 11, 13))
    ofiv[:, :, 0] = 1  # everywhere
    ofiv[:, 0, 1] = 0.5  # in one of the two K562 classes of CTCF, which is not most
    ofiv[:, [0, 6], 2] = -0.4  # in both
    ofiv[:, [1, 7], 3] = 0.3  # in HepG2 alone
    ofiv[:, [0, 6, 1, 7], 4] = 0.3  # in two cells of three
    summary["ofiv"] = (summary.ofiv.dims, ofiv)
    told = cell_types.data(summary, one, ROWS, factor="CTCF")
    assert [c["cell"] for c in told["cells"]] == ["K562", "HepG2", "A549"]
    assert [[m["target"] for m in c["classes"]] for c in told["cells"]] == [[0, 6], [1, 7], [2, 8]]
    assert [f["channel"] for f in told["common"]] == [0]
    assert [[f["channel"] for f in part] for part in told["particular"]] == [[2], [3], []]
    assert [f["channel"] for f in told["some"]] == [4]
    assert told["particular"][0][0]["values"] == [-0.4, 0, 0]
    assert cell_types.data(summary, one, ROWS, factor="nothing")["factor"] == "CTCF"
    assert "columns cell and" in cell_types.data(summary, one, from_names(["x"] * 11))["empty"]


def test_a_class_without_a_result_is_in_no_factor(many, one):
    summary = many.summary.copy(deep=True)
    summary["ofiv"][:, 0] = np.nan
    told = cell_types.data(summary, one, ROWS, factor="CTCF")
    assert [m["target"] for m in told["leftOut"]] == [0]
    assert [m["target"] for m in told["cells"][-1]["classes"]] != [0, 6]
    shown = ofiv_map.channel_order(summary, one)
    assert sorted(shown) == list(range(13))
