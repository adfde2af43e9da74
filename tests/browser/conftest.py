import threading
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from app import DEMOS, make_app
from bench.browser import FLAGS, NO_TOUR, chromium
from deepresolve_dash.runs.store import RunStore
from deepresolve_dash.settings import Settings
from tests.generated_runs import make_run, panel_size

NAMES = ("Synthetic I", "Synthetic II")


@pytest.fixture(scope="session")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="session")
def site(state):
    """Address of a server over the shipped demos, or over runs of their names."""
    shipped = {run.info.get("name") for run in RunStore([DEMOS]).runs()}
    if not set(NAMES) <= shipped:
        for n_targets, name in zip((1, 4), NAMES, strict=True):
            make_run(state / "runs", panel_size(n_targets), name=name, seed=n_targets)
    make_run(state / "runs", panel_size(7), name="Panel", seed=7)
    app = make_app(Settings(state=state))
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.server.extensions["deepresolve"].cache.close()


@pytest.fixture(scope="session")
def browser():
    path = chromium()
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path).exists()
        if path is None and not own:
            pytest.skip("no Chromium here")
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def visit(browser, site):
    """Open pages that must stay on this server and log no error."""
    wrong, contexts = [], []

    def open_page(path="/", *, tour=False, **options):
        size = {"width": 1440, "height": 900}
        context = browser.new_context(**{"viewport": size, **options})
        if not tour:
            context.add_init_script(NO_TOUR)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda r: wrong.append(r.url) if leaves(r.url) else None)
        page.on("response", lambda r: wrong.append(f"{r.status} {r.url}") if bad(r) else None)
        page.goto(site + path)
        return page

    def leaves(url):
        return not url.startswith((site, "data:", "blob:"))

    def bad(response):
        return response.status >= 400

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []
