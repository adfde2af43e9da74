"""Pictures of several runs: text that is text, the numbers of the page, names of any kind."""

import io
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from bench.make_run import make_run
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.exports.figures.compare_figures import PANELS
from deepresolve_dash.exports.figures.compare_parts import Compared, Listed
from deepresolve_dash.exports.figures.style import Size, as_bytes
from deepresolve_dash.exports.tables import tsv_text
from deepresolve_dash.runs.named import changed_run
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import compare_rows
from tests.generated_runs import TINY

HOSTILE = "=cmd() $\\frac{1}$ <script>&\x00\u202e\ud800\n\t😀 漢" + "x" * 300


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    runs = [make_run(folder, TINY, name=f"Seed {seed}", seed=seed) for seed in (11, 12)]
    lined = compare_rows.line_up(runs, [], "index")
    called = [{"3": "GATA1"}, {}]
    return Compared(runs, lined, called, (1, 1), (0, 1), None, None, motifs=[None, None])


PAIR = {
    "a": [1],
    "b": [2, 4],
    "called": True,
    "name": "XOR-like",
    "interaction": -2.0,
    "interval": [-3.0, -1.0],
}


@pytest.fixture(scope="module")
def by_motif(told):
    """Two runs of which five channels see the same; one pair of groups recurs."""
    first, second = (compare_rows.motifs_of(run, None) for run in told.runs)
    second[2:] = first[[4, 2, 6, 0, 5], ::-1, ::-1]  # the other strand
    motifs = [first, second]
    lined = compare_rows.line_up(told.runs, motifs, "motif")
    other = PAIR | {"a": [5], "b": [6]}
    answers = [{"pairs": [PAIR, other]}, {"pairs": [PAIR | {"a": [2, 4], "b": [1]}]}]
    return told._replace(lined=lined, motifs=motifs, answers=answers)


def texts(svg):
    return [one.text for one in ElementTree.fromstring(svg).iter() if one.tag.endswith("}text")]


def drawn(name, told, kind="svg", width=174, height=100):
    size = Size(width, height)
    return as_bytes(lambda figure: PANELS[name].draw(figure, told), kind, size)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("agree", {"OFIV in A (feature-map units)", "rank by OFIV in B", "Channels in A and B"}),
        ("strip", {"Leading channels beside each other", "A seed 11", "B seed 12"}),
        ("difference", {"Similarity of classes in A minus in B", "similarity in A − in B"}),
        ("runs", {"Runs, and what they differ in", "A Seed 11", "seed", "12"}),
        ("combined", {"All channels in all runs", "3 GATA1", "found in", "Seed 12"}),
        ("paired", {"Channels that stand for each other"}),
        ("families", {"Families of motifs across runs"}),
        ("recurring", {"No interactions have been tested for this class yet."}),
    ],
)
def test_axes_and_titles_are_text(told, name, words):
    said = {" ".join((text or "").split()) for text in texts(drawn(name, told))}
    assert words <= said


@pytest.mark.parametrize("name", PANELS)
def test_narrow_columns_and_hostile_names_are_drawn(by_motif, name):
    runs = []
    for run in by_motif.runs:
        names = [HOSTILE] * run.summary.sizes["target"]
        named = Run(run.folder, run.info | {"name": HOSTILE})
        summary = run.summary.assign_coords(target_name=("target", names))
        runs.append(changed_run(named, summary))
    odd = by_motif._replace(runs=runs, called=[{str(k): HOSTILE for k in range(7)}] * 2)
    drawn(name, odd, "pdf", 85, 60)
    assert "\n\t" not in tsv_text(PANELS[name].rows(odd))


def test_rows_are_the_numbers_of_the_runs(told):
    frame = pd.read_csv(io.StringIO(tsv_text(PANELS["agree"].rows(told))), sep="\t")
    assert frame["channel"][3] == "3 GATA1"
    for letter, run in zip("AB", told.runs, strict=True):
        ofiv = run.summary.sel(regime="importance").isel(target=1).ofiv.values
        assert frame[f"ofiv_{letter} (feature-map units)"].values == pytest.approx(ofiv)
    pairs = PANELS["difference"].rows(told)
    gap = pairs["similarity_A"] - pairs["similarity_B"]
    assert np.array(pairs["difference"]) == pytest.approx(np.array(gap))
    assert len(PANELS["strip"].rows(told)) == 14


def test_what_cannot_be_drawn_is_said_in_the_picture(told):
    lacking = told._replace(targets=(1, None))
    said = " ".join(text or "" for text in texts(drawn("agree", lacking)))
    assert "has no such class" in said
    assert drawn("strip", lacking)


def test_the_runs_are_told_apart_by_what_differs(told):
    frame = PANELS["runs"].rows(told)
    assert frame["seed"].tolist() == ["11", "12"]
    assert frame["id"].tolist() == [run.id for run in told.runs]
    assert frame.columns[4] == "seed"  # before all that is the same
    assert frame["layer"].nunique() == 1


def test_the_combined_rows_are_those_of_the_table_on_the_page(told):
    rows = PANELS["combined"].rows
    whole = rows(told)
    assert whole["found_in"].tolist() == sorted(whole["found_in"], reverse=True)
    by_rank = rows(told._replace(listed=Listed(sort="rankb")))
    assert by_rank["rank_B"].tolist() == list(range(1, 8))
    turned = rows(told._replace(listed=Listed(sort="-rankb")))
    assert turned["rank_B"].tolist() == list(range(7, 0, -1))
    assert rows(told._replace(listed=Listed(sort="number")))["channel_A"].tolist() == [*range(7)]
    named = rows(told._replace(listed=Listed(find="gata ch")))
    assert named["channel_A"].tolist() == [3]
    both = rows(told._replace(listed=Listed(least=2)))
    assert len(both) == (whole["found_in"] == 2).sum()
    for odd in ("", "x", "ofivh", "-", "spread", "ila"):
        assert len(rows(told._replace(listed=Listed(sort=odd)))) == 7


def test_a_table_without_rows_says_so(told):
    none = told._replace(listed=Listed(find="no such motif"))
    assert PANELS["combined"].rows(none).empty
    assert any("No channel fits" in (text or "") for text in texts(drawn("combined", none)))


def test_pairs_are_listed_the_most_alike_first_and_the_lonely_last(by_motif):
    frame = PANELS["paired"].rows(by_motif)
    together = frame["in_runs"].to_numpy()
    assert (together == 2).sum() >= 5
    assert frame["orientation_B"][0] == "reverse"
    assert together.tolist() == sorted(together, reverse=True)
    assert sorted(frame["channel_A"].dropna()) == sorted(frame["channel_B"].dropna()) == [*range(7)]
    far = frame.loc[frame["in_runs"] == 2, "motif_distance_B"]
    assert far.is_monotonic_increasing
    assert set(frame.loc[frame["channel_B"].isna(), "orientation_B"]) <= {""}


def test_families_add_up(by_motif):
    frame = PANELS["families"].rows(by_motif)
    sums = frame.groupby(["family", "run"])[["ofiv (feature-map units)"]].sum()
    told = frame.groupby(["family", "run"])[["family_sum (feature-map units)"]].first()
    assert sums.to_numpy() == pytest.approx(told.to_numpy())
    assert (frame["in_runs"] <= frame["of_runs"]).all()


def test_interactions_are_told_of_every_tested_run(by_motif):
    index = compare_rows.line_up(by_motif.runs, [], "index")
    both = by_motif._replace(lined=index)
    frame = PANELS["recurring"].rows(both)
    assert frame["called_in"].tolist() == [2, 2, 1, 1]
    assert frame["called"].tolist() == [1, 1, 1, 0]
    assert frame["channels_b"].tolist() == ["2 4", "1", "6", ""]
    said = texts(drawn("recurring", both))
    assert {"2 of 2", "1 of 2", "XOR-like", "not called"} <= set(said)
    alone = both._replace(answers=[{"pairs": []}, None])
    assert any(
        "No interaction is called" in (text or "") for text in texts(drawn("recurring", alone))
    )


def test_a_table_is_as_high_as_its_rows_and_says_what_it_leaves_out(by_motif):
    panel = PANELS["paired"]
    assert 40 < panel.height(174, by_motif) < 120
    said = " ".join(text or "" for text in texts(drawn("paired", by_motif, height=32)))
    assert "rows more" in said
    assert "rows more" not in " ".join(text or "" for text in texts(drawn("paired", by_motif)))


def test_too_many_columns_for_a_width_are_refused_in_words(told):
    runs = [*told.runs] * 4
    lined = compare_rows.line_up(runs, [], "index")
    many = told._replace(runs=runs, lined=lined, called=[{}] * 8, targets=[0] * 8)
    many = many._replace(answers=[{"pairs": [PAIR]}] * 8)
    with pytest.raises(SettingsError, match="does not fit into a width of 85 mm"):
        PANELS["recurring"].height(85, many)
    assert drawn("recurring", many)
    assert drawn("combined", many, width=85)
