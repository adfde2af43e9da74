"""Figures of the page of all classes: what they say, what they hold, what they survive."""

import io
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from bench.make_run import make_run
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.exports.figures.classes_figures import PANELS
from deepresolve_dash.exports.figures.registry import figure_bytes, height_of, rows_text
from deepresolve_dash.exports.figures.style import Size
from deepresolve_dash.exports.known import Known, with_known
from deepresolve_dash.runs.class_table import ClassRow
from deepresolve_dash.runs.store import Run
from deepresolve_dash.views import class_matrices, classes
from deepresolve_dash.views.selection import Selection
from tests.generated_runs import panel_size, part_of_run

BY_NAME = {panel.name: panel for panel in PANELS}
HOSTILE = (*("=cmd()", "<script>", "$\\frac{1}$", "🧬 漢", "x" * 300, "a\nb\tc", "&amp;\x00", ""),)
PAIR = 0, 3
AXES = {  # what each figure must say
    "matrices": (
        "class, in the order of the tree",
        "1 − A",
        "A (–*: below −0.1)",
        "Similarity of positive OFIVs",
    ),
    "scatter": ("Similarity of positive OFIVs, A (correlation)", "Last-layer dot products"),
    "why": ("share of A", "(feature-map units)", "OFIV of 0 *", "A without"),
    "clusters": ("OFIV, share of largest*", "channel, clustered over the classes"),
    "disagreement": ("rank among all pairs, as a share", "by similarity", "A and *"),
    "association": ("similarity A*", "class, in clustered order", "index: strong positive *"),
    "ofiv-map": ("OFIV, share of largest*", "channel, clustered over the classes", "1 − A"),
    "cells": ("OFIV, share of largest*", "cell"),
}


class _Changed(Run):
    """A run with another summary."""


def changed(run, **coordinates):
    made = _Changed(run.folder, run.info)
    made.__dict__.update(ensemble=run.ensemble, summary=run.summary.assign_coords(**coordinates))
    return made


def told(run, cells=("K562", "HepG2"), factors=("CTCF", "MYC", "JUND")):
    """The run with a table of its classes."""
    names = [str(name) for name in run.summary.target_name.values]
    rows = [
        ClassRow(name=name, cell=cells[i % len(cells)], target=factors[i % len(factors)])
        for i, name in enumerate(names)
    ]
    return with_known(run, Known(rows, {0: "CTCF", 1: "$x$ <b>"}))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Eleven classes, most of them with names that do harm where nobody takes care."""
    made = make_run(tmp_path_factory.mktemp("runs"), panel_size(11), name="Eleven <$\\x$>", seed=3)
    names = made.summary.target_name.values.tolist()
    made = changed(made, target_name=("target", [*names[:3], *HOSTILE]))
    return told(made, cells=("K562", HOSTILE[0]), factors=("CTCF", *HOSTILE[1:3]))


def selection(run, pair=PAIR):
    targets = run.summary.target.values.tolist()
    inside = pair if set(pair) <= set(targets) else None
    return Selection(run.id, targets[0], pair=inside)


def drawn(name, run, kind="svg", *, width=130.0, dpi=100, asked=None, pair=PAIR):
    panel, one, asked = BY_NAME[name], selection(run, pair), asked or {}
    high = height_of(panel, width, run, one, asked)
    return figure_bytes(panel, run, one, asked, kind, Size(width, high, dpi))


def texts(svg):
    root = ElementTree.fromstring(svg)
    return ["".join(one.itertext()) for one in root.iter() if one.tag.endswith("}text")]


def rows(name, run, asked=None, pair=PAIR):
    text = rows_text(BY_NAME[name], run, selection(run, pair), asked or {})
    return pd.read_csv(io.StringIO(text), sep="\t", quoting=3)


def says(words, found):
    pattern = re.compile(re.escape(words).replace(r"\*", ".*"))
    return any(pattern.fullmatch(text) for text in found)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_figure_says_its_axes_whatever_classes_are_called(run, name):
    found = texts(drawn(name, run))
    assert [words for words in AXES[name] if not says(words, found)] == []
    assert any(f"run {run.id}" in text or run.id in text for text in found)

    assert not any("\x00" in text or "\n" in text for text in found)
    assert max(len(text) for text in found) < 220


@pytest.mark.parametrize("name", BY_NAME)
def test_rows_hold_no_formula_and_no_torn_line(run, name):
    lines = rows_text(BY_NAME[name], run, selection(run), {}).splitlines()
    assert len(lines) > 1
    assert {line.count("\t") for line in lines} == {lines[0].count("\t")}
    cells = [cell for line in lines for cell in line.split("\t")]
    assert not any(cell.startswith(("=", "+", "@")) for cell in cells)


def test_one_class_is_told_in_a_sentence(run, tmp_path):
    single = part_of_run(run.__dict__["original"], tmp_path, target=0)
    assert any("one class" in text for text in texts(drawn("clusters", single)))
    for name in BY_NAME:
        assert len(rows(name, single)) == 0
        assert height_of(BY_NAME[name], 85, single, selection(single), {}) >= 20


def test_one_channel_can_be_drawn(run, tmp_path):
    single = part_of_run(run.__dict__["original"], tmp_path, channel=0)
    for name in ("matrices", "ofiv-map"):
        assert texts(drawn(name, single))
    assert len(rows("ofiv-map", single)) == 11


def test_dots_are_as_many_as_asked_for_and_a_pdf_is_one(run):
    made = Image.open(io.BytesIO(drawn("matrices", run, "png")))
    high = height_of(BY_NAME["matrices"], 130, run, selection(run), {})
    assert made.size == (round(130 / 25.4 * 100), round(high / 25.4 * 100))
    assert drawn("matrices", run, "pdf").startswith(b"%PDF")


def test_rows_of_the_matrices_are_the_numbers_in_the_order_of_the_tree(run):
    found, one = rows("matrices", run), selection(run)
    order = classes.clustering(run.summary, one).order
    mine = found[found.comparison == "A"]
    assert mine.class_index.tolist() == run.summary.target.values[order].tolist()
    values = mine.filter(like="class ").to_numpy()
    assert (values == class_matrices.matrix(run.summary, one, "similarity", order).values).all()


def test_the_difference_and_the_zoom_are_drawn_as_the_address_says(run):
    asked = {"as": "difference", "zoom": "2,5", "second": "signed", "cut": "0.3"}
    found = texts(drawn("matrices", run, asked=asked))
    assert any(text == "A − signed r" for text in found)
    assert any("4 of 11 classes" in text and "cut at 0.3" in text for text in found)
    assert rows("matrices", run, asked).shape[0] == 8
    for broken in ({"zoom": "9,1"}, {"zoom": "x"}, {"cut": "nan"}, {"second": "nothing"}):
        assert rows("matrices", run, broken).shape[0] == 22


def test_found_pairs_are_named_and_listed(run):
    box = {"brush": "-1,1,-1000,1000"}
    one = selection(run)
    assert len(rows("scatter", run, box)) == 55
    some = rows("scatter", run, {"brush": "0.2,1,-1000,1000"})
    assert len(some) < 55
    values = some["A"].tolist()
    assert values == sorted(values, reverse=True)
    assert values[-1] >= 0.2
    found = texts(drawn("scatter", run, asked=box))
    assert sum(" – " in text for text in found) >= 1
    assert any("55 pairs in the frame" in text for text in found)
    assert class_matrices.brushed(run.summary, one, "last_layer", [-1, 1, -1e3, 1e3])["n"] == 55


def test_shares_of_a_pair_add_up_to_its_similarity(run):
    found = rows("why", run)
    a = float(classes.values(run.summary, selection(run), "similarity")[PAIR])
    assert sum(found["share of A"].tolist()) == pytest.approx(a)
    assert len(found) == run.summary.sizes["channel"]
    assert any("no two classes" in text for text in texts(drawn("why", run, pair=(0, 0))))


def test_a_large_matrix_stays_small(run):
    n = 200
    places = np.arange(n) % 11
    ensemble, summary = (part.isel(target=places) for part in (run.ensemble, run.summary))
    coordinates = {"target": range(n), "target_name": ("target", [f"class {i}" for i in range(n)])}
    large = _Changed(run.folder, run.info)
    similarity = summary.similarity.isel(other_target=places)
    layer = summary.last_layer.isel(other_target=places)
    summary = summary.drop_vars(["similarity", "last_layer", "label_correlation"], errors="ignore")
    large.__dict__.update(
        ensemble=ensemble.assign_coords(coordinates),
        summary=summary.drop_vars("other_target", errors="ignore")
        .assign_coords(coordinates)
        .assign(
            similarity=(similarity.dims, similarity.values),
            last_layer=(layer.dims, layer.values),
        ),
    )
    made = drawn("matrices", large, width=174)
    assert len(made) < 3_000_000
    assert made.count(b"<image") <= 5  # two maps, two bars, not a thing for each cell


@pytest.mark.parametrize("name", ["matrices", "scatter", "disagreement"])
def test_a_figure_that_does_not_fit_says_so(run, name):
    with pytest.raises(SettingsError, match="Make it wider or higher"):
        figure_bytes(BY_NAME[name], run, selection(run), {}, "svg", Size(30, 20))
