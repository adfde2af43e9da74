"""Whose a note is: everybody who is let in reads it, its writer and admins change it."""

import json

import pytest

from deepresolve_dash.runs.notes import NoteStore
from tests.generated_runs import tiny_run
from tests.people.conftest import PASSWORD, logged_in, served, visitor


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    state = tmp_path_factory.mktemp("state")
    run = tiny_run(state / "runs")
    with served(state) as made:
        made.run = run.id
        yield made
    assert NoteStore(state).runs() == {}  # each test takes its own away


def act(client, run, what, **values):
    path = f"/act/runs/{run}/notes/{what}"
    return client.post(path, data=json.dumps(values), headers={"X-DeepResolve": "1"})


def test_a_note_is_its_writers_and_the_admins(server, people):
    run, here = server.run, f"/data/{server.run}/notes.json"
    for name, role in (("root", "admin"), ("ann", "member"), ("bob", "member"), ("vi", "viewer")):
        people.users.add(name, PASSWORD, role)
    root, ann, bob, vi = (logged_in(server, name) for name in ("root", "ann", "bob", "vi"))
    made = act(ann, run, "add", kind="class", thing=0, text="Mine").json["id"]
    read = {name: one.get(here).json for name, one in (("bob", bob), ("vi", vi), ("root", root))}
    assert {name: told["notes"][0]["writer"] for name, told in read.items()} == dict.fromkeys(
        read, "ann"
    )
    assert [told["notes"][0]["own"] for told in read.values()] == [False, False, True]
    assert [told["may"] for told in read.values()] == [True, False, True]
    for what in ("edit", "delete"):
        refused = act(bob, run, f"{made}/{what}", revision=1, text="Theirs").json["refused"]
        assert "somebody else's" in refused
    assert act(vi, run, "add", kind="class", thing=0, text="x").status_code == 403
    assert act(vi, run, "star", kind="class", thing=0, on=True).status_code == 403
    act(bob, run, "star", kind="class", thing=0, on=True)
    stars = act(ann, run, "star", kind="class", thing=0, on=True).json["notes"][1:]
    assert [(one["writer"], one["own"]) for one in stars] == [("bob", False), ("ann", True)]
    act(ann, run, "star", kind="class", thing=0, on=False)
    assert len(act(root, run, f"{made}/delete").json["notes"]) == 1
    assert "somebody else's" in act(bob, run, f"{made}/restore").json["refused"]
    assert len(act(ann, run, f"{made}/restore").json["notes"]) == 2
    act(ann, run, f"{made}/delete")
    assert act(bob, run, "star", kind="class", thing=0, on=False).json["notes"] == []
    assert people.audit.tail(1)[0]["user"] == "bob"


def test_a_link_to_a_run_does_not_show_what_people_say_of_it(server, people):
    people.users.add("ann", PASSWORD, "admin")
    ann = logged_in(server, "ann")
    note = act(ann, server.run, "add", kind="class", thing=0, text="Between us").json["id"]
    shared = ann.post(f"/act/runs/{server.run}/share", json={}, headers={"X-DeepResolve": "1"})
    guest = visitor(server)
    assert guest.get(shared.json["href"]).status_code == 302
    assert guest.get(f"/data/{server.run}/run.json").status_code == 200
    for what in ("json", "tsv"):
        assert guest.get(f"/data/{server.run}/notes.{what}").status_code == 403
    act(ann, server.run, f"{note}/delete")
