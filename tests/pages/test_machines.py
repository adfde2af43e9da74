"""The machines on the queue page: who is there, what each does, letting one end."""

import json

import pytest

from deepresolve_dash.pages.answers import OWN_HEADER
from deepresolve_dash.pages.context import context
from deepresolve_dash.runs.machines import Machine
from deepresolve_dash.views import machines

pytestmark = pytest.mark.usefixtures("read_here")
OWNER = "node7:12:abc"


def machine(**changes):
    told = {"owner": OWNER, "host": "node7", "device": "H100", "slot": "gpu-0@node7",
            "engine": "slurm", "since": 1000.0, "seen": 1090.0, "draining": False}  # fmt: skip
    return Machine(**(told | changes))


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "waits"),
        ({"run": "a1", "name": "mine"}, "computes"),
        ({"run": "a1", "draining": True}, "ends after this"),
        ({"draining": True}, "ends"),
        ({"seen": 1060.0}, "silent for 40 s"),
    ],
)
def test_what_a_machine_does_in_words(changes, state):
    found = machines.row(machine(**changes), 1100.0)
    assert (found["state"], found["since"], found["engine"]) == (state, "2 min", "SLURM")


def test_the_engine_in_words():
    told = {"engine": "slurm", "waiting": 1, "running": 3, "trouble": ""}
    assert machines.engine_words(told) == "SLURM: 1 job waits, 3 at work."
    assert machines.engine_words(None) == ""


def test_a_machine_is_listed_and_ends_when_it_is_told(client, inside):
    ledger = context().service.ledger
    assert client.get("/data/machines.json").json["shown"] is False
    ledger.greet(OWNER, "node7", "<b>GPU</b>", "gpu-0@node7")
    told = client.get("/data/machines.json").json
    assert [row["owner"] for row in told["rows"]] == [OWNER]
    for what, ends in (("drain", True), ("keep", False), ("drain", True)):
        said = client.post(f"/act/machines/{OWNER}/{what}", headers={OWN_HEADER: "1"})
        assert json.loads(said.data) == {"owner": OWNER}
        assert ledger.machines()[0].draining is ends
    assert ledger.greet(OWNER, "node7", "GPU", "gpu-0@node7") is True
    ledger.part_with(OWNER)
    assert client.get("/data/machines.json").json["rows"] == []
