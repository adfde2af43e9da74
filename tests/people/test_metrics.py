"""Who may read the figures for monitors."""

import pytest

from deepresolve_dash.pages import who
from deepresolve_dash.people.attempts import MOST_BY_ADDRESS
from tests.people.conftest import PASSWORD, logged_in, served, visitor

HERE = "127.0.0.1"


def asks(client, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.get("/metrics", headers=headers)


@pytest.mark.parametrize("names", [False, True])
@pytest.mark.parametrize("address", [HERE, "127.0.0.9", "::1", "::ffff:127.0.0.1"])
def test_a_monitor_of_this_machine_needs_no_password(server, people, names, address):
    if names:
        people.users.add("ann", PASSWORD)
    answer = asks(visitor(server, REMOTE_ADDR=address))
    assert answer.status_code == 200
    assert "deepresolve_runs" in answer.text


def test_one_elsewhere_sends_the_token(server, people):
    token, client = people.new_token(), visitor(server)
    assert asks(client).status_code == 401
    assert "Bearer TOKEN" in asks(client).text
    assert asks(client, "guessed").status_code == 401
    assert asks(client, token).status_code == 200
    assert client.get("/feed", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_the_token_cannot_be_guessed_there(server, people):
    token, client = people.new_token(), visitor(server)
    for _ in range(MOST_BY_ADDRESS):
        assert asks(client, "guessed").status_code == 401
    assert asks(client, token).status_code == 403
    assert "Wait" in asks(client, token).text


def test_with_names_whoever_may_look_is_in(server, people):
    people.users.add("root", PASSWORD)
    people.users.add("vi", PASSWORD, "viewer")
    token = people.new_token()
    assert asks(visitor(server), token).status_code == 401
    assert asks(logged_in(server, "vi")).status_code == 200


def test_a_proxy_that_is_not_trusted_does_not_make_others_of_this_machine(server):
    client = visitor(server, REMOTE_ADDR=HERE, HTTP_X_FORWARDED_FOR="10.1.2.3")
    assert asks(client).status_code == 401


def test_a_trusted_proxy_says_for_whom_it_asks(tmp_path):
    with served(tmp_path, proxies=HERE) as server:
        server.extensions[who.NAME].people.users.add("ann", PASSWORD)
        through = {"REMOTE_ADDR": HERE, "HTTP_X_FORWARDED_FOR": "10.1.2.3"}
        assert asks(visitor(server, **through)).status_code == 401
        assert asks(visitor(server, **through | {"HTTP_X_FORWARDED_FOR": HERE})).status_code == 200
        assert asks(visitor(server, REMOTE_ADDR=HERE)).status_code == 200  # as nginx.conf has it
