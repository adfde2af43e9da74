import gzip
import json
import re
import shutil
from base64 import b64decode, b64encode
from hashlib import sha256
from html.parser import HTMLParser

import numpy as np
import pytest
from dash import dcc, html

from deepresolve_dash.commands.export import Wanted, export
from deepresolve_dash.errors import DeepResolveError, RunNotFound, SettingsError
from deepresolve_dash.pages import offline
from deepresolve_dash.pages.offline import offline_page
from deepresolve_dash.pages.offline_asks import Asked, class_of, key_of, of_step, pack_of, run_of
from deepresolve_dash.pages.offline_record import HALF, Pack
from deepresolve_dash.pages.plain_html import as_html
from deepresolve_dash.runs.store import open_run
from deepresolve_dash.runs.stories import StoryNotFound
from deepresolve_dash.runs.story import Step
from tests.generated_runs import tiny_run

HOSTILE = "</script><script>alert(1)</script>"
PACK = re.compile(rb'<script type="text/plain" data-pack="([^"]+)">([^<]+)</script>')


@pytest.fixture(scope="module", autouse=True)
def _headline_alone():
    with pytest.MonkeyPatch.context() as patch:  # else all is made three times
        patch.setattr(offline, "MOST_REGIMES", 0)
        yield


@pytest.fixture(scope="module")
def page(dashboard, run):
    return b"".join(offline_page(dashboard.server, run.id))


def answers(page):
    """What is kept: (content, rows) by key."""
    kept = {}
    for _, packed in PACK.findall(page):
        told, _, body = gzip.decompress(b64decode(packed)).partition(b"\n")
        for key, start, size, rows in json.loads(told):
            kept[key] = body[start : start + size], rows
    return kept


def address_of(key):
    path, *asked = key.split("&")
    return path + ("?" + "&".join(asked) if asked else "")


def index(page):
    return json.loads(re.search(rb'id="offline-index">(.+?)</script>', page)[1])


class Tags(HTMLParser):
    """Tags of a page by name, and the scripts that would run."""

    def __init__(self, text):
        super().__init__()
        self.names, self.running = [], 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.running += tag == "script" and dict(attrs).get("type") is None


def test_a_file_has_no_bar_that_speaks_of_updates(page):
    assert b'id="updated"' not in page


def test_answers_are_those_of_the_routes(page, client):
    for key, (content, rows) in answers(page).items():
        if rows or "/pair-words.json" in key:
            continue
        assert client.get(address_of(key)).get_data() == content, key


def test_exact_rows_are_those_of_the_routes(page, client):
    compared = 0
    for key, (content, rows) in answers(page).items():
        if not rows:
            continue
        cells = np.frombuffer(content, "<f4")
        if rows == HALF:
            n = round((np.sqrt(8 * len(cells) + 1) - 1) / 2)
            whole = np.zeros((n, n), "<f4")
            whole[np.triu_indices(n)] = cells
            whole = np.where(np.tri(n, k=-1, dtype=bool), whole.T, whole)
        else:
            whole = cells.reshape(rows, -1)
        sign = "&" if "?" in address_of(key) else "?"
        for row in (0, len(whole) - 1):
            sent = client.get(f"{address_of(key)}{sign}row={row}").get_data()
            np.testing.assert_array_equal(np.frombuffer(sent, "<f4"), whole[row])
            compared += 1
    assert compared > 10


def test_each_view_of_a_class_is_kept(page, run):
    kept = set(answers(page))
    for target in run.summary.target.values:
        for name in ("class", "orders", "recipes", "important", "varying", "traces", "levels"):
            assert any(
                key.startswith(f"/data/{run.id}/{name}.json") and f"&target={target}" in key
                for key in kept
            ), name
        assert f"/data/{run.id}/fiv.u8&target={target}" in kept
    assert f"/data/{run.id}/classes/all.json" in kept


def test_packs_are_where_the_scripts_look(page):
    for name, packed in PACK.findall(page):
        told = json.loads(gzip.decompress(b64decode(packed)).partition(b"\n")[0])
        assert {pack_of(address_of(key)) for key, *_ in told} == {name.decode()}


def test_only_its_own_scripts_run_and_nothing_is_asked_for(page):
    text = page.decode()
    tags = Tags(text)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]
    body = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    assert tags.running == len(body) == 1
    assert f"'sha256-{b64encode(sha256(body[0]).digest()).decode()}'" in policy
    assert "default-src 'none'" in policy
    assert "connect-src 'none'" in policy
    assert not re.search(rb'(?:src|href)="(?:https?:)?//', page.split(b"<script>")[0])


@pytest.fixture
def hostile(state):
    made = tiny_run(state / "runs", name=HOSTILE, seed=5)
    yield made
    shutil.rmtree(made.folder)


@pytest.fixture
def keep(dashboard):
    """Keeps stories for the time of a test."""
    stories, kept = dashboard.server.extensions["deepresolve"].stories, []

    def create(*told):
        kept.append(stories.create(*told))
        return kept[-1]

    yield create
    for one in kept:
        stories.delete(one.id)


def test_hostile_names_stay_names(dashboard, hostile):
    page = b"".join(offline_page(dashboard.server, hostile.id, classes=[0]))
    assert Tags(page.decode()).running == 1
    assert index(page)["runs"][hostile.id]["name"] == HOSTILE
    assert HOSTILE.encode() not in page


def test_classes_that_do_not_fit_are_left_out_and_said(dashboard, run):
    page = b"".join(offline_page(dashboard.server, run.id, largest=1))
    first, *_ = run.summary.target.values.tolist()
    assert index(page)["runs"][run.id]["classes"] == [first]
    assert b"1 of 2 classes" in page


def test_chosen_classes_alone(dashboard, run):
    second = int(run.summary.target.values[1])
    page = b"".join(offline_page(dashboard.server, run.id, classes=[second]))
    assert index(page)["runs"][run.id]["classes"] == [second]
    assert index(page)["first"].startswith(f"/runs/{run.id}/class/{second}")


def test_a_missing_run_is_said_before_anything_is_made(dashboard):
    with pytest.raises(RunNotFound):
        offline_page(dashboard.server, "0123456789abcdef")


def test_no_class_of_the_run(dashboard, run):
    with pytest.raises(SettingsError, match="none of the classes"):
        offline_page(dashboard.server, run.id, classes=[99])


def test_a_story_opens_at_its_first_step(dashboard, run, keep):
    second = int(run.summary.target.values[1])
    steps = [Step(f"/runs/{run.id}/class/{second}?channel=3&pair=0,1", "First.", "ofiv")]
    story = keep("To show", steps)
    page = b"".join(offline_page(dashboard.server, story=story.id, classes=[]))
    told = json.loads(answers(page)[f"/data/stories/{story.id}.json"][0])
    assert index(page)["first"] == told["steps"][0]["view"]
    assert index(page)["runs"][run.id]["classes"] == [second]
    assert not told["own"]


def test_a_story_without_a_run_is_refused(dashboard, keep):
    story = keep("Nothing yet")
    with pytest.raises(SettingsError, match="shows no result"):
        offline_page(dashboard.server, story=story.id)


def test_routes(client, run):
    made = client.get(f"/data/{run.id}/offline.html?classes=0")
    assert made.headers["Content-Disposition"] == f'attachment; filename="{run.id}-offline.html"'
    assert made.get_data().endswith(b"</html>\n")
    for wrong in ("x", "1;2", "99"):
        refused = client.get(f"/data/{run.id}/offline.html?classes={wrong}")
        assert (refused.status_code, refused.mimetype) == (404, "text/plain")
    assert client.get("/data/none/offline.html").status_code == 404
    assert client.get("/data/stories/none/offline.html").status_code == 404


def test_a_run_that_lies_elsewhere_is_exported_without_a_dashboard(run, tmp_path, monkeypatch):
    shutil.copytree(run.folder, tmp_path / "mine")
    monkeypatch.setenv("DRD_STATE", str(tmp_path / "state"))
    export(open_run(tmp_path / "mine"), "html", None, tmp_path / "run.html", Wanted())
    page = (tmp_path / "run.html").read_bytes()
    assert index(page)["runs"][run.id]["classes"] == run.summary.target.values.tolist()
    with pytest.raises(StoryNotFound):
        export(run, "html", None, tmp_path / "story.html", Wanted(story="none"))
    assert not (tmp_path / "story.html").exists()


def test_what_a_step_asks(run):
    one = Asked("r", [4, 5], [1, 2], [None], ["similarity"])
    asked = list(of_step(one, "/runs/r/classes?cut=0.3&pair=5,4&factor=a%26b"))
    assert "/data/r/classes/pair.json?pair=5%2C4" in asked
    assert "/data/r/classes-more/clusters.json?cut=0.3" in asked
    assert "/data/r/classes-more/cells.json?factor=a%26b" in asked
    assert list(of_step(one, "/runs/r/channel/2?floor=40")) == [
        "/data/r/channel/2/ascent.json?floor=40"
    ]
    assert class_of("/runs/r/class/5-name?x=1") == class_of("/runs/r/channels?class=5") == 5
    assert class_of("/runs/r/classes") is None
    assert run_of("/models/m") is None


def test_keys_do_not_depend_on_the_order_of_a_query():
    assert key_of("/data/r/a.json?b=2&a=1&of=9") == key_of("/data/r/a.json?a=1&b=2&seen=4")


def test_the_same_content_is_kept_once():
    pack = Pack()
    pack.add("a", b"123")
    pack.add("b", b"123")
    assert bytes(pack.body) == b"123"


def test_layout_as_html():
    part = html.Div(
        ["<b>", None, html.Br(), dcc.Link("x", href="/y")],
        className="a",
        hidden=True,
        tabIndex=0,
        style={"minWidth": 3},
        **{"data-x": '"&'},
    )
    assert as_html(part) == (
        '<div class="a" hidden style="min-width:3" tabindex="0" data-x="&quot;&amp;">'
        '&lt;b&gt;<br><a data-visit="" href="/y">x</a></div>'
    )
    with pytest.raises(DeepResolveError):
        as_html(dcc.Dropdown())
