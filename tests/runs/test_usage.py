from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.runs.ledger import Ledger
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.spec import RunSpec
from deepresolve_dash.runs.usage import usage


def asked(seed):
    spec = RunSpec("net", "pool1", (0,), "default", ascent_settings(n_trials=2, seed=seed))
    return RunRequest("a run", "model", spec)


def test_runs_and_their_results_are_counted_for_each_user(tmp_path):
    ledger = Ledger(tmp_path / "runs.db")
    assert usage(ledger, tmp_path / "runs") == {}
    shared = ledger.submit(asked(0), "ann")
    ledger.submit(asked(0), "bob")
    own, gone = ledger.submit(asked(1), "ann"), ledger.submit(asked(2), "ann")
    ledger.cancel(own.id, "ann")
    ledger.cancel(gone.id, "ann")
    ledger.delete(gone.id)
    folder = tmp_path / "runs" / shared.id
    folder.mkdir(parents=True)
    (folder / "summary.nc").write_bytes(b"x" * 1000)
    found = usage(ledger, tmp_path / "runs")
    assert (found["ann"].runs, found["ann"].active, found["ann"].results_bytes) == (2, 1, 1000)
    assert (found["bob"].runs, found["bob"].active, found["bob"].results_bytes) == (1, 1, 1000)
    (folder / "more.nc").write_bytes(b"x" * 10)
    assert usage(ledger, tmp_path / "runs")["bob"].results_bytes == 1010
    ledger.close()
