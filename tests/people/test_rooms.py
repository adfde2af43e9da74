"""Files on their way are counted: several at once share what one user may keep."""

import io
import json
import subprocess
import sys
import threading
from urllib.parse import urlencode

import pytest

from deepresolve_dash.pages import quota
from deepresolve_dash.people.owners import LABELS
from deepresolve_dash.people.rooms import Rooms
from tests.generated_runs import tiny_run
from tests.people.conftest import PASSWORD, logged_in, served

OWN = {"X-DeepResolve": "1"}
FASTA = b">a\nACGTACGT\n"


class Full(Exception):
    pass


def most(limit, n_bytes):
    def check(coming):
        if coming + n_bytes > limit:
            raise Full(coming)

    return check


def test_of_many_at_once_as_many_pass_as_there_is_room_for(tmp_path):
    passed, refused = [], []
    at_once, done = threading.Barrier(8), threading.Barrier(8)

    def send():
        at_once.wait()
        try:
            with Rooms(tmp_path).kept("ann", 30, most(100, 30)):
                passed.append(1)
                done.wait()
        except Full:
            refused.append(1)
            done.wait()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(passed), len(refused)) == (3, 5)
    with Rooms(tmp_path).kept("ann", 100, most(100, 100)):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [".rooms.lock"]


def test_what_others_send_takes_no_room(tmp_path):
    with Rooms(tmp_path).kept("ann", 90, most(100, 90)):
        with Rooms(tmp_path).kept("bob", 90, most(100, 90)):
            pass
        with pytest.raises(Full), Rooms(tmp_path).kept("ann", 20, most(100, 20)):
            pass


def test_a_killed_process_keeps_no_room(tmp_path):
    code = (
        "import os, sys; from deepresolve_dash.people.rooms import Rooms\n"
        "with Rooms(sys.argv[1]).kept('ann', 90, print): os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], check=False)  # noqa: S603
    assert len(list(tmp_path.glob(".room-*"))) == 1
    with Rooms(tmp_path).kept("ann", 90, most(100, 90)):
        pass
    assert not list(tmp_path.glob(".room-*"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    state = tmp_path_factory.mktemp("state")
    with served(state, quota_mb=1) as made:
        made.run = tiny_run(state / "runs")
        yield made


class Slow:
    """What a slow sender sends: its bytes come when they are let go."""

    def __init__(self, content):
        self._bytes = io.BytesIO(content)
        self.begun, self.go = threading.Event(), threading.Event()

    def read(self, *args):
        self.begun.set()
        self.go.wait(10)
        return self._bytes.read(*args)


def send(client, content, stream=None):
    query = urlencode({"files": json.dumps([("a.fa", len(content))])})
    own = {"wsgi.input": stream} if stream else {}
    return client.post(
        f"/upload/sequences?{query}", data=content, headers=OWN, environ_overrides=own
    )


def test_two_uploads_of_one_user_do_not_both_pass(server, people):
    people.users.add("ann", PASSWORD)
    people.users.add("bob", PASSWORD)
    large = b">a\n" + b"ACGT" * 150_000 + b"\n"
    first, slow, told = logged_in(server, "ann"), Slow(large), []
    thread = threading.Thread(target=lambda: told.append(send(first, large, stream=slow).json))
    thread.start()
    assert slow.begun.wait(10)
    second = send(logged_in(server, "ann"), large).json
    assert "more are on their way" in second["refused"]
    assert "value" in send(logged_in(server, "bob"), FASTA).json
    slow.go.set()
    thread.join()
    assert "value" in told[0], told
    assert "You keep" in send(logged_in(server, "ann"), large).json["refused"]


def test_labels_of_a_finished_run_count_until_they_are_removed(server, people):
    people.users.add("root", PASSWORD)
    client, run = logged_in(server, "root"), server.run
    names = [str(name) for name in run.summary.target_name.values]
    lines = ["\t".join(names)] + [
        "\t".join(str((i >> k) & 1) for k in range(len(names))) for i in range(40)
    ]
    address = f"/act/runs/{run.id}/labels"
    answer = client.post(f"{address}/add?name=l.tsv", data="\n".join(lines), headers=OWN)
    assert "says" in answer.json, answer.json
    context = server.extensions["deepresolve"]
    size = context.labels.size(run.id)
    assert size > 0
    with server.test_request_context("/"):
        assert people.owners.of(LABELS, run.id) == "root"
        assert people.owners.used("root", quota._is_there) == size
        client.post(f"{address}/add?name=l.tsv", data="\n".join(lines), headers=OWN)
        assert people.owners.used("root", quota._is_there) == size
        client.post(f"{address}/remove", headers=OWN)
        assert people.owners.used("root", quota._is_there) == 0


def test_a_label_file_on_its_way_is_counted(server, people, monkeypatch):
    people.users.add("root", PASSWORD)
    people.owners.add("input", "x", "root", 2**20 - 100)
    monkeypatch.setattr(quota, "_is_there", lambda *_: True)
    answer = logged_in(server, "root").post(
        f"/act/runs/{server.run.id}/labels/add?name=l.tsv", data="a" * 200, headers=OWN
    )
    assert "the most for one user" in answer.json["refused"]
