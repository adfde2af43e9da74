"""The pure parts of the reproduction, on input small enough to know the answer."""

import itertools
import json
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from deepresolve_dash.demos.reproduction.areas import fresh_areas, read_record
from deepresolve_dash.demos.reproduction.components import component_counts, component_table
from deepresolve_dash.demos.reproduction.experiments import reproduce
from deepresolve_dash.demos.reproduction.findings import (
    SYNTHETIC_I_FINDINGS,
    above_pairs_with_4,
    count_pairs,
    rank_among,
    synthetic_i_findings,
    top_channels,
)
from deepresolve_dash.demos.reproduction.motif_table import (
    Hits,
    chance_of_hit,
    count_top,
    first_hit,
    motif_table,
)
from deepresolve_dash.demos.reproduction.pattern import (
    Seen,
    channels_line,
    find_channels,
    pattern_match,
)
from deepresolve_dash.demos.reproduction.rankings import PUBLISHED_VECTORS, Rankings, order
from deepresolve_dash.demos.reproduction.repeat import one_thread
from deepresolve_dash.demos.reproduction.sample import read_sample
from deepresolve_dash.demos.reproduction.synthetic import (
    components_table,
    findings_table,
    similarity_table,
)
from deepresolve_dash.demos.reproduction.tables import markdown_table
from deepresolve_dash.demos.reproduction.vectors import (
    agreement,
    agreement_table,
    is_dead,
    left_out_line,
)
from deepresolve_dash.demos.ship import NETWORKS
from deepresolve_dash.demos.synthetic import SYNTHETIC_I, SYNTHETIC_II, encode
from deepresolve_dash.errors import ModelFileError, SettingsError
from deepresolve_dash.motifs.jaspar import jaspar_motifs
from deepresolve_dash.networks.neutral import load_network

CHANNELS = {"CAGGTC": 2, "CGCTTG": 0, "GCTCAT": 1}


def kernel_of(pattern, *, length=8, start=1):
    """A filter (offset, base) that holds a pattern and is flat elsewhere."""
    kernel = np.zeros((length, 4))
    kernel[start + np.arange(len(pattern)), encode(pattern)] = 1
    return kernel


def cells(table):
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


# tables


def test_a_table_is_aligned_and_says_what_it_was_given():
    lines = markdown_table(["a", "long name"], [[1, "x|y"], ["four", 2.5]]).splitlines()
    assert lines == [
        "| a    | long name |",
        "|------|-----------|",
        "| 1    | x\\|y      |",
        "| four | 2.5       |",
    ]


# the sample


def write_sample(folder, *, column="inconsistency", experiments=("one", "two")):
    for name in ("one", "two"):
        (folder / name).mkdir()
    rows = [f"experiment\tn_components\tchannel\tofiv\t{column}"]
    rows += [f"two\t2\t{k}\t{k / 10}\t{k}" for k in (2, 0, 1)]
    rows += [f"one\t1\t{k}\t{-k / 100}\t0.5" for k in range(3)]
    (folder / "published.tsv").write_text("\n".join(rows) + "\n")
    rows = ["experiment\tfactor\tjaspar_2016_id"]
    rows += [f"{name}\tCTCF\tMA0139.1" for name in experiments]
    (folder / "factors.tsv").write_text("\n".join(rows) + "\n")
    return folder


def test_a_sample_is_read_in_the_order_of_factors_and_channels(tmp_path):
    one, two = read_sample(write_sample(tmp_path))
    assert (one.experiment, two.experiment) == ("one", "two")
    assert two.ofiv.tolist() == [0, 0.1, 0.2]
    assert two.inconsistency.tolist() == [0, 1, 2]
    assert (two.n_components, two.motif_id, two.factor) == (2, "MA0139.1", "CTCF")
    assert two.folder == tmp_path / "two"


def test_a_sample_without_tables_or_models_is_refused_in_words(tmp_path):
    with pytest.raises(SettingsError, match=r"published\.tsv is missing"):
        read_sample(tmp_path)
    write_sample(tmp_path)
    (tmp_path / "two").rmdir()
    with pytest.raises(SettingsError, match="no model two"):
        read_sample(tmp_path)


@pytest.mark.parametrize("fault", [{"column": "other"}, {"experiments": ("one", "three")}])
def test_tables_that_do_not_fit_are_refused_in_words(tmp_path, fault):
    with pytest.raises(ModelFileError, match="do not fit"):
        read_sample(write_sample(tmp_path, **fault))


def test_the_published_experiment_asks_for_its_models():
    with pytest.raises(SettingsError, match="--models"):
        reproduce("published", None)


# vectors


def test_agreement_of_known_vectors():
    found = agreement([3, 4, 0], [0, 4, 3])
    assert found.rank_correlation == pytest.approx(0.5)
    assert found.relative_error == pytest.approx(np.sqrt(18) / 5)
    assert found.same_top
    same = agreement([1, 2, 3.5], [1, 2, 3])
    assert same.rank_correlation == pytest.approx(1)
    assert same.relative_error == pytest.approx(0.5 / np.sqrt(14))


def test_the_agreement_table_holds_the_medians_and_counts_all_models():
    b = np.array([1.0, 2, 3, 4])
    found = [agreement(b * (1 + error), b) for error in (0.001, 0.01, 0.5)]
    rows = cells(agreement_table(found, n_models=4))[2:]
    assert rows[0][1:] == ["1.0000", "1.0000", "median >= 0.997", "yes"]
    assert rows[1][1:] == ["0.0100", "0.4510", "median <= 0.012", "yes"]
    assert rows[2][1:] == ["3 of 3", "", ">= 4", "no"]
    worse = [agreement(b[::-1], b)]
    assert [row[-1] for row in cells(agreement_table(worse, n_models=1))[2:]] == ["no"] * 3


def test_dead_models_are_named(tmp_path):
    one, two = read_sample(write_sample(tmp_path))
    assert is_dead(one)
    assert not is_dead(two)
    assert left_out_line([one, two]).endswith("below 0.1: one (0.022).")
    assert left_out_line([two]).endswith(": none.")


# component counts


def published(levels, n_components):
    return SimpleNamespace(inconsistency=np.array(levels), n_components=n_components)


def test_components_depend_on_the_scale_of_the_levels():
    clumps = np.concatenate([np.linspace(1, 1.2, 8), np.linspace(9, 9.2, 8)]) * 1e-5
    sample = [published(clumps, 1), published(np.full(16, 3.0), 1)]
    assert component_counts(sample) == [1, 1]
    assert component_counts(sample, 1e4) == [2, 1]
    rows = cells(component_table(sample))[2:]
    assert rows[0] == ["as published", "2", "0", "0", ""]
    assert rows[1] == ["fitted on 1 x IL", "2", "0", "0", "2 of 2"]
    assert rows[2] == ["fitted on 10000 x IL", "1", "1", "0", "1 of 2"]


# motifs


def test_the_chance_of_a_hit_is_the_share_of_all_orders():
    for n_hits, top in itertools.product(range(5), (1, 2, 4, 5)):
        tops = list(itertools.combinations(range(4), min(top, 4)))
        share = sum(min(chosen) < n_hits for chosen in tops) / len(tops)
        assert chance_of_hit(n_hits, 4, top) == pytest.approx(share)


def test_ranks_are_counted_up_to_the_top():
    assert count_top([1, 3, None, 5, 2], 3) == 3
    assert count_top([None], 5) == 0
    assert first_hit(np.array([0.2, 0.06, 0.05, 0.01])) == 3
    assert first_hit(np.array([0.2, 0.06])) is None


def test_equal_importance_keeps_the_order_of_channels():
    assert order(np.array([0.0, 2, 0, 2])).tolist() == [1, 3, 0, 2]


def test_hits_know_flipped_kernels_from_unflipped_ones():
    targets = jaspar_motifs("JASPAR2016")
    ctcf = targets["MA0139.1"]
    generator = np.random.default_rng(0)
    filters = generator.normal(0, 0.1, (4, len(ctcf.pwm), 4))
    filters[2] = ctcf.pwm - 0.25
    hits = Hits()
    importance = {PUBLISHED_VECTORS: np.array([0.0, 1, 5, 2]), "another": np.array([3.0, 2, 1, 0])}
    hits.add(Rankings(filters, importance, {"another": 0.5}), ctcf.id, targets)
    table = {row[0]: row[1:] for row in cells(motif_table(hits))[2:]}
    assert table["published vectors"] == ["1", "1", "1", ""]
    assert table["another"] == ["0", "1", "1", "50%"]
    assert table["published vectors, kernels not flipped"][:2] == ["0", "0"]
    assert table["published vectors, own motif as only target"][0] == "1"
    assert table["random order, expected"][:2] == ["0.2", "0.8"]  # 1 of 4, 3 of 4


# channels by pattern


def test_a_pattern_is_found_anywhere_in_a_filter_of_any_size():
    filters = np.stack([kernel_of("GATA"), kernel_of("TCAT", start=4) * 9, np.ones((8, 4))])
    assert pattern_match(filters, "TCAT")[1] == pytest.approx(1)
    assert pattern_match(filters, "GATA")[0] == pytest.approx(1)
    assert pattern_match(-filters, "GATA")[0] < 0.5
    assert pattern_match(filters, "GATA")[2] == 0
    found = find_channels(filters, ["TCAT", "GATA"])
    assert {pattern: seen.channel for pattern, seen in found.items()} == {"TCAT": 1, "GATA": 0}


def test_what_else_a_filter_sees_lowers_the_match():
    both = kernel_of("GATA", start=0) + kernel_of("TCAT", start=4)
    assert pattern_match(both[None], "GATA")[0] == pytest.approx(np.sqrt(0.5))


def test_patterns_that_share_a_channel_are_named():
    found = {"GATA": Seen(3, 0.8), "TCAT": Seen(5, 1.0), "CGCTTG": Seen(3, 0.79)}
    line = channels_line(found)
    assert "GATA 3 (0.80), TCAT 5 (1.00), CGCTTG 3 (0.79)." in line
    assert "Channel 3 is the best for GATA and CGCTTG" in line
    assert "Channel 5 is" not in line


# Synthetic I


def xor_run(*, n_components=3, guarded=False):
    """One class of three channels and a silent fourth; 0 and 1 swap signs over the trials."""
    fiv = np.array([[2.0, -1, 3, 0], [-2, 1, 3, 0], [9, 9, 9, 9]])
    return xr.Dataset(
        {
            "fiv": (("trial", "channel"), fiv),
            "weight": ("trial", [0.5, 0.5, 0.0]),
            "converged": ("trial", [True, True, False]),
            "kind": ("channel", [2, 2, 0, 0]),
            "ofiv": ("channel", [2.0, 1, 3, 0]),
            "inconsistency": ("channel", [4.0, 1, 0.5, 0]),
            "n_components": n_components,
            "guarded": guarded,
        }
    )


def test_a_run_that_shows_the_papers_picture_says_so():
    answers = synthetic_i_findings(xor_run(), CHANNELS)
    assert list(answers.values()) == [
        "67%", "3", "yes", "yes", "yes", "inconsistent", "inconsistent", "yes",
        "1 of 1", "1 of 6", "yes", "additive", "1", "3",
    ]  # fmt: skip


def test_a_run_that_does_not_show_it_says_so():
    run = xor_run(n_components=1, guarded=True)
    run["fiv"][1] = run["fiv"][0]
    run["kind"][:] = [0, 0, 1, 0]
    run["ofiv"][:] = [1, 2, -3, 4]
    run["inconsistency"][:] = [1, 2, 3, 4]
    answers = synthetic_i_findings(run, CHANNELS)
    assert list(answers.values())[1:] == [
        "1 (guarded)", "no", "no", "no", "additive", "additive", "no",
        "0 of 0", "0 of 6", "no", "consistent", "-", "2",
    ]  # fmt: skip


def test_ranks_and_pairs_of_chosen_channels():
    ofiv, chosen = np.array([1.0, -5, 3, 2]), np.array([True, True, False, True])
    assert top_channels(ofiv, chosen, 2) == [1, 3]
    assert [rank_among(ofiv, chosen, channel) for channel in range(4)] == ["2", "3", "-", "1"]
    assert count_pairs(np.ones((4, 4), bool), chosen) == "3 of 3"
    assert count_pairs(np.eye(4, dtype=bool), chosen) == "0 of 3"


def test_the_findings_table_lists_seeds_only_where_they_differ():
    run = xor_run().expand_dims(target=1, other_target=1)
    other = run.assign(n_components=("target", [2]))
    rows = cells(findings_table({"a": [run, run], "b": [run, other]}, CHANNELS))
    assert rows[0] == ["finding", "paper", "a", "b", "over networks"]
    assert rows[3] == ["components of the mixture", "3", "3", "3, 2", "fragile"]
    assert [row[0] for row in rows[2:]] == list(SYNTHETIC_I_FINDINGS)


# Synthetic II


def class_run(similarity):
    names = list(SYNTHETIC_II.class_names)
    return xr.Dataset(
        {
            "similarity": (("target", "other_target"), similarity),
            "last_layer": (("target", "other_target"), np.arange(16.0).reshape(4, 4)),
            "n_components": ("target", [1, 1, 2, 1]),
            "converged": (("target", "trial"), np.ones((4, 5), bool)),
        },
        coords={"target_name": ("target", names)},
    )


def test_pairs_of_classes_are_compared_with_the_pairs_of_the_fourth():
    similarity = np.eye(4)
    similarity[0, 1] = similarity[1, 0] = 0.7
    similarity[0, 2] = similarity[2, 0] = 0.2
    similarity[1, 3] = similarity[3, 1] = 0.3
    assert above_pairs_with_4(similarity, (0, 1))
    assert not above_pairs_with_4(similarity, (0, 2))
    rows = {row[0]: row for row in cells(similarity_table({"a": [class_run(similarity)]}))}
    assert rows["similarity 1-2"][1:] == ["high", "0.70", "1.0", "", ""]
    assert rows["similarity 1-3"][1:] == ["high", "0.20", "2.0", "negative", ""]
    assert rows["1-2 above every pair with 4"][1:] == ["yes", "yes", "", "", "robust"]
    assert rows["1-3 above every pair with 4"][1:] == ["yes", "no", "", "", "fragile"]


def test_the_components_of_each_class_are_listed():
    run = class_run(np.eye(4))
    other = run.assign(n_components=("target", [1, 3, 2, 1]))
    rows = cells(components_table({"a": [run, other], "b": [run]}))[2:]
    assert [row[2:] for row in rows] == [
        ["1", "1"], ["1, 3", "1"], ["2", "2"], ["1", "1"], ["100%", "100%"]
    ]  # fmt: skip


# areas


def test_a_record_of_another_task_or_none_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="is not the training record of Synthetic I"):
        read_record(tmp_path, SYNTHETIC_I)
    with pytest.raises(SettingsError, match="train-demo"):
        read_record(NETWORKS / "synthetic-2", SYNTHETIC_I)
    (tmp_path / "training.json").write_text(json.dumps({"task": "synthetic-1"}))
    assert read_record(tmp_path, SYNTHETIC_I) == {"task": "synthetic-1"}


def test_fresh_areas_are_those_of_training():
    record = read_record(NETWORKS / "synthetic-2", SYNTHETIC_II)
    network = load_network(NETWORKS / "synthetic-2")
    with one_thread():
        areas = fresh_areas(SYNTHETIC_II, network, record["recipe"], n=2000)
        others = fresh_areas(SYNTHETIC_II, network, {**record["recipe"], "seed": 9}, n=2000)
    np.testing.assert_allclose(areas, list(record["auc"].values()), atol=0.03)
    assert areas != others
