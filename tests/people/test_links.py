"""A link shows one run or story, and nothing else: every route is tried."""

import re

import pytest

from deepresolve_dash.pages import who
from deepresolve_dash.pages.needs import CALLBACK, row_of
from deepresolve_dash.people.roles import Need
from tests.generated_runs import tiny_run
from tests.people.conftest import (
    FREE,
    PASSWORD,
    callback,
    logged_in,
    requests_of,
    served,
    visitor,
)  # fmt: skip

OWN = {"X-DeepResolve": "1"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    state = tmp_path_factory.mktemp("state")
    with served(state) as made:
        made.runs = [tiny_run(state / "runs", name=name, seed=i) for i, name in enumerate("ab")]
        yield made


@pytest.fixture
def runs(server, people):
    people.users.add("ann", PASSWORD)
    people.users.add("bob", PASSWORD)
    return [run.id for run in server.runs]


@pytest.fixture
def ann(server, runs):
    return logged_in(server, "ann")


def shared(client, path, **values):
    answer = client.post(path, json=values, headers=OWN)
    assert answer.status_code == 200
    return answer.json


def came_by(server, href):
    client = visitor(server)
    assert client.get(href).status_code == 302
    return client


@pytest.fixture
def guest(server, ann, runs):
    return came_by(server, shared(ann, f"/act/runs/{runs[0]}/share")["href"])


def show(client, **key):
    answer = callback(client, "page.children", [key])
    assert answer.status_code in (200, 403)
    return answer.text


def test_a_link_leads_to_the_run_and_shows_its_data(server, ann, runs):
    made = shared(ann, f"/act/runs/{runs[0]}/share", days=7)
    assert made["left"] == 7
    client = visitor(server)
    assert client.get(made["href"]).location == f"/runs/{runs[0]}"
    assert client.get(f"/runs/{runs[0]}").location.startswith(f"/runs/{runs[0]}/class/")
    for name in ("run.json", "class.json?target=0", "fiv.u8?target=0", "classes/all.json"):
        assert client.get(f"/data/{runs[0]}/{name}").status_code == 200, name
    page = show(client, page="class", run=runs[0], target=0)
    assert "Feature importance" in page
    assert client.get(f"{made['href']}?to=/runs/{runs[0]}/classes").location.endswith("/classes")
    assert client.get(f"{made['href']}?to=//evil.example").location == f"/runs/{runs[0]}"


def test_a_link_opens_no_other_route(server, guest, runs):
    for rule, method, path in requests_of(server):
        if rule in FREE or rule.startswith("/bundle/") or rule == CALLBACK:
            continue
        row = row_of(method, rule)
        answer = guest.open(path, method=method, headers=OWN)
        if row.need > Need.LOOK:
            assert answer.status_code == 403, (method, path)
        elif method == "POST" and rule == "/act/probe":
            assert answer.json["refused"]
        elif "run_id" in rule or "story_id" in rule:  # of another run or story
            assert answer.status_code == 403, (method, path)


def test_a_link_shows_no_other_run(guest, runs):
    for name in ("run.json", "class.json?target=0", "fiv.u8?target=0", "search.json"):
        assert guest.get(f"/data/{runs[0]}/{name}").status_code == 200, name
        assert guest.get(f"/data/{runs[1]}/{name}").status_code == 403, name
    assert guest.get(f"/runs/{runs[1]}").status_code == 403
    for key in (
        {"page": "class", "run": runs[1], "target": 0},
        {"page": "classes", "run": runs[1]},
        {"page": "probe", "run": runs[1]},
        {"page": "probe", "model": "x"},
        {"page": "models"},
        {"page": "queue"},
        {"page": "new", "from": runs[0]},
        {"page": "model", "model": "x", "run": runs[0]},
        {"page": "story", "story": "x", "run": runs[1]},
        {"page": "stories", "run": "x"},
    ):
        text = show(guest, **key)
        assert "Not found" in text, key
    assert "one result" in show(guest, page="models")


def test_a_link_lists_nothing_else(guest, runs):
    found = guest.get("/data/search.json").json
    assert [run["id"] for run in found["runs"]] == runs[:1]
    assert (found["models"], found["stories"]) == ([], [])
    assert guest.get("/data/stories.json").json == []
    gallery = show(guest, page="gallery")
    assert runs[0] in gallery
    assert runs[1] not in gallery
    assert guest.get("/feed").json["rows"] == []


def test_a_callback_with_two_keys_or_another_output_shows_nothing(guest, runs):
    for values in (["x"], [None], [{"page": ["class"]}], [[{"page": "queue"}]]):
        answer = callback(guest, "page.children", values)
        assert answer.status_code in (200, 204), values
        assert "page-head" not in answer.text
    assert callback(guest, "new-wanted.data", [None]).status_code == 403


def test_a_page_offers_a_guest_nothing_to_do(guest, runs):
    frame = guest.get("/").text
    assert re.search(r'<html lang="en" data-can="" data-version="\w+">', frame)
    assert "/act/" not in show(guest, page="class", run=runs[0], target=0)


def test_a_link_ends_when_it_is_revoked(server, ann, guest, runs):
    (link,) = ann.get(f"/data/{runs[0]}/links.json").json
    assert (link["user"], link["mine"]) == ("ann", True)
    assert guest.get(f"/data/{runs[0]}/run.json").status_code == 200
    shared(ann, f"/act/links/{link['id']}/revoke")
    assert guest.get(f"/data/{runs[0]}/run.json").status_code == 401
    assert ann.get(f"/data/{runs[0]}/links.json").json == []
    ended = visitor(server).get("/share/forged")
    assert ended.status_code == 404
    assert "This link has ended" in ended.text


def test_others_cannot_revoke_a_link_and_an_admin_can(server, ann, runs):
    bob = logged_in(server, "bob")
    first = shared(bob, f"/act/runs/{runs[0]}/share")
    second = shared(ann, f"/act/runs/{runs[0]}/share")
    assert "ann made this link" in shared(bob, f"/act/links/{second['id']}/revoke")["refused"]
    assert shared(ann, f"/act/links/{first['id']}/revoke") == {"id": first["id"]}


def test_a_link_does_not_replace_who_is_in(server, ann, runs):
    href = shared(ann, f"/act/runs/{runs[0]}/share")["href"]
    assert ann.get(href).status_code == 302
    assert ann.get(f"/data/{runs[1]}/run.json").status_code == 200


def test_a_story_is_shown_with_the_runs_that_it_had(server, ann, runs):
    step = {"address": f"/runs/{runs[0]}/class/0", "panel": "", "caption": "Look"}
    story = shared(ann, "/act/stories/new", title="Ours", steps=[step])
    guest = came_by(server, shared(ann, f"/act/stories/{story['id']}/share")["href"])
    assert guest.get(f"/stories/{story['id']}").location.startswith(f"/runs/{runs[0]}/class/0")
    assert guest.get(f"/data/stories/{story['id']}.json").json["own"] is False
    assert [one["id"] for one in guest.get("/data/stories.json").json] == [story["id"]]
    assert "Not found" not in show(guest, page="story", story=story["id"])
    shared(ann, f"/act/stories/{story['id']}/add", address=f"/runs/{runs[1]}/class/0")
    assert guest.get(f"/data/{runs[0]}/run.json").status_code == 200
    assert guest.get(f"/data/{runs[1]}/run.json").status_code == 403
    (link,) = ann.get(f"/data/links/{story['id']}.json").json
    assert link["story"]


def test_an_open_server_makes_no_links(tmp_path, runs):
    with served(tmp_path, host="127.0.0.1") as server:
        run = tiny_run(tmp_path / "runs")
        here = visitor(server, host="localhost", REMOTE_ADDR="127.0.0.1")
        refused = shared(here, f"/act/runs/{run.id}/share")["refused"]
        assert "sees everything" in refused
        assert 'data-can="see change administer"' in here.get("/").text


def test_a_story_is_changed_by_whoever_made_it_or_an_admin(server, ann, runs):
    bob, cy = logged_in(server, "bob"), "cy"
    server.extensions[who.NAME].people.users.add(cy, PASSWORD)
    story = shared(bob, "/act/stories/new", title="Bob's", steps=[])
    path = f"/act/stories/{story['id']}/save"
    sent = {"json": {"revision": 1, "title": "x", "steps": []}, "headers": OWN}
    answer = logged_in(server, cy).post(path, **sent)
    assert answer.status_code == 403
    assert "somebody else" in answer.text
    assert bob.post(path, **sent).json["title"] == "x"
    assert ann.post(path, json=sent["json"] | {"revision": 2}, headers=OWN).json["title"] == "x"


def test_what_links_did_is_written_down(server, ann, guest, runs, people):
    line = people.audit.tail(1)[0]
    assert (line["what"], line["user"], line["days"]) == ("runs share", "ann", 30)
    assert line["link"] == people.links.all()[0].id
    assert people.links.all()[0].opened
    assert "token" not in people.audit.path.read_text()
