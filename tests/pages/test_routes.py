import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from deepresolve_dash.runs.store import SUMMARY
from deepresolve_dash.views.selection import Selection

ASSETS = Path(__file__).parents[2] / "assets"


def test_the_bytes_of_the_ensemble_are_a_cell_each(client, run):
    answer = client.get(f"/data/{run.id}/fiv.u8?target=1")
    assert answer.status_code == 200
    assert len(answer.data) == 5 * 7


def test_a_row_on_demand_is_exact(client, run):
    rows = [client.get(f"/data/{run.id}/fiv.f32?target=0&row={row}").data for row in range(5)]
    shown = np.array([np.frombuffer(row, "<f4") for row in rows])
    raw = run.ensemble.fiv.sel(regime="modes", target=0).values
    assert sorted(shown.ravel()) == sorted(raw.astype("<f4").ravel())


def test_the_regime_changes_the_bytes(client, run):
    modes, importance = (
        client.get(f"/data/{run.id}/fiv.f32?target=0&row=0&regime={regime}").data
        for regime in ("modes", "importance")
    )
    assert modes != importance


@pytest.mark.parametrize(
    "address",
    [
        "nothing/fiv.u8?target=0",
        "..%2f..%2fetc/fiv.u8",
        "../run.json",
        "{run}/fiv.u8?target=99",
        "{run}/fiv.u8?target=x",
        "{run}/run.u8",
        "{run}/fiv.f32?target=0&row=5",
        "{run}/fiv.f32?target=0&row=-1",
        "{run}/fiv.f32?target=0&row=x",
        "{run}/logo-bits-99.svg",
        "{run}/logo-nonsense-0.svg",
        "{run}/logos-nonsense.f32",
        "{run}/classes.json?second=ofiv",
        "{run}/levels.json?target=0&form=cake",
        "{run}/ofiv.json?target=0&bars=many",
        "{run}/orders.json?target=99",
        "{run}/fim-3.json?target=0",
        "{run}/fim-3.u8?target=0",
        "{run}/fim-x.u8?target=0",
        "{run}/class.json?target=0&pair=0,99",
        "{run}/class.json?target=0&pair=zero",
    ],
)
def test_an_address_without_data_is_not_found(client, run, address):
    answer = client.get("/data/" + address.format(run=run.id))
    assert answer.status_code == 404 or b"<title>DeepResolve" in answer.data
    assert b"Traceback" not in answer.data


def test_what_the_browser_has_is_not_sent_again(client, run):
    address = f"/data/{run.id}/fiv.u8?target=0"
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get(f"/data/{run.id}/fiv.u8?target=1")
    assert other.headers["ETag"] != first.headers["ETag"]


def test_a_summary_derived_again_is_sent_again(client, run):
    address = f"/data/{run.id}/fiv.u8?target=0"
    before = client.get(address).headers["ETag"]
    path = run.folder / SUMMARY
    path.write_bytes(path.read_bytes())
    answer = client.get(address, headers={"If-None-Match": before})
    assert answer.status_code == 200
    assert answer.headers["ETag"] != before


@pytest.mark.parametrize("view", ["class", "levels", "ofiv"])
def test_what_a_class_shows_is_json_without_nan(client, run, view):
    text = client.get(f"/data/{run.id}/{view}.json?target=0").get_data(as_text=True)
    told = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    if view == "class":
        assert len(told["rows"]["channel"]) == 7
        assert len(told["fiv"]["spec"]["rows"]) == 5
        assert told["head"][0][0] == "class 1 of 2"
    else:
        assert told["figure"]["data"]
        assert told["regime"].startswith(("modes", "importance"))
        assert all(len(note) == 6 for note in told["notes"])


def test_the_clustered_orders_are_places_in_the_ensemble(client, run):
    orders = client.get(f"/data/{run.id}/orders.json?target=0").json
    assert sorted(orders["rows"]) == list(range(5))
    assert sorted(orders["columns"]) == list(range(7))


@pytest.mark.parametrize(
    ("control", "choices"),
    [("levels.json?form=", ("histogram", "rank")), ("ofiv.json?bars=", ("few", "5"))],
)
def test_a_view_control_changes_its_own_chart(client, run, control, choices):
    answers = [client.get(f"/data/{run.id}/{control}{one}&target=0") for one in choices]
    assert len({answer.headers["ETag"] for answer in answers}) == 2
    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize("view", ["levels", "ofiv"])
def test_a_chart_names_its_colours_and_leaves_them_to_the_theme(client, run, view):
    figure = client.get(f"/data/{run.id}/{view}.json?target=0").json["figure"]
    told = re.findall(r'"[a-z]*color": ?"([^"]+)"', json.dumps(figure))
    style = (ASSETS / "style.css").read_text()
    assert len(told) > 3
    for colour in set(told) - {"rgba(0,0,0,0)"}:
        assert style.count(f"{colour[4:-1]}:") == 2  # light and dark


def test_classes_share_one_order_and_the_tree(client, run):
    told = client.get(f"/data/{run.id}/classes.json?second=last_layer").json
    left, right, regime = told["left"], told["right"], told["regime"]
    assert left["rowIds"] == right["rowIds"]
    assert left["tree"].startswith("M")
    assert regime == "importance"


def test_a_comparison_of_classes_is_sent_as_one_half(client, run):
    assert len(client.get(f"/data/{run.id}/similarity.u8").data) == 3  # of two classes
    rows = [client.get(f"/data/{run.id}/last_layer.f32?row={row}").data for row in (0, 1)]
    shown = np.array([np.frombuffer(row, "<f4") for row in rows])
    assert (shown == shown.T).all()


def test_the_strongest_classes_of_each_channel_are_sent_once(client, run):
    assert len(client.get(f"/data/{run.id}/strongest.json").json) == 7


def test_logos_of_all_channels_come_as_one_array(client, run):
    buffer = client.get(f"/data/{run.id}/logos-weights.f32").data
    assert np.frombuffer(buffer, "<f4").reshape(7, 11, 4) == pytest.approx(
        run.ensemble["filter"].values
    )


def test_the_logo_of_a_channel_is_a_file(client, run):
    answer = client.get(f"/data/{run.id}/logo-bits-3.svg")
    assert answer.mimetype == "image/svg+xml"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert ElementTree.parse(io.BytesIO(answer.data)).getroot().tag.endswith("svg")


def test_the_bare_address_of_a_run_leads_to_its_first_class(client, run):
    answer = client.get(f"/runs/{run.id}")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"/runs/{run.id}/class/0-ctcf")


def test_a_page_without_a_run_is_still_a_page(client):
    assert client.get("/runs/none/class/0").status_code == 200


def test_two_readers_get_their_own_class(client, run):
    def numbers(target):
        return client.get(f"/data/{run.id}/class.json?target={target}").data

    first, second = numbers(0), numbers(1)
    assert first != second
    assert (numbers(0), numbers(1)) == (first, second)
    assert Selection(run.id, 0) != Selection(run.id, 1)
