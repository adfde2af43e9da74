"""Two people and a visitor: log in, start, share, look, log out."""

import threading

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from app import DEMOS, make_app
from bench.browser import NO_TOUR
from deepresolve_dash.demos.provide import provide_demos
from deepresolve_dash.people.people import People
from deepresolve_dash.runs import service
from deepresolve_dash.runs.service import Service
from deepresolve_dash.settings import Settings

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """Address of a server whose users have names; what is started waits, since nothing computes."""
    monkeypatch.setattr(service, "ensure_runner", lambda settings: None)
    settings = Settings(state=tmp_path, free_mb=0, prefix="/lab")
    people, made = People(tmp_path), Service(settings)
    for name in ("ann", "bob"):
        people.users.add(name, PASSWORD)
    made.prepare()
    provide_demos(made.models, made.inputs)
    app = make_app(settings, demos=DEMOS)
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/lab"
    server.shutdown()
    thread.join()
    server.server_close()
    app.server.extensions["deepresolve"].cache.close()


@pytest.fixture
def come(stranger, lab):
    """Open a page as somebody who has never been here; nothing may go wrong on the way."""
    opened, wrong = [], []

    def come_by(address):
        context = stranger.new_context(viewport={"width": 1440, "height": 900})
        opened.append(context)
        page = context.new_page()
        page.add_init_script(NO_TOUR)
        page.set_default_timeout(30_000)
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda r: wrong.append(r.url) if not r.url.startswith(lab) else None)
        page.goto(address if address.startswith("http") else lab + address)
        return page

    yield come_by
    for context in opened:
        context.close()
    assert [text for text in wrong if not text.startswith(("data:", "blob:"))] == []


def log_in(page, name, password=PASSWORD):
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def test_people_log_in_start_share_and_leave(come, lab):
    page = come("/runs")
    assert "/login" in page.url
    log_in(page, "bob")
    page.get_by_text("No run has been started yet").wait_for()
    page.get_by_role("link", name="New run").first.click()
    page.wait_for_selector("#new-start:not([disabled])")
    page.locator("#new-start").click()
    row = page.locator("#queue tr.queued")
    row.wait_for()
    assert "bob" in row.inner_text()
    assert page.get_by_role("button", name="Pause").count() == 0  # for admins

    page.get_by_role("link", name="Results").click()
    page.locator("a.card").first.click()
    page.locator("#ofiv .bars").wait_for()
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("The link").input_value()
    assert link.startswith(f"{lab}/share/")

    guest = come(link)
    guest.locator("#ofiv .bars").wait_for()
    assert guest.get_by_role("link", name="Queue").count() == 0
    assert guest.get_by_role("button", name="Add to story").count() == 0
    assert guest.get_by_role("button", name="More trials", exact=True).count() == 0
    guest.goto(f"{lab}/runs/d4672e7cf88995e3/class/28")
    guest.locator("#fiv-notes .pick").first.wait_for()  # what is opposed is a finding, no change
    guest.close()

    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    log_in(page, "ann")
    page.get_by_role("link", name="Queue").click()
    row = page.locator("#queue tr.queued")
    row.get_by_role("button", name="Cancel").click()  # an admin, and not hers
    page.locator("#queue tr.cancelled").wait_for()

    page.get_by_role("link", name="People").click()
    page.get_by_role("button", name="Revoke the link").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    page.get_by_text("No link is out").wait_for()
    page.get_by_label("Name", exact=True).fill("Cy")
    page.get_by_role("button", name="Add user").click()
    password = page.get_by_role("textbox", name="Password of cy").input_value()
    page.get_by_role("button", name="Done").click()
    bob = page.get_by_label("Role of bob")
    bob.select_option("viewer")
    page.get_by_role("button", name="Cancel").click()
    expect(bob).to_have_value("member")  # as before
    page.get_by_label("What", exact=True).select_option("people add")
    line = page.locator(".people-lines tbody tr")
    line.get_by_text("name cy").wait_for()
    expect(line).to_have_count(1)
    assert "what=people+add" in page.url
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    log_in(page, "cy", password)
    page.get_by_role("link", name="Queue").wait_for()
    assert page.get_by_role("link", name="People").count() == 0
