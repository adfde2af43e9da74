import pytest

from deepresolve_dash.runs.labels import read_labels, with_own_names

ROWS = "\r\na\t1\t0\t5\r\n"


@pytest.mark.parametrize(
    ("header", "becomes"),
    [
        ("id\tCTCF\tGATA1\tx", "id\tout0\tout1\tx"),
        ("id\tout0\tGATA1\tCTCF", "id\tout0\tout1\tCTCF"),  # the network's own name goes first
        ("id\t0\tGATA1\tCTCF", "id\t0\tout1\tCTCF"),
        ("id\tCTCF\tCTCF\tGATA1", "id\tCTCF\tCTCF\tout1"),  # which of them is meant?
    ],
)
def test_columns_may_bear_the_names_that_a_user_gave(header, becomes):
    found = with_own_names(header + ROWS, ["out0", "out1"], ["CTCF", "GATA1"])
    assert found == becomes + ROWS


def test_a_name_that_several_classes_of_the_network_bear_becomes_the_index(tmp_path):
    path = tmp_path / "labels.tsv"
    path.write_text(with_own_names("id\tCTCF\tGATA1" + ROWS, ["out", "out"], ["CTCF", "GATA1"]))
    assert read_labels(path, [1, 0], ["out", "out"]).tolist() == [[0, 1]]


def test_a_name_that_a_user_gave_twice_is_not_guessed():
    text = "id\tsame" + ROWS
    assert with_own_names(text, ["a", "b"], ["same", "same"]) == text
