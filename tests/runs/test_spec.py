from dataclasses import replace

import pytest

from deepresolve_dash.core.settings import PRESETS, ascent_settings
from deepresolve_dash.errors import SettingsError
from deepresolve_dash.runs.labels import read_labels
from deepresolve_dash.runs.spec import RunSpec, choose_classes, settings_from_dict, spec_to_dict

SPEC = RunSpec("hash", "pool1", (0, 1), "default", ascent_settings())


def test_the_id_follows_from_everything_in_the_spec():
    changed = [
        replace(SPEC, network="other"),
        replace(SPEC, layer="conv1"),
        replace(SPEC, classes=(0,)),
        replace(SPEC, preset="paper"),
        replace(SPEC, settings=ascent_settings(seed=1)),
        replace(SPEC, output="second"),
        replace(SPEC, sequences="a"),
        replace(SPEC, labels="a"),
        replace(SPEC, keep_fim=True),
        replace(SPEC, method_version=99),
    ]
    assert len({spec.id for spec in [SPEC, *changed]}) == 11
    assert replace(SPEC).id == SPEC.id


@pytest.mark.parametrize("preset", PRESETS)
def test_settings_survive_json(preset):
    settings = ascent_settings(preset, seed=5)
    spec = replace(SPEC, settings=settings)
    assert settings_from_dict(spec_to_dict(spec)["settings"]) == settings


@pytest.mark.parametrize(
    ("text", "chosen"),
    [("all", (0, 1, 2)), ("2,0", (0, 2)), ("name:b", (1,)), ("name:a, 1", (0, 1, 2))],
)
def test_classes_are_chosen_by_index_or_by_every_bearer_of_a_name(text, chosen):
    assert choose_classes(text, ["a", "b", "a"]) == chosen


@pytest.mark.parametrize("text", ["3", "-1", "b", "name:z", "", ","])
def test_classes_that_do_not_exist_are_refused(text):
    with pytest.raises(SettingsError):
        choose_classes(text, ["a", "b", "a"])


def test_labels_are_matched_by_name_then_by_index(tmp_path):
    path = tmp_path / "labels.tsv"
    path.write_text("id\tb\t0\n x\t1\t0\n y\t0\t1\n")
    assert read_labels(path, [0, 1], ["a", "b"]).tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "not a table"), ("a\tb\n1\tx\n", "not a table"), ("a\n1\n", "no column for class 1")],
)
def test_a_wrong_label_file_is_said_in_words(tmp_path, text, says):
    path = tmp_path / "labels.tsv"
    path.write_text(text)
    with pytest.raises(SettingsError, match=says):
        read_labels(path, [0, 1], ["a", "b"])
    with pytest.raises(SettingsError, match="not a table"):
        read_labels(tmp_path / "missing.tsv", [0], ["a"])
