"""Whom a proxy names and nobody has added: a role of the settings, and removed ones stay away."""

import pytest

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.pages import who
from deepresolve_dash.settings import read_settings
from tests.commands import call
from tests.people.conftest import PASSWORD, served, visitor

PROXY = {"proxies": "10.0.0.1", "user_header": "X-Remote-User"}
OWN = {"X-DeepResolve": "1"}


def named(server, name):
    return visitor(server, REMOTE_ADDR="10.0.0.1", HTTP_X_REMOTE_USER=name)


@pytest.fixture
def lab(tmp_path):
    with served(tmp_path, **PROXY) as server:
        users = server.extensions[who.NAME].people.users
        users.add("root", PASSWORD)
        yield server, users


@pytest.mark.parametrize(
    ("role", "looks", "changes"),
    [("none", 401, 401), ("viewer", 200, 403), ("member", 200, 200)],
)
def test_unknown_names_have_the_role_of_the_settings(tmp_path, role, looks, changes):
    with served(tmp_path, **PROXY, sso_role=role) as server:
        server.extensions[who.NAME].people.users.add("root", PASSWORD)
        client = named(server, "Ann@lab.org")
        assert client.get("/feed").status_code == looks
        made = client.post("/act/stories/new", json={"title": "x"}, headers=OWN)
        assert made.status_code == changes
        root = named(server, "root")
        assert root.post("/act/queue/paused", headers=OWN).status_code == 200


def test_by_default_they_look_and_change_nothing(lab):
    server, _ = lab
    client = named(server, "ann")
    assert client.get("/feed").status_code == 200
    answer = client.post("/act/stories/new", json={"title": "x"}, headers=OWN)
    assert answer.status_code == 403
    assert "not for a viewer" in answer.text


def test_a_setting_that_is_no_role_is_named(monkeypatch):
    monkeypatch.setenv("DRD_SSO_ROLE", "admin")
    with pytest.raises(SettingsError, match="DRD_SSO_ROLE"):
        read_settings()


def test_whoever_is_removed_stays_away_until_added_again(lab):
    server, users = lab
    users.add("ann", PASSWORD)
    client = named(server, "ann")
    assert client.get("/feed").status_code == 200
    assert users.get("ann").seen  # though no password was asked for
    users.remove("ann")
    assert client.get("/feed").status_code == 401
    assert client.get("/").location.startswith("/login")
    page = client.get("/login").text
    assert "You are ann here, and that name may not use this dashboard" in page
    assert "<form" not in page
    users.add("ann", PASSWORD, "viewer")
    assert client.get("/feed").status_code == 200


def test_a_name_that_was_never_added_can_be_shut_out_from_the_shell(lab, tmp_path):
    server, users = lab
    client = named(server, "eve")
    assert client.get("/feed").status_code == 200
    told = {"DRD_STATE": tmp_path, "DRD_USER_HEADER": "X-Remote-User"}
    assert "no user 'eve'" in call("user", "remove", "eve", DRD_STATE=tmp_path).error
    assert call("user", "remove", "eve", **told).code == 0
    assert client.get("/feed").status_code == 401
    assert "eve" in call("user", "list", **told).error
    assert users.removed() == {"eve"}


def test_a_link_shows_what_it_shows_to_those_without_a_role_too(lab):
    server, users = lab
    users.shut_out("eve")
    links = server.extensions[who.NAME].people.links
    _, token = links.create("Tiny", ["a"], user="root")
    client = named(server, "eve")
    assert client.get(f"/share/{token}").location == "/runs/a"
    assert client.get("/feed").status_code == 200
    assert client.get("/data/models/a/classes.json").status_code == 403
