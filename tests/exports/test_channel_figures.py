"""Figures of the table of channels and of one channel: what they say and what they hold."""

import io
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.exports.figures import channel_figures, channels_figures
from deepresolve_dash.exports.figures.registry import figure_bytes, height_of, rows_text
from deepresolve_dash.exports.figures.style import Size
from deepresolve_dash.exports.known import known_from_state, known_of
from deepresolve_dash.runs.store import RunStore
from deepresolve_dash.views import channel
from deepresolve_dash.views.selection import Selection
from tests.generated_runs import tiny_run

DEMOS = Path(__file__).parents[2] / "deepresolve_dash" / "demos" / "runs"
PANELS = {one.name: one for one in (*channels_figures.PANELS, *channel_figures.PANELS)}
CHANNEL, TARGET = 22, 3  # CTCF, in K562
AXES = {
    "channel-table": ("22 CTCF", "q 1.89e-14"),
    "artefacts": ("motif p, corrected", "activation (channel's units)"),
    "faces": ("bits", "position (bp)"),
    "motifs": ("bits", "activation of channel 22", "MA0139.2"),
    "where": ("fragments", "middle of the fragment along the sequence (bp)"),
    "speaks": ("OFIV (×10⁻³)", "OFIV (×10⁻³ feature-map units)", "15 HepG2|CTCF|None"),
    "kin": ("bits", "ch 22 CTCF", "the clearest"),
}


@pytest.fixture(scope="module")
def panel_run(tmp_path_factory):
    """The panel that is shipped, with the look at its channels that is shipped with it."""
    run = next(one for one in RunStore([DEMOS]).runs() if "Panel" in one.info["name"])
    return known_from_state(run, tmp_path_factory.mktemp("state"))


def selection(run):
    return Selection(run.id, TARGET if TARGET in run.summary.target.values else 0)


def drawn(name, run, asked=None, *, width=114.0):
    panel, asked = PANELS[name], {"channel": str(CHANNEL), **(asked or {})}
    high = height_of(panel, width, run, selection(run), asked)
    return figure_bytes(panel, run, selection(run), asked, "svg", Size(width, high))


def texts(svg):
    root = ElementTree.fromstring(svg)
    return ["".join(one.itertext()) for one in root.iter() if one.tag.endswith("}text")]


def rows(name, run, asked=None):
    asked = {"channel": str(CHANNEL), **(asked or {})}
    text = rows_text(PANELS[name], run, selection(run), asked)
    return pd.read_csv(io.StringIO(text), sep="\t", quoting=3)


@pytest.mark.parametrize("name", PANELS)
def test_a_figure_says_its_axes_with_their_units_and_the_run(panel_run, name):
    found = texts(drawn(name, panel_run))
    assert [words for words in AXES[name] if words not in found] == []
    assert any(panel_run.id in text for text in found)
    assert len(rows(name, panel_run)) > 0


def test_the_sheet_follows_the_order_and_the_words_of_the_table(panel_run):
    table = rows("channel-table", panel_run)
    assert table["rank"].tolist() == list(range(1, 65))
    falling = rows("channel-table", panel_run, {"sort": "-channel"})["channel"].tolist()
    assert falling == list(range(63, -1, -1))
    found = rows("channel-table", panel_run, {"find": "ctcf"})
    assert set(found["motif_name"]) == {"CTCF"}
    assert CHANNEL in found["channel"].tolist()
    assert any("No channel fits" in text for text in texts(
        drawn("channel-table", panel_run, {"find": "nothing"})))  # fmt: skip


def test_a_sheet_holds_as_many_logos_as_fit(panel_run):
    panel, one = PANELS["channel-table"], selection(panel_run)
    small = figure_bytes(panel, panel_run, one, {}, "svg", Size(85, 60))
    assert any(text.startswith("4 of 64 channels") for text in texts(small))


def test_letters_of_a_picture_are_as_high_as_the_rows_say(panel_run):
    found = rows("faces", panel_run, {"form": "probability"})
    assert np.asarray(found[list("ACGT")]).sum(axis=1) == pytest.approx(1, abs=1e-3)
    weights = rows("faces", panel_run, {"form": "weights"})
    mine = np.asarray(weights[weights["unit"] == "weights"][list("ACGT")])
    kernel = panel_run.ensemble["filter"].values[channel.place_of(panel_run, CHANNEL)]
    assert (mine.astype(np.float32) == kernel).all()
    turned = rows("faces", panel_run, {"form": "weights", "turned": "1"})
    mine = np.asarray(turned[turned["unit"] == "weights"][list("ACGT")])
    assert (mine.astype(np.float32) == kernel[::-1, ::-1]).all()


def test_the_rows_are_the_numbers_of_the_views(panel_run):
    told = channel.classes(panel_run.summary, selection(panel_run), CHANNEL)
    found = rows("speaks", panel_run).sort_values("class_index")
    assert np.asarray(found.iloc[:, 2]) == pytest.approx(told["ofiv"], rel=1e-12)
    faces, matches = known_of(panel_run).looked
    hits = rows("motifs", panel_run)
    best = channel.logos(panel_run, CHANNEL, faces, matches)[1]["matches"]
    assert hits["motif_id"].tolist()[0] == best[0]["id"]
    assert max(hits["q_value"].tolist()) <= 0.05
    assert len(rows("motifs", panel_run, {"weak": "1"})) > len(hits)


def test_before_a_look_each_figure_says_what_is_missing(tmp_path):
    run = tiny_run(tmp_path)
    for name in ("artefacts", "motifs", "where", "kin"):
        asked = {"channel": "0"}
        found = texts(drawn(name, run, asked))
        assert any("look" in text for text in found), name
        assert len(rows(name, run, asked)) == 0
    assert len(rows("channel-table", run)) == 7
    assert "bits" in texts(drawn("faces", run, {"channel": "1"}))


def test_a_channel_that_is_not_there_is_said(panel_run):
    with pytest.raises(RunNotFound, match="no channel 999"):
        drawn("where", panel_run, {"channel": "999"})
