"""Two people and a visitor: log in, start, share, look, log out."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import log_in

pytestmark = pytest.mark.browser


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
    expect(row).to_contain_text("bob", use_inner_text=True)
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)  # for admins

    page.get_by_role("link", name="Results").click()
    page.locator("a.card").first.click()
    page.locator("#ofiv .bars").wait_for()
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("The link").input_value()
    assert link.startswith(f"{lab}/share/")

    guest = come(link)
    guest.locator("#ofiv .bars").wait_for()
    expect(guest.get_by_role("link", name="Queue")).to_have_count(0)
    expect(guest.get_by_role("button", name="Add to story")).to_have_count(0)
    expect(guest.get_by_role("button", name="More trials", exact=True)).to_have_count(0)
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
    expect(page.get_by_role("link", name="People")).to_have_count(0)
