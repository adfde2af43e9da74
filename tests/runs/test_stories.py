import json
import os
import stat

import pytest

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.runs import stories
from deepresolve_dash.runs.stories import StoryNotFound, StoryRefused, StoryStore
from deepresolve_dash.runs.story import MOST_STEPS, Step, is_own_address, read_steps

FIRST, SECOND = Step("/runs/a/class/0?channel=3", "One", "fiv"), Step("/", "Two")


@pytest.fixture
def store(tmp_path):
    return StoryStore(tmp_path / "stories")


def test_a_story_is_kept_and_read_back(store):
    made = store.create("  What we\tfound ", [FIRST, SECOND])
    kept = StoryStore(store.folder).open(made.id)
    assert (kept.title, kept.steps, kept.revision) == ("What we found", (FIRST, SECOND), 1)
    assert [one.id for one in store.stories()] == [made.id]
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700


def test_a_change_makes_a_revision_and_an_old_one_is_refused(store):
    made = store.create("Ours", [FIRST, SECOND])
    changed = store.save(made.id, 1, "Ours", [SECOND, FIRST])
    assert (changed.revision, changed.steps) == (2, (SECOND, FIRST))
    with pytest.raises(StoryRefused, match="Somebody has changed this story"):
        store.save(made.id, 1, "Theirs", [])
    assert store.open(made.id) == changed


def test_a_step_is_added_to_what_others_have_changed(store):
    made = store.create("Ours")
    store.save(made.id, 1, "Renamed", [FIRST])
    added = store.add(made.id, SECOND)
    assert (added.title, added.steps) == ("Renamed", (FIRST, SECOND))


def test_a_story_is_deleted_and_comes_back(store):
    made = store.create("Ours", [FIRST])
    store.delete(made.id)
    assert store.stories() == []
    with pytest.raises(StoryNotFound, match="no story"):
        store.open(made.id)
    assert store.restore(made.id).steps == (FIRST,)
    with pytest.raises(StoryNotFound, match="in the bin"):
        store.restore(made.id)


def test_what_lies_in_the_bin_for_long_is_removed(store):
    old, new = store.create("Old"), store.create("New")
    store.delete(old.id)
    os.utime(store.folder / ".bin" / f"{old.id}.json", (0, 0))
    store.delete(new.id)
    assert [path.stem for path in (store.folder / ".bin").iterdir()] == [new.id]


@pytest.mark.parametrize("story_id", ["../x", "..", "", "a/b", "A", ".bin", "x" * 41, "nothing"])
def test_an_id_that_is_none_names_no_file(store, story_id):
    store.create("Ours")
    for use in (store.open, store.delete, store.restore, store.copy):
        with pytest.raises(StoryNotFound):
            use(story_id)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/", "//example.org/x", "javascript:alert(1)", "/\\example.org",
        "runs/a", "", "/a b", "/a\nb", "/\t/example.org", "data:text/html,x", " /", "/\u2028",
        "\\\\x",
    ],
)  # fmt: skip
def test_addresses_of_elsewhere_are_refused(store, address):
    assert not is_own_address(address)
    with pytest.raises(SettingsError, match="view of this dashboard"):
        store.create("Ours", [Step(address)])


@pytest.mark.parametrize("address", ["/", "/runs/a/class/0-x?set=1,2&channel=3", "/stories/a"])
def test_addresses_of_our_pages_are_taken(address):
    assert is_own_address(address)


@pytest.mark.parametrize(
    ("title", "steps"),
    [
        ("", []),
        (" \t ", []),
        ("x" * 121, []),
        ("Ours", [Step("/", "x" * 501)]),
        ("Ours", [Step("/" + "x" * 2000)]),
        ("Ours", [Step("/", panel="<img>")]),
        ("Ours", [SECOND] * (MOST_STEPS + 1)),
    ],
)
def test_what_is_too_long_or_strange_is_refused(store, title, steps):
    with pytest.raises(SettingsError):
        store.create(title, steps)
    assert store.stories() == []


def test_hostile_words_are_kept_as_they_are(store):
    words = "<img onerror=alert(1)> \"quotes\" 'and' 🧬"
    made = store.create(words, [Step("/", words)])
    assert (store.open(made.id).title, store.open(made.id).steps[0].caption) == (words, words)


def test_half_a_character_does_not_break_the_file(store):
    assert store.open(store.create("a\ud800b").id).title == "a?b"


def test_there_are_not_more_stories_than_fit(store, monkeypatch):
    monkeypatch.setattr(stories, "MOST_STORIES", 1)
    store.create("One")
    with pytest.raises(StoryRefused, match="already"):
        store.create("Two")


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"title": "x"}', '{"title": "x", "steps": [{"address": "//x"}]}', "\xff"]
)
def test_a_damaged_file_is_passed_over(store, text):
    made = store.create("Ours")
    (store.folder / "broken.json").write_text(text, encoding="latin-1")
    assert [one.id for one in store.stories()] == [made.id]
    with pytest.raises(StoryNotFound):
        store.open("broken")


@pytest.mark.parametrize("values", [None, "x", {}, [1], [[]]])
def test_steps_that_are_none_are_refused(values):
    with pytest.raises(SettingsError, match="not the steps"):
        read_steps(values)


@pytest.fixture
def shipped(tmp_path):
    told, runs = tmp_path / "told", tmp_path / "runs"
    (runs / "demo").mkdir(parents=True)
    told.mkdir()
    (runs / "demo" / "run.json").write_text(json.dumps({"id": "abc1"}))
    for name in ("demo", "without-run"):
        story = {"title": name, "steps": [{"address": "/runs/{run}/class/0", "panel": "il"}]}
        (told / f"{name}.json").write_text(json.dumps(story))
    return StoryStore(tmp_path / "stories", shipped=told, runs=runs)


def test_a_shipped_story_is_about_the_run_that_is_here(shipped):
    (story,) = shipped.stories()
    assert story == shipped.open("demo")
    assert (story.run, story.steps) == ("abc1", (Step("/runs/abc1/class/0", "", "il"),))


def test_a_shipped_story_stays_and_its_copy_can_be_changed(shipped):
    for use in (lambda: shipped.save("demo", 1, "x", []), lambda: shipped.delete("demo")):
        with pytest.raises(StoryRefused, match="stays as it is"):
            use()
    copy = shipped.copy("demo")
    assert (copy.title, copy.shipped) == ("demo (copy)", False)
    assert shipped.add(copy.id, SECOND).steps[-1] == SECOND
    assert [story.id for story in shipped.stories()] == [copy.id, "demo"]
