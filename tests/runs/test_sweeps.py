import json

import pytest

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.errors import RunRefused, SettingsError
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.limits import Limits
from deepresolve_dash.runs.request import RunRequest
from deepresolve_dash.runs.spec import RunSpec
from deepresolve_dash.runs.sweep import check_number, read_l2, read_seeds, sweep_id, title
from deepresolve_dash.runs.sweeps import SweepNotFound, SweepStore


def request(seed=0, l2=None, layer="pool1"):
    settings = ascent_settings(n_trials=7, seed=seed, **({"l2": l2} if l2 else {}))
    return RunRequest("a run", "model", RunSpec("net", layer, (0, 1), "default", settings))


@pytest.fixture
def store(tmp_path):
    times = iter(range(1000, 2000))
    return SweepStore(tmp_path, lambda: float(next(times)))


def test_seeds_are_read_from_a_list_of_ranges():
    assert read_seeds("0-4, 7") == (0, 1, 2, 3, 4, 7)
    assert read_seeds(" 3;1 – 2\n3,") == (3, 1, 2)
    assert read_seeds("") == ()
    assert read_seeds("9007199254740992") == (2**53,)


@pytest.mark.parametrize(
    "text", ["a", "4-0", "-1", "1.5", "1e3", "0--4", "9007199254740993", "0x1"]
)
def test_what_is_no_seed_is_named(text):
    with pytest.raises(SettingsError, match=r"is no seed.*0-4, 7"):
        read_seeds(text)


def test_a_long_range_is_refused_before_it_is_made():
    with pytest.raises(SettingsError, match=r"0-1000000000 are 1,000,000,001 seeds.*At most 24"):
        read_seeds("0-1000000000")


def test_l2_is_read_once_each():
    assert read_l2("auto, 0.01,0.10 ,1e-2, AUTO") == ("auto", "0.01", "0.10")
    for text in ("x", "0", "-1", "nan", "inf", "0.1 0.2"):
        with pytest.raises(SettingsError, match="no number above 0"):
            read_l2(text)


def test_too_many_runs_are_refused_with_their_number():
    assert check_number(seeds=4, l2=3, layers=2) == 24
    assert check_number(seeds=0, l2=3, layers=0) == 3
    with pytest.raises(SettingsError, match="5 seeds × 5 l2 are 25 runs. At most 24"):
        check_number(seeds=5, l2=5, layers=0)


def test_a_title_says_what_sets_a_run_apart():
    one = request(seed=3, l2=0.1)
    assert title("Panel", one, layers=0, l2=2, seeds=2) == "Panel, l2 0.1, seed 3"
    assert title("Panel", one, layers=2, l2=1, seeds=1) == "Panel, pool1"
    assert title("x" * 200, one, layers=0, l2=0, seeds=2).endswith("xx, seed 3")
    assert len(title("x" * 200, one, layers=0, l2=0, seeds=2)) == 120


def test_a_sweep_is_found_again(store):
    wanted = [request(seed) for seed in (0, 1, 2)]
    made = store.keep(" Panel\nseeds ", wanted, "ann")
    assert (made.name, made.user) == ("Panel seeds", "ann")
    assert made.runs == tuple(one.id for one in wanted)
    assert made.points[1].seed == 1
    assert store.open(made.id) == made
    assert store.keep("Another name", wanted[::-1], "bob") == made  # the same runs
    later = store.keep("Other", [request(l2=0.1), request(l2=0.2)], "bob")
    assert [point.l2 for point in later.points] == ["0.1", "0.2"]
    assert store.sweeps() == [later, made]
    store.forget(made.id)
    assert store.sweeps() == [later]
    assert store.restore(made.id) == made
    assert sweep_id(["b", "a"]) == sweep_id(["a", "b"]) != sweep_id(["a"])


def test_an_unknown_or_damaged_sweep_is_passed_over(store):
    made = store.keep("One", [request(0), request(1)], "ann")
    for damage in ("{", "[]", json.dumps({"points": 3}), "\xff"):
        (store.folder / f"{made.id}.json").write_text(damage, "latin-1")
        assert store.sweeps() == []
        with pytest.raises(SweepNotFound):
            store.open(made.id)
    for name in ("..", "a/b", "", "0" * 16):
        with pytest.raises(SweepNotFound):
            store.open(name)
        with pytest.raises(SweepNotFound):
            store.restore(name)


def test_a_sweep_is_queued_as_a_whole_or_not_at_all(tmp_path):
    times = iter(range(1000, 2000))
    ledger = Ledger(tmp_path / LEDGER, lambda: float(next(times)), limits=Limits(queued=4))
    ledger.submit(request(0), "ann")
    ledger.submit(request(9), "ann", results=True)
    before = ledger.seq()
    with pytest.raises(RunRefused, match=r"These are 4 runs.*beside 1 of yours.*may have 4"):
        ledger.submit_all([(request(seed), False) for seed in (1, 2, 3, 4)], "ann")
    assert len(ledger.entries()) == 2
    assert ledger.seq() == before
    # what waits already, or is there, is not one more
    wanted = [(request(seed), seed == 9) for seed in (0, 1, 2, 3, 9)]
    entries = ledger.submit_all(wanted, "ann")
    assert [entry.state for entry in entries] == [*["queued"] * 4, "done"]
    assert [entry.position for entry in entries] == [1, 2, 3, 4, None]  # in their order
    ledger.close()
