from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.search_routes import described
from deepresolve_dash.runs.class_table import ClassRow
from deepresolve_dash.runs.store import Run


def test_runs_and_models_are_found_from_any_page(client, run):
    found = client.get("/data/search.json").json
    (one,) = [known for known in found["runs"] if known["id"] == run.id]
    assert (one["name"], one["href"]) == ("Tiny", f"/runs/{run.id}/class/0")
    assert {"models", "stories"} <= found.keys()


def test_classes_and_channels_of_a_run_are_found(client, run):
    answer = client.get(f"/data/{run.id}/search.json")
    names = [name for _, name, _ in answer.json["classes"]]
    assert names == run.summary.target_name.values.tolist()
    assert len(answer.json["channels"]) == 7
    assert client.get("/data/nothing/search.json").status_code == 404


def test_what_a_user_has_said_of_the_classes_finds_them(inside, run, monkeypatch):
    class Told:
        classes = (ClassRow("a", cell="K562", assay="ATAC-seq", colour="#123456"), ClassRow("b"))

    first = Run(run.folder, run.info | {"spec": run.info["spec"] | {"output": None}})
    assert described(first) == described(run)
    monkeypatch.setattr(context().models, "open", lambda _: Told)
    assert described(first) == [["K562", "ATAC-seq"], []]
    assert described(run) != described(first)  # another output has classes of its own
