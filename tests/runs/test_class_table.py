import pytest

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.runs.class_table import (
    FIELDS,
    ClassRow,
    change,
    format_table,
    from_names,
    kept_table,
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


@pytest.mark.parametrize(
    ("name", "called"),
    [("", "class 1"), (" \r\n", "class 1"), ("a\r\tb", "a b"), ("x" * 300, "x" * 200)],
)
def test_any_name_of_a_network_can_be_kept_and_read_back(name, called):
    rows = from_names(["first", name])
    assert rows[1].name == called
    assert parse_table(format_table(rows), rows) == rows
    assert kept_table(format_table(rows), from_names(["a", "b"])) == rows


@pytest.mark.parametrize("name", ["=1+1", "'=1", "''-x", "' @x", "'name'", "5'UTR", "+", "-"])
def test_a_name_is_no_formula_in_the_table_and_is_read_back_as_it_is(name):
    rows = from_names(["first", f"{name}|{name}"])
    rows = (rows[0], change(rows[1], "group", name))
    told = format_table(rows)
    assert not {
        cell.lstrip("' ")[:1]
        for cell in told.replace("\t", "\n").splitlines()
        if cell and cell[0] != "'"
    } & set("=+-@")
    assert parse_table(told, from_names(["a", "b"])) == rows
    assert kept_table(told, from_names(["a", "b"])) == rows


def test_half_a_character_can_be_written():
    assert format_table(from_names(["\ud800x"])).encode()


def test_a_table_that_was_kept_is_never_refused():
    rows = from_names(["a", "b"])
    broken = "class_index\tname\tcell\n0\t" + "n" * 300 + "\t\n9\tx\ty\nz\n1\t\tK562\n"
    first, second = kept_table(broken, rows)
    assert (first.name, second) == ("n" * 200, ClassRow("b", cell="K562"))
    assert kept_table("class_index\tname\n0\t" + "n" * 200_000, rows) == rows


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_of_any_program_is_read(end):
    text = "\ufeff" + end.join(["class_index\tcell", "1\tHepG2", ""])
    assert parse_table(text, ROWS)[1].cell == "HepG2"


def test_a_cell_that_no_table_can_hold_is_refused_in_words():
    with pytest.raises(SettingsError, match="not a table of classes"):
        parse_table("class_index\tname\n0\t" + "n" * 200_000, ROWS)


def test_a_new_name_takes_the_fields_along_that_the_old_one_filled():
    row = change(ROWS[0], "cell", "told")
    renamed = change(row, "name", "GM12878|MAX|dex")
    assert (renamed.cell, renamed.target, renamed.treatment) == ("told", "MAX", "dex")
    assert change(renamed, "name", "plain").target == ""
