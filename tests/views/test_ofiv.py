import numpy as np
import pytest

from deepresolve_dash.views import ofiv
from deepresolve_dash.views.selection import Selection
from tests.generated_runs import changed_run, part_of_run


def bars(figure):
    return [trace for trace in figure.data if trace.type == "bar"]


def test_every_channel_is_one_bar_in_falling_order(run, xor):
    data = ofiv.data(run.ensemble, run.summary, xor)
    figure = ofiv.figure(data)
    channels = np.concatenate([trace.customdata for trace in bars(figure)])
    ranks = np.concatenate([trace.x for trace in bars(figure)])
    assert sorted(channels) == list(range(7))
    assert sorted(ranks) == list(range(1, 8))
    assert (data.channel[ranks - 1] == channels).all()
    assert np.all(np.diff(data.ofiv) <= 0)


def test_kinds_come_from_the_modes_regime(run, xor):
    data = ofiv.data(run.ensemble, run.summary, xor)
    modes = run.summary.kind.sel(regime="modes", target=0, channel=data.channel).values
    assert (data.kind == modes).all()
    assert (modes == 2).sum() == 2
    names = {trace.name for trace in bars(ofiv.figure(data))}
    assert names == {"additive", "non-additive, inconsistent"}


def test_axes_have_titles_with_units(run, xor):
    figure = ofiv.figure(ofiv.data(run.ensemble, run.summary, xor))
    assert figure.layout.yaxis.title.text == "OFIV (map units)"
    assert "falling OFIV" in figure.layout.xaxis.title.text


def test_whiskers_reach_the_interval(run, xor):
    data = ofiv.data(run.ensemble, run.summary, xor)
    for trace in bars(ofiv.figure(data)):
        places = trace.x - 1
        assert trace.y + trace.error_y.array == pytest.approx(data.high[places])
        assert trace.y - trace.error_y.arrayminus == pytest.approx(data.low[places])


def test_hundreds_of_bars_have_lines_instead_of_whiskers(run, xor, monkeypatch):
    monkeypatch.setattr(ofiv, "LABELLED", 3)
    data = ofiv.data(run.ensemble, run.summary, xor)
    figure = ofiv.figure(data)
    assert not any(trace.error_y.visible for trace in bars(figure))
    lines = [trace.y for trace in figure.data if trace.type == "scatter"]
    assert np.array_equal(lines, [data.low, data.high])


def test_hover_names_channel_kind_and_companions(run, xor):
    data = ofiv.data(run.ensemble, run.summary, xor)
    texts = [text for trace in bars(ofiv.figure(data)) for text in trace.text]
    assert all("gradient at base" in text and "logits" in text for text in texts)
    assert sum("inconsistent" in text for text in texts) == 2


def test_without_companions_none_are_shown(run, xor):
    bare = run.ensemble.drop_vars(["gradient_at_base", "clamp_swing"])
    data = ofiv.data(bare, run.summary, xor)
    assert ofiv.agreement(data) == {}
    assert "gradient" not in bars(ofiv.figure(data))[0].text[0]


def test_a_compared_class_is_drawn_at_the_same_channels(run):
    data = ofiv.data(run.ensemble, run.summary, Selection(run.id, 0, pair=(0, 1)))
    marks = ofiv.figure(data).data[-1]
    other = run.summary.ofiv.sel(regime="importance", target=1, channel=data.channel).values
    assert (marks.y == other).all()
    assert marks.name == str(run.summary.target_name.values[1])


def test_one_trial_gives_a_ranking(run, xor, tmp_path):
    one = part_of_run(run, tmp_path, trial=0)
    data = ofiv.data(one.ensemble, one.summary, xor)
    assert (data.low == data.high).all()
    assert len(bars(ofiv.figure(data))) == 1


def test_no_result_is_said_in_the_chart(run, xor, tmp_path):
    none = changed_run(run, tmp_path, diverged=True)
    figure = ofiv.figure(ofiv.data(none.ensemble, none.summary, xor))
    assert figure.layout.annotations[0].text == "No result"
    assert ofiv.agreement(ofiv.data(none.ensemble, none.summary, xor)) == {}
    assert "NaN" not in figure.to_json()


def many(n=60, lost=0):
    value = np.r_[np.linspace(1, -1, n - lost), np.full(lost, np.nan)]
    kind = np.zeros(n, int)
    return ofiv.Ranking(np.arange(n) + 100, value, value, value, kind, None, None, None)


@pytest.mark.parametrize(
    ("n", "choice", "places"),
    [
        (48, "few", range(48)),
        (60, "few", [*range(8), *range(52, 60)]),
        (60, "all", range(60)),
        (60, "5", [*range(5), *range(55, 60)]),
        (60, "50", range(60)),
        (20, "10", range(20)),
        (1, "5", range(1)),
    ],
)
def test_both_ends_or_all_are_drawn(n, choice, places):
    assert ofiv.shown(many(n), choice).tolist() == list(places)


def test_a_channel_without_a_number_is_at_no_end():
    assert ofiv.shown(many(60, lost=20), "5").tolist() == [*range(5), *range(35, 40)]
    assert ofiv.shown(many(60, lost=60), "5").tolist() == []
    assert ofiv.figure(many(60, lost=60), choice="5").layout.annotations[0].text == "No result"


def test_a_gap_stands_for_what_is_left_out():
    figure = ofiv.figure(many(), choice="5")
    assert np.concatenate([trace.x for trace in bars(figure)]).tolist() == [
        *range(1, 6),
        *range(7, 12),
    ]
    assert figure.layout.annotations[0].text == "…"
    assert figure.layout.annotations[0].x == 6
    assert figure.layout.xaxis.title.text.endswith("first and last 5 of 60")
    assert figure.layout.meta["channels"] == [*range(100, 105), *range(155, 160)]


def test_choices_fit_the_number_of_channels():
    assert [value for value, _ in ofiv.choices(24)] == ["few", "5", "10"]
    assert [value for value, _ in ofiv.choices(480)] == ["few", "all", "5", "10", "20", "50"]
    assert all(value in ofiv.CHOICES for value, _ in ofiv.choices(480))


def test_logos_get_room_only_below_few_bars():
    assert ofiv.figure(many(), logos=True).layout.meta["logos"] > 0
    assert ofiv.figure(many(), logos=False).layout.meta["logos"] == 0
    assert ofiv.figure(many(), choice="20", logos=True).layout.meta["logos"] == 0
