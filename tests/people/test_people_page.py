"""The page of people: who may see it, what it shows, and what an admin changes there."""

import pytest

from deepresolve_dash.pages import people_routes, who
from deepresolve_dash.people.users import User
from deepresolve_dash.runs.usage import Usage
from deepresolve_dash.views import people as views
from tests.people.conftest import PASSWORD, callback, logged_in, served, visitor

OWN = {"X-DeepResolve": "1"}


@pytest.fixture
def ann(server, people):
    people.users.add("ann", PASSWORD)
    people.users.add("bob", PASSWORD)
    return logged_in(server, "ann")


def do(client, what, **values):
    return client.post(f"/act/people/{what}", json=values, headers=OWN).json


def page(client):
    return callback(client, "page.children", [{"page": "people", "path": "/people"}]).text


def test_only_an_admin_sees_the_page_and_its_link(server, ann):
    bob = logged_in(server, "bob")
    assert "This page is for the admins of this dashboard." in page(bob)
    assert "They are: ann." in page(bob)
    assert bob.get("/data/people.json").status_code == 403
    assert bob.get("/data/people/record.tsv").status_code == 403
    assert bob.post("/act/people/bob/role", json={"role": "admin"}, headers=OWN).status_code == 403
    assert '"data-tab":"people"' not in bob.get("/_dash-layout").text
    assert '"data-tab":"people"' in ann.get("/_dash-layout").text
    assert "people-record" in page(ann)


def test_a_user_is_added_with_a_password_that_is_shown_once(server, people, ann):
    told = do(ann, "add", name="Cy", role="viewer")
    assert (told["name"], told["role"]) == ("cy", "viewer")
    assert logged_in(server, "cy", told["password"]).get("/feed").status_code == 200
    assert told["password"] not in people.audit.path.read_text()
    line = next(line for line in people.audit.tail(5) if line["what"] == "people add")
    assert (line["user"], line["name"], line["role"]) == ("ann", "cy", "viewer")
    assert "a user 'cy' already" in do(ann, "add", name="cy", role="viewer")["refused"]
    assert "cannot be a user's name" in do(ann, "add", name="<b>", role="viewer")["refused"]
    assert "no role" in do(ann, "add", name="dan", role="king")["refused"]


def test_roles_passwords_and_removals(server, people, ann):
    bob = logged_in(server, "bob")
    assert do(ann, "bob/role", role="viewer") == {"name": "bob", "role": "viewer"}
    assert bob.get("/feed").status_code == 401
    password = do(ann, "bob/reset")["password"]
    assert logged_in(server, "bob", password).get("/feed").status_code == 200
    assert do(ann, "bob/remove") == {"name": "bob"}
    assert people.users.get("bob") is None
    assert "no user 'bob'" in do(ann, "bob/reset")["refused"]
    done = [line["what"] for line in people.audit.tail(6)]
    assert {"people role", "people reset", "people remove"} <= set(done)


def test_nobody_shuts_themselves_out_by_accident(people, ann):
    assert "This is you" in do(ann, "ann/role", role="viewer")["refused"]
    assert "This is you" in do(ann, "ANN/remove")["refused"]
    assert "the only admin" in do(ann, "ann/role", role="viewer", sure=True)["refused"]
    assert "the only admin" in do(ann, "ann/remove", sure=True)["refused"]
    people.users.remove("bob")
    assert "the last user" in do(ann, "ann/remove", sure=True)["refused"]
    people.users.add("bob", PASSWORD, "admin")
    assert do(ann, "ann/reset")["password"]
    assert ann.get("/feed").status_code == 200  # the session goes on
    assert do(ann, "ann/role", role="member", sure=True)["role"] == "member"
    assert ann.get("/feed").status_code == 401


def test_links_of_all_are_listed_and_revoked(server, people, ann):
    link, token = people.links.create("Tiny", ["a"], user="bob")
    (row,) = ann.get("/data/people.json").json["links"]
    assert (row["title"], row["user"], row["href"], row["opened"]) == (
        "Tiny", "bob", "/runs/a", None,
    )  # fmt: skip
    ann.post(f"/act/links/{link.id}/revoke", headers=OWN)
    assert ann.get("/data/people.json").json["links"] == []
    assert visitor(server).get(f"/share/{token}").status_code == 404


def test_the_record_is_filtered_and_paged(people, ann):
    for n in range(250):
        people.audit.write("start run", user=("cy", "dan")[n % 2], run=f"r{n}")
    people.audit.write("log in", user="ghost", right=False)
    told = ann.get("/data/people.json").json
    assert told["by"] == ["ann", "cy", "dan"]  # a ghost is nobody
    assert "start run" in told["what"]
    first = ann.get("/data/people/record.json?by=dan").json
    assert len(first["lines"]) == people_routes.PAGE
    assert (first["more"], first["lines"][0]["about"]) == (True, "run r249")
    second = ann.get("/data/people/record.json?by=dan&page=1").json
    assert (second["more"], len(second["lines"])) == (False, 25)
    last = ann.get("/data/people/record.json?what=log+in").json["lines"]
    assert [(line["user"], line["about"]) for line in last] == [
        ("ghost", "turned away"), ("ann", "let in"),
    ]  # fmt: skip
    for odd in ("page=-1", "page=x", "by=%00&what=" + "x" * 400):
        assert ann.get(f"/data/people/record.json?{odd}").status_code == 200


def test_the_table_of_the_record_holds_nothing_that_computes(people, ann):
    people.audit.write("log in", user='=cmd|" /C calc"', address="10.0.0.9", right=False)
    people.audit.write("start run", user="cy", title="a\tb\nc")
    answer = ann.get("/data/people/record.tsv")
    assert "record.tsv" in answer.headers["Content-Disposition"]
    lines = answer.text.splitlines()
    assert lines[0] == "time\tuser\twhat\tabout\taddress"
    assert lines[1].split("\t")[1:4] == ["cy", "start run", "title a b c"]
    assert lines[2].split("\t")[1] == '\'=cmd|" /C calc"'
    assert all(line.count("\t") == 4 for line in lines)
    only = ann.get("/data/people/record.tsv?by=cy").text.splitlines()
    assert len(only) == 2


def test_the_older_files_of_the_record_are_read_as_well(tmp_path):
    from deepresolve_dash.people.audit import Audit

    audit = Audit(tmp_path, largest=400)
    for n in range(20):
        audit.write("start run", user="ann", run=f"r{n}")
    kept = [line["run"] for line in audit.lines(user="ann")]
    assert kept[:6] == [f"r{n}" for n in range(19, 13, -1)]
    assert list(audit.lines(user="bob")) == []
    audit.write('o"dd', user='a", "user": "b\\é')
    assert audit.kinds() == (['a", "user": "b\\é', "ann"], ['o"dd', "start run"])


def test_without_users_the_page_says_how_the_first_is_made(tmp_path):
    with served(tmp_path, host="127.0.0.1") as server:
        here = visitor(server, host="localhost", REMOTE_ADDR="127.0.0.1")
        assert "user add NAME" in page(here)
        assert tmp_path.name in page(here)
        assert "made on the server" in do(here, "add", name="ann", role="admin")["refused"]
        assert here.get("/data/people.json").json["users"] == []
        assert not server.extensions[who.NAME].people.users.any()
    with served(tmp_path, host="127.0.0.1", auth="none") as server:
        here = visitor(server, host="localhost", REMOTE_ADDR="127.0.0.1")
        assert "--no-auth" in page(here)


def test_the_token_leads_to_the_page_as_well(server, people):
    client = visitor(server)
    client.get(f"/?token={people.new_token()}")
    assert "whoever has the token" in page(client)


def test_whom_the_single_sign_on_knows_is_listed_and_shut_out(tmp_path):
    with served(tmp_path, proxies="10.0.0.1", user_header="X-Remote-User") as server:
        people = server.extensions[who.NAME].people
        people.users.add("ann", PASSWORD)
        people.owners.add("model", "m", "eve", 5)
        ann, eve = (
            visitor(server, REMOTE_ADDR="10.0.0.1", HTTP_X_REMOTE_USER=name)
            for name in ("ann", "eve")
        )
        assert "whoever else it names is a viewer" in page(ann)
        rows = {row["name"]: row for row in ann.get("/data/people.json").json["users"]}
        assert (rows["eve"]["kind"], rows["eve"]["role"]) == ("signed on", "viewer")
        assert eve.get("/feed").status_code == 200
        assert do(ann, "eve/remove") == {"name": "eve"}
        assert eve.get("/feed").status_code == 401
        rows = {row["name"]: row for row in ann.get("/data/people.json").json["users"]}
        assert rows["eve"]["kind"] == "removed"
        assert do(ann, "add", name="eve", role="member")["password"]
        assert eve.get("/feed").status_code == 200


def test_what_each_has_here_is_added_up():
    known = [User("ann", "admin", "x", 0.0, 5.0)]
    used = {"ann": Usage(3, 1, 2**20), "anonymous": Usage(1, 0, 0)}
    rows = views.users(known, ["gone"], used, {"old": 1024}, me="ann", signed_on="")
    assert [(row["name"], row["kind"]) for row in rows] == [
        ("ann", "user"), ("anonymous", "nobody"), ("gone", "removed"), ("old", "other"),
    ]  # fmt: skip
    assert (rows[0]["runs"], rows[0]["active"], rows[0]["results"]) == (3, 1, "1 MB")
    assert (rows[0]["me"], rows[3]["files"], rows[3]["role"]) == (True, "1 kB", "no user")
