import numpy as np
import pytest

from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.views import fim, fiv
from tests.generated_runs import derived_run


@pytest.fixture(scope="module")
def with_maps(run, tmp_path_factory):
    generator = np.random.default_rng(0)
    fiv_values = run.ensemble.fiv
    maps = fiv_values.expand_dims(position=3, axis=-1) + generator.normal(
        size=(*fiv_values.shape, 3)
    )
    kept = run.ensemble.assign(fim=maps)
    return derived_run(run, tmp_path_factory.mktemp("maps"), kept)


def test_a_map_shows_trials_by_score_and_every_position(with_maps, xor):
    shown = fim.data(with_maps.ensemble, with_maps.summary, xor, 3)
    ensemble = fiv.data(with_maps.ensemble, with_maps.summary, xor)
    raw = with_maps.ensemble.fim.sel(regime="modes", target=0, channel=3).values
    assert shown.row_ids == ensemble.row_ids
    assert shown.rows == ensemble.rows
    assert shown.columns == ("position 1", "position 2", "position 3")
    assert (shown.values == raw[list(shown.row_ids)]).all()
    assert shown.limit == np.abs(raw).max()


def test_positions_are_called_by_the_bases_that_they_see(with_maps, xor):
    network = {"receptive_field_bp": 8, "step_bp": 4, "offset_bp": -2, "input_length": 12}
    seen = fim.bases(network)
    shown = fim.data(with_maps.ensemble, with_maps.summary, xor, 3, seen=seen)
    assert shown.columns == ("position 1, bp 1–6", "position 2, bp 3–10", "position 3, bp 7–12")
    assert shown.column_ids == (3, 6, 9)


@pytest.mark.parametrize("change", [{"step_bp": 0}, {"step_bp": None}, {"offset_bp": None}])
def test_positions_are_counted_where_the_bases_are_not_known(change):
    network = {"receptive_field_bp": 8, "step_bp": 4, "offset_bp": -2, "input_length": 12}
    assert fim.bases(network | change) is None
    assert fim.bases({}) is None


def test_a_run_without_maps_says_how_to_get_them(run, xor):
    assert not fim.kept(run.ensemble)
    assert "--keep-fim" in fim.missing(run.ensemble)
    with pytest.raises(RunNotFound, match="no maps"):
        fim.data(run.ensemble, run.summary, xor, 3)


def test_one_position_is_no_map(with_maps):
    one = with_maps.ensemble.isel(position=[0])
    assert not fim.kept(one)
    assert "one position" in fim.missing(one)
    assert fim.missing(with_maps.ensemble) == ""


def test_an_unknown_channel_is_refused(with_maps, xor):
    with pytest.raises(RunNotFound, match="no channel 99"):
        fim.data(with_maps.ensemble, with_maps.summary, xor, 99)
