"""The lower panels of the page of all classes, from clusters to a class and back."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
PANEL = "/runs/d4672e7cf88995e3/classes"
SPOIL = """name => {
    const own = (window.ownFetch = window.fetch);
    window.fetch = async address => {
        const got = await own(address);
        if (!/classes-more.*json/.test(address)) return got;
        return new Response((await got.text()).replaceAll("GM12878", name));
    };
}"""
HOSTILE = "<img src=x onerror=\\\"document.title='broken'\\\">"


def show(page, name):
    page.wait_for_function(
        """name => {
            document.getElementById(`${name}-panel`)?.scrollIntoView();
            return document.querySelector(`[data-below=${name}]`)?.childElementCount > 0;
        }""",
        arg=name,
    )
    return page.locator(f"#{name}-panel")


def test_from_clusters_to_pairs_factors_cells_and_a_class(visit):
    page, sent = visit(PANEL), []
    page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))

    clusters = show(page, "clusters")
    expect(clusters).to_contain_text("10 clusters", use_inner_text=True)
    page.wait_for_function("document.querySelectorAll('[data-below=clusters] td.good').length > 9")
    page.wait_for_selector("#cluster-heat canvas")
    feature = clusters.locator(".chip-button").first
    channel = feature.get_attribute("data-channel")
    feature.click()
    page.wait_for_url(re.compile(rf"channel={channel}\b"))
    page.wait_for_selector(f"#clusters-panel .chip-button.chosen[data-channel='{channel}']")
    cut = clusters.get_by_role("slider")
    cut.fill("0.9")
    page.wait_for_url(re.compile(r"cut=0\.9\b"))
    page.wait_for_function(
        "!document.querySelector('#clusters-notes').innerText.includes('10 clusters')"
    )

    pairs = show(page, "disagreement")
    first = pairs.locator("tbody tr").first
    expect(first).to_contain_text("HepG2|CEBPB|None – HepG2|SRF|None", use_inner_text=True)
    pairs.get_by_text("Known interactions").click()
    pairs.get_by_role("textbox").fill("no such\tpair\nsrf\tcebpb")
    expect(first).to_contain_text("★ known", use_inner_text=True)
    pairs.get_by_role("checkbox").check()
    page.wait_for_url(re.compile(r"known=1"))
    expect(pairs.locator("tbody tr")).to_have_count(4)  # two experiments of either factor
    assert not [one for one in sent if "such" in one]
    pairs.get_by_role("checkbox").uncheck()
    pairs.get_by_role("searchbox").fill("GM12878 CTCF")
    page.wait_for_url(re.compile("pairs=GM12878"))
    page.wait_for_function(
        "document.querySelector('#disagreement-panel .found').innerText.includes('found among 561')"
    )
    words = pairs.locator("tbody tr").all_inner_texts()
    assert words
    assert all("GM12878" in row and "CTCF" in row for row in words)
    row = pairs.locator("tbody tr").nth(1)
    chosen = row.get_attribute("data-pair")
    row.locator("button").click()
    page.wait_for_url(re.compile(rf"pair={chosen}\b"))
    page.wait_for_selector(f"#disagreement-panel tr.chosen[data-pair='{chosen}']")

    index = show(page, "association")
    names = index.locator(".index-plot text")
    assert "K562|CTCF|None" in names.all_text_contents()
    index.locator(".spot[tabindex='0']").focus()
    page.keyboard.press("End")
    x = "one => one.querySelector('circle').cx.baseVal.value"
    places = index.locator(".spot").evaluate_all(f"all => all.map({x})")
    assert page.evaluate(f"({x})(document.activeElement)") == max(places)
    index.locator("[data-choose=rows]").select_option("cell=A549")
    page.wait_for_url(re.compile("rows=cell"))
    page.wait_for_function("!document.querySelector('.index-plot').textContent.includes('K562')")
    page.wait_for_selector("#rectangle canvas")
    page.locator("[data-take=association]").click()
    page.wait_for_selector("dialog.take img")
    with page.expect_download() as waiting:
        page.locator("dialog.take .main").click()
    drawing = Path(waiting.value.path()).read_text()
    said = {
        text.text
        for text in ElementTree.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text")
    }
    assert {"A549|CTCF|DEX", "32 A549|CTCF|DEX"} <= said
    assert "var(" not in drawing

    cells = show(page, "cells")
    cells.locator("[data-choose=factor]").select_option("RFX5")
    page.wait_for_url(re.compile("factor=RFX5"))
    page.wait_for_function(
        "document.querySelector('#cells-panel thead').innerText.includes('GM12878|RFX5')"
    )
    expect(cells).to_contain_text("Common to all cells", use_inner_text=True)
    assert cells.locator("tbody [data-channel] .signed-bar").count() > 1

    page.evaluate(SPOIL, HOSTILE)
    page.evaluate("window.dash_clientside.deepresolve.go({regime: 'modes'})")
    for name in ("clusters", "disagreement", "association", "ofiv-map", "cells"):
        show(page, name)
        page.wait_for_function(
            f"document.querySelector('#{name}-regime').textContent.includes('modes')"
        )
    page.wait_for_function("document.querySelector('#cells-panel').innerText.includes('onerror')")
    expect(page.locator("#page .more img")).to_have_count(0)
    assert "broken" not in page.title()
    page.evaluate("window.fetch = window.ownFetch")

    page.evaluate("window.dash_clientside.deepresolve.go({regime: null})")
    show(page, "ofiv-map")
    page.wait_for_function("document.querySelector('#ofiv-map-regime').innerText === 'importance'")
    grid = page.locator("#all-ofiv")
    grid.focus()
    for key in ("ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url(re.compile(r"row=\d+"))
    row = re.search(r"row=(\d+)", page.url)[1]
    before = page.url
    page.get_by_role("button", name="Open the class").click()
    page.wait_for_url(re.compile(rf"/class/{row}\b"))
    page.wait_for_selector("#ofiv .drawing")  # until then the page of all classes stands
    page.go_back()
    page.wait_for_url(before)
    page.wait_for_selector(".classes-page #ofiv-map-panel")
    show(page, "ofiv-map")
    page.wait_for_function(
        "text => document.querySelector('.picked').innerText.startsWith(text)", arg=f"Class {row} "
    )
