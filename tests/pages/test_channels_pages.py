"""The table of channels, the page of a channel and what they ask the server for."""

import json
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from plotly.utils import PlotlyJSONEncoder

from app import make_app
from deepresolve_dash.demos.provide import provide_demos
from deepresolve_dash.motifs.databases import jaspar_database
from deepresolve_dash.motifs.faces import face, sites
from deepresolve_dash.pages import channel_page, channels_page, motif_routes
from deepresolve_dash.pages.called import called
from deepresolve_dash.pages.context import open_run
from deepresolve_dash.runs import service as of_service
from deepresolve_dash.runs.motif_question import ask_motifs
from deepresolve_dash.runs.store import RunStore
from deepresolve_dash.settings import Settings

PANEL, OTHER = "d4672e7cf88995e3", "cb4c9bc5323fb6d9"
OWN = {"X-DeepResolve": "1"}


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """A dashboard over the shipped demos."""
    state = tmp_path_factory.mktemp("shown")
    app = make_app(Settings(state=state, free_mb=0))
    yield app
    app.server.extensions["deepresolve"].cache.close()


@pytest.fixture
def client(shown):
    return shown.server.test_client()


@pytest.fixture(scope="module")
def seen(shown):
    """Run, faces and matches of the panel."""
    from app import DEMOS

    run, store = RunStore([DEMOS]).open(PANEL), shown.server.extensions["deepresolve"].service
    question = ask_motifs(run)
    return (
        run,
        store.motifs.faces(question),
        store.motifs.matches(question, jaspar_database()),
    )


def strict(client, address):
    answer = client.get(f"/data/{PANEL}/{address}")
    assert answer.status_code == 200, answer.text
    return json.loads(answer.data, parse_constant=lambda name: pytest.fail(name))


def test_the_table_tells_each_channel_of_the_class_that_is_asked_for(client, seen):
    run, faces, _ = seen
    told = strict(client, "channels/table.json?target=28")
    ofiv = run.summary.ofiv.sel(regime="importance", target=28).values
    assert told["ofiv"] == pytest.approx(ofiv.tolist())
    assert [told["channel"][told["rank"].index(1)], told["face"]] == [ofiv.argmax(), "activation"]
    assert sorted(told["rank"]) == list(range(1, 65))
    assert told["maximum"] == pytest.approx(faces["activation_max"].values.tolist())
    twelve = told["channel"].index(12)
    assert told["match"][twelve] == ["POU2F2", "MA0507.3"]
    together = sum(x for x, one in zip(ofiv, told["family"], strict=True) if one == 12)
    assert told["family_ofiv"][twelve] == pytest.approx(together)
    assert told["members"][twelve] == told["family"].count(12) == 4


def test_only_significant_matches_give_a_name_and_dead_channels_have_none(client):
    told = strict(client, "channels/table.json?target=28&face=filter")
    assert told["face"] == "filter"
    for name, q, dead in zip(told["called"], told["q_value"], told["dead"], strict=True):
        assert not (dead and name)
        assert q is None or q > 0.05 or name
    assert None in told["called"]
    assert sum(told["dead"]) == 4


def test_logos_are_the_matrices_of_the_face(client, seen):
    run, faces, _ = seen
    for name in ("filter", "ascent"):
        raw = client.get(f"/data/{PANEL}/channels/logos-{name}.u8").data
        told = np.frombuffer(raw, np.uint8).reshape(64, -1, 4) / 255
        assert told[12] == pytest.approx(face(faces, 12, name).matrix, abs=1 / 500)
    assert client.get(f"/data/{PANEL}/channels/logos-none.u8").status_code == 404
    assert run.offsets == 15


def test_artefacts_are_flagged_where_the_activation_is_known(client, seen):
    told = strict(client, "channels/table.json?target=3")
    assert told["artefact"] == [False] * 64
    _, faces, _ = seen
    mine = faces["positive_activation"].values[3]
    assert told["activity"]["positive"] == pytest.approx(mine.tolist())
    unlabelled = strict(client, "channels/table.json?target=3&source=random")
    assert "activity" not in unlabelled  # nobody has looked


def test_a_channel_is_shown_at_any_threshold(client, seen):
    _, faces, _ = seen
    told = strict(client, "channel/12/all.json?target=28")
    assert told["called"] == "POU2F2"
    assert (told["field"], told["pooled"]) == (15, 26)
    assert [one["face"] for one in told["logos"]] == ["filter", "activation", "ascent"]
    hit = told["logos"][1]["matches"][0]
    assert (hit["name"], hit["strand"], hit["overlap"]) == ("POU2F2", "+", 13)
    assert told["ranks"][28] == 1
    assert {one["channel"] for one in told["relatives"]["members"]} == {12, 25, 40, 46}
    assert told["relatives"]["ofiv"] == pytest.approx(
        sum(one["ofiv"] for one in told["relatives"]["members"])
    )
    usual = told["activation"]
    assert usual["percent"] == pytest.approx(50)
    higher = strict(client, "channel/12/activation.json?threshold=90")
    limit = 0.9 * float(faces["activation_max"].values[12])
    assert higher["n_sites"] == len(sites(faces, 12, threshold=limit)) < usual["n_sites"]
    assert sum(higher["counts"]) == higher["n_sites"]
    assert [row["value"] for row in higher["pile"]] == sorted(
        (row["value"] for row in higher["pile"]), reverse=True
    )
    assert "TATGCAAAT" in higher["pile"][0]["letters"]


def test_an_ascent_is_shown_with_more_or_less_left_out(client, seen):
    _, faces, _ = seen
    usual = strict(client, "channel/12/all.json?target=28")["logos"][2]
    assert (usual["face"], usual["facet"]) == ("ascent", 0)
    (same,) = strict(client, "channel/12/ascent.json")["logos"]
    assert same == {"facet": 0, "matrix": usual["matrix"]}
    told = {
        floor: strict(client, f"channel/12/ascent.json?floor={floor}") for floor in (0, 60, 400)
    }
    bits = [
        2 + np.log2(np.maximum(np.array(one["logos"][0]["matrix"]), 1e-9)) for one in told.values()
    ]
    blank = [int((np.ptp(one, axis=1) < 1e-6).sum()) for one in bits]
    assert blank == sorted(blank)
    assert blank[0] < blank[2]
    assert told[400]["percent"] == 100
    sixty = face(faces, 12, "ascent", threshold=0.6).matrix
    assert np.array(told[60]["logos"][0]["matrix"]) == pytest.approx(sixty, abs=1e-5)
    drawn = [
        client.get(f"/data/{PANEL}/channel/12/logo.svg?face=ascent&threshold={floor}").data
        for floor in (25, 60)
    ]
    assert drawn[0] != drawn[1]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("channel/64/all.json", "no channel 64"),
        ("channel/64/ascent.json", "no channel 64"),
        ("channel/12/ascent.json?source=random", "not been looked at"),
        ("channel/12/all.json?target=99", "no class 99"),
        ("channel/12/activation.json?source=random", "not been looked at"),
        ("channel/12/logo.gif?face=filter", "no logos as"),
        ("channel/12/logo.svg?face=<b>", "no face"),
        ("channels/table.json?database=JASPAR2026,CORE,mice", "no database"),
        ("channels/table.json?source=mine", "no sequences"),
        (f"channels/table.json?source={'0' * 64}", "no sequences"),
        (f"channels/table.json?database={'0' * 64}", "no database"),
        ("motifs/exe", "no file"),
        ("motifs/meme?source=random", "not been looked at"),
        ("motifs/bed?face=x", "no file"),
    ],
)
def test_what_there_is_not_is_said_in_a_sentence(client, address, says):
    answer = client.get(f"/data/{PANEL}/{address}")
    assert answer.status_code == 404
    assert says in answer.text


def test_what_the_browser_has_is_not_sent_again(client):
    for address in ("channels/table.json?target=5", "channel/3/all.json?target=5"):
        first = client.get(f"/data/{PANEL}/{address}")
        again = client.get(
            f"/data/{PANEL}/{address}", headers={"If-None-Match": first.headers["ETag"]}
        )
        assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "file_format", ["meme", "jaspar", "transfac", "homer", "tomtom", "bed", "tsv"]
)
def test_files_are_those_of_the_command(client, seen, file_format):
    from deepresolve_dash.exports.motif_tables import file_text

    run, faces, matches = seen
    answer = client.get(f"/data/{PANEL}/motifs/{file_format}")
    wanted = file_text(faces, matches, file_format, layer=run.info["spec"]["layer"])
    assert answer.data == wanted.encode()
    assert "attachment" in answer.headers["Content-Disposition"]


def test_a_logo_for_print_has_its_letters_and_words(client):
    answer = client.get(f"/data/{PANEL}/channel/12/logo.svg?face=activation&threshold=80")
    words = [one.text for one in ElementTree.fromstring(answer.data).iter() if one.text]
    assert any("channel 12, activation" in word for word in words)
    assert client.get(f"/data/{PANEL}/channel/12/logo.pdf?face=filter").data[:5] == b"%PDF-"


def test_names_are_the_same_on_every_page(shown, client):
    with shown.server.test_request_context():
        names = called(open_run(PANEL))
        assert channels_page.description(open_run(PANEL))["called"] == names
        assert channel_page.page(open_run(PANEL), 12).to_plotly_json()
    assert names["12"] == "POU2F2"
    table = strict(client, "channels/table.json?target=0")
    assert {str(k): name for k, name in enumerate(table["called"]) if name} == names
    found = client.get(f"/data/{PANEL}/search.json").json["channels"]
    assert found[12][1].startswith("POU2F2 ")
    steps = [
        {"address": f"/runs/{PANEL}/{page}"}
        for page in ("channel/12?class=3", "channel/0", "channels")
    ]
    story = {"title": "Channels", "steps": [*steps, {"address": "/runs/gone/channel/12"}]}
    made = client.post("/act/stories/new", data=json.dumps(story), headers=OWN).json
    assert [one["motif"] for one in made["steps"]] == ["POU2F2", names.get("0"), None, None]
    compared = client.get(f"/data/compare/about.json?runs={PANEL},{OTHER}").json
    assert compared["looked"] == [True, True]


def test_a_look_is_asked_for_followed_and_cancelled(shown, client, monkeypatch):
    monkeypatch.setattr(of_service, "ensure_runner", lambda _: None)
    service = shown.server.extensions["deepresolve"].service
    assert strict(client, "motifs.json")["stage"] == "done"
    refused = client.post(f"/act/runs/{PANEL}/motifs", json={"source": "random"}, headers=OWN)
    assert "not among the models" in refused.json["refused"]
    provide_demos(service.models, service.inputs)
    assert strict(client, "motifs.json?source=random")["stage"] == "empty"
    asked = client.post(f"/act/runs/{PANEL}/motifs", json={"source": "random"}, headers=OWN).json
    told = strict(client, "motifs.json?source=random")
    assert (told["stage"], told["id"]) == ("busy", asked["id"])
    row = client.get("/feed").json["rows"][0]
    assert row["href"] == f"/runs/{PANEL}/channels"
    client.post(f"/act/runs/{asked['id']}/cancel", headers=OWN)
    assert strict(client, "motifs.json?source=random")["stage"] == "empty"
    client.post(f"/act/runs/{PANEL}/motifs", json={"source": "random"}, headers=OWN)
    service.ledger.fail(asked["id"], None, "No memory.")
    assert strict(client, "motifs.json?source=random")["why"] == "The look failed: No memory."
    service.ledger.close()
    assert client.post(f"/act/runs/{PANEL}/motifs", json={}).status_code == 403


def test_a_database_is_another_question(shown):
    with shown.server.test_request_context():
        usual = motif_routes.read_database("")
        other = motif_routes.read_database("JASPAR2016,CORE,vertebrates")
    assert usual == jaspar_database()
    assert other == replace(usual, release="JASPAR2016")


def meme(n, *, alphabet="ACGT"):
    rows = "\n".join(["0.7 0.1 0.1 0.1", "0.1 0.7 0.1 0.1"])
    motifs = [f"MOTIF m{i} TF{i}\nletter-probability matrix: w= 2\n{rows}\n" for i in range(n)]
    return "\n".join([f"MEME version 5\n\nALPHABET= {alphabet}\n", *motifs]).encode()


def send(client, content, name="lab.meme"):
    files = json.dumps([[name, len(content)]])
    return client.post(
        "/upload/motifs", query_string={"files": files}, data=content, headers=OWN
    ).json


def offered(shown, choice):
    """Values and words that a choice on the page of channels offers."""
    with shown.server.test_request_context():
        page = channels_page.page(open_run(PANEL)).to_plotly_json()
    plain = json.loads(json.dumps(page, cls=PlotlyJSONEncoder))
    lists = [one for one in walk(plain) if one.get("data-choice") == choice]
    return {one["value"]: one["children"] for one in walk(lists[0]) if "value" in one}


def walk(part):
    """All properties of a component and of those inside it."""
    if isinstance(part, list):
        for one in part:
            yield from walk(one)
    elif isinstance(part, dict):
        properties = part.get("props", part)
        yield properties
        yield from walk(properties.get("children"))


def test_a_motif_file_is_kept_once_and_offered_again(shown, client):
    first = send(client, meme(26))
    assert first["label"] == "lab.meme · 26 motifs"
    assert send(client, meme(26), "again.meme")["database"] == first["database"]
    assert send(client, meme(25), "other.meme")["database"] != first["database"]
    words = offered(shown, "database")
    assert words[first["database"]] == "again.meme · 26 motifs"
    assert words[""] == "JASPAR 2026 CORE vertebrates"
    with shown.server.test_request_context():
        database = motif_routes.read_database(first["database"])
        assert len(motif_routes.context().service.motifs.motifs(database)) == 26


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "'MEME version'"),
        (b">s\nACGT\n", "'MEME version'"),
        (b"\x89PNG\xff\xfe", "not a text file"),
        (meme(0), "no motif in it"),
        (meme(3), "holds 3 motifs: p-values need 25"),
        (meme(26, alphabet="ACDEFGH"), "alphabet is not ACGT"),
        (meme(25) + meme(1), "'m0' is there twice"),
        (meme(26).replace(b"0.7", b"0.9", 1), "four probabilities"),
        (meme(26)[:-12], "four probabilities"),
    ],
)
def test_a_file_that_is_no_motif_file_is_refused_in_a_sentence(shown, client, content, says):
    before = offered(shown, "database")
    said = send(client, content, "../my <b>.meme")["refused"]
    assert says in said
    assert said.startswith("my <b>.meme ")
    assert "\n" not in said
    assert offered(shown, "database") == before


def test_other_sequences_and_motifs_are_another_look(shown, client, tmp_path, monkeypatch):
    monkeypatch.setattr(of_service, "ensure_runner", lambda _: None)
    service = shown.server.extensions["deepresolve"].service
    provide_demos(service.models, service.inputs)
    fasta = tmp_path / "mine.fa"
    fasta.write_text(">a\n" + "ACGT" * 50 + "\n")
    stored = service.inputs.add_sequences(fasta, "mine.fa")
    assert offered(shown, "source")[stored.hash] == "mine.fa · 1 sequence"
    values = {"source": stored.hash, "database": send(client, meme(26))["database"]}
    looks = [values, {"source": stored.hash}, {"database": values["database"]}]
    asked = [client.post(f"/act/runs/{PANEL}/motifs", json=one, headers=OWN).json for one in looks]
    assert len({one["id"] for one in asked}) == 3
    request = service.ledger.get(asked[0]["id"]).request
    question = request["question"]
    assert (question["sequences"], question["labels"]) == (stored.hash, None)
    assert request["database"]["file_hash"] == values["database"]
    known = client.get(f"/data/{PANEL}/motifs.json", query_string=values).json
    assert (known["stage"], known["seen"]) == ("busy", False)
    faces = client.get(f"/data/{PANEL}/motifs.json", query_string=looks[2]).json
    assert faces["seen"]  # only names are missing
    for one in asked:
        client.post(f"/act/runs/{one['id']}/cancel", headers=OWN)
    service.ledger.close()
