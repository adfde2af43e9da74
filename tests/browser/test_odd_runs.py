"""Names that attack and runs that are hardly there: a correct picture or a sentence."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from bench.make_run import Size, make_run
from deepresolve_dash.runs.store import write_run
from tests.generated_runs import derived_run

pytestmark = pytest.mark.browser
NAMES = [
    '<img src=x onerror="window.hit=1">',
    "\"quotes\" 'and' & <b>bold</b> ${1} {{2}}",
    "tab\there\nand a line",
    "\N{DNA DOUBLE HELIX}\N{GRINNING FACE} \u202eright to left",
    "x" * 300,
    "equal",
    "equal",
]
SMALL = Size(n_targets=3, n_channels=7, n_trials=5, width=3, n_offsets=11)
ODD = {  # name -> size, what is set in the ensemble
    "one class": (SMALL._replace(n_targets=1), {}),
    "one channel": (SMALL._replace(n_channels=1), {}),
    "one trial": (SMALL._replace(n_trials=1), {}),
    "one of each": (Size(1, 1, 1, 1, 0), {}),
    "dead": (
        SMALL._replace(n_channels=5),
        dict.fromkeys(("fiv", "score", "objective", "gradient_at_base", "clamp_swing"), 0),
    ),
    "not converged": (SMALL._replace(n_trials=3), {"converged": False}),
    "diverged": (SMALL._replace(n_trials=2), {"diverged": True, "fiv": np.nan, "score": np.nan}),
}
WRONG = re.compile(r"\b(NaN|undefined|null(?! rate)|None|\[object|Infinity)\b")


def odd_run(folder, state, name):
    """Write a run whose ensemble is changed before everything is derived from it."""
    size, changes = ODD[name]
    run = make_run(folder, size, name=name, seed=len(name))
    ensemble = run.ensemble.load().copy(deep=True)
    for variable, value in changes.items():
        ensemble[variable] = ensemble[variable].astype(float) * 0 + value
        ensemble[variable] = ensemble[variable].astype(run.ensemble[variable].dtype)
    return derived_run(run, state / "runs", ensemble)


def look(page):
    """Scroll through the page on show until every panel has filled itself."""
    page.wait_for_function("document.querySelector('#card-panel dl, #card-panel .empty')")
    for panel in page.locator(".panel").all():
        panel.scroll_into_view_if_needed()
        shown = panel.locator(".panel-body").locator("canvas, svg, table, p, li, .row")
        shown.filter(visible=True).first.wait_for(timeout=8_000)
    page.wait_for_load_state("networkidle")
    said = WRONG.findall(page.inner_text("main"))
    assert said == []
    assert page.evaluate("window.hit") is None
    expect(page.locator("main img, main b:not(.keep)")).to_have_count(0)


@pytest.mark.parametrize("name", ODD)
def test_a_run_that_is_hardly_there_is_shown(visit, state, tmp_path, name):
    run = odd_run(tmp_path, state, name)
    page = visit(f"/runs/{run.id}")
    look(page)
    page.keyboard.press("]")
    look(page)


def test_names_that_attack_are_text(visit, state, tmp_path):
    size = SMALL._replace(n_targets=len(NAMES))
    run = make_run(tmp_path, size, name=NAMES[0], seed=1)
    named = {"target_name": ("target", np.array(NAMES, dtype=object))}
    write_run(
        state / "runs" / run.id,
        info=run.info,
        ensemble=run.ensemble.load().assign_coords(named),
        summary=run.summary.load().assign_coords(named),
    )
    page = visit("/")
    page.locator("a.card", has_text=NAMES[0]).wait_for()
    assert page.evaluate("window.hit") is None
    page.goto(page.url.rstrip("/") + f"/runs/{run.id}")
    for name in NAMES:
        look(page)
        shown = page.locator("#class-select").text_content()
        assert "".join(shown.split()).endswith("".join(name.split()))
        page.keyboard.press("]")
    copied = page.evaluate("""dash_clientside.deepresolve.tsv(
        [["=1+1", "'-x", "a\\tb", "5'"], [-2, null, undefined, "+"]])""")
    assert copied == "'=1+1\t''-x\ta b\t5'\n-2\t\t\t'+\n"
    page.keyboard.press("/")
    page.keyboard.type("onerror")
    page.locator("li[role=option]").first.wait_for()
    assert page.evaluate("window.hit") is None
