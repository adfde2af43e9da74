import io
import json

import pandas as pd
import pytest

from deepresolve_dash.exports.notes import COLUMNS, notes_table, write_notes
from deepresolve_dash.pages.answers import OWN_HEADER
from deepresolve_dash.runs.notes import NoteStore

HOSTILE = "=HYPERLINK(\"http://x\")\n<img src=x onerror=alert(1)>\t'too'"


@pytest.fixture
def notes(state, run):
    store = NoteStore(state)
    yield store
    store.forget(run.id)


def act(client, run, what, **values):
    path = f"/act/runs/{run.id}/notes/{what}"
    answer = client.post(path, data=json.dumps(values), headers={OWN_HEADER: "1"})
    assert answer.status_code == 200
    return answer.json


def test_a_note_is_written_changed_deleted_and_taken_back(client, run, notes):
    seen = f"/runs/{run.id}/class/0?channel=3"
    told = act(client, run, "add", kind="channel", thing=3, text="Looks like GATA", address=seen)
    (note,) = told["notes"]
    assert told["id"] == note["id"]
    assert (note["kind"], note["thing"], note["address"]) == ("channel", "3", seen)
    assert (note["writer"], note["own"], note["changed"]) == ("anonymous", True, None)
    here = note["id"]
    changed = act(client, run, f"{here}/edit", revision=1, text="Looks like GATA2")["notes"][0]
    assert (changed["text"], changed["revision"]) == ("Looks like GATA2", 2)
    assert "meanwhile" in act(client, run, f"{here}/edit", revision=1, text="x")["refused"]
    assert "Load the page again" in act(client, run, f"{here}/edit", text="x")["refused"]
    assert act(client, run, f"{here}/delete")["notes"] == []
    assert "not here any more" in act(client, run, f"{here}/delete")["refused"]
    assert act(client, run, f"{here}/restore")["notes"] == [changed]
    assert client.get(f"/data/{run.id}/notes.json").json["notes"] == [changed]


def test_a_star_goes_on_and_off(client, run, notes):
    assert act(client, run, "star", kind="pair", thing="1,0", on=True)["notes"][0]["thing"] == "0,1"
    assert len(act(client, run, "star", kind="pair", thing="0,1", on=True)["notes"]) == 1
    assert act(client, run, "star", kind="pair", thing="0,1")["notes"] == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kind": "channel", "thing": 99, "text": "x"}, "This run has no channel 99"),
        ({"kind": "class", "thing": "7", "text": "x"}, "This run has no class 7"),
        ({"kind": "pair", "thing": "0,7", "text": "x"}, "This run has no class 7"),
        ({"kind": "pair", "thing": "0,0", "text": "x"}, "something of this run"),
        ({"kind": "view", "thing": "//elsewhere.org", "text": "x"}, "no view of this run"),
        ({"kind": "class", "thing": "0", "text": " "}, "The note is empty"),
        ({"kind": "class", "thing": "0", "text": "x" * 2001}, "2,001 characters"),
        ({"kind": "class", "thing": "0", "text": "x", "address": "javascript:x"}, "no view"),
        ({}, "something of this run"),
    ],
)
def test_what_cannot_be_noted_is_refused_in_words(client, run, notes, values, said):
    assert said in act(client, run, "add", **values)["refused"]
    assert notes.of(run.id) == []


def test_the_table_is_harmless_and_read_back(client, run, notes, tmp_path):
    act(client, run, "add", kind="class", thing=0, text=HOSTILE, address=f"/runs/{run.id}/class/0")
    act(client, run, "star", kind="pair", thing="0,1", on=True)
    answer = client.get(f"/data/{run.id}/notes.tsv")
    assert "attachment" in answer.headers["Content-Disposition"]
    read = pd.read_csv(io.BytesIO(answer.data), sep="\t", keep_default_na=False)
    assert tuple(read.columns) == COLUMNS
    note, star = read.to_dict("records")
    assert note["text"].startswith("'=HYPERLINK")
    assert "\n" not in note["text"]
    assert (note["what"], note["about"], str(note["index"])) == ("note", "class", "0")
    assert (star["what"], star["index"]) == ("star", "0,1")
    names = run.summary.target_name.values
    assert star["name"] == f"{names[0]} and {names[1]}"
    act(client, run, "add", kind="class", thing=0, text='"Not closed')
    again = pd.read_csv(io.BytesIO(client.get(f"/data/{run.id}/notes.tsv").data), sep="\t")
    assert list(again.text.fillna(""))[1:] == ["", ' "Not closed']
    assert [path.name for path in write_notes(notes, run, tmp_path)] == ["notes.tsv"]
    assert (tmp_path / "notes.tsv").read_bytes().count(b"\n") == 4
    seen = f"/runs/{run.id}/classes"
    act(client, run, "star", kind="view", thing=seen, on=True)
    assert list(notes_table(notes, run.id, run).iloc[-1])[1:3] == ["view", ""]
    assert notes_table(notes, run.id).link.iloc[-1] == seen
    act(client, run, "star", kind="view", thing=seen)
    bare = notes_table(notes, run.id)
    assert list(bare.name) == ["", "", ""]
    assert notes_table(notes, "unknown").empty


def test_notes_of_an_unknown_run_are_an_answer(client):
    for what in ("json", "tsv"):
        answer = client.get(f"/data/0000000000000000/notes.{what}")
        assert answer.status_code == 404
        assert "no run" in answer.text.lower()
    path = "/act/runs/0000000000000000/notes/add"
    assert client.post(path, data="{}").status_code == 403  # not from our pages
    assert "refused" in client.post(path, data="{}", headers={OWN_HEADER: "1"}).json
