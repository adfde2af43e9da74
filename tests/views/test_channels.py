import numpy as np

from deepresolve_dash.views import channels
from tests.generated_runs import changed_run, part_of_run


def test_lists_are_in_the_order_of_the_ofiv(run, xor):
    rows = channels.data(run.ensemble, run.summary, xor)
    assert sorted(rows["channel"]) == list(range(7))
    assert np.all(np.diff(rows["ofiv"]) <= 0)
    level = run.summary.inconsistency.sel(regime="modes", target=0, channel=rows["channel"])
    assert (rows["level"] == level.values).all()


def test_the_xor_pair_is_opposed_in_both_orders(run, xor):
    rows = channels.data(run.ensemble, run.summary, xor)
    pair = [int(k) for k in np.flatnonzero(run.summary.kind.sel(regime="modes", target=0) == 2)]
    partners = dict(zip(rows["channel"].tolist(), rows["partners"], strict=True))
    assert partners[pair[0]] == [pair[1]]
    assert partners[pair[1]] == [pair[0]]
    assert sum(map(len, partners.values())) == 2


def test_a_plain_class_has_no_opposed_pair(run, plain):
    rows = channels.data(run.ensemble, run.summary, plain)
    assert not any(rows["partners"])


def test_signs_are_counted_over_the_trials_that_count(run, xor):
    rows = channels.data(run.ensemble, run.summary, xor)
    assert rows["n_trials"] == 5
    mixed = [i for i, kind in enumerate(rows["kind"]) if kind == 2]
    assert all(rows["up"][i] > 0 and rows["down"][i] > 0 for i in mixed)
    assert (rows["up"] + rows["down"] <= 5).all()


def test_the_strongest_classes_are_those_with_the_largest_positive_ofiv(run, xor):
    ofiv = run.summary.ofiv.sel(regime="importance").values
    for k, named in enumerate(channels.strongest_classes(run.summary, xor)):
        assert len(named) == (ofiv[:, k] > 0).sum()
        assert named[:1] == ([ofiv[:, k].argmax()] if ofiv[:, k].max() > 0 else [])


def test_no_result_gives_rows_without_numbers(run, xor, tmp_path):
    none = changed_run(run, tmp_path, diverged=True)
    rows = channels.data(none.ensemble, none.summary, xor)
    assert rows["n_trials"] == 0
    assert np.isnan(rows["ofiv"]).all()


def test_one_channel_gives_one_row(run, xor, tmp_path):
    part = part_of_run(run, tmp_path, channel=2)
    rows = channels.data(part.ensemble, part.summary, xor)
    assert rows["channel"].tolist() == [2]
