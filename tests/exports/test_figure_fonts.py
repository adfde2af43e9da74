"""Figures are set in the font of journals where it is here, and readable where it is not."""

import io
import logging
import re
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib import font_manager
from pypdf import PdfReader

from deepresolve_dash.exports.figures import fonts, style
from deepresolve_dash.exports.figures.style import Size, as_bytes
from deepresolve_dash.exports.figures.text import TICK, fitted, width_of
from deepresolve_dash.exports.print_logo import print_logo

ALL = "Arial, Helvetica, 'Liberation Sans', 'DejaVu Sans', sans-serif"
KERNEL = np.eye(4)[[0, 1, 2, 3, 2]]
POINT = 25.4 / 72  # mm


@pytest.fixture(params=["as it is", "bare"])
def machine(request, monkeypatch):
    """This machine, and one that has nothing but what matplotlib brings."""
    if request.param == "bare":
        monkeypatch.setattr(fonts, "JOURNALS", ())
    fonts._embedded.cache_clear()
    yield request.param
    fonts._embedded.cache_clear()


def write(figure):
    axes = figure.subplots()
    axes.set_xlabel("GATA1 ×10⁻⁴ ◆ font-family: 'DejaVu Sans'")
    axes.set_xticks([0, 1], ["39 FOSL2", "1 HNF1B"], **style.UPRIGHT)
    style.framed(figure, "A title", "a caption")


def embedded(pdf):
    """The names of the fonts in a PDF."""
    resources = PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"].get_object()
    return {one.get_object()["/BaseFont"].split("+")[1] for one in resources.values()}


def test_a_drawing_names_the_fonts_of_journals_and_is_the_same_on_every_machine(monkeypatch):
    made = as_bytes(write, "svg", Size())
    monkeypatch.setattr(fonts, "JOURNALS", ())
    fonts._embedded.cache_clear()
    assert as_bytes(write, "svg", Size()) == made
    fonts._embedded.cache_clear()
    for svg in (made, print_logo(KERNEL, title="channel 7", file_format="svg")):
        named = re.findall(r'<text style="[^"]*font-family: ([^;"]*)', svg.decode())
        assert set(named) == {ALL}
    assert "GATA1 ×10⁻⁴ ◆ font-family: 'DejaVu Sans'</text>" in made.decode()


@pytest.mark.usefixtures("machine")
def test_a_pdf_has_the_font_that_is_here_and_another_for_what_it_lacks():
    expected = {name.replace(" ", "") for name in fonts.families("pdf")}
    found = embedded(as_bytes(write, "pdf", Size()))
    assert {re.sub("MT$", "", name) for name in found} == expected
    assert "DejaVuSans" in found


@pytest.mark.parametrize("kind", ["svg", "pdf", "png"])
@pytest.mark.usefixtures("machine")
def test_no_font_is_missed_aloud(kind, caplog):
    with caplog.at_level(logging.WARNING):
        as_bytes(write, kind, Size())
        if kind != "png":
            print_logo(KERNEL, title="channel 7", file_format=kind)
    assert caplog.records == []


@pytest.mark.parametrize(
    ("file", "taken"), [("here.ttf", True), ("here.ttc", False), ("gone.ttf", False)]
)
def test_a_font_is_taken_when_a_pdf_can_embed_it(file, taken, tmp_path, monkeypatch):
    for name in ("here.ttf", "here.ttc"):
        (tmp_path / name).touch()
    known = [SimpleNamespace(name="Arial", fname=str(tmp_path / file))]
    monkeypatch.setattr(font_manager, "fontManager", SimpleNamespace(ttflist=known))
    fonts._embedded.cache_clear()
    assert fonts.families("pdf") == (("Arial",) if taken else ()) + ("DejaVu Sans",)
    assert fonts.families("svg") == ("DejaVu Sans",)
    fonts._embedded.cache_clear()


def test_text_has_room_in_either_font():
    helvetica = (667 + 722 + 667 + 667 + 722 + 611) / 1000  # of ERSKRF: wider than DejaVu Sans
    assert width_of("ERSKRF") == pytest.approx(helvetica * TICK * POINT)
    assert width_of("ÉRSKRF") == width_of("ERSKRF")
    assert width_of("illness") > 2.776 * TICK * POINT  # narrower there
    shown = fitted("ERSKRF" * 9, 20)
    assert width_of(shown) <= 20 < width_of(shown[:-1] + "ER")
