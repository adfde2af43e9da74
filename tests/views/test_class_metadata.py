import numpy as np

from deepresolve_dash.runs.class_table import ClassRow, from_names
from deepresolve_dash.views import metadata

ROWS = from_names(["K562|CTCF|None", "HepG2|CTCF|None", "HepG2|DNase|None", "plain"])


def test_columns_that_tell_nothing_are_left_out():
    assert list(metadata.told(ROWS)) == ["cell", "target", "treatment"]
    assert metadata.told(from_names(["a", "b"])) == {}


def test_a_factor_is_the_target_or_else_the_assay():
    rows = [*ROWS, ClassRow("x", cell="K562", assay="DNase-seq")]
    assert metadata.factors(rows) == ["CTCF", "CTCF", "DNase", "", "DNase-seq"]


def test_classes_are_chosen_by_a_value():
    assert metadata.places_of(ROWS, "cell=HepG2").tolist() == [1, 2]
    assert metadata.places_of(ROWS, "all").tolist() == [0, 1, 2, 3]
    for wrong in ("", "cell", "name=plain", "__class__=x", "cell=nothing"):
        assert metadata.places_of(ROWS, wrong).tolist() == []
    rows = [ClassRow("a", group="x=y"), ClassRow("b", group="x")]
    np.testing.assert_array_equal(metadata.places_of(rows, "group=x=y"), [0])
