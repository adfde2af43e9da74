"""A sequence is pasted, looked at base by base, edited by keys and set beside another."""

import re
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from app import DEMOS
from deepresolve_dash.errors import LostLease
from deepresolve_dash.probe.found import Bases, Reading
from deepresolve_dash.runs import service as of_service
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.probe_store import ProbeStore
from tests.browser.test_accessibility import RULES

pytestmark = pytest.mark.browser
NETWORK = DEMOS.parent / "networks" / "synthetic-1"
RUN = "/runs/cb4c9bc5323fb6d9"


def answer(store, question):
    """Write made-up numbers: each C gives 1 logit, each other base takes a tenth."""
    gives = np.float32([1.0 if letter == "C" else -0.1 for letter in question.letters])
    change = np.where(np.arange(4) == 1, 1.1, 0) - np.where(gives > 0, 1.1, 0)[:, None]
    maps = np.stack([np.convolve(gives > 0, np.ones(8), "valid") * k for k in (1, 0, 3)])
    score = float(gives.sum())
    store.write_reading(
        question, Reading(np.float32([score]), np.float32([0.5]), np.float32(maps), 8, 1, 0)
    )
    store.write_bases(question, Bases(np.float32(change), gives, score, 0.0))


@pytest.fixture
def worker(state, site, monkeypatch):
    """A worker that makes numbers up."""
    monkeypatch.setattr(of_service, "ensure_runner", lambda _: None)
    over, store = threading.Event(), ProbeStore(state)

    def work():
        ledger = Ledger(state / LEDGER)
        while not over.wait(0.03):
            while (claim := ledger.claim("here:1:x", "quick")) is not None:
                answer(store, claim.request.question)
                with suppress(LostLease):
                    ledger.finish(claim, "done")
        ledger.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()


def test_from_a_class_to_a_sequence_its_bases_edits_and_another_one(visit, worker):
    page = visit(f"{RUN}/class/0")
    page.wait_for_selector("[data-link=probe][href*='class=0']")
    page.get_by_role("link", name="Probe", exact=True).click()
    page.wait_for_url(re.compile(r"/probe\?class=0"))
    box = page.get_by_role("textbox", name="Sequence", exact=True)
    box.fill("ACGX")
    page.get_by_role("button", name="Probe", exact=True).click()
    page.wait_for_selector(".panel.paste .refused:not([hidden])")
    expect(page.locator(".panel.paste .refused")).to_contain_text(
        "holds 'X' at position 4", use_inner_text=True
    )

    # an example: scores, letters, every mutation, channels
    page.get_by_role("button", name="by difference").click()
    note = page.locator(".score-note")
    expect(note).to_contain_text("press “Second sequence” and paste one, or change a base")
    page.get_by_role("button", name="positive").click()
    page.wait_for_url(re.compile("sequence=[ACGT]{50}"))
    page.wait_for_selector(".probe-page[data-bases-ms] .bases-body circle.own")
    letters = box.input_value()
    expect(page.locator(".panel.paste .refused")).to_be_hidden()
    expect(page.locator(".bases-body .spelled")).to_have_text(list(letters))
    score = letters.count("C") - 0.1 * (50 - letters.count("C"))
    row = page.locator(".scores-table tbody tr")
    assert float(row.locator("td").nth(1).inner_text()) == pytest.approx(score, abs=0.01)
    expect(page.locator(".tracks-body .curve")).to_have_count(2)  # one channel is silent

    # keys move and change a base; what was before stays beside it, and can be had back
    page.locator(".bases-body .probe-scroll").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    new = "G" if letters[3] != "G" else "A"
    page.keyboard.press(new.lower())
    page.wait_for_url(re.compile(f"edits=4{new}"))
    page.wait_for_selector("text=before the edits, logit")
    expect(page.locator(".edits .chip-button")).to_have_text(f"4 {letters[3]}→{new} ×")
    page.wait_for_selector(".scores-table th:text-is('logit before') + th:text-is('logit after')")
    expect(note).not_to_contain_text("Second sequence")
    page.keyboard.press("Backspace")
    page.wait_for_function("!location.search.includes('edits')")
    page.wait_for_function("!document.querySelector('.bases-body').textContent.includes('before')")

    # another one beside it, in the link; numbers to take away
    page.get_by_role("button", name="Second sequence").click()
    page.get_by_role("button", name="negative").click()
    page.wait_for_url(re.compile("second=[ACGT]{50}"))
    page.wait_for_selector("text=second, logit")
    page.wait_for_function("document.querySelectorAll('.bases-body circle.own').length === 100")
    page.reload()
    page.wait_for_selector("text=second, logit")
    found = Axe().run(page, options=RULES).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    with page.expect_download() as download:
        page.locator("[data-probefile='scores.tsv']").click()
    header, line = Path(download.value.path()).read_text().splitlines()
    assert header.split("\t")[-1] == "difference"
    assert float(line.split("\t")[2]) == pytest.approx(score, abs=0.01)
