import contextlib
import io
import json
import os
from urllib.parse import urlencode

import pytest

from deepresolve_dash.networks.formats.snippet import SNIPPET
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.pages import callbacks, uploads
from deepresolve_dash.pages.answers import OWN_HEADER
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.uploads import UploadError, receive, safe_name
from deepresolve_dash.runs.class_table import change, from_names
from tests.networks.stacks import one_convolution
from tests.networks.test_doctor import filters, stack
from tests.networks.test_heads import two_heads
from tests.pages.test_pages import ids, words

pytestmark = pytest.mark.usefixtures("read_here")

OURS = {OWN_HEADER: "1"}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("network")
    save_network(one_convolution(), folder)
    return [(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]


@pytest.fixture
def model(client, files):
    """A model that came in through the browser's route."""
    return send_files(client, files, name="mine")["id"]


def send_files(client, files, *, name="", told=None, headers=OURS):
    told = [(name, len(content)) for name, content in files] if told is None else told
    query = urlencode({"name": name, "files": json.dumps(told)})
    body = b"".join(content for _, content in files)
    answer = client.post(f"/upload/model?{query}", data=body, headers=headers)
    return answer.json if answer.status_code == 200 else answer.status_code


def act(client, path, **values):
    return client.post(f"/act/models/{path}", data=json.dumps(values), headers=OURS).json


def test_an_uploaded_model_has_a_card_and_stands_in_the_list(client, inside, model):
    page = callbacks.show_page({"page": "models", "path": "/models"})
    assert "mine" in words(page)
    card = callbacks.show_page({"page": "model", "path": "", "model": model})
    assert "advised" in words(card)
    assert "A convolution" not in words(card)
    stored = context().models.open(model)
    assert {file["name"] for file in stored.files} == {"net.json", "net.safetensors"}
    assert all(len(file["sha256"]) == 64 for file in stored.files)
    for layer in stored.card["layers"]:
        assert layer["name"] in words(card)
        assert (layer["why_not"] or layer["name"]) in words(card)


def test_names_that_are_sent_along_name_the_classes(client, inside, files):
    named = ("classes.txt", b"K562|CTCF|None\nHepG2|CTCF|None\n")
    sent = send_files(client, [*files, named])
    assert sent["name"] == "net"
    stored = context().models.open(sent["id"])
    assert [row.cell for row in stored.classes] == ["K562", "HepG2"]
    card = words(callbacks.show_page({"page": "model", "path": "", "model": sent["id"]}))
    assert "The classes are named by classes.txt." in card


def test_names_that_do_not_fit_are_said(client, inside, tmp_path):
    save_network(one_convolution(seed=8), tmp_path)
    (tmp_path / "classes.txt").write_text("one\n")
    files = [(path.name, path.read_bytes()) for path in sorted(tmp_path.iterdir())]
    unfit = send_files(client, files, name="unfit")
    card = words(callbacks.show_page({"page": "model", "path": "", "model": unfit["id"]}))
    assert "It has one name; the model has 2 classes." in card


def test_an_order_that_the_filters_tell_is_one_press_away(client, inside, tmp_path):
    kernel = filters()[:, ["CATG".index(base) for base in "ACGT"]]
    save_network(stack(kernel), tmp_path)
    files = [(path.name, path.read_bytes()) for path in sorted(tmp_path.iterdir())]
    model = send_files(client, files, name="odd")["id"]
    card = callbacks.show_page({"page": "model", "path": "", "model": model})
    (found,) = [one for one in context().models.open(model).card["findings"] if "Set" in one["fix"]]
    order = found["fix"].split()[4].rstrip(";")
    for said in ("parameters", "memory per sequence", found["what"]):
        assert said in words(card)
    assert f"Rows of the input are {', '.join(order)}" in str(card)
    act(client, f"{model}/correct", alphabet=order)
    corrected = next(one for one in context().models.models() if one.name == f"odd ({order})")
    assert f"The order of the bases is {', '.join(order)}." in {
        one["what"] for one in corrected.card["findings"] if one["fix"] == "Nothing to do."
    }


def test_nothing_of_an_upload_is_left_beside_the_model(client, model, state):
    kept = {path.name for path in (state / "models").iterdir()} - {".bin"}
    assert model in kept
    assert not [name for name in kept if name.startswith(".")]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("broken.h5", b"\x89HDF\r\n\x1a\nxxxx", "broken.h5 is not a readable HDF5 file"),
        ("notes.txt", b"dear diary", "notes.txt is not a model file"),
        ("empty.h5", b"", "empty.h5 is empty"),
        ("alone.json", b"{}", "alone.json has an architecture but no weights"),
        ("model.pkl", b"\x80\x04x", "not opened"),
    ],
)
def test_a_refused_file_gives_one_sentence_without_paths(client, state, name, content, said):
    refused = send_files(client, [(name, content)])["refused"]
    assert said in refused
    assert str(state) not in refused
    assert "--" not in refused


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([], "No file"),
        ("nonsense", "does not tell"),
        ([("a.h5", -1)], "larger than"),
        ([("a.h5", 2**60)], "larger than"),
        ([("a.h5", 1)] * 17, "17 files"),
        ([("a.h5", 5)], "stopped on its way"),
        ([("a.h5", 1)], "More arrived"),
        ([("a.h5", 1), ("b/a.h5", 1)], "Two of the files"),
    ],
)
def test_an_upload_that_is_not_as_announced_is_refused(client, told, said):
    assert said in send_files(client, [("a.h5", b"ab"), ("b", b"c")][:1], told=told)["refused"]


def test_a_refusal_that_needs_an_export_comes_with_the_lines_for_it(client):
    refused = send_files(client, [("model.pkl", b"\x80\x04x")])
    assert refused["refused"] == (
        "model.pkl is a Python pickle, which could run code: it is not opened. Export it where it "
        "was made: export_model.py does so, ten lines of Python."
    )
    lines = client.get(refused["href"])
    assert lines.get_data(as_text=True) == SNIPPET
    assert refused["file"] in lines.headers["Content-Disposition"]


def test_the_limit_holds_while_streaming_too(tmp_path):
    with pytest.raises(UploadError, match="More arrived"):
        receive(io.BytesIO(b"x" * 100), [("a", 100)], tmp_path, limit=60)
    assert (tmp_path / "a").stat().st_size == 60


def test_a_full_disk_is_said_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "KEEP_FREE", 2**60)
    with pytest.raises(UploadError, match="disk"):
        receive(io.BytesIO(b"x"), [("a", 1)], tmp_path, limit=60)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a.h5", "a.h5"),
        ("../../x.h5", "x.h5"),
        ("C:\\w\\y z.h5", "y_z.h5"),
        ("..", "file"),
        ("ß" * 90 + ".h5", "ß" * 58 + ".h5"),
    ],
)
def test_a_name_of_a_file_cannot_be_a_path(name, safe):
    assert safe_name(name) == safe


def test_a_page_of_another_site_can_change_nothing(client, model, files):
    assert send_files(client, files, headers={}) == 403
    assert client.post(f"/act/models/{model}/delete").status_code == 403
    assert client.get(f"/data/models/{model}/classes.json").status_code == 200


def test_a_model_is_renamed_deleted_and_taken_back(client, inside, model):
    assert act(client, f"{model}/rename", name=" other ") == {"name": "other"}
    assert "needs a name" in act(client, f"{model}/rename", name="")["refused"]
    assert act(client, f"{model}/delete") == {"id": model}
    assert "no model" in act(client, f"{model}/delete")["refused"]
    gone = callbacks.show_page({"page": "model", "path": "", "model": model})
    assert "There is no model" in words(gone)
    assert act(client, f"{model}/restore") == {"id": model}
    assert context().models.open(model).name == "other"


def test_a_class_is_named_where_it_stands(client, inside, model):
    table = act(client, f"{model}/class", index=1, field="name", value="K562|MAX|None")
    assert table["rows"][1]["cell"] == "K562"
    assert context().models.open(model).card["classes"][1] == "K562|MAX|None"
    text = client.get(f"/data/models/{model}/classes.tsv").get_data(as_text=True)
    assert act(client, f"{model}/classes", text=text) == table
    for wrong in ({"index": 99}, {"index": "1"}, {"index": 1, "field": "hash", "value": ""}):
        assert act(client, f"{model}/class", **{"field": "name", "value": "x"} | wrong)["refused"]
    assert "not a table" in act(client, f"{model}/classes", text="x")["refused"]


def test_a_correction_makes_another_model(client, model):
    other = act(client, f"{model}/correct", alphabet="AGCT")["id"]
    assert other != model
    assert act(client, f"{other}/delete") == {"id": other}
    assert "correction" in act(client, f"{model}/correct", class_names=["a"])["refused"]
    assert "correction" in act(client, f"{model}/correct")["refused"]


@pytest.mark.parametrize("text", [b"[1]", b"{", b'{"name": "' + b"x" * 2**23 + b'"}'])
def test_a_body_that_is_none_is_refused(client, model, text):
    answer = client.post(f"/act/models/{model}/rename", data=text, headers=OURS)
    assert "refused" in answer.json


def test_unknown_models_have_no_data(client):
    for name in ("classes.json", "classes.tsv"):
        assert client.get(f"/data/models/nothing/{name}").status_code == 404


def test_without_models_the_page_says_what_to_do(tmp_path):
    from app import make_app
    from deepresolve_dash.settings import Settings

    empty = make_app(Settings(state=tmp_path, upload_mb=3), demos=tmp_path / "none")
    with empty.server.test_request_context():
        page = callbacks.show_page({"page": "models", "path": "/models"})
        assert "No model here yet" in words(page)
        assert "3 MB at most" in words(page)
        assert "models" not in ids(page)
    empty.server.extensions["deepresolve"].cache.close()


def test_three_uploads_at_once_and_no_more(client, dashboard, files):
    assert client.get("/upload/room").json == {}
    query = f"/upload/model?{urlencode({'files': json.dumps([('a', 1)])})}"
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(
                dashboard.server.test_request_context(query, method="POST", data=b"x")
            )
            stack.enter_context(uploads.arriving(context().settings))
        assert "other uploads" in send_files(client, files)["refused"]
        assert "other uploads" in client.get("/upload/room").json["refused"]
    assert client.get("/upload/room").json == {}
    assert send_files(client, files, name="mine")["id"]


def test_sequences_have_a_limit_of_their_own(client):
    query = urlencode({"files": json.dumps([("a.fa", 2**28)])})
    answer = client.post(f"/upload/sequences?{query}", data=b"", headers=OURS).json
    assert "larger than 200 MB" in answer["refused"]


def test_what_killed_uploads_left_is_swept_away(tmp_path):
    old, new = tmp_path / "uploads" / "tmpold", tmp_path / "models" / ".intake-new"
    for folder in (old, new):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    uploads.sweep(tmp_path)
    assert not old.exists()
    assert new.exists()


def test_a_label_file_may_bear_the_names_given_on_the_card(client, inside, model):
    own = context().models.open(model).card["outputs"][0]["classes"]
    given = [f"experiment {index}" for index in range(len(own))]
    rows = [change(row, "name", name) for row, name in zip(from_names(own), given, strict=True)]
    context().models.describe_classes(model, rows)
    content = ("\t".join(given) + "\n" + "\t".join("1" for _ in given) + "\n").encode()
    query = urlencode({"model": model, "files": json.dumps([("labels.tsv", len(content))])})
    sent = client.post(f"/upload/labels?{query}", data=content, headers=OURS)
    stored = context().inputs.open(sent.json["value"])
    kept = context().inputs.path(stored).read_text()
    assert kept.splitlines()[0].split("\t") == (own if len(set(own)) == len(own) else ["0", "1"])


def test_the_network_is_drawn_with_what_a_run_costs(client, inside, model):
    drawn = client.get(f"/data/models/{model}/network.json").json
    card = context().models.open(model).card
    assert [layer["name"] for layer in drawn["layers"]] == [one["name"] for one in card["layers"]]
    assert len(drawn["lines"]) == len(drawn["boxes"]) - 1  # a chain
    assert (
        drawn["folded"] == 0
        or client.get(f"/data/models/{model}/network.json?drawn=whole").json["boxes"]
        != drawn["boxes"]
    )
    page = callbacks.show_page({"page": "model", "path": "", "model": model})
    assert "on this machine's" in words(page)
    assert client.get("/data/models/none/network.json").status_code == 404


def test_a_card_of_an_earlier_version_is_still_a_page(client, inside, model):
    path = context().models.open(model).folder / "card.json"
    kept = path.read_text()
    old = json.loads(kept)
    for layer in old["layers"]:
        del layer["from"], layer["weights"], layer["tail_macs"]
    path.write_text(json.dumps(old))
    drawn = client.get(f"/data/models/{model}/network.json").json
    page = callbacks.show_page({"page": "model", "path": "", "model": model})
    path.write_text(kept)
    assert "earlier version" in drawn["refused"]
    assert "advised" in words(page)


def test_what_can_be_chosen_stands_below_its_finding(client, inside, tmp_path):
    save_network(two_heads(), tmp_path)
    files = [(path.name, path.read_bytes()) for path in sorted(tmp_path.iterdir())]
    model = send_files(client, files, name="bpnet")["id"]
    card = callbacks.show_page({"page": "model", "path": "", "model": model})
    assert [(one["kind"], one["name"], one["value"], one["fits"]) for one in offered(card)] == [
        ("held", "control", "0", "one number; 2 or 29, along an axis; or all 58"),
        ("positions", "profile", "mean", "0 to 26"),
    ]
    for wrong, said in (
        ({"held": {"control": "x"}}, "'x', which is not a number. Give one number"),
        ({"positions": {"profile": "27"}}, "has the positions 0 to 26"),
        ({"held": {"control": 1}}, "not a correction"),
        ({"held": "control"}, "not a correction"),
        ({"flip_kernels": 1}, "not a correction"),
        ({"alphabet": None}, "not a correction"),
        ({"held": {"control": "0"}}, "read so already"),
    ):
        assert said in act(client, f"{model}/correct", **wrong)["refused"]
    other = act(client, f"{model}/correct", held={"control": "1"}, positions={"profile": "sum"})
    stored = context().models.open(other["id"])
    assert stored.name == "bpnet (control: 1, profile: sum)"
    card = callbacks.show_page({"page": "model", "path": "", "model": other["id"]})
    assert [one["value"] for one in offered(card)] == ["1", "sum"]
    assert "Make it anew" not in words(card)


def offered(page):
    """what the browser is told of the forms of a card"""
    told = [getattr(part, "data-choice", None) for part in page._traverse()]
    return [json.loads(text) for text in told if text]


def test_a_card_of_an_earlier_version_can_be_made_anew(client, inside, tmp_path):
    save_network(two_heads(last="sigmoid.default"), tmp_path)
    files = [(path.name, path.read_bytes()) for path in sorted(tmp_path.iterdir())]
    model = context().models.open(send_files(client, files, name="old")["id"])
    old = {
        key: value for key, value in model.card.items() if key not in ("card_version", "choices")
    }
    (model.folder / "card.json").write_text(json.dumps(old))
    page = callbacks.show_page({"page": "model", "path": "", "model": model.id})
    assert "Make it anew" in words(page)
    assert offered(page) == []
    assert act(client, f"{model.id}/again") == {"id": model.id}
    assert context().models.open(model.id).card == model.card
