from xml.etree import ElementTree

import numpy as np
import pytest

from deepresolve_dash.views import logos

KERNEL = np.array([[3.0, -1, 0, 1], [0, 0, 0, 0], [-2, -1, 0, 0]])
SVG = "{http://www.w3.org/2000/svg}"


def test_bits_scale_probabilities_by_information():
    (tall,) = logos.heights(KERNEL[None], "bits")
    information = 2 + 0.75 * np.log2(0.75) + 0.25 * np.log2(0.25)
    assert tall[0] == pytest.approx([0.75 * information, 0, 0, 0.25 * information])
    assert np.abs(tall[1:]).max() < 1e-12  # nothing liked: no letter


def test_weights_are_the_kernel_itself():
    assert (logos.heights(KERNEL[None], "weights")[0] == KERNEL).all()


def test_letters_stack_from_zero_with_the_tallest_outermost():
    placed = logos.letters(KERNEL)
    assert [letter for letter in placed if letter[1] == 0] == [
        ("C", 0, 0, -1),
        ("T", 0, 0, 1),
        ("A", 0, 1, 4),
    ]
    assert [letter for letter in placed if letter[1] == 2] == [("C", 2, 0, -1), ("A", 2, -1, -3)]


def letter_scales(svg):
    found = ElementTree.fromstring(svg).iter(f"{SVG}path")
    transforms = [path.get("transform") for path in found if path.get("transform")]
    return [float(text.split("scale(")[1].split()[1].rstrip(")")) for text in transforms]


def test_negative_letters_hang_upside_down():
    scales = letter_scales(logos.logo_svg(KERNEL, form="weights"))
    assert sorted(np.sign(scales)) == [-1, -1, -1, 1, 1]


def test_the_axis_names_its_unit_and_positions():
    texts = [t.text for t in ElementTree.fromstring(logos.logo_svg(KERNEL)).iter(f"{SVG}text")]
    assert {"bits", "0", "2.00", "1", "3"} <= set(texts)


def test_a_hostile_title_is_text():
    title = "<img onerror=x> \" ' & \N{GRINNING FACE}"
    root = ElementTree.fromstring(logos.logo_svg(KERNEL, title=title))
    assert next(root.iter(f"{SVG}text")).text == title


def test_an_empty_filter_is_drawn_without_letters():
    assert letter_scales(logos.logo_svg(np.zeros((2, 4)), form="weights")) == []


def test_there_is_a_glyph_and_a_colour_for_every_base():
    assert set(logos.GLYPHS) == set(logos.COLOURS) == set(logos.BASES)
