import json

import pytest

from deepresolve_dash.pages.class_page import panel_titles
from deepresolve_dash.pages.more_panels import PANELS, ascent_warning, more_panels
from deepresolve_dash.pages.more_routes import _about
from deepresolve_dash.pages.panel import help_text
from deepresolve_dash.runs.class_table import ClassRow
from deepresolve_dash.views.selection import Selection
from tests.generated_runs import changed_run

NAMES = [one.name for one in PANELS]


def strict(answer):
    return json.loads(answer.data, parse_constant=lambda name: pytest.fail(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_panel_has_data_without_nan_and_a_tag(client, run, name):
    address = f"/data/{run.id}/{name}.json?target=0"
    first = client.get(address)
    assert first.status_code == 200
    assert strict(first)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    other = client.get(f"/data/{run.id}/{name}.json?target=1")
    assert other.headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("address", ["nothing/{name}.json", "{run}/{name}.json?target=99"])
def test_an_unknown_class_is_not_found(client, run, name, address):
    answer = client.get("/data/" + address.format(run=run.id, name=name))
    assert answer.status_code == 404
    assert b"Traceback" not in answer.data


@pytest.mark.parametrize("name", ["recipes", "traces", "varying"])
def test_the_regime_changes_the_numbers(client, run, name):
    modes, importance = (
        client.get(f"/data/{run.id}/{name}.json?target=0&regime={regime}").json
        for regime in ("modes", "importance")
    )
    assert modes != importance


def test_panels_have_ids_to_jump_to_and_help_of_two_sentences():
    assert [one.id for one in more_panels()] == [f"{name}-panel" for name in NAMES]
    for one in PANELS:
        said = help_text(one.describe)
        assert said.count(". ") == 1, said
        assert said.endswith(".")


def test_what_went_wrong_is_said_first_and_leads_to_the_traces(run, tmp_path):
    stopped = changed_run(run, tmp_path / "stopped", converged=False)
    told = ascent_warning(stopped, Selection(run.id, 0))
    assert told["text"] == "5 of 5 trials not converged"
    assert told["jump"] == "traces"
    fine = changed_run(run, tmp_path / "fine", converged=True)
    assert ascent_warning(fine, Selection(run.id, 0)) is None


def test_what_the_name_says_is_not_said_again():
    row = ClassRow("K562|CTCF|None", cell="K562", target="CTCF", treatment="None", assay="ChIP")
    assert _about(row) == "ChIP"


def test_stories_take_the_titles_of_panels_from_the_page():
    titles = panel_titles()
    assert list(titles)[:3] == ["fiv", "il", "ofiv"]
    assert titles["similarity"] == "Class similarity"
    assert {one.name: one.title for one in PANELS}.items() <= titles.items()
