import json

import pytest

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.pages.needs import CALLBACK, LOOKING, TABLE, row_of
from deepresolve_dash.pages.proxies import read_networks
from deepresolve_dash.people.roles import Need
from tests.people.conftest import (
    FREE,
    PASSWORD,
    callback,
    logged_in,
    requests_of,
    served,
    visitor,
)  # fmt: skip


def test_each_row_of_the_table_is_about_a_route(server):
    rules = [(rule.rule, rule.methods) for rule in server.url_map.iter_rules()]
    unused = [
        row.rule
        for row in TABLE
        if not any(
            row.fits(rule, looks=method in LOOKING) for rule, methods in rules for method in methods
        )
    ]
    assert unused == []


def test_nobody_gets_nothing_but_the_log_in_page(server):
    client = visitor(server)
    passed = set()
    for rule, method, path in requests_of(server):
        answer = client.open(path, method=method)
        if answer.status_code not in (401, 302):
            passed.add(rule)
        if answer.status_code == 302:
            assert answer.location.startswith("/login"), path
    assert {rule for rule in passed if not rule.startswith("/bundle/")} <= FREE
    assert any(rule.startswith("/bundle/") for rule in passed)


def test_what_is_not_in_the_table_needs_the_most_of_its_kind():
    assert row_of("GET", "/something/new").need == Need.SEE
    assert row_of("POST", "/something/new").need == Need.CHANGE
    assert row_of("DELETE", "/data/<run_id>/all.json").need == Need.CHANGE
    assert row_of("POST", None).need == Need.CHANGE
    assert row_of("POST", "/_dash-update-component", output="new-started.data").need == Need.CHANGE
    assert row_of("POST", "/_dash-update-component", output="page.children").need == Need.LOOK


def test_a_viewer_sees_everything_and_changes_nothing(server, people):
    people.users.add("root", PASSWORD)
    people.users.add("vi", PASSWORD, "viewer")
    client = logged_in(server, "vi")
    for rule, method, path in requests_of(server):
        if rule in FREE or rule.startswith("/bundle/") or rule == CALLBACK:
            continue
        row = row_of(method, rule)
        answer = client.open(path, method=method, headers={"X-DeepResolve": "1"})
        forbidden = answer.status_code == 403
        assert forbidden == (row.need > Need.SEE), (method, path)
        if method != "GET" and rule != "/act/probe":
            assert forbidden, path
    assert client.get("/feed").status_code == 200
    assert callback(client, START, [None]).status_code == 403
    assert "Results" in callback(client, "page.children", [{"page": "gallery"}]).text
    form = callback(client, "page.children", [{"page": "new"}]).text
    assert "An admin of this dashboard can make you a member." in form
    assert "new-trials" not in form


START = "new-wanted.data"


def test_the_token_lets_in_once_it_is_right(server, people):
    token = people.new_token()
    client = visitor(server)
    assert client.get("/feed").status_code == 401
    assert client.get("/?token=forged").location == "/login?next=%2F&why=token"
    assert "not the token" in client.get("/login?why=token").text
    answer = client.get(f"/runs/ab/class/1?channel=3&token={token}")
    assert answer.location == "/runs/ab/class/1?channel=3"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert client.get("/feed").status_code == 200
    people.new_token()
    assert client.get("/feed").status_code == 401


def test_the_token_is_no_way_in_when_there_are_names(server, people):
    token = people.new_token()
    client = visitor(server)
    assert client.post("/login", data={"token": token}).status_code == 302
    assert client.get("/feed").status_code == 200
    people.users.add("ann", PASSWORD)
    assert client.get("/feed").status_code == 401
    client.get(f"/?token={token}")
    assert client.get("/feed").status_code == 401
    assert client.post("/login", data={"token": token}).status_code == 403


def test_a_session_ends_with_the_user(server, people):
    people.users.add("root", PASSWORD)
    people.users.add("ann", PASSWORD)
    for end in (
        lambda: people.users.reset("ann", PASSWORD),
        lambda: people.users.set_role("ann", "member"),
        lambda: people.users.remove("ann"),
    ):
        client = logged_in(server, "ann")
        assert client.get("/feed").status_code == 200
        end()
        assert client.get("/feed").status_code == 401


def test_a_forged_cookie_is_nobodys(server, people):
    people.users.add("ann", PASSWORD)
    client = logged_in(server, "ann")
    name = server.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name, domain="dash.lab").value
    other = visitor(server)
    for value in (cookie[:-2] + "xx", "x", "", "e30.x.y", "é"):
        other.set_cookie(name, value, domain="dash.lab")
        assert other.get("/feed").status_code == 401
    other.set_cookie(name, cookie, domain="dash.lab")
    assert other.get("/feed").status_code == 200


def test_logging_out_ends_the_session(server, people):
    people.users.add("ann", PASSWORD)
    client = logged_in(server, "ann")
    assert client.post("/logout").location == "/login"
    assert client.get("/feed").status_code == 401
    assert [line["what"] for line in people.audit.tail(2)] == ["log out", "log in"]


def test_a_wrong_password_is_counted_and_written_down(server, people):
    people.users.add("ann", PASSWORD)
    client = visitor(server)
    for _ in range(10):
        answer = client.post("/login", data={"name": "Ann", "password": "wrong"})
        assert answer.status_code == 403
    assert "Name or password is wrong" in answer.text
    assert client.post("/login", data={"name": "ann", "password": PASSWORD}).status_code == 429
    line = people.audit.tail(1)[0]
    assert (line["user"], line["address"], line["right"]) == ("ann", "10.1.2.3", False)


def test_the_log_in_page_leads_on_and_never_elsewhere(server, people):
    people.users.add("ann", PASSWORD)
    for place, leads in {
        "/runs/ab/class/1?channel=3": "/runs/ab/class/1?channel=3",
        "https://evil.example/": "/", "//evil.example/": "/", "/\\evil.example": "/", "x": "/",
        "/a\nb": "/", "": "/", "//[": "/",
    }.items():  # fmt: skip
        told = {"name": "ann", "password": PASSWORD, "next": place}
        assert visitor(server).post("/login", data=told).location == leads
    page = visitor(server).get("/login?next=%22%3E%3Cscript%3E&why=<b>").text
    assert "<script" not in page
    assert "<b>" not in page


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://["},
        {"Origin": "http://dash.lab:81"}, {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)  # fmt: skip
def test_what_another_site_sends_is_not_followed(server, people, headers):
    people.users.add("ann", PASSWORD)
    client = logged_in(server, "ann")
    sent = headers | {"X-DeepResolve": "1"}
    for path in ("/act/models/ab/delete", "/upload/model", "/login", "/logout"):
        assert client.post(path, headers=sent).status_code == 403, path
    assert callback(client, "page.children", headers=headers).status_code == 403
    assert client.get("/feed", headers=headers).status_code == 200


def test_our_own_pages_are_followed(server, people):
    people.users.add("ann", PASSWORD)
    client = logged_in(server, "ann")
    own = {"Origin": "http://dash.lab", "Sec-Fetch-Site": "same-origin", "X-DeepResolve": "1"}
    answer = client.post("/act/models/ab/delete", headers=own)
    assert answer.status_code == 200
    assert "There is no model" in answer.json["refused"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b'{"x": 1}',
        b"\xff",
        b'{"output": "page.children"}',
        b'{"output": "x.y", "inputs": []}',
        b'{"output": []}',
        b"[" * 100_000,
        b'{"output": "page.children", "inputs": [{}]}',
        b'{"output": "page.children", "inputs": 1}',
    ],
)
def test_a_callback_that_cannot_be_read_is_refused_in_a_sentence(server, people, body):
    people.users.add("ann", PASSWORD)
    client = logged_in(server, "ann")
    answer = client.post("/_dash-update-component", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.text == "This request cannot be read."


def test_a_callback_that_is_too_large_is_refused(server, people):
    people.users.add("ann", PASSWORD)
    answer = logged_in(server, "ann").post("/_dash-update-component", data=b" " * (4 * 2**20 + 1))
    assert answer.status_code == 413


def test_this_machine_alone_is_asked_nothing_until_somebody_has_a_name(tmp_path):
    with served(tmp_path, host="127.0.0.1") as server:
        here = visitor(server, host="localhost", REMOTE_ADDR="127.0.0.1")
        far = visitor(server, host="localhost")
        assert here.get("/feed").status_code == 200
        assert here.get("/login").location == "/"
        assert not (tmp_path / "people.db").exists()
        assert far.get("/feed").status_code == 401
        assert "its own machine alone" in far.get("/login").text
        server.extensions["deepresolve-people"].people.users.add("ann", PASSWORD)
        assert here.get("/feed").status_code == 401


@pytest.mark.parametrize("settings", [{"hosts": "dash.lab"}, {"proxies": "127.0.0.1"}])
def test_a_server_behind_a_proxy_asks_for_the_token(tmp_path, settings):
    with served(tmp_path, host="127.0.0.1", **settings) as server:
        client = visitor(server, host="localhost", REMOTE_ADDR="127.0.0.1")
        assert client.get("/feed").status_code == 401
    with served(tmp_path, host="127.0.0.1", auth="none", **settings) as server:
        client = visitor(server, host="localhost", REMOTE_ADDR="127.0.0.1")
        assert client.get("/feed").status_code == 200


def test_asking_nobody_lets_nobody_in_whom_a_proxy_brings_from_elsewhere(tmp_path):
    with served(tmp_path, host="127.0.0.1", auth="none", proxies="127.0.0.1") as server:
        brought = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "8.8.8.8"}
        far = visitor(server, host="localhost", **brought)
        assert far.get("/data/people.json").status_code == 401
        assert "its own machine alone" in far.get("/login").text


def test_asking_nobody_is_for_this_machine_alone(tmp_path):
    with pytest.raises(SettingsError, match="--no-auth"), served(tmp_path, auth="none"):
        pass


def test_a_trusted_proxy_names_whoever_is_in(tmp_path):
    asked = {"proxies": "10.0.0.1, 10.9.0.0/16", "user_header": "X-Remote-User"}
    with served(tmp_path, **asked) as server:
        users = server.extensions["deepresolve-people"].people.users
        users.add("root", PASSWORD)
        users.add("vi", PASSWORD, "viewer")
        named = {"HTTP_X_REMOTE_USER": "Ann@lab.org"}
        assert visitor(server, REMOTE_ADDR="10.9.1.1", **named).get("/feed").status_code == 200
        assert visitor(server, REMOTE_ADDR="10.8.1.1", **named).get("/feed").status_code == 401
        assert visitor(server, REMOTE_ADDR="10.0.0.1").get("/feed").status_code == 401
        odd = {"HTTP_X_REMOTE_USER": "a, b"}
        assert visitor(server, REMOTE_ADDR="10.0.0.1", **odd).get("/feed").status_code == 401
        viewer = visitor(server, REMOTE_ADDR="10.0.0.1", HTTP_X_REMOTE_USER="vi")
        assert viewer.post("/act/models/ab/delete").status_code == 403


def test_only_a_trusted_proxy_is_believed_about_the_request(tmp_path):
    told = {
        "HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_HOST": "dash.lab",
        "HTTP_X_FORWARDED_FOR": "192.0.2.7", "host": "127.0.0.1:8050",
    }  # fmt: skip
    with served(tmp_path, proxies="10.0.0.1") as server:
        people = server.extensions["deepresolve-people"].people
        people.users.add("ann", PASSWORD)
        sent = {"data": {"name": "ann", "password": PASSWORD}}
        answer = visitor(server, **told).post("/login", **sent)
        assert "Secure" not in answer.headers["Set-Cookie"]
        foreign = told | {"host": "evil.example"}
        assert visitor(server, **foreign).post("/login", **sent).status_code == 403
        answer = visitor(server, REMOTE_ADDR="10.0.0.1", **told).post("/login", **sent)
        assert "Secure" in answer.headers["Set-Cookie"]
        assert people.audit.tail(1)[0]["address"] == "192.0.2.7"


@pytest.mark.parametrize(
    ("passed_on", "told", "status"),
    [
        ("dash.lab", "dash.lab", 200),
        ("dash.lab:443", None, 200),
        ("127.0.0.1:8050", "dash.lab", 200),
        ("evil.example", "dash.lab", 403),
        ("dash.lab", "evil.example", 403),
        ("evil.example", None, 403),
    ],
)
def test_behind_a_proxy_no_other_site_takes_our_name(tmp_path, passed_on, told, status):
    sent = {"host": passed_on} | ({"HTTP_X_FORWARDED_HOST": told} if told else {})
    with served(tmp_path, proxies="10.0.0.1") as server:
        answer = visitor(server, REMOTE_ADDR="10.0.0.1", **sent).get("/login")
        assert answer.status_code == status
        assert ("evil.example" in answer.text) == (status == 403)


def test_a_proxy_that_is_no_address_is_named():
    with pytest.raises(SettingsError, match="'proxy.lab'"):
        read_networks("10.0.0.1, proxy.lab")


def test_every_answer_has_the_headers_and_no_script_but_ours(server, people):
    people.users.add("ann", PASSWORD)
    client = logged_in(server, "ann")
    for path in ("/", "/feed", "/login", "/nowhere", "/data/nowhere/run.json"):
        told = client.get(path).headers
        policy = dict(
            part.strip().split(" ", 1) for part in told["Content-Security-Policy"].split(";")
        )
        assert "unsafe" not in policy["script-src"]
        assert policy["frame-ancestors"] == "'none'"
        assert all(part.startswith("'") for part in policy["script-src"].split())
        assert told["X-Content-Type-Options"] == "nosniff"
        assert told["Referrer-Policy"] == "same-origin"


def test_what_was_done_is_written_down(server, people):
    people.users.add("ann", PASSWORD)
    client = logged_in(server, "ann")
    client.post("/act/models/0123/delete", headers={"X-DeepResolve": "1"})
    client.post("/act/probe/ready", headers={"X-DeepResolve": "1"})
    client.get("/feed")
    lines = [json.loads(line) for line in people.audit.path.read_text().splitlines()]
    assert [line["what"] for line in lines] == ["log in", "models delete"]
    about = lines[1]
    assert (about["user"], about["address"], about["model_id"]) == ("ann", "10.1.2.3", "0123")
    assert "There is no model" in about["refused"]
