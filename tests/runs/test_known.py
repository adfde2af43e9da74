"""A run with more trials takes over those of a shorter one."""

from dataclasses import replace

import numpy as np
import pytest

from deepresolve_dash.core.settings import METHOD_VERSION, ascent_settings
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.runs import compute
from deepresolve_dash.runs.known import known_runs, with_trials
from deepresolve_dash.runs.known_trials import known_ascents, take_over
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.request import make_request
from deepresolve_dash.runs.spec import spec_from_dict
from deepresolve_dash.runs.store import Run, RunStore, write_run
from deepresolve_dash.runs.work import read_log
from deepresolve_dash.runs.worker import perform
from tests.conftest import reading_here
from tests.runs.conftest import small_network

SHORT, LONG = 11, 23


def never():
    raise AssertionError("it was given up")


def computed(state, source, *lengths, **options):
    """The runs of these numbers of trials, by the real worker, one after the other."""
    with reading_here():
        model = ModelStore(state / "models").add(source, "small")
    ledger = Ledger(state / LEDGER)
    for n in lengths:
        settings = ascent_settings(n_trials=n)
        ledger.submit(make_request(model, settings=settings, device="cpu", **options))
        perform(ledger.claim("here:1:x", "cpu"), ledger, state, never)
    entries = ledger.entries()
    ledger.close()
    assert {(entry.state, entry.done == entry.total) for entry in entries} == {("done", True)}
    return {run.ensemble.sizes["trial"]: run for run in RunStore([state / "runs"], keep=9).runs()}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("source")
    save_network(small_network(), folder)
    return folder


@pytest.fixture(scope="module")
def grown(tmp_path_factory, source):
    state = tmp_path_factory.mktemp("grown")
    return state, computed(state, source, SHORT, LONG, keep_fim=True)


def test_a_run_that_took_over_trials_equals_one_that_did_not(grown, source, tmp_path):
    state, runs = grown
    straight = computed(tmp_path, source, LONG, keep_fim=True)[LONG]
    longer, shorter = runs[LONG], runs[SHORT]
    assert longer.info["taken_over"] == {"run": shorter.id, "trials": SHORT}
    assert "taken_over" not in straight.info
    assert longer.ensemble.identical(straight.ensemble)
    assert longer.summary.identical(straight.summary)
    assert f"the {SHORT} trials of run {shorter.id} are taken over" in read_log(state, longer.id)


def test_only_the_new_trials_are_computed(grown):
    state, runs = grown
    log = read_log(state, runs[LONG].id)
    rows = [line for line in log.splitlines() if "-trials-" in line]
    assert rows
    assert all(f"-trials-0-{SHORT}-" in line for line in rows)


def test_the_longest_that_fits_is_taken_over(grown):
    _, runs = grown
    store = RunStore([runs[LONG].folder.parent])
    spec = make_spec(runs, 40)
    found = known_runs(store, spec, "cpu")
    assert [run.id for run in found] == [runs[LONG].id, runs[SHORT].id]
    assert take_over(found).n_trials == LONG
    assert [run.id for run in known_runs(store, make_spec(runs, LONG), "cpu")] == [runs[SHORT].id]
    assert known_runs(store, make_spec(runs, SHORT), "cpu") == []


@pytest.mark.parametrize(
    "change", [{"layer": "conv1"}, {"classes": (0,)}, {"keep_fim": False}, {"labels": "x"}]
)
def test_another_run_is_not_taken_over(grown, change):
    _, runs = grown
    store = RunStore([runs[LONG].folder.parent])
    assert known_runs(store, replace(make_spec(runs, 40), **change), "cpu") == []


def test_another_device_seed_or_method_is_not_taken_over(grown):
    _, runs = grown
    store, spec = RunStore([runs[LONG].folder.parent]), make_spec(runs, 40)
    assert known_runs(store, spec, "cuda") == []
    other = replace(spec, settings=replace(spec.settings, seed=1))
    assert known_runs(store, other, "cpu") == []
    assert known_runs(store, replace(spec, method_version=METHOD_VERSION + 1), "cpu") == []


def test_fewer_than_ten_trials_are_computed_again(tmp_path, source):
    runs = computed(tmp_path, source, 9, 12)
    assert "taken_over" not in runs[12].info


@pytest.mark.parametrize("missing", ["norm_ratio", "fim", "trace"])
def test_a_run_without_what_is_needed_is_passed_over(grown, tmp_path, missing):
    _, runs = grown
    shorter = runs[SHORT]
    bare = Run(tmp_path, shorter.info)
    bare.__dict__["ensemble"] = shorter.ensemble.drop_vars(missing)
    assert known_ascents(bare) is None
    assert take_over([bare, shorter]).id == shorter.id


def test_a_damaged_run_is_passed_over(grown, tmp_path):
    _, runs = grown
    shorter = runs[SHORT]
    folder = tmp_path / shorter.id
    write_run(folder, info=shorter.info, ensemble=shorter.ensemble, summary=shorter.summary)
    (folder / "ensemble.nc").write_bytes(b"nothing")
    (tmp_path / "odd").mkdir()
    for name in ("run.json", "ensemble.nc", "summary.nc"):
        (tmp_path / "odd" / name).write_text('{"id": "odd", "spec": {"settings": 3}}')
    found = known_runs(RunStore([tmp_path]), make_spec(runs, LONG), "cpu")
    assert [run.id for run in found] == [shorter.id]
    assert take_over(found) is None


def test_a_killed_run_goes_on_with_the_trials_it_took_over(grown, source, tmp_path, monkeypatch):
    class Killed(BaseException):
        pass

    _, runs = grown
    state = tmp_path
    computed(state, source, SHORT, keep_fim=True)
    kept = compute._Told.__setitem__

    def killed_after_one(self, name, arrays):
        kept(self, name, arrays)
        raise Killed

    monkeypatch.setattr(compute._Told, "__setitem__", killed_after_one)
    with pytest.raises(Killed):
        computed(state, source, LONG, keep_fim=True)
    monkeypatch.undo()
    ledger = Ledger(state / LEDGER)
    (entry,) = [one for one in ledger.entries() if one.state == "running"]
    with ledger.write() as connection:
        connection.execute(
            "UPDATE runs SET state = 'queued', lease = NULL WHERE id = ?", (entry.id,)
        )
    perform(ledger.claim("here:1:x", "cpu"), ledger, state, never)
    ledger.close()
    assert "1 units of work found" in read_log(state, entry.id)
    again = RunStore([state / "runs"]).open(entry.id)
    assert np.array_equal(again.ensemble.fiv, runs[LONG].ensemble.fiv)
    assert again.ensemble.identical(runs[LONG].ensemble)


def make_spec(runs, n_trials):
    return with_trials(spec_from_dict(runs[SHORT].info["spec"]), n_trials)
