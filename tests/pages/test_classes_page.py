import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest

from bench.make_run import make_run
from deepresolve_dash.pages import callbacks, classes_page, labels_routes
from deepresolve_dash.pages.classes_panels import matrices_panel, pair_panel, scatter_panel
from deepresolve_dash.pages.context import derived, open_run
from deepresolve_dash.pages.panel import help_text
from deepresolve_dash.runs import added_labels
from deepresolve_dash.runs.named import changed_run
from deepresolve_dash.runs.store import Run, write_run
from deepresolve_dash.views import class_matrices, pair
from tests.generated_runs import TINY, part_of_run

HOSTILE = """<img src=x onerror="alert(1)">'&\t😀</script>""" + "x" * 300


@pytest.fixture(scope="module")
def many(state):
    made = make_run(state / "runs", TINY._replace(n_targets=5), name="Five", seed=5)
    yield made
    shutil.rmtree(made.folder)  # other tests count the runs


def strict(answer):
    return json.loads(answer.data, parse_constant=lambda name: pytest.fail(name))


@pytest.mark.parametrize(
    "what",
    ["all.json", "pair.json?pair=3,1", "brushed.json?second=signed&box=-1,1,-1,1", "similarity.u8"],
)
def test_what_the_browser_has_is_not_sent_again(client, many, what):
    address = f"/data/{many.id}/classes/{what}"
    first = client.get(address)
    assert first.status_code == 200
    if "json" in what:
        assert strict(first)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_bytes_are_half_a_matrix_in_the_order_of_the_tree_and_rows_are_exact(client, many):
    order = client.get(f"/data/{many.id}/classes/all.json").json["order"]
    a = many.summary.similarity.sel(regime="importance").values[np.ix_(order, order)]
    half = np.frombuffer(client.get(f"/data/{many.id}/classes/similarity.u8").data, np.uint8)
    assert half.tolist() == (np.rint(a[np.triu_indices(5)] * 127) + 127).tolist()
    rows = [client.get(f"/data/{many.id}/classes/similarity.f32?row={k}").data for k in range(5)]
    assert np.array([np.frombuffer(row, "<f4") for row in rows]) == pytest.approx(a)


def test_the_regime_changes_pair_and_order_alike(client, many):
    for what in ("all.json?", "pair.json?pair=3,1&"):
        told = [
            client.get(f"/data/{many.id}/classes/{what}regime={regime}").json
            for regime in ("importance", "modes")
        ]
        assert [one["regime"] for one in told] == ["importance", "modes"]
        assert told[0] != told[1]


@pytest.mark.parametrize(
    "what",
    [
        "nothing.u8",
        "../run.u8",
        "similarity.f32?row=5",
        "similarity.f32?row=x",
        "pair.json",
        "pair.json?pair=1,1",
        "pair.json?pair=1,99",
        "pair.json?pair=one,two",
        "brushed.json?second=similarity&box=0,1,0,1",
        "brushed.json?second=signed&box=0,1,0",
        "brushed.json?second=signed&box=0,1,0,nan",
        "brushed.json?second=<b>&box=0,1,0,1",
    ],
)
def test_an_address_without_data_is_not_found(client, many, what):
    answer = client.get(f"/data/{many.id}/classes/{what}")
    assert answer.status_code == 404 or b"<title>DeepResolve" in answer.data
    assert b"Traceback" not in answer.data


def test_names_of_any_kind_come_as_they_are(client, many, state):
    names = [HOSTILE, "", "same", "same", "a|b|c"]
    summary = many.summary.assign_coords(target_name=("target", names))
    ensemble = many.ensemble.assign_coords(target_name=("target", names))
    info = {**many.info, "id": "feedfeedfeedfeed"}
    folder = state / "runs" / info["id"]
    write_run(folder, info=info, ensemble=ensemble, summary=summary)
    told = strict(client.get(f"/data/{info['id']}/classes/pair.json?pair=0,1"))
    assert told["names"] == names[:2]
    strips = strict(client.get(f"/data/{info['id']}/classes/all.json"))["fields"]
    assert {"cell", "target", "treatment"} <= {one["name"] for one in strips}  # told by the last
    shutil.rmtree(folder)


def test_the_page_describes_its_run_to_the_browser(inside, many):
    page = callbacks.show_page({"page": "classes", "path": "/", "run": many.id})
    told = json.loads(page.to_plotly_json()["props"]["data-cohort"])
    assert (told["id"], told["targets"]) == (many.id, [0, 1, 2, 3, 4])
    assert "similarity" in told["matrices"]


def test_a_run_of_one_class_says_what_to_do(run, tmp_path, inside):
    page = classes_page.page(part_of_run(run, tmp_path, target=0))
    said = [
        part.children for part in page._traverse() if "empty" in str(getattr(part, "className", ""))
    ]
    assert "Resolve more classes" in said[0]


def test_the_matrix_of_one_class_is_empty(client, state):
    alone = make_run(state / "runs", TINY._replace(n_targets=1), name="Alone", seed=6)
    for what in ("similarity.u8", "all.json"):
        assert client.get(f"/data/{alone.id}/classes/{what}").status_code == 200
    assert client.get(f"/data/{alone.id}/classes/similarity.u8").data == b""
    shutil.rmtree(alone.folder)


def test_an_unknown_run_is_said(inside):
    page = callbacks.show_page({"page": "classes", "path": "/", "run": "nothing"})
    assert "There is no run" in str(page)


def test_panels_have_help_of_two_sentences():
    made = (matrices_panel(["similarity", "signed"]), scatter_panel(), pair_panel())
    assert [one.id for one in made] == ["matrices-panel", "scatter-panel", "why-panel"]
    for view in (class_matrices.data, class_matrices.brushed, pair.data):
        said = help_text(view)
        assert said.count(". ") == 1, said
        assert said.endswith(".")


def send(client, run, what, body=b"", **headers):
    return client.post(f"/act/runs/{run.id}/labels/{what}", data=body, headers=headers)


def test_a_run_is_given_labels_and_loses_them(client, many, inside, monkeypatch):
    monkeypatch.setattr(added_labels, "_ask", added_labels.answer)
    address = f"/data/{many.id}/classes/label_correlation.f32?row=0"
    own = client.get(address)
    lines = ["\t".join(map(str, row)) for row in np.random.default_rng(1).integers(0, 2, (19, 4))]
    body = "\n".join(["0\t1\t2\tother", *lines]).encode()
    told = send(client, many, "add?name=../mine.tsv", body, **{"X-DeepResolve": "1"}).json
    assert told["says"].startswith("Labels of mine.tsv: 19 sequences; 3 of 5 classes found")
    assert "Without a column: 3 " in told["says"]
    assert "Columns of no class here: other" in told["says"]
    given = client.get(address)
    assert given.headers["ETag"] != own.headers["ETag"]
    assert np.isnan(np.frombuffer(given.data, "<f4")).any()
    assert classes_page.description(open_run(many.id))["labels"]["added"]
    assert send(client, many, "remove", **{"X-DeepResolve": "1"}).json == {}
    assert client.get(address).data == own.data


def test_labels_that_cannot_be_used_are_refused_in_words(client, many, monkeypatch):
    monkeypatch.setattr(added_labels, "_ask", added_labels.answer)
    ours = {"X-DeepResolve": "1"}
    assert (
        "is not a file of labels"
        in send(client, many, "add?name=x.tsv", b"", **ours).json["refused"]
    )
    monkeypatch.setattr(labels_routes, "MOST_LABELS", 10)
    assert "larger than" in send(client, many, "add?name=x.tsv", b"1" * 11, **ours).json["refused"]
    assert send(client, many, "add?name=x.tsv", b"a").status_code == 403  # from another site
    assert (
        list((labels_routes.Path(many.folder).parents[1] / "class-labels").glob(".given-*")) == []
    )


def test_the_page_needs_no_ensemble(client, many, inside):
    run = Run(many.folder, many.info)
    assert classes_page.description(run)["offsets"] == TINY.n_offsets
    assert "ensemble" not in run.__dict__
    labelled = changed_run(run, run.summary)
    assert labelled.ensemble is run.ensemble
    assert labelled.offsets == TINY.n_offsets


def test_a_browser_is_told_ahead_what_the_page_of_classes_needs(client, many):
    links = client.get(f"/runs/{many.id}/classes?regime=modes&cut=0.3").headers.getlist("Link")
    addresses = [link[1 : link.index(">")] for link in links]
    assert [address.split("/")[-1] for address in addresses] == [
        "all.json?regime=modes",
        "similarity.u8?regime=modes",
    ]
    assert all(client.get(address).status_code == 200 for address in addresses)
    assert not client.get(f"/runs/{many.id}/channels").headers.getlist("Link")


def test_what_several_ask_for_at_once_is_made_once(dashboard, many):
    begun, made = Barrier(3), []

    def make():
        time.sleep(0.05)  # the others are there by then
        made.append(1)
        return b"made"

    def ask():
        begun.wait()
        with dashboard.server.app_context():
            return derived(many, "at once", make=make)

    with ThreadPoolExecutor(3) as pool:
        answers = [asked.result() for asked in [pool.submit(ask) for _ in range(3)]]
    assert answers == 3 * [b"made"]
    assert len(made) == 1
