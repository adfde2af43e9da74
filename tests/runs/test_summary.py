import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.runs.ensemble import make_ensemble
from deepresolve_dash.runs.report import report, report_text
from deepresolve_dash.runs.spec import RunSpec
from deepresolve_dash.runs.store import Run, write_run
from deepresolve_dash.runs.strict_json import to_json
from deepresolve_dash.runs.summary import summarise
from tests.planted import two_optima
from tests.runs.conftest import CHANNELS, TARGETS

REFEREE = Path(__file__).parents[3] / "shared" / "referee.py"


def planted_ensemble(fiv: np.ndarray, score: np.ndarray, *, preset: str = "default", **changes):
    """An ensemble of planted FIVs (regime, target, trial, channel) and scores."""
    n_regimes, n_targets, n_trials, n_channels = fiv.shape
    settings = ascent_settings(preset, n_trials=n_trials)
    spec = RunSpec("hash", "layer", tuple(range(2, 2 + n_targets)), preset, settings)
    rows = (n_targets, n_trials)
    fields = {
        "n_steps": np.full(rows, 100),
        "converged": np.ones(rows, bool),
        "diverged": np.zeros(rows, bool),
        "gradient_norm": np.zeros(rows),
        "l2": np.ones(n_targets),
        "trace": np.zeros((*rows, 3)),
    } | changes
    regimes = {
        regime.name: fields | {"fiv": fiv[r], "score": score[r], "objective": score[r]}
        for r, regime in enumerate(settings.regimes)
    }
    companions = {
        "base_map": np.zeros((n_channels, 3)),
        "base_distance": 1.0,
        "gradient_at_base": np.zeros((n_targets, n_channels)),
    }
    names = [f"class {i}" for i in range(n_targets)]
    return make_ensemble(regimes, companions, spec=spec, targets=spec.classes, class_names=names)


@pytest.fixture
def ensemble():
    one = np.tile(np.linspace(-1, 2, 11), (21, 1))
    fiv = np.stack([one, two_optima(21, 11)])
    return planted_ensemble(np.stack([fiv, fiv]), np.full((2, 2, 21), 3.0))


def test_planted_classes_get_their_kinds_guard_and_optima(ensemble):
    s = summarise(ensemble)
    assert s.guarded.values.tolist() == [[True, False]] * 2
    assert s.n_optima.values.tolist() == [[1, 2]] * 2
    assert np.flatnonzero(s.kind.values[1, 1]).tolist() == [1, 4]
    assert s.kind.values[1, 1, 1] == 2
    assert s.ofiv.values[1, 1, [1, 4]] == pytest.approx([1.5, 1.5])
    assert s.rank_stability.values[0, 0] == pytest.approx(1)


def test_a_diverged_trial_weighs_nothing(ensemble):
    diverged = np.zeros((2, 21), bool)
    diverged[1, 0] = True
    fiv = ensemble.fiv.values.copy()
    fiv[:, 1, 0] = np.nan
    s = summarise(planted_ensemble(fiv, ensemble.score.values, diverged=diverged))
    assert s.weight.values[0, 1, 0] == 0
    assert s.weight.values[0, 1].sum() == pytest.approx(1)
    assert np.isfinite(s.ofiv.values).all()


def test_a_class_of_which_every_trial_diverged_has_no_result(ensemble):
    fiv = ensemble.fiv.values.copy()
    fiv[:, 0] = np.nan
    s = summarise(planted_ensemble(fiv, ensemble.score.values))
    assert s.n_components.values[:, 0].tolist() == [0, 0]
    assert np.isnan(s.ofiv.values[:, 0]).all()
    assert (s.kind.values[:, 0] == 0).all()
    assert np.isnan(s.similarity.values[0, 0]).all()
    assert s.similarity.values[0, 1, 1] == 1


def test_the_published_preset_takes_the_plain_mean():
    fiv = np.stack([two_optima(21, 11)])[None]
    s = summarise(planted_ensemble(fiv, np.full((1, 1, 21), 3.0), preset="published"))
    assert s.ofiv.values[0, 0] == pytest.approx(fiv[0, 0].mean(0), abs=1e-6)
    assert s.kind.values[0, 0, 1] == 2


def test_companions_are_copied_when_the_summary_is_derived_again(ensemble):
    first = summarise(ensemble).assign(last_layer=(("target", "other_target"), np.eye(2)))
    again = summarise(ensemble, first)
    assert (again.last_layer.values == np.eye(2)).all()
    assert again.drop_vars("last_layer").equals(first.drop_vars("last_layer"))


def test_a_permutation_of_channels_permutes_the_summary(ensemble):
    order = np.random.default_rng(0).permutation(11)
    s = summarise(ensemble)
    p = summarise(planted_ensemble(ensemble.fiv.values[..., order], ensemble.score.values))
    for name in ("ofiv", "inconsistency", "kind", "mixture_component"):
        assert np.allclose(p[name].values, s[name].values[..., order]), name
    assert np.allclose(p.similarity, s.similarity)


def test_the_report_says_what_its_contract_lists(results, tmp_path):
    run = write_run(
        tmp_path / "run", info=results.info, ensemble=results.ensemble, summary=results.summary
    )
    entries = report(run, n_top=3)
    assert json.loads(json.dumps(entries))["layer"] == "pool1"
    assert len(entries["targets"]) == 2 * TARGETS
    for one in entries["targets"]:
        assert len(one["top"]) == 3
        assert one["top"][0]["ofiv"] >= one["top"][1]["ofiv"]
        kinds = one["additive"], one["non_additive_consistent"], one["non_additive_inconsistent"]
        assert sorted(sum(kinds, [])) == list(range(CHANNELS))
        assert one["index"] in (0, 1)
        assert {"bic", "guarded", "n_optima", "null_rate", "rank_stability"} <= one.keys()
    assert "class 1 same (modes)" in report_text(entries)


@pytest.mark.shared
@pytest.mark.skipif(not REFEREE.is_file(), reason="the referee is not here")
def test_the_referee_agrees(results, ensemble, tmp_path):
    write_run(
        tmp_path / "run", info=results.info, ensemble=results.ensemble, summary=results.summary
    )
    spec = json.loads(ensemble.attrs["spec"])
    planted = Run(tmp_path, {"id": "planted", "spec": spec})
    write_run(
        tmp_path / "planted", info=planted.info, ensemble=ensemble, summary=summarise(ensemble)
    )
    for name in ("run", "planted"):
        done = subprocess.run(  # noqa: S603
            [sys.executable, REFEREE, tmp_path / name], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_qualifier_is_in_the_summary_and_in_the_report(results, tmp_path):
    run = write_run(
        tmp_path / "run", info=results.info, ensemble=results.ensemble, summary=results.summary
    )
    per_class = {
        "share_converged",
        "residual_share",
        "n_components_rescaled",
        "null_rate",
        "rank_stability",
        "top_stability",
    }
    assert per_class | {"ofiv_low", "ofiv_high"} <= set(results.summary.data_vars)
    for one in report(run)["targets"]:
        assert per_class <= one.keys()
        assert one["share_converged"] == one["n_converged"] / results.ensemble.sizes["trial"]
        assert 0 <= one["top_stability"] <= 1
        assert one["enough_trials"] in ("enough", "more", "few")
        assert all(top["ofiv_low"] <= top["ofiv_high"] for top in one["top"])


def test_a_run_of_an_older_release_is_reported_without_what_it_lacks(results, tmp_path):
    old = results.summary.drop_vars(["top_stability", "share_converged"])
    run = write_run(tmp_path / "run", info=results.info, ensemble=results.ensemble, summary=old)
    entries = json.loads(to_json(report(run)))
    for one in entries["targets"]:
        assert one["top_stability"] is None
        assert one["share_converged"] is None
        assert one["enough_trials"] == "unknown"
        assert one["rank_stability"] is not None


def test_converged_trials_are_those_that_did_not_diverge():
    converged, diverged = np.ones((1, 20), bool), np.zeros((1, 20), bool)
    converged[0, :5] = False
    diverged[0, 10:14] = True
    fiv = np.stack([two_optima(20, 11)])[None].copy()
    fiv[0, 0, 10:14] = np.nan
    made = planted_ensemble(
        fiv, np.full((1, 1, 20), 3.0), preset="paper", converged=converged, diverged=diverged
    )
    assert summarise(made).share_converged.values == pytest.approx(11 / 20)
