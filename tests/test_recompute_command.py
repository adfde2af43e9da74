import json

import pytest

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.runs.execute import Results, execute
from deepresolve_dash.runs.store import find_run, write_run
from deepresolve_dash.runs.strict_json import to_json
from tests.commands import call
from tests.runs.conftest import small_job, small_network


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """A state folder without networks, a run, and its network and another one."""
    folder = tmp_path_factory.mktemp("places")
    settings = ascent_settings("paper", n_trials=3, steps=20, l2=1.0)
    results = execute(small_job(settings=settings), device="cpu")
    write_run(folder / "run", info=results.info, ensemble=results.ensemble, summary=results.summary)
    for seed in (0, 1):
        (folder / f"net{seed}").mkdir()
        save_network(small_network(seed), folder / f"net{seed}")
    return folder


def recompute(places, *options, run="run", net="net0"):
    return call(
        "recompute", places / run, "--model", places / net, *options, DRD_STATE=places / "state"
    )


def changed(places, name, **info):
    """The run with its description changed."""
    run = find_run(str(places / "run"))
    folder = places / name
    write_run(folder, info=run.info | info, ensemble=run.ensemble, summary=run.summary)
    return run


def test_a_run_is_the_same_when_it_is_computed_again(places):
    done = recompute(places, "--json", "--device", "cpu")
    told = json.loads(done.out)
    assert done.code == 0, done.error
    assert told["agrees"]
    assert told["identical"]
    assert told["device"] == {"was": "cpu", "now": "cpu"}
    assert {one["name"] for one in told["ensemble"]} >= {"fiv", "objective", "trace"}
    assert not [one for one in told["summary"] if one["n_different"]]


def test_other_numbers_do_not_agree(places, monkeypatch):
    run = find_run(str(places / "run"))
    again = Results(run.info, run.ensemble, run.summary)
    monkeypatch.setattr("deepresolve_dash.commands.recompute.execute", lambda *_, **__: again)
    ensemble = run.ensemble.copy(deep=True)
    ensemble.fiv.values[0, 0, 0, 3] += 0.5 * abs(ensemble.fiv.values).max()
    write_run(places / "other", info=run.info, ensemble=ensemble, summary=run.summary)
    done = recompute(places, run="other")
    assert done.code == 1
    assert "fiv: 1 of" in done.out
    assert "They do not agree" in done.out


def test_a_run_without_its_network_says_how_to_name_it(places):
    done = call("recompute", places / "run", DRD_STATE=places / "state")
    assert (done.code, done.out) == (2, "")
    assert "Name it with --model." in done.error
    assert "not the network of this run" in recompute(places, net="net1").error


def test_files_that_are_not_those_of_the_run_are_refused(places, tmp_path):
    spec = find_run(str(places / "run")).info["spec"]
    changed(places, "with-labels", spec=spec | {"labels": "ab" * 32})
    changed(places, "with-sequences", spec=spec | {"sequences": "ab" * 32})
    (tmp_path / "file").write_text(">one\nACGT\n")
    assert "Name them with --labels." in recompute(places, run="with-labels").error
    assert "with --sequences." in recompute(places, run="with-sequences").error
    for name in ("labels", "sequences"):
        done = recompute(places, f"--{name}", tmp_path / "file", run=f"with-{name}")
        assert done.code == 2
        assert "is not the file that this run was made from" in done.error


def test_a_run_of_another_method_is_refused(places):
    spec = find_run(str(places / "run")).info["spec"]
    changed(places, "old", spec=json.loads(to_json(spec | {"method_version": 1})))
    done = recompute(places, run="old")
    assert done.code == 2
    assert "version 1 of the method" in done.error
