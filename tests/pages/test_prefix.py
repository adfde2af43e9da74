"""The dashboard below a path of a proxy, which passes that path on or cuts it off."""

import json
import re

import pytest
from pydantic import ValidationError

from app import make_app
from deepresolve_dash.pages.prefix import below
from deepresolve_dash.settings import Settings


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    state = tmp_path_factory.mktemp("prefixed")
    made = make_app(Settings(state=state, prefix="/lab/dash"), demos=state / "no-demos")
    yield made.server
    made.server.extensions["deepresolve"].cache.close()


@pytest.mark.parametrize("path", ["/lab/dash/healthz", "/healthz"])
def test_a_proxy_may_pass_the_path_on_or_cut_it_off(server, path):
    assert server.test_client().get(path).text == "ok\n"


def test_every_address_of_the_first_page_has_the_prefix(server):
    page = server.test_client().get("/lab/dash/").text
    config = re.search(r'id="_dash-config"[^>]*>(.*?)</script>', page)
    assert json.loads(config[1])["requests_pathname_prefix"] == "/lab/dash/"
    assert 'src="/lab/dash/bundle/' in page
    assert 'href="/bundle/' not in page
    assert 'src="/_dash' not in page


def test_a_redirect_and_a_hint_of_what_comes_keep_the_prefix(server):
    sent_on = server.test_client().get("/lab/dash/runs/0123456789abcdef")
    assert sent_on.location == "/lab/dash/runs/0123456789abcdef/class/0"
    hints = server.test_client().get("/lab/dash/runs/0123456789abcdef/classes").headers
    assert all(link.startswith("</lab/dash/data/") for link in hints.getlist("Link"))
    assert len(hints.getlist("Link")) == 2


def test_a_path_that_only_begins_like_it_is_another_one():
    seen = []
    application = below("/lab", lambda environ, start: seen.append(environ["PATH_INFO"]) or [])
    for path in ("/lab", "/lab/x", "/labour", ""):
        application({"PATH_INFO": path}, lambda *_: None)
    assert seen == ["/", "/x", "/labour", ""]


@pytest.mark.parametrize("prefix", ["lab", "/lab/", "/la b", "/<x>", "//lab"])
def test_a_prefix_that_is_no_path_is_refused(prefix):
    with pytest.raises(ValidationError, match="prefix"):
        Settings(prefix=prefix)
