import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor

import matplotlib
import numpy as np
import pytest

from deepresolve_dash.exports.print_logo import COLOURS, letter_heights, logo_figure, print_logo

KERNEL = np.array([[2, 0, 0, 0], [0, 1, 0, 1], [0, 0, 0, 3], [-1, -1, 0, 0], [0, 0, 4, -2]])


def test_letters_are_as_high_as_their_share_of_the_information():
    expected = [[2, 0, 0, 0], [0, 0.5, 0, 0.5], [0, 0, 0, 2], [0, 0, 0, 0], [0, 0, 2, 0]]
    assert letter_heights(KERNEL, unit="bits").tolist() == expected


def test_weights_are_drawn_as_they_are():
    assert letter_heights(KERNEL, unit="weights").tolist() == KERNEL.tolist()


@pytest.mark.parametrize(("unit", "label"), [("bits", "bits"), ("weights", "Weight")])
def test_axes_name_their_units(unit, label):
    (axes,) = logo_figure(KERNEL, unit=unit, title="channel 7").axes
    assert label in axes.get_ylabel()
    assert "(bp)" in axes.get_xlabel()
    assert axes.get_title() == "channel 7"


def test_negative_weights_hang_below_the_line():
    (weights,) = logo_figure(KERNEL, unit="weights").axes
    (bits,) = logo_figure(KERNEL, unit="bits").axes
    assert weights.get_ylim()[0] <= -2
    assert bits.get_ylim() == (0, 2)


def test_an_svg_logo_keeps_text_as_text_and_has_the_colours_of_the_bases():
    svg = print_logo(KERNEL, title="channel 7", file_format="svg").decode()
    texts = {element.text for element in ElementTree.fromstring(svg).iter() if element.text}
    assert {"channel 7", "Offset in the filter (bp)"} <= texts
    assert all(colour.lower() in svg.lower() for colour in COLOURS.values())


def test_a_pdf_logo_embeds_a_font_that_editors_can_change():
    pdf = print_logo(KERNEL, file_format="pdf")
    assert pdf.startswith(b"%PDF")
    assert b"/FontFile2" in pdf or b"TrueType" in pdf


@pytest.mark.parametrize("file_format", ["svg", "pdf"])
def test_the_same_logo_is_the_same_file_also_from_several_threads(file_format):
    with ThreadPoolExecutor(3) as pool:
        files = set(pool.map(lambda _: print_logo(KERNEL, file_format=file_format), range(5)))
    assert len(files) == 1


def test_drawing_leaves_no_trace_in_matplotlib():
    before = dict(matplotlib.rcParams)
    print_logo(KERNEL)
    assert dict(matplotlib.rcParams) == before
    from matplotlib import pyplot

    assert pyplot.get_fignums() == []


def test_importing_the_module_loads_no_matplotlib():
    code = "import sys, deepresolve_dash.exports.print_logo; print('matplotlib' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"
