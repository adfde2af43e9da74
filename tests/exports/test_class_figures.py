import io
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from deepresolve_dash.exports.figures.registry import (
    PANELS,
    figure_bytes,
    height_of,
    rows_text,
)
from deepresolve_dash.exports.figures.style import Size
from deepresolve_dash.exports.known import Known, known_of, with_known
from deepresolve_dash.runs.store import Run
from deepresolve_dash.tsv import plain_text
from deepresolve_dash.views.selection import Selection
from tests.generated_runs import changed_run, part_of_run, tiny_run

OF_CLASS = [name for name, panel in PANELS.items() if panel.page == "class"]
HOSTILE = ["=cmd() $\\frac{1}$ <script>alert(1)</script>\x00\n\t\u202e😀🧬" + "x" * 300, "-1+2"]
TITLES = {  # words that the axes of a panel carry, where it has axes
    "fiv": ("trial, by score", "importance", "(feature-map units)"),
    "il": ("inconsistency level, IL (squared feature-map units)", "channels per bin"),
    "ofiv": ("OFIV (feature-map units)", "channel, by falling OFIV"),
    "card": ("position in the filter (bp)", "(bits)"),
    "channels": ("OFIV (feature-map units)", "IL (units²)"),
    "similarity": ("class, in clustered order", "A"),
    "compared": ("class, in clustered order",),
    "important": ("OFIV (feature-map units)",),
    "traces": ("step of the ascent", "objective", "trials (number)"),
    "recipes": ("stability",),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return tiny_run(tmp_path_factory.mktemp("runs"))


def drawn(run, name, kind="svg", asked=None, target=0, size=None, **selection):
    one, panel = Selection(run.id, target, **selection), PANELS[name]
    size = size or Size(85, height_of(panel, 85, run, one, asked or {}), 100)
    return figure_bytes(panel, run, one, asked or {}, kind, size)


def words(svg):
    root = ElementTree.fromstring(svg)
    return ["".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")]


def table(run, name, asked=None, target=0, **selection):
    text = rows_text(PANELS[name], run, Selection(run.id, target, **selection), asked or {})
    return pd.read_csv(io.StringIO(text), sep="\t", quoting=3)


class Watched(dict):
    """Notes what is asked of it."""

    def __init__(self):
        super().__init__()
        self.keys_read = set()

    def get(self, key, default=None):
        self.keys_read.add(key)
        return default


@pytest.mark.parametrize("name", ["similarity"])
def test_a_png_has_the_dots_asked_for(run, name):
    picture = Image.open(io.BytesIO(drawn(run, name, "png", size=Size(174, 110, 60))))
    assert picture.size == (round(174 / 25.4 * 60), round(110 / 25.4 * 60))


def test_rows_are_the_numbers_that_are_drawn(run):
    mine = run.summary.sel(target=1)
    ofiv = table(run, "ofiv", target=1)
    expected = mine.ofiv.sel(regime="importance", channel=ofiv["channel"].tolist()).values
    assert ofiv["OFIV (feature-map units)"].tolist() == expected.tolist()
    levels = table(run, "il", target=1)
    expected = mine.inconsistency.sel(regime="modes", channel=levels["channel"].tolist()).values
    assert levels["IL (squared feature-map units)"].tolist() == expected.tolist()
    fiv = table(run, "fiv", target=1)
    raw = run.ensemble.fiv.sel(regime="modes", target=1)
    for _, row in fiv.iterrows():
        shown = {name: value for name, value in row.items() if "FIV" in name}
        for name, value in shown.items():
            channel = int(re.findall(r"\d+", name)[0])
            assert value == raw.values[int(row.trial), channel]
    pairs = table(run, "similarity")
    matrix = run.summary.similarity.sel(regime="importance")
    order = pairs["class"].tolist()
    expected = matrix.sel(target=order, other_target=order).values
    assert pairs.filter(like="with class").to_numpy().tolist() == expected.tolist()
    assert pairs["rank in tree"].tolist() == [*range(1, len(order) + 1)]


@pytest.fixture(scope="module")
def hostile(run):
    """The run under names that would do harm."""
    given = run.summary.assign_coords(target_name=("target", HOSTILE))
    named = Run(run.folder, {**run.info, "name": HOSTILE[0]})
    named.__dict__.update(ensemble=run.ensemble, summary=given)
    return with_known(named, Known(known_of(named).classes, {0: HOSTILE[0], 1: "=1+1"}))


@pytest.mark.parametrize("name", OF_CLASS)
def test_a_panel_is_text_with_titles_and_units_whatever_names_say(hostile, name):
    asked = Watched()
    lines = words(drawn(hostile, name, asked=asked))
    assert max(map(len, lines)) < 120
    for part in TITLES.get(name, ()):
        assert part in " ".join(lines)
    assert f"run {hostile.id}" in " ".join(lines)
    assert asked.keys_read <= set(PANELS[name].asks)
    text = rows_text(PANELS[name], hostile, Selection(hostile.id, 0), {})
    cells = [cell for line in text.splitlines() for cell in line.split("\t")]
    assert not [cell for cell in cells if cell.startswith(("=", "@", "+"))]
    assert not [cell for cell in cells if re.match(r"-[^\d]", cell)]
    assert len({line.count("\t") for line in text.splitlines()}) == 1


@pytest.fixture(scope="module")
def odd(run, tmp_path_factory):
    """Runs with nothing in them: zeros, no numbers, one of each axis."""
    folder = tmp_path_factory.mktemp("odd")
    return (
        changed_run(run, folder / "zero", fiv=0.0),
        changed_run(run, folder / "nan", fiv=np.nan, diverged=True, score=np.nan),
        part_of_run(run, folder / "one", target=[0], channel=[3], trial=[2]),
    )


@pytest.mark.parametrize(("place", "name"), list(enumerate(OF_CLASS)), ids=OF_CLASS)
def test_what_is_zero_or_unknown_or_alone_is_drawn_or_said(odd, place, name):
    assert words(drawn(odd[place % 3], name))
    assert words(drawn(odd[(place + 1) % 3], name)) if name in ("fiv", "ofiv", "il") else True
    assert all(table(run, name).shape[1] > 0 for run in odd)


def test_controls_of_the_page_are_followed(run):
    assert table(run, "channels", {"set": "2,5", "only": "1"})["channel"].isin([2, 5]).all()
    assert len(table(run, "important", {"important": "0"})) == 7
    by_channel = table(run, "important", {"important": "0", "important-by": "channel"})
    assert by_channel["channel"].tolist() == list(range(7))
    turned = table(run, "important", {"important": "0", "important-by": "-ofiv"})
    assert turned["OFIV (feature-map units)"].is_monotonic_increasing
    bits, weights = (table(run, "card", {"channel": "3", "logo": form}) for form in ("", "weights"))
    kernel = run.ensemble["filter"].values[3]
    assert weights.iloc[:, 1:].to_numpy() == pytest.approx(kernel)
    assert bits.iloc[:, 1:].sum(axis=1).between(0, 2).all()
    told = words(drawn(run, "ofiv", pair=(0, 1)))
    assert any("the same channels in" in line for line in told)
    assert "rank of channel by falling IL" in words(drawn(run, "il", asked={"levels": "rank"}))
    missing = " ".join(words(drawn(run, "card", asked={"card": "map"})))
    assert "--keep-fim" in missing or "one position only" in missing


def test_a_cell_is_on_one_line_and_no_formula():
    assert plain_text("a\tb\r\nc\x0bd\u2028e") == "a b c d e"
    for text in ("=1", "  =1", "\t=1", "+1", "-x", "@SUM(A1)", "\r=1"):
        assert plain_text(text).startswith("'")
    assert plain_text("a=b - c") == "a=b - c"


@pytest.fixture(scope="module")
def tested(run):
    """The run, and what a verifier might have found for its first class."""

    def pair(a, b, **values):
        made = {
            "a": a, "b": b, "f": [-3.0, 1.0, 1.5, -2.0], "interaction": -7.5,
            "interval": [-9.0, -7.0], "effect": 4.0, "called": True, "name": "XOR-like",
            "acting": "", "decision": "XOR", "requested": False, "context": [], "depends_on": [],
            "sequences": None, "no_sequences": "",
        }  # fmt: skip
        return made | values

    none = {"called": False, "name": "no effect", "interaction": 0.1, "interval": [0.0, 0.2]}
    groups = [
        {"channels": channels, "swing": swing, "absolute_swing": abs(swing), "top": True}
        for channels, swing in (([1, 4], 3.0), ([2], -2.0), ([5, 6], 0.5))
    ]
    answer = {
        "groups": groups, "pairs": [pair([1, 4], [2]), pair([2], [5, 6], **none)],
        "null": {"q50": 0.1, "q95": 0.4, "q99": 1.1}, "n_backgrounds": 60, "n_real": 300,
        "poor": False,
    }  # fmt: skip
    known = Known(
        known_of(run).classes, {4: "GATA1"}, answer=lambda target, _: None if target else answer
    )
    return with_known(run, known)


def test_interactions_are_a_network_and_squares(tested):
    told = words(drawn(tested, "interactions"))
    assert "XOR −7.50" in told
    assert "XOR-like, I −7.50" in told
    assert "95% interval −9.00 to −7.00" in told
    assert {"−3.00", "+1.00", "+1.50", "−2.00", "ch 5, 6"} <= set(told)
    rows = table(tested, "interactions")
    assert rows.iloc[0, [0, 1, 2, 4, 5]].tolist() == ["1, 4", "2", "GATA1", "XOR-like", 1]
    assert rows.iloc[0]["both (logits)"] == -2.0
    chosen = words(drawn(tested, "interactions", asked={"groups": "2,5"}))
    assert "no effect, I +0.10" in chosen
    assert "Nothing has been tested" in " ".join(words(drawn(tested, "interactions", target=1)))
    assert table(tested, "interactions", target=1).empty


def test_the_power_of_ten_of_small_levels_is_in_the_title_of_their_axis(run, tmp_path):
    small = changed_run(run, tmp_path, fiv=run.ensemble.fiv.values * 1e-5)
    told = words(drawn(small, "il"))
    title = r"inconsistency level, IL *\(×10⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+ squared feature-map units\)"
    assert re.search(title, " ".join(told))
    assert not any(re.search(r"\de[−-]?\d", word) for word in told)
