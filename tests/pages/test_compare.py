"""Several runs on one page: what may be compared, what is said, and what is refused."""

import io
import json
import shutil

import numpy as np
import pandas as pd
import pytest

from bench.make_run import make_run
from deepresolve_dash.pages import callbacks, compare_page, gallery
from deepresolve_dash.pages.panel import help_text
from deepresolve_dash.people.roles import Person
from deepresolve_dash.runs.store import write_run
from deepresolve_dash.views import (
    compare,
    compare_again,
    compare_class,
    compare_more,
    compare_rows,
    compare_strip,
)
from tests.generated_runs import TINY, part_of_run

SIZE = TINY._replace(n_targets=4)


def copy_of(run, folder, *, run_id, ensemble=None, summary=None, **spec):
    """The run under another id, with these values of its spec."""
    info = json.loads(json.dumps(run.info)) | {"id": run_id, "name": f"Copy {run_id[:2]}"}
    settings = spec.pop("settings", {})
    info["spec"] |= spec
    info["spec"]["settings"] |= settings
    return write_run(
        folder / run_id,
        info=info,
        ensemble=run.ensemble if ensemble is None else ensemble,
        summary=run.summary if summary is None else summary,
    )


@pytest.fixture(scope="module")
def runs(state):
    """Two seeds, another l2, and another network whose channels are permuted and turned."""
    folder = state / "runs"
    first = make_run(folder, SIZE, name="Seed 11", seed=11)
    second = make_run(folder, SIZE, name="Seed 12", seed=12)
    third = copy_of(first, folder, run_id="cc" * 8, settings={"l2": 4.0, "l2_regimes": ["modes"]})
    order = np.random.default_rng(0).permutation(7)
    ensemble = first.ensemble.isel(channel=order).assign_coords(channel=np.arange(7))
    turned = ensemble["filter"].values[:, ::-1, ::-1]
    ensemble["filter"] = ensemble["filter"].dims, np.ascontiguousarray(turned)
    summary = first.summary.isel(channel=order).assign_coords(channel=np.arange(7))
    other = copy_of(
        first, folder, run_id="dd" * 8, ensemble=ensemble, summary=summary, network="d" * 64
    )
    made = [first, second, third, other]
    yield made, order
    for run in made:
        shutil.rmtree(run.folder)  # other tests count the runs


def ask(client, what, runs, **more):
    told = {"runs": ",".join(run.id for run in runs), **more}
    return client.get(f"/data/compare/{what}", query_string=told)


def strict(answer):
    assert answer.status_code == 200, answer.data
    return json.loads(answer.data, parse_constant=lambda name: pytest.fail(name))


def test_seeds_are_lined_up_by_number_and_say_what_differs(client, runs):
    (first, second, _, _), _ = runs
    told = strict(ask(client, "about.json", [first, second]))
    assert [label for label, _ in told["differ"]] == ["seed"]
    assert told["differ"][0][1] == ["11", "12"]
    assert told["rows"]["how"] == "index"
    assert told["rows"]["channel"] == [[k, k] for k in range(7)]
    assert "restarts on one network" in told["warnings"][0]
    assert told["looked"] == [False, False]
    assert [one["targets"] for one in told["classes"]] == [[i, i] for i in range(4)]


def test_one_network_of_two_names_is_one_network(client, runs, state):
    (first, second, _, _), _ = runs
    renamed = copy_of(second, state / "runs", run_id="ee" * 8)
    renamed.info["network"]["name"] = "Called otherwise"
    (renamed.folder / "run.json").write_text(json.dumps(renamed.info))
    told = strict(ask(client, "about.json", [first, renamed]))
    shutil.rmtree(renamed.folder)
    assert [label for label, _ in told["differ"]] == ["seed"]
    assert "restarts on one network" in told["warnings"][0]


def test_a_permuted_and_turned_network_is_lined_up_by_motif(client, runs):
    (first, _, _, other), order = runs
    told = strict(ask(client, "about.json", [first, other]))
    assert told["rows"]["how"] == "motif"
    assert told["rows"]["channel"] == [[int(k), int(np.argmax(order == k))] for k in range(7)]
    assert all(turned for _, turned in told["rows"]["turned"])
    numbers = strict(ask(client, "class.json", [first, other]))
    assert numbers["ofiv"][0] == pytest.approx(numbers["ofiv"][1])
    agreed = strict(ask(client, "pair.json", [first, other]))
    assert (agreed["r"], agreed["n"]) == (pytest.approx(1), 7)
    assert agreed["common"] == agreed["sizes"][0] == agreed["sizes"][1]


def test_numbers_of_other_networks_are_not_paired(client, runs):
    (first, _, _, other), _ = runs
    answer = ask(client, "about.json", [first, other], by="index")
    assert answer.status_code == 404
    assert "Pair them by motif" in answer.text


def test_the_same_network_can_be_paired_by_motif_as_well(client, runs):
    (first, second, _, _), _ = runs
    told = strict(ask(client, "about.json", [first, second], by="motif"))
    assert told["rows"]["how"] == "motif"


def test_numbers_are_those_of_each_run(client, runs):
    (first, second, _, _), _ = runs
    told = strict(ask(client, "class.json", [first, second], **{"class": "2,2"}))
    for at, run in enumerate((first, second)):
        one = run.summary.sel(regime="importance").isel(target=2)
        assert told["ofiv"][at] == pytest.approx(one.ofiv.values)
        assert told["rank"][at] == (np.argsort(np.argsort(-one.ofiv.values)) + 1).tolist()
    found = np.array(told["found"])
    sign = np.sign(told["ofiv"]).astype(int)
    by_hand = [
        max(sum(found[at][k] and sign[at][k] == s for at in (0, 1)) for s in (1, -1))
        for k in range(7)
    ]
    assert told["times"] == by_hand
    assert told["of"] == 2
    assert strict(ask(client, "class.json", [first, second], found="5"))["times"] != by_hand


def test_l2_orders_the_strip_and_is_read_in_its_regime(client, runs):
    (first, _, third, _), _ = runs
    told = strict(ask(client, "about.json", [third, first]))
    assert told["along"] == "l2"
    assert any("asks another question" in words for words in told["warnings"])
    strip = strict(ask(client, "strip.json", [third, first]))
    assert [step["run"] for step in strip["steps"]] == [1, 0]
    assert strip["steps"][1]["label"] == "l2 4.00"
    assert len(strip["steps"][0]["leading"]) == 7


def test_a_class_that_a_run_lacks_is_said(client, runs, state):
    (first, second, _, _), _ = runs
    info = {**second.info, "id": "ee" * 8}
    part = part_of_run(type(second)(second.folder, info), state / "runs", target=[1])
    told = strict(ask(client, "about.json", [first, part]))
    assert [one["targets"] for one in told["classes"]] == [[1, 1]]
    lacking = strict(ask(client, "class.json", [first, part], **{"class": "0,-"}))
    assert (lacking["of"], lacking["ofiv"][1]) == (1, [None] * 7)
    assert (
        "no such class"
        in strict(ask(client, "pair.json", [first, part], **{"class": "0,-"}))["empty"]
    )
    assert "fewer than two" in strict(ask(client, "similarity.json", [first, part]))["empty"]
    steps = strict(ask(client, "strip.json", [first, part], **{"class": "0,-"}))["steps"]
    assert steps[1]["empty"] == "has no such class"
    shutil.rmtree(part.folder)


def test_the_difference_of_similarities_is_exact(client, runs):
    (first, second, _, _), _ = runs
    told = strict(ask(client, "similarity.json", [first, second]))
    ids = told["spec"]["rowIds"]
    a, b = (run.summary.similarity.sel(regime="importance").values for run in (first, second))
    rows = [ask(client, "similarity.f32", [first, second], row=k).data for k in range(4)]
    gap = np.array([np.frombuffer(row, "<f4") for row in rows])
    assert gap == pytest.approx((a - b)[np.ix_(ids, ids)], nan_ok=True)
    assert len(ask(client, "similarity.u8", [first, second]).data) == 10
    assert abs(told["gaps"][0][2]) == pytest.approx(np.nanmax(np.abs(gap)))


def test_families_hold_channels_of_both_networks(client, runs):
    (first, _, _, other), _ = runs
    told = strict(ask(client, "families.json", [first, other]))
    assert told["n"] == 2
    assert told["families"]
    for family in told["families"]:
        assert family["sum"][0] == pytest.approx(family["sum"][1])


def test_interactions_count_tested_runs_alone(client, runs):
    (first, second, _, _), _ = runs
    told = strict(ask(client, "interactions.json", [first, second]))
    assert told == {"tested": [], "tests": 0, "pairs": []}
    lined = compare_rows.line_up([first, second], [], "index")
    pair = {
        "a": [1],
        "b": [2],
        "called": True,
        "name": "AND-like",
        "interaction": 2.0,
        "interval": [1, 3],
    }
    answers = [
        {"pairs": [pair, pair | {"a": [5], "called": False}]},
        {"pairs": [pair | {"a": [2], "b": [1]}]},
    ]
    found = compare_more.interactions(lined, answers)
    assert (found["tested"], [one["times"] for one in found["pairs"]]) == (["A", "B"], [2])
    assert found["tests"] == 2

    # two runs that differ in l2 alone have one answer
    found = compare_more.interactions(lined, [answers[0], json.loads(json.dumps(answers[0]))])
    assert (found["tested"], found["tests"]) == (["A", "B"], 1)
    assert [one["times"] for one in found["pairs"]] == [1]

    told = compare_again.data([first, second], 0, answers)
    assert (told["tests"], told["pairs"]) == (2, {"1,2": 2})
    told = compare_again.data([first, second], 0, [None, answers[1]])
    assert (told["tests"], told["pairs"]) == (1, {})


def test_the_table_reads_back(client, runs, state):
    (first, _, _, _), _ = runs
    names = ["=1+1", "tab\there", "plain", "last"]
    summary = first.summary.assign_coords(target_name=("target", names))
    odd = copy_of(first, state / "runs", run_id="ff" * 8, summary=summary)
    one = ask(client, "figure/combined.tsv", [odd, first])
    assert "attachment" in one.headers["Content-Disposition"]
    frame = pd.read_csv(io.BytesIO(one.data), sep="\t")
    assert len(frame) == 7
    assert frame["ofiv_A"].values == pytest.approx(frame["ofiv_B"].values)
    whole = pd.read_csv(io.BytesIO(ask(client, "table.tsv", [odd, first]).data), sep="\t")
    assert len(whole) == 28
    assert not whole["class"].str.startswith("=").any()
    assert (whole["found_in"] <= whole["of_runs"]).all()
    shutil.rmtree(odd.folder)


def test_every_panel_is_taken_away(client, runs):
    (first, _, _, other), _ = runs
    page = compare_page.page()
    taken = [
        part.to_plotly_json()["props"]["data-take"]
        for part in page._traverse()
        if "take-button" in str(getattr(part, "className", ""))
    ]
    assert len(taken) == 8
    for name in taken:
        for kind, begins in (("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")):
            made = ask(client, f"figure/{name}.{kind}", [first, other], width=174)
            assert (made.status_code, made.data[: len(begins)]) == (200, begins), (name, kind)
            assert f"-{name}.{kind}" in made.headers["Content-Disposition"]
        rows = ask(client, f"figure/{name}.tsv", [first, other])
        assert rows.status_code == 200
    refused = ask(client, "figure/nothing.svg", [first, other])
    assert (refused.status_code, "There are" in refused.text) == (404, True)


def test_the_combined_rows_follow_what_the_page_asks_for(client, runs):
    (first, second, _, _), _ = runs
    whole = ask(client, "figure/combined.tsv", [first, second]).text
    few = ask(client, "figure/combined.tsv", [first, second], least=2, sort="ofivb").text
    assert whole.count("\n") == 8
    assert few.count("\n") < 8


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "No run is chosen"),
        ("runs=ALL0", "One run is chosen"),
        ("runs=ALL0,ALL0", "One run is chosen"),
        ("runs=ALL0,nothere", "There is no run 'nothere'"),
        ("runs=ALL0,../../etc", "There is no run"),
        ("runs=1,2,3,4,5,6,7,8,9", "too many"),
        ("runs=ALL0,ALL1&class=99,0", "has no class 99"),
        ("runs=ALL0,ALL1&by=colour", "cannot be paired by 'colour'"),
        ("runs=ALL0,ALL1&found=7", "no number of channels"),
    ],
)
def test_what_cannot_be_compared_says_what_to_do(client, runs, query, says):
    (first, second, _, _), _ = runs
    address = query.replace("ALL0", first.id).replace("ALL1", second.id)
    answer = client.get(f"/data/compare/class.json?{address}")
    assert answer.status_code == 404
    assert says in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("more", [{"class": "x,y"}, {"class": "1"}, {"two": "9,9"}, {"two": "a"}])
def test_what_is_not_understood_falls_back_to_the_usual(client, runs, more):
    (first, second, _, _), _ = runs
    assert strict(ask(client, "pair.json", [first, second], **more))["n"] == 7


def test_what_the_browser_has_is_not_sent_again(client, runs):
    (first, second, _, _), _ = runs
    again = ask(client, "class.json", [first, second])
    address = f"/data/compare/class.json?runs={first.id},{second.id}"
    answer = client.get(address, headers={"If-None-Match": again.headers["ETag"]})
    assert (answer.status_code, answer.data) == (304, b"")


def test_a_guest_by_a_link_compares_nothing(client, runs, monkeypatch):
    (first, second, _, _), _ = runs
    guest = Person("link 1", "link", frozenset({first.id, second.id}), way="link")
    monkeypatch.setattr("deepresolve_dash.pages.who._find", lambda: guest)
    answer = ask(client, "about.json", [first, second])
    assert answer.status_code == 403
    assert first.info["name"] not in answer.text


def test_the_runs_that_can_be_added_are_offered(client, runs):
    made, _ = runs
    told = {one["id"]: one for one in strict(client.get("/data/compare/offered.json"))}
    assert {run.id for run in made} <= told.keys()
    assert "l2 4.00 in modes" in told["cc" * 8]["words"]


def test_the_page_explains_each_panel(inside):
    page = callbacks.show_page({"page": "compare", "path": "/compare"})
    assert page.to_plotly_json()["props"]["data-compare"]
    views = (compare.data, compare_class.data, compare_class.agreement, compare_strip.data)
    more = (compare_rows.data, compare_more.families, compare_more.similarity)
    for view in (*views, *more, compare_more.interactions):
        assert help_text(view).count(". ") >= 1
    assert len(compare_page.panels()) == 8


def again(client, run, **more):
    return client.get(f"/data/{run.id}/again.json", query_string={"target": 0, **more})


def test_a_class_page_tells_what_other_runs_find_again(client, runs):
    (first, second, third, _), _ = runs
    told = strict(again(client, first, target=1))
    assert told["runs"][0] == first.id
    assert set(told["runs"][1:]) == {second.id, third.id}  # another seed, another l2
    by_id = {run.id: run for run in (first, second, third)}
    compared = [by_id[one] for one in told["runs"]]
    same = strict(ask(client, "class.json", compared, **{"class": "1,1,1"}))
    assert told["of"] == same["of"] == 3
    assert told["times"] == {str(k): n for k, n in enumerate(same["times"]) if n}
    assert told["leading"] == sum(same["found"][0])
    both = zip(same["found"][0], same["times"], strict=True)
    assert told["all"] == sum(found and times == 3 for found, times in both)


def test_what_is_found_again_follows_the_regime(client, runs):
    (first, second, third, _), _ = runs
    told = strict(again(client, first, regime="modes"))
    compared = [{run.id: run for run in (first, second, third)}[one] for one in told["runs"]]
    asked = {"class": "0,0,0", "regime": "modes"}
    same = strict(ask(client, "class.json", compared, **asked))
    assert told["times"] == {str(k): n for k, n in enumerate(same["times"]) if n}


def test_a_longer_run_finds_nothing_again(runs, state):
    (first, second, _, other), _ = runs
    longer = copy_of(first, state / "runs", run_id="99" * 8, settings={"n_trials": 50})
    shutil.rmtree(longer.folder)
    found = compare_again.others(first, [longer, second, other, first], 0)
    assert [run.id for run in found] == [second.id]
    assert compare_again.others(first, [second], 4) == []  # no such class
    many = [
        type(first)(first.folder, json.loads(json.dumps(first.info)) | {"id": f"{seed:016}"})
        for seed in range(20)
    ]
    for seed, run in enumerate(many):
        run.info["spec"]["settings"]["seed"] = 100 + seed
    assert [run.id for run in compare_again.others(first, many, 0)] == [
        run.id for run in many[:7]
    ]  # the newest


def test_a_run_alone_has_nothing_to_be_found_again_in(client, runs):
    (_, _, _, other), _ = runs
    assert strict(again(client, other)) == {}
    lacking = again(client, other, target=99)
    assert lacking.status_code == 404


def test_a_guest_is_not_told_of_other_runs(client, runs, monkeypatch):
    (first, second, _, _), _ = runs
    guest = Person("link 1", "link", frozenset({first.id}), way="link")
    monkeypatch.setattr("deepresolve_dash.pages.who._find", lambda: guest)
    answer = again(client, first)
    assert answer.status_code == 403
    assert second.id not in answer.text


def test_each_card_of_the_gallery_has_a_box(inside, runs):
    made, _ = runs
    boxes = [
        part.to_plotly_json()["props"]
        for part in gallery.page()._traverse()
        if "card-compare" in str(getattr(part, "className", ""))
    ]
    assert {run.id for run in made} <= {box["data-compare"] for box in boxes}
    assert all(box["role"] == "checkbox" for box in boxes)
