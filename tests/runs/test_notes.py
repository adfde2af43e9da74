import os
import sqlite3
import stat
import subprocess
import sys

import pytest

from deepresolve_dash.errors import DiskFull, SettingsError
from deepresolve_dash.runs import backup, tidy
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.note import LONGEST, Thing, checked_text, read_thing
from deepresolve_dash.runs.notes import NOTES, NoteNotFound, NoteRefused, NoteStore

RUN, OTHER = "0123456789abcdef", "fedcba9876543210"
CHANNEL = Thing("channel", "12")
SEEN = f"/runs/{RUN}/class/0?channel=12"


class Clock:
    now = 1000.0

    def __call__(self):
        self.now += 1
        return self.now


@pytest.fixture
def store(tmp_path):
    return NoteStore(tmp_path / "state", Clock())


def test_a_note_is_kept_and_read_back_by_another_store(store):
    assert store.of(RUN) == []
    assert not store.path.exists()  # looking makes nothing
    made = store.add(RUN, CHANNEL, "  Looks like\tGATA \r\n twice\x00 ", "ann", SEEN)
    (kept,) = NoteStore(store.path.parent).of(RUN)
    assert kept == made
    assert (kept.text, kept.writer, kept.address) == ("Looks like GATA\n twice", "ann", SEEN)
    assert not kept.is_star
    assert store.of(OTHER) == []
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700


def test_a_change_makes_a_revision_and_an_old_one_is_refused(store):
    made = store.add(RUN, CHANNEL, "One", "ann")
    changed = store.edit(RUN, made.id, 1, "Two")
    assert (changed.text, changed.revision, changed.written) == ("Two", 2, made.written)
    assert changed.changed > made.changed
    with pytest.raises(NoteRefused, match="Somebody has changed this note meanwhile"):
        store.edit(RUN, made.id, 1, "Three")
    assert store.of(RUN) == [changed]
    with pytest.raises(NoteNotFound):
        store.edit(OTHER, made.id, 2, "Of another run")


def test_a_deleted_note_comes_back_within_a_week(store):
    made = store.add(RUN, CHANNEL, "One", "ann")
    other = store.add(RUN, CHANNEL, "Two", "bob")
    store.delete(RUN, made.id)
    assert store.of(RUN) == [other]
    with pytest.raises(NoteNotFound, match="not here any more"):
        store.delete(RUN, made.id)
    assert store.restore(RUN, made.id) == made
    store.delete(RUN, made.id)
    store._clock.now += 8 * 86400
    store.delete(RUN, other.id)
    with pytest.raises(NoteNotFound):
        store.restore(RUN, made.id)
    assert store.restore(RUN, other.id) == other


def test_each_has_one_star_on_a_thing(store):
    assert store.star(RUN, CHANNEL, "ann", on=True, address=SEEN)
    assert not store.star(RUN, CHANNEL, "ann", on=True)
    assert store.star(RUN, CHANNEL, "bob", on=True)
    assert store.star(RUN, Thing("class", "12"), "ann", on=True)
    assert [one.writer for one in store.of(RUN) if one.is_star] == ["ann", "bob", "ann"]
    assert store.star(RUN, CHANNEL, "ann", on=False)
    assert not store.star(RUN, CHANNEL, "ann", on=False)
    assert [(one.writer, one.thing.kind) for one in store.of(RUN)] == [
        ("bob", "channel"), ("ann", "class"),
    ]  # fmt: skip
    star = store.of(RUN)[0]
    with pytest.raises(NoteRefused, match="no text"):
        store.edit(RUN, star.id, 1, "Words")
    store.delete(RUN, star.id)
    assert store.runs() == {RUN: 1}


def test_what_cannot_be_noted_is_refused_in_words(store, monkeypatch):
    for text, said in (
        ("", "empty"),
        (" \n\t", "empty"),
        ("x" * (LONGEST + 1), "2,001 characters"),
    ):
        with pytest.raises(SettingsError, match=said):
            store.add(RUN, CHANNEL, text, "ann")
    assert len(checked_text("x" * LONGEST)) == LONGEST
    assert checked_text("\ud800 a\u2028b") == "? a b"
    monkeypatch.setattr("deepresolve_dash.runs.notes.MOST_NOTES", 2)
    for _ in range(2):
        store.add(RUN, CHANNEL, "One", "ann")
    with pytest.raises(NoteRefused, match="2 notes already"):
        store.star(RUN, CHANNEL, "ann", on=True)
    store.add(OTHER, CHANNEL, "One", "ann")


def test_a_note_is_about_something_of_the_run():
    assert read_thing(RUN, "channel", "007") == Thing("channel", "7")
    assert read_thing(RUN, "pair", "17,3") == Thing("pair", "3,17")
    assert read_thing(RUN, "pair", "17,3").numbers == (3, 17)
    assert read_thing(RUN, "view", SEEN).name == SEEN
    assert read_thing(RUN, "view", f"/compare?runs={OTHER},{RUN}").numbers == ()
    for kind, thing in (
        ("channel", "-1"), ("channel", ""), ("class", "1e3"), ("pair", "3,3"), ("pair", "3"),
        ("view", "//elsewhere.org/runs/" + RUN), ("view", "https://elsewhere.org/" + RUN),
        ("view", f"/runs/{OTHER}/class/0"), ("view", f"/runs/{RUN}0/class/0"), ("view", "/"),
        ("view", f"/runs/{RUN}?" + "x" * 2000), ("story", "1"), (None, "1"), (["class"], "1"),
    ):  # fmt: skip
        with pytest.raises(SettingsError):
            read_thing(RUN, kind, thing)


def test_two_processes_write_at_once(store):
    code = (
        "import sys; from pathlib import Path\n"
        "from deepresolve_dash.runs.notes import NoteStore; from deepresolve_dash.runs.note import"
        " Thing\n"
        "for k in range(20):\n"
        "    NoteStore(Path(sys.argv[1])).add('r', Thing('class', str(k)), 'x', sys.argv[2])"
    )
    command = [sys.executable, "-c", code, str(store.path.parent)]
    writers = [subprocess.Popen([*command, name]) for name in ("ann", "bob")]  # noqa: S603
    assert [one.wait(timeout=60) for one in writers] == [0, 0]
    assert sorted(one.writer for one in store.of("r")) == ["ann"] * 20 + ["bob"] * 20


def test_a_full_disk_keeps_what_was_there(store, monkeypatch):
    made = store.add(RUN, CHANNEL, "One", "ann")
    connect = store._connect

    def full():
        connection = connect()
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(store, "_connect", full)

    def write_until_it_is_full():
        for _ in range(40):
            store.add(RUN, CHANNEL, "x" * LONGEST, "ann")

    with pytest.raises(DiskFull, match="The disk is full"):
        write_until_it_is_full()
    monkeypatch.undo()
    assert store.of(RUN)[0] == made


def test_a_backup_holds_the_notes(store, tmp_path):
    state = store.path.parent
    made = store.add(RUN, CHANNEL, "One", "ann")
    (state / "runs").mkdir()
    backup.back_up(state, tmp_path / "copy")
    backup.take_back(tmp_path / "copy", tmp_path / "again")
    assert NoteStore(tmp_path / "again").of(RUN) == [made]


def test_notes_go_with_a_run_that_leaves_the_bin_for_good(store):
    state = store.path.parent
    ledger = Ledger(state / LEDGER)
    for run in (RUN, OTHER):
        store.add(run, CHANNEL, "One", "ann")
        (state / "bin" / run).mkdir(parents=True)
    os.utime(state / "bin" / RUN, (0, 0))
    tidy.tidy(state, ledger)
    assert store.runs() == {OTHER: 1}  # which can be taken back still
    ledger.close()


def test_a_file_of_another_kind_is_not_written_over(store):
    store.path.parent.mkdir()
    store.path.write_bytes(b"not a database, but somebody's" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        store.of(RUN)
    assert store.path.name == NOTES
    assert store.path.read_bytes().startswith(b"not a database")
