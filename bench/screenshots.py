"""Take a picture of every page, light and dark, into `docs/screenshots`.

    python -m bench.screenshots [--out FOLDER] [--wide]

The shipped demos are shown by a dashboard of its own over an empty state folder; `--wide` takes
1920 x 1080 instead of 1440 x 900. Colours are reduced to 256, so that the files stay small.
"""

import argparse
import json
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from bench.browser import FLAGS, NO_TOUR, chromium
from bench.explorer import serve
from bench.web import ROOT, free_port
from deepresolve_dash.runs.start import stop_runner, stop_server

_RUN = json.loads((ROOT / "deepresolve_dash/demos/runs/panel/run.json").read_text())["id"]
_STORY = json.loads((ROOT / "deepresolve_dash/demos/stories/synthetic-1.json").read_text())
_FIGURE_3 = next(step["address"] for step in _STORY["steps"] if "/probe?" in step["address"])
_SYNTHETIC = json.loads((ROOT / "deepresolve_dash/demos/runs/synthetic-1/run.json").read_text())
PANEL = f"/runs/{_RUN}/class/28"  # the class with an XOR
PAGES = {  # name -> address, and what must be there
    "gallery": ("/", "a.card"),
    "class": (PANEL, "#ofiv .bars"),
    "recipes": (PANEL, "#recipes-panel button[data-channel]"),
    "classes": (f"/runs/{_RUN}/classes?pair=18,19", ".why-table .logo svg"),  # the hidden pair
    "channels": (f"/runs/{_RUN}/channels?class=28", ".artefacts-body circle"),
    "channel": (f"/runs/{_RUN}/channel/12?class=28", ".aligned-pair svg"),
    "probe": (
        _FIGURE_3.replace("{run}", _SYNTHETIC["id"]),
        ".probe-page[data-bases-ms] .bases-body circle.own",
    ),
    "present": (f"{PANEL}?present=fiv", ".presented canvas"),
    "stories": ("/stories", "main a[href^='/stories/']"),
    "models": ("/models", "#models a[href^='/models/']"),
    "new": ("/new", "#new-start:not([disabled])"),
    "queue": ("/runs", "#queue"),
}


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--wide", action="store_true")
    given = parser.parse_args()
    size = {"width": 1920, "height": 1080} if given.wide else {"width": 1440, "height": 900}
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        state, port = Path(folder), free_port()
        server = serve(state, port)
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            for theme in ("light", "dark"):
                page = browser.new_context(viewport=size, color_scheme=theme).new_page()
                page.add_init_script(NO_TOUR)
                for name in PAGES:
                    take(page, f"http://127.0.0.1:{port}", name, given.out / f"{name}_{theme}.png")
        finally:
            browser.close()
            stop_runner(state)
            stop_server(state)
            server.terminate()
            server.wait()


def take(page: Page, site: str, name: str, path: Path) -> None:
    """Save what a page shows."""
    address, ready = PAGES[name]
    page.goto(site + address)
    if name == "recipes":
        page.locator("#recipes-panel").scroll_into_view_if_needed()
    page.wait_for_selector(ready, timeout=120_000)  # a first question starts a worker
    page.wait_for_load_state("networkidle")
    if name == "recipes":
        page.evaluate("document.getElementById('recipes-panel').scrollIntoView()")
    page.mouse.move(0, 0)
    page.wait_for_timeout(300)
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        path, optimize=True
    )


if __name__ == "__main__":
    main()
