"""A reader takes panels of a class away."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.test_journey import open_run

pytestmark = pytest.mark.browser


def saved(page, kind):
    page.locator(".take [name=kind]").select_option(kind)
    page.wait_for_selector(f".take-picture:not([aria-busy]) {'pre' if kind == 'tsv' else 'img'}")
    name = page.inner_text(".take-name")
    with page.expect_download() as waiting:
        page.locator(".take .button.main:not([disabled])").click()
    page.wait_for_selector("dialog.take", state="detached")
    assert waiting.value.suggested_filename == name
    assert re.fullmatch(rf"Panel-\w+-class-0-[\w-]+\.{kind}", name)
    return Path(waiting.value.path())


def test_a_figure_is_taken_away_in_the_size_of_a_column(visit):
    page = visit("/", color_scheme="dark")
    open_run(page, "Panel")
    page.locator("[data-key=bars]").select_option("5")
    page.locator("#ofiv-panel [data-take]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".take-picture img")
    svg = saved(page, "svg").read_text()
    root = ElementTree.fromstring(svg)
    words = {one.text for one in root.iter("{http://www.w3.org/2000/svg}text")}
    assert "channel, by falling OFIV: first and last 5 of 13" in words
    assert float(root.get("width").removesuffix("pt")) / 72 * 25.4 == pytest.approx(85, abs=0.01)
    assert "#eceff4" not in svg  # the text of the dark theme
    assert page.evaluate("document.activeElement.dataset.take") == "ofiv"

    page.locator("#similarity-panel [data-take]").click()
    page.locator(".take [name=which]").select_option("compared")
    page.locator(".take [name=width]").select_option("174")
    with Image.open(saved(page, "png")) as picture:
        assert picture.width == round(174 / 25.4 * 300)

    page.locator("#channels-panel [data-take]").click()
    expect(page.locator(".take [name=kind]")).to_have_value("png")  # the last choice
    expect(page.locator(".take [name=width]")).to_have_value("174")
    lines = saved(page, "tsv").read_text().splitlines()
    assert len(lines) == 14
    assert lines[0].startswith("rank\tchannel\tmotif\tOFIV (feature-map units)\t")
