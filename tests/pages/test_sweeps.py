import time

import pytest
from dash import html

from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.pages import new_run_callbacks, new_run_form, sweep_page
from deepresolve_dash.pages.answers import OWN_HEADER
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.new_run_estimate import estimate
from deepresolve_dash.pages.new_run_several import check_all
from deepresolve_dash.runs import service
from deepresolve_dash.runs.limits import Limits
from deepresolve_dash.runs.sweep import MOST_RUNS
from tests.networks.stacks import one_convolution
from tests.pages.test_pages import ids, words

pytestmark = pytest.mark.usefixtures("read_here")


@pytest.fixture(autouse=True)
def nobody_computes(monkeypatch):
    monkeypatch.setattr(service, "ensure_runner", lambda _: None)


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    folder = tmp_path_factory.mktemp("network")
    save_network(one_convolution(), folder)
    return folder


@pytest.fixture
def model(inside, network):
    return context().models.add(network, "mine")


@pytest.fixture
def seed():
    """A seed that no other test has: its runs are new."""
    return time.monotonic_ns() % 10**12


def fields(model, **changes):
    return new_run_form.start_values(model, None, None) | changes


def check(model, **changes):
    return check_all(fields(model, **changes), model, context().inputs)


def start(model, **changes):
    about = {"model": model.id, "output": None, "from": None}
    return new_run_callbacks.start(1, fields(model, **changes), about)


def layers_of(model):
    return [layer["name"] for layer in model.card["layers"] if layer["can_cut"]]


def test_one_run_is_what_it_was(model):
    found = check(model)
    one = new_run_form.check(fields(model), model, context().inputs)
    assert found.requests == (one.request,)
    assert found.request == one.request
    assert check(model, seed=-1).errors.keys() == {"seed"}


def test_every_choice_from_the_lists_is_a_run(model):
    layers = layers_of(model)[:2]
    found = check(model, seeds="0-2", l2s="auto, 0.1", layers=layers, title="T")
    assert found.errors == {}
    made = [
        (one.spec.layer, one.spec.settings.l2, one.spec.settings.seed) for one in found.requests
    ]
    assert made == [(a, b, c) for a in layers for b in (None, 0.1) for c in (0, 1, 2)]
    assert len({one.id for one in found.requests}) == 12
    assert found.requests[0].name == f"T, {layers[0]}, l2 auto, seed 0"
    (alone,) = check(model, seeds="7", title="T").requests
    assert (alone.name, alone.spec.settings.seed) == ("T", 7)
    assert len(check(model, l2s="0.1, 0.10").requests) == 1


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"seeds": "0-x"}, "seeds", "no seed and no range"),
        ({"seeds": "0-24"}, "seeds", "25 seeds. At most 24"),
        ({"l2s": "0.1, much"}, "l2s", "'much' is no number above 0"),
        ({"layers": ["nothing"]}, "layers", "Layer 'nothing' is not in this model"),
        ({"seeds": "0-4", "l2s": "1,2,3,4,5"}, "seeds", "5 l2 × 5 seeds are 25 runs. At most 24"),
        ({"seeds": "0,1", "trials": 0}, "trials", "number of trials is 0"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_at_its_field(model, changes, field, said):
    found = check(model, **changes)
    assert found.requests == ()
    assert list(found.errors) == [field]
    assert said in found.errors[field]


def test_several_are_estimated_together(model):
    found = check(model, seeds="0-3", trials=5)
    told = words(html.Div(estimate(found)))
    n = 4 * 5 * len(model.classes)
    for said in ("4: 4 seeds", "in all", "at a time", f"{n:,} ascents", "One after the other"):
        assert said in told
    about = {"model": model.id, "output": None, "from": None}
    shown = new_run_callbacks.show(fields(model, seeds="0-3"), about)
    assert (shown["start"], shown["disabled"]) == ("Start 4 runs", False)
    assert new_run_callbacks.show(fields(model), about)["start"] == "Start"
    refused = new_run_callbacks.show(fields(model, seeds="x"), about)
    assert refused["disabled"]
    assert "no seed" in refused["errors"]["seeds"]


def test_a_sweep_is_started_found_again_cancelled_and_forgotten(client, model, seed):
    href = start(model, seeds=f"{seed}-{seed + 2}", title="Seeds")["started"]["href"]
    sweep_id = href.removeprefix("/sweeps/")
    found = next(one for one in client.get("/data/sweeps.json").json if one["id"] == sweep_id)
    assert (found["name"], found["own"], len(found["points"])) == ("Seeds", True, 3)
    assert [point["seed"] for point in found["points"]] == [seed, seed + 1, seed + 2]
    ledger, runs = context().service.ledger, [point["run"] for point in found["points"]]
    assert [ledger.get(run).state for run in runs] == ["queued"] * 3
    assert start(model, seeds=f"{seed}-{seed + 2}")["started"]["href"] == href  # the same runs
    shown = sweep_page.page(sweep_id)
    assert "Seeds" in words(shown)
    assert f'"id":"{sweep_id}"' in getattr(shown, "data-sweep")

    def act(what):
        return client.post(f"/act/sweeps/{sweep_id}/{what}", headers={OWN_HEADER: "1"}).json

    assert act("cancel") == {"id": sweep_id, "cancelled": 3}
    assert [ledger.get(run).state for run in runs] == ["cancelled"] * 3
    assert act("cancel")["cancelled"] == 0
    assert act("forget") == {"id": sweep_id, "href": "/runs"}
    assert sweep_id not in [one["id"] for one in client.get("/data/sweeps.json").json]
    assert "There is no sweep" in act("cancel")["refused"]
    assert act("restore") == {"id": sweep_id}


def test_a_sweep_over_the_limit_of_a_user_starts_nothing(model, seed, monkeypatch):
    here = context().service
    before = {entry.id for entry in here.ledger.entries()}
    monkeypatch.setattr(here.ledger, "limits", Limits(queued=2))
    answer = start(model, seeds=f"{seed}-{seed + 4}")
    assert "one user may have 2 waiting" in answer["refused"]
    assert {entry.id for entry in here.ledger.entries()} == before
    assert all(str(seed) not in str(one.points) for one in context().sweeps.sweeps())


def test_the_form_has_the_fields_and_their_limit(inside, model):
    from deepresolve_dash.pages import new_run

    page = new_run.page({"model": model.id})
    assert {"new-seeds", "new-l2s", "new-layers"} <= ids(page)
    assert f"At most {MOST_RUNS} at once" in words(page)
