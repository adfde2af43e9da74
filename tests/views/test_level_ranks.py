import numpy as np
import pytest

from deepresolve_dash.views import inconsistency, level_ranks
from tests.generated_runs import changed_run, part_of_run


def points(figure):
    return [trace for trace in figure.data if trace.mode == "markers"]


def test_every_channel_stands_at_its_rank(run, xor):
    data = inconsistency.data(run.summary, xor)
    figure = level_ranks.figure(data)
    place = {
        c: (x, y) for t in points(figure) for c, x, y in zip(t.customdata, t.x, t.y, strict=True)
    }
    assert sorted(x for x, _ in place.values()) == list(range(1, 8))
    falling = [y for _, y in sorted(place.values())]
    assert np.all(np.diff(falling) <= 0)
    where = dict(zip(figure.layout.meta["channels"], figure.layout.meta["x"], strict=True))
    assert where == {channel: x for channel, (x, _) in place.items()}


def test_components_differ_by_colour_shape_and_dash(run, xor):
    figure = level_ranks.figure(inconsistency.data(run.summary, xor))
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    n = len(points(figure))
    assert n == len(lines) >= 2
    assert len({trace.marker.symbol for trace in points(figure)}) == n
    assert len({trace.marker.color for trace in points(figure)}) == n
    assert len({trace.line.dash for trace in lines}) == n


def test_the_densities_share_the_axis_of_the_levels(run, xor):
    figure = level_ranks.figure(inconsistency.data(run.summary, xor))
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert {trace.xaxis for trace in lines} == {"x2"}
    assert {trace.yaxis for trace in lines} == {None}


@pytest.mark.parametrize("draw", [inconsistency.figure, level_ranks.figure])
def test_the_variance_floor_is_drawn_around_the_lowest_component(run, xor, draw):
    data = inconsistency.data(run.summary, xor)
    (band,) = draw(data).layout.shapes
    ends = (band.x0, band.x1) if draw is inconsistency.figure else (band.y0, band.y1)
    assert ends[0] == 0
    assert ends[1] == pytest.approx(data.mixture.means[0] + 1e-3)


@pytest.mark.parametrize("places", [{"channel": 0}, {"trial": 0}])
def test_a_single_channel_or_trial_gives_a_chart(run, xor, tmp_path, places):
    part = part_of_run(run, tmp_path, **places)
    figure = level_ranks.figure(inconsistency.data(part.summary, xor))
    assert sum(len(trace.x) for trace in points(figure)) == part.summary.sizes["channel"]


def test_no_result_is_said_in_the_chart(run, xor, tmp_path):
    none = changed_run(run, tmp_path, diverged=True)
    figure = level_ranks.figure(inconsistency.data(none.summary, xor))
    assert figure.layout.annotations[0].text == "No result"
    assert len(figure.data) == 0
