import json
from pathlib import Path

import orjson
import pytest

import deepresolve_dash
from app import make_app
from deepresolve_dash.networks.sequences import read_fasta
from deepresolve_dash.pages import callbacks
from deepresolve_dash.pages.answers import OWN_HEADER
from deepresolve_dash.pages.context import context
from deepresolve_dash.settings import Settings

SHIPPED = Path(deepresolve_dash.__file__).parent / "demos" / "networks" / "synthetic-1"
LETTERS = "ACGTTGCAAC" * 30


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """A server with a model, and a folder for genomes that is not there yet."""
    state = tmp_path_factory.mktemp("state")
    made = make_app(Settings(state=state, genomes=state / "genomes"), demos=state / "no-demos")
    with made.server.test_request_context():
        context().models.provide(SHIPPED, "shipped")
    yield made
    made.server.extensions["deepresolve"].cache.close()


@pytest.fixture
def client(app):
    with app.server.test_client() as client:
        client.get("/upload/room")  # so that the context of the app can be looked into
        yield client


def send(client, text, name="peaks.bed", **more):
    query = {"files": json.dumps([[name, len(text)]]), **more}
    headers = {OWN_HEADER: "1"}
    return client.post("/upload/sequences", query_string=query, data=text, headers=headers).json


def test_regions_become_the_sequences_of_a_set(client):
    here = context()
    (model,) = here.models.models()
    length = model.card["input"]["length"]
    nothing = send(client, "chr1\t10\t12\n")["refused"]
    assert "no genome" in nothing
    assert "FASTA" in nothing
    assert here.inputs.list() == []

    folder = here.settings.genomes
    folder.mkdir()
    (folder / "toy.fa").write_text(f">chr1\n{LETTERS}\n")
    kept = send(client, "chr1\t10\t12\nchr1\t100\t250\n", model=model.id)
    assert [one["label"] for one in kept["options"]] == ["peaks.bed in toy · 2 sequences"]
    first, second = read_fasta(here.inputs.path(here.inputs.open(kept["value"])))
    start = 10 - (length - 2) // 2
    assert first == ("chr1:10-12", "N" * max(0, -start) + LETTERS[max(0, start) : start + length])
    assert second == ("chr1:100-250", LETTERS[100:250])

    refused = send(client, "chr1\t10\t12\nchr1\t290\t301\n", model=model.id)["refused"]
    assert "chr1:290-301 in line 2 ends outside" in refused
    broken = send(client, "chr1\tx\n")["refused"]
    assert broken.startswith("Line 1 of peaks.bed is ")
    (folder / "other.fa").write_text("nothing")
    assert "Choose the genome" in send(client, "chr1\t1\t2\n")["refused"]
    for sentence in (refused, broken, send(client, "chr1\t1\t2\n", genome="other.fa")["refused"]):
        assert str(folder.parent) not in sentence
    assert [one.hash for one in here.inputs.list()] == [kept["value"]]
    assert list((here.settings.state / "uploads").iterdir()) == []

    page = callbacks.show_page({"page": "new", "path": "/new", "model": model.id}).to_plotly_json()
    page = orjson.dumps(page, default=lambda part: part.to_plotly_json()).decode()
    assert "padded with N" in page
    assert "N counts 0.25" in page
    assert "toy.fa" in page
