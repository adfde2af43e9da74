import socket

import pytest
from flask import Flask

from deepresolve_dash.pages.hosts import guard
from deepresolve_dash.settings import Settings


def status(name, **settings):
    server = Flask("x")
    server.before_request(guard(Settings(**settings)))
    server.add_url_rule("/", view_func=lambda: "here")
    return server.test_client().get("/", headers={"Host": name}).status_code


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8050", "127.0.0.1:8050", "[::1]:8050", "LOCALHOST"]
)
def test_this_machine_is_always_answered(host):
    assert status(host) == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8050", "10.0.0.7", "localhost.x"])
def test_a_foreign_name_is_turned_away(host):
    assert status(host) == 403


def test_names_of_the_setting_are_answered():
    assert status("dash.lab.org", hosts="x.org, Dash.lab.org") == 200
    assert status("10.0.0.7:8050", host="10.0.0.7") == 200


def test_on_all_interfaces_addresses_are_answered_and_foreign_names_are_not():
    for host in ("10.0.0.7:8050", "[fe80::1]", socket.gethostname()):
        assert status(host, host="0.0.0.0") == 200  # noqa: S104
    assert status("evil.example", host="0.0.0.0") == 403  # noqa: S104


def test_the_dashboard_looks_at_the_name(client):
    assert client.get("/feed", headers={"Host": "evil.example"}).status_code == 403
    assert client.get("/feed").status_code == 200
