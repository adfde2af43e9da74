import json
from dataclasses import replace

import h5py
import numpy as np
import pytest

from deepresolve_dash.exports.h5ad import h5ad_bytes
from deepresolve_dash.exports.known import Known, known_from_state, with_known
from deepresolve_dash.runs.class_table import ClassRow
from deepresolve_dash.runs.named import changed_run
from deepresolve_dash.runs.store import Run, find_run
from tests.generated_runs import tiny_run

PANEL = "d4672e7cf88995e3"  # shipped
HOSTILE = ["=cmd|' /C calc'!A0\x00\n\ud800", "</script>/😀" + "x" * 300]


def read(contents, folder):
    from anndata import read_h5ad  # slow, and of no other use

    path = folder / "run.h5ad"
    path.write_bytes(contents)
    return read_h5ad(path)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return tiny_run(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def panel(tmp_path_factory):
    found = find_run(PANEL)
    return known_from_state(found, tmp_path_factory.mktemp("state"))


def test_anndata_reads_every_number_back(panel, tmp_path):
    found, summary = read(h5ad_bytes(panel), tmp_path), panel.summary
    assert found.shape == (summary.sizes["target"], summary.sizes["channel"])
    importance, modes = (summary.sel(regime=name) for name in ("importance", "modes"))
    assert np.array_equal(found.X, importance.ofiv.values)
    for name in ("ofiv", "ofiv_low", "ofiv_high"):
        assert np.array_equal(found.layers[name], importance[name].values)
        assert np.array_equal(found.layers[f"{name}_modes"], modes[name].values)
    for name in ("inconsistency", "kind"):
        assert np.array_equal(found.layers[name], modes[name].values)
        assert np.array_equal(found.layers[f"{name}_importance"], importance[name].values)
    for name in ("gradient_at_base", "clamp_swing"):
        assert np.array_equal(found.layers[name], panel.ensemble[name].values)
    assert np.array_equal(found.obsp["similarity"], importance.similarity.values)
    assert np.array_equal(found.obsp["label_correlation"], summary.label_correlation.values)
    assert found.obs["n_components"].tolist() == modes.n_components.values.tolist()
    assert found.obs["rank_stability_modes"].tolist() == modes.rank_stability.values.tolist()


def test_classes_and_channels_bear_what_is_known_of_them(panel, tmp_path):
    found = read(h5ad_bytes(panel), tmp_path)
    assert found.obs_names[3] == "K562|CTCF|None"
    assert found.obs["cell"].iloc[3] == "K562"
    assert found.obs["target"].iloc[3] == "CTCF"
    assert found.var["motif"].iloc[0] == "SRF"
    assert found.var["motif_id"].iloc[0] == "MA0083.3"
    assert found.var["motif_q"].iloc[0] < 0.05
    assert set(found.var["filter_consensus"].str.len()) == {15}
    assert json.loads(found.uns["spec"]) == panel.info["spec"]
    assert found.uns["reading"]["modes"] == "modes"
    assert found.uns["unit"]["inconsistency"] == "feature-map units^2"


def test_hostile_names_are_kept_as_text(run, tmp_path):
    named = changed_run(run, run.summary.assign_coords(target_name=("target", HOSTILE)))
    rows = [ClassRow(name, group="a/b\x01\ud800") for name in HOSTILE]
    found = read(h5ad_bytes(with_known(named, Known(rows))), tmp_path)
    assert found.obs["class_name"].tolist() == ["=cmd|' /C calc'!A0  ?", HOSTILE[1]]
    assert set(found.obs["group"]) == {"a/b ?"}


def test_names_that_repeat_are_told_apart(run, tmp_path):
    for names in (["same", "same"], ["same", "same#1"]):
        named = changed_run(run, run.summary.assign_coords(target_name=("target", names)))
        found = read(h5ad_bytes(named), tmp_path)
        assert found.obs_names.is_unique
        assert found.obs["class_name"].tolist() == names
    assert found.obs_names.tolist() == names


@pytest.mark.parametrize("axis", ["target", "channel", "regime"])
def test_the_smallest_runs_are_written(run, axis, tmp_path):
    axes = {axis: [1]} | ({"other_target": [1]} if axis == "target" else {})
    part = Run(run.folder, run.info)
    part.__dict__["summary"] = run.summary.isel(axes)
    part.__dict__["ensemble"] = run.ensemble.isel({axis: [1]})
    found = read(h5ad_bytes(part), tmp_path)
    assert found.shape == (part.summary.sizes["target"], part.summary.sizes["channel"])
    if axis == "regime":
        assert not [name for name in found.layers if name.endswith(("_modes", "_importance"))]


def test_the_same_run_gives_the_same_bytes_without_objects(run, tmp_path):
    info = run.info | {"name": "\ud800 \x00name"}
    contents = h5ad_bytes(replace(run, info=info))
    assert contents == h5ad_bytes(replace(run, info=info))
    (tmp_path / "run.h5ad").write_bytes(contents)
    kinds = set()
    with h5py.File(tmp_path / "run.h5ad") as file:
        file.visititems(lambda _, item: kinds.add(getattr(item, "dtype", None)))
    assert all(kind is None or kind.kind in "biufO" for kind in kinds)
    assert all(h5py.check_string_dtype(k) for k in kinds if k is not None and k.kind == "O")
