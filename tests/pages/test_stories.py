import json

import pytest

from deepresolve_dash.pages import callbacks
from deepresolve_dash.pages.answers import OWN_HEADER
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.story_routes import view_address
from deepresolve_dash.runs.story import Step, Story
from tests.pages.test_pages import ids, words

HOSTILE = "<img src=x onerror=alert(1)> \"quoted\" 'too'"


def act(client, path, **values):
    answer = client.post(f"/act/stories/{path}", data=json.dumps(values), headers={OWN_HEADER: "1"})
    assert answer.status_code == 200
    return answer.json


@pytest.fixture
def story(client, run, inside):
    steps = [{"address": f"/runs/{run.id}/class/0", "caption": "One", "panel": "il"}]
    made = act(client, "new", title="Ours", steps=[*steps, {"address": "/", "caption": HOSTILE}])
    yield made
    if not act(client, f"{made['id']}/delete").get("refused"):
        (context().stories.folder / ".bin" / f"{made['id']}.json").unlink()


def test_a_story_is_read_with_the_addresses_of_its_views(client, run, story):
    read = client.get(f"/data/stories/{story['id']}.json").json
    assert read == story
    first, second = read["steps"]
    assert first["view"] == f"/runs/{run.id}/class/0?story={story['id']}&step=1&present=il"
    assert second["view"] == f"/?story={story['id']}&step=2"
    assert [one["called"] for one in read["steps"]] == [run.summary.target_name.values[0], None]
    assert [one["id"] for one in client.get("/data/stories.json").json] == [story["id"]]


def test_the_link_of_a_story_opens_its_first_step(client, story):
    answer = client.get(f"/stories/{story['id']}")
    assert (answer.status_code, answer.headers["Location"]) == (302, story["first"])
    empty = act(client, "new", title="Empty")
    assert client.get(f"/stories/{empty['id']}").headers["Location"] == empty["edit"]
    act(client, f"{empty['id']}/delete")
    for unknown in ("nothing", "..", "x%0d%0aSet-Cookie:a=b", "%2f%2fexample.org"):
        answer = client.get(f"/stories/{unknown}")
        assert answer.headers.get("Location", "/").startswith("/")
        assert "Set-Cookie" not in answer.headers


def test_an_old_revision_is_refused_in_words(client, story):
    here = f"{story['id']}/save"
    saved = act(client, here, revision=1, title="Ours", steps=story["steps"][::-1])
    assert (saved["revision"], saved["steps"][0]["caption"]) == (2, HOSTILE)
    refused = act(client, here, revision=1, title="Mine", steps=[])["refused"]
    assert "Somebody has changed this story meanwhile" in refused
    assert "Load the page again" in act(client, here, title="Mine", steps=[])["refused"]


def test_a_step_is_added_and_a_foreign_address_is_not(client, story):
    assert len(act(client, f"{story['id']}/add", address="/models")["steps"]) == 3
    for address in ("//example.org", "https://example.org", "javascript:alert(1)", None, 3):
        refused = act(client, f"{story['id']}/add", address=address)["refused"]
        assert "view of this dashboard" in refused


def test_a_story_is_copied_deleted_and_comes_back(client, story):
    copy = act(client, f"{story['id']}/copy")
    assert (copy["title"], len(copy["steps"])) == ("Ours (copy)", 2)
    act(client, f"{copy['id']}/delete")
    assert client.get(f"/data/stories/{copy['id']}.json").status_code == 404
    assert act(client, f"{copy['id']}/restore") == {"id": copy["id"]}
    act(client, f"{copy['id']}/delete")


@pytest.mark.parametrize("what", ["new", "a/save", "a/add", "a/copy", "a/delete", "a/restore"])
def test_other_sites_cannot_change_stories(client, what):
    assert client.post(f"/act/stories/{what}", data="{}").status_code == 403


def test_too_much_and_nonsense_are_refused(client, story):
    for steps in ("x", [1], {"a": 1}):
        assert "refused" in act(client, "new", title="Ours", steps=steps)
    assert "at most 100" in act(client, "new", title="x", steps=[{"address": "/"}] * 101)["refused"]
    assert "needs a title" in act(client, "new")["refused"]


def test_stories_are_listed_and_each_has_a_page(client, inside, story):
    page = callbacks.show_page({"page": "stories", "path": "/stories"})
    assert "Ours" in words(page)
    assert "2 steps" in words(page)
    one = callbacks.show_page({"page": "story", "path": story["edit"], "story": story["id"]})
    assert "story-steps" in ids(one)
    gone = callbacks.show_page({"page": "story", "path": "/stories/x", "story": "x"})
    assert "no story 'x'" in words(gone)


def test_an_address_that_names_another_story_is_of_this_one_now():
    step = Step("/runs/a/class/0?set=1,2&story=b&step=4&present=il&q=a%26b", "", "ofiv")
    address = view_address(Story("mine", "Ours", (step,)), 0)
    assert address == "/runs/a/class/0?set=1,2&q=a%26b&story=mine&step=1&present=ofiv"
