import re
import warnings
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.exports.figures import marks, style
from deepresolve_dash.exports.figures.style import Size, as_bytes, checked
from deepresolve_dash.exports.figures.text import LABEL, SMALL, TICK, TITLE, fitted, plain, width_of

SHEET = Path(__file__).parents[2] / "assets" / "style.css"
HOSTILE = "=cmd() $\\frac{1}$ <script>&\x00\u202e\ud800\n\t😀 漢" + "x" * 300


def cross(figure, title="a title", caption="a caption"):
    axes = figure.subplots()
    axes.plot([0, 1], [1, 0], label=fitted(title, 20))
    axes.set_xlabel(f"x ({fitted(title, 20)})")
    style.framed(figure, title, caption)


def texts(svg):
    return [one.text for one in ElementTree.fromstring(svg).iter() if one.tag.endswith("}text")]


@pytest.mark.parametrize("kind", ["svg", "pdf", "png"])
def test_the_same_figure_is_the_same_file_also_from_several_threads(kind):
    with ThreadPoolExecutor(2) as pool:
        files = set(pool.map(lambda _: as_bytes(cross, kind, Size(60, 40, 100)), range(2)))
    assert len(files) == 1


def test_the_power_of_ten_of_an_axis_is_in_its_title():
    def small(figure):
        axes = figure.subplots()
        axes.plot([0, 2e-3], [-4e5, 0])
        axes.set_xlabel("x (units)")
        axes.set_ylabel("y")

    found = texts(as_bytes(small, "svg", Size()))
    assert {"x (×10⁻³ units)", "y (×10⁵)"} <= set(found)
    assert not [text for text in found if re.search(r"\de[−-]?\d", text)]


def test_text_stays_text():
    assert {"a title", "a caption", "x (a title)"} <= set(texts(as_bytes(cross, "svg", Size())))


@pytest.mark.parametrize("size", [Size(85, 60, 300), Size(114, 43.21, 150), Size(33, 47, 601)])
def test_a_picture_has_as_many_dots_as_its_size_asks_for(size):
    picture = Image.open(BytesIO(as_bytes(cross, "png", size)))
    assert picture.size == tuple(round(mm / 25.4 * size.dpi) for mm in size[:2])
    assert picture.info["dpi"] == pytest.approx((size.dpi, size.dpi), rel=1e-3)


def test_a_drawing_is_as_large_as_asked_for():
    root = ElementTree.fromstring(as_bytes(cross, "svg", Size(85, 60)))
    width, height = (float(root.get(name).removesuffix("pt")) for name in ("width", "height"))
    assert (width / 72 * 25.4, height / 72 * 25.4) == pytest.approx((85, 60), abs=0.01)


@pytest.mark.parametrize("kind", ["svg", "pdf", "png"])
def test_hostile_text_is_drawn_as_plain_text(kind):
    made = as_bytes(lambda figure: cross(figure, HOSTILE, HOSTILE), kind, Size(60, 40, 100))
    if kind == "svg":
        assert max(len(text or "") for text in texts(made)) < 80
        assert any(text.startswith("=cmd() $\\frac{1}$ <script>& 😀 □") for text in texts(made))


def test_plain_text_is_one_line_that_the_font_can_draw():
    assert plain("a\n\tb\x00\u202e\ud800 é 🧬 $x$ \\") == "a b é □ $x$ \\"


def test_long_text_ends_with_an_ellipsis_within_its_room():
    shown = fitted("W" * 300, 30, 7)
    assert shown.endswith("…")
    assert 26 < width_of(shown, 7) <= 30
    assert fitted("short", 30) == "short"
    assert fitted("", 30) == ""


def test_small_print_is_never_smaller_than_5_points():
    assert min(TITLE, LABEL, TICK, SMALL) >= 5


@pytest.mark.parametrize(
    "size", [Size(29, 60), Size(401, 60), Size(85, 19), Size(85, 60, 10), Size(400, 400, 1200),
             Size(float("nan"), 60), Size(85, float("inf"))],
)  # fmt: skip
def test_a_size_that_cannot_be_drawn_is_refused_with_the_way_out(size):
    with pytest.raises(SettingsError, match="Choose"):
        checked(size)


def test_a_figure_that_does_not_fit_says_so():
    with pytest.raises(SettingsError, match="Make it wider or higher"):
        as_bytes(lambda figure: figure.subplots(1, 9) is None, "svg", Size(30, 20))


def test_another_format_is_refused():
    with pytest.raises(SettingsError, match="no figures as 'exe'"):
        as_bytes(cross, "exe", Size())


def test_nothing_of_the_theme_stays_behind():
    import matplotlib

    before = dict(matplotlib.rcParams)
    as_bytes(cross, "png", Size(60, 40, 100))
    assert dict(matplotlib.rcParams) == before


def test_colours_are_those_of_the_light_screen():
    sheet = SHEET.read_text().split("}")[0]
    told = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", sheet))
    ours = {
        "text": style.INK, "muted": style.QUIET, "line": style.LINE, "neg": style.NEGATIVE,
        "neg-mid": style.NEGATIVE_MID, "pos": style.POSITIVE, "pos-mid": style.POSITIVE_MID,
        "blank": style.BLANK, "bar": style.BARS, "accent": style.ACCENT, "zero": style.ZERO,
        **{f"kind-{i}": colour for i, colour in enumerate(style.KINDS)},
        **{f"component-{i}": colour for i, colour in enumerate(style.COMPONENTS)},
    }  # fmt: skip
    assert ours == {name: told[name] for name in ours}


def test_one_strong_row_of_hundreds_never_vanishes():
    for hot in range(0, 919, 7):
        values = np.zeros((919, 3))
        values[hot] = -1 if hot % 2 else 1
        shown = marks.pooled(values, 380, 3)
        assert shown.shape == (380, 3)
        assert np.abs(shown).max() == 1


def test_what_is_unknown_stays_unknown_and_hides_nothing():
    values = np.full((4, 2), np.nan)
    values[0] = -2, 1
    shown = marks.pooled(values, 2, 2)
    assert shown.filled(9).tolist() == [[-2, 1], [9, 9]]


def test_other_warnings_are_passed_on():
    def warn(figure):
        cross(figure)
        warnings.warn("something else", UserWarning, stacklevel=1)

    with pytest.warns(UserWarning, match="something else"):
        as_bytes(warn, "svg", Size())
