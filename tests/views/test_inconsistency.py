import numpy as np
import pytest

from deepresolve_dash.core.statistics.mixture import Mixture, fit_mixture
from deepresolve_dash.views import inconsistency
from tests.generated_runs import changed_run, part_of_run


def test_every_channel_is_counted_and_marked_once(run, xor):
    data = inconsistency.data(run.summary, xor)
    figure = inconsistency.figure(data)
    marks = [trace for trace in figure.data[1:] if trace.mode == "markers"]
    assert figure.data[0].y.sum() == 7
    assert sorted(np.concatenate([trace.customdata for trace in marks])) == list(range(7))
    assert len(marks) == data.mixture.n_components >= 2


def test_levels_come_from_the_modes_regime(run, xor):
    modes = run.summary.inconsistency.sel(regime="modes", target=0).values
    assert (inconsistency.data(run.summary, xor).level == modes).all()


def test_axes_have_titles_with_units(run, xor):
    layout = inconsistency.figure(inconsistency.data(run.summary, xor)).layout
    assert layout.xaxis.title.text == "inconsistency level, IL (squared feature-map units)"
    assert layout.yaxis.title.text.startswith("channels")


def test_components_differ_by_more_than_colour(run, xor):
    traces = inconsistency.figure(inconsistency.data(run.summary, xor)).data
    lines = [trace.line.dash for trace in traces[1:] if trace.mode == "lines"]
    assert len(lines) >= 2
    symbols = [trace.marker.symbol for trace in traces[1:] if trace.mode == "markers"]
    assert len(set(lines)) == len(lines)
    assert len(set(symbols)) == len(symbols)


@pytest.mark.parametrize("deviation", [1e-3, 0.3])
def test_a_component_expects_all_its_channels_over_all_bins(deviation):
    one = Mixture(1, np.zeros(3), np.array([5.0]), np.array([deviation**2]), np.ones(1), None)
    edges = np.linspace(0, 10, 41)
    x, y = inconsistency.expected(one, 0, edges, 13)
    centres = (edges[1:] + edges[:-1]) / 2
    width = edges[1] - edges[0]
    fine = np.trapezoid(y, x) / width
    assert len(centres) == 40
    assert fine == pytest.approx(13, rel=0.1)
    assert y.max() <= 13 + 1e-9


def test_one_full_bin_makes_the_counts_logarithmic(run, xor):
    few = inconsistency.Levels(np.arange(7), np.linspace(0, 1, 7), None)
    assert inconsistency.figure(few).layout.yaxis.type != "log"
    data = inconsistency.Levels(np.arange(31), np.r_[np.zeros(30), 1.0], None)
    many = inconsistency.figure(data)
    assert many.layout.yaxis.type == "log"


@pytest.mark.parametrize("places", [{"channel": 0}, {"trial": 0}, {"trial": [0, 1]}])
def test_a_single_channel_or_trial_gives_a_chart(run, xor, tmp_path, places):
    part = part_of_run(run, tmp_path, **places)
    figure = inconsistency.figure(inconsistency.data(part.summary, xor))
    assert figure.data[0].y.sum() == part.summary.sizes["channel"]


def test_no_result_is_said_in_the_chart(run, xor, tmp_path):
    none = changed_run(run, tmp_path, diverged=True)
    figure = inconsistency.figure(inconsistency.data(none.summary, xor))
    assert len(figure.data) == 0
    assert figure.layout.annotations[0].text == "No result"


def test_a_wide_component_is_seen_beside_a_narrow_one():
    level = np.r_[np.zeros(56), np.linspace(5e-3, 2e-2, 8)]
    data = inconsistency.Levels(np.arange(64), level, fit_mixture(level))
    assert data.mixture.n_components == 2
    figure = inconsistency.figure(data)
    assert figure.layout.yaxis.type == "log"
    wide = [trace for trace in figure.data[1:] if trace.mode == "lines"][1]
    assert np.log10(wide.y.max()) > figure.layout.yaxis.range[0] + 0.5


def test_each_component_has_a_lane_with_its_reach(run, xor):
    data = inconsistency.data(run.summary, xor)
    figure = inconsistency.figure(data)
    reach = [trace for trace in figure.data[1:] if trace.mode == "lines+markers"]
    assert len(reach) == data.mixture.n_components
    assert len({trace.y[0] for trace in reach}) == len(reach)
    for component, trace in enumerate(reach):
        deviation = data.mixture.variances[component] ** 0.5
        assert trace.x[1] == pytest.approx(data.mixture.means[component])
        assert trace.x[2] <= data.mixture.means[component] + 2 * deviation + 1e-12
    marks = [trace for trace in figure.data[1:] if trace.mode == "markers"]
    assert [np.ceil(trace.y).max() for trace in marks] == [-n for n in range(len(marks))]
