import pytest

from deepresolve_dash.exports.known import Known, known_of, with_known
from deepresolve_dash.runs.class_table import ClassRow
from tests.generated_runs import tiny_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return tiny_run(tmp_path_factory.mktemp("runs"))


def test_names_of_classes_tell_what_nobody_else_does(run):
    found = known_of(run)
    assert [row.name for row in found.classes] == run.summary.target_name.values.tolist()
    assert found.looked == (None, None)
    assert found.channel_name(3) == "ch 3"


def test_a_run_carries_what_is_known_and_keeps_its_numbers(run):
    asked = []
    rows = [ClassRow(name="a", cell="K562"), ClassRow(name="b", cell="HepG2")]
    made = with_known(run, Known(rows, {3: "CTCF"}, lambda: asked.append(1) or (None, None)))
    assert made.id == run.id
    assert made.summary is run.summary
    assert made.ensemble is run.ensemble
    assert made.offsets == run.offsets
    assert known_of(made).classes[1].cell == "HepG2"
    assert known_of(made).channel_name(3) == "ch 3 CTCF"
    assert not asked
    assert known_of(made).looked == known_of(made).looked == (None, None)
    assert len(asked) == 1
