import pytest
import xarray as xr

from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.views import ofiv
from deepresolve_dash.views.selection import (
    Selection,
    address,
    from_page,
    of_class,
    query,
    regime_for,
)


def test_each_number_comes_from_the_regime_it_is_read_in(run, xor):
    assert regime_for(run.summary, xor, "importance") == "importance"
    assert regime_for(run.summary, xor, "modes") == "modes"


def test_a_chosen_regime_holds_for_every_number(run):
    chosen = Selection(run.id, 0, regime="modes")
    assert regime_for(run.summary, chosen, "importance") == "modes"


@pytest.mark.parametrize("chosen", [None, "modes", "nonsense"])
def test_a_run_with_one_regime_shows_that_one(chosen):
    paper = xr.Dataset(coords={"regime": ["paper"]})
    assert regime_for(paper, Selection("", 0, regime=chosen), "importance") == "paper"


def test_a_class_is_found_by_its_output_index(run):
    moved = run.summary.assign_coords(target=[13, 4])
    mine = of_class(moved, Selection(run.id, 4), "modes")
    assert (mine.ofiv.values == run.summary.ofiv.sel(regime="modes").values[1]).all()


def test_an_unknown_class_is_refused(run):
    with pytest.raises(RunNotFound, match="no class 99"):
        of_class(run.summary, Selection(run.id, 99), "modes")


@pytest.mark.parametrize(
    "values",
    [{}, {"run": "a"}, {"run": "a", "target": "x"}, {"run": "a", "target": 1, "pair": "1"}],
)
def test_an_address_that_names_no_class_is_refused(values):
    with pytest.raises(RunNotFound):
        from_page(values)


def test_a_pair_is_read_from_text_and_from_numbers():
    text = from_page({"run": "a", "target": "3", "pair": "3,5"})
    assert text == from_page({"run": "a", "target": 3, "pair": [3, 5]})
    assert text.other == 5


def test_a_pair_without_the_class_compares_nothing():
    assert Selection("a", 1, pair=(3, 5)).other is None


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("CTCF K562", "0-ctcf-k562"),
        ("<img onerror=x>", "0-img-onerror-x"),
        ("你好", "0"),
        ("", "0"),
    ],
)
def test_the_slug_of_any_name_is_a_plain_path(name, slug):
    assert address("abc", 0, name) == f"/runs/abc/class/{slug}"


def test_a_query_leaves_out_what_is_not_chosen():
    assert query(target=3, regime=None) == "?target=3"
    assert query(regime=None) == ""


def test_two_selections_do_not_affect_each_other(run, xor, plain):
    alone = ofiv.figure(ofiv.data(run.ensemble, run.summary, xor)).to_json()
    ofiv.figure(ofiv.data(run.ensemble, run.summary, plain))
    again = ofiv.figure(ofiv.data(run.ensemble, run.summary, xor)).to_json()
    assert alone == again
