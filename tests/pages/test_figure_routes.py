import io

import pandas as pd
import pytest


def get(client, run, name, **query):
    return client.get(f"/data/{run.id}/figure/{name}", query_string=query)


@pytest.mark.parametrize(
    ("kind", "start"),
    [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG"), ("tsv", b"rank\t")],
)
def test_a_figure_is_a_file_with_a_clean_name(client, run, kind, start):
    answer = get(client, run, f"ofiv.{kind}", target=0, dpi=100)
    assert answer.status_code == 200
    assert answer.data.startswith(start)
    said = answer.headers["Content-Disposition"]
    assert said.startswith(f'attachment; filename="Tiny-{run.id}-class-0-')
    assert said.endswith(f'-ofiv.{kind}"')
    again = client.get(answer.request.url, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_rows_are_the_numbers_of_the_run(client, run):
    rows = pd.read_csv(io.BytesIO(get(client, run, "ofiv.tsv", target=1).data), sep="\t")
    ofiv = run.summary.ofiv.sel(regime="importance", target=1)
    expected = ofiv.sel(channel=rows["channel"].tolist()).values
    assert (rows["OFIV (feature-map units)"].to_numpy() == expected).all()
    assert expected.tolist() == sorted(expected, reverse=True)


@pytest.mark.parametrize(
    ("name", "query", "says"),
    [
        ("nothing.svg", {}, "no figure 'nothing'"),
        ("ofiv.exe", {}, "no figures as 'exe'"),
        ("ofiv.svg", {"width": "wide"}, "'wide' is no width"),
        ("ofiv.svg", {"width": "1e9"}, "'1e9' is no width"),
        ("ofiv.svg", {"width": "9"}, "Choose a width"),
        ("ofiv.svg", {"height": "20"}, "Make it wider or higher"),
        ("ofiv.png", {"dpi": "99999"}, "Choose 50 to 1200"),
        ("ofiv.svg", {"target": "77"}, "no class 77"),
        ("ofiv.svg", {"target": "x"}, "names no class"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_sentence(client, run, name, query, says):
    answer = get(client, run, name, **{"target": 0, **query})
    assert answer.status_code == 404
    assert says in answer.text
    assert "Content-Disposition" not in answer.headers


def test_an_unknown_run_has_no_figures(client):
    assert client.get("/data/nothing/figure/ofiv.svg").status_code == 404


def test_what_the_page_shows_is_what_is_drawn(client, run):
    plain, clustered = (
        get(client, run, "fiv.tsv", target=0, rows=rows).text for rows in ("", "clustered")
    )
    assert plain != clustered
    assert sorted(plain.splitlines()) == sorted(clustered.splitlines())


@pytest.mark.parametrize(
    ("name", "query", "end"),
    [
        ("matrices", {"target": 0}, ""),
        ("why", {"target": 0, "pair": "0,1"}, "-classes-0-1"),
        ("speaks", {"target": 0, "channel": "3"}, "-channel-3"),
    ],
)
def test_a_file_is_called_after_what_it_shows(client, run, name, query, end):
    said = get(client, run, f"{name}.tsv", **query).headers["Content-Disposition"]
    assert said == f'attachment; filename="Tiny-{run.id}{end}-{name}.tsv"'
