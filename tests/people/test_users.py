import json
import sqlite3
import stat
import threading
from contextlib import closing

import pytest

from deepresolve_dash.people import attempts, schema
from deepresolve_dash.people.audit import N_KEPT, Audit
from deepresolve_dash.people.people import People
from deepresolve_dash.people.schema import PEOPLE, PeopleRefused

PASSWORD = "correct horse battery"


@pytest.fixture
def people(tmp_path):
    return People(tmp_path / "state")


def test_looking_makes_no_file(people, tmp_path):
    assert (people.users.any(), people.users.all(), people.users.get("ann")) == (False, [], None)
    assert (people.token_epoch(), people.is_token(""), people.links.all()) == ("", False, [])
    assert not (tmp_path / "state").exists()


def test_the_file_is_for_its_owner_and_holds_no_password(people, tmp_path):
    people.users.add("Ann", PASSWORD)
    token = people.new_token()
    path = tmp_path / "state" / PEOPLE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert PASSWORD.encode() not in path.read_bytes()
    assert token.encode() not in path.read_bytes()
    assert b"$argon2id$" in path.read_bytes()


def test_the_first_user_is_an_admin_and_logs_in_under_any_case(people):
    assert people.users.add("Ann", PASSWORD).role == "admin"
    assert people.users.add("bob", PASSWORD).role == "member"
    assert people.users.add("cy", PASSWORD, "viewer").role == "viewer"
    assert people.users.log_in(" ANN ", PASSWORD) == people.users.get("ann")
    assert people.users.get("ann").seen
    assert people.users.log_in("ann", PASSWORD + "x") is None
    assert people.users.log_in("dan", PASSWORD) is None
    assert people.users.log_in("ann", "x" * 100_000) is None


def test_a_reset_ends_what_was_before(people):
    before = people.users.add("ann", PASSWORD)
    after = people.users.reset("ann", PASSWORD + "!")
    assert before.epoch != after.epoch
    assert people.users.log_in("ann", PASSWORD) is None
    assert people.users.set_role("ann", "admin").epoch != after.epoch


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda users: users.add("a b", PASSWORD), "cannot be a user's name"),
        (lambda users: users.add("x" * 65, PASSWORD), "cannot be a user's name"),
        (lambda users: users.add("<b>", PASSWORD), "cannot be a user's name"),
        (lambda users: users.add("Anonymous", PASSWORD), "nobody in particular"),
        (lambda users: users.add("bob", "short"), "at least 10"),
        (lambda users: users.add("bob", PASSWORD, "king"), "no role 'king'"),
        (lambda users: users.add("ann", PASSWORD), "a user 'ann' already"),
        (lambda users: users.remove("bob"), "no user 'bob'"),
        (lambda users: users.remove("ann"), "the last user"),
        (lambda users: users.reset("bob", PASSWORD), "no user 'bob'"),
        (lambda users: users.set_role("ann", "king"), "no role 'king'"),
        (lambda users: users.set_role("ann", "member"), "the only admin"),
        (lambda users: users.shut_out("ann"), "is a user here"),
    ],
)
def test_a_mistake_is_a_sentence(people, act, says):
    people.users.add("ann", PASSWORD)
    with pytest.raises(PeopleRefused, match=says):
        act(people.users)
    assert [user.name for user in people.users.all()] == ["ann"]


def test_the_last_user_goes_when_it_is_meant(people):
    people.users.add("ann", PASSWORD)
    people.users.remove("ann", last=True)
    assert not people.users.any()


def test_an_admin_is_left_as_long_as_there_are_users(people):
    people.users.add("ann", PASSWORD)
    people.users.add("bob", PASSWORD)
    with pytest.raises(PeopleRefused, match="the only admin"):
        people.users.remove("ann")
    people.users.set_role("bob", "admin")
    people.users.set_role("ann", "viewer")
    with pytest.raises(PeopleRefused, match="the only admin"):
        people.users.set_role("bob", "viewer")
    people.users.remove("ann")
    assert people.users.removed() == {"ann"}
    people.users.add("Ann", PASSWORD)
    assert people.users.removed() == set()


def test_a_file_of_the_first_release_is_brought_up_and_a_newer_one_refused(tmp_path):
    with closing(sqlite3.connect(tmp_path / PEOPLE)) as file:
        for statement in filter(str.strip, schema._STEPS[0].split(";")):
            file.execute(statement)
        file.execute("INSERT INTO users VALUES ('ann', 'admin', 'x', 'y', 0, NULL)")
        file.execute("PRAGMA user_version = 1")
        file.commit()
    people = People(tmp_path)
    assert [user.name for user in people.users.all()] == ["ann"]
    people.users.shut_out("bob")
    assert people.users.removed() == {"bob"}
    with closing(sqlite3.connect(tmp_path / PEOPLE)) as file:
        file.execute("PRAGMA user_version = 99")
    with pytest.raises(PeopleRefused, match="newer version"):
        people.users.all()


def test_the_secret_is_one_for_all_processes(people, tmp_path):
    others = [People(tmp_path / "state") for _ in range(4)]
    found = []
    threads = [
        threading.Thread(target=lambda one=one: found.append(one.secret())) for one in others
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({*found, people.secret()}) == 1
    assert len(people.secret()) == 64


def test_a_new_token_ends_the_old_one(people):
    old = people.new_token()
    epoch = people.token_epoch()
    assert people.is_token(old)
    assert people.new_token("mine-" * 4) == "mine-" * 4
    assert not people.is_token(old)
    assert people.token_epoch() not in ("", epoch)


def test_guesses_are_counted_by_name_and_by_address(people, monkeypatch):
    for _ in range(attempts.MOST_BY_NAME):
        people.attempts.begin("ann", "10.0.0.1")
    with pytest.raises(PeopleRefused, match="Wait"):
        people.attempts.begin("ann", "10.0.0.2")
    people.attempts.begin("bob", "10.0.0.1")
    people.attempts.succeeded("bob", "10.0.0.1")
    for name in range(attempts.MOST_BY_ADDRESS - attempts.MOST_BY_NAME):
        people.attempts.begin(f"user{name}", "10.0.0.1")
    with pytest.raises(PeopleRefused, match="Wait"):
        people.attempts.begin("cy", "10.0.0.1")
    now = attempts.time.time()
    monkeypatch.setattr(attempts.time, "time", lambda: now + attempts.WINDOW_S + 1)
    people.attempts.begin("ann", "10.0.0.1")


def test_a_link_shows_what_it_was_made_for_until_it_ends(people):
    link, token = people.links.create("Tiny", ["b", "a"], user="ann", days=1)
    assert link.runs == ("a", "b")
    assert people.links.open(token).id == link.id
    assert people.links.get(link.id).opened
    assert people.links.open("forged") is None
    people.links.revoke(link.id)
    assert people.links.open(token) is None
    with pytest.raises(PeopleRefused, match="ended"):
        people.links.get(link.id)


def test_a_link_ends_by_itself(people, monkeypatch):
    from deepresolve_dash.people import links

    link, token = people.links.create("Tiny", ["a"], user="ann", days=1)
    now = links.time.time()
    monkeypatch.setattr(links.time, "time", lambda: now + 86_401)
    assert people.links.open(token) is None
    assert people.links.living(link.id) is None
    assert people.links.all() == []


@pytest.mark.parametrize(("runs", "days"), [([], 1), (["a"], 0), (["a"], 366)])
def test_a_link_without_sense_is_refused(people, runs, days):
    with pytest.raises(PeopleRefused):
        people.links.create("x", runs, user="ann", days=days)


def test_whoever_brought_a_thing_first_keeps_it(people):
    people.owners.add("model", "m", "ann", 10)
    people.owners.add("model", "m", "bob", 10)
    people.owners.add("input", "s", "ann", 5)
    assert people.owners.of("model", "m") == "ann"
    assert people.owners.of("model", "x") is None
    assert people.owners.used("ann", lambda kind, thing: True) == 15
    assert people.owners.used("ann", lambda kind, thing: kind == "input") == 5
    assert people.owners.used("bob", lambda kind, thing: True) == 0


def test_the_record_is_json_by_line_and_set_aside_when_it_has_grown(tmp_path):
    audit = Audit(tmp_path, largest=400)
    for n in range(40):
        audit.write("start run", user="ann", address="10.0.0.1", run=f"r{n}\nx", nothing=None)
    lines = [json.loads(line) for line in audit.path.read_text().splitlines()]
    assert lines[-1]["run"] == "r39\nx"
    assert lines[-1].keys() == {"time", "what", "user", "address", "run"}
    assert [line["run"] for line in audit.tail(2)] == ["r39\nx", "r38\nx"]
    kept = sorted(audit.path.parent.glob("audit.jsonl*"))
    assert len(kept) == N_KEPT
    assert all(path.stat().st_size <= 400 for path in kept)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in kept)
