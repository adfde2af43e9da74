"""Ways in that were open once."""

import io
from types import SimpleNamespace

import pytest

from deepresolve_dash.pages import callbacks, quota, who
from deepresolve_dash.people.attempts import MOST_BY_ADDRESS
from deepresolve_dash.people.people import People
from deepresolve_dash.people.schema import PeopleRefused
from deepresolve_dash.runs.models import ModelStore
from tests.generated_runs import tiny_run
from tests.people.conftest import PASSWORD, callback, logged_in, served, visitor

OWN = {"X-DeepResolve": "1"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    state = tmp_path_factory.mktemp("state")
    with served(state) as made:
        made.runs = [tiny_run(state / "runs", name=name, seed=i).id for i, name in enumerate("ab")]
        yield made


@pytest.fixture
def ann(server, people):
    people.users.add("ann", PASSWORD)
    return logged_in(server, "ann")


def test_others_cannot_use_up_the_attempts_of_whoever_has_the_token(server, people):
    token = people.new_token()
    other = visitor(server, REMOTE_ADDR="10.9.9.9")
    places = [other.get("/?token=forged").location for _ in range(MOST_BY_ADDRESS + 1)]
    assert [place.endswith("why=wait") for place in places[-2:]] == [False, True]
    assert other.get(f"/?token={token}").location.endswith("why=wait")
    mine = visitor(server)
    assert mine.get(f"/?token={token}").location == "/"
    assert mine.get("/feed").status_code == 200


def test_a_token_that_can_be_guessed_is_not_taken(people):
    with pytest.raises(PeopleRefused, match="at least 16 characters"):
        people.new_token("lab")
    assert not people.is_token("lab")


def test_the_addresses_of_one_network_are_counted_together(tmp_path):
    attempts = People(tmp_path).attempts
    for place in range(MOST_BY_ADDRESS):
        attempts.begin(f"user{place}", f"2001:db8::{place:x}")
    with pytest.raises(PeopleRefused, match="Wait"):
        attempts.begin("ann", "2001:db8::ffff")
    attempts.begin("ann", "2001:db8:0:1::1")
    attempts.begin("ann", "::ffff:10.0.0.1")
    attempts.begin("ann", "")


def test_the_links_of_a_user_end_with_them(people):
    for name in ("ann", "bob"):
        people.users.add(name, PASSWORD)
    links = [people.links.create("a run", ["0123"], user=name) for name in ("ann", "bob")]
    people.users.remove("bob")
    assert [people.links.open(token) is not None for _, token in links] == [True, False]
    assert people.links.living(links[1][0].id) is None


def test_other_paths_of_the_host_do_not_get_the_cookie(tmp_path):
    with served(tmp_path, prefix="/deepresolve") as server:
        server.extensions[who.NAME].people.users.add("ann", PASSWORD)
        told = {"name": "ann", "password": PASSWORD}
        answer = visitor(server).post("/deepresolve/login", data=told)
    assert "Path=/deepresolve;" in answer.headers["Set-Cookie"] + ";"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/login", "/logout"])
def test_nobody_sends_files_before_it_is_known_who_they_are(server, people, path, method):
    people.users.add("ann", PASSWORD)
    file = io.BytesIO(b"a" * 2**17)
    answer = visitor(server).open(path, method=method, data={"file": (file, "a"), "name": "ann"})
    assert answer.status_code in ((413,) if path == "/login" else (302, 413))
    assert people.audit.tail(1) == []


def test_those_without_a_name_cannot_push_older_lines_out_of_the_record(server, people, ann):
    link, _ = people.links.create("a run", ["0123"], user="ann")
    guest, nobody = visitor(server), visitor(server)
    with guest.session_transaction(base_url="http://dash.lab") as session:
        session.update(way="link", id=link.id)
    assert guest.get("/feed").status_code == 200
    before = people.audit.path.read_text()
    for client in (guest, nobody):
        for path in ("/act/models/0123/delete", "/nowhere", "/upload/model"):
            assert client.post(path, headers=OWN).status_code in (401, 403)
    assert people.audit.path.read_text() == before
    ann.post("/act/models/0123/delete", headers=OWN)
    assert people.audit.tail(1)[0]["user"] == "ann"


@pytest.fixture
def shared(server, people, ann):
    """Two runs, a story, and a browser that came by a link to the first run."""
    runs = server.runs
    story = ann.post("/act/stories/new", json={"title": "Ours", "steps": []}, headers=OWN).json
    link = ann.post(f"/act/runs/{runs[0]}/share", json={}, headers=OWN).json
    guest = visitor(server)
    assert guest.get(link["href"]).status_code == 302
    return guest, runs, story["id"]


@pytest.mark.parametrize("page", callbacks.PAGES)
def test_a_link_to_a_run_shows_no_other_page_in_its_name(shared, page):
    guest, (mine, other), story = shared
    key = {"page": page, "run": mine, "target": 0, "story": story, "from": other, "channel": 0}
    text = callback(guest, "page.children", [key | {"model": "0123456789abcdef"}]).text
    shown = page in (*callbacks.OF_RUN, "gallery")
    assert ("This link shows one result" not in text) == shown
    assert other not in text


@pytest.mark.parametrize("change", [{"outputs": {"id": "x", "property": "y"}}, {"outputs": None}])
def test_a_callback_that_fills_something_else_is_refused_in_a_sentence(ann, change):
    inputs = [{"id": "page-key", "property": "data", "value": {"page": "gallery"}}]
    told = {"output": "page.children", "inputs": inputs, "changedPropIds": []} | change
    answer = ann.post("/_dash-update-component", json=told)
    assert (answer.status_code, answer.text) == (400, "This request cannot be read.")
    del told["outputs"]
    assert ann.post("/_dash-update-component", json=told).status_code == 400


def test_a_corrected_model_counts_as_the_copy_that_it_is(
    server, people, ann, tmp_path, monkeypatch
):
    (tmp_path / "weights").write_bytes(b"a" * 2**20)
    people.users.add("bob", PASSWORD)
    bob, model = logged_in(server, "bob"), SimpleNamespace(id="0123", folder=tmp_path)
    flip = {"flip_kernels": True}
    monkeypatch.setattr(ModelStore, "open", lambda *_: model)
    monkeypatch.setattr(ModelStore, "correct", lambda *_: model)
    answer = bob.post("/act/models/4567/correct", json=flip, headers=OWN)
    assert answer.json == {"id": "0123", "href": "/models/0123"}
    monkeypatch.setattr(ModelStore, "correct", None)
    monkeypatch.setattr(quota, "_is_there", lambda *_: True)
    assert people.owners.used("bob", quota._is_there) == 2**20
    full = 20480 * 2**20
    people.owners.add("model", "89ab", "bob", full)
    answer = bob.post("/act/models/4567/correct", json=flip, headers=OWN)
    assert "the most for one user" in answer.text
