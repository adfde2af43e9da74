import pytest

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.runs.class_table import (
    FIELDS,
    ClassRow,
    change,
    format_table,
    from_names,
    parse_table,
    values,
    with_value,
)

ROWS = from_names(["K562|CTCF|None", "class 1", "GM12878|CTCF|dex"])


def test_a_name_of_three_parts_is_taken_apart():
    assert ROWS[0] == ClassRow("K562|CTCF|None", cell="K562", target="CTCF", treatment="None")
    assert ROWS[1] == ClassRow("class 1")


def test_a_table_comes_back_as_it_went_out():
    assert parse_table(format_table(ROWS), from_names(["a", "b", "c"])) == ROWS


def test_a_table_changes_what_it_lists_and_nothing_else():
    told = parse_table("class_index\tcell\tnotes\n1\tHepG2\tx\n", ROWS)
    assert told == (ROWS[0], ClassRow("class 1", cell="HepG2"), ROWS[2])


def test_what_was_told_wins_over_what_the_name_tells():
    told = parse_table("class_index\tcell\tname\n1\tA549\tK562|MAX\n", ROWS)[1]
    assert (told.cell, told.target, told.name) == ("A549", "MAX", "K562|MAX")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a table"),
        ("name\nx\n", "not a table"),
        ("class_index\n0\n", "not a table"),
        ("class_index\tname\n3\tx\n", "Line 2 names class '3'"),
        ("class_index\tname\nx\ty\n", "Line 2 names class 'x'"),
        ("class_index\tname\n0\ta\n0\tb\n", "Line 3 names class 0 again"),
        ("class_index\tname\n0\t\n", "needs a name"),
        ("class_index\tname\n0\t" + "x" * 201 + "\n", "longer than 200"),
    ],
)
def test_a_table_that_is_none_is_refused_in_words(text, said):
    with pytest.raises(SettingsError, match=said):
        parse_table(text, ROWS)


def test_a_field_that_is_none_is_refused():
    with pytest.raises(SettingsError, match="no 'weight'"):
        change(ROWS[0], "weight", "1")


def test_classes_are_found_by_what_is_known_of_them():
    assert values(ROWS, "target") == ["CTCF"]
    assert with_value(ROWS, "target", ["CTCF"]) == (0, 2)
    assert with_value(ROWS, "cell", ["K562", "HepG2"]) == (0,)
    assert [field for field in FIELDS if values(ROWS, field)] == [
        "name",
        "cell",
        "target",
        "treatment",
    ]
