"""From the table of channels to a channel, its pictures, its classes and a file."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
CLASS = "/runs/d4672e7cf88995e3/class/28"
HOSTILE = "<img src=x onerror=\"document.title='broken'\">"


MOTIF = "MOTIF m{} TF\nletter-probability matrix: w= 1\n1 0 0 0\n"
MEME = "\n".join(["MEME version 4\n", *map(MOTIF.format, range(25))]).encode()


def rows(page):
    return page.locator("#seen-rows .row")


def wait_rows(page, n):
    page.wait_for_function(f"document.querySelectorAll('#seen-rows .row').length === {n}")


def choose(page, name, content):
    with page.expect_file_chooser() as waiting:
        page.get_by_role("button", name="MEME file").click()
    waiting.value.set_files({"name": name, "mimeType": "text/plain", "buffer": content})


def test_from_the_table_to_a_channel_its_pictures_classes_and_a_file(visit):
    page = visit(CLASS)
    page.wait_for_selector("#ofiv .called")  # the ranking says what channels resemble
    page.get_by_role("link", name="Channels", exact=True).click()
    page.wait_for_url(re.compile(r"/channels\?class=28"))
    page.wait_for_selector("#seen-rows .row svg")
    expect(rows(page).first).to_contain_text("ch 12", use_inner_text=True)
    expect(rows(page).first).to_contain_text("POU2F2", use_inner_text=True)
    assert rows(page).count() < 40  # of 64: only those on screen
    expect(page.locator(".artefacts-body circle")).to_have_count(2 * 64)

    # a motif file of one's own is sent, or refused in a sentence
    choose(page, "reads.fa", b">a\nACGT\n")
    page.wait_for_function(
        "document.querySelector('#toasts').innerText.includes('reads.fa cannot')"
    )
    choose(page, "lab.meme", MEME)
    page.wait_for_url(re.compile(r"database=[0-9a-f]{64}"))
    page.wait_for_selector(".look-line .button.main >> text=Match")
    page.get_by_label("motifs").select_option(label="JASPAR 2026 CORE vertebrates")
    page.wait_for_selector("#seen-rows .row.chosen svg")

    # words filter, heads sort, keys choose
    search = page.get_by_role("searchbox")
    search.fill("gata")
    page.wait_for_function(
        "document.querySelector('#seen-rows').innerText.includes('No channel fits')"
    )
    search.fill("irf4")
    wait_rows(page, 4)
    page.locator("[data-sort=channel]").click()
    page.wait_for_url(re.compile("sort=channel"))
    names = rows(page).locator(".name").all_inner_texts()
    assert names == ["ch 4", "ch 7", "ch 15", "ch 19"]
    page.locator("#seen-rows").focus()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    page.wait_for_url(re.compile("channel=15"))
    page.wait_for_function(
        "document.querySelector('.chosen-channel h2').innerText === 'Channel 15 (IRF4)'"
    )
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/channel/15\?class=28"))

    # its pictures: matches of each, turned, at another threshold
    page.wait_for_selector(".aligned-pair svg")
    expect(page.locator(".context h1")).to_have_text("Channel 15 (IRF4)")
    expect(page.locator(".face-row")).to_have_count(3)
    page.get_by_role("button", name="Receptive-field ascent").click()
    page.wait_for_url(re.compile("face=ascent"))
    page.wait_for_function("document.querySelector('.pair-title').innerText.includes('the ascent')")
    first = page.locator(".face-row svg").nth(1)
    before = first.inner_html()
    page.get_by_role("button", name="reverse complement").click()
    page.wait_for_url(re.compile("turned=1"))
    assert first.inner_html() != before
    fragments = page.locator(".threshold-line output").first.inner_text()
    page.get_by_role("slider", name="threshold").fill("80")
    page.wait_for_url(re.compile("threshold=80"))
    ascent = page.locator("[data-face=ascent] .picture svg")
    before = ascent.inner_html()
    page.get_by_role("slider", name="left out below").fill("60")
    page.wait_for_url(re.compile("floor=60"))
    page.wait_for_function(
        "said => document.querySelector('[data-face=ascent] svg').innerHTML !== said", arg=before
    )
    page.wait_for_function(
        "said => document.querySelector('.threshold-line output').innerText !== said",
        arg=fragments,
    )
    first.hover(position={"x": 120, "y": 60})
    page.wait_for_function(
        "/position \\d+: [ACGT] .*bits/.test(document.getElementById('pointer').innerText)"
    )

    # its classes, its relatives, the next channel, a file
    line = page.locator(".ends tbody tr").nth(1)
    target = line.get_attribute("data-target")
    line.locator(".value").first.click()
    page.wait_for_url(re.compile(rf"class={target}\b"))
    page.wait_for_selector(f".ends tr.chosen[data-target='{target}']")
    page.locator(".kin-row a", has_text="ch 7 ").click()
    page.wait_for_function("document.querySelector('.context h1').innerText === 'Channel 7 (IRF4)'")
    page.keyboard.press("j")
    page.wait_for_url(re.compile(r"/channel/8\?"))
    page.wait_for_function("document.querySelector('.context h1').innerText.includes('HNF4A')")
    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="MEME").click()
    motifs = Path(waiting.value.path()).read_text()
    assert motifs.startswith("MEME version 5")
    assert "ch015_" in motifs
    with page.expect_download() as waiting:
        page.locator(".logo-files a").first.click()
    drawing = ElementTree.fromstring(Path(waiting.value.path()).read_bytes())
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"

    # names are text wherever they stand
    page.evaluate(
        """name => {
            const drd = window.dash_clientside.deepresolve, now = drd.layerNow();
            now.run.names[0] = now.told.called = now.told.logos[0].matches[0].name = name;
            now.told.activation.pile[0].name = name;
            drd.drawSpeaks(now), drd.drawMotifs(now), drd.drawWhere(now), drd.drawKin(now);
            drd.go({face: 'filter', weak: 1});
        }""",
        HOSTILE,
    )
    page.wait_for_function("document.querySelector('.face-row').innerText.includes('onerror')")
    expect(page.locator("main img")).to_have_count(0)
    assert page.title() != "broken"
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_selector("#seen-rows .row.chosen")
    assert "channel=8" in page.url
