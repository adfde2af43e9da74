import pytest

from deepresolve_dash.networks.class_names import SIDECARS
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.networks.read import read_network
from deepresolve_dash.runs.class_table import ClassRow, format_table
from tests.networks.stacks import one_convolution


@pytest.fixture
def folder(tmp_path):
    save_network(one_convolution(), tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", SIDECARS)
def test_a_file_of_names_beside_a_model_names_its_classes(folder, name):
    (folder / name).write_text("K562|CTCF|None\r\n a  name \r\n\r\n")
    network = read_network(folder)
    assert network.class_names == ("K562|CTCF|None", "a name")
    assert network.findings[-1].what == f"The classes are named by {name}."


@pytest.mark.parametrize(
    "text",
    [
        "class_index\tname\tcell\n1\ttwo\tK562\n0\tone\t\n",
        "name\tcell\none\tK562\ntwo\tK562\n",
        "\ufeffname\none\ntwo\n",
    ],
)
def test_a_table_names_them_by_its_columns(folder, text):
    (folder / "classes.tsv").write_text(text)
    assert read_network(folder).class_names == ("one", "two")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("one\ntwo\nthree\n", "3 names"),
        ("", "empty"),
        ("one\n\ntwo\nthree\n", "missing"),
        ("class_index\tname\n0\tone\n0\ttwo\n", "missing"),
        ("class_index\tname\nx\tone\ny\ttwo\n", "missing"),
        ("class_index\tname\n", "empty"),
    ],
)
def test_a_file_that_does_not_fit_changes_nothing_and_is_said(folder, text, said):
    (folder / "classes.tsv").write_text(text)
    network = read_network(folder)
    assert network.class_names == one_convolution().class_names
    finding = network.findings[-1]
    assert "was not used" in finding.what
    assert said in finding.evidence
    assert "2 classes" in finding.evidence


def test_a_table_that_was_taken_from_here_names_them_as_they_are(folder):
    rows = (ClassRow("=one"), ClassRow("'=two"))
    (folder / "classes.tsv").write_text(format_table(rows))
    assert read_network(folder).class_names == ("=one", "'=two")


def test_quoted_names_are_not_taken_for_an_architecture(tmp_path):
    save_network(one_convolution(), tmp_path / "made")
    (tmp_path / "made" / "classes.txt").write_text('"one"\n"two"\n')
    assert read_network(tmp_path / "made").class_names == ('"one"', '"two"')
