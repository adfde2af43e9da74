"""Every page, light and dark, has no serious finding of axe-core."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from app import DEMOS
from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.runs import service
from deepresolve_dash.runs.request import make_request
from deepresolve_dash.settings import Settings

pytestmark = pytest.mark.browser
READY = {  # where a page is ready
    "/": "a.card",
    "/models": "#models a[href^='/models/']",
    "/models/ID": "#classes input",
    "/new": "#new-start:not([disabled])",
    "/runs": "#queue tr[data-id]",
    "/stories": "main a[href^='/stories/']",
    "/runs/ID": "#ofiv .drawing",
    "/runs/ID/classes": ".why-table .total",
    "/runs/SHOWN/channels": ".artefacts-body circle",
    "/runs/SHOWN/channel/12": ".aligned-pair svg",
    "/compare": ".compare-recurring > *",
    "/runs/none/class/0": ".missing",
}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"], "resultTypes": ["violations"]}
COLOURS_ARE_THERE = """() => document.getAnimations().every(
    (each) => !(each instanceof CSSTransition) || each.playState !== "running")"""


@pytest.fixture(scope="module")
def addresses(site, state):
    """What stands for ID: a model, and a run that was cancelled before it began."""
    lab = service.Service(Settings(state=state), demos=DEMOS)
    model = lab.models.models()[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "ensure_runner", lambda _: None)
        entry = lab.submit(make_request(model, settings=ascent_settings(), name="Waiting"))
    lab.ledger.cancel(entry.id)
    run = next(run for run in lab.store.runs() if run.info.get("name") == "Panel")
    shown = next(run for run in lab.store.runs() if run.info.get("name") == "Panel (synthetic)")
    small = next(run for run in lab.store.runs() if run.info.get("name") == "Synthetic II")
    pair = f"/runs/{run.id}/classes?pair=0,1&brush=-1,1,-99,99"
    return {
        "/models/ID": f"/models/{model.id}",
        "/runs/ID": f"/runs/{run.id}",
        "/runs/ID/classes": pair,
        "/compare": f"/compare?runs={run.id},{small.id}",
        "/runs/SHOWN/channels": f"/runs/{shown.id}/channels?weak=1",
        "/runs/SHOWN/channel/12": f"/runs/{shown.id}/channel/12?weak=1",
    }


@pytest.mark.parametrize("path", READY)
def test_a_page_has_no_serious_finding(visit, addresses, path):
    page = visit(addresses.get(path, path), color_scheme="light")
    for theme in ("light", "dark"):
        page.wait_for_selector(f":root[data-mantine-color-scheme={theme}]")
        page.wait_for_selector(READY[path])
        page.wait_for_load_state("networkidle")
        page.wait_for_function(COLOURS_ARE_THERE)
        found = Axe().run(page, options=RULES).response["violations"]
        serious = [told(one) for one in found if one["impact"] in ("serious", "critical")]
        assert (theme, serious) == (theme, [])
        page.keyboard.press("t")


def told(finding):
    """What is wrong and where, short enough to read in a failed test."""
    places = [node["target"][0] for node in finding["nodes"]]
    said = finding["nodes"][0]["any"] or finding["nodes"][0]["all"] or [{"message": ""}]
    return f"{finding['id']}: {finding['help']}; {said[0]['message']}; {places[:4]} ({len(places)})"
