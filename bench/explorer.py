"""How long the class page of a large run takes, in a real browser, beside plotly's own heat maps.

    python -m bench.explorer [--targets 919] [--channels 480] [--trials 30] [--rounds 40]
        [--clicks 500] [--state FOLDER] [--json]

Times are in milliseconds from the change in the page to the second frame after all views show it.
The baseline in the same run is a plain page with the same matrices as heat maps of plotly, each
given its figure anew as a callback of Dash would; it asks no server and has no other view. Bytes
are bodies of answers without static files. Memory is the heap of the tab after a collection,
before and after the clicks.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
from playwright.sync_api import Browser, Error, Page, sync_playwright

from bench.browser import FLAGS, NO_TOUR, chromium
from bench.explorer_channels import measure_channels
from bench.explorer_classes import measure_classes
from bench.make_run import Size, make_run
from bench.web import ROOT, free_port
from deepresolve_dash.runs.start import stop_server
from deepresolve_dash.runs.store import RunStore

SCRIPTS = Path(__file__).parent / "explorer.js"
VIEW = {"width": 1440, "height": 900}
_STATIC = ("/assets/", "/bundle/", "/_dash-component-suites/", "/_favicon")
_START_S = 60.0


def main() -> None:
    """Measure and print one table, or one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--targets", type=int, default=919)
    parser.add_argument("--channels", type=int, default=480)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--clicks", type=int, default=500)
    parser.add_argument("--state", type=Path, help="keep the run here, and take it from here")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    size = Size(given.targets, given.channels, given.trials, width=1, n_offsets=8)
    with tempfile.TemporaryDirectory() as folder:
        state = (given.state or Path(folder)).absolute()
        run_id = find_run(state, size)
        port = free_port()
        server = serve(state, port)
        try:
            address = f"http://127.0.0.1:{port}/runs/{run_id}"
            seen = measure(address, rounds=given.rounds, clicks=given.clicks)
        finally:
            stop_server(state)
            server.terminate()
            server.wait()
    seen = {"size": f"{size.n_targets} x {size.n_channels} x {size.n_trials}", **seen}
    seen["cores"], seen["load"] = os.cpu_count(), round(os.getloadavg()[0], 1)
    print(json.dumps(seen) if given.json else as_text(seen))


def find_run(state: Path, size: Size) -> str:
    """Return the id of a run of this size in a state folder; make it where there is none."""
    for run in RunStore([state / "runs"]).runs():
        found = run.ensemble.sizes
        if (found["target"], found["channel"], found["trial"]) == size[:3]:
            return run.id
    name = f"Bench {size.n_targets} x {size.n_channels} x {size.n_trials}"
    return make_run(state / "runs", size, name=name).id


def serve(state: Path, port: int) -> subprocess.Popen:
    """Start a real dashboard and wait until it answers."""
    command = [sys.executable, "-m", "deepresolve_dash", "serve", "--port", str(port)]
    environment = os.environ | {"DRD_STATE": str(state)}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        try:
            urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
            return server
        except (URLError, OSError):
            time.sleep(0.2)
    raise SystemExit("The dashboard did not start.")


def measure(address: str, *, rounds: int, clicks: int) -> dict:
    """Return all numbers of a run at this address."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            cold = [first_paint(browser, address) for _ in range(5)]
            page = visit(browser, address)
            traffic = Traffic(page)
            page.keyboard.press("]")  # what is asked for once is asked for
            settle(page)
            own = {
                "channel": timed(page, "channel", rounds),
                "class": timed(page, "neighbour", rounds),
                "any class": timed(page, "class", rounds),
            }
            per_class = traffic.per_class()
            grown = memory(page, clicks)
            opened, all_classes = measure_classes(
                browser, f"{address}/classes", VIEW, SCRIPTS, rounds=rounds
            )
            own |= {f"all: {name}": times for name, times in all_classes.items()}
            table, in_table = measure_channels(browser, f"{address}/channels", VIEW, rounds=rounds)
            own |= {f"table: {name}": times for name, times in in_table.items()}
            plain = visit(browser, address)
            plain.evaluate("explorer.baseline()")
            baseline = {
                "channel": timed(plain, "plainChannel", rounds),
                "class": timed(plain, "plainClass", rounds),
            }
        finally:
            browser.close()
    return {
        "first_paint_ms": median(cold, "paint"),
        "views_painted_ms": median(cold, "views"),
        "first_open_ms": round(cold[0]["views"]),
        "first_bytes": median(cold, "bytes"),
        "own_ms": {name: spread(times) for name, times in own.items()},
        "plotly_ms": {name: spread(times) for name, times in baseline.items()},
        "channel_ratio": round(spread(own["channel"])[1] / spread(baseline["channel"])[1], 3),
        "bytes_per_class": per_class,
        "all_classes": opened,
        "channels": table,
        **grown,
    }


def visit(browser: Browser, address: str) -> Page:
    """Open a run and wait until its views are there."""
    page = browser.new_context(viewport=VIEW, bypass_csp=True).new_page()
    page.set_default_timeout(60_000)
    page.add_init_script(NO_TOUR)
    page.add_init_script(path=SCRIPTS)
    page.goto(address)
    settle(page)
    return page


def settle(page: Page) -> None:
    """Wait until the views of a class are painted and nothing is on its way."""
    page.wait_for_function("explorer.painted()")
    page.wait_for_load_state("networkidle")


def first_paint(browser: Browser, address: str) -> dict:
    """Return when the first and the last view appear in a browser that has nothing yet."""
    page = browser.new_context(viewport=VIEW, bypass_csp=True).new_page()
    page.set_default_timeout(60_000)
    page.add_init_script(NO_TOUR)
    page.add_init_script(path=SCRIPTS)
    traffic = Traffic(page)
    page.goto(address)
    page.wait_for_function("explorer.painted()")
    times = page.evaluate("explorer.firstPaint()")
    page.wait_for_load_state("networkidle")
    page.context.close()
    return {**times, "bytes": sum(traffic.bytes)}


class Traffic:
    """Bodies of answers that a page got, without static files."""

    def __init__(self, page: Page) -> None:
        self.bytes: list[int] = []
        self.matrices = 0
        page.on("requestfinished", self._count)

    def _count(self, request) -> None:
        path = request.url.split("/", 3)[3]
        if not f"/{path}".startswith(_STATIC):
            with suppress(Error):  # the page was closed meanwhile
                self.bytes.append(request.sizes()["responseBodySize"])
                self.matrices += "/fiv.u8" in request.url

    def per_class(self) -> int:
        """Return the mean over the classes that were asked for, shown or fetched ahead."""
        return round(sum(self.bytes) / max(1, self.matrices))


def timed(page: Page, what: str, rounds: int) -> list[float]:
    """Return how long each of some changes took."""
    return [page.evaluate(f"explorer.{what}({turn})") for turn in range(rounds)]


def memory(page: Page, clicks: int) -> dict:
    """Return heap, nodes and listeners of the tab before and after the clicks."""
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable")

    def now() -> dict:
        client.send("HeapProfiler.collectGarbage")
        found = {m["name"]: m["value"] for m in client.send("Performance.getMetrics")["metrics"]}
        return {
            "heap_mb": round(found["JSHeapUsedSize"] / 2**20, 1),
            "nodes": int(found["Nodes"]),
            "listeners": int(found["JSEventListeners"]),
        }

    page.evaluate(f"explorer.click({min(200, clicks)})")  # caches fill
    before = now()
    page.evaluate(f"explorer.click({clicks})")
    return {"clicks": clicks, "tab_before": before, "tab_after": now()}


def spread(times: list[float]) -> tuple[float, float]:
    """Return median and 95th percentile."""
    return round(float(np.median(times)), 1), round(float(np.percentile(times, 95)), 1)


def median(found: list[dict], key: str) -> float:
    """Return the median of one number."""
    return round(float(np.median([one[key] for one in found])))


def as_text(seen: dict) -> str:
    """Return the numbers as a table."""
    lines = [f"{seen['size']}, {seen['cores']} cores, load {seen['load']}", ""]
    lines.append(f"{'':30}{'median':>10}{'p95':>10}   ms")
    for who, label in (("own_ms", ""), ("plotly_ms", "plotly: ")):
        for name, (middle, high) in seen[who].items():
            lines.append(f"{label + name:30}{middle:>10}{high:>10}")
    before, after = seen["tab_before"], seen["tab_after"]
    lines += [
        "",
        f"channel, ratio of p95: {seen['channel_ratio']}",
        f"first paint {seen['first_paint_ms']} ms, all views {seen['views_painted_ms']} ms; "
        f"all views of the first open after a start {seen['first_open_ms']} ms",
        f"page of all classes usable after {seen['all_classes']['first_ms']} ms at first, "
        f"{seen['all_classes']['again_ms']} ms in a new tab",
        f"table of channels usable after {seen['channels']['first_ms']} ms at first, "
        f"{seen['channels']['again_ms']} ms in a new tab",
        f"bytes: {seen['first_bytes']:,.0f} to open, {seen['bytes_per_class']:,} for a class",
        f"tab after {seen['clicks']} clicks: "
        + ", ".join(f"{key} {before[key]:,} -> {after[key]:,}" for key in before),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
