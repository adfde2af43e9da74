import json

import pytest

from deepresolve_dash.pages.classes_more_panels import PANELS, classes_more_panels
from deepresolve_dash.pages.panel import help_text

VIEWS = ("clusters", "stability", "disagreement", "association", "ofiv", "cells")


def get(client, run, what):
    return client.get(f"/data/{run.id}/classes-more/{what}")


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_answers_without_nan_and_with_a_tag(client, run, name):
    first = get(client, run, f"{name}.json")
    assert first.status_code == 200
    assert json.loads(first.data, parse_constant=lambda word: pytest.fail(word))
    address = f"/data/{run.id}/classes-more/{name}.json"
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("asked", "other"),
    [
        ("clusters.json?cut=0.1", "clusters.json?cut=2"),
        ("disagreement.json?end=apart", "disagreement.json"),
        ("disagreement.json?find=nobody", "disagreement.json"),
        ("association.json?rows=all&columns=all", "association.json?rows=cell=x&columns=all"),
        ("ofiv.json?regime=modes", "ofiv.json?regime=importance"),
    ],
)
def test_the_address_decides(client, run, asked, other):
    answers = [get(client, run, one) for one in (asked, other)]
    assert answers[0].headers["ETag"] != answers[1].headers["ETag"]
    assert answers[0].json != answers[1].json


@pytest.mark.parametrize("cut", ["nan", "inf", "-3", "x", "", "1e99"])
def test_any_cut_is_answered(client, run, cut):
    assert 0 <= get(client, run, f"clusters.json?cut={cut}").json["cut"] <= 2


def test_matrices_have_the_size_that_their_view_tells(client, run):
    for view, key, name, query in (
        ("clusters", "heat", "clusters", "?cut=2"),
        ("association", "spec", "rectangle", "?rows=all&columns=all"),
        ("ofiv", "spec", "ofiv", ""),
    ):
        spec = get(client, run, f"{view}.json{query}").json[key]
        assert spec["url"].endswith(f"/classes-more/{name}")
        body = client.get(f"{spec['url']}.u8{spec['query']}")
        rows, columns = len(spec["rows"]), len(spec["columns"])
        assert len(body.data) == rows * columns > 0
        sign = f"{spec['query']}&" if spec["query"] else "?"
        assert len(client.get(f"{spec['url']}.f32{sign}row=0").data) == 4 * columns
        assert client.get(f"{spec['url']}.f32{sign}row=99").status_code == 404


def test_an_unknown_run_or_matrix_is_not_found(client, run):
    assert client.get("/data/nothing/classes-more/clusters.json").status_code == 404
    assert client.get("/data/nothing/classes-more/ofiv.u8").status_code == 404


def test_panels_have_help_of_two_sentences():
    assert [one.id for one in classes_more_panels()] == [f"{one.name}-panel" for one in PANELS]
    for one in PANELS:
        said = help_text(one.describe)
        assert said.count(". ") == 1, said
        assert said.endswith(".")
