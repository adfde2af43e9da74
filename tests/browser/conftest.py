import os
import random
import threading
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright
from werkzeug.serving import make_server

from app import DEMOS, make_app
from bench.browser import FLAGS, NO_TOUR, chromium
from deepresolve_dash.demos.provide import provide_demos
from deepresolve_dash.people.people import People
from deepresolve_dash.runs import service
from deepresolve_dash.runs.inputs import InputStore
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.service import Service
from deepresolve_dash.runs.start import ensure_runner, stop_runner
from deepresolve_dash.runs.store import RunStore
from deepresolve_dash.settings import Settings
from tests.generated_runs import make_run, panel_size

NAMES = ("Synthetic I", "Synthetic II")
PREFIX = "/lab/dash"
PEOPLE, PASSWORD = ("ann", "bob"), "correct horse battery"  # the first is an admin
expect.set_options(timeout=20_000)  # ms


def late(app):
    """Answer each request up to `LATE` seconds late, so that they change places."""
    most = float(os.environ.get("LATE", 0))

    def answer(environ, start_response):
        time.sleep(random.uniform(0, most))
        return app(environ, start_response)

    return answer


@contextmanager
def served(app):
    """Answer browsers, at this address."""
    server = make_server("127.0.0.1", 0, late(app.server), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.server.extensions["deepresolve"].cache.close()


@pytest.fixture(scope="session")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="session")
def site(state):
    """Address of a server over the shipped demos, or over runs of their names, and their networks.

    It is below a path, as behind a proxy, so that each journey goes through every address of it.
    """
    shipped = {run.info.get("name") for run in RunStore([DEMOS]).runs()}
    if not set(NAMES) <= shipped:
        for n_targets, name in zip((1, 4), NAMES, strict=True):
            make_run(state / "runs", panel_size(n_targets), name=name, seed=n_targets)
    make_run(state / "runs", panel_size(7), name="Panel", seed=7)
    provide_demos(ModelStore(state / "models"), InputStore(state))
    with served(make_app(Settings(state=state, prefix=PREFIX))) as address:
        yield address + PREFIX


@pytest.fixture(scope="session")
def chromium_type():
    """Playwright's way to start the Chromium that is here."""
    path = chromium()
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path).exists()
        if path is None and not own:
            pytest.skip("no Chromium here")
        yield partial(start, playwright.chromium, {"executable_path": path, "args": FLAGS})


def start(kind, options, profile=None):
    """Start a browser, or one that keeps its caches in a folder."""
    if profile is None:
        return kind.launch(**options)
    return kind.launch_persistent_context(profile, **options, color_scheme="light")


@pytest.fixture(scope="session")
def stranger(chromium_type):
    """A browser for those who have never been here."""
    started = chromium_type()
    yield started
    started.close()


@pytest.fixture(scope="session")
def reader(chromium_type, tmp_path_factory):
    """A reader who comes back: scripts are compiled once, which halves the time of a page."""
    context = chromium_type(tmp_path_factory.mktemp("profile"))
    yield context
    context.close()


def wait_until(page, predicate, *, arg=None, timeout=20_000):
    """Wait for a predicate; Playwright's own way evaluates text in the page, which is forbidden."""
    deadline = time.monotonic() + timeout / 1000
    while not page.evaluate(predicate, arg):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not within {timeout} ms: {predicate}")
        page.wait_for_timeout(50)


@pytest.fixture
def visit(request, reader, site):
    """Open pages that must stay on this server and log no error.

    The first is opened by the reader, whose storage is emptied; the others by strangers.
    """
    wrong, opened = [], []

    def open_page(path="/", *, tour=False, size=(1440, 900), color_scheme="light", permissions=()):
        context = request.getfixturevalue("stranger").new_context() if opened else reader
        page = context.new_page()
        opened.append(page)
        if context is reader:
            forget(page)
        context.grant_permissions(list(permissions))
        page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
        page.emulate_media(color_scheme=color_scheme)
        if not tour:
            page.add_init_script(NO_TOUR)
        page.set_default_timeout(20_000)
        page.wait_for_function = partial(wait_until, page)
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda r: wrong.append(r.url) if leaves(r.url) else None)
        page.on("response", lambda r: wrong.append(f"{r.status} {r.url}") if bad(r) else None)
        page.goto(site + path)
        return page

    def forget(page):
        cleaner = page.context.new_cdp_session(page)
        kinds = {"origin": site.removesuffix(PREFIX), "storageTypes": "local_storage,cookies"}
        cleaner.send("Storage.clearDataForOrigin", kinds)
        cleaner.detach()

    def leaves(url):
        return not url.startswith((f"{site}/", "data:", "blob:"))

    def bad(response):
        return response.status >= 400

    yield open_page
    for page in opened[1:]:
        page.context.close()
    for page in reader.pages[1:]:  # without its first the browser would end
        page.close()
    reader.clear_permissions()
    assert wrong == []


@pytest.fixture
def lab_settings(tmp_path):
    return Settings(state=tmp_path, free_mb=0, prefix="/lab", gpus="none")


@pytest.fixture
def lab_app(lab_settings, monkeypatch):
    """A dashboard whose users have names; what is started waits until a test starts the runner."""
    monkeypatch.setattr(service, "ensure_runner", lambda settings: None)
    people, made = People(lab_settings.state), Service(lab_settings)
    for name in PEOPLE:
        people.users.add(name, PASSWORD)
    made.prepare()
    provide_demos(made.models, made.inputs)
    return make_app(lab_settings, demos=DEMOS)


@pytest.fixture
def start_runner(lab_settings):
    """Start the runner of that dashboard; it ends with the test."""
    yield partial(ensure_runner, lab_settings)
    stop_runner(lab_settings.state)


@pytest.fixture
def lab(lab_app):
    """Address of that dashboard."""
    with served(lab_app) as address:
        yield f"{address}/lab"


@pytest.fixture
def come(stranger, lab):
    """Open a page as somebody who has never been here; nothing may go wrong on the way.

    `fails` are words of what the browser says about a failure that is meant.
    """
    opened, wrong = [], []

    def come_by(address, *, color_scheme="light", fails=None):
        size = {"width": 1440, "height": 900}
        context = stranger.new_context(viewport=size, color_scheme=color_scheme)
        opened.append(context)
        page = context.new_page()
        page.add_init_script(NO_TOUR)
        page.set_default_timeout(30_000)
        page.on("console", lambda m: wrong.append(m.text) if is_wrong(m, fails) else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda r: wrong.append(r.url) if not r.url.startswith(lab) else None)
        page.goto(address if address.startswith("http") else lab + address)
        return page

    yield come_by
    for context in opened:
        context.close()
    assert [text for text in wrong if not text.startswith(("data:", "blob:"))] == []


def is_wrong(message, meant):
    """Tell whether a line of the console is an error that is not meant."""
    return message.type == "error" and not (meant and meant in message.text)


def log_in(page, name, password=PASSWORD):
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
