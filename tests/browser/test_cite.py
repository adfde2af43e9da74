"""A view is cited, the bundle verified, and a byte of it changed."""

import zipfile
from urllib.parse import urlparse

import pytest

from tests.browser.conftest import PREFIX
from tests.browser.test_journey import open_run
from tests.commands import call

pytestmark = pytest.mark.browser


def test_a_cited_view_is_verified_and_a_changed_byte_is_named(visit, tmp_path):
    page = visit("/")
    open_run(page, "Panel")
    page.locator("#ofiv-panel [data-take]").click()
    box = page.locator("dialog.take")
    box.locator(".take-picture img").wait_for()
    with page.expect_download() as coming:
        box.get_by_role("button", name="Cite this view").click()
    saved = tmp_path / coming.value.suggested_filename
    coming.value.save_as(saved)
    assert saved.suffix == ".zip"
    done = call("verify", saved, DRD_STATE=tmp_path)
    assert done.code == 0, done.out + done.error
    with zipfile.ZipFile(saved) as archive:
        rows = archive.read("rows.tsv")
    assert f"http://{urlparse(page.url).netloc}{PREFIX}/runs/" in done.out
    changed = bytearray(saved.read_bytes())
    changed[changed.index(rows) + len(rows) // 2] ^= 1
    saved.write_bytes(changed)
    done = call("verify", saved, DRD_STATE=tmp_path)
    assert done.code == 1
    assert "rows.tsv: " in done.out
