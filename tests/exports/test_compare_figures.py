"""Pictures of several runs: text that is text, the numbers of the page, names of any kind."""

import io
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from bench.make_run import make_run
from deepresolve_dash.exports.figures.compare_figures import PANELS, Compared
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
    return Compared(runs, lined, [{"3": "GATA1"}, {}], (1, 1), (0, 1), None, None)


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
    ],
)
def test_axes_and_titles_are_text(told, name, words):
    said = {" ".join((text or "").split()) for text in texts(drawn(name, told))}
    assert words <= said


@pytest.mark.parametrize("name", PANELS)
def test_narrow_columns_and_hostile_names_are_drawn(told, name):
    runs = []
    for run in told.runs:
        names = [HOSTILE] * run.summary.sizes["target"]
        named = Run(run.folder, run.info | {"name": HOSTILE})
        summary = run.summary.assign_coords(target_name=("target", names))
        runs.append(changed_run(named, summary))
    odd = told._replace(runs=runs, called=[{str(k): HOSTILE for k in range(7)}] * 2)
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
