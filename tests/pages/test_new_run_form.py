from dataclasses import replace

import pytest

from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.pages import new_run_form as form
from deepresolve_dash.runs.class_table import ClassRow
from deepresolve_dash.runs.inputs import InputStore
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.request import RunRequest
from tests.networks.stacks import one_convolution


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    save_network(one_convolution(), folder / "net")
    store = ModelStore(folder / "store")
    found = store.add(folder / "net", "small")
    rows = [ClassRow(row.name, cell=f"cell {i % 2}") for i, row in enumerate(found.classes)]
    return store.describe_classes(found.id, rows)


@pytest.fixture
def inputs(tmp_path):
    return InputStore(tmp_path)


def check(model, inputs, *, repeated=None, thorough=False, **changes):
    before = RunRequest("again", model.id, repeated, "cpu") if repeated else None
    values = form.start_values(model, None, before) | changes
    return form.check(values, model, inputs, repeated=repeated, thorough=thorough)


def test_the_form_as_it_opens_can_be_started(model, inputs):
    found = check(model, inputs)
    assert found.errors == {}
    assert found.request.spec.layer == model.card["advised_layer"]
    assert found.request.spec.settings == ascent_settings()
    assert found.request.name == "small"
    assert found.n_chosen == len(model.classes)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("trials", 0, "number of trials is 0"),
        ("trials", "", "There is no number of trials"),
        ("trials", None, "number of trials"),
        ("trials", 2.5, "whole number"),
        ("trials", 1001, "At most 1,000"),
        ("trials", "1e308", "too large"),
        ("trials", "1e999", "whole number"),
        ("seed", 2**60, "too large"),
        ("seed", -1, "seed is -1"),
        ("seed", "x", "The seed is 'x'"),
        ("l2", "0", "l2 is 0"),
        ("l2", "-2", "above 0"),
        ("l2", "nan", "above 0"),
        ("l2", "a lot", "l2 is 'a lot'"),
        ("layer", "nothing", "Layer 'nothing' is not in this model"),
        ("layer", None, "is not in this model"),
        ("sequences", "0" * 64, "not here"),
        ("labels", "../x", "not here"),
    ],
)
def test_a_bad_value_is_refused_at_its_field(model, inputs, field, value, said):
    found = check(model, inputs, **{field: value})
    assert found.request is None
    assert list(found.errors) == [field]
    assert said in found.errors[field]


def test_a_layer_that_cannot_be_cut_says_why(model, inputs):
    cannot = next(layer for layer in model.card["layers"] if not layer["can_cut"])
    assert cannot["why_not"] in check(model, inputs, layer=cannot["name"]).errors["layer"]


def test_all_bad_fields_are_told_at_once(model, inputs):
    found = check(model, inputs, trials=0, seed=-1, l2="x", mode=form.PICK)
    assert set(found.errors) == {"trials", "seed", "l2", "picked"}


def test_classes_are_picked_or_found_by_what_is_known(model, inputs):
    picked = check(model, inputs, mode=form.PICK, picked=["1"])
    assert picked.request.spec.classes == (1,)
    known = check(model, inputs, mode=form.BY, by="cell", wanted=["cell 0"])
    assert known.request.spec.classes == tuple(range(0, len(model.classes), 2))
    assert "wanted" in check(model, inputs, mode=form.BY, by="cell", wanted=[]).errors
    assert "picked" in check(model, inputs, mode=form.PICK, picked=["99", "x"]).errors


def test_a_number_for_l2_reaches_the_spec(model, inputs):
    assert check(model, inputs, l2=" 0.5 ").request.spec.settings.l2 == 0.5
    published = check(model, inputs, preset="published", l2="AUTO")
    assert published.request.spec.settings.l2 == 2.8


def test_a_repeated_run_is_the_same_run_until_it_is_changed(model, inputs):
    given = ascent_settings("paper", n_trials=3, l2=0.25, steps=77, seed=5)
    first = check(model, inputs, preset="paper", mode=form.PICK, picked=["1"]).request.spec
    spec = replace(first, settings=given, keep_fim=True)
    again = check(model, inputs, repeated=spec).request
    assert (again.id, again.name, again.device) == (spec.id, "again", "cpu")
    other = check(model, inputs, repeated=spec, seed=6).request.spec
    assert other == replace(spec, settings=replace(given, seed=6))
    assert check(model, inputs, repeated=spec, preset="default").request.spec.settings.steps == 100


def test_a_label_file_needs_a_column_for_every_chosen_class(model, inputs, tmp_path):
    path = tmp_path / "labels.tsv"
    path.write_text("0\n1\n0\n")
    names = model.card["outputs"][0]["classes"]
    stored = inputs.add_labels(path, "labels.tsv", names, [0])
    one = {"mode": form.PICK, "picked": ["0"], "labels": stored.hash}
    assert check(model, inputs, thorough=True, **one).request.spec.labels == stored.hash
    both = check(model, inputs, thorough=True, labels=stored.hash)
    assert "no column for class 1" in both.errors["labels"]


def test_a_preview_is_asked_for_and_repeated(model, inputs):
    found = check(model, inputs, precision="bfloat16")
    assert found.request.spec.settings.precision == "bfloat16"
    again = check(model, inputs, repeated=found.request.spec)
    assert again.request.id == found.request.id
    assert check(model, inputs).request.id != found.request.id


def test_another_precision_is_refused(model, inputs):
    found = check(model, inputs, precision="float16")
    assert found.request is None
    assert "There is no precision 'float16'" in found.errors["layer"]
