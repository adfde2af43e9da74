"""The PDF of every panel holds the titles of its axes as text, not as outlines."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from deepresolve_dash.exports.figures.registry import PANELS, figure_bytes, height_of
from deepresolve_dash.exports.figures.style import Size
from deepresolve_dash.exports.known import known_from_state, known_of, with_known
from deepresolve_dash.runs.class_table import ClassRow
from deepresolve_dash.runs.store import RunStore
from deepresolve_dash.views.selection import Selection

DEMOS = Path(__file__).parents[2] / "deepresolve_dash" / "demos" / "runs"
WIDTH = 85.0  # mm
ASKED = {  # few rows where there may be many
    "channels": {"set": "3,1", "only": "1"},
    "channel-table": {"find": "HAND2"},
}
TITLES = {  # of axes and colour bars, of columns, of lists; a panel without data says so
    "fiv": ("trial, by score", "importance", "(feature-map units)", "weight"),
    "ofiv": ("OFIV (feature-map units)", "rank of channel by falling OFIV"),
    "il": ("inconsistency level, IL (×10⁻⁴ squared feature-map units)", "channels per bin"),
    "card": ("position in the filter (bp)", "information (bits)"),
    "similarity": ("class, in clustered order", "A"),
    "compared": ("class, in clustered order",),
    "channels": ("channel", "filter (bits)", "OFIV (feature-map units)", "IL (units²)", "kind"),
    "important": ("channel", "filter (bits)", "OFIV (feature-map units)", "IL (units²)", "kind"),
    "varying": ("The method lists no channel.",),
    "recipes": ("stability", "FIV of the trial closest to the others (feature-map units)"),
    "elimination": ("channel", "filter (bits)", "against it (%)", "speaks for (%)"),
    "traces": ("step of the ascent", "objective", "trials (number)", "leading channels: found"),
    "matrices": ("1 − A", "A", "dot product", "class, in the order of the tree"),
    "scatter": ("Similarity of positive OFIVs, A (correlation)", "Last-layer dot products"),
    "why": ("OFIV of 0 GATA + CAGATG", "OFIV of 1 TCAT + CAGATG", "(feature-map units)"),
    "clusters": ("OFIV, share of largest", "channel, clustered over the classes"),
    "disagreement": ("rank among all pairs, as a share",),
    "association": ("index: strong positive minus strong negative similarities", "similarity A"),
    "ofiv-map": ("OFIV, share of largest", "1 − A", "channel, clustered over the classes"),
    "cells": ("OFIV, share of largest", "cell"),
    "channel-table": ("0 to 2 bits, a tick every 5 bp", "OFIV (feature-map units) and rank"),
    "artefacts": ("motif p, corrected", "activation (channel's u"),
    "faces": ("position (bp)", "bits"),
    "motifs": ("bits", "activation of channel 3"),
    "where": ("fragments", "middle of the fragment along the sequence (bp)"),
    "speaks": ("OFIV", "OFIV (feature-map units)"),
    "kin": ("bits",),
    "interactions": ("Nothing has been tested for this class yet",),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The smallest run with several classes that is shipped, in cells, with names of channels."""
    several = [one for one in RunStore([DEMOS]).runs() if one.summary.sizes["target"] > 1]
    smallest = min(several, key=lambda one: one.summary.ofiv.size)
    told = known_from_state(smallest, tmp_path_factory.mktemp("state"))
    names = [str(name) for name in told.summary.target_name.values]
    cells = [
        ClassRow(name, ("K562", "HepG2")[k % 2], target="CTCF") for k, name in enumerate(names)
    ]
    return with_known(told, replace(known_of(told), classes=cells))


@pytest.mark.parametrize("name", PANELS)
def test_a_pdf_holds_the_titles_of_its_axes_as_text(run, name):
    panel, one = PANELS[name], Selection(run.id, 0, pair=(0, 1))
    asked = {"channel": "3"} | ASKED.get(name, {})
    size = Size(WIDTH, height_of(panel, WIDTH, run, one, asked))
    (page,) = PdfReader(io.BytesIO(figure_bytes(panel, run, one, asked, "pdf", size))).pages
    told = packed(page.extract_text())
    assert [part for part in TITLES[name] if packed(part) not in told] == []
    assert f"run{run.id}" in told
    assert float(page.mediabox.width) / 72 * 25.4 == pytest.approx(WIDTH, abs=0.01)


def packed(text):
    """Return letters alone: blanks are where a reader of the file puts them."""
    return re.sub(r"\s+", "", text)
